"""The file that a backup is: a ZIP archive with a database, the uploaded files, and a manifest of checksums.

The manifest is believed only as far as it can be checked: what the archive holds must be what the manifest lists,
byte for byte, and every name must be a plain path below one folder. Nothing is ever unpacked by the archive's own
idea of names, links or rights: each file is read by its name in the manifest and written by us.
"""

import errno
import hashlib
import json
import os
import re
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

FORMAT = 1
MANIFEST, CHECKSUM = "manifest.json", "manifest.sha256"
MEDIA = "media/"
DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
LONGEST_MANIFEST = 50_000_000
PIECE = 1 << 20
MOST = 1 << 62  # of bytes, and of rows
LATEST = 253_402_300_799  # the end of the year 9999, in Unix time
_SHA256 = re.compile(r"[0-9a-f]{64}")

Progress = Callable[[int], object]  # told of each piece: how many bytes


class BackupError(Exception):
    """Why a backup could not be made or restored, as one sentence for whoever runs the site."""


@dataclass(frozen=True)
class Kept:
    """One file of the archive: its name there, its size in bytes, its checksum, when it last changed (Unix time)."""

    name: str
    size: int
    sha256: str
    changed_at: float


@dataclass(frozen=True)
class Manifest:
    """What an archive says of itself."""

    made_at: str  # UTC, ISO 8601
    release: str
    vendor: str  # of the database: a key of DATABASES
    made_with: int  # major version of the database's own tool; 0 for SQLite
    migrations: list[str]  # "app.name" of every one that the database had
    rows: dict[str, int]  # by table
    files: list[Kept] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)  # uploads that a row names and that were not there
    format: int = FORMAT

    @property
    def database(self) -> Kept:
        return next(each for each in self.files if each.name == DATABASES[self.vendor])

    @property
    def media(self) -> list[Kept]:
        return [each for each in self.files if each.name.startswith(MEDIA)]

    @property
    def bytes(self) -> int:
        return sum(each.size for each in self.files)


# --- Writing ------------------------------------------------------------------------------------------------


class Writer:
    """An archive that grows."""

    def __init__(self, stream: BinaryIO, progress: Progress):
        self._zip = zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED, allowZip64=True)
        self._progress = progress
        self.files: list[Kept] = []

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *problem) -> None:
        with suppress(OSError, ValueError):  # of an archive that is not finished, nothing is used
            self._zip.close()

    def add(self, name: str, path: Path, is_packed: bool = False) -> None:
        """Put a file in, packed or as it is. FileNotFoundError before anything is written if it is gone."""
        digest, size = hashlib.sha256(), 0
        with _open_plain(path) as source:
            changed_at = min(max(os.fstat(source.fileno()).st_mtime, 0), LATEST)
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED if is_packed else zipfile.ZIP_STORED
            entry._compresslevel = 1  # the fastest; a database still shrinks to a third
            with self._zip.open(entry, "w", force_zip64=True) as target:
                while piece := source.read(PIECE):
                    digest.update(piece)
                    size += len(piece)
                    target.write(piece)
                    self._progress(len(piece))
        self.files.append(Kept(name, size, digest.hexdigest(), changed_at))

    def finish(self, manifest: Manifest) -> None:
        text = json.dumps(asdict(manifest), indent=1)
        self._zip.writestr(MANIFEST, text)
        self._zip.writestr(CHECKSUM, hashlib.sha256(text.encode()).hexdigest())
        self._zip.close()


def _open_plain(path: Path) -> BinaryIO:
    """A plain file to be read. A link is not followed, and nobody is waited for who might write into a pipe."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as problem:
        if problem.errno in (errno.ELOOP, errno.ENXIO):
            raise BackupError(not_plain(path)) from None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise BackupError(not_plain(path))
    return open(descriptor, "rb")


def not_plain(path: Path) -> str:
    return f"{path} is no plain file: take it away."


# --- Reading ------------------------------------------------------------------------------------------------


class Archive:
    """A backup that is read. Nothing of it is used before ``verify``."""

    def __init__(self, opened: zipfile.ZipFile):
        self._zip = opened
        self.manifest = _manifest(opened)

    def verify(self, progress: Progress) -> None:
        """Read every byte. BackupError if one is not as it was written."""
        for each in self.manifest.files:
            self._read(each, None, progress)

    def extract(self, name: str, path: Path, progress: Progress) -> None:
        """Write one file of the archive to a path that does not exist yet."""
        (kept,) = [each for each in self.manifest.files if each.name == name]
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with open(descriptor, "wb") as target:
            self._read(kept, target, progress)
            target.flush()
            os.fsync(target.fileno())
        os.utime(path, (kept.changed_at, kept.changed_at))

    def _read(self, kept: Kept, target: BinaryIO | None, progress: Progress) -> None:
        digest, size = hashlib.sha256(), 0
        try:
            with self._zip.open(kept.name) as source:
                while piece := source.read(PIECE):
                    digest.update(piece)
                    size += len(piece)
                    if size > kept.size:
                        break
                    if target:
                        target.write(piece)
                    progress(len(piece))
        except Exception as problem:
            if _is_of_the_disk(problem):
                raise
            raise BackupError(_damaged(kept.name)) from problem
        if (size, digest.hexdigest()) != (kept.size, kept.sha256):
            raise BackupError(_damaged(kept.name))


def _is_of_the_disk(problem: Exception) -> bool:
    """Wrong bytes of an archive make zipfile raise nearly anything, also "invalid argument" for a wrong place."""
    return isinstance(problem, OSError) and problem.errno not in (None, errno.EINVAL)


def _damaged(name: str) -> str:
    return f"This backup is damaged: {name} is not as it was written. Nothing was changed; use another backup."


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """A backup, to be read. BackupError if the file is none, or is damaged where that shows at once."""
    with ExitStack() as stack:
        try:
            archive = Archive(stack.enter_context(zipfile.ZipFile(path)))
        except BackupError:
            raise
        except FileNotFoundError:
            raise BackupError(f"There is no file {path}.") from None
        except Exception as problem:
            if _is_of_the_disk(problem):
                raise BackupError(f"{path} cannot be read: {problem.strerror}.") from problem
            sentence = f"{path} is not a whole backup of this site. Nothing was changed; use another one."
            raise BackupError(sentence) from problem
        yield archive


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    """What the archive says of itself, if it is true of it; else BackupError, or whatever zipfile raises."""
    names = archive.namelist()
    if len(names) != len(set(names)) or not {MANIFEST, CHECKSUM} <= set(names):
        raise zipfile.BadZipFile
    if archive.getinfo(MANIFEST).file_size > LONGEST_MANIFEST or archive.getinfo(CHECKSUM).file_size > 100:
        raise zipfile.BadZipFile
    text = archive.read(MANIFEST)
    if hashlib.sha256(text).hexdigest().encode() != archive.read(CHECKSUM):
        raise BackupError(_damaged(MANIFEST))
    try:
        said = json.loads(text)
        if not _is_number(said["format"], least=1):
            raise ValueError("no format")
        if said["format"] > FORMAT:
            raise BackupError("This backup was made by a newer release of the site: update the site first.")
        manifest = Manifest(**{**said, "files": [Kept(**each) for each in said["files"]]})
        listed = [each.name for each in manifest.files]
        is_whole = sorted(listed) == sorted(set(names) - {MANIFEST, CHECKSUM})
        is_plain = all(map(_is_plain, manifest.files)) and manifest.vendor in DATABASES and manifest.database
        if not (is_whole and is_plain and _is_sane(manifest)):
            raise ValueError("what is listed and what is there differ")
        return manifest
    except (KeyError, TypeError, ValueError, StopIteration):
        raise BackupError(_damaged(MANIFEST)) from None


def _is_sane(manifest: Manifest) -> bool:
    """Whether each field is of its kind. Words of it are printed, so that none may steer a terminal."""
    return (
        all(map(_is_word, (manifest.made_at, manifest.release)))
        and _is_number(manifest.made_with, most=10_000)
        and all(isinstance(each, list) for each in (manifest.migrations, manifest.missing))
        and all(map(_is_word, manifest.migrations))
        and all(isinstance(each, str) for each in manifest.missing)
        and isinstance(manifest.rows, dict)
        and all(_is_word(table) and _is_number(rows) for table, rows in manifest.rows.items())
    )


def _is_word(said) -> bool:
    return isinstance(said, str) and said.isprintable() and len(said) <= 500


def _is_number(said, least: int = 0, most: int = MOST) -> bool:
    return type(said) is int and least <= said <= most  # True is an int as well


def _is_plain(kept: Kept) -> bool:
    """Whether the name leads to one place below the folder, and nowhere else, on any system; and all else is sane."""
    return (
        isinstance(kept.name, str)
        and (kept.name in DATABASES.values() or _is_place(kept.name.split("/")))
        and _is_number(kept.size)
        and isinstance(kept.sha256, str)
        and bool(_SHA256.fullmatch(kept.sha256))
        and type(kept.changed_at) in (int, float)
        and 0 <= kept.changed_at <= LATEST
    )


def _is_place(parts: list[str]) -> bool:
    return (
        parts[0] == "media"
        and 2 <= len(parts) <= 20
        and all(
            part and not part.startswith(".") and part.isprintable() and len(part.encode()) <= 250 for part in parts
        )
        and not set("".join(parts)) & set('\\:*?"<>|')
    )
