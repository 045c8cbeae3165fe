"""/contacts/national/: who it is for, how to reach it, and what closed or has a new name."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.reporting import factories
from tests.sweep import Page, words_of

pytestmark = pytest.mark.django_db

ADDRESS = "/contacts/national/"


def get(client, query: str = "") -> Page:
    return Page(ADDRESS, client.get(f"{ADDRESS}{query}"))


def names(page: Page) -> list[str]:
    return [words_of(article.find("h3")) for article in page.with_class("contact")]


@pytest.fixture
def services():
    """One for parents by phone, one for young people by chat and text, one for professionals by email."""
    parents = factories.contact_edition(name="For parents")
    factories.phone(parents)
    young = factories.contact_edition(name="For the young", audiences=["young-people"])
    factories.phone(young, "85258", is_text=True, purpose="Text the word HELLO")
    factories.way(young, "webchat")
    work = factories.contact_edition(name="For work", audiences=["professionals"], kind="reporting-service")
    factories.way(work, "email", url="", detail="help@charity.example")
    factories.contact_edition(name="Local", authorities=[factories.authority()])


def test_groups_stand_in_the_order_of_their_kinds(client, services):
    page = get(client)
    assert [words_of(h2) for h2 in page.all("main")[0].iter("h2")][1:] == ["Report it", "Talk to someone"]
    assert names(page) == ["For work", "For parents", "For the young"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?for=parents", ["For parents"]),
        ("?for=young-people", ["For the young"]),
        ("?by=phone", ["For parents"]),
        ("?by=text", ["For the young"]),
        ("?by=webchat", ["For the young"]),
        ("?by=email", ["For work"]),
        ("?for=professionals&by=email", ["For work"]),
        ("?for=professionals&by=phone", []),
        ("?for=&by=", ["For work", "For parents", "For the young"]),
        ("?for=nobody&by=pigeon", ["For work", "For parents", "For the young"]),
    ],
)
def test_filters(client, services, query, found):
    page = get(client, query)
    assert page.status == 200
    assert names(page) == found


def test_nothing_that_fits_leads_on(client, services):
    page = get(client, "?for=professionals&by=phone")
    assert "No service that we know fits both." in words_of(page.with_class("empty")[0])
    assert "tel:999" in page.links


def test_choice_is_still_shown_as_chosen(client, services):
    page = get(client, "?for=young-people&by=text")
    chosen = [option.get("value") for option in page.all("option") if option.get("selected") is not None]
    assert chosen == ["young-people", "text"]


def test_closed_services_are_explained_under_their_old_names_and_not_offered(client):
    factories.contact_edition(
        kind="closed", name="Old Aware", what_for="Old Aware closed.", website="https://new.example/"
    )
    factories.contact_edition(name="New Trust", old_names="Old Pace")
    page = get(client)
    closed = page.with_class("is-closed")
    assert [words_of(article.find("h3")) for article in closed] == ["Old Aware"]
    assert "Old Aware closed." in words_of(closed[0])
    assert "https://new.example/" in page.links
    assert "Was calledOld Pace" in words_of(page.all("main")[0])
    assert len(get(client, "?by=phone").with_class("is-closed")) == 1


def test_nations_in_which_it_helps_are_named(client):
    factories.contact_edition(name="Two nations", nations=["england", "wales"])
    assert "Helps inEngland, Wales" in words_of(get(client).all("main")[0])


def test_number_to_text_opens_a_message_and_an_email_a_letter(client, services):
    links = get(client).links
    assert {"sms:85258", "mailto:help@charity.example"} <= set(links)


def test_every_contact_can_be_linked_to(client, services):
    edition = factories.contact_edition()
    assert edition.contact.slug in get(client).ids
    assert edition.get_absolute_url() == f"{ADDRESS}#{edition.contact.slug}"


def test_drafts_are_hidden(client):
    factories.contact_edition(name="DRAFTGOOSE", state="draft")
    assert "DRAFTGOOSE" not in get(client).text


def test_empty_directory_still_helps(client):
    page = get(client)
    assert page.status == 200
    assert "tel:999" in page.links


def test_queries_do_not_grow_with_the_rows(client):
    def count(rows: int) -> int:
        for _ in range(rows):
            edition = factories.contact_edition(nations=["england"], audiences=["parents", "young-people"])
            factories.phone(edition, rows=[(range(5), "09:00", "17:00")])
            factories.way(edition)
            factories.contact_edition(kind="closed")
        with CaptureQueriesContext(connection) as queries:
            client.get(ADDRESS)
        return len(queries)

    assert count(1) == count(2)
