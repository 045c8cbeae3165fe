"""/plan/: what of a choice stands on the two sheets of a family, and what it costs to make them."""

from datetime import date

import pytest
from django.core.management import call_command

from guidance.models import AgeBand, AgreementLine, SettingStep
from safety_site import plan as plans
from tests import factories
from tests.guidance.test_queries import count
from tests.reporting import factories as reporting
from tests.safety_site.family_plans import app, device, get, is_form, line, main, subject
from tests.sweep import Page, words_of

pytestmark = pytest.mark.django_db


# --- The plan -------------------------------------------------------------------------------------------


def test_plan_names_the_ages_and_shows_first_settings_with_path_and_date(client):
    band = factories.age_band("teen")
    app("tiktok", [band], settings=5)
    device("xbox", steps=5, family="console")
    page = get(client, "/plan/?age=teen&app=tiktok&device=xbox")
    assert words_of(page.all("h1")[0]) == "Our family plan, ages 13 to 17"
    steps = [words_of(step) for block in page.with_class("tick-boxes") for step in block.iter("li")]
    assert steps == [
        "tiktok setting 1 Menu > Off as of 2026",
        "tiktok setting 2 Menu > Off as of 2026",
        "tiktok setting 3 Menu > Off as of 2026",
        "xbox step 1",
        "xbox step 2",
        "xbox step 3",
    ]


def test_plan_takes_several_ages(client):
    factories.age_bands()
    page = get(client, "/plan/?age=teen&age=pre-school&age=pre-teen")
    assert words_of(page.all("h1")[0]) == "Our family plan, ages 0 to 4, 5 to 12 and 13 to 17"


@pytest.mark.parametrize("query", ["age=teen", "app=tiktok", "device=xbox", "worry=grooming", "worry=screen-time"])
def test_one_box_is_enough_for_a_plan(client, query):
    band = factories.age_band("teen")
    app("tiktok", [band])
    device("xbox")
    subject("screen-time", [band], area="online")
    assert not is_form(get(client, f"/plan/?{query}"))


def test_more_than_fits_is_left_out_by_name(client):
    band = factories.age_band("teen")
    for number in range(10):
        app(f"app{number}", [band], settings=1)
    for number in range(7):
        device(f"device{number}", steps=1)
    query = "&".join([*(f"app=app{n}" for n in range(10)), *(f"device=device{n}" for n in range(7))])
    page = get(client, f"/plan/?{query}")
    (notice,) = page.with_class("notice")
    assert [words_of(item) for item in notice.iter("li")] == ["App8", "App9", "Device6"]
    assert len(page.with_class("tick-boxes")) == 8 + 6


def test_apps_of_the_ages_chosen_are_the_last_to_be_left_out(client):
    teen, pre_school = factories.age_band("teen"), factories.age_band("pre-school")
    for number in range(8):
        app(f"app{number}", [pre_school])
    app("zzz", [teen])
    query = "&".join(["age=teen", "app=zzz", *(f"app=app{n}" for n in range(8))])
    page = get(client, f"/plan/?{query}")
    (notice,) = page.with_class("notice")
    assert [words_of(item) for item in notice.iter("li")] == ["App7"]


def test_closed_or_hidden_things_are_no_choice(client):
    factories.age_band("teen")
    app("omegle", status="closed", status_since="May 2020")
    app("draft-app", state="draft", publish_at=None)
    factories.withdrawal(device("gone"))
    assert is_form(get(client, "/plan/?app=omegle&app=draft-app&device=gone"))


def test_fewer_steps_are_shown_where_three_do_not_fit_and_none_is_cut():
    def rows(number, letters):
        things = [app(f"app{number}-{n}", settings=0) for n in range(8)]
        for thing in things:
            for position in (1, 2, 3):
                SettingStep.objects.create(edition=thing, position=position, setting="x" * letters, path="y" * letters)
        return things

    assert plans.fit_to_paper(rows(1, 40), []) == (3, 3)
    assert plans.fit_to_paper(rows(2, 150), [])[0] < 3


# --- Talks ----------------------------------------------------------------------------------------------


def talks(client, query: str) -> list[str]:
    page = get(client, f"/plan/?{query}")
    return [words_of(p) for block in page.with_class("talks") for p in block.iter("p") if p.get("class") == "words"]


def test_talks_take_worries_and_apps_in_turn_then_everyday_subjects(client):
    band = factories.age_band("teen")
    subject("grooming", [band], starters=3, area="wrong", concern="grooming")
    app("tiktok", [band], starters=3)
    subject("habits", [band], area="age")
    assert talks(client, "age=teen&app=tiktok&worry=grooming") == [
        "grooming words 1?", "tiktok words 1?", "grooming words 2?", "tiktok words 2?",
    ]  # fmt: skip
    assert talks(client, "age=teen") == ["habits words 1?"]


def test_talks_are_for_the_ages_chosen_and_of_no_trouble_that_was_not_named(client):
    teen, pre_school = factories.age_band("teen"), factories.age_band("pre-school")
    subject("small", [pre_school], area="age")
    subject("nudes", [teen, pre_school], area="wrong", concern="image-shared")
    subject("habits", [teen], area="age")
    assert talks(client, "age=teen") == ["habits words 1?"]
    assert talks(client, "age=teen&age=pre-school") == ["habits words 1?", "small words 1?"]


def test_talk_says_whom_it_is_for_where_the_plan_is_for_several_ages(client):
    teen, pre_teen = factories.age_band("teen"), factories.age_band("pre-teen")
    subject("habits", [teen], area="age")
    subject("phones", [teen, pre_teen], area="age")
    page = get(client, "/plan/?age=teen&age=pre-teen")
    assert [words_of(week) for week in page.with_class("week")] == ["Week 1, ages 13 to 17", "Week 2"]


def test_plan_is_no_newer_than_the_page_that_a_talk_comes_from(client):
    """Also where nobody asked for that page by name."""
    subject("habits", [factories.age_band("teen")], area="age", checked_on=date(2026, 5, 6))
    app("tiktok", settings=1)
    assert "checked on 6 May 2026" in main(get(client, "/plan/?age=teen&app=tiktok"))


def test_talks_are_at_most_four_and_the_same_each_time(client):
    band = factories.age_band("teen")
    for slug in ("a", "b", "c", "d", "e"):
        subject(slug, [band], starters=2, area="age")
    first = talks(client, "age=teen")
    assert len(first) == 4
    assert [talks(client, "age=teen") for _ in range(3)] == [first] * 3


# --- The agreement --------------------------------------------------------------------------------------


def promises(page: Page) -> list[str]:
    return [words_of(item) for block in page.with_class("sides") for item in block.iter("li")]


def test_agreement_has_the_sentences_that_fit_the_age_by_side_and_position(client):
    teen, pre_school = factories.age_band("teen"), factories.age_band("pre-school")
    line("both", "both", [teen, pre_school])
    line("second", "child", [teen], 2)
    line("first", "child", [teen], 1)
    line("adult", "adult", [teen])
    line("small", "child", [pre_school])
    line("hidden", "child", [teen], is_published=False)
    assert promises(get(client, "/plan/?age=teen")) == [
        "I promise first.", "I promise second.", "I promise adult.", "I promise both.",
    ]  # fmt: skip


def test_agreement_has_three_three_and_two_sentences_those_for_most_ages_first(client):
    teen, pre_teen = factories.age_band("teen"), factories.age_band("pre-teen")
    for who in AgreementLine.Who.values:
        for position in range(1, 5):
            line(f"{who}-teen-{position}", who, [teen], position)
        line(f"{who}-all", who, [teen, pre_teen], 9)
    assert promises(get(client, "/plan/?age=teen&age=pre-teen")) == [
        "I promise child-teen-1.", "I promise child-teen-2.", "I promise child-all.",
        "I promise adult-teen-1.", "I promise adult-teen-2.", "I promise adult-all.",
        "I promise both-teen-1.", "I promise both-all.",
    ]  # fmt: skip


def test_shipped_agreement_has_eight_sentences_for_each_age():
    call_command("loaddata", "fixtures/01_ages.yaml", "fixtures/agreement.yaml", verbosity=0)
    lines = list(AgreementLine.objects.live().prefetch_related("age_bands"))
    for band in AgeBand.objects.all():
        sides = plans.choose_lines(lines, [band])
        assert [(side.who, len(side.lines)) for side in sides] == [("child", 3), ("adult", 3), ("both", 2)], band


# --- What it costs --------------------------------------------------------------------------------------


def make_rows(rows: int) -> str:
    bands = factories.age_bands()[:rows]
    place = reporting.authority("barset")
    reporting.day_and_night(place)
    for number in range(rows):
        app(f"app{number}", bands, settings=rows, starters=rows)
        device(f"device{number}", steps=rows)
        subject(f"subject{number}", bands, starters=rows, area="wrong", concern="grooming")
        line(f"line{number}", "child", bands, number)
    ages = "&".join(f"age={band.slug}" for band in bands)
    things = "&".join(f"app=app{n}&device=device{n}" for n in range(rows))
    return f"?{ages}&{things}&worry=grooming&council=barset"


@pytest.mark.parametrize("rows", [1, 3])
def test_plan_and_form_make_this_many_queries(client, rows, warm):
    address = make_rows(rows)
    warm()
    asked = {query: count(client, f"/plan/{query}") for query in (address, f"{address}&change=1", "", "?age=nobody")}
    assert asked == dict.fromkeys(asked, 0)
