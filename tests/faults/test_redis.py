"""Redis, in which all processes count how often one address asks, is killed and hangs while readers search."""

import time

import pytest

from tests.faults.load import Load
from tests.faults.redis_server import RedisServer
from tests.faults.servers import ask, served, until
from tests.faults.sites import ready

# The files of one group share what takes long to prepare.
pytestmark = pytest.mark.xdist_group("sqlite")

DEGRADED = (200, ["degraded", "limits: Redis does not answer, counting in this process"])
SEARCHES = ["/search/?q=nudes", "/search/?q=roblox", "/about/"]


def test_no_reader_notices_that_redis_is_gone(sqlite_copy):
    server = RedisServer().start()
    try:
        with served({**sqlite_copy, "CACHE_URL": server.url}) as site:
            with Load(site.address, SEARCHES, connections=16, per_second=40) as load:
                load.wait_for(30)
                server.kill()
                load.wait_for(60)
                assert ready(site.address) == DEGRADED
                server.start()
                until(lambda: ready(site.address) == (200, ["ready"]), 7, "Redis is used again")
                began = time.monotonic()
                server.hang()
                load.wait_for(60)
                assert ready(site.address) == DEGRADED
                server.go_on()
                assert load.slowest_since(began) < 2
            assert load.failures == [], load.told()
    finally:
        server.remove()


def test_two_processes_share_one_limit_and_its_page_has_help(sqlite_copy):
    server = RedisServer().start()
    try:
        with served({**sqlite_copy, "CACHE_URL": server.url, "SEARCH_PER_MINUTE": "3"}) as site:
            second = time.time() % 60
            time.sleep(60 - second if second > 50 else 0)  # not across the end of a minute
            answers = [ask(f"{site.address}/search/?q=nudes") for _ in range(8)]
        assert [status for status, _headers, _words in answers] == [200] * 3 + [429] * 5
        _status, headers, words = answers[-1]
        assert 1 <= int(headers["retry-after"]) <= 60
        assert all(each in words for each in ('id="quick-exit"', 'href="tel:999"', "Please wait"))
        assert "nudes" not in words
    finally:
        server.remove()
