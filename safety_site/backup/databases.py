"""How each kind of database is copied while the site serves, and put back: by its own tool, as one whole."""

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, models, transaction

from safety_site.backup.archive import BackupError, Progress

# psycopg's names for what libpq also takes from the environment, where other users of the machine cannot see it.
ENVIRONMENT = {
    "host": "PGHOST", "hostaddr": "PGHOSTADDR", "port": "PGPORT", "dbname": "PGDATABASE", "user": "PGUSER",
    "password": "PGPASSWORD", "passfile": "PGPASSFILE", "service": "PGSERVICE", "options": "PGOPTIONS",
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
    "connect_timeout": "PGCONNECT_TIMEOUT", "target_session_attrs": "PGTARGETSESSIONATTRS",
}  # fmt: skip
PAGES_AT_ONCE = 2_000
TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = ANY (current_schemas(false))",
}


@dataclass(frozen=True)
class Snapshot:
    """What was in the database at the moment of the copy."""

    rows: dict[str, int]  # by table
    migrations: list[str]  # "app.name"
    uploads: list[str]  # names of uploaded files that any row has, below MEDIA_ROOT
    made_with: int  # major version of the tool, 0 for SQLite


@contextmanager
def copied(folder: Path, progress: Progress) -> Iterator[tuple[Path, Snapshot]]:
    """A copy of the whole database as it was at one moment, in a file of a folder that is thrown away after it."""
    copy = _copy_postgresql if connection.vendor == "postgresql" else _copy_sqlite
    try:
        made = copy(folder / "database", progress)
    except (DatabaseError, sqlite3.Error) as problem:
        raise BackupError(f"The database cannot be copied ({str(problem).strip()}).") from problem
    yield made


def read_state(cursor) -> tuple[dict[str, int], list[str], list[str]]:
    """Rows by table, migrations and names of uploads, as this cursor sees them (of Django or of sqlite3).

    The database may be of an older release than the code: a backup is made before it is migrated.
    """

    def all_rows(query: str) -> list[tuple]:
        cursor.execute(query)
        return cursor.fetchall()

    tables = sorted(name for (name,) in all_rows(TABLES[connection.vendor]))
    rows = {table: all_rows(f'SELECT count(*) FROM "{table}"')[0][0] for table in tables}  # noqa: S608
    migrations = sorted(f"{app}.{name}" for app, name in all_rows("SELECT app, name FROM django_migrations"))
    uploads = set()
    for table, column in _columns_of_uploads():
        if table in rows:
            cursor.execute(f'SELECT * FROM "{table}" LIMIT 0')  # noqa: S608
            if column in [each[0] for each in cursor.description]:
                uploads.update(name for (name,) in all_rows(f'SELECT "{column}" FROM "{table}"') if name)  # noqa: S608
    return rows, migrations, sorted(uploads)


def _columns_of_uploads() -> list[tuple[str, str]]:
    return [
        (model._meta.db_table, each.column)
        for model in apps.get_models(include_auto_created=True)
        for each in model._meta.local_fields
        if isinstance(each, models.FileField)
    ]


# --- SQLite ---------------------------------------------------------------------------------------------------


def sqlite_path() -> Path:
    name = str(connection.settings_dict["NAME"])
    if ":memory:" in name or "mode=memory" in name:
        raise BackupError("This database is in memory only: there is no file to copy.")
    return Path(name)


def _copy_sqlite(path: Path, progress: Progress) -> tuple[Path, Snapshot]:
    source_path = sqlite_path()
    if not source_path.is_file():
        raise BackupError(f"There is no database at {source_path}: check DATABASE_URL.")
    copy_sqlite_file(source_path, path, progress)
    with _plain_sqlite(path) as copy:
        # One file, without the journal beside it that the site's own database has.
        copy.execute("PRAGMA journal_mode=DELETE")
        check_sqlite(copy)
        rows, migrations, uploads = read_state(copy.cursor())
    return path, Snapshot(rows, migrations, uploads, 0)


def copy_sqlite_file(source_path: Path, target_path: Path, progress: Progress) -> None:
    """Copy a database that others may read and write meanwhile, as it was at one moment."""
    with _plain_sqlite(source_path) as source, _plain_sqlite(target_path) as target:
        # Held for as long as the copy takes, so that what an editor saves meanwhile does not make it begin again.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master")
        size = source.execute("PRAGMA page_size").fetchone()[0]
        left = [source.execute("PRAGMA page_count").fetchone()[0]]

        def told(_status: int, remaining: int, _total: int) -> None:
            progress((left[0] - remaining) * size)
            left[0] = remaining

        source.backup(target, pages=PAGES_AT_ONCE, progress=told, sleep=0.05)


def check_sqlite(opened: sqlite3.Connection) -> None:
    (said,) = opened.execute("PRAGMA quick_check(1)").fetchone()
    if said != "ok":
        raise BackupError(f"The database is damaged ({said}): it was not kept as a backup.")


@contextmanager
def _plain_sqlite(path: Path) -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(path, timeout=10, isolation_level=None)
    try:
        yield opened
    finally:
        opened.close()


# --- PostgreSQL -----------------------------------------------------------------------------------------------


def _copy_postgresql(path: Path, progress: Progress) -> tuple[Path, Snapshot]:
    program, version = tool("pg_dump")
    connection.ensure_connection()
    server = connection.pg_version // 10_000
    if version < server:
        raise BackupError(
            f"pg_dump is of version {version}, older than the server's {server}: install PostgreSQL {server}'s "
            "client programs, or name their folder in PG_BIN_DIR."
        )
    with transaction.atomic(), connection.cursor() as cursor:
        # pg_dump looks at the very moment that is counted here.
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        rows, migrations, uploads = read_state(cursor)
        command = [
            program, "--format=custom", "--compress=1", "--no-owner", "--no-privileges", "--no-comments",
            "--no-password", f"--snapshot={snapshot}", f"--file={path}",
        ]  # fmt: skip
        run(command, progress, path)
    return path, Snapshot(rows, migrations, uploads, version)


def tool(name: str) -> tuple[str, int]:
    """The whole path of a program of PostgreSQL, and its major version."""
    program = shutil.which(name, path=settings.PG_BIN_DIR or None)
    if not program:
        raise BackupError(
            f"The program {name} was not found: install PostgreSQL's client programs, "
            "or name their folder in PG_BIN_DIR."
        )
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    found = re.search(r"\b(\d+)(\.\d+)?", said)
    if not found:
        raise BackupError(
            f"{program} does not tell its version: name the folder of PostgreSQL's programs in PG_BIN_DIR."
        )
    return program, int(found[1])


def run(command: list[str], progress: Progress, growing: Path | None = None) -> None:
    """Run a program of PostgreSQL on the site's database; its password goes by the environment, never the command."""
    parameters = connection.get_connection_params()
    own = {name: str(parameters[key]) for key, name in ENVIRONMENT.items() if parameters.get(key)}
    others = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    process = subprocess.Popen(  # noqa: S603 - a fixed list of words, no shell
        command, env={**others, **own, "PGAPPNAME": "hearthside backup"}, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    size, said = 0, ""
    try:
        while True:
            with suppress(subprocess.TimeoutExpired):
                said = process.communicate(timeout=0.2)[1]
                break
            if growing and growing.exists():
                size, before = growing.stat().st_size, size
                progress(size - before)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
    if process.returncode:
        first = next((line for line in said.splitlines() if "error" in line), "it gave no reason")
        raise BackupError(f"{Path(command[0]).name} failed: {first}")
