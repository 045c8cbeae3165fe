"""The contacts that ship: numbers of the sources only, and what a person must ring first stays a draft."""

from pathlib import Path

import pytest
import yaml
from django.conf import settings

from reporting.models import ContactEdition, Kind, Phone
from safety_site.editions import EditionState
from safety_site.management.commands.load_content import load_missing
from safety_site.phones import telephone_address

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loaded")]

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "contacts"

# As displayed in the sources (services.yaml, compiled 21 November 2026).
LOCAL_NUMBERS = {
    ("essex", "front-door"): "0345 603 7627",
    ("essex", "out-of-hours"): "0345 606 1212",
    ("southend-on-sea", "front-door"): "01702 215007",
    ("southend-on-sea", "out-of-hours"): "0345 606 1212",
    ("thurrock", "front-door"): "01375 652802",
    ("thurrock", "out-of-hours"): "01375 372468",
}
NATIONAL_NUMBERS = {
    "police-999": ["999"],
    "police-101": ["101"],
    "nhs-111": ["111"],
    "crimestoppers": ["0800 555 111"],
    "report-fraud": ["0300 123 2040"],
    "modern-slavery": ["08000 121 700"],
    "act-early": ["0800 011 3764"],
    "childline": ["0800 1111"],
    "nspcc-helpline": ["0808 800 5000"],
    "stop-it-now": ["0808 1000 900"],
    "revenge-porn-helpline": ["0345 6000 459"],
    "shout": ["85258"],
    "samaritans": ["116 123"],
    "missing-people": ["116 000", "116 000"],
    "runaway-helpline": ["116 000", "116 000"],
}
# The sources say that a person should open or ring these first.
CHECK_FIRST = {
    "report-harmful-content", "posh", "shore", "parents-protect", "the-mix", "papyrus", "family-lives", "youngminds",
    "national-online-safety", "set-camhs", "set-procedures", "vvu", "synergy-essex",
}  # fmt: skip
CLOSED = {"net-aware", "thinkuknow", "zipit", "acpo", "pace", "action-fraud"}


def live():
    return ContactEdition.objects.live().select_related("contact").prefetch_related("phones")


def test_local_numbers_are_those_of_the_sources():
    found = {
        (edition_of.slug, edition.kind): phone.number
        for edition in live().filter(kind__in=[Kind.FRONT_DOOR, Kind.OUT_OF_HOURS])
        for edition_of in edition.authorities.all()
        for phone in edition.phones.all()
    }
    assert found == LOCAL_NUMBERS


def test_number_that_serves_two_councils_is_stored_once():
    assert Phone.objects.filter(number="0345 606 1212").count() == 1


def test_national_numbers_are_those_of_the_sources():
    found = {e.contact.slug: [phone.number for phone in e.phones.all()] for e in live().beyond_councils()}
    assert {slug: numbers for slug, numbers in found.items() if numbers} == NATIONAL_NUMBERS


def test_short_codes_stay_digits():
    short = [telephone_address(n) for numbers in NATIONAL_NUMBERS.values() for n in numbers if n[0] != "0"]
    assert sorted(set(short)) == ["tel:101", "tel:111", "tel:116000", "tel:116123", "tel:85258", "tel:999"]


def test_what_must_be_checked_first_is_an_unpublished_draft_with_a_note():
    drafts = ContactEdition.objects.exclude(state=EditionState.APPROVED)
    assert {edition.contact.slug for edition in drafts} == CHECK_FIRST
    assert [e.contact.slug for e in drafts if not e.editor_note or e.imported_from or e.publish_at] == []


def test_what_closed_is_explained_and_offers_no_number():
    closed = live().filter(kind=Kind.CLOSED)
    assert {edition.contact.slug for edition in closed} == CLOSED
    assert [edition for edition in closed if edition.phones.all()] == []
    assert not live().open_services().filter(contact__slug__in=CLOSED).exists()


def test_no_shipped_contact_claims_to_have_been_checked():
    editions = ContactEdition.objects.all()
    assert [e for e in editions if e.checked_on or e.checked_by or e.approved_by_id] == []
    assert [e for e in live() if not e.imported_from.endswith("21 November 2026")] == []
    assert [e for e in editions if "21 November 2026" not in e.source] == []


def test_every_shipped_contact_says_whom_it_is_for():
    assert [e.contact.slug for e in ContactEdition.objects.all() if not e.audiences.exists()] == []


def test_hours_that_no_good_source_tells_are_unknown():
    unknown = {"nspcc-helpline", "stop-it-now", "missing-people", "runaway-helpline", "modern-slavery", "act-early"}
    editions = live().beyond_councils()
    found = {e.contact.slug for e in editions for phone in e.phones.all() if phone.answers == "unknown"}
    assert found == unknown


def test_loading_again_adds_nothing():
    assert load_missing()[0] == 0


def test_every_slug_of_the_files_is_declared_first():
    rows = {path.name: yaml.safe_load(path.read_text()) for path in sorted(FOLDER.glob("*.yaml"))}
    declared = {row["fields"]["slug"] for row in yaml.safe_load((FOLDER.parent / "00_contacts.yaml").read_text())}
    used = {
        row["fields"]["contact"][0] for file in rows.values() for row in file if row["model"].endswith("contactedition")
    }
    assert declared == used
