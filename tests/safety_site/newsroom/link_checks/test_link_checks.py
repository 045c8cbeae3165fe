"""What several days make of an outside address, and a run over all of them. A real server on this machine."""

import signal
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from safety_site.link_checks import NoNetwork, Outcome, Verdict, ask_all, check_links, plan, record
from safety_site.models import LinkCheck
from tests import factories
from tests.reporting import factories as reporting

pytestmark = pytest.mark.django_db


# --- Several days ---------------------------------------------------------------------------------------

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


# --- A run ----------------------------------------------------------------------------------------------


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
