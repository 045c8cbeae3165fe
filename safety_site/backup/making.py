"""Make a backup while the site serves: the database at one moment first, then every upload that it names."""

import errno
import fcntl
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from safety_site import private
from safety_site.backup.archive import DATABASES, MEDIA, BackupError, Manifest, Progress, Writer, not_plain
from safety_site.backup.databases import Snapshot, copied
from safety_site.release import release

NAME = re.compile(r"hearthside-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.zip")
UNFINISHED = ".unfinished-backup-"


@dataclass(frozen=True)
class Made:
    path: Path
    manifest: Manifest
    removed: list[Path]  # older backups


def back_up(where: Path, keep: int | None, progress: Progress) -> Made:
    """Write one archive, whole or not at all; then remove all but the newest ``keep`` of a folder.

    ``where`` is a folder, or the name of a file that does not exist yet. BackupError says why it could not be.
    """
    now = datetime.now(UTC)
    is_folder = where.is_dir() or where.suffix != ".zip"
    folder = where if is_folder else where.parent
    target = where / f"hearthside-{now:%Y-%m-%dT%H-%M-%SZ}.zip" if is_folder else where
    if keep is not None and not is_folder:
        raise BackupError("Old backups are removed from a folder only: name a folder, or leave --keep out.")
    if target.exists():
        raise BackupError(f"{target} is there already: nothing was written over it.")
    try:
        with private.for_us_alone():
            folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder), tempfile.TemporaryDirectory(dir=folder, prefix=UNFINISHED) as beside:
            manifest = _write(Path(beside), now, progress)
            _put_in_place(Path(beside) / "archive", target)
            return Made(target, manifest, _remove_old(folder, keep) if keep else [])
    except OSError as problem:
        what = "The disk is full" if problem.errno == errno.ENOSPC else f"{problem.strerror} ({problem.filename})"
        raise BackupError(f"The backup could not be written: {what}. Earlier backups are as they were.") from problem


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One backup at a time in a folder; what one that was killed left there is taken away."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"Another backup is being written to {folder}: wait until it is done.") from None
        for left in folder.glob(f"{UNFINISHED}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        os.close(descriptor)


def _write(folder: Path, now: datetime, progress: Progress) -> Manifest:
    descriptor = os.open(folder / "archive", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    began = time.time()
    with (
        open(descriptor, "w+b") as stream,
        copied(folder, progress) as (path, snapshot),
        Writer(stream, progress) as writer,
    ):
        vendor = connection.vendor
        writer.add(DATABASES[vendor], path, is_packed=vendor == "sqlite")  # pg_dump packs by itself
        path.unlink()
        missing = _add_media(writer, snapshot, began)
        manifest = Manifest(
            made_at=now.isoformat(timespec="seconds"), release=release(), vendor=vendor,
            made_with=snapshot.made_with, migrations=snapshot.migrations, rows=snapshot.rows,
            files=writer.files, missing=missing,
        )  # fmt: skip
        writer.finish(manifest)
        stream.flush()
        os.fsync(stream.fileno())
    return manifest


def _add_media(writer: Writer, snapshot: Snapshot, began: float) -> list[str]:
    """Every upload below MEDIA_ROOT, in order of name; the names of those that a row has and that are not there."""
    root, named = Path(settings.MEDIA_ROOT), set(snapshot.uploads)
    for path in sorted(uploads(root)):
        name = path.relative_to(root).as_posix()
        # What came after the database was copied belongs to no row of the copy, and may not be whole yet.
        if name in named or path.lstat().st_mtime < began:
            writer.add(MEDIA + name, path)
            named.discard(name)
    return sorted(named)


def uploads(root: Path) -> Iterator[Path]:
    """Every file below a folder, but for what begins with a dot: editors' uploads never do.

    A link would bring what lies elsewhere, and is for others' eyes or nobody's, among the uploads: it is refused.
    """
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in folders:
            if Path(folder, name).is_symlink():
                raise BackupError(f"{Path(folder, name)} is a link to another folder: put the folder itself there.")
        for name in names:
            path = Path(folder, name)
            if name.startswith("."):
                continue
            if path.is_symlink():
                raise BackupError(f"{path} is a link to another file: put the file itself there.")
            if not stat.S_ISREG(path.lstat().st_mode):
                raise BackupError(not_plain(path))
            yield path


def _put_in_place(finished: Path, target: Path) -> None:
    """Give the archive its name, unless something has it by now."""
    try:
        os.link(finished, target)
    except FileExistsError:
        raise BackupError(f"{target} is there already: nothing was written over it.") from None
    except OSError:  # a file system without links
        if target.exists():
            raise BackupError(f"{target} is there already: nothing was written over it.") from None
        finished.rename(target)
    descriptor = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_old(folder: Path, keep: int) -> list[Path]:
    """Only what bears the name of a finished backup; the name tells its time, so the order of names is theirs."""
    finished = sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name))
    removed = finished[:-keep]
    for path in removed:
        path.unlink()
    return removed
