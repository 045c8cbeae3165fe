"""SQLite is locked, read-only, full, gone or migrated while readers read, on the real site."""

import resource
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.load import Load
from tests.faults.next_release import migrate_to_the_next_release, triggers_on_sqlite
from tests.faults.servers import Server, ask, manage, served, until
from tests.faults.sites import PAGES, fill, is_fresh, is_stale, normal_again, ready

# The files of one group share what takes long to prepare.
pytestmark = pytest.mark.xdist_group("sqlite")

SOME = PAGES[:10]
SEARCH, ESSEX = "/search/?q=nudes", "SS9 1AA"


@pytest.fixture(scope="module")
def served_site(sqlite_copy) -> Iterator[Server]:
    with served(sqlite_copy) as server:
        fill(server.address, SOME)
        yield server


@pytest.fixture
def site(served_site, database) -> Iterator[Server]:
    """The running site, whole and with fresh pages at the beginning and at the end of each test."""
    until(lambda: is_fresh(served_site.address, SOME), 5, "every page is fresh")
    with closing(sqlite3.connect(database)) as connection:  # all readers of these tests have one address
        connection.execute("DELETE FROM guidance_feedbacksender")
        connection.commit()
    yield served_site
    until(lambda: is_fresh(served_site.address, SOME), 5, "every page is fresh after the fault")
    assert ready(served_site.address) == (200, ["ready"])


@pytest.fixture(scope="module")
def database(sqlite_copy) -> Path:
    return Path(sqlite_copy["DATABASE_URL"].removeprefix("sqlite:///"))


def test_what_prepare_kept_is_what_a_server_looks_for(sqlite_copy, master_environment):
    """Also in a copy of the database at another place, and though static files were collected in the same breath."""
    told = "from safety_site.kept import models_with_parts, not_kept\nfrom safety_site.models import KeptPart\n"
    told += "print(sum(not_kept(each.objects.all()).count() for each in models_with_parts()), KeptPart.objects.count())"
    elsewhere = master_environment | {"DATABASE_URL": sqlite_copy["DATABASE_URL"]}
    missing, there = manage("shell", "-v0", "-c", told, environment=elsewhere).split()
    assert (int(missing), int(there) > 300) == (0, True)


def find(address: str) -> int:
    return ask(f"{address}/contacts/find/", data=f"postcode={ESSEX}".encode())[0]


def vote(address: str) -> tuple[int, str]:
    """A reader says that a page was useful: a write. Returns the status and the words of the answer."""
    status, _headers, words = ask(f"{address}/feedback/", 20, b"page=/topics/sending-nudes/&useful=yes")
    return status, words


def votes(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute("SELECT count(*) FROM guidance_feedback").fetchone()[0]


def test_while_another_process_holds_the_lock_everything_is_read(site, database):
    with Load(site.address, [*SOME, SEARCH], connections=16, per_second=60) as load:
        with closing(sqlite3.connect(database)) as other:
            other.execute("BEGIN EXCLUSIVE")
            load.wait_for(80)
            assert find(site.address) == 200
            assert ready(site.address) == (200, ["ready"])
            other.rollback()
        load.wait_for(20)
    assert load.failures == [], load.told()
    assert vote(site.address)[0] == 200


def test_no_other_user_reads_the_database(site, database):
    modes = {each.name: each.stat().st_mode & 0o777 for each in database.parent.glob("db.sqlite3*")}
    assert modes == {"db.sqlite3": 0o600, "db.sqlite3-shm": 0o600, "db.sqlite3-wal": 0o600}


def test_read_only_file_and_folder_serve_every_page(site, database):
    parts = list(database.parent.glob("db.sqlite3*"))
    with Load(site.address, [*SOME, SEARCH], connections=16, per_second=60) as load:
        for each in [*parts, database.parent]:
            each.chmod(each.stat().st_mode & ~0o222)
        try:
            site.renew_workers()  # whoever has opened a file may go on writing to it
            load.wait_for(60)
            assert find(site.address) == 200
            until(lambda: "We could not count your answer" in vote(site.address)[1], 5, "new workers take votes")
        finally:
            for each in [database.parent, *parts]:
                each.chmod(each.stat().st_mode | 0o200)
        site.renew_workers()
        load.wait_for(30)
    assert load.failures == [], load.told()
    until(lambda: vote(site.address)[0] == 200, 5, "votes are kept again")


def test_full_disk_serves_every_page_and_says_that_nothing_was_kept(site, database):
    """No process of the site may make any file longer: neither the database nor the page store."""
    before = votes(database)

    def limit(most: int) -> None:
        for each in site.workers():
            resource.prlimit(each, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

    with Load(site.address, [*SOME, SEARCH], connections=16, per_second=60) as load:
        limit(0)
        try:
            load.wait_for(60)
            assert find(site.address) == 200
            assert vote(site.address)[0] == 503
            assert ask(f"{site.address}/topics/?age=teen")[0] == 200, "a page that the store cannot write down"
        finally:
            limit(resource.RLIM_INFINITY)
        load.wait_for(30)
    assert load.failures == [], load.told()
    assert votes(database) == before
    assert vote(site.address)[0] == 200
    assert votes(database) == before + 1


def test_file_that_is_gone_and_comes_back(site, database, tmp_path):
    before, parts = votes(database), list(database.parent.glob("db.sqlite3*"))
    with Load(site.address, SOME, connections=16, per_second=60) as load:
        load.wait_for(20)
        for each in parts:
            shutil.move(each, tmp_path / each.name)
        until(lambda: is_stale(site.address, "/"), 6, "a kept page says that it is stale")
        assert ready(site.address) == (200, ["degraded", "database: does not answer"])
        status, words = vote(site.address)
        assert (status, "Call 999" in words) == (503, True)
        load.wait_for(40)
        assert not database.exists(), "no empty file in its place"
        for each in parts:
            shutil.move(tmp_path / each.name, each)
        seconds = normal_again(load, site.address, SOME, 3)
    assert load.failures == [], load.told()
    assert seconds < 2
    assert vote(site.address)[0] == 200
    assert votes(database) == before + 1


def test_another_file_in_its_place_is_read_and_written_at_once(site, database, tmp_path):
    """As when a copy is restored: nobody goes on with the file that was taken away."""
    with closing(sqlite3.connect(database)) as old, closing(sqlite3.connect(tmp_path / "restored.sqlite3")) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode=WAL")
        new.execute("UPDATE guidance_topicedition SET title = 'A restored title' WHERE state = 'approved'")
        new.commit()
    for each in database.parent.glob("db.sqlite3-*"):
        each.unlink()
    (tmp_path / "restored.sqlite3").rename(database)
    words = "A restored title"
    until(lambda: words in ask(f"{site.address}/topics/sending-nudes/")[2], 3, "the restored page is shown")
    before = votes(database)
    assert vote(site.address)[0] == 200
    assert votes(database) == before + 1


def test_migrated_while_it_serves_no_reader_notices(site, sqlite_copy, database, tmp_path):
    before = triggers_on_sqlite(database)
    with Load(site.address, [*SOME, SEARCH], connections=16, per_second=60) as load:
        load.wait_for(20)
        migrate_to_the_next_release(tmp_path / "next", sqlite_copy)
        load.wait_for(60)
    assert load.failures == [], load.told()
    assert triggers_on_sqlite(database) == before
    assert vote(site.address)[0] == 200
