"""How often one address may ask, and what is kept of it."""

import pytest
from django.test import RequestFactory

from safety_site.rate_limit import MOST_ADDRESSES, RateLimit, address_of


def asks(limit: RateLimit, times: int, address: str = "192.0.2.1", now: float = 600.0) -> list[int]:
    return [limit.wait(address, now, limit=3) for _ in range(times)]


def test_requests_up_to_the_limit_pass():
    assert asks(RateLimit(), 3) == [0, 0, 0]


def test_request_over_the_limit_waits_for_the_next_minute():
    assert asks(RateLimit(), 5, now=600.0) == [0, 0, 0, 60, 60]


@pytest.mark.parametrize(("now", "seconds"), [(600.0, 60), (630.5, 30), (659.0, 1), (659.99, 1)])
def test_wait_ends_when_the_minute_ends(now, seconds):
    assert asks(RateLimit(), 4, now=now)[-1] == seconds


def test_next_minute_starts_anew():
    limit = RateLimit()
    asks(limit, 4, now=659.0)
    assert asks(limit, 1, now=660.0) == [0]


def test_addresses_are_counted_apart():
    limit = RateLimit()
    asks(limit, 4)
    assert asks(limit, 1, address="192.0.2.2") == [0]


def test_nothing_that_is_kept_holds_the_address():
    limit = RateLimit()
    asks(limit, 2, address="192.0.2.77")
    assert "192.0.2.77" not in repr(vars(limit))


def test_same_address_is_kept_under_another_hash_each_minute():
    limit = RateLimit()
    asks(limit, 1, now=600.0)
    (before,) = limit._counts
    asks(limit, 1, now=660.0)
    (after,) = limit._counts
    assert before != after


def test_flood_of_addresses_fills_no_memory():
    limit = RateLimit()
    for number in range(MOST_ADDRESSES + 50):
        limit.wait(f"address {number}", 600.0, limit=3)
    assert len(limit._counts) == MOST_ADDRESSES + 1
    assert limit.wait("one more", 600.0, limit=3) > 0
    assert limit.wait("address 1", 600.0, limit=3) == 0


def request(address: str = "192.0.2.1", forwarded: str = ""):
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    return RequestFactory().get("/", REMOTE_ADDR=address, **headers)


def test_address_is_the_one_that_asks():
    assert address_of(request()) == "192.0.2.1"


def test_made_up_header_counts_for_nothing_without_a_proxy():
    assert address_of(request(forwarded="198.51.100.9")) == "192.0.2.1"


def test_behind_our_proxy_the_address_is_the_one_that_the_proxy_saw(settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert address_of(request("127.0.0.1", "10.9.9.9, 198.51.100.9")) == "198.51.100.9"
    assert address_of(request("127.0.0.1")) == "127.0.0.1"


def test_home_with_ipv6_counts_as_one():
    assert address_of(request("2001:db8:1:2::5")) == address_of(request("2001:db8:1:2:ffff::9")) == "2001:db8:1:2::/64"


def test_homes_with_ipv4_are_counted_apart_where_the_proxy_writes_them_as_ipv6():
    assert address_of(request("::ffff:192.0.2.1")) == "192.0.2.1"


@pytest.mark.parametrize("address", ["", "unix:", "not an address", "1.2.3.4.5"])
def test_address_that_is_none_shares_one_count(address):
    assert address_of(request(address)) == "unknown"
