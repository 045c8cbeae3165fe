"""Finished answers on the disk of one machine: shared by its processes, and there when one starts in an outage.

Files are named by a hash of the key, written beside and renamed, and checked when they are read: a half file, a full
disk or a folder that cannot be written costs a page of the store, never an answer.
"""

import errno
import fcntl
import hashlib
import logging
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

from django.conf import settings

from safety_site.page_store.answer import About, Answer, Unreadable, about_bytes, from_bytes, to_bytes
from safety_site.release import database_place

MOST_PAGES, MOST_VARIANTS = 50_000, 2_000
LOCKS = 256
# Somebody else makes the page already: wait so long for it, then make it too.
LONGEST_WAIT_SECONDS = 3.0
WRITES_BETWEEN_SWEEPS = 200
# The first two lines of a file: headers, the content security policy among them.
FIRST_LINES = 16_000

_log = logging.getLogger(__name__)


def folder_of_site(folder: Path) -> Path:
    """Where the pages of this site lie in a folder that several may have been given: one site of one database."""
    name = hashlib.blake2b(f"{settings.SITE_URL} {database_place()}".encode(), digest_size=6).hexdigest()
    own = folder / name
    # Pages of releases before this one lie in the folder itself; they are needed until they are made anew.
    for kind in ("pages", "variants"):
        if (folder / kind).is_dir() and not (own / kind).exists():
            with suppress(OSError):
                own.mkdir(parents=True, exist_ok=True, mode=0o700)
                (folder / kind).rename(own / kind)
    return own


class Disk:
    """A folder of answers. Every method leaves errors of the disk to ``problem`` and goes on."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.problem = ""  # in words, for /health/ready; empty while all is well
        self._writes = 0
        self._lock = Lock()

    def _name(self, key: str) -> str:
        return hashlib.blake2b(key.encode(), digest_size=16).hexdigest()

    def _file(self, key: str, *, is_variant: bool) -> Path:
        name = self._name(key)
        return self.folder / ("variants" if is_variant else "pages") / name[:2] / name

    def _make(self, folder: Path) -> None:
        """Make a folder and those above it, for nobody else to read; Python would let others into those above."""
        if not folder.is_dir():
            self._make(folder.parent)
            with suppress(FileExistsError):
                folder.mkdir(mode=0o700)

    def load(self, key: str, *, is_variant: bool) -> Answer | None:
        try:
            answer = from_bytes(self._file(key, is_variant=is_variant).read_bytes())
        except (OSError, Unreadable):
            return None
        return answer if answer.key == key else None

    def about_key(self, key: str, *, is_variant: bool) -> About | None:
        """What the file of one key says of itself."""
        try:
            with self._file(key, is_variant=is_variant).open("rb") as file:
                return about_bytes(file.read(FIRST_LINES))
        except (OSError, Unreadable):
            return None

    def save(self, answer: Answer, *, is_variant: bool) -> None:
        """Keep an answer; one whose making began later stays."""
        path = self._file(answer.key, is_variant=is_variant)
        there = self.about_key(answer.key, is_variant=is_variant)
        # What is of a time to come was made before the clock was set back.
        if there is not None and answer.made_at < there.made_at <= time.time() + 1:
            return
        temporary = None
        try:
            self._make(path.parent)
            handle, temporary = tempfile.mkstemp(prefix=".new-", dir=path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(to_bytes(answer))
            os.replace(temporary, path)
        except OSError as problem:
            if temporary:
                with suppress(OSError):
                    os.unlink(temporary)
            if there is not None and there.status != answer.status:
                # A page that was taken down must not come back in an outage because the disk is full.
                self.drop(answer.key, is_variant=is_variant)
            self._tell(problem)
            return
        self.problem = ""
        self._writes += 1
        if self._writes % WRITES_BETWEEN_SWEEPS == 0:
            self.sweep()

    def drop(self, key: str, *, is_variant: bool) -> None:
        with suppress(OSError):
            self._file(key, is_variant=is_variant).unlink()

    def has_problem(self) -> bool:
        """Whether pages cannot be written. After a failure it is tried again: perhaps nothing else is written soon."""
        if self.problem:
            with suppress(OSError), tempfile.TemporaryFile(dir=self.folder) as file:
                file.write(bytes(4096))
                file.flush()
                self.problem = ""
        return bool(self.problem)

    def _tell(self, problem: OSError) -> None:
        words = "the disk is full" if problem.errno == errno.ENOSPC else "its folder cannot be written"
        if words != self.problem:
            _log.warning("The page store keeps pages in memory only: %s.", words)
        self.problem = words

    def _files(self, kind: str) -> list[os.DirEntry]:
        found = []
        with suppress(OSError):
            for folder in os.scandir(self.folder / kind):
                with suppress(OSError):
                    found += [entry for entry in os.scandir(folder) if entry.is_file()]
        return found

    def about(self) -> list[About]:
        """What is kept, without reading the pages themselves."""
        found = []
        for kind in ("pages", "variants"):
            for entry in self._files(kind):
                with suppress(OSError, Unreadable), open(entry.path, "rb") as file:
                    found.append(about_bytes(file.read(FIRST_LINES)))
        return found

    def is_empty(self) -> bool:
        with suppress(OSError):
            return not any(any(os.scandir(folder)) for folder in os.scandir(self.folder / "pages"))
        return True

    def sweep(self) -> None:
        """Delete what is too many, the oldest first, and halves of files that a crash left behind."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            for kind, most in (("pages", MOST_PAGES), ("variants", MOST_VARIANTS)):
                whole, now = [], time.time()
                for entry in self._files(kind):
                    with suppress(OSError):
                        made = entry.stat().st_mtime
                        if not entry.name.startswith("."):
                            whole.append((made, entry.path))
                        elif now - made > 600:
                            os.unlink(entry.path)
                for _made, path in sorted(whole)[: max(0, len(whole) - most)]:
                    with suppress(OSError):
                        os.unlink(path)
        finally:
            self._lock.release()

    @contextmanager
    def only_one(self, what: str) -> Iterator[bool]:
        """Whether this process is the one of the machine that does something; so until the block ends."""
        handle = None
        try:
            self._make(self.folder)
            handle = os.open(self.folder / f"{what}.lock", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_mine = True
        except OSError:
            is_mine = False
        try:
            yield is_mine
        finally:
            if handle is not None:
                os.close(handle)

    @contextmanager
    def flight(self, key: str) -> Iterator[None]:
        """Hold the making of a page, so that one process of the machine makes it and the others wait for it.

        Locks of the system's go with the process that held them. Where there is no folder, nobody waits.
        """
        handle = None
        try:
            locks = self.folder / "locks"
            self._make(locks)
            handle = os.open(locks / str(int(self._name(key), 16) % LOCKS), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as problem:
            self._tell(problem)
        try:
            if handle is not None:
                self._wait_for(handle)
            yield
        finally:
            if handle is not None:
                os.close(handle)

    def _wait_for(self, handle: int) -> None:
        until = time.monotonic() + LONGEST_WAIT_SECONDS
        while time.monotonic() < until:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                time.sleep(0.005)
            else:
                return
