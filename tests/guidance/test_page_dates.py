"""When a page was checked, when it appears and when it goes; and what is not there."""

import re
from datetime import UTC, date, datetime

import pytest
import time_machine

from tests import factories
from tests.guidance.page_text import LISTS, main_part, page, words

pytestmark = pytest.mark.django_db


# --- When it was checked --------------------------------------------------------------------------------


def review_note(client, address: str) -> str:
    return words(re.search(r'<section class="review.*?</section>', page(client, address), re.DOTALL)[0])


KINDS = [factories.topic_edition, factories.app_edition, factories.control_edition]


@pytest.mark.parametrize("make", KINDS)
def test_page_past_its_review_date_carries_a_mark(client, make):
    checked = {"checked_on": date(2026, 11, 22), "checked_by": "the editors", "review_by": date(2027, 2, 22)}
    address = make(**checked).get_absolute_url()
    with time_machine.travel(datetime(2027, 2, 22, 23, 59, tzinfo=UTC), tick=False):
        assert review_note(client, address) == (
            "Checked on 22 November 2026 by the editors. We will check it again by 22 February 2027."
        )
    with time_machine.travel(datetime(2027, 2, 23, tzinfo=UTC), tick=False):
        assert review_note(client, address) == (
            "Check overdue We last checked this page on 22 November 2026 and should have checked it again by "
            "22 February 2027. Some details may have changed."
        )


@pytest.mark.parametrize("make", KINDS)
def test_page_that_nobody_checked_says_so(client, make):
    edition = make(checked_on=None, checked_by="", review_by=None)
    assert review_note(client, edition.get_absolute_url()).startswith("Not checked yet ")


@pytest.mark.parametrize("address", ["/", "/topics/", "/age/teen/", "/talk/"])
def test_list_carries_the_mark_of_its_oldest_row(client, address):
    teen = factories.age_band("teen")
    old = {"checked_on": date(2026, 1, 1), "checked_by": "the editors", "review_by": date(2026, 6, 1)}
    factories.topic_edition(age_bands=[teen], **old)
    factories.topic_edition(age_bands=[teen])
    with time_machine.travel(datetime(2026, 12, 1, tzinfo=UTC)):
        assert review_note(client, address).startswith("Check overdue We last checked this page on 1 January 2026")


# --- Scheduled, withdrawn, missing ----------------------------------------------------------------------


@pytest.mark.parametrize("make", KINDS)
def test_page_appears_and_changes_on_time(client, make):
    word = {factories.topic_edition: "title", factories.app_edition: "name"}.get(make, "provider")
    first = make(publish_at=datetime(2026, 12, 1, 9, tzinfo=UTC), **{word: "The first"})
    make(first.thing, publish_at=datetime(2026, 12, 2, 9, tzinfo=UTC), **{word: "The second"})
    address = first.get_absolute_url()
    for moment, seen in (
        (datetime(2026, 12, 1, 8, 59, 59, tzinfo=UTC), None),
        (datetime(2026, 12, 1, 9, tzinfo=UTC), "The first"),
        (datetime(2026, 12, 2, 8, 59, 59, tzinfo=UTC), "The first"),
        (datetime(2026, 12, 2, 9, tzinfo=UTC), "The second"),
    ):
        with time_machine.travel(moment, tick=False):
            text = page(client, address, 200 if seen else 404)
        assert re.findall(r"<h1>(The \w+)", text) == ([seen] if seen else [])


@pytest.mark.parametrize("make", KINDS)
def test_withdrawn_page_is_410_with_the_reason_and_the_way_on(client, make):
    edition = make()
    factories.withdrawal(edition, reason="The app has closed.", withdrawal_instead="/apps/")
    text = main_part(page(client, edition.get_absolute_url(), 410))
    assert words(text) == "This page has been taken down The app has closed. See this page instead"
    assert 'href="/apps/"' in text


def test_withdrawn_page_without_another_leads_home(client):
    edition = factories.topic_edition()
    factories.withdrawal(edition, reason="<b>It was wrong.</b>")
    text = main_part(page(client, edition.get_absolute_url(), 410))
    assert "&lt;b&gt;It was wrong." in text
    assert 'href="/">Go to the home page' in text


def test_withdrawn_page_is_in_no_list(client):
    teen = factories.age_band("teen")
    edition = factories.topic_edition(title="Withdrawn", age_bands=[teen], area="risk")
    factories.withdrawal(edition, title="Withdrawn")
    for address in (*LISTS, "/age/teen/", "/sitemap.xml"):
        assert edition.topic.slug not in page(client, address)


@pytest.mark.parametrize(
    "address", ["/topics/x/", "/apps/x/", "/parental-controls/x/", "/age/teen/", "/for/x/", "/topics/x", "/topics/X Y/"]
)
def test_what_is_not_there_is_404(client, address):
    assert client.get(address, follow=True).status_code == 404
