"""Apps side by side."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.utils.html import strip_tags

from guidance import comparison, shelf
from guidance.models import AppDefault, AppFeature, AppProfile, AppProfileEdition, AppRating, SettingStep
from tests import factories

pytestmark = pytest.mark.django_db


def app(slug: str, *, features=(), **fields) -> AppProfileEdition:
    edition = factories.app_edition(factories.app_profile(slug), name=slug.capitalize(), **fields)
    for position, (feature, value) in enumerate(features, 1):
        AppFeature.objects.create(edition=edition, position=position, feature=feature, value=value)
    return edition


def page(client, query: str = "") -> str:
    response = client.get(f"/apps/compare/?{query}")
    assert response.status_code == 200
    return re.search(r"<main .*?</main>", response.content.decode(), re.DOTALL)[0]


def words(text: str) -> str:
    return " ".join(strip_tags(text.replace("<", " <")).split())


def columns(text: str) -> list[str]:
    head = re.search(r"<thead.*?</thead>", text, re.DOTALL)
    return re.findall(r"<a [^>]*>([^<]+)</a>", head[0]) if head else []


def rows(result: comparison.Comparison) -> dict[str, list[str]]:
    return {row.heading: [cell.words for cell in row.cells] for row in result.facts}


# --- What is asked --------------------------------------------------------------------------------------


def slugs(asked: comparison.Asked) -> list[str]:
    return [app.slug for app in asked.apps]


def test_apps_stand_in_the_order_asked_each_once():
    for slug in "abc":
        app(slug)
    asked = comparison.asked_for(["c", "a", "c", ""], shelf.apps().by_slug)
    assert (slugs(asked), asked.had_unknown, asked.had_too_many, asked.is_enough) == (["c", "a"], False, False, True)


def test_unknown_name_is_left_out_and_told():
    app("a")
    asked = comparison.asked_for(["a", "nobody", "\0", "x" * 10_000], shelf.apps().by_slug)
    assert (slugs(asked), asked.had_unknown, asked.is_enough) == (["a"], True, False)


def test_more_than_four_are_the_first_four():
    for slug in "abcde":
        app(slug)
    asked = comparison.asked_for("abcde", shelf.apps().by_slug)
    assert (slugs(asked), asked.had_too_many) == (["a", "b", "c", "d"], True)


# --- Rows -----------------------------------------------------------------------------------------------


def test_what_is_not_known_is_said_in_its_cell():
    result = comparison.compare([app("a", minimum_age=None), app("b", minimum_age=16)])
    assert rows(result) == {
        "Minimum age in its own terms": ["We could not confirm", "16"],
        "Rating: Apple App Store": ["We could not confirm"] * 2,
        "Rating: Google Play": ["We could not confirm"] * 2,
        "Rating: PEGI": ["We could not confirm"] * 2,
        "Strangers can message": ["We could not confirm"] * 2,
        "How private at the start": ["We could not confirm"] * 2,
        "Family tool": ["None that we know of"] * 2,
        "Setting to change first": ["We have no settings for it"] * 2,
    }
    assert [row.differs for row in result.facts] == [True] + [False] * 7


def test_what_is_known_is_told_with_its_date():
    edition = app("a", minimum_age=13, minimum_age_as_of="2026", family_tool_name="Family Pairing")
    AppRating.objects.create(edition=edition, scheme="apple", rating="12+", as_of="before July 2025")
    AppRating.objects.create(edition=edition, scheme="pegi", note="PEGI rates games.")
    AppDefault.objects.create(edition=edition, age_group="Under 16", setting="Private")
    AppDefault.objects.create(edition=edition, position=2, age_group="16 and 17", setting="Mixed")
    SettingStep.objects.create(edition=edition, setting="Make it private", path="Settings > Privacy")
    facts = {row.heading: (row.cells[0].words, row.cells[0].detail) for row in comparison.compare([edition]).facts}
    assert facts["Minimum age in its own terms"] == ("13", "as of 2026")
    assert facts["Rating: Apple App Store"] == ("12+", "before July 2025")
    assert facts["Rating: PEGI"] == ("PEGI rates games.", "")
    assert facts["How private at the start"] == ("Under 16: private; 16 and 17: mixed", "")
    assert facts["Family tool"] == ("Family Pairing", "")
    assert facts["Setting to change first"] == ("Make it private", "Settings > Privacy")


def test_features_that_differ_stand_before_those_that_are_the_same():
    a = app("a", features=[("livestream", "no"), ("loot-boxes", "no"), ("group-chat", "varies")])
    b = app("b", features=[("livestream", "no"), ("loot-boxes", "yes")])
    result = comparison.compare([a, b])
    assert [(row.heading, [cell.words for cell in row.cells]) for row in result.different] == [
        ("Group chat", ["Depends on age or settings", "We could not confirm"]),
        ("Paid random items", ["No", "Yes"]),
    ]
    same = {row.heading: row.cells[0].words for row in result.same}
    assert same["Livestreaming"] == "No"
    assert len(result.same) + len(result.different) == len(AppFeature.Feature) - 1


def test_closed_app_says_so_and_open_ones_have_no_row_for_it():
    closed = app("b", status="closed", status_since="May 2020")
    assert rows(comparison.compare([app("a"), closed]))["Can you still get it?"] == ["Yes", "No: closed"]
    assert "Can you still get it?" not in rows(comparison.compare([app("c"), app("d")]))


# --- The page -------------------------------------------------------------------------------------------


def test_page_without_a_choice_lets_one_choose(client):
    app("a")
    text = page(client)
    assert (columns(text), text.count("<select")) == ([], 4)
    assert "Choose two, three or four." in words(text)


def test_page_with_one_choice_asks_for_another_and_keeps_it(client):
    app("a")
    app("b")
    text = page(client, "app=b")
    assert columns(text) == []
    assert "You have chosen B. Choose one more" in words(text)
    assert re.findall(r'value="(\w+)" selected', text) == ["b"]


@pytest.mark.parametrize("query", ["app=b&app=a", "app=b&app=a&app=c", "app=b&app=a&app=c&app=d"])
def test_page_shows_two_to_four_side_by_side(client, query):
    for slug in "abcd":
        app(slug)
    assert columns(page(client, query)) == [part[-1].upper() for part in query.split("&")]


def test_page_tells_of_a_fifth_and_of_an_unknown_and_echoes_neither(client):
    for slug in "abcde":
        app(slug)
    text = page(client, "app=a&app=b&app=c&app=d&app=e&app=%3Cb%3Eboo")
    assert columns(text) == ["A", "B", "C", "D"]
    assert "Four at a time is the most. These are the first four that you chose." in words(text)
    assert "We left out a name that we have no page on." in words(text)
    assert "boo" not in text


def test_page_marks_a_closed_app_and_what_differs_in_words(client):
    app("a", minimum_age=13)
    app("b", minimum_age=16, status="closed", status_since="May 2020")
    text = page(client, "app=a&app=b")
    assert "B closed" in words(re.search(r"<thead.*?</thead>", text, re.DOTALL)[0])
    assert "Minimum age in its own terms differs A: 13 B: 16" in words(text)


def test_withdrawn_and_draft_apps_cannot_be_compared(client):
    app("a")
    factories.withdrawal(app("gone"))
    app("draft", state="draft", publish_at=None)
    text = page(client, "app=a&app=gone&app=draft")
    assert columns(text) == []
    assert not {"Gone", "Draft"} & set(words(text).split())


def test_table_names_its_rows_and_columns(client):
    app("a")
    app("b")
    text = page(client, "app=a&app=b")
    assert text.count('<th scope="col"') == 2
    body = text.split("<tbody", 1)[1].split("</table>")[0]
    assert body.count('<th scope="row"') == 8 + len(AppFeature.Feature) - 1
    assert "<caption" in text


def test_no_app_can_take_the_address_of_the_comparison():
    with pytest.raises(ValidationError) as wrong:
        AppProfile(slug="compare").full_clean()
    assert wrong.value.message_dict == {"slug": ["That address is a page of its own: choose another."]}
    AppProfile(slug="comparer").full_clean()
