"""A page of a long list says at once which one it is, and leads to the others by number."""

import re

import pytest

from guidance import views
from safety_site.paging import Page as Paging
from tests import factories
from tests.sweep import Page, words_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("number", "of", "numbers"),
    [
        (1, 2, [1, 2]),
        (1, 6, [1, 2, 0, 6]),
        (3, 6, [1, 2, 3, 4, 5, 6]),
        (4, 7, [1, 2, 3, 4, 5, 6, 7]),
        (10, 20, [1, 0, 9, 10, 11, 0, 20]),
        (20, 20, [1, 0, 19, 20]),
    ],
)
def test_pager_names_first_last_and_neighbours(number, of, numbers):
    assert [each.number for each in Paging(number, of, 2).around] == numbers


@pytest.fixture
def lists(monkeypatch):
    for name in ("TOPICS_ON_A_PAGE", "APPS_ON_A_PAGE", "GUIDES_ON_A_PAGE", "NOTES_ON_A_PAGE", "SUBJECTS_ON_A_PAGE"):
        monkeypatch.setattr(views, name, 1)
    teen = factories.age_bands()[2]
    for number in range(3):
        factories.control_edition(provider=f"P{number}")
        factories.law_note(title=f"Law {number}", position=number)
        factories.old_name(name=f"Name {number}")
        factories.app_edition(name=f"App {number}", age_bands=[teen])
        factories.topic_parts(factories.topic_edition(title=f"T{number}", age_bands=[teen]), 1, [teen], words="Words")


@pytest.mark.parametrize("path", ["topics", "apps", "parental-controls", "talk", "law", "old-names"])
def test_page_says_its_number_in_the_heading_and_links_lead_to_the_list(client, lists, path):
    page = Page(path, client.get(f"/{path}/?page=2"))
    heading = words_of(page.all("h1")[0])
    assert re.search(r", page 2 of [35]$", heading)
    (pager,) = page.with_class("pages")
    links = {words_of(link): link.get("href") for link in pager.iter("a")}
    assert {"?#list", "?page=2#list", "?page=3#list"} <= set(links.values())
    assert all(href.endswith("#list") for href in links.values())
    assert [words_of(link) for link in pager.iter("a") if link.get("aria-current") == "page"] == ["Page 2"]
    assert page.ids.count("list") == 1
    first = Page(path, client.get(f"/{path}/"))
    assert "page" not in words_of(first.all("h1")[0])
    assert first.ids.count("list") == 1


def test_list_of_apps_says_that_ticks_are_of_one_page(client, lists):
    page = Page("apps", client.get("/apps/?page=2"))
    text = words_of(page.all("main")[0])
    assert "tick two to four from this page" in text
    assert "/apps/compare/" in {link.get("href") for link in page.all("main")[0].iter("a")}
    assert "Compare those ticked on this page" in text
