"""/plan/: a family ticks what fits and gets one plan for paper; nothing of it is kept, nothing breaks it."""

import re
from datetime import date

import pytest
from django.core.management import call_command
from django.http import QueryDict

from guidance.models import AgeBand, AgreementLine, AppStarter, ControlStep, ConversationStarter, SettingStep
from reporting.models import Authority
from safety_site import plan as plans
from tests import factories
from tests.guidance.test_queries import count
from tests.reporting import factories as reporting
from tests.sweep import Page, words_of

pytestmark = pytest.mark.django_db


def get(client, address: str) -> Page:
    page = Page(address, client.get(address))
    assert page.status == 200
    return page


def main(page: Page) -> str:
    return words_of(page.all("main")[0])


def boxes(page: Page, name: str) -> list[str]:
    return [box.get("value") for box in page.all("input") if box.get("name") == name]


def ticked(page: Page) -> list[str]:
    return [box.get("value") for box in page.all("input") if box.get("checked") is not None]


def is_form(page: Page) -> bool:
    return bool(page.with_class("plan-form"))


def app(slug: str, bands=(), settings: int = 0, starters: int = 0, **fields):
    edition = factories.app_edition(factories.app_profile(slug), age_bands=bands, name=slug.capitalize(), **fields)
    for position in range(1, settings + 1):
        SettingStep.objects.create(
            edition=edition, position=position, setting=f"{slug} setting {position}", path="Menu > Off", as_of="2026"
        )
    for position in range(1, starters + 1):
        AppStarter.objects.create(edition=edition, position=position, words=f"{slug} words {position}?")
    return edition


def device(slug: str, steps: int = 0, **fields):
    edition = factories.control_edition(factories.control_guide(slug), provider=slug.capitalize(), **fields)
    for position in range(1, steps + 1):
        ControlStep.objects.create(edition=edition, position=position, words=f"{slug} step {position}")
    return edition


def subject(slug: str, bands, starters: int = 1, **fields):
    edition = factories.topic_edition(factories.topic(slug), age_bands=bands, title=slug.capitalize(), **fields)
    for position in range(1, starters + 1):
        row = ConversationStarter.objects.create(edition=edition, position=position, words=f"{slug} words {position}?")
        row.age_bands.set(bands)
    return edition


def line(slug: str, who: str, bands, position: int = 1, **fields) -> AgreementLine:
    values = {"words": f"I promise {slug}.", "is_published": True, **factories.CHECKED, **fields}
    row = AgreementLine.objects.create(slug=slug, who=who, position=position, **values)
    row.age_bands.set(bands)
    return row


# --- What was chosen ------------------------------------------------------------------------------------


def test_choice_is_read_once_in_its_order_and_without_what_cannot_be_ours():
    asked = QueryDict("age=teen&age=teen&age=pre-teen&app=a%00b&app=tiktok&device=<b>&worry=" + "x" * 10_000)
    assert plans.read_choice(asked) == plans.Choice(ages=("teen", "pre-teen"), apps=("tiktok",))


def test_choice_says_the_address_that_changes_it():
    query = "age=teen&app=tiktok&device=xbox&worry=grooming&council=essex"
    assert plans.read_choice(QueryDict(query)).query == query
    assert plans.read_choice(QueryDict("")).query == ""


# --- The form -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "", "?", "?age=", "?age=nobody", "?app=no-app&device=none&worry=x", "?age=%00", "?council=nowhere", "?utm=1",
        "?worry=not-sure", "?age=<script>alert(1)</script>", "?age=" + "x" * 3_000,
    ],
)  # fmt: skip
def test_no_choice_gets_the_form_and_no_error(client, query):
    factories.age_bands()
    page = get(client, f"/plan/{query}")
    assert is_form(page)
    assert "Tick at least one box for a plan" in main(page)
    assert "<script>alert" not in page.text
    assert ticked(page) == []


def test_form_offers_what_is_live_and_open(client):
    band = factories.age_band("teen")
    app("open-app", [band])
    app("closed-app", [band], status="closed", status_since="May 2020")
    app("draft-app", [band], state="draft", publish_at=None)
    device("xbox", family="console")
    factories.withdrawal(device("gone"))
    page = get(client, "/plan/")
    assert boxes(page, "age") == ["teen"]
    assert boxes(page, "app") == ["open-app"]
    assert boxes(page, "device") == ["xbox"]
    assert "grooming" in boxes(page, "worry")
    assert "not-sure" not in boxes(page, "worry")


def test_form_offers_everyday_subjects_once(client):
    band = factories.age_band("teen")
    subject("screen-time", [band], area="online")
    subject("grooming", [band], area="risk", concern="grooming")
    subject("sextortion", [band], area="wrong")
    offered = boxes(get(client, "/plan/"), "worry")
    assert [offered.count(slug) for slug in ("screen-time", "grooming", "sextortion")] == [1, 1, 0]


def test_form_to_change_has_the_choice_ticked_and_apps_of_the_age_first(client):
    teen, pre_teen = factories.age_band("teen"), factories.age_band("pre-teen")
    app("aaa", [pre_teen])
    app("zzz", [teen])
    reporting.authority("barset")
    page = get(client, "/plan/?age=teen&app=zzz&worry=grooming&council=barset&change=1")
    assert is_form(page)
    assert boxes(page, "app") == ["zzz", "aaa"]
    assert ticked(page) == ["teen", "zzz", "grooming"]
    assert [o.get("value") for o in page.all("option") if o.get("selected") is not None] == ["barset"]


def test_form_lists_councils_that_look_after_children_under_their_nation(client):
    county = reporting.authority("county", name="County")
    reporting.authority("district", name="District", county=county)
    reporting.authority("glen", name="Glen", nation="scotland")
    page = get(client, "/plan/")
    groups = {g.get("label"): [o.get("value") for o in g.iter("option")] for g in page.all("optgroup")}
    assert groups == {"England": ["county"], "Scotland": ["glen"]}


def test_form_asks_by_address_and_for_no_postcode(client):
    page = get(client, "/plan/")
    (form,) = [form for form in page.all("form") if form.get("role") != "search"]
    assert dict(form.attrib) == {"class": "plan-form", "action": "/plan/"}
    assert {field.get("name") for field in form.iter() if field.tag in ("input", "select")} <= {
        "age", "app", "device", "worry", "council",
    }  # fmt: skip


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
