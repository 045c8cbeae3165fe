"""The database of the last release comes to this one with every page; a backup of it, made while it serves, comes back.

Both databases go the same way: what ``tests/upgrades`` kept of the last release, brought to this one, served, backed up
while readers read and an editor saves, put back elsewhere. ``tests/upgrades/make.py`` says how the next one is made.
"""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from tests.faults.load import Load
from tests.faults.postgres import PROGRAMS, Postgres
from tests.faults.servers import ROOT, environment, served

RELEASE = ROOT / "tests" / "upgrades" / "21027ff.tar.xz"
SCRIPTS = ROOT / "tests" / "upgrades"
# Pages whose words were changed on purpose since that release, and why. Empty it with the next release.
CHANGED = {
    "/contacts/": "councils of Northern Ireland name their trusts",
    "/privacy/": "what is noted of requests",
}
# All 387 councils' pages are from one template, so that the words of only some are asked for; that all are there is
# told by the sitemap.
EVERY_NTH_COUNCIL = {"sqlite": 4, "postgresql": 12}
# Triggers with their names and nothing behind them, as somebody leaves them who does not want to be seen.
THAT_DO_NOTHING = {
    "sqlite": [
        "DROP TRIGGER audit_no_delete",
        "CREATE TRIGGER audit_no_delete BEFORE DELETE ON auditlog_logentry BEGIN SELECT 1; END",
    ],
    # They are on for what a replica takes in, and for nothing else.
    "postgresql": [
        f"ALTER TABLE {table} ENABLE REPLICA TRIGGER {name}"
        for table, name in (
            ("auditlog_logentry", "audit_no_change"),
            ("guidance_topic", "changed_insert_guidance_topic"),
            ("guidance_topic", "changed_delete_guidance_topic"),
        )
    ],
}
STRANGER = {
    "sqlite": "CREATE TRIGGER stranger AFTER INSERT ON guidance_topic BEGIN DELETE FROM auth_user; END",
    "postgresql": "CREATE TRIGGER stranger AFTER INSERT ON guidance_topic EXECUTE FUNCTION audit_is_final()",
}
READ = ("/", "/topics/", "/topics/sending-nudes/", "/contacts/essex/", "/apps/tiktok/", "/report/")


@dataclass
class Site:
    """One database and one folder of uploads, with this release's code."""

    folder: Path
    vendor: str
    database: str  # its address
    environment: dict[str, str] = field(init=False)

    def __post_init__(self):
        more = {
            "DJANGO_SETTINGS_MODULE": "upgrade_settings",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{SCRIPTS}",
            "TEST_DATABASE_URL": self.database,
            "MEDIA_ROOT": str(self.folder / "media"),
            "PG_BIN_DIR": str(PROGRAMS),
        }
        self.environment = environment(self.folder, self.database, **more)

    def run(self, *arguments: str | Path, fails: bool = False) -> str:
        """What a script or command prints; where it fails, what it says of that."""
        words = [sys.executable, "-W", "ignore", *map(str, arguments)]
        done = subprocess.run(words, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert bool(done.returncode) == fails, done.stdout + done.stderr
        return done.stderr if fails else done.stdout

    def pages(self) -> dict[str, list | None]:
        """Status, title, words and hash of every page, by address, at the moment of ``words.py``; None if not asked."""
        self.run(SCRIPTS / "words.py", self.folder / "pages.json", str(EVERY_NTH_COUNCIL[self.vendor]))
        return json.loads((self.folder / "pages.json").read_text())

    @contextmanager
    def connection(self) -> Iterator:
        """To its database, past all code of the site."""
        if self.vendor == "sqlite":
            connection = sqlite3.connect(self.database.removeprefix("sqlite:///"), timeout=10, check_same_thread=False)
        else:
            connection = psycopg.connect(self.database)
        try:
            yield connection
        finally:
            connection.close()

    def execute(self, query: str) -> None:
        with self.connection() as connection:
            connection.execute(query)
            connection.commit()

    @contextmanager
    def editor_saves(self) -> Iterator[None]:
        """A draft is saved over and over, by plain SQL, each time in a transaction of its own."""
        done = threading.Event()

        def save() -> None:
            with self.connection() as connection:
                while not done.wait(0.01):
                    connection.execute(
                        "UPDATE guidance_topicedition SET summary = CURRENT_TIMESTAMP WHERE state = 'draft'"
                    )
                    connection.commit()

        editor = threading.Thread(target=save)
        editor.start()
        try:
            yield
        finally:
            done.set()
            editor.join()


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    """A folder with what was kept of the last release."""
    folder = tmp_path_factory.mktemp("release")
    with tarfile.open(RELEASE) as archive:
        # Python before 3.11.4 knows no filters; the archive is our own.
        safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        archive.extractall(folder, **safely)  # noqa: S202 - as above
    return folder


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Postgres]:
    with tempfile.TemporaryDirectory(prefix="restore-") as name:
        os.chmod(name, 0o755)  # the server is of another user, who must be able to enter
        server = Postgres(Path(name) / "data").make()
        try:
            server.start().wait()
            with psycopg.connect(server.url, autocommit=True) as connection:
                for database in ("old", "first", "second", "empty"):
                    connection.execute(f"CREATE DATABASE {database}")
            yield server
        finally:
            server.remove()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site_at(request, tmp_path_factory):
    """A function that gives an empty site of one kind of database, by a name."""

    def of(name: str) -> Site:
        folder = tmp_path_factory.mktemp(name)
        if request.param == "sqlite":
            return Site(folder, "sqlite", f"sqlite:///{folder}/database.sqlite3")
        server = request.getfixturevalue("postgresql")
        return Site(folder, "postgresql", server.url.removesuffix("postgres") + name)

    return of


@pytest.fixture(scope="module")
def site(site_at, kept) -> Site:
    """The site of the last release, brought to this one: backed up as it was, put back on a new machine, so migrated.

    That the same database is migrated where it is, ``test_logs.py`` begins with.
    """
    old = site_at("old")
    shutil.copytree(kept / "media", old.folder / "media")
    if old.vendor == "sqlite":
        shutil.copy(kept / "database.sqlite3", old.folder)
    else:
        load = [PROGRAMS / "pg_restore", "--no-owner", "--exit-on-error", f"--dbname={old.database}"]
        subprocess.run([*load, kept / "database.dump"], check=True)
    old.run("manage.py", "backup", old.folder / "old.zip")
    site = site_at("first")
    site.run("manage.py", "restore", old.folder / "old.zip")
    return site


@pytest.fixture(scope="module")
def shown(site) -> dict[str, list]:
    return site.pages()


@pytest.fixture(scope="module")
def backup(site, shown) -> tuple[Path, Load]:
    """A backup, made while readers read and an editor saves, and what the readers got.

    Somebody was at the triggers before. That this release's own are there after it is put back, editors find out below.
    """
    folder = site.folder / "backups"
    for query in THAT_DO_NOTHING[site.vendor]:
        site.execute(query)
    with (
        served(site.environment) as server,
        Load(server.address, READ, connections=8, per_second=60) as load,
        site.editor_saves(),
    ):
        load.wait_for(30)
        site.run("manage.py", "backup", folder)
        load.wait_for(10)
    (path,) = folder.iterdir()
    return path, load


@pytest.fixture(scope="module")
def restored(site_at, backup) -> Site:
    other = site_at("second")
    other.run("manage.py", "restore", backup[0])
    return other


def sentences(words: str) -> str:
    """Words without the space that an element leaves before a comma or a full stop."""
    return re.sub(r" +([,.])", r"\1", words)


# --- Upgrade ------------------------------------------------------------------------------------------------


def test_every_page_of_the_last_release_is_there_with_its_words(kept, shown):
    before = json.loads((kept / "pages.json").read_text())
    assert set(shown) == set(before)
    asked = {address for address, page in shown.items() if page}
    assert len(asked) > 180
    assert {each: shown[each][:2] for each in asked} == {each: before[each][:2] for each in asked}  # status and title
    same = asked - set(CHANGED)
    assert {each: sentences(shown[each][2]) for each in same} == {each: sentences(before[each][2]) for each in same}


# --- Backup -------------------------------------------------------------------------------------------------


def test_nobody_notices_that_a_backup_is_made(backup):
    _path, load = backup
    assert load.failures == [], load.told()


def test_backup_is_for_its_owner_alone_and_leaves_nothing_else(backup):
    path, _load = backup
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert re.fullmatch(r"hearthside-\d{4}(-\d\d){2}T\d\d(-\d\d){2}Z\.zip", path.name)


def test_every_page_is_the_same_after_it_was_put_back(shown, restored):
    again = restored.pages()
    assert [address for address in shown if again.get(address) != shown[address]] == []
    assert set(again) == set(shown)


def test_editors_find_all_they_had_and_sign_in(restored, site, kept):
    restored.run(SCRIPTS / "checks.py", restored.folder / "checks.json")
    found = json.loads((restored.folder / "checks.json").read_text())
    upload = next((kept / "media").rglob("*.txt")).read_text()
    assert found.pop("audit").count("ed") == 1
    assert found.pop("changes") > time.time() * 1000 - 3_600_000  # a number that no earlier life can have come to
    assert found == {
        "sessions": 0,
        "draft": "A draft that nobody sees",
        "audit list refuses": True,
        "change is seen": True,
        "upload": [200, upload],
        "password": True,
        "signed in": [302, 200],
    }


def modes(folder: Path) -> set[tuple[bool, str]]:
    """Whether it is a folder, and its rights, of all that lies in one."""
    return {(path.is_dir(), f"{path.stat().st_mode & 0o777:o}") for path in folder.rglob("*")}


def test_what_was_put_back_is_for_its_owner_alone(restored):
    assert modes(restored.folder / "media") == {(True, "700"), (False, "600")}
    assert (restored.folder / "media").stat().st_mode & 0o777 == 0o700
    for path in restored.folder.glob("database.sqlite3*"):
        assert path.stat().st_mode & 0o777 == 0o600, path


def test_restore_refuses_a_place_that_is_not_empty(restored, backup):
    said = restored.run("manage.py", "restore", backup[0], fails=True)
    assert said == "CommandError: The database is not empty: name an empty one in DATABASE_URL, or add --replace.\n"


def test_restore_in_place_of_what_is_there(restored, backup):
    """As after a mistake: what was broken since is as it was, also while somebody reads."""
    restored.execute("UPDATE guidance_topicedition SET title = 'Broken'")
    for path in restored.folder.glob("database.sqlite3*"):
        path.chmod(0o644)  # as an earlier release made it
    with restored.connection() as reader:
        reader.execute("SELECT count(*) FROM guidance_topic").fetchone()
        reader.commit()
        restored.run("manage.py", "restore", backup[0], "--replace")
        titles = reader.execute("SELECT title FROM guidance_topicedition WHERE state = 'draft'").fetchall()
        assert titles == [("A draft that nobody sees",)]
    beside = [path for path in restored.folder.iterdir() if ".before-restore-" in path.name]
    assert len(beside) == (1 if restored.vendor == "sqlite" else 0)
    test_what_was_put_back_is_for_its_owner_alone(restored)


def test_damaged_backup_touches_nothing(site_at, backup, tmp_path):
    damaged, empty = tmp_path / "damaged.zip", site_at("empty")
    content = bytearray(backup[0].read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    assert "This backup is damaged" in empty.run("manage.py", "restore", damaged, fails=True)
    assert [path.name for path in empty.folder.rglob("*") if path.is_file()] == []


def test_trigger_that_is_not_ours_is_refused(site_at, restored, tmp_path):
    restored.execute(STRANGER[restored.vendor])
    restored.run("manage.py", "backup", tmp_path / "strange.zip")
    other = site_at("empty")
    said = other.run("manage.py", "restore", tmp_path / "strange.zip", fails=True)
    assert said == (
        "CommandError: The database of this backup holds a trigger, a rule or a view 'stranger' that is not this "
        "site's: use another backup, and do not serve this one.\n"
    )
    assert [path.name for path in other.folder.rglob("*") if path.is_file()] == []
