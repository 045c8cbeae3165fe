"""Put a backup back: everything is checked before anything is touched, and put in place in one step.

The place must be empty, unless one says that what is there may go. On SQLite the database is made ready beside the
old one and then written over it in one transaction, which also holds where a site still reads it; on PostgreSQL
``pg_restore`` puts it back in one transaction. Migrations that came since are run, and everybody is signed out.
"""

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import Sum

from safety_site import private
from safety_site.backup import databases, triggers
from safety_site.backup.archive import DATABASES, MEDIA, Archive, BackupError, Manifest, Progress, opened
from safety_site.backup.making import uploads
from safety_site.models import ContentChange

BESIDE = ".restoring-"


def check(path: Path, begin: Callable[[int], Progress]) -> Manifest:
    """Read a whole backup and compare it with its checksums. ``begin`` gets the bytes in all, gives a progress."""
    with opened(path) as archive:
        archive.verify(begin(archive.manifest.bytes))
        return archive.manifest


def restore(path: Path, replace: bool, begin: Callable[[int], Progress]) -> tuple[Manifest, list[Path]]:
    """Put a backup in place; also returns what was there before and is kept beside. BackupError if it cannot be."""
    with opened(path) as archive:
        progress = begin(2 * archive.manifest.bytes)
        _refuse_what_does_not_fit(archive.manifest)
        if not replace:
            _refuse_what_is_not_empty()
        archive.verify(progress)
        try:
            with private.for_us_alone(), _beside(Path(settings.MEDIA_ROOT)) as media:
                _unpack_media(archive, media, progress)
                put = _restore_postgresql if connection.vendor == "postgresql" else _restore_sqlite
                kept = put(archive, replace, progress)
                kept += _put_media_in_place(media, Path(settings.MEDIA_ROOT))
        except OSError as problem:
            raise BackupError(
                f"The backup could not be put back: {problem.strerror} ({problem.filename})."
            ) from problem
        return archive.manifest, kept


# --- Before anything is touched -------------------------------------------------------------------------------


def _refuse_what_does_not_fit(manifest: Manifest) -> None:
    if manifest.vendor != connection.vendor:
        words = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
        raise BackupError(
            f"This backup is of {words[manifest.vendor]}, and DATABASE_URL names {words[connection.vendor]}: "
            "restore it into a database of its own kind."
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if newer := sorted(set(manifest.migrations) - known):
        raise BackupError(f"This backup was made by a newer release (it has {newer[0]}): update the site first.")
    if manifest.vendor == "postgresql":
        version = databases.tool("pg_restore")[1]
        if version < manifest.made_with:
            raise BackupError(
                f"This backup was made with pg_dump {manifest.made_with}, and pg_restore here is of version {version}: "
                f"install PostgreSQL {manifest.made_with}'s client programs, or name their folder in PG_BIN_DIR."
            )


def _refuse_what_is_not_empty() -> None:
    is_there = connection.vendor == "postgresql" or databases.sqlite_path().exists()
    try:
        has_tables = bool(is_there and connection.introspection.table_names())
    except DatabaseError as problem:
        raise BackupError(f"The database to restore into cannot be read ({type(problem).__name__}).") from problem
    finally:
        connection.close()
    if has_tables:
        raise BackupError("The database is not empty: name an empty one in DATABASE_URL, or add --replace.")
    if next(uploads(Path(settings.MEDIA_ROOT)), None):
        raise BackupError("MEDIA_ROOT is not empty: name an empty folder, or add --replace.")


# --- Uploads --------------------------------------------------------------------------------------------------


@contextmanager
def _beside(root: Path) -> Iterator[Path]:
    """A folder to unpack into, on the same disk as where the files will be; gone in the end."""
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix=BESIDE) as folder:
        yield Path(folder)


def _unpack_media(archive: Archive, folder: Path, progress: Progress) -> None:
    for each in archive.manifest.media:
        path = folder / each.name.removeprefix(MEDIA)
        path.parent.mkdir(parents=True, exist_ok=True)
        archive.extract(each.name, path, progress)


def _put_media_in_place(folder: Path, root: Path) -> list[Path]:
    """Move what was unpacked to where it belongs; what was there before is kept in a folder that is not served."""
    before = [path for path in root.iterdir() if not path.name.startswith(".")]
    kept = root / f".before-restore-{_stamp()}"
    if before:
        kept.mkdir()
        for path in before:
            path.rename(kept / path.name)
    for path in folder.iterdir():
        path.rename(root / path.name)
    return [kept] if before else []


def _stamp() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%SZ}"


# --- The database ---------------------------------------------------------------------------------------------


def _restore_sqlite(archive: Archive, replace: bool, progress: Progress) -> list[Path]:
    place = databases.sqlite_path()
    connection.close()
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=BESIDE) as folder:
        ready = Path(folder) / "database"
        archive.extract(DATABASES["sqlite"], ready, progress)
        before = _changes_of_sqlite(place) if replace else 0
        with _connected_to(ready):
            triggers.remove_ours()
            _compare(archive.manifest)
            _bring_up_to_date(before)
        kept = []
        try:
            if replace and place.exists():
                kept.append(place.with_name(f"{place.name}.before-restore-{_stamp()}"))
                os.close(os.open(kept[0], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
                databases.copy_sqlite_file(place, kept[0], lambda _size: None)
            if not place.exists() or place.stat().st_size == 0:
                for beside in ("-wal", "-shm"):
                    place.with_name(place.name + beside).unlink(missing_ok=True)
                ready.replace(place)
            else:
                for path in private.files_of_sqlite(place):
                    private.close(path)
                databases.copy_sqlite_file(ready, place, lambda _size: None)
        except sqlite3.Error as problem:
            raise BackupError(
                f"The database could not be put in place ({problem}): stop the site, then try again."
            ) from problem
    return kept


@contextmanager
def _connected_to(path: Path) -> Iterator[None]:
    """Django's connection leads to another file of SQLite."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = str(path)
    try:
        yield
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=DELETE")  # all of it in one file
    except DatabaseError as problem:
        raise BackupError(f"The database of this backup cannot be used ({problem}).") from problem
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def _changes_of_sqlite(path: Path) -> int:
    if not path.exists():
        return 0
    try:
        return _changes()
    except DatabaseError:
        return 0  # what cannot be read is what is to be replaced
    finally:
        connection.close()


def _restore_postgresql(archive: Archive, replace: bool, progress: Progress) -> list[Path]:
    program, _version = databases.tool("pg_restore")
    before = 0
    if replace:
        before = _refuse_tables_of_others(archive.manifest)
    connection.close()
    with tempfile.TemporaryDirectory(prefix=BESIDE) as folder:
        dump = Path(folder) / "database"
        archive.extract(DATABASES["postgresql"], dump, progress)
        database = str(connection.get_connection_params()["dbname"])
        command = [
            program, "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-password",
            *(["--clean", "--if-exists"] if replace else []), f"--dbname={database}", str(dump),
        ]  # fmt: skip
        databases.run(command, lambda _size: None)
    try:
        triggers.remove_ours()
        _compare(archive.manifest)
        _bring_up_to_date(before)
    except DatabaseError as problem:
        raise BackupError(
            f"The backup is back, but could not be brought up to date ({problem}): run migrate."
        ) from problem
    return []


def _refuse_tables_of_others(manifest: Manifest) -> int:
    """Only tables that the backup has go; the others would be left between two times. Returns the changes so far."""
    tables = set(connection.introspection.table_names())
    if others := sorted(tables - set(manifest.rows)):
        raise BackupError(
            f"The database has tables that this backup has not ({others[0]} …): restore into an empty one."
        )
    return _changes() if ContentChange._meta.db_table in tables else 0


def _compare(manifest: Manifest) -> None:
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names())
        wrong = sorted(set(manifest.rows) - there)
        for table in sorted(set(manifest.rows) & there):
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 - a table that the database itself named
            if cursor.fetchone()[0] != manifest.rows[table]:
                wrong.append(table)
    if wrong:
        raise BackupError(f"The database of this backup is not whole ({', '.join(wrong)}): use another backup.")


def _bring_up_to_date(changes_before: int) -> None:
    call_command("migrate", verbosity=0, interactive=False)
    triggers.make_anew()
    _begin_a_new_life(changes_before)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_session")  # who was signed in then may not be somebody's editor now


def _changes() -> int:
    return int(ContentChange.objects.aggregate(changes=Sum("pk"))["changes"] or 0)


def _begin_a_new_life(changes_before: int) -> None:
    """Count changes on from a number that no earlier life of this database can have come to.

    Pages are kept by that number, on this and on other machines. Without this, a database that was put back to
    yesterday would come to today's numbers a second time, with other words.
    """
    number = max(time.time_ns() // 1_000_000, _changes() + 1, changes_before + 1)
    table = ContentChange._meta.db_table
    # One row alone: what counts is the sum of all, which the triggers let only grow.
    ContentChange.objects.all().delete()
    ContentChange.objects.create(pk=number)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, number])
