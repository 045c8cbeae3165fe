"""The watch: what a process knows of the content, and that no request waits for a database that does not answer."""

import threading
import time
from threading import Event

import pytest

from safety_site import unchanged
from safety_site.page_store.filler import Filler
from safety_site.watch import Watch
from tests.safety_site.speed.doors_of_store import Pages, Told, ask, door_to


class Database:
    """Something to read a version from: it counts, fails and hangs as a test says."""

    def __init__(self):
        self.version, self.reads, self.fails, self.goes_on = "1", [], False, Event()
        self.goes_on.set()

    def read(self, known):
        self.reads.append(time.monotonic())
        self.goes_on.wait(10)
        if self.fails:
            raise ConnectionError
        return self.version


@pytest.fixture
def database(monkeypatch):
    monkeypatch.setattr(unchanged.kept, "known", None)
    there = Database()
    yield there
    there.goes_on.set()


@pytest.fixture
def watch(database):
    watch = Watch(database.read)
    yield watch
    watch._pid = 0  # its thread ends when it wakes
    database.goes_on.set()
    with watch._changed:
        watch._changed.notify_all()
    for thread in threading.enumerate():
        if thread.name == "watch":
            thread.join(5)


def within(seconds: float, is_so) -> float:
    """Wait until something is so. Returns how long it took, in seconds."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < seconds, "it took too long"
        time.sleep(0.01)
    return time.monotonic() - began


def test_a_change_is_known_within_a_second_with_one_reading_a_second(watch, database):
    assert watch.version() == "1"
    database.version = "2"
    within(1.3, lambda: watch.version() == "2")
    assert unchanged.kept.known == "2"
    database.reads.clear()
    began = time.monotonic()
    while time.monotonic() - began < 2.2:
        watch.version()
        time.sleep(0.001)
    assert 2 <= len(database.reads) <= 3
    assert min(after - before for before, after in zip(database.reads, database.reads[1:], strict=False)) >= 0.99


def test_a_database_that_fails_is_noticed_and_its_return_too(watch, database):
    assert watch.version() == "1"
    database.fails = True
    within(3.5, lambda: watch.version() is None)
    assert watch.last_version == "1"
    began = time.monotonic()
    for _ in range(100):
        watch.version()
    assert time.monotonic() - began < 0.1
    database.fails = False
    assert within(2, lambda: watch.version() == "1") < 1.5


def test_first_reader_after_a_quiet_outage_wakes_the_watch(watch, database, monkeypatch):
    monkeypatch.setattr("safety_site.watch.QUIET_AFTER_SECONDS", 0.0)
    monkeypatch.setattr("safety_site.watch.SECONDS_BETWEEN_QUIET_READS", 60.0)
    database.fails = True
    watch.version()
    within(2, lambda: watch.is_failing)
    time.sleep(1.1)
    database.fails = False
    assert watch.version() is None
    assert within(1, lambda: watch.version() == "1") < 0.5


def test_no_request_waits_for_a_database_that_hangs(watch, database):
    assert watch.version() == "1"
    database.goes_on.clear()
    within(3.5, lambda: watch.version() is None)
    began = time.monotonic()
    for _ in range(100):
        assert watch.version() is None
    assert time.monotonic() - began < 0.1
    database.goes_on.set()
    within(1.5, lambda: watch.version() == "1")


def test_the_filler_makes_what_nobody_asked_for_and_what_a_change_put_out_of_date(tmp_path):
    pages, told = Pages(), Told()
    pages.words = "<loc>https://families.example/about/</loc><loc>https://families.example/topics/a/</loc>"
    door = door_to(pages, tmp_path, told)
    ask(door, "/talk/?age=teen")
    filler = Filler(door)
    assert filler.fill()
    assert {each.key for each in door.disk.about()} == {"/sitemap.xml", "/about/", "/topics/a/", "/talk/?age=teen"}
    made = len(pages.asked)
    assert filler.fill()
    assert len(pages.asked) == made  # nothing is out of date
    told.told = "2"
    assert filler.fill()
    assert {each.version for each in door.disk.about()} == {"2"}
    told.told = None
    assert not filler.fill()
