"""Where a mirror lies and how the next one takes its place. Needs no database.

    DIR/current                  what a web server sends: a link to one of
    DIR/versions/20261122T101500Z/
    DIR/versions/20261122T101500Z.json    what is in it, and when it was made
    DIR/banner.txt               an emergency banner, while there is one
    DIR/put_banner.py            puts it there and takes it away
    DIR/nginx.conf               rules for nginx

A mirror is made beside the one that readers see, under a name that ends in ``.part``, and takes its place by the
change of one link. Whenever that is stopped, readers see the old one.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

STAMP = "%Y%m%dT%H%M%S.%fZ"


class MirrorError(Exception):
    """The mirror cannot be made, and stays as it was; the message is one sentence for whoever runs the command."""


@dataclass
class Contents:
    """What is known of a mirror beside its files."""

    made_at: datetime
    made_from: str  # equal for two mirrors: their pages are equal, but for their age
    files: list[str] = field(default_factory=list)  # without those that are kept for readers of the one before


class Folder:
    """The folder of a mirror, with the one that readers see and the one that is being made."""

    def __init__(self, path: str | Path):
        self.path = Path(path).resolve()
        self.current = self.path / "current"
        self.versions = self.path / "versions"
        self.banner = self.path / "banner.txt"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else writes into the folder meanwhile. Raises MirrorError where somebody does."""
        if self.current.exists() and not self.current.is_symlink():
            raise MirrorError(f"{self.current} is no link that this command made: choose another folder.")
        try:
            self.versions.mkdir(parents=True, exist_ok=True)
            lock = (self.path / "lock").open("w")
        except OSError as problem:
            raise MirrorError(f"The mirror cannot be written into {self.path}: {problem.strerror}.") from None
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise MirrorError(
                    f"Another command is writing into {self.path}: try again when it has ended."
                ) from None
            yield

    def shown(self) -> Path | None:
        """The files that readers see now."""
        return self.current.resolve() if self.current.exists() else None

    def contents(self) -> Contents | None:
        """What is known of the mirror that readers see; None where there is none, or what is known cannot be read."""
        shown = self.shown()
        try:
            known = json.loads(shown.with_name(f"{shown.name}.json").read_text("utf-8")) if shown else None
            return known and Contents(datetime.fromisoformat(known["made_at"]), known["made_from"], known["files"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def begin(self, made_at: datetime) -> Path:
        """An empty place for the next mirror; what a stopped export left behind goes."""
        for left in self.versions.glob("*.part"):
            shutil.rmtree(left)
        place = self.versions / f"{made_at.strftime(STAMP)}.part"
        place.mkdir()
        return place

    def show(self, place: Path, contents: Contents) -> None:
        """Let readers see the next mirror, in one step; the one before stays, for whoever is reading from it."""
        final = place.with_suffix("")
        known = {**asdict(contents), "made_at": contents.made_at.isoformat()}
        final.with_name(f"{final.name}.json").write_text(json.dumps(known), "utf-8")
        place.rename(final)
        os.sync()  # a machine that loses its power now must not find a link to empty files
        before = self.shown()
        link = self.path / "current.next"
        link.unlink(missing_ok=True)
        link.symlink_to(final.relative_to(self.path))
        link.replace(self.current)
        self._forget_all_but({final, before})

    def _forget_all_but(self, kept: set[Path | None]) -> None:
        names = {each.name for each in kept if each}
        for each in self.versions.iterdir():
            if each.is_dir() and each.name not in names:
                shutil.rmtree(each)
            elif each.suffix == ".json" and each.stem not in names:
                each.unlink()


def age() -> timedelta | None:
    """How old the mirror in MIRROR_DIR is; None where there is none, or none is wanted."""
    contents = Folder(settings.MIRROR_DIR).contents() if settings.MIRROR_DIR else None
    return contents and timezone.now() - contents.made_at
