"""PostgreSQL dies, hangs, restarts and is migrated while 64 readers read twenty pages."""

import re
import time
from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.faults.load import LONDON, Load, moment_of_today
from tests.faults.next_release import migrate_to_the_next_release, triggers_on_postgresql
from tests.faults.servers import Server, ask, environment, manage, served, until
from tests.faults.sites import CLOSES_SOON, PAGES, TELLS_NOW, fill, is_fresh, is_stale, normal_again, ready

# The files of one group share what takes long to prepare.
pytestmark = pytest.mark.xdist_group("postgresql")

OUTAGE_SECONDS = 60


@pytest.fixture(scope="module")
def site(ground, primary) -> Iterator[Server]:
    """The site on that PostgreSQL, every page kept, and a number of Essex that closes while the server is dead."""
    settings = environment(ground, primary.url)
    manage("shell", "-v0", "-c", CLOSES_SOON.replace("{seconds}", "15"), environment=settings)
    with served(settings) as server:
        fill(server.address, PAGES)
        yield server


@pytest.fixture(autouse=True)
def it_answers(site, primary) -> Iterator[None]:
    """Each test begins with a site that lacks nothing, also where the one before failed."""
    yield
    primary.bring_back()
    until(lambda: ready(site.address) == (200, ["ready"]), 10, "all is well for the next test")


def closing_time(page: str) -> datetime | None:
    """Until when today a number answers, as the page says it first."""
    said = re.search(r"until (?:about )?(noon|\d+(?:\.\d+)?[ap]m) today", page)
    return moment_of_today(said[1], datetime.now(LONDON)) if said else None


def test_dead_for_a_minute_no_reader_notices(site, primary):
    address = site.address
    closes = closing_time(ask(address + TELLS_NOW)[2])
    is_near_midnight = datetime.now(LONDON).strftime("%H:%M") > "23:57"
    assert closes or is_near_midnight, "the page says until when its number answers"
    with Load(address, PAGES, connections=64, per_second=100) as load:
        load.wait_for(200)
        primary.kill()
        died = time.monotonic()
        until(lambda: is_stale(address, TELLS_NOW), 6, "a kept page says that it is stale")
        page = ask(address + TELLS_NOW)
        assert "Answers now" not in page[2]
        assert int(page[1]["age"]) < 30
        assert ready(address) == (200, ["degraded", "database: does not answer"])
        # A minute, and longer where the number closes only after it.
        closes_in = (closes - datetime.now(LONDON)).total_seconds() if closes else 0
        time.sleep(max(OUTAGE_SECONDS - (time.monotonic() - died), closes_in + 3))
        assert closes is None or closes < datetime.now(LONDON)
        assert load.failures == [], load.told()
        primary.start().wait()
        seconds = normal_again(load, address, PAGES, 3)
        load.wait_for(200)
    assert load.failures == [], load.told()
    assert seconds < 2, f"normal {seconds:.2f} s after its return"
    assert load.slowest_since(died) < 3
    assert ready(address) == (200, ["ready"])


def test_hanging_it_holds_up_no_reader_for_long(site, primary):
    address = site.address
    until(lambda: is_fresh(address, PAGES), 5, "every page is fresh")
    with Load(address, PAGES, connections=32, per_second=100) as load:
        load.wait_for(50)
        primary.hang()
        hung = time.monotonic()
        try:
            began = time.monotonic()
            assert ready(address) == (200, ["degraded", "database: does not answer"])
            assert time.monotonic() - began < 1.5
            assert ask(f"{address}/search/?q=nudes")[0] == 503
            until(lambda: is_stale(address, "/"), 6, "a kept page says that it is stale")
            load.wait_for(150)
        finally:
            primary.go_on()
        seconds = normal_again(load, address, PAGES, 3)
    assert load.failures == [], load.told()
    assert load.slowest_since(hung) < 3, load.slowest_since(hung)
    assert seconds < 2


def test_restarted_it_costs_no_page(site, primary):
    with Load(site.address, PAGES, connections=32, per_second=100) as load:
        load.wait_for(50)
        primary.restart()
        primary.wait()
        seconds = normal_again(load, site.address, PAGES, 3)
        load.wait_for(100)
    assert load.failures == [], load.told()
    assert seconds < 2
    # What is not kept is asked of the database again, by every thread of every process.
    assert {ask(f"{site.address}/search/?q=nudes")[0] for _ in range(12)} == {200}


def test_ended_connections_cost_no_search(site, primary):
    """As when an administrator or a firewall ends what has been idle."""
    searches = [f"/search/?q={word}" for word in ("nudes", "roblox", "grooming")]
    with Load(site.address, searches, connections=4, per_second=30) as load:
        load.wait_for(20)
        assert primary.end_connections() > 1
        load.wait_for(20)
        assert primary.end_connections() > 1
        load.wait_for(20)
    assert load.failures == [], load.told()


def test_migrated_while_it_serves_no_reader_notices(site, ground, primary):
    before = triggers_on_postgresql(primary.url)
    with Load(site.address, PAGES, connections=32, per_second=100) as load:
        load.wait_for(50)
        migrate_to_the_next_release(ground / "next", environment(ground, primary.url))
        load.wait_for(100)
    assert load.failures == [], load.told()
    assert triggers_on_postgresql(primary.url) == before
    assert ready(site.address) == (200, ["ready"])
