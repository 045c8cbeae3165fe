"""The gate on contacts and on worries: that somebody can be reached, and who."""

import pytest

from reporting.models import ConcernPoint
from tests.reporting import factories as reporting
from tests.safety_site.newsroom.gate_drafts import faults

pytestmark = pytest.mark.django_db


def test_contact_can_be_reached_and_its_numbers_dialled():
    edition = reporting.contact_edition(state="draft")
    assert faults(edition) == ["Nobody can be reached: there is no number and no other way."]
    phone = reporting.phone(edition, "01632 960001")
    assert faults(edition) == []
    for number, good in {
        "999": 1, "116 123": 1, "+44 1632 960001": 1, "(01632) 960001": 1, "85258": 1,
        "ring us": 0, "0800 CHILD": 0, "12": 0, "01632 960001 ext 2": 0, "44+1632": 0, "0" * 14: 0, "": 0,
    }.items():  # fmt: skip
        type(phone).objects.filter(pk=phone.pk).update(number=number)
        assert len(faults(edition)) == 1 - good, number


def test_contact_that_closed_needs_no_number_and_another_way_is_enough():
    assert faults(reporting.contact_edition(state="draft", kind="closed")) == []
    assert faults(reporting.contact_edition(state="draft", website="https://charity.example/")) == []
    edition = reporting.contact_edition(state="draft")
    reporting.way(edition)
    assert faults(edition) == []


def test_contact_for_some_places_names_them():
    reach = {"state": "draft", "website": "https://charity.example/"}
    for coverage, more in (
        ("authorities", {"authorities": [reporting.authority()]}),
        ("nations", {"nations": ["wales"]}),
    ):
        assert len(faults(reporting.contact_edition(**reach, coverage=coverage))) == 1
        assert faults(reporting.contact_edition(**reach, **more)) == []


def test_contact_needs_a_source():
    edition = reporting.contact_edition(state="draft", website="https://charity.example/", source="  ")
    assert faults(edition) == ["A number without a source."]


def test_worry_says_what_to_do_and_whom_to_contact():
    edition = reporting.concern_edition(state="draft")
    ConcernPoint.objects.create(edition=edition, position=1, kind="sign", words="A sign.")
    assert faults(edition) == ["It does not say what to do now.", "It names nobody to contact."]
    contact = reporting.contact_edition().contact
    edition = reporting.concern_edition("bullying", state="draft", contacts=[contact])
    ConcernPoint.objects.create(edition=edition, position=1, kind="do", words="Listen.")
    assert faults(edition) == []
