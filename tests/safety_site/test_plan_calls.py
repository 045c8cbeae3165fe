"""/plan/: whom to call, with a council or without; and that nothing of the family is kept or told."""

import re

import pytest

from reporting.models import Authority
from tests import factories
from tests.reporting import factories as reporting
from tests.safety_site.family_plans import get, is_form, main, subject
from tests.sweep import Page, words_of

pytestmark = pytest.mark.django_db


# --- Who to call ----------------------------------------------------------------------------------------


@pytest.fixture
def national():
    """The national services that a plan names, with numbers that nobody has."""
    rows = {"police-999": "01632 960999", "police-101": "01632 960101", "childline": "01632 960111"}
    for slug, number in rows.items():
        reporting.phone(reporting.contact_edition(reporting.contact(slug)), number, answers="always")
    reporting.contact_edition(reporting.contact("ceop"), website="https://www.ceop.example/report/")


def calls(page: Page) -> list[str]:
    (block,) = page.with_class("paper-numbers")
    return [words_of(row) for row in block.iter("dd")]


def test_numbers_come_from_the_database(client, national):
    factories.age_band("teen")
    assert calls(get(client, "/plan/?age=teen")) == [
        "01632 960999 Ask for the police.", "01632 960101 Day and night.", "01632 960111 Day and night.",
        "ceop.example/report", "",
    ]  # fmt: skip


def test_plan_says_999_whatever_the_database_holds(client):
    factories.age_band("teen")
    assert calls(get(client, "/plan/?age=teen")) == ["999 Ask for the police.", ""]


def test_council_puts_its_numbers_on_the_plan_by_day_and_by_night(client, national):
    factories.age_band("teen")
    place = reporting.authority("barset", name="Barset")
    reporting.day_and_night(place)
    page = get(client, "/plan/?age=teen&council=barset")
    assert [call.split()[:2] for call in calls(page)][1:3] == [["01632", "960001"], ["01632", "960002"]]
    assert "Who to call in Barset" in main(page)
    assert "Local number" not in [words_of(label) for label in page.all("dt")]


def test_district_gets_the_numbers_of_its_county(client):
    factories.age_band("teen")
    county = reporting.authority("barset", name="Barset")
    reporting.authority("hamlet", name="Hamlet", county=county)
    reporting.day_and_night(county)
    assert "01632 960001" in main(get(client, "/plan/?age=teen&council=hamlet"))


def test_council_without_numbers_leaves_a_line_to_write_on(client):
    factories.age_band("teen")
    reporting.authority("barset", name="Barset")
    page = get(client, "/plan/?age=teen&council=barset")
    assert "We have no checked number for Barset Council yet." in main(page)
    assert "Local number" in [words_of(label) for label in page.all("dt")]


@pytest.mark.parametrize("council", ["nowhere", "", "%00", "<b>", "x" * 3_000, "SS2%206ER"])
def test_council_that_is_none_of_ours_counts_as_no_choice(client, council):
    factories.age_band("teen")
    page = get(client, f"/plan/?age=teen&council={council}")
    assert words_of(next(e for e in page.all("h2") if e.get("id") == "who-to-call")) == "Who to call"


def test_page_of_a_council_leads_to_a_plan_with_its_numbers(client):
    place = reporting.authority("barset")
    reporting.day_and_night(place)
    assert "http://testserver/plan/?council=barset" in get(client, "/contacts/barset/").links
    form = get(client, "/plan/?council=barset")
    assert is_form(form)
    assert Authority.objects.get(slug="barset").name in [
        words_of(option) for option in form.all("option") if option.get("selected") is not None
    ]


# --- Privacy --------------------------------------------------------------------------------------------


def test_filled_plans_are_no_pages_for_search_engines(client):
    factories.age_band("teen")
    plan, form = client.get("/plan/?age=teen"), client.get("/plan/")
    assert plan.headers["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in plan.content.decode()
    assert "X-Robots-Tag" not in form.headers


def test_plan_sets_no_cookie_and_has_the_exit(client):
    factories.age_band("teen")
    for address in ("/plan/", "/plan/?age=teen"):
        response = client.get(address)
        assert not response.cookies
        assert 'id="quick-exit"' in response.content.decode()
        assert response.headers["Cache-Control"] == "no-store"


def test_what_prints_does_not_name_the_worry(client):
    """A plan hangs where everybody at home reads it."""
    band = factories.age_band("teen")
    subject("grooming-topic", [band], area="wrong", concern="grooming")
    page = get(client, "/plan/?age=teen&worry=grooming")
    (article,) = page.with_class("paper")

    def printed(element) -> str:
        if "no-print" in element.get("class", "").split():
            return ""
        return (element.text or "") + "".join(printed(child) + (child.tail or "") for child in element)

    assert "grooming-topic words 1?" in printed(article)
    without_words = printed(article).replace("grooming-topic words 1?", "")
    assert not re.search(r"groom|exit|abuse", without_words, re.IGNORECASE)
    assert "Grooming-topic" in main(page)
