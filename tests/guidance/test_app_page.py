"""What a visitor finds on the page of an app, open or closed."""

import re

import pytest

from guidance.models import AppFeature, AppRating, AppRisk, SettingStep
from tests import factories
from tests.guidance.page_text import headings, main_part, page, parts, words

pytestmark = pytest.mark.django_db

CLOSED = {"status": "closed", "status_since": "October 2021", "status_note": "Its makers ended it."}


def test_closed_app_says_since_when_and_what_to_look_out_for(client):
    edition = factories.app_edition(name="Houseparty", description="<p>Beware of copies.</p>", **CLOSED)
    factories.app_parts(edition, 1)
    text = page(client, edition.get_absolute_url())
    assert "<title>Houseparty (closed): what became of it - Hearthside</title>" in text
    assert "It has been closed since October 2021. Its makers ended it." in words(main_part(text))
    assert headings(text)[0] == "Houseparty is closed"
    assert "What to look out for now" in headings(text)


def test_closed_app_offers_nothing_to_do_with_it(client):
    edition = factories.app_edition(family_tool_name="Family tool", family_tool_does="It links accounts.", **CLOSED)
    factories.app_parts(edition, 1)
    text = main_part(page(client, edition.get_absolute_url()))
    assert "Minimum age" not in text
    assert set(headings(text)) & {"Family tool", "How private it is at the start", "Words to begin with"} == set()


def test_closed_app_is_listed_apart_and_not_on_the_home_or_age_page(client):
    teen = factories.age_band("teen")
    factories.app_edition(name="Houseparty", age_bands=[teen], **CLOSED)
    factories.app_edition(name="YouTube", age_bands=[teen])
    assert main_part(page(client, "/apps/")).count("is-closed") == 1
    assert headings(page(client, "/apps/")) == ["Closed, or no longer sure"]
    for address in ("/", "/age/teen/", "/talk/"):
        assert "Houseparty" not in page(client, address)


def test_unconfirmed_app_says_so(client):
    edition = factories.app_edition(name="Zipit", status="unconfirmed", status_note="Last seen in 2017.")
    text = page(client, edition.get_absolute_url())
    assert headings(text)[0] == "We could not confirm that Zipit still works"
    assert "Last seen in 2017." in words(text)


def test_what_is_not_known_of_an_app_is_said(client):
    edition = factories.app_edition(minimum_age=None)
    AppRating.objects.create(edition=edition, scheme="apple", rating="")
    said = parts(main_part(page(client, edition.get_absolute_url())))
    assert "Minimum age not confirmed Why" in said
    assert re.findall(r"(Its own terms|Apple App Store|Google Play|PEGI) We could not confirm it", said) == [
        "Its own terms", "Apple App Store", "Google Play", "PEGI",
    ]  # fmt: skip
    assert said.count(": we could not confirm") == len(AppFeature.Feature)
    assert "It has no family tool that we know of." in said


def test_first_screen_of_an_app_has_its_age_three_worries_and_three_settings(client):
    edition = factories.app_edition(minimum_age=13, minimum_age_as_of="2026")
    for position in range(1, 6):
        AppRisk.objects.create(edition=edition, position=position, words=f"Worry {position}")
        SettingStep.objects.create(edition=edition, position=position, setting=f"Setting {position}", as_of="May 2026")
    text = main_part(page(client, edition.get_absolute_url()))
    first = re.search(r'<div class="first-screen">.*?</div>', text, re.DOTALL)[0]
    assert parts(first) == (
        "Minimum age 13 All ratings What to worry about Worry 1 Worry 2 Worry 3 "
        "Change these three first Setting 1 Setting 2 Setting 3"
    )
    assert re.findall(r'href="#(setting-\d)"', first) == re.findall(r'<li id="(setting-\d)">', text)[:3]
    assert words(text).count("as of May 2026") == 5
    assert re.search(r"Worry about these too</h2>\s*<ul class=.risk-list.><li>Worry 4</li><li>Worry 5</li></ul>", text)


def test_app_page_tells_four_ages_apart_each_with_its_date(client):
    edition = factories.app_edition(minimum_age=13, minimum_age_as_of="2026", minimum_age_note="Says its terms.")
    AppRating.objects.create(edition=edition, scheme="apple", rating="12+", as_of="before July 2025")
    AppRating.objects.create(edition=edition, scheme="google-play", rating="Teen")
    AppRating.objects.create(edition=edition, scheme="pegi", note="PEGI rates games.")
    ratings = page(client, edition.get_absolute_url()).split('id="ratings"')[1].split("</section>")[0]
    assert [words(row) for row in re.findall(r"<dd>(.*?)</dd>", ratings, re.DOTALL)] == [
        "13 or over (as of 2026)Says its terms.",
        "12+ (before July 2025)",
        "Teen (we could not confirm the date)",
        "PEGI rates games.",
    ]


def test_app_page_states_each_feature_in_a_sentence(client):
    edition = factories.app_edition()
    AppFeature.objects.create(edition=edition, feature="messages-from-strangers", value="varies")
    assert "Strangers can message: depends on age or settings" in words(page(client, edition.get_absolute_url()))


def test_app_page_leads_to_a_comparison_with_itself(client):
    edition = factories.app_edition(factories.app_profile("tiktok"))
    assert 'href="/apps/compare/?app=tiktok"' in page(client, edition.get_absolute_url())
