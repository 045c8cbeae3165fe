"""The CSV file: its columns, its safety in spreadsheets, and who is in it."""

import csv
import io
from datetime import UTC, datetime

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from reporting.open_csv import COLUMNS, FORMULA_STARTS, national_form, rows, safe_cell
from reporting.open_referral_terms import service_id
from tests.reporting import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def without_limit(settings):
    """Whatever was asked before these tests in the same minute."""
    settings.OPEN_DATA_PER_MINUTE = 1_000_000


PROMISED_COLUMNS = [
    "contact_id", "contact", "name", "kind", "way", "number", "web_address", "detail", "hours",
    "bank_holidays", "hours_note", "what_for", "not_for", "who_for", "coverage", "areas", "area_codes",
    "cost", "anonymity", "languages", "website", "source", "checked_on", "checked_by", "review_by",
    "last_modified",
]  # fmt: skip


def load(response) -> list[dict[str, str]]:
    """The rows as somebody who downloads the file reads them."""
    return list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


def table(client) -> list[dict[str, str]]:
    return load(client.get("/contacts.csv"))


def test_columns_stay_as_promised():
    # A new column goes to the end of this list; nothing here is ever renamed or moved.
    assert list(COLUMNS)[: len(PROMISED_COLUMNS)] == PROMISED_COLUMNS


def test_file_is_csv_in_utf_8_to_download(client):
    response = client.get("/contacts.csv")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="hearthside-contacts.csv"'
    assert response.streaming
    assert response.getvalue().startswith(b"\xef\xbb\xbfcontact_id,contact,name,")


def test_file_without_contacts_has_its_header(client):
    assert client.get("/contacts.csv").getvalue().decode("utf-8-sig") == ",".join(COLUMNS) + "\r\n"


def test_each_number_and_each_other_way_has_a_row(client):
    edition = factories.contact_edition(factories.contact("a-helpline"), name="A helpline", cost="Free")
    factories.phone(edition, "0800 1111", purpose="Talk", answers="always")
    factories.phone(edition, "85258", is_text=True)
    factories.way(edition, "webchat", url="https://charity.example/chat", detail="Evenings.")
    found = table(client)
    assert [(row["way"], row["number"], row["web_address"], row["detail"]) for row in found] == [
        ("phone", "0800 1111", "", "Talk"),
        ("text", "85258", "", ""),
        ("webchat", "", "https://charity.example/chat", "Evenings."),
    ]
    assert {(row["contact"], row["contact_id"], row["name"], row["cost"]) for row in found} == {
        ("a-helpline", service_id("a-helpline"), "A helpline", "Free")
    }


def test_contact_with_a_website_alone_has_a_row(client):
    factories.contact_edition(website="https://charity.example/")
    (row,) = table(client)
    assert (row["way"], row["web_address"], row["website"]) == ("website",) + ("https://charity.example/",) * 2


def test_hours_are_told_in_words(client):
    factories.day_and_night(factories.authority())
    day, night = table(client)
    assert (day["hours"], day["bank_holidays"]) == (
        "Monday to Thursday 09:00 to 17:30; Friday 09:00 to 16:30",
        "Closed on bank holidays",
    )
    assert (night["hours"], night["bank_holidays"]) == (
        "Monday to Thursday 00:00 to 09:00 and 17:30 to midnight; Friday 00:00 to 09:00 and 16:30 to midnight; "
        "Saturday, Sunday all day",
        "Bank holidays: all day",
    )


def test_hours_that_nobody_knows_are_told_as_unknown(client):
    edition = factories.contact_edition(hours_text="The leaflet says daytime.")
    factories.phone(edition, answers="office-hours")
    (row,) = table(client)
    assert (row["hours"], row["hours_note"]) == (
        "In office hours, which we do not know exactly",
        "The leaflet says daytime.",
    )


def test_councils_are_named_with_their_codes(client):
    essex = factories.authority(name="Essex", gss_code="E10000012", tier="county")
    trust = factories.authority(name="Western Trust", nation="northern-ireland", tier="health-trust")
    factories.contact_edition(authorities=[essex, trust])
    (row,) = table(client)
    assert (row["coverage"], row["areas"], row["area_codes"]) == ("authorities", "Essex; Western Trust", "E10000012;")


def test_national_contact_covers_the_united_kingdom(client):
    factories.contact_edition(factories.contact("a"))
    factories.contact_edition(factories.contact("b"), nations=["england", "wales"])
    assert [row["areas"] for row in table(client)] == ["United Kingdom", "England; Wales"]


def test_row_says_where_the_number_was_read_and_who_checked_it(client):
    factories.contact_edition(source="Leaflet, 2026.", audiences=["parents", "professionals"])
    (row,) = table(client)
    assert (row["source"], row["checked_on"], row["checked_by"], row["review_by"], row["who_for"]) == (
        "Leaflet, 2026.", "2026-11-01", "the test team", "2099-01-01", "parents; professionals",
    )  # fmt: skip


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "draft", "publish_at": None},
        {"state": "in-review"},
        {"publish_at": datetime(2090, 1, 1, tzinfo=UTC)},
        {"is_withdrawal": True, "withdrawal_reason": "Gone."},
        {"kind": "closed"},
        {"language": "cy"},
    ],
)
def test_contact_that_is_not_live_is_left_out(client, fields):
    factories.phone(factories.contact_edition(name="HIDDENHERON", **fields), "01632 960009")
    factories.phone(factories.contact_edition(name="Shown"), "01632 960001")
    assert [row["name"] for row in table(client)] == ["Shown"]


# --- Spreadsheets ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1+1", "'+1+1"),
        ("-1", "'-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("＝1+1", "'＝1+1"),
        ("\t=1", "'=1"),
        ("\r=1", "'=1"),
        ("\n=1", "'=1"),
        ("  =1", "'=1"),
        ("\x00=1", "'=1"),
        ("one\ntwo\r\nthree", "one two three"),
        ("0800 1111", "0800 1111"),
        ("9am - 5pm", "9am - 5pm"),
        ("Children’s services", "Children’s services"),
        ("", ""),
    ],
)
def test_cell_is_never_a_formula(text, cell):
    assert safe_cell(text) == cell


@given(st.text())
def test_cell_of_any_text_is_one_line_and_no_formula(text):
    cell = safe_cell(text)
    assert not cell.startswith((*FORMULA_STARTS, "\t", "\r", "\n", " "))
    assert "\n" not in cell
    assert "\r" not in cell


@pytest.mark.parametrize(
    ("published", "shown"),
    [
        ("999", "999"),
        ("101", "101"),
        ("116 123", "116 123"),
        ("85258", "85258"),
        ("0800 1111", "0800 1111"),
        ("0800 555 111", "0800 555 111"),
        ("01375 652802", "01375 652802"),
        ("01375652802", "01375 652802"),
        ("+44 345 603 7627", "0345 603 7627"),
        ("+443456037627", "0345 603 7627"),
        ("18001 101", "18001 101"),
        ("+1 202 555 0123", "00 1 202-555-0123"),
        ("+nonsense", "00nonsense"),
    ],
)
def test_number_is_shown_as_it_is_dialled_here(published, shown):
    assert national_form(published) == shown


def test_formula_in_a_contact_does_not_reach_the_file(client):
    edition = factories.contact_edition(name='=cmd|" /C calc"!A0', what_for="-2+3", website="https://charity.example/")
    factories.phone(edition, "+44 1632 960001", purpose="@home")
    (row,) = table(client)
    assert (row["name"], row["what_for"], row["number"], row["detail"]) == (
        "'=cmd|\" /C calc\"!A0", "'-2+3", "01632 960001", "'@home",
    )  # fmt: skip


# --- The answer -----------------------------------------------------------------------------------------


def test_number_of_queries_does_not_grow(client, django_assert_num_queries):
    factories.day_and_night(factories.authority())
    with django_assert_num_queries(9):
        client.get("/contacts.csv").getvalue()
    for _ in range(2):
        factories.day_and_night(factories.authority())
        factories.way(factories.contact_edition(nations=["wales"]))
    with django_assert_num_queries(9):
        client.get("/contacts.csv").getvalue()


def test_head_has_the_headers_and_no_rows(client):
    factories.contact_edition()
    response = client.head("/contacts.csv")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert response.getvalue() == b""


def test_file_that_has_not_changed_is_not_sent_again(client):
    with time_machine.travel(datetime(2026, 12, 1, 12, tzinfo=UTC)):
        factories.contact_edition()
        modified = client.get("/contacts.csv").headers["Last-Modified"]
        assert client.get("/contacts.csv", headers={"if-modified-since": modified}).status_code == 304
    with time_machine.travel(datetime(2026, 12, 1, 13, tzinfo=UTC)):
        factories.contact_edition(publish_at=datetime(2026, 12, 1, 12, 30, tzinfo=UTC))
        assert len(load(client.get("/contacts.csv", headers={"if-modified-since": modified}))) == 2


def test_file_takes_no_parameter(client):
    response = client.get("/contacts.csv?kind=helpline")
    assert (response.status_code, response.headers["Content-Type"]) == (400, "application/json")
    assert response.json() == {
        "status": 400,
        "error": "We do not know this parameter. This address takes no parameter.",
        "parameter": "kind",
    }


def test_rows_and_header_are_as_wide():
    edition = factories.contact_edition()
    factories.phone(edition)
    assert {len(row) for row in rows([edition])} == {len(COLUMNS)}


def test_browser_that_asks_too_often_gets_a_page(client, settings):
    settings.OPEN_DATA_PER_MINUTE = 1
    with time_machine.travel(datetime(2026, 12, 1, 12, 0, 10, tzinfo=UTC), tick=False):  # both in one minute
        for _ in range(2):
            response = client.get("/contacts.csv", headers={"accept": "text/html,*/*;q=0.8"}, REMOTE_ADDR="192.0.2.50")
    assert (response.status_code, response.headers["Content-Type"]) == (429, "text/html; charset=utf-8")
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert "Please wait" in response.content.decode()


def test_page_about_the_data_names_every_column_and_the_licence(client):
    response = client.get("/contacts/data/")
    page = response.content.decode()
    assert response.status_code == 200
    assert [name for name in COLUMNS if f"<code>{name}</code>" not in page] == []
    assert "Open Government Licence v3.0" in page
    assert 'href="/contacts.csv"' in page
