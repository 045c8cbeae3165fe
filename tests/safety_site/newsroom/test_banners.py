"""Emergency banners: where and when readers see them, and what the database holds."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from reporting.models import Outcode
from safety_site import freshness, unchanged
from safety_site.banners import showing
from safety_site.models import EmergencyBanner
from tests import factories
from tests.reporting import factories as reporting
from tests.safety_site.newsroom.banner_rows import NOON, banner, page

pytestmark = pytest.mark.django_db


# --- What readers see -----------------------------------------------------------------------------------


def test_banner_stands_below_the_exit_as_escaped_text(client, fresh_banners):
    banner("<b>Run</b> & hide", level="danger", link="/talk/", link_words="Talk <now>")
    text = page(client)
    assert "<strong>Danger: act now</strong> &lt;b&gt;Run&lt;/b&gt; &amp; hide" in text
    assert '<a href="/talk/">Talk &lt;now&gt;</a>' in text
    assert text.index('id="quick-exit"') < text.index('class="banners"') < text.index('class="masthead"')
    assert '<section class="banners" aria-label="Important now">' in text
    assert 'role="alert"' not in text


def test_page_without_a_banner_has_no_region(client, fresh_banners):
    assert "banners" not in page(client)


def test_most_urgent_comes_first_then_the_newest_and_three_at_most(fresh_banners):
    for hour, level in enumerate(["news", "warning", "danger", "warning", "news"]):
        banner(f"{level} {hour}", level=level, starts_at=factories.PUBLISHED_AT + timedelta(hours=hour))
    assert [each.words for each in showing()] == ["danger 2", "warning 3", "warning 1"]


def test_only_approved_banners_show(client, fresh_banners):
    banner("NOTYET", is_approved=False)
    assert "NOTYET" not in page(client)


def test_banner_begins_and_ends_on_the_second_without_reading_again(fresh_banners):
    banner(starts_at=NOON, ends_at=NOON + timedelta(hours=1))
    second = timedelta(seconds=1)
    with time_machine.travel(NOON - timedelta(days=1), tick=False):
        fresh_banners.keep(EmergencyBanner.objects.all())
    moments = [NOON - second, NOON, NOON + timedelta(hours=1) - second, NOON + timedelta(hours=1)]
    assert [len(showing(at=moment)) for moment in moments] == [0, 1, 1, 0]


def test_council_banner_shows_on_pages_of_the_council_and_of_its_districts_only(client, fresh_banners):
    county = reporting.authority("the-county", tier="county")
    reporting.authority("the-district", county=county)
    reporting.authority("elsewhere")
    banner("COUNTY WORDS", council="the-county")
    banner("DISTRICT WORDS", council="the-district")
    banner("SITE WORDS")
    pages = {
        "/contacts/the-county/": {"COUNTY", "SITE"},
        "/contacts/the-county/?matched=1": {"COUNTY", "SITE"},
        "/contacts/the-district/": {"COUNTY", "DISTRICT", "SITE"},
        "/contacts/elsewhere/": {"SITE"},
        "/contacts/the-county/card/": {"SITE"},
        "/contacts/the-county/poster/": {"SITE"},
        "/contacts/the-county/contact.vcf": set(),
        "/": {"SITE"},
        "/contacts/": {"SITE"},
    }
    found = {
        address: {word for word in ("COUNTY", "DISTRICT", "SITE") if f"{word} WORDS" in page(client, address)}
        for address in pages
    }
    assert found == pages


def test_answer_to_a_postcode_shows_the_banner_of_its_council(client, fresh_banners):
    council = reporting.authority("the-place")
    Outcode.objects.create(outcode="M1", authority=council, live_postcodes=5)
    banner("PLACE WORDS", council="the-place")
    answer = client.post("/contacts/find/", {"postcode": "M1 1AA"})
    assert (answer.status_code, "PLACE WORDS" in answer.content.decode()) == (200, True)
    led_on = client.post("/contacts/find/", {"postcode": "M1"})
    assert led_on.status_code == 303
    assert "PLACE WORDS" in page(client, led_on["Location"])
    elsewhere = client.post("/contacts/find/", {"postcode": "JE2 3AB"})
    assert "PLACE WORDS" not in elsewhere.content.decode()


def test_error_pages_have_no_banner_and_ask_no_database(client, fresh_banners):
    banner("SITE WORDS")
    client.raise_request_exception = False
    asked = {
        404: lambda: client.get("/no/such/page/"),
        400: lambda: client.get("/", headers={"host": "elsewhere.example"}),
        405: lambda: client.post("/about/"),
        414: lambda: client.get("/", {"q": "x" * 4_000}),
    }
    for status, ask in asked.items():
        with CaptureQueriesContext(connection) as queries:
            response = ask()
        assert (response.status_code, len(queries)) == (status, 0)
        assert "SITE WORDS" not in response.content.decode()


def refuse(*args):
    raise OperationalError("the database has gone away")


def test_page_is_shown_when_the_banners_cannot_be_read(client, fresh_banners):
    client.raise_request_exception = False
    with connection.execute_wrapper(refuse):
        assert client.get("/about/").status_code == 200
        assert client.get("/").status_code == 500  # its own rows
    fresh_banners.forget()
    banner("KNOWN BEFORE")
    assert "KNOWN BEFORE" in page(client)
    fresh_banners.keep(fresh_banners.rows(), seconds=-1)
    with connection.execute_wrapper(refuse):
        assert "KNOWN BEFORE" in page(client)


@pytest.mark.django_db(transaction=True)
def test_page_is_shown_when_the_table_is_not_there(client, fresh_banners):
    table = EmergencyBanner._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO put_aside")
    try:
        response = client.get("/privacy/")
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE put_aside RENAME TO {table}")
    assert response.status_code == 200


def test_banners_cost_one_query_in_two_seconds(client, fresh_banners):
    banner()
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as queries:
            page(client)
        counts.append(len(queries))
    assert counts == [1, 0, 0]
    fresh_banners.keep(fresh_banners.rows(), seconds=-1)
    with CaptureQueriesContext(connection) as queries:
        page(client)
    assert len(queries) == 1


def test_failing_database_is_not_asked_on_every_page(client, fresh_banners):
    asked = []

    def count_and_refuse(*args):
        asked.append(1)
        refuse()

    with connection.execute_wrapper(count_and_refuse):
        for _ in range(3):
            assert client.get("/about/").status_code == 200
    assert len(asked) == 1


def test_banner_shows_as_soon_as_the_version_can_be_read_again(client, fresh_banners, monkeypatch):
    watched = unchanged.Kept()
    monkeypatch.setattr(unchanged, "kept", watched)
    watched.known = "before"
    with connection.execute_wrapper(refuse):
        assert "NEW" not in page(client)
    assert fresh_banners.is_failing
    banner("NEW")
    assert "NEW" not in page(client)  # nothing says that the database is back
    watched.known = "after"
    assert "NEW" in page(client)
    assert not fresh_banners.is_failing


def test_page_made_without_banners_holds_for_two_seconds(fresh_banners):
    with freshness.rendering(freshness.Mode.BOTH) as kept, connection.execute_wrapper(refuse):
        assert showing(at=NOON) == []
    assert kept.until == NOON + timedelta(seconds=2)


# --- What the database holds ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "good"),
    [
        ({}, True),
        ({"ends_at": factories.PUBLISHED_AT + timedelta(hours=1)}, True),
        ({"ends_at": factories.PUBLISHED_AT}, False),
        ({"link": "/talk/", "link_words": "Talk"}, True),
        ({"link": "/talk/"}, False),
        ({"link": "//a.example/", "link_words": "Away"}, False),
        ({"link": "https://a.example/", "link_words": "Away"}, False),
    ],
)
def test_database_holds_the_rules(fields, good):
    if good:
        assert banner(**fields).pk
    else:
        with pytest.raises(IntegrityError), transaction.atomic():
            banner(**fields)


def test_author_is_never_the_approver():
    author = factories.editor()
    with pytest.raises(IntegrityError), transaction.atomic():
        banner(author=author, approved_by=author)
