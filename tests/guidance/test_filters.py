"""Lists narrowed down by choices in the address."""

import re

import pytest
from django.http import QueryDict
from django.utils.html import strip_tags

from guidance import app_filters, topic_filters
from guidance.filters import Narrowed, narrow_down
from guidance.models import AppFeature
from guidance.models.apps import AppKind, AppStatus
from tests import factories

pytestmark = pytest.mark.django_db


def app(name: str, *, ages=("teen",), features=(), **fields):
    """An app by name; ``features`` are (feature, value)."""
    edition = factories.app_edition(name=name, age_bands=[factories.age_band(age) for age in ages], **fields)
    for position, (feature, value) in enumerate(features, 1):
        AppFeature.objects.create(edition=edition, position=position, feature=feature, value=value)
    return edition


def narrowed(query: str) -> Narrowed:
    factories.age_bands()
    return narrow_down(app_filters.index(), QueryDict(query))


def names(rows) -> list[str]:
    return [row.name for row in rows]


def counts(shown: Narrowed, name: str) -> dict[str, int]:
    return {option.value: option.count for option in shown.filters[name].options}


# --- What fits ------------------------------------------------------------------------------------------


def test_without_a_choice_everything_fits_by_name():
    app("youtube")
    app("Discord", minimum_age=None)
    shown = narrowed("")
    assert (names(shown.fits), shown.unsure, shown.of, shown.chips) == (["Discord", "youtube"], [], 2, [])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("age=teen", ["Chat", "Game"]),
        ("age=pre-teen", ["Game", "Old"]),
        ("kind=game", ["Game"]),
        ("status=closed", ["Old"]),
        ("status=open&age=pre-teen", ["Game"]),
        ("age=pre-teen&kind=messaging", []),
    ],
)
def test_apps_that_fit_every_choice(query, found):
    app("Game", kind="game", ages=("pre-teen", "teen"))
    app("Chat", kind="messaging")
    app("Old", kind="social", ages=("pre-teen",), status="closed", status_since="May 2020")
    assert names(narrowed(query).fits) == found


def test_apps_for_a_child_of_an_age_have_a_minimum_age_at_or_below_it():
    app("Eight", minimum_age=8)
    app("Thirteen", minimum_age=13)
    assert names(narrowed("minimum=12").fits) == ["Eight"]
    assert names(narrowed("minimum=13").fits) == ["Eight", "Thirteen"]


def test_app_whose_minimum_age_is_not_confirmed_is_shown_apart_and_not_counted():
    app("Thirteen", minimum_age=13)
    app("Unknown", minimum_age=None)
    shown = narrowed("minimum=13")
    assert (names(shown.fits), names(shown.unsure), counts(shown, "minimum")["13"]) == (["Thirteen"], ["Unknown"], 1)


def test_app_that_fails_one_choice_is_not_shown_as_not_confirmed_for_another():
    app("Unknown", minimum_age=None, kind="game")
    shown = narrowed("minimum=13&kind=social")
    assert (shown.fits, shown.unsure) == ([], [])


LIVE, PAY = "livestream", "in-app-purchases"


def test_without_a_feature_means_that_the_app_has_it_not_at_all():
    app("No", features=[(LIVE, "no")])
    app("Varies", features=[(LIVE, "varies")])
    app("Yes", features=[(LIVE, "yes")])
    assert names(narrowed(f"without={LIVE}").fits) == ["No"]
    assert names(narrowed(f"without={LIVE}&depends=include").fits) == ["No", "Varies"]


def test_without_two_features_means_neither():
    app("Neither", features=[(LIVE, "no"), (PAY, "no")])
    app("One", features=[(LIVE, "no"), (PAY, "yes")])
    assert names(narrowed(f"without={LIVE}&without={PAY}").fits) == ["Neither"]


def test_app_whose_feature_we_do_not_know_is_shown_apart():
    app("Unknown", features=[(PAY, "no")])
    shown = narrowed(f"without={LIVE}&without={PAY}")
    assert (names(shown.fits), names(shown.unsure)) == ([], ["Unknown"])


def test_every_feature_offered_is_one_that_parents_want_to_be_without():
    assert {feature for feature, _ in app_filters.WITHOUT} < set(AppFeature.Feature)
    assert all(label.startswith("No ") for _, label in app_filters.WITHOUT)


# --- Counts, chips, ways out ----------------------------------------------------------------------------


def test_count_of_an_option_is_what_choosing_it_would_show():
    app("Game", kind="game", ages=("pre-teen", "teen"), features=[(LIVE, "no")])
    app("Chat", kind="messaging", features=[(LIVE, "yes"), (PAY, "no")])
    shown = narrowed(f"age=teen&kind=game&without={PAY}")
    # In place of the kind chosen, next to everything else that is.
    assert {kind: n for kind, n in counts(shown, "kind").items() if n} == {"messaging": 1}
    shown = narrowed("age=teen")
    for name in shown.filters:
        for option in shown.filters[name].options:
            assert len(narrowed(option.query.removeprefix("?")).fits) == option.count, option


def test_each_choice_can_be_taken_back_alone():
    app("Game", kind="game")
    shown = narrowed(f"age=teen&kind=game&without={LIVE}&without={PAY}")
    assert [(chip.label, chip.query) for chip in shown.chips] == [
        ("Ages 13 to 17", f"?kind=game&without={LIVE}&without={PAY}"),
        ("Game", f"?age=teen&without={LIVE}&without={PAY}"),
        ("No livestreaming", f"?age=teen&kind=game&without={PAY}"),
        ("No spending inside", f"?age=teen&kind=game&without={LIVE}"),
    ]


def test_ways_out_of_an_empty_list_are_the_choices_whose_loss_shows_something_the_most_first():
    app("Chat", kind="messaging")
    app("Chat too", kind="messaging")
    app("Game", kind="game", ages=("pre-teen",))
    shown = narrowed("age=teen&kind=game")
    assert shown.fits == []
    assert [(chip.label, chip.count) for chip in shown.ways_out] == [("Game", 2), ("Ages 13 to 17", 1)]


@pytest.mark.parametrize(
    "query",
    ["age=adult", "age=TEEN", "kind=", "kind=%00", "minimum=99", "minimum=13.5", "without=everything", "status=x",
     "depends=yes", "nobody=knows", "age=" + "x" * 10_000, "kind=%3Cscript%3E"],
)  # fmt: skip
def test_value_that_is_none_of_ours_counts_as_no_choice(query):
    app("Game", minimum_age=None)
    shown = narrowed(query)
    assert (shown.choices.chosen, names(shown.fits)) == ((), ["Game"])


def test_second_answer_to_one_question_replaces_the_first():
    assert narrowed("age=teen&age=pre-teen&age=nobody").choices.chosen == (("age", "pre-teen"),)


# --- Topics ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["A", "B", "C"]),
        ("age=teen", ["A", "B"]),
        ("for=young-people", ["A"]),
        ("area=risk", ["B", "C"]),
        ("age=teen&area=risk", ["B"]),
        ("age=teen&for=young-people&area=risk", []),
    ],
)
def test_topics_that_fit_every_choice(query, found):
    _, pre_teen, teen = factories.age_bands()
    factories.topic_edition(title="A", age_bands=[teen], audiences=("parents", "young-people"), area="online")
    factories.topic_edition(title="B", age_bands=[teen], area="risk")
    factories.topic_edition(title="C", age_bands=[pre_teen], area="risk")
    shown = narrow_down(topic_filters.index(), QueryDict(query))
    assert sorted(row.title for row in shown.fits) == found


# --- The pages ------------------------------------------------------------------------------------------


def main_part(client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return re.search(r"<main .*?</main>", response.content.decode(), re.DOTALL)[0]


def words(text: str) -> str:
    return " ".join(strip_tags(text.replace("<", " <")).split())


def test_list_of_apps_says_how_many_fit_and_shows_the_rest_apart(client):
    app("Thirteen", minimum_age=13)
    app("Sixteen", minimum_age=16)
    app("Unknown", minimum_age=None)
    text = main_part(client, "/apps/?minimum=13")
    assert "1 of 3 fit. 1 more may : we could not confirm." in words(text)
    certain, _, unsure = text.partition('id="unsure"')
    assert re.findall(r"<span>(\w+)</span></a><p>", certain) == ["Thirteen"]
    assert re.findall(r"<span>(\w+)</span></a><p>", unsure) == ["Unknown"]


def test_list_of_apps_has_a_label_for_every_box_and_marks_what_is_chosen(client):
    app("Game", kind="game", features=[(LIVE, "no")])
    text = main_part(client, f"/apps/?age=teen&kind=game&without={LIVE}&status=open")
    boxes = re.findall(r'<(?:select|input type="checkbox")[^>]* id="([^"]+)"', text)
    boxes += re.findall(r'<input type="checkbox" name="app"[^>]* id="([^"]+)"', text)
    assert set(boxes) == set(re.findall(r'<label for="([^"]+)"', text))
    assert re.findall(r'value="([\w-]+)" (?:checked|selected)', text) == ["game", "open", LIVE]
    assert re.findall(r'type="hidden" name="age" value="([^"]+)"', text) == ["teen"]
    assert words(re.search(r'<option value="game" selected>.*?</option>', text)[0]) == "Game (1)"


def test_list_of_apps_offers_every_kind_and_state(client):
    app("Game")
    text = main_part(client, "/apps/")
    for value in (*AppKind.values, *AppStatus.values):
        assert f'<option value="{value}">' in text


def test_list_where_nothing_fits_says_what_to_drop(client):
    factories.age_bands()
    app("Game", kind="game", ages=("pre-teen",))
    text = main_part(client, "/apps/?age=teen&kind=game")
    assert "We have no app or game that fits all of this." in words(text)
    assert re.findall(r'<li><a href="([^"]*)">Without “([^”]+)” \((\d+)\)', text) == [
        ("?kind=game", "Ages 13 to 17", "1")
    ]
    assert '<a class="more" href="/apps/">Clear all and show everything</a>' in text


def test_list_where_only_unconfirmed_ones_fit_says_so_and_shows_them(client):
    app("Unknown", minimum_age=None)
    text = words(main_part(client, "/apps/?minimum=9"))
    assert "None is sure to fit all of this. Some may: see below." in text
    assert "These may fit: we could not confirm" in text


def test_closed_app_that_fits_stays_apart_from_the_open_ones(client):
    app("Houseparty", status="closed", status_since="October 2021")
    app("Discord")
    text = main_part(client, "/apps/?age=teen")
    assert text.index("Discord") < text.index('id="closed"') < text.index("Houseparty")


def test_links_for_an_age_keep_what_else_is_chosen(client):
    factories.age_bands()
    app("Game", kind="game")
    text = main_part(client, "/apps/?kind=game&age=teen")
    nav = re.search(r'<nav class="ages".*?</nav>', text, re.DOTALL)[0]
    assert re.findall(r'href="([^"]+)"', nav)[-1] == "?kind=game"
    assert "?kind=game&amp;age=pre-teen" in nav


def test_topics_stay_under_their_areas_when_narrowed(client):
    teen = factories.age_band("teen")
    factories.topic_edition(title="A", age_bands=[teen], area="wrong")
    factories.topic_edition(title="B", age_bands=[teen], area="risk")
    factories.topic_edition(title="C", area="risk")
    text = main_part(client, "/topics/?age=teen")
    assert re.findall(r'<h2 id="area-(\w+)"', text) == ["wrong", "risk"]
    assert "2 of 3 topics fit." in words(text)


@pytest.mark.parametrize("address", ["/apps/?{}", "/topics/?{}"])
def test_hostile_address_is_an_ordinary_page(client, address):
    app("Game")
    for value in ("%00", "%3Cb%3Eboo", "x" * 1_500):
        query = "&".join(f"{name}={value}" for name in ("age", "kind"))[:1_900]
        text = client.get(address.format(query)).content.decode()
        assert "<b>boo" not in text
        assert 'class="chips"' not in text
