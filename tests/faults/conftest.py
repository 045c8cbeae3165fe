"""One prepared SQLite and one prepared PostgreSQL for all files of a worker, both with the shipped content."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.postgres import Postgres
from tests.faults.servers import environment, manage
from tests.faults.sites import folder_for_all


@pytest.fixture(scope="session")
def ground() -> Iterator[Path]:
    with folder_for_all("faults-") as folder:
        yield folder


@pytest.fixture(scope="session")
def master_environment(ground) -> dict[str, str]:
    return environment(ground, f"sqlite:///{ground / 'master.sqlite3'}")


@pytest.fixture(scope="session")
def sqlite_master(ground, master_environment) -> Path:
    """A database file to copy, and static files beside it, as ``manage.py prepare`` leaves them."""
    (ground / "master.sqlite3").touch(mode=0o644)  # so earlier releases made it
    manage("prepare", environment=master_environment)
    with sqlite3.connect(ground / "master.sqlite3") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return ground / "master.sqlite3"


@pytest.fixture(scope="module")
def sqlite_copy(sqlite_master, tmp_path_factory) -> dict[str, str]:
    """The environment of a site with a copy of that file, in a folder of its own; one for each file of tests."""
    folder = tmp_path_factory.mktemp("sqlite")
    shutil.copy(sqlite_master, folder / "db.sqlite3")
    settings = environment(sqlite_master.parent, f"sqlite:///{folder / 'db.sqlite3'}")
    return settings


@pytest.fixture(scope="session")
def primary(ground) -> Iterator[Postgres]:
    """A PostgreSQL that runs, with the shipped content. A test leaves it running."""
    server = Postgres(ground / "primary").make().start().wait()
    try:
        manage("prepare", environment=environment(ground, server.url))
        yield server
    finally:
        server.remove()
