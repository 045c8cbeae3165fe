"""The Open Referral feed: what it says of each service, and that it says so in the shape of the standard."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from reporting import models
from reporting.open_referral_terms import TERMS, service_id, taxonomy_id
from tests.reporting import factories
from tests.reporting.open_referral_feed import FEED, NOBODY, a_bit_of_everything, get
from tests.reporting.open_referral_schema import LISTS, ROOT, WHOLE, faults, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def plenty(settings):
    """No test but those of the limit comes near it."""
    settings.OPEN_DATA_PER_MINUTE = 1_000_000


# --- Shape ----------------------------------------------------------------------------------------------


def test_root_says_which_standard(client):
    root = get(client, "/")
    assert faults(root, ROOT) == []
    assert root["openapi_url"] == "https://families.example/api/oruk/openapi.json"


@pytest.mark.parametrize("path", LISTS)
def test_list_is_as_the_standard_asks(client, path):
    a_bit_of_everything()
    page = get(client, f"/{path}")
    assert page["size"] >= 3
    assert faults(page, page_of(LISTS[path])) == []


@pytest.mark.parametrize("path", LISTS)
def test_list_without_contacts_is_as_the_standard_asks(client, path):
    assert faults(get(client, f"/{path}"), page_of(LISTS[path])) == []


@pytest.mark.parametrize("path", WHOLE)
def test_each_of_a_list_is_as_the_standard_asks(client, path):
    a_bit_of_everything()
    found = {row["id"]: get(client, f"/{path}/{row['id']}") for row in get(client, f"/{path}")["contents"]}
    assert {key: faults(row, WHOLE[path]) for key, row in found.items() if faults(row, WHOLE[path])} == {}
    assert all(row["id"] == key for key, row in found.items())


@pytest.mark.parametrize("path", ["services", "service_at_locations", "organizations"])
def test_full_list_holds_what_each_address_holds(client, path):
    a_bit_of_everything()
    page = get(client, f"/{path}", full="true")
    assert faults(page, page_of(WHOLE[path])) == []
    assert page["contents"] == [get(client, f"/{path}/{row['id']}") for row in page["contents"]]


def test_no_value_is_null(client):
    a_bit_of_everything()
    for path in ("services", "service_at_locations", "organizations"):
        assert "null" not in client.get(f"{FEED}/{path}?full=true").content.decode()


def ids(value) -> list[str]:
    """The id of everything in an answer; what stands in it twice has the same one twice."""
    if isinstance(value, list):
        return [found for item in value for found in ids(item)]
    if isinstance(value, dict):
        return [value["id"]] * ("id" in value) + [found for item in value.values() for found in ids(item)]
    return []


def test_things_of_one_service_have_ids_of_their_own(client):
    row = get(client, f"/services/{service_id(a_bit_of_everything().contact.slug)}")
    for name in ("phones", "schedules", "service_areas", "attributes", "additional_urls"):
        found = [thing["id"] for thing in row[name]]
        assert len(set(found)) == len(found) > 0


def test_ids_stay_in_another_edition_and_another_database(client):
    thing = factories.contact("childline")
    factories.phone(factories.contact_edition(thing), "0800 1111", answers="always")
    before = ids(get(client, f"/services/{service_id('childline')}"))
    factories.phone(
        factories.contact_edition(thing, publish_at=datetime(2021, 1, 1, tzinfo=UTC)), "0800 1111", answers="always"
    )
    assert ids(get(client, f"/services/{service_id('childline')}")) == before
    # The promise itself: this very id has been given away.
    assert service_id("childline") == "c0f65824-4d39-54d9-b571-b53d0a1397d7"


# --- Services -------------------------------------------------------------------------------------------


def test_service_has_its_numbers_and_their_purposes(client):
    edition = factories.contact_edition(factories.contact("a"))
    factories.phone(edition, "116 123", purpose="Talk", answers="always")
    factories.phone(edition, "85258", is_text=True)
    phones = get(client, f"/services/{service_id('a')}")["phones"]
    assert [(phone["number"], phone["type"], phone["description"]) for phone in phones] == [
        ("116 123", "voice", "Talk. Day and night, every day. Open on bank holidays"),
        ("85258", "text", "We do not know. We do not know what happens on bank holidays"),
    ]


@time_machine.travel(datetime(2026, 11, 22, 12, tzinfo=UTC), tick=False)
def test_schedules_tell_weekdays_and_bank_holidays(client):
    factories.day_and_night(factories.authority())
    day, night = sorted(get(client, "/services", full="true")["contents"], key=lambda service: service["name"])

    def lines(service, count=None):
        keys = ("freq", "byday", "opens_at", "closes_at", "valid_from", "valid_to")
        return [tuple(line.get(key, "") for key in keys) for line in service["schedules"]][:count]

    since = "2020-01-01"
    assert lines(day) == [
        ("WEEKLY", "MO,TU,WE,TH", "09:00", "17:30", since, ""),
        ("WEEKLY", "FR", "09:00", "16:30", since, ""),
    ]
    assert "Closed on bank holidays." in day["schedules"][0]["description"]
    assert lines(night, 8) == [
        ("WEEKLY", "MO,TU,WE,TH,FR", "00:00", "09:00", since, ""),
        ("WEEKLY", "MO,TU,WE,TH", "17:30", "00:00", since, ""),
        ("WEEKLY", "FR", "16:30", "00:00", since, ""),
        ("WEEKLY", "SA,SU", "00:00", "23:59", since, ""),
        ("", "", "", "", since, ""),
        ("WEEKLY", "FR", "00:00", "23:59", "2026-12-25", "2026-12-25"),
        ("WEEKLY", "SA", "00:00", "23:59", "2026-12-26", "2026-12-26"),
        ("WEEKLY", "MO", "00:00", "23:59", "2026-12-28", "2026-12-28"),
    ]


@time_machine.travel(datetime(2026, 11, 22, 12, tzinfo=UTC), tick=False)
def test_schedules_tell_days_that_are_bank_holidays_wherever_a_service_helps(client):
    essex, fife = factories.authority("essex"), factories.authority("fife", nation="scotland")
    models.ClosedDay.objects.create(on=date(2026, 12, 1), authority=essex, reason="Essex alone")
    models.ClosedDay.objects.create(on=date(2026, 12, 2), reason="Everywhere")
    models.ClosedDay.objects.create(on=date(2026, 12, 3), nation="scotland", reason="Scotland alone")
    for slug, places in (("one", [essex]), ("two", [essex, fife])):
        edition = factories.contact_edition(factories.contact(slug), authorities=places)
        factories.phone(edition, rows=[([7], "10:00", "12:00")])

    def days(slug):
        found = get(client, f"/services/{service_id(slug)}")["schedules"]
        return [line["valid_to"] for line in found if line.get("valid_to", "9") < "2027-01-03"]

    assert days("one") == ["2026-12-01", "2026-12-02", "2026-12-25", "2026-12-26", "2026-12-28", "2027-01-01"]
    # 30 November is a holiday in Scotland alone.
    assert days("two") == ["2026-12-02", "2026-12-25", "2026-12-26", "2026-12-28", "2027-01-01"]


def test_schedule_of_unknown_hours_has_words_and_no_times(client):
    factories.phone(factories.contact_edition(factories.contact("a")), "01632 960001", answers="outside-office-hours")
    (line,) = get(client, f"/services/{service_id('a')}")["schedules"]
    assert line.keys().isdisjoint({"freq", "byday", "opens_at", "closes_at"})
    assert line["description"] == (
        "01632 960001: Outside office hours, which we do not know exactly. Open all day on bank holidays."
    )


def test_hours_that_are_not_sure_have_words_and_no_times(client):
    edition = factories.contact_edition(factories.contact("a"), hours_text="One copy says 8.45am, another says 9am.")
    factories.phone(edition, rows=[([0], "08:45", "09:00", False), ([0], "09:00", "17:30")], hours_are_about=True)
    unsure, sure, told = get(client, f"/services/{service_id('a')}")["schedules"]
    assert (unsure["description"], unsure.get("opens_at"), unsure.get("byday")) == (
        "01632 960001: About Monday 08:45 to 09:00 (perhaps). We do not know what happens on bank holidays.", None, None
    )  # fmt: skip
    assert (sure["opens_at"], sure["closes_at"]) == ("09:00", "17:30")
    assert told["description"] == "One copy says 8.45am, another says 9am."


def test_service_areas_name_councils_nations_or_the_united_kingdom(client):
    essex = factories.authority(name="Essex", gss_code="E10000012")
    factories.contact_edition(factories.contact("a"), authorities=[essex])
    factories.contact_edition(factories.contact("b"), nations=["scotland", "wales"])
    factories.contact_edition(factories.contact("c"))
    rows = get(client, "/services", full="true")["contents"]
    assert [[(area["name"], area["extent"]) for area in row["service_areas"]] for row in rows] == [
        [("Essex", "Essex (GSS code E10000012)")],
        [("Scotland", "Scotland"), ("Wales", "Wales")],
        [("United Kingdom", "United Kingdom")],
    ]


def test_service_says_when_it_was_checked_and_that_a_check_is_late_or_missing(client):
    factories.contact_edition(factories.contact("a"))
    factories.contact_edition(factories.contact("b"), review_by=date(2026, 11, 2))
    factories.contact_edition(factories.contact("c"), checked_on=None, checked_by="", review_by=None)
    in_time, late, never = get(client, "/services")["contents"]
    assert (in_time["assured_date"], in_time["source"], in_time.get("alert")) == (
        "2026-11-01", "A leaflet, read 21 November 2026.", None,
    )  # fmt: skip
    assert late["alert"] == "We meant to check this entry again by 2026-11-02 and have not yet."
    assert "assured_date" not in never
    assert never["alert"].startswith("Nobody has checked this entry for this site yet.")


def test_closed_service_is_defunct_and_offers_no_way_to_reach_it(client):
    edition = factories.contact_edition(factories.contact("a"), kind="closed", website="https://charity.example/")
    factories.phone(edition)
    factories.way(edition)
    row = get(client, f"/services/{service_id('a')}")
    assert row["status"] == "defunct"
    assert (row["phones"], row["schedules"], row["additional_urls"], row.get("url")) == ([], [], [], None)
    assert row["organization"]["phones"] == []


def test_email_address_is_read_from_the_words(client):
    edition = factories.contact_edition()
    factories.way(edition, "email", url="", detail="Write to help@charity.example, day or night.")
    assert get(client, "/services")["contents"][0]["email"] == "help@charity.example"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"state": "draft", "publish_at": None}, 404),
        ({"state": "in-review"}, 404),
        ({"publish_at": datetime(2090, 1, 1, tzinfo=UTC)}, 404),
        ({"language": "cy"}, 404),
        ({"is_withdrawal": True, "withdrawal_reason": "The line was shut."}, 410),
    ],
)
def test_contact_that_is_not_live_is_in_no_answer(client, fields, status):
    edition = factories.contact_edition(factories.contact("hidden"), name="HIDDENHERON", **fields)
    factories.phone(edition)
    for path in ("services", "service_at_locations", "organizations"):
        assert get(client, f"/{path}")["contents"] == []
    response = client.get(f"{FEED}/services/{service_id('hidden')}")
    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/json")
    assert "HIDDENHERON" not in response.content.decode()
    assert status == 404 or response.json()["error"] == "The line was shut."


# --- Organizations --------------------------------------------------------------------------------------


def test_team_of_one_council_is_run_by_the_council(client):
    essex = factories.authority(name="Essex", council_name="Essex County Council", gss_code="E10000012")
    factories.day_and_night(essex)
    (row,) = get(client, "/organizations")["contents"]
    assert row["name"] == "Essex County Council"
    whole = get(client, f"/organizations/{row['id']}")
    assert [(one["identifier_type"], one["identifier"]) for one in whole["organization_identifiers"]] == [
        ("GSS code", "E10000012")
    ]
    assert sorted(phone["number"] for phone in whole["phones"]) == ["01632 960001", "01632 960002"]
    assert sorted(one["name"] for one in whole["services"]) == ["Daytime team", "Emergency duty team"]


def test_team_of_several_councils_stands_for_itself(client):
    places = [factories.authority(name="Essex"), factories.authority(name="Southend")]
    factories.contact_edition(authorities=places, kind="out-of-hours", name="Duty team")
    (row,) = get(client, "/organizations")["contents"]
    assert (row["name"], row["description"]) == ("Duty team", "It serves Essex and Southend.")


def test_organization_can_carry_its_services_in_full(client):
    a_bit_of_everything()
    (row,) = get(client, "/organizations", search="essex county", full_service="true")["contents"]
    assert row["services"] == [get(client, f"/services/{one['id']}") for one in row["services"]]
    assert row == get(client, f"/organizations/{row['id']}", full_service="true")


# --- Taxonomies -----------------------------------------------------------------------------------------


def test_taxonomies_are_our_three_lists(client):
    found = get(client, "/taxonomies")["contents"]
    assert [row["name"] for row in found] == ["Kind of contact", "Who may use it", "What has happened"]
    whole = get(client, f"/taxonomies/{taxonomy_id('audience')}")
    assert [term["code"] for term in whole["taxonomy_terms"]] == ["parents", "young-people", "professionals"]


def test_terms_can_be_narrowed_to_a_taxonomy(client):
    assert get(client, "/taxonomy_terms", taxonomy_id=taxonomy_id("audience"))["total_items"] == 3
    assert get(client, "/taxonomy_terms", taxonomy_id=NOBODY)["total_items"] == 0
    assert get(client, "/taxonomy_terms", parent_id=NOBODY)["total_items"] == 0
    assert get(client, "/taxonomy_terms", top_only="true")["total_items"] == len(TERMS)
    assert [row["code"] for row in get(client, "/taxonomy_terms", search="blackmail")["contents"]] == ["blackmail"]
