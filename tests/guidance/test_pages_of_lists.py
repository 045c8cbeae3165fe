"""Long lists come in pages: real links, the choices kept, no page beyond the last; and short ones look as ever."""

import re

import pytest

from guidance import comparison, views
from guidance.models import AppStarter
from safety_site import finder, plan_form
from tests import factories
from tests.sweep import Page, words_of

pytestmark = pytest.mark.django_db


def get(client, address: str, status: int = 200) -> Page:
    page = Page(address, client.get(address))
    assert page.status == status
    return page


def title(page: Page) -> str:
    return words_of(page.all("title")[0])


def ways_on(page: Page) -> dict[str, str]:
    """The links to the pages before and after, by their rel."""
    return {
        link.get("rel"): link.get("href").removesuffix("#list")
        for link in page.all("a")
        if link.get("rel") in ("prev", "next")
    }


def cards(page: Page, css_class: str = "card") -> list[str]:
    return [words_of(card.find(".//{*}a")) for card in page.all("li") if css_class in card.get("class", "").split()]


@pytest.fixture
def teen():
    return factories.age_bands()[2]


@pytest.fixture
def two_on_a_page(monkeypatch):
    for name in ("TOPICS_ON_A_PAGE", "APPS_ON_A_PAGE", "GUIDES_ON_A_PAGE", "NOTES_ON_A_PAGE", "SUBJECTS_ON_A_PAGE"):
        monkeypatch.setattr(views, name, 2)


def test_list_of_one_page_says_nothing_of_pages(client, teen):
    for _ in range(3):
        factories.topic_edition(age_bands=[teen])
    page = get(client, "/topics/")
    assert (title(page), ways_on(page), page.with_class("pages")) == ("Topics - Hearthside", {}, [])
    assert get(client, "/topics/?page=1").text.count('class="card"') == 3


def test_topics_go_on_page_by_page_with_the_choices_kept(client, teen, two_on_a_page):
    for name in ("A", "B", "C", "D", "E"):
        factories.topic_edition(title=name, age_bands=[teen], area="risk" if name == "A" else "online")
    factories.topic_edition(title="For another age", age_bands=[factories.age_band("pre-school")])
    first = get(client, "/topics/?age=teen")
    # What is at risk stands before what children do.
    assert (cards(first), ways_on(first)) == (["A", "B"], {"next": "?age=teen&page=2"})
    second = get(client, "/topics/?age=teen&page=2")
    assert (cards(second), ways_on(second)) == (["C", "D"], {"prev": "?age=teen", "next": "?age=teen&page=3"})
    assert title(second) == "Topics for ages 13 to 17 (5 found), page 2 of 3 - Hearthside"
    assert "Page 2 of 3" in words_of(second.with_class("pages")[0])
    last = get(client, "/topics/?age=teen&page=3")
    assert (cards(last), ways_on(last)) == (["E"], {"prev": "?age=teen&page=2"})
    # Another choice begins at its first page.
    numbered = [link for link in second.all("a") if re.search(r"[?&]page=\d", link.get("href"))]
    assert [link.get("rel") for link in numbered if not link.get("href").endswith("#list")] == []


@pytest.mark.parametrize("path", ["topics", "apps", "parental-controls", "talk", "law", "figures", "old-names"])
def test_page_that_is_not_there_is_404_in_plain_words(client, path, two_on_a_page):
    for asked in ("0", "4", "-1", "x", "1.0", "٢", "9" * 20, "2 "):
        answer = get(client, f"/{path}/?page={asked}", status=404)
        assert words_of(answer.all("h1")[0]) == "This list has no such page"


def test_apps_go_on_through_those_that_may_fit_and_those_that_are_closed(client, teen, two_on_a_page):
    for name, fields in {
        "Aa": {}, "Bb": {}, "Cc": {}, "Dd": {"minimum_age": None}, "Ee": {"status": "closed", "status_since": "2020"},
    }.items():  # fmt: skip
        factories.app_edition(name=name, age_bands=[teen], **fields)
    pages = [get(client, f"/apps/?minimum=13{more}") for more in ("", "&page=2", "&page=3")]
    assert [cards(page, "app-card") for page in pages] == [["Aa", "Bb"], ["Cc", "Dd"], ["Ee"]]
    links = [[link.get("href") for link in page.all("a") if "#unsure" in link.get("href")] for page in pages]
    assert links == [["?minimum=13&page=2#unsure"], ["#unsure"], ["?minimum=13&page=2#unsure"]]
    assert all("4 of 5 fit. 1 more may" in words_of(page.all("main")[0]) for page in pages)


def test_controls_notes_names_figures_and_talks_come_in_pages(client, teen, two_on_a_page):
    for number in range(3):
        factories.control_edition(provider=f"P{number}")
        factories.law_note(title=f"Law {number}", position=number)
        factories.old_name(name=f"Name {number}")
        topic = factories.topic_edition(title=f"T{number}")
        factories.topic_parts(topic, 1, [teen], words=f"Words {number}")
    assert [cards(get(client, f"/parental-controls/{more}")) for more in ("", "?page=2")] == [["P0", "P1"], ["P2"]]
    headings = {
        "/law/": ("h3", "Law"), "/old-names/": ("h2", "Name"), "/figures/": ("h2", "T"), "/talk/?age=teen": ("h3", "T"),
    }  # fmt: skip
    for path, (tag, begins) in headings.items():
        both = path + ("&" if "?" in path else "?") + "page=2"
        shown = [
            [words_of(each) for each in get(client, address).all(tag) if re.match(rf"{begins} ?\d", words_of(each))]
            for address in (path, both)
        ]
        space = " " if begins in ("Law", "Name") else ""
        assert shown == [[f"{begins}{space}0", f"{begins}{space}1"], [f"{begins}{space}2"]], path
        assert "page 2 of 2" in title(get(client, both)).lower()
    assert ways_on(get(client, "/talk/?age=teen")) == {"next": "?age=teen&page=2"}


def test_page_of_an_age_shows_what_is_told_of_most_and_leads_to_the_rest(client, teen, monkeypatch):
    monkeypatch.setattr(views, "MOST_SHOWN", 2)
    topics = [factories.topic_edition(title=name, age_bands=[teen]) for name in ("A", "B", "C")]
    topics[0].related_topics.set([topics[2].topic, topics[1].topic])
    for name in ("X", "Y", "Z"):
        factories.app_edition(name=name, age_bands=[teen])
    page = get(client, "/age/teen/")
    assert (cards(page), len(cards(page, "app-card"))) == (["B", "C"], 2)
    assert {"/topics/?age=teen", "/apps/?age=teen&status=open"} <= {link.get("href") for link in page.all("a")}


def test_boxes_of_the_finder_have_what_is_told_of_most_and_what_was_chosen(client, teen, monkeypatch):
    monkeypatch.setattr(finder, "MOST_OPTIONS", 1)
    told = factories.app_edition(factories.app_profile("told"), name="Told")
    factories.app_edition(factories.app_profile("rare"), name="Rare")
    factories.topic_edition(factories.topic("about"), title="About").related_apps.set([told.profile])
    factories.topic_edition(factories.topic("zz"), title="Zz")
    form = get(client, "/finder/")
    offered = [option.get("value") for option in form.all("option")]
    assert ("app-told" in offered, "app-rare" in offered) == (True, False)
    assert {"/topics/", "/apps/"} <= {link.get("href") for hint in form.with_class("hint") for link in hint.iter("a")}
    answer = get(client, "/finder/?where=app-rare")
    assert [option.get("value") for option in answer.all("option") if option.get("selected") is not None] == [
        "app-rare"
    ]


def test_boxes_of_the_comparison_have_what_was_asked_for(client, monkeypatch):
    monkeypatch.setattr(comparison, "MOST_OPTIONS", 1)
    for slug in ("a", "b", "c"):
        factories.app_edition(factories.app_profile(slug), name=slug)
    page = get(client, "/apps/compare/?app=b&app=c")
    assert {option.get("value") for option in page.all("option")} == {"", "a", "b", "c"}
    page = get(client, "/apps/compare/?app=c")
    assert [option.get("value") for option in page.all("option") if option.get("selected") is not None] == ["c"]
    assert "the apps that our topics tell of most" in words_of(page.all("main")[0])


def test_form_of_the_plan_has_what_was_chosen_and_any_app_makes_a_plan(client, teen, monkeypatch):
    monkeypatch.setattr(plan_form, "MOST_OPTIONS", 1)
    for slug in ("a", "b"):
        factories.app_edition(factories.app_profile(slug), name=slug, age_bands=[teen])
    boxes = [box.get("value") for box in get(client, "/plan/").all("input") if box.get("name") == "app"]
    assert boxes == ["a"]
    changed = get(client, "/plan/?app=b&change=1")
    assert [box.get("value") for box in changed.all("input") if box.get("name") == "app"] == ["a", "b"]
    assert "B" in words_of(get(client, "/plan/?app=b").all("main")[0]).upper()


def test_home_shows_worries_that_are_told_of_most(client, teen, monkeypatch):
    monkeypatch.setattr("safety_site.views.MOST_WORRIES", 1)
    first, second = (factories.topic_edition(title=name, area="wrong") for name in ("A", "B"))
    first.related_topics.set([second.topic])
    (worries,) = get(client, "/").with_class("worries")
    assert [words_of(item) for item in worries.iter("li")] == ["B", "All topics"]


def test_talk_of_an_age_without_words_says_so(client, teen):
    app = factories.app_edition(name="App", age_bands=[teen])
    AppStarter.objects.create(edition=app, words="What is new?")
    text = words_of(get(client, "/talk/").all("main")[0])
    assert text.count("We have no starters for this age yet.") == 2
    assert "What is new?" in text
