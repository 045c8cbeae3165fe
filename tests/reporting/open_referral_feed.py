"""Asking the feed, and contacts to ask it about."""

from datetime import date

from reporting import models
from reporting.open_referral_terms import TERMS
from tests.reporting import factories

FEED = "/api/oruk"
# An id that nothing has.
NOBODY = "123e4567-e89b-42d3-a456-426614174000"


def get(client, path: str, **asked) -> dict:
    response = client.get(f"{FEED}{path}", asked)
    assert response.status_code == 200, response.content
    assert response.headers["Content-Type"] == "application/json"
    return response.json()


def names(client, **asked) -> list[str]:
    return [row["name"] for row in get(client, "/services", **asked)["contents"]]


def term_id(list_name: str, value: str) -> str:
    return next(term.id for term in TERMS.values() if (term.list_name, term.value) == (list_name, value))


def a_bit_of_everything() -> models.ContactEdition:
    """Contacts that between them have whatever a contact can have. Returns the fullest of them."""
    essex = factories.authority("essex", name="Essex", council_name="Essex County Council", gss_code="E10000012")
    factories.day_and_night(essex)
    factories.day_and_night(essex, factories.authority("southend", name="Southend", gss_code="E06000033"))
    edition = factories.contact_edition(
        factories.contact("full"),
        name="The full one",
        not_for="Emergencies.",
        who_answers="Counsellors.",
        what_happens="They listen.",
        anonymity="You need not say who you are.",
        cost="Free",
        languages="English and Welsh",
        for_professionals="Ask for the consultation line.",
        old_names="The old one",
        website="https://charity.example/",
        nations=["england", "wales"],
        audiences=["parents", "young-people"],
        review_by=date(2026, 11, 2),
    )
    factories.phone(edition, "0800 1111", answers="always", purpose="Talk")
    factories.phone(edition, "0800 1111", answers="unknown")
    factories.phone(edition, "85258", is_text=True, answers="office-hours")
    factories.phone(edition, "01632 960003", rows=[([5], "22:00", "02:00", False)], hours_are_about=True)
    for kind in models.OtherWay.Kind.values:
        factories.way(edition, kind, detail="Write to help@charity.example.", url=f"https://charity.example/{kind}")
    factories.way(edition, "textphone", url="", detail="18001 101")
    factories.contact_edition(factories.contact("bare"), audiences=[], checked_on=None, checked_by="", review_by=None)
    factories.contact_edition(factories.contact("ended"), kind="closed")
    factories.concern_edition("grooming", contacts=[edition.contact])
    return edition
