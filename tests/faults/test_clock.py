"""The clock of the machine is set forward and back while gunicorn serves: no reader is told a "now" of another time.

Every process of the server takes its time from a file (``time_machine``); what counts seconds that pass, the monotonic
clock, goes on as it does when a real clock is set.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from tests.faults.load import LONDON, Load
from tests.faults.servers import Server, ask, free_port, manage, served, until
from tests.faults.sites import PAGES, fill, ready

# The files of one group share what takes long to prepare.
pytestmark = pytest.mark.xdist_group("sqlite")

PAGE = "/contacts/essex/"
# The day team of Essex answers from nine to five on every day, bank holidays too.
NINE_TO_FIVE = """
from datetime import time
from reporting.models import Phone
phones = Phone.objects.filter(edition__kind="front-door", edition__authorities__slug="essex")
assert phones.update(answers=Phone.HoursKnown.ROWS)
for phone in phones:
    phone.hours.all().delete()
    for weekday in range(8):
        phone.hours.create(weekday=weekday, opens_at=time(9), closes_at=time(17))
"""
# Read by Python as each process starts. A thread does not come along into a fork, so each worker begins its own.
SET_CLOCK = """
import os
import threading
import time
from pathlib import Path

import time_machine

FOLDER = Path({folder!r})

def told():
    return (FOLDER / "ahead").read_text()

def follow():
    now = ""
    while True:
        if (ahead := told()) != now:
            now = ahead
            clock.move_to(time_machine.escape_hatch.time.time() + float(now))
            (FOLDER / str(os.getpid())).write_text(now)
        time.sleep(0.02)

def begin():
    threading.Thread(target=follow, daemon=True).start()

clock = time_machine.travel(time.time() + float(told()), tick=True).start()
begin()
os.register_at_fork(after_in_child=begin)
"""


class Clock:
    """What time it is for a site."""

    def __init__(self, folder: Path):
        self.folder, self.ahead = folder, timedelta()
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(SET_CLOCK.format(folder=str(folder)))

    def set(self, moment: datetime, site: Server | None = None) -> timedelta:
        """Set it to a moment (aware), and wait until every worker goes by it. Returns how far it is ahead of ours."""
        self.ahead = moment.astimezone(UTC) - datetime.now(UTC)
        words = str(self.ahead.total_seconds())
        ready = self.folder / "ahead.new"
        ready.write_text(words)
        ready.replace(self.folder / "ahead")
        if site:
            told = [self.folder / str(worker) for worker in site.workers()]
            until(lambda: all(each.read_text() == words for each in told), 5, "the workers go by the new clock")
        return self.ahead


@pytest.fixture(scope="module")
def clock(tmp_path_factory) -> Clock:
    return Clock(tmp_path_factory.mktemp("clock") / "set")


@pytest.fixture(scope="module")
def site(sqlite_copy, clock) -> Iterator[Server]:
    manage("shell", "-v0", "-c", NINE_TO_FIVE, environment=sqlite_copy)
    clock.set(a_day(2, 12))
    with served({**sqlite_copy, "PYTHONPATH": str(clock.folder)}) as server:
        fill(server.address, PAGES)
        yield server


def a_day(later: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """That time in London, so many days from today. Content that was loaded today is there from tomorrow on."""
    return datetime.combine(datetime.now(LONDON).date() + timedelta(later), time(hour, minute, second), LONDON)


def is_told(site: Server, moment: datetime) -> bool:
    """Whether every worker tells the day, and who answers, as it is at a moment."""
    for _ in range(8):
        why = re.search(r'<p class="why of-now"><strong>(.*?)</strong>', ask(site.address + PAGE)[2])[1]
        if f"It is {moment:%A}" not in why or ("the daytime team answers" in why) != (9 <= moment.hour < 17):
            return False
    return True


def test_no_reader_is_told_what_was_true_by_the_clock_before(site, clock):
    moments = [
        ("an hour is over", a_day(2, 18)),
        ("back before it was", a_day(2, 12)),
        ("the next morning, too early", a_day(3, 8, 59)),
        ("two days back, at night", a_day(1, 23, 30)),
        ("a year on", a_day(366, 10)),
        ("back to the day it was", a_day(2, 12)),
    ]
    assert is_told(site, a_day(2, 12))
    with Load(site.address, PAGES, connections=32, per_second=100) as load:
        load.ahead = clock.ahead
        for words, moment in moments:
            load.wait_for(100)
            load.ahead = None
            load.ahead = clock.set(moment, site)
            until(lambda moment=moment: is_told(site, moment), 2, words)
        load.wait_for(100)
        assert ready(site.address) == (200, ["ready"])
    assert load.failures == [], load.told()


def test_site_that_began_in_another_year_goes_by_the_true_one_at_once(sqlite_copy, clock):
    """As on a machine that gets the time from the network after the site began."""
    clock.set(a_day(400, 3))
    with served({**sqlite_copy, "PORT": str(free_port()), "PYTHONPATH": str(clock.folder)}) as site:
        fill(site.address, PAGES[:4])
        clock.set(a_day(1, 12), site)
        until(lambda: is_told(site, a_day(1, 12)), 2, "the true day is told")
