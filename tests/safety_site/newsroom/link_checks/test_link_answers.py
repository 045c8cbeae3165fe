"""What becomes of one outside address when it is asked for. A real server on this machine."""

import time
from itertools import pairwise

import pytest

from safety_site import link_checks
from safety_site.link_checks import Outcome, Verdict, check_links
from safety_site.models import LinkCheck

pytestmark = pytest.mark.django_db


def outcome(server, path: str, **manners) -> Outcome:
    [(_address, found)] = link_checks._as_they_come([server.url + path], server.manners(**manners))
    return found


@pytest.mark.parametrize(
    ("path", "verdict", "status"),
    [
        ("/ok", Verdict.WORKS, 200),
        ("/moved", Verdict.WORKS, 200),
        ("/for-now", Verdict.WORKS, 200),
        ("/hops-3", Verdict.WORKS, 200),
        ("/no-head", Verdict.WORKS, 200),
        ("/not-for-head", Verdict.WORKS, 200),
        ("/endless", Verdict.WORKS, 200),
        ("/forbidden", Verdict.UNSURE, 403),
        ("/too-often", Verdict.UNSURE, 429),
        ("/members", Verdict.UNSURE, 401),
        ("/nothing-there", Verdict.FAILED, 404),
        ("/error", Verdict.FAILED, 503),
        ("/loop", Verdict.FAILED, 302),
        ("/to-nowhere", Verdict.FAILED, 302),
        ("/loris", Verdict.FAILED, None),
        ("/silent", Verdict.FAILED, None),
        ("/huge-headers", Verdict.FAILED, None),
        ("/not-http", Verdict.FAILED, None),
        ("/to-private", Verdict.REFUSED, None),
        ("/to-mapped", Verdict.REFUSED, None),
        ("/to-metadata", Verdict.REFUSED, None),
        ("/to-file", Verdict.REFUSED, None),
        ("/to-nonsense", Verdict.REFUSED, None),
    ],
)
def test_one_answer(server, path, verdict, status):
    started = time.monotonic()
    found = outcome(server, path)
    assert (found.verdict, found.status) == (verdict, status), found
    assert bool(found.reason) == (verdict != Verdict.WORKS)
    assert time.monotonic() - started < 4


def test_a_body_without_an_end_is_not_read(server):
    outcome(server, "/endless")
    assert server.sent < 10_000_000  # what the buffers of both ends take


def test_a_loop_ends_after_six_requests(server):
    outcome(server, "/loop")
    assert len(server.asked) == link_checks.MOST_HOPS + 1


def test_head_is_asked_first_and_get_only_where_it_is_needed(server):
    outcome(server, "/ok")
    assert (server.paths("HEAD"), server.paths("GET")) == (["/ok"], [])
    outcome(server, "/no-head")
    assert server.paths("GET") == ["/no-head"]


def test_it_says_who_asks(server):
    outcome(server, "/ok")
    assert "User-Agent: HearthsideLinkCheck/1.0 (+https://families.example)" in server.asked[0][3]


def test_only_what_moved_for_good_is_noted(server):
    assert outcome(server, "/moved").leads_to == f"{server.url}/ok"
    assert outcome(server, "/for-now").leads_to == ""
    assert "front page" in outcome(server, "/home").reason


def test_without_allowance_this_machine_is_refused_and_not_asked(server):
    found = outcome(server, "/ok", also_allowed=frozenset())
    assert found.verdict == Verdict.REFUSED
    assert server.asked == []


def test_one_host_is_asked_one_at_a_time_with_a_pause(server):
    addresses = [f"{server.url}/ok/{number}" for number in range(4)]
    check_links(addresses, server.manners(pause=0.2))
    times = sorted(asked[2] for asked in server.asked)
    assert all(later - earlier >= 0.19 for earlier, later in pairwise(times))


def test_host_that_is_tired_of_us_is_left_for_another_day(server):
    addresses = [f"{server.url}/too-often/{number}" for number in range(5)]
    report = check_links(addresses, server.manners())
    assert (report.asked, report.left_for_later) == (1, 4)
    assert len(server.asked) == 1
    assert LinkCheck.objects.count() == 1
