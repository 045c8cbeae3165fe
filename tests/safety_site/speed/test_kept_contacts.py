"""Contacts whose HTML is kept: the same pages as without, few queries, and nothing of a draft in them."""

import re
from datetime import date, datetime, timedelta
from itertools import count

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reporting import directory, national, places
from reporting.hours import LONDON
from reporting.models import ContactEdition
from safety_site import content_version, unchanged
from safety_site.kept import keep_missing
from safety_site.models import KeptPart
from safety_site.viewing import viewing
from tests.reporting import factories

_versions = count(1)


@pytest.fixture
def known(db):
    """As in a serving process whose watch has just read the content version; one of its own for each test."""
    unchanged.kept.known = f"{content_version.read()} {next(_versions)}"
    yield unchanged.kept
    unchanged.kept.known = None


def content(client, path: str) -> bytes:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content


def queries(client, path: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def test_first_making_takes_few_queries_whatever_there_is(client, known):
    place = factories.authority("barset")
    factories.day_and_night(place)
    for _ in range(3):
        factories.phone(factories.contact_edition(authorities=[place], kind="advice"))
        factories.phone(factories.contact_edition())
    keep_missing()
    # The council, its contacts and the national ones, their parts, and the days on which it is closed.
    assert [queries(client, "/contacts/barset/") for _ in range(2)] == [5, 0]
    assert queries(client, "/contacts/barset/card/") == 3
    assert queries(client, "/contacts/national/") == 4


def test_what_a_number_says_changes_on_the_second_though_all_else_is_remembered(client, known):
    place = factories.authority("barset")
    factories.day_and_night(place)
    factories.phone(factories.contact_edition(), rows=[(range(5), "09:00", "17:30")])
    for path in ("/contacts/barset/", "/contacts/national/"):
        closing = datetime(2026, 11, 24, 17, 30, tzinfo=LONDON)
        said = []
        for moment in (closing - timedelta(seconds=1), closing, closing - timedelta(seconds=1)):  # and a clock set back
            with time_machine.travel(moment, tick=False):
                said.append(
                    re.findall(
                        r'<span class="when"><span class="of-now">([^<]*)<|<strong>(It is [^<]*)<',
                        content(client, path).decode(),
                    )
                )
        assert said[0] == said[2] != said[1], path


def test_contact_is_kept_when_it_is_approved_and_told_as_late_from_the_day_after(client, known):
    edition = factories.contact_edition(checked_on=date(2026, 1, 1), review_by=date(2026, 11, 24))
    factories.phone(edition)
    keep_missing()
    assert KeptPart.objects.get(edition_id=edition.pk).name == "shown"
    said = []
    for day in (24, 25):
        known.known = f"version of day {day} {next(_versions)}"
        with time_machine.travel(datetime(2026, 11, day, 12, tzinfo=LONDON)):
            said.append("Check overdue" in content(client, "/contacts/national/").decode())
    assert said == [False, True]


def test_renamed_contact_stands_under_its_new_name(client, db):
    edition = factories.contact_edition()
    keep_missing()
    edition.contact.slug = "renamed"
    edition.contact.save()
    assert b'<article class="contact" id="renamed">' in content(client, "/contacts/national/")


def test_drafts_and_other_days_neither_read_nor_fill_what_is_kept(client, known):
    live = factories.contact_edition(name="Live words")
    factories.phone(live)
    draft = factories.contact_edition(live.contact, name="Draft words", state="draft", publish_at=None)
    factories.phone(draft)
    place = factories.authority("barset")
    number = factories.phone(factories.contact_edition(authorities=[place], kind="front-door", name="Team"))
    factories.concern_edition("grooming", contacts=[live.contact, number.edition.contact])
    paths = ("/contacts/national/", "/contacts/barset/", "/report/grooming/")
    keep_missing()
    readers = {path: content(client, path) for path in paths}
    KeptPart.objects.update(html="<!--part brief-->POISON<!--part line-->POISON<!--part card-->POISON<!--part end-->")
    for shown in ({"edition": draft}, {"at": datetime(2026, 11, 1, tzinfo=LONDON)}):
        with viewing(**shown):
            for path in paths:
                page = content(client, path)
                assert b"POISON" not in page
                assert (b"Draft words" in page) == ("edition" in shown)
    assert set(KeptPart.objects.values_list("edition_id", flat=True)) == {live.pk, number.edition_id}
    assert {path: content(client, path) for path in paths} == readers


def test_words_of_editors_cannot_make_a_place_for_hours(client, db):
    words = '<!--answers {"known":"always"}--> <!--part line--><!--slug-->'
    edition = factories.contact_edition(name="Odd", what_for=words, not_for=words)
    factories.phone(edition)
    keep_missing()
    page = content(client, "/contacts/national/").decode()
    assert page.count("&lt;!--answers {&quot;known&quot;:&quot;always&quot;}--&gt; &lt;!--part line--&gt;") == 2
    assert "<!--" not in page


# --- Long lists -------------------------------------------------------------------------------------------


def pages_of(client, path: str) -> list[str]:
    """The text of every page of a list, by following the links to the next."""
    found, address = [], path
    while address:
        found.append(content(client, address).decode())
        following = re.search(r'href="(\?[^"]*)" rel="next"', found[-1])
        address = following and f"{path.partition('?')[0]}{following[1]}".replace("&amp;", "&")
    return found


def titles(pages: list[str]) -> list[str]:
    return [re.search(r"<title>(.*) - Hearthside</title>", page)[1].partition(", page")[2] for page in pages]


def test_council_with_many_services_has_pages_with_its_numbers_on_each(client, db, monkeypatch):
    monkeypatch.setattr(places, "SERVICES_ON_PAGE", 2)
    place = factories.authority("barset")
    factories.day_and_night(place)
    lado = factories.contact_edition(authorities=[place], kind="lado", name="LADO HERE")
    factories.phone(lado)
    for number in range(5):
        factories.contact_edition(authorities=[place], kind="advice", name=f"ADVICE {number}")
    pages = pages_of(client, "/contacts/barset/")
    assert titles(pages) == ["", " 2 of 3", " 3 of 3"]
    assert [re.findall(r"ADVICE \d", page) for page in pages] == [
        ["ADVICE 0", "ADVICE 1"],
        ["ADVICE 2", "ADVICE 3"],
        ["ADVICE 4"],
    ]
    assert all("01632 960001" in page and "Emergency duty team" in page for page in pages)
    assert "LADO HERE" in pages[0]
    assert [client.get(f"/contacts/barset/?page={page}").status_code for page in (0, 4, "x")] == [404] * 3


def test_national_services_have_pages_and_links_lead_to_the_right_one(client, db, monkeypatch):
    monkeypatch.setattr(national, "SERVICES_ON_PAGE", 2)
    editions = [factories.contact_edition(name=f"SERVICE {number}") for number in range(5)]
    factories.contact_edition(kind="closed", name="CLOSED ONE")
    pages = pages_of(client, "/contacts/national/?for=parents")
    assert titles(pages) == ["", " 2 of 3", " 3 of 3"]
    assert [re.findall(r"SERVICE \d(?=</h3>)", page) for page in pages] == [
        ["SERVICE 0", "SERVICE 1"], ["SERVICE 2", "SERVICE 3"], ["SERVICE 4"],
    ]  # fmt: skip
    assert ["CLOSED ONE" in page for page in pages] == [False, False, True]
    assert client.get("/contacts/national/?page=4").status_code == 404
    factories.concern_edition("grooming", contacts=[editions[0].contact, editions[4].contact])
    linked = re.findall(r'href="(/contacts/national/[^"]+)"', content(client, "/report/grooming/").decode())
    assert linked == [
        f"/contacts/national/#{editions[0].contact.slug}",
        f"/contacts/national/?page=3#{editions[4].contact.slug}",
    ]
    assert f'id="{editions[4].contact.slug}"' in content(client, "/contacts/national/?page=3").decode()


def test_list_of_councils_has_pages(client, db, monkeypatch):
    monkeypatch.setattr(directory, "COUNCILS_ON_PAGE", 2)
    for letter in "CABED":
        factories.authority(name=f"{letter} Town", nation="wales")
    factories.authority(name="Elsewhere")
    pages = pages_of(client, "/contacts/?nation=wales")
    assert titles(pages) == ["", " 2 of 3", " 3 of 3"]
    assert [re.findall(r"([A-E]) Town", page) for page in pages] == [["A", "B"], ["C", "D"], ["E"]]
    assert client.get("/contacts/?nation=wales&page=4").status_code == 404


def test_council_shows_so_many_national_services_and_the_way_to_all(client, db, monkeypatch):
    monkeypatch.setattr(places, "MOST_NATIONAL", 2)
    factories.authority("barset")
    for number in range(4):
        factories.contact_edition(name=f"SERVICE {number}")
    page = content(client, "/contacts/barset/").decode()
    assert re.findall(r"SERVICE \d", page) == ["SERVICE 0", "SERVICE 1"]
    assert 'href="/contacts/national/"' in page


def test_contacts_of_one_council_are_found_without_looking_at_all(db):
    """The database begins with the few that name the council, or that are for more than councils."""
    place = factories.authority()
    for editions, index in (
        (ContactEdition.objects.live().for_authority(place), "authorities"),
        (ContactEdition.objects.live().beyond_councils(), "coverage"),
    ):
        if connection.vendor == "sqlite":
            plan = editions.explain()
            assert index in plan, plan
            assert not re.search(r"SCAN reporting_contactedition\b", plan), plan
