"""What becomes of an address when it is asked for, and what several days make of it. Real servers on this machine."""

import signal
import socketserver
import threading
import time
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from safety_site import link_checks
from safety_site.link_checks import Manners, NoNetwork, Outcome, Verdict, ask_all, check_links, plan, record
from safety_site.models import LinkCheck
from tests import factories
from tests.reporting import factories as reporting

pytestmark = pytest.mark.django_db


class Answers(socketserver.StreamRequestHandler):
    """One answer for each path; ``server.asked`` keeps what was asked for, with when."""

    timeout = 10

    def handle(self):
        line = self.rfile.readline(10_000).decode()
        headers = []
        while (header := self.rfile.readline(10_000)) not in (b"\r\n", b""):
            headers.append(header.decode().strip())
        if not line:
            return
        method, path, _version = line.split()
        self.server.asked.append((method, path, time.monotonic(), headers))
        answer = getattr(self, "get" + path.split("/")[1].replace("-", "_"), None)
        try:
            if answer:
                answer(method)
            else:
                self.say(404)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def say(self, status: int, *headers: str, body: bytes = b"") -> None:
        lines = [f"HTTP/1.1 {status} As told", *headers, f"Content-Length: {len(body)}", "Connection: close"]
        self.wfile.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def lead(self, status: int, location: str) -> None:
        self.say(status, f"Location: {location}")

    def get(self, method):
        self.say(200)

    def getok(self, method):
        self.say(200)

    def getforbidden(self, method):
        self.say(403)

    def gettoo_often(self, method):
        self.say(429)

    def getmembers(self, method):
        self.say(401)

    def geterror(self, method):
        self.say(503)

    def getno_head(self, method):
        self.say(200 if method == "GET" else 405)

    def getnot_for_head(self, method):
        self.say(200 if method == "GET" else 403)

    def getmoved(self, method):
        self.lead(301, "/ok")

    def getfor_now(self, method):
        self.lead(302, "/ok")

    def gethome(self, method):
        self.lead(301, "/")

    def getloop(self, method):
        self.lead(302, "/loop")

    def gethops_3(self, method):
        self.lead(302, "/hops-2")

    def gethops_2(self, method):
        self.lead(302, "/moved")

    def getto_private(self, method):
        self.lead(302, "http://127.0.0.1:1/")

    def getto_mapped(self, method):
        self.lead(302, "http://[::ffff:7f00:1]/")

    def getto_metadata(self, method):
        self.lead(302, "http://169.254.169.254/latest/meta-data/")

    def getto_file(self, method):
        self.lead(302, "file:///etc/passwd")

    def getto_nonsense(self, method):
        self.lead(302, "http://[oh/no")

    def getto_nowhere(self, method):
        self.say(302)

    def getendless(self, method):
        self.wfile.write(b"HTTP/1.1 404 As told\r\n\r\n" if method == "HEAD" else b"HTTP/1.1 200 As told\r\n\r\n")
        while method == "GET":
            self.wfile.write(b"x" * 65536)
            self.server.sent += 65536

    def getloris(self, method):
        for letter in b"HTTP/1.1 200 As told\r\nX-Slow: " + b"y" * 1000:
            self.wfile.write(bytes([letter]))
            time.sleep(0.05)

    def getsilent(self, method):
        time.sleep(3)

    def gethuge_headers(self, method):
        self.wfile.write(b"HTTP/1.1 200 As told\r\n")
        for number in range(4000):
            self.wfile.write(b"X-%d: %s\r\n" % (number, b"z" * 1000))

    def getnot_http(self, method):
        self.wfile.write(b"220 mail.example ready\r\n")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answers)
        self.port = self.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.asked, self.sent = [], 0

    def manners(self, **changes) -> Manners:
        values = {"pause": 0, "deadline": 1, "also_allowed": frozenset({("127.0.0.1", self.port)})}
        return Manners(**{**values, **changes})

    def paths(self, method: str) -> list[str]:
        return [asked[1] for asked in self.asked if asked[0] == method]


@pytest.fixture
def server():
    server = Server()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


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


# --- Several days -----------------------------------------------------------------------------------------


ADDRESS = "https://charity.example/page"
GONE = Outcome(Verdict.FAILED, 404, "The page is gone (404).")
WORKS = Outcome(Verdict.WORKS, 200)
CLOSED_TO_PROGRAMS = Outcome(Verdict.UNSURE, 403, "It does not answer programs (403): try it yourself.")
DAY = datetime(2026, 11, 22, 3, tzinfo=UTC)


def states(time_machine, *days: Outcome | None) -> list[str]:
    """The state after each day on which this came of asking."""
    found = []
    for number, each in enumerate(days):
        time_machine.move_to(DAY + timedelta(days=number))
        found.append(record(ADDRESS, each).state)
    return found


def test_link_breaks_on_the_third_day(time_machine):
    assert states(time_machine, GONE, GONE, GONE, GONE) == ["unsure", "unsure", "broken", "broken"]
    check = LinkCheck.objects.get()
    assert (check.failed_days, check.last_failed_on, check.status) == (4, date(2026, 11, 25), 404)


def test_link_that_fails_three_times_on_one_day_is_not_broken(time_machine):
    time_machine.move_to(DAY)
    assert [record(ADDRESS, GONE).state for _time in range(3)] == ["unsure"] * 3
    assert LinkCheck.objects.get().failed_days == 1


def test_days_are_those_of_london(time_machine):
    # 23:30 UTC on a day in July is the next day in London.
    time_machine.move_to(datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
    record(ADDRESS, GONE)
    time_machine.move_to(datetime(2026, 7, 1, 23, 30, tzinfo=UTC))
    assert record(ADDRESS, GONE).failed_days == 2


def test_link_that_works_again_is_cleared(time_machine):
    assert states(time_machine, GONE, GONE, GONE, WORKS, GONE)[2:] == ["broken", "works", "unsure"]
    assert LinkCheck.objects.get().failed_days == 1


def test_link_that_answers_no_programs_never_breaks_and_forgets_no_failure(time_machine):
    assert states(time_machine, *[CLOSED_TO_PROGRAMS] * 5) == ["unsure"] * 5
    LinkCheck.objects.all().delete()
    assert states(time_machine, GONE, GONE, CLOSED_TO_PROGRAMS, GONE) == ["unsure", "unsure", "unsure", "broken"]


def test_refused_is_said_at_once():
    assert record(ADDRESS, Outcome(Verdict.REFUSED, reason="It leads to a private network.")).state == "refused"


# --- A run ------------------------------------------------------------------------------------------------


def test_addresses_come_from_all_that_readers_can_see_and_from_nothing_else():
    topic = factories.topic_edition()
    factories.topic_parts(topic)  # a fact and a resource with links
    topic.sections.update(body='<p><a href="https://gov.example/?a=1&amp;b=2">Law</a> <a href="tel:101">101</a></p>')
    app = factories.app_edition(description='<a href="https://app.example/about">About</a>')
    factories.app_parts(app)
    factories.control_edition(official_page="https://isp.example/controls")
    contact = reporting.contact_edition(website="https://charity.example/")
    reporting.way(contact)
    factories.useful_link(url="https://link.example/")
    factories.shared_note(link="https://law.example/")
    factories.old_name(instead_url="https://new.example/")
    factories.old_name(instead_url="/topics/")
    factories.age_band_fact(factories.age_band(), link="https://figures.example/")
    # None of these is seen by readers.
    factories.useful_link(url="https://hidden.example/", is_published=False)
    draft = factories.topic_edition(state="draft", publish_at=None)
    factories.topic_parts(draft)
    draft.sections.update(body='<a href="https://draft.example/">x</a>')
    factories.control_edition(official_page="https://later.example/", publish_at=datetime(2090, 1, 1, tzinfo=UTC))
    old = factories.control_edition(official_page="https://replaced.example/")
    factories.control_edition(old.guide, publish_at=datetime(2021, 1, 1, tzinfo=UTC))
    assert sorted(plan().to_ask) == [
        "https://app.example/1",
        "https://app.example/about",
        "https://charity.example/",
        "https://charity.example/film",
        "https://charity.example/form",
        "https://figures.example/",
        "https://gov.example/?a=1&b=2",
        "https://isp.example/controls",
        "https://law.example/",
        "https://link.example/",
        "https://new.example/",
        "https://ofcom.example/",
    ]


def test_every_address_of_the_shipped_content_is_found(shipped_content):
    assert len(plan().to_ask) > 140


def test_what_was_asked_lately_is_skipped_and_the_oldest_goes_first():
    for name, hours in (("a", 1), ("b", 30), ("c", 50)):
        factories.useful_link(url=f"https://{name}.example/")
        asked_at = timezone.now() - timedelta(hours=hours)
        LinkCheck.objects.create(url=f"https://{name}.example/", state="works", checked_at=asked_at)
    factories.useful_link(url="https://new.example/")
    run = plan()
    assert (run.to_ask, run.fresh) == (["https://new.example/", "https://c.example/", "https://b.example/"], 1)
    assert plan(limit=1).to_ask == ["https://new.example/"]
    assert plan(only="b.example").to_ask == ["https://b.example/"]
    assert len(plan(fresh_hours=0).to_ask) == 4


def test_run_that_was_stopped_keeps_what_it_did_and_goes_on(server):
    for number in range(6):
        factories.useful_link(url=f"https://charity.example/{number}")
    addresses = [f"{server.url}/ok/{number}" for number in range(6)]

    def stop_after_three(address):
        if len(done := [*done_before, address]) == 3:
            signal.raise_signal(signal.SIGINT)
        done_before[:] = done

    done_before = []
    # Where the tests were begun in the background, the interrupt would be ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            check_links(addresses, server.manners(pause=0.05), stop_after_three)
    finally:
        signal.signal(signal.SIGINT, before)
    kept = set(LinkCheck.objects.values_list("url", flat=True))
    assert 2 <= len(kept) <= 3
    asked_before = len(server.asked)
    rest = [address for address in addresses if address not in kept]
    report = check_links(rest, server.manners())
    assert report.works == len(rest)
    assert LinkCheck.objects.filter(state="works").count() == 6
    assert len(server.asked) - asked_before == len(rest)


def test_day_without_a_network_breaks_nothing(server):
    server.server_close()
    LinkCheck.objects.create(
        url=f"{server.url}/a", state="unsure", failed_days=2, last_failed_on=date(2026, 1, 1), checked_at=DAY
    )
    with pytest.raises(NoNetwork):
        check_links([f"{server.url}/{name}" for name in "abc"], server.manners())
    assert [check.failed_days for check in LinkCheck.objects.all()] == [2]


def test_failures_count_once_some_server_answered(server):
    addresses = [f"{server.url}/silent", f"{server.url}/ok", f"{server.url}/gone"]
    report = check_links(addresses, server.manners())
    assert (report.works, report.unsure) == (1, 2)


def test_command_says_what_came_of_it():
    with pytest.raises(CommandError, match="0 or more"):
        call_command("check_links", "--fresh-hours", "-1")
    factories.useful_link(url="https://127.0.0.1/")
    LinkCheck.objects.create(url="https://nobody.example/", state="works", checked_at=timezone.now() - timedelta(99))
    call_command("check_links")
    assert [(check.url, check.state) for check in LinkCheck.objects.all()] == [("https://127.0.0.1/", "refused")]


def test_command_can_say_nothing(capsys):
    call_command("check_links", verbosity=0)
    assert capsys.readouterr() == ("", "")


def test_asking_nothing_is_no_fault():
    assert check_links([]).asked == 0
    assert ask_all  # the async way in, for whoever has a loop already
