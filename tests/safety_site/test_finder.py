"""The finder: age, subject, app or device; any of them, together."""

import re

import pytest
from django.utils.html import strip_tags

from guidance.models import AppRisk, AppStarter, ConversationStarter, SettingStep
from safety_site import finder
from safety_site.vocabulary import Concern
from tests import factories
from tests.guidance.test_queries import count, make_site
from tests.reporting import factories as reporting

pytestmark = pytest.mark.django_db


@pytest.fixture
def bands():
    return factories.age_bands()


def topic(slug: str, title: str, ages, *, said: str = "", **fields):
    edition = factories.topic_edition(factories.topic(slug), title=title, age_bands=ages, **fields)
    if said:
        ConversationStarter.objects.create(edition=edition, words=said).age_bands.set(ages)
    return edition


def app(slug: str, ages=(), **fields):
    edition = factories.app_edition(factories.app_profile(slug), name=slug.capitalize(), age_bands=ages, **fields)
    for position in range(1, 5):
        SettingStep.objects.create(edition=edition, position=position, setting=f"{slug} setting {position}")
    AppRisk.objects.create(edition=edition, words="A worry")
    AppStarter.objects.create(edition=edition, words=f"What do you do on {slug}?")
    return edition


@pytest.fixture
def site(bands):
    """Grooming at 5 to 17, games at 5 to 12; a page of grooming; Roblox for all; Chat from 13; a guide of Roblox."""
    _, pre_teen, teen = bands
    groomed = topic("grooming", "Grooming", [pre_teen, teen], area="wrong", concern="grooming", said="Who asked?")
    games = topic("gaming", "Gaming", [pre_teen], area="online", concern="grooming", said="Shall we play?")
    phones = topic("phones", "Phones", [teen], area="online", said="Can we look?")
    roblox = app("roblox", bands, kind="game", minimum_age=None)
    chat = app("chat", [teen], minimum_age=13)
    games.related_apps.set([roblox.profile])
    phones.related_apps.set([chat.profile])
    groomed.related_topics.set([games.topic, phones.topic])
    factories.control_edition(factories.control_guide("roblox"), provider="Roblox", family="console")
    factories.control_edition(factories.control_guide("bt"), provider="BT")
    contact = reporting.contact_edition(name="CEOP")
    reporting.phone(contact)
    reporting.concern_edition("grooming", contacts=[contact.contact], title="Grooming: who to tell")


def ask(age="", about="", where="") -> finder.Answer | None:
    return finder.answer(finder.read_question(age, about, where))


def titles(rows) -> list[str]:
    return [row.title for row in rows]


def names(rows) -> list[str]:
    return [row.name for row in rows]


# --- What is asked --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [
        ("", "", ""), ("adult", "worry-", "app-"), ("TEEN", "grooming", "roblox"), ("\0", "worry-\0", "app-\0"),
        ("x" * 10_000, "topic-nobody", "controls-nobody"), ("<b>", "worry-nobody", "topic-grooming"),
    ],
)  # fmt: skip
def test_value_that_is_none_of_ours_is_not_said(site, asked):
    assert ask(*asked) is None


def test_worry_and_topic_of_one_name_are_told_apart(site):
    worry = finder.read_question("", "worry-grooming", "controls-roblox")
    subject = finder.read_question("teen", "topic-grooming", "app-roblox")
    assert (worry.worry, worry.topic, worry.guide.provider, worry.app) == ("grooming", None, "Roblox", None)
    assert (subject.worry, subject.topic.title, subject.app.name, subject.guide) == ("", "Grooming", "Roblox", None)
    assert subject.chosen == {"teen", "topic-grooming", "app-roblox"}
    assert (worry.said, subject.said) == ("Sexual messages or grooming · Roblox", "Ages 13 to 17 · Grooming · Roblox")
    assert worry.concern == subject.concern == "grooming"


def test_form_offers_every_worry_first_and_apps_before_devices(site):
    age, about, where = finder.boxes()
    assert [value for value, _ in age.groups[0][1]] == ["pre-school", "pre-teen", "teen"]
    assert [heading for heading, _ in about.groups] == [
        "Something has happened", "When things go wrong", "What children do online",
    ]  # fmt: skip
    assert [value for value, _ in about.groups[0][1]] == [f"worry-{value}" for value in Concern.values]
    assert [heading for heading, _ in where.groups] == ["Apps and games", "Home broadband", "Consoles and games"]


# --- The answer -----------------------------------------------------------------------------------------


def test_age_alone_gives_its_topics_and_apps(site):
    found = ask(age="teen")
    assert (titles(found.topics), names(found.apps), found.help) == (["Grooming", "Phones"], ["Chat", "Roblox"], None)
    assert [card.words for card in found.words()] == ["Who asked?", "Can we look?"]


def test_worry_alone_gives_its_page_who_to_contact_first_and_every_age(site):
    found = ask(about="worry-grooming")
    assert (found.help.page.title, found.help.first.contact.name) == ("Grooming: who to tell", "CEOP")
    assert titles(found.topics) == ["Grooming", "Gaming"]
    assert names(found.apps) == ["Roblox"]


def test_topic_that_is_a_harm_brings_its_help_too(site):
    found = ask(about="topic-gaming")
    assert found.help.page.title == "Grooming: who to tell"
    assert ask(about="topic-phones").help is None


def test_worry_without_a_page_still_has_help(site):
    found = ask(about="worry-blackmail")
    assert (found.help, found.topics) == (finder.Help(None, None), [])


def test_app_alone_gives_its_settings_its_topics_and_the_guide_of_its_name(site):
    found = ask(where="app-roblox")
    assert (found.app.name, titles(found.topics), found.apps) == ("Roblox", ["Gaming"], [])
    assert [guide.provider for guide in found.guides] == ["Roblox"]
    assert found.words()[0].words == "What do you do on roblox?"


def test_device_alone_gives_its_guide(site):
    found = ask(where="controls-bt")
    assert ([guide.provider for guide in found.guides], found.app, found.topics) == (["BT"], None, [])


def test_two_answers_narrow_each_other(site):
    assert titles(ask(age="teen", about="worry-grooming").topics) == ["Grooming"]
    assert titles(ask(about="topic-grooming").topics) == ["Grooming", "Gaming", "Phones"]
    assert titles(ask(about="topic-grooming", where="app-roblox").topics) == ["Grooming", "Gaming"]
    assert titles(ask(about="worry-grooming", where="app-chat").topics) == ["Grooming"]


def test_three_answers_narrow_each_other(site):
    found = ask(age="pre-teen", about="worry-grooming", where="app-roblox")
    assert (titles(found.topics), found.app.name, found.help.first.contact.name) == (
        ["Grooming", "Gaming"], "Roblox", "CEOP",
    )  # fmt: skip
    assert titles(ask(age="teen", about="topic-grooming", where="app-roblox").topics) == ["Grooming"]


def test_what_was_asked_for_by_name_is_shown_apart_when_it_is_for_another_age(site):
    found = ask(age="pre-school", about="topic-grooming")
    assert (found.topics, titles(found.other_age)) == ([], ["Grooming"])
    found = ask(age="pre-school", about="worry-grooming")
    assert (found.topics, titles(found.other_age)) == ([], ["Grooming", "Gaming"])


def test_app_for_older_children_is_said_to_be(site):
    assert ask(age="pre-teen", where="app-chat").is_too_young is True
    assert ask(age="teen", where="app-chat").is_too_young is False
    assert ask(age="pre-teen", where="app-roblox").is_too_young is False  # not confirmed: never a guess
    assert ask(where="app-chat").is_too_young is False


def test_answer_holds_only_what_is_live(site, bands):
    factories.withdrawal(topic("gone", "Gone", [bands[2]], area="risk"))
    topic("draft", "Draft", [bands[2]], area="risk", state="draft", publish_at=None)
    factories.app_edition(name="Closed", age_bands=[bands[2]], status="closed", status_since="May 2020")
    found = ask(age="teen")
    assert (titles(found.topics), names(found.apps)) == (["Grooming", "Phones"], ["Chat", "Roblox"])


# --- The page -------------------------------------------------------------------------------------------


def page(client, query: str) -> str:
    response = client.get(f"/finder/{query}")
    assert response.status_code == 200
    return re.search(r"<main .*?</main>", response.content.decode(), re.DOTALL)[0]


def words(text: str) -> str:
    return " ".join(strip_tags(text.replace("<", " <")).split())


def headings(text: str) -> list[str]:
    return [words(heading) for heading in re.findall(r"<h2[^>]*>(.*?)</h2>", text, re.DOTALL)]


def test_page_without_an_answer_is_the_form(client, site):
    text = page(client, "?age=&about=&where=")
    assert (headings(text), text.count("<select")) == ([], 3)


def test_page_of_a_harm_begins_with_999_and_who_to_contact(client, site):
    text = page(client, "?age=pre-teen&about=worry-grooming&where=app-roblox")
    assert headings(text) == [
        "Is a child in danger now?", "Who to contact first", "Read this", "Roblox", "Controls to set",
        "Words to begin with", "Change your answers",
    ]  # fmt: skip
    assert 'href="/report/grooming/"' in text
    assert "roblox setting 3" in text
    assert "roblox setting 4" not in text
    assert re.findall(r'value="([\w-]+)" selected', text) == ["pre-teen", "worry-grooming", "app-roblox"]


def test_each_empty_part_of_the_page_says_so(client, bands):
    text = words(page(client, "?age=pre-school&about=worry-blackmail"))
    for said in (
        "Our page on this is being checked. See who to tell, step by step",
        "We have no topic on this for ages 0 to 4 yet.",
        "No app or game is named with this.",
        "Choose a device or provider to see how to set its controls.",
        "We have no words for exactly this yet.",
    ):
        assert said in text


def test_page_says_when_an_app_is_for_older_children(client, site):
    text = words(page(client, "?age=pre-teen&where=app-chat"))
    assert "Its own terms ask for age 13 or over. That is older than ages 5 to 12." in text


def test_page_offers_nothing_to_do_in_a_closed_app(client, bands):
    app("omegle", bands, status="closed", status_since="2023", family_tool_name="A tool")
    text = page(client, "?where=app-omegle")
    assert "Omegle has been closed since 2023." in words(text)
    assert "omegle setting" not in text
    assert "A tool" not in text
    assert "What do you do on" not in text


def test_hostile_address_is_an_ordinary_page_and_not_echoed(client, site):
    text = page(client, "?age=%00&about=%3Cb%3Eboo&where=" + "x" * 1_500)
    assert "<b>boo" not in text
    assert headings(text) == []


def test_home_has_the_form_after_the_worries(client, site):
    text = client.get("/").content.decode()
    order = [text.index(f'id="{name}-heading"') for name in ("danger", "age", "worry", "find", "talk")]
    assert order == sorted(order)
    form = re.search(r'<form class="finder".*?</form>', text, re.DOTALL)[0]
    assert 'action="/finder/"' in form
    assert re.findall(r'name="(\w+)"', form) == ["age", "about", "where"]


# What a page may cost once it is known what can be chosen.
QUERIES = {
    "/finder/": 0,
    "/finder/?age=pre-school": 0,
    "/finder/?where=app-the-app": 0,
    "/finder/?age=pre-school&about=worry-grooming&where=app-the-app": 0,
    "/finder/?about=topic-the-topic&where=controls-the-control": 0,
}


@pytest.mark.parametrize("rows", [1, 3])
def test_finder_makes_this_many_queries(client, rows, warm):
    make_site(rows)
    contacts = [reporting.contact_edition() for _ in range(rows)]
    for contact in contacts:
        for _ in range(rows):
            reporting.phone(contact, rows=[(range(5), "09:00", "17:00")])
    reporting.concern_edition("grooming", contacts=[contact.contact for contact in contacts])
    warm()
    assert {address: count(client, address) for address in QUERIES} == QUERIES
