"""The contacts that ship with the site, as open data: every number is there, and each answer has the right shape."""

import csv
import io
import re

import pytest

from reporting.models import ContactEdition, Kind, Phone
from reporting.open_referral_terms import service_id
from tests.reporting.open_referral_feed import get
from tests.reporting.open_referral_schema import LISTS, WHOLE, faults, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def without_limit(loaded, db, settings):
    settings.OPEN_DATA_PER_MINUTE = 1_000_000


def numbers_that_readers_see() -> set[tuple[str, str]]:
    """Every number of every live contact that is open, as digits, with the contact's slug."""
    phones = Phone.objects.filter(edition__in=ContactEdition.objects.live().open_services())
    return {(phone.edition.contact.slug, digits(phone.number)) for phone in phones.select_related("edition__contact")}


def digits(number: str) -> str:
    return re.sub(r"\D", "", number)


def test_every_number_is_in_the_file(client):
    text = client.get("/contacts.csv").getvalue().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    found = {(row["contact"], digits(row["number"])) for row in rows if row["number"]}
    assert len(found) > 10
    assert found == numbers_that_readers_see()
    assert {"999", "101", "08001111", "03456061212"} <= {number for _, number in found}


def test_every_number_is_in_the_feed(client):
    services = get(client, "/services", full="true", per_page=100)
    assert services["last_page"]
    slugs = {service_id(slug): slug for slug in ContactEdition.objects.values_list("contact__slug", flat=True)}
    found = {(slugs[row["id"]], digits(phone["number"])) for row in services["contents"] for phone in row["phones"]}
    assert found == numbers_that_readers_see()


def test_closed_services_are_in_the_feed_without_a_number(client):
    closed = ContactEdition.objects.live().filter(kind=Kind.CLOSED).count()
    gone = [
        row for row in get(client, "/services", full="true", per_page=100)["contents"] if row["status"] == "defunct"
    ]
    assert len(gone) == closed > 0
    assert [row["name"] for row in gone if row["phones"] or "url" in row] == []


def test_everything_is_as_the_standard_asks(client):
    found = {}
    for path, in_list in LISTS.items():
        found[path] = faults(get(client, f"/{path}", per_page=100), page_of(in_list))
    for path in ("services", "service_at_locations", "organizations"):
        found[f"{path} in full"] = faults(get(client, f"/{path}", full="true", per_page=100), page_of(WHOLE[path]))
    assert {path: wrong for path, wrong in found.items() if wrong} == {}
