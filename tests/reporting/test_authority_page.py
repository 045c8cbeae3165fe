"""/contacts/<authority>/: the number to call now first, with why; its card, poster and vCard."""

import re
from datetime import date, datetime

import pytest
import time_machine
from django.db import connection
from django.template import engines
from django.test.utils import CaptureQueriesContext

from reporting import vcards
from reporting.hours import LONDON, Calendar
from reporting.models import ClosedDay
from reporting.presenters import clock, day_in_words, moment_in_words
from safety_site.kept import keep_missing
from tests.reporting import factories
from tests.sweep import Page, words_of

pytestmark = pytest.mark.django_db

DAY, NIGHT = "01632 960001", "01632 960002"
SUNDAY_EVENING, TUESDAY_MORNING = "2026-11-22 21:40", "2026-11-24 11:00"


@pytest.fixture
def place():
    place = factories.authority("barset", name="Barset")
    factories.day_and_night(place)
    return place


def get(client, at: str, address: str = "/contacts/barset/") -> Page:
    with time_machine.travel(datetime.fromisoformat(at).replace(tzinfo=LONDON), tick=False):
        return Page(address, client.get(address))


def main(page: Page) -> str:
    return words_of(page.all("main")[0])


def why(page: Page) -> str:
    return words_of(page.with_class("why")[0])


def numbers(page: Page) -> list[str]:
    """The numbers of children's services, from the top."""
    found = [link for block in page.with_class("call-number") for link in block.iter("a")]
    return [link.get("href").removeprefix("tel:") for link in found]


# --- Whom to call now -----------------------------------------------------------------------------------


def test_sunday_evening_puts_the_out_of_hours_number_first_and_says_why(client, place):
    page = get(client, SUNDAY_EVENING)
    assert page.status == 200
    assert why(page) == "It is Sunday 21:40: out of hours until 9am tomorrow."
    assert numbers(page) == ["01632960002", "01632960001"]
    assert "Closed now. Opens at 9am tomorrow." in main(page)


def test_working_day_puts_the_day_number_first(client, place):
    page = get(client, TUESDAY_MORNING)
    assert why(page) == "It is Tuesday 11:00: the daytime team answers until 5.30pm today."
    assert numbers(page) == ["01632960001", "01632960002"]


def test_bank_holiday_is_told(client, place):
    assert why(get(client, "2026-12-25 14:00")) == (
        "It is Friday 14:00, a bank holiday: out of hours until 9am on Tuesday."
    )


def test_closed_day_of_the_editors_counts(client, place):
    ClosedDay.objects.create(on=date(2026, 11, 24), authority=place, reason="A storm")
    assert why(get(client, TUESDAY_MORNING)) == (
        "It is Tuesday 11:00, a bank holiday: out of hours until 9am tomorrow."
    )


def test_summer_time_is_london_time(client, place):
    assert why(get(client, "2026-07-05 21:40")).startswith("It is Sunday 21:40: out of hours until 9am tomorrow")


@pytest.fixture
def office():
    place = factories.authority("barset", name="Barset")
    day = factories.contact_edition(authorities=[place], kind="front-door")
    night = factories.contact_edition(authorities=[place], kind="out-of-hours")
    factories.phone(day, DAY, answers="office-hours")
    factories.phone(night, NIGHT, answers="outside-office-hours")
    return place


def test_unknown_hours_say_so_and_name_both(client, office):
    page = get(client, "2026-11-24 08:30")
    assert why(page) == (
        "It is Tuesday 08:30. We are not sure which number answers now: try the day number, then the other."
    )
    assert numbers(page) == ["01632960001", "01632960002"]


def test_office_hours_of_unknown_extent_never_tell_a_time(client, office):
    page = get(client, TUESDAY_MORNING)
    assert why(page) == (
        "It is Tuesday 11:00: office hours. We do not know exactly when they end. No answer? Try the other number."
    )
    assert why(get(client, SUNDAY_EVENING)) == "It is Sunday 21:40: out of hours."


def test_between_two_sources_the_number_that_surely_answers_comes_first(client):
    place = factories.authority("barset")
    day = factories.contact_edition(authorities=[place], kind="front-door")
    night = factories.contact_edition(authorities=[place], kind="out-of-hours")
    rows = [(range(5), "08:45", "09:00", False), (range(5), "09:00", "17:30")]
    factories.phone(day, DAY, rows=rows, hours_are_about=True)
    factories.phone(night, NIGHT, rows=[(range(5), "00:00", "09:00")], hours_are_about=True)
    page = get(client, "2026-11-24 08:50")
    assert why(page) == "It is Tuesday 08:50: out of hours until about 9am today."
    assert numbers(page) == ["01632960002", "01632960001"]
    assert "May answer now: we are not sure. It should from about 9am today." in main(page)


def test_only_number_that_is_closed_leads_on(client):
    place = factories.authority("barset")
    day = factories.contact_edition(authorities=[place], kind="front-door")
    factories.phone(day, DAY, rows=[(range(5), "09:00", "17:00")])
    page = get(client, SUNDAY_EVENING)
    assert why(page) == (
        "It is Sunday 21:40. This number is closed until 9am tomorrow, and we know of no other. "
        "If it cannot wait, call 101."
    )
    assert "Call now" not in main(page)


# --- Whose numbers --------------------------------------------------------------------------------------


def test_heading_names_the_council_with_a_way_to_another_beside_it(client, place):
    page = get(client, SUNDAY_EVENING)
    assert [words_of(h1) for h1 in page.all("h1")] == ["Barset: who to call about a child"]
    assert [words_of(link) for block in page.with_class("not-yours") for link in block.iter("a")] == [
        "Not your council?"
    ]


def test_page_reached_by_postcode_is_kept_from_search_engines(client, place):
    assert "X-Robots-Tag" not in client.get("/contacts/barset/").headers
    matched = client.get("/contacts/barset/?matched=1")
    assert matched.headers["X-Robots-Tag"] == "noindex"
    assert "We matched your postcode to Barset. Not your council?" in main(Page("", matched))


def test_district_shows_the_numbers_of_its_county_and_is_context_only(client, place):
    factories.authority("barchester", name="Barchester", county=place)
    page = get(client, SUNDAY_EVENING, "/contacts/barchester/")
    assert numbers(page) == ["01632960002", "01632960001"]
    assert "In Barchester, children’s services are run by Barset Council. These are its numbers." in main(page)


def test_council_without_numbers_in_england_shows_the_official_finder(client):
    factories.authority("barset", name="Barset")
    page = get(client, SUNDAY_EVENING)
    assert "We have no checked number for Barset Council yet" in main(page)
    assert "https://www.gov.uk/report-child-abuse-to-local-council" in page.links
    assert {"tel:999", "tel:101", "tel:08088005000"} <= set(page.links)


@pytest.mark.parametrize(
    ("nation", "tier", "words"),
    [
        ("scotland", "scottish-council", "children’s social work"),
        ("wales", "welsh-unitary", "children’s social services"),
        ("northern-ireland", "ni-district", "The health and social care trusts do."),
    ],
)
def test_other_nations_have_their_own_words_and_no_finder_of_england(client, nation, tier, words):
    whose = {"children_services": None} if tier == "ni-district" else {}
    factories.authority("barset", nation=nation, tier=tier, **whose)
    page = get(client, SUNDAY_EVENING)
    assert words in main(page)
    assert [link for link in page.links if "gov.uk/report" in link] == []
    assert "LADO" not in main(page)


def test_council_in_northern_ireland_leads_to_the_trusts(client):
    factories.authority("barset", nation="northern-ireland", tier="ni-district", children_services=None)
    factories.authority("bar-trust", name="Bar Trust", nation="northern-ireland", tier="health-trust")
    assert "http://testserver/contacts/bar-trust/" in get(client, SUNDAY_EVENING).links


def test_council_that_ended_is_explained_with_the_one_that_took_its_place(client, place):
    factories.authority(
        "old-barset", name="Old Barset", ended_on=date(2023, 3, 31), succeeded_by=place, children_services=place
    )
    page = get(client, SUNDAY_EVENING, "/contacts/old-barset/")
    assert "Old Barset Council ended on 31 March 2023. Barset Council has taken its place." in main(page)
    assert "http://testserver/contacts/barset/" in page.links


def test_council_that_was_split_leads_to_each_part(client, place):
    other = factories.authority("other", name="Other")
    old = factories.authority("old", name="Old", ended_on=date(2023, 3, 31), succeeded_by=place)
    old.also_succeeded_by.add(other)
    page = get(client, SUNDAY_EVENING, "/contacts/old/")
    assert "Barset Council and Other Council have taken its place." in main(page)
    assert {"http://testserver/contacts/barset/", "http://testserver/contacts/other/"} <= set(page.links)


def test_unknown_council_is_404(client):
    assert client.get("/contacts/nowhere/").status_code == 404


# --- What else is on the page ---------------------------------------------------------------------------


def test_order_is_local_then_999_then_national_then_professionals(client, place):
    factories.contact_edition(name="Helpline")
    order = ["Call now", "Is a child in danger now?", "National services", "If you work with children", "Keep these"]
    places = [main(get(client, SUNDAY_EVENING)).index(words) for words in order]
    assert places == sorted(places)


def test_unchecked_number_says_where_it_comes_from_and_that_nobody_rang_it(client):
    place = factories.authority("barset")
    unchecked = {"checked_on": None, "checked_by": "", "review_by": None}
    day = factories.contact_edition(authorities=[place], kind="front-door", **unchecked)
    factories.phone(day, DAY, answers="always")
    assert "Imported from a leaflet, 21 November 2026. Not yet rung by us." in main(get(client, SUNDAY_EVENING))


def test_checked_number_says_who_checked_it_and_overdue_ones_stay_with_their_date(client, place):
    assert "Checked on 1 November 2026 by the test team. To be checked again by 1 January 2099." in main(
        get(client, SUNDAY_EVENING)
    )
    assert "Check overdue Checked on 1 November 2026 by the test team." in main(get(client, "2099-01-02 12:00"))


def test_drafts_and_closed_services_are_not_shown(client, place):
    factories.contact_edition(authorities=[place], kind="advice", name="DRAFTGOOSE", state="draft")
    factories.contact_edition(kind="closed", name="CLOSEDWREN")
    text = get(client, SUNDAY_EVENING).text
    assert "DRAFTGOOSE" not in text
    assert "CLOSEDWREN" not in text


def test_every_number_can_be_tapped_and_copied(client, place):
    page = get(client, SUNDAY_EVENING)
    copies = [button for button in page.all("button") if button.get("data-copy")]
    assert {button.get("data-copy") for button in copies} == {DAY, NIGHT}
    assert [button for button in copies if button.get("hidden") is None] == []
    assert [link for link in page.links if link.startswith("tel:") and not re.fullmatch(r"tel:\d+", link)] == []


def test_queries_do_not_grow_with_the_rows(client):
    def count(rows: int) -> int:
        place = factories.authority(f"council-{rows}")
        for each in range(rows):
            for kind in ("front-door", "out-of-hours", "lado", "police", "advice"):
                edition = factories.contact_edition(authorities=[place], kind=kind)
                factories.way(edition)
                for position in range(each + 1):
                    factories.phone(edition, f"01632 96000{position}", rows=[(range(5), "09:00", "17:00")])
            factories.contact_edition(nations=["england", "wales"], audiences=("parents", "young-people"))
        keep_missing()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/contacts/council-{rows}/").status_code == 200
        return len(queries)

    assert count(1) == count(3) == 5


# --- To take away ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["card", "poster"])
def test_paper_has_all_numbers_with_their_hours_whatever_the_time(client, place, kind):
    day = factories.contact_edition(authorities=[place], kind="front-door", hours_text="Mondays only.")
    factories.phone(day, "01632 960003")
    pages = [get(client, at, f"/contacts/barset/{kind}/") for at in (SUNDAY_EVENING, TUESDAY_MORNING)]
    assert main(pages[0]) == main(pages[1])
    assert "Mondays only." in main(pages[0])
    wanted = {"tel:999", "tel:101", "tel:01632960001", "tel:01632960002", "tel:08001111"}
    assert wanted <= set(pages[0].links)


def test_vcard_has_the_numbers_of_childrens_services(client, place):
    response = client.get("/contacts/barset/contact.vcf")
    assert response["Content-Type"] == "text/vcard; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="barset.vcf"'
    lines = response.content.decode().split("\r\n")
    assert [line for line in lines if line.startswith("TEL")] == [
        "TEL;VALUE=uri;TYPE=work,voice:tel:+441632960001",
        "TEL;VALUE=uri;TYPE=work,voice:tel:+441632960002",
    ]
    assert lines[:3] == ["BEGIN:VCARD", "VERSION:4.0", "KIND:org"]
    assert lines[-2:] == ["END:VCARD", ""]


def test_vcard_of_a_council_without_numbers_has_the_helplines(client):
    factories.authority("barset")
    factories.phone(factories.contact_edition(name="A helpline"), "116 123")
    assert b"FN:A helpline\r\nTEL;TYPE=work,voice:116123\r\n" in client.get("/contacts/barset/contact.vcf").content


def test_vcard_escapes_and_folds_as_rfc_6350_asks():
    assert vcards.escaped("a\\b,c;d\ne\r\nf") == "a\\\\b\\,c\\;d\\ne\\nf"
    long = "NOTE:" + "é’" * 80
    folded = vcards.folded(long)
    assert max(len(line.encode()) for line in folded.split("\r\n")) <= 75
    assert folded.replace("\r\n ", "") == long
    assert vcards.folded("x" * 75) == "x" * 75


def test_hostile_words_cannot_add_a_line_to_a_vcard():
    edition = factories.contact_edition(name="A\r\nTEL:999", what_for="B\nURL:https://evil.example/")
    factories.phone(edition)
    lines = vcards.vcard(edition, "https://families.example/").replace("\r\n ", "").split("\r\n")
    assert [line.split(":")[0] for line in lines if line][3:] == ["UID", "FN", "TEL;VALUE=uri;TYPE=work,voice",
                                                                  "NOTE", "SOURCE", "END"]  # fmt: skip


# --- Words ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-23 09:00", "9am tomorrow"),
        ("2026-11-22 22:00", "10pm today"),
        ("2026-11-24 17:30", "5.30pm on Tuesday"),
        ("2026-11-23 12:00", "noon tomorrow"),
        ("2026-11-23 00:00", "midnight tonight"),
        ("2026-11-24 00:00", "midnight tomorrow"),
        ("2026-11-30 09:00", "9am on Monday 30 November"),
    ],
)
def test_moments_in_words(moment, words):
    at = datetime(2026, 11, 22, 21, 40, tzinfo=LONDON)
    assert moment_in_words(datetime.fromisoformat(moment).replace(tzinfo=LONDON), at) == words


def test_clock_and_days_in_words():
    hours = [datetime(2026, 1, 1, hour, minute) for hour, minute in ((0, 5), (8, 45), (12, 30), (23, 0))]
    assert [clock(hour) for hour in hours] == ["12.05am", "8.45am", "12.30pm", "11pm"]
    assert day_in_words(date(2026, 11, 28), date(2026, 11, 22)) == "on Saturday"
    assert Calendar("wales").is_bank_holiday(date(2026, 12, 25))


# --- Tags -----------------------------------------------------------------------------------------------


def render(tag: str, **context) -> str:
    return engines["django"].from_string("{% load reporting_tags %}" + tag).render(context)


def test_concern_contacts_shows_the_routes_that_are_live_in_order():
    one, two, hidden = (factories.contact_edition(name=f"SERVICE-{n}") for n in ("ONE", "TWO", "HIDDEN"))
    hidden.state = "draft"
    hidden.save()
    factories.concern_edition("grooming", contacts=[two.contact, hidden.contact, one.contact], local_first=True)
    shown = render('{% concern_contacts "grooming" %}')
    assert re.findall(r"<h3>(.*?)</h3>", shown) == ["SERVICE-TWO", "SERVICE-ONE"]
    assert "Reason 1." in shown
    assert "/contacts/find/" in shown
    assert "/report/grooming/" in shown


@pytest.mark.parametrize("concern", ["", "no-such-worry"])
def test_concern_contacts_of_no_worry_is_nothing(concern):
    assert render(f'{{% concern_contacts "{concern}" %}}').strip() == ""


def test_concern_contacts_takes_the_same_queries_for_one_and_three():
    def count(slug: str, rows: int) -> int:
        editions = [factories.contact_edition() for _ in range(rows)]
        for edition in editions:
            factories.phone(edition, rows=[([0], "09:00", "17:00")])
        factories.concern_edition(slug, contacts=[edition.contact for edition in editions])
        with CaptureQueriesContext(connection) as queries:
            render(f'{{% concern_contacts "{slug}" %}}')
        return len(queries)

    assert count("grooming", 1) == count("bullying", 3)


def test_help_now_shows_the_helplines_that_answer():
    factories.phone(factories.contact_edition(name="ALWAYS"), answers="always")
    factories.phone(factories.contact_edition(name="NEVER"))
    shown = render("{% help_now %}")
    assert "ALWAYS" in shown
    assert "NEVER" not in shown
    assert "/contacts/find/" in shown
