"""What lies on this machine's disk and is only for the site's own user: the database and what editors upload.

In the database are passwords (hashed), secrets of second factors and what readers wrote; among the uploads are drafts.
The site sends uploads itself, so nobody else needs to read them.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.db import connection


@contextmanager
def for_us_alone() -> Iterator[None]:
    """Whatever is made meanwhile is for nobody else, and so are the folders above it that were not there."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def files_of_sqlite(path: Path) -> list[Path]:
    """A database and what SQLite puts beside it, with the rights that the database has then."""
    return [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))]


def close_all() -> list[str]:
    """Close the database and the uploads to other users of the machine; what was open, one sentence for each."""
    on_disk = connection.vendor == "sqlite" and not connection.is_in_memory_db()
    files = files_of_sqlite(Path(connection.settings_dict["NAME"])) if on_disk else []
    return [said for path in (*files, Path(settings.MEDIA_ROOT)) if (said := close(path))]


def close(path: Path) -> str:
    """Close one file or folder to others, if it is there.

    What its group may write to stays open for the group: then two users of it run the site together, on purpose.
    """
    with suppress(FileNotFoundError):
        mode = stat.S_IMODE(path.stat().st_mode)
        open_to = mode & (stat.S_IRWXO if mode & stat.S_IWGRP else stat.S_IRWXO | stat.S_IRWXG)
        if not open_to:
            return ""
        try:
            path.chmod(mode & ~open_to)
        except PermissionError:
            return f"Other users of this machine can read {path}: its owner should close it (chmod go-rwx)."
        return f"Other users of this machine could read {path}: now they cannot."
    return ""
