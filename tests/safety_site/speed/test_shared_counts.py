"""Limits that all machines share, on a real Redis that is killed, stopped and started."""

import time

import pytest

from safety_site import rate_limit, shared_counts
from safety_site.rate_limit import RateLimit
from safety_site.shared_counts import SharedCounts
from tests.faults.redis_server import RedisServer


@pytest.fixture(scope="module")
def server():
    server = RedisServer().start()
    yield server
    server.remove()


@pytest.fixture
def redis(server, settings, monkeypatch):
    """The Redis, empty, and the site told of it; what a test broke is whole again before the next."""
    settings.CACHE_URL = server.url
    with server.client() as client:
        client.flushall()
    counts = SharedCounts(server.url)
    monkeypatch.setattr(rate_limit, "shared_counts", lambda: counts)
    yield server
    server.go_on()
    if server.process.poll() is not None:
        server.start()


def asks(limit: RateLimit, times: int, now: float = 600.0, address: str = "192.0.2.1") -> list[bool]:
    """Which of so many requests pass a limit of three."""
    return [not limit.wait(address, now, limit=3) for _ in range(times)]


def test_two_machines_count_together(redis):
    one, other = RateLimit("open-data"), RateLimit("open-data")
    assert asks(one, 2) + asks(other, 2) == [True, True, True, False]


def test_limits_of_two_names_are_counted_apart(redis):
    asks(RateLimit("open-data"), 4)
    assert asks(RateLimit("search"), 1) == [True]


def test_limit_without_a_name_stays_in_its_process(redis):
    asks(RateLimit(), 3)
    assert asks(RateLimit(), 1) == [True]
    with redis.client() as client:
        assert client.keys() == []


def test_next_minute_starts_anew_and_the_last_one_is_forgotten(redis):
    limit = RateLimit("open-data")
    assert asks(limit, 4)[-1] is False
    assert asks(limit, 1, now=660.0) == [True]
    with redis.client() as client:
        keys = client.keys()
        assert len(keys) == 2
        assert all(0 < client.ttl(key) <= 60 for key in keys)


def test_nothing_in_redis_holds_the_address_and_two_minutes_cannot_be_linked(redis):
    limit = RateLimit("open-data")
    asks(limit, 1)
    asks(limit, 1, now=660.0)
    with redis.client() as client:
        fields = [field for key in client.scan_iter() for field in client.hkeys(key)]
    assert [len(field) for field in fields] == [16, 16]
    assert len(set(fields)) == 2
    assert b"192.0.2.1" not in b"".join(fields)


def test_flood_of_addresses_makes_one_key_of_bounded_size(redis, monkeypatch):
    monkeypatch.setattr(rate_limit, "MOST_ADDRESSES", 50)
    limit = RateLimit("open-data")
    for number in range(80):
        limit.wait(f"address {number}", 600.0, limit=3)
    with redis.client() as client:
        (key,) = client.keys()
        assert client.hlen(key) == 51
    assert limit.wait("address 1", 600.0, limit=3) == 0
    assert limit.wait("one more", 600.0, limit=3) > 0


def test_restarted_redis_is_used_at_once(redis):
    limit = RateLimit("open-data")
    asks(limit, 1)
    redis.kill()
    redis.start()
    asks(limit, 1)
    with redis.client() as client:
        assert len(client.keys()) == 1


@pytest.mark.parametrize("fault", ["kill", "hang"])
def test_limit_goes_on_in_the_process_while_redis_is_gone(redis, fault, monkeypatch):
    monkeypatch.setattr(shared_counts, "AWAY_SECONDS", 0.5)
    limit = RateLimit("open-data")
    asks(limit, 1)
    getattr(redis, fault)()
    began = time.monotonic()
    assert asks(limit, 4) == [True, True, True, False]
    assert time.monotonic() - began < 0.45, "one short wait, then no more tries"
    if fault == "kill":
        redis.start()
    redis.go_on()
    deadline = time.monotonic() + 5
    while rate_limit.shared_counts().is_away:
        assert time.monotonic() < deadline, "Redis is not used again"
        limit.wait("192.0.2.9", 600.0, limit=3)
        time.sleep(0.05)
    with redis.client() as client:
        assert len(client.keys()) == 1
