"""The page of how to report on each app, game and console."""

from itertools import count

import html5lib
import pytest
from django.db import IntegrityError, transaction

from reporting.concern_presenters import platforms_in_order
from reporting.models import PlatformLink, PlatformRoute
from tests.factories import CHECKED

pytestmark = pytest.mark.django_db

_numbers = count(1)


def platform(name: str = "", **fields) -> PlatformRoute:
    number = next(_numbers)
    values = {
        "name": name or f"Platform {number}",
        "kind": "social",
        "reporting": "Tap the dots.\nThen Report.",
        "is_published": True,
        "source": "Its help page, read 21 November 2026",
        **CHECKED,
        **fields,
    }
    return PlatformRoute.objects.create(slug=f"platform-{number}", **values)


def link(row: PlatformRoute, url: str = "https://app.example/report", **fields) -> PlatformLink:
    values = {"position": row.links.count() + 1, "kind": "report", "is_confirmed": True, **fields}
    return PlatformLink.objects.create(platform=row, url=url, **values)


def page(client):
    response = client.get("/report/platforms/")
    assert response.status_code == 200
    return html5lib.parse(response.content.decode(), namespaceHTMLElements=False)


def words(element) -> str:
    return " ".join("".join(element.itertext()).split())


def platform_section(tree, row: PlatformRoute):
    return next(element for element in tree.iter("section") if element.get("id") == row.slug)


def rows_of(tree, row: PlatformRoute) -> dict[str, str]:
    section = platform_section(tree, row)
    return dict(zip(map(words, section.iter("dt")), map(words, section.iter("dd")), strict=True))


def test_platforms_stand_by_name_whatever_the_case():
    for name in ("Zoo", "apple", "Banana", "X (formerly Twitter)", "Xbox"):
        platform(name)
    in_order = [row.name for row in platforms_in_order(PlatformRoute.objects.order_by("?"))]
    assert in_order == ["apple", "Banana", "X (formerly Twitter)", "Xbox", "Zoo"]


def test_index_leads_to_every_platform_on_the_page(client):
    names = {row.name: f"#{row.slug}" for row in (platform("A"), platform("B"))}
    tree = page(client)
    index = next(element for element in tree.iter("nav") if element.get("aria-labelledby") == "index")
    assert {words(a): a.get("href") for a in index.iter("a")} == names
    assert set(names.values()) == {f"#{e.get('id')}" for e in tree.iter("section") if e.get("class") == "platform"}


def test_platform_shows_its_ways(client):
    row = platform(blocking="Tap Block.", removal="Use the form.", under_age="Tell them.", family_tool="A tool.")
    assert rows_of(page(client), row) == {
        "Report": "Tap the dots.Then Report.",
        "Block": "Tap Block.",
        "Have it taken down": "Use the form.",
        "A child who is too young": "Tell them.",
        "For families": "A tool.",
    }


def test_way_that_we_could_not_confirm_is_no_dead_end(client):
    row = platform(reporting="")
    ways = rows_of(page(client), row)
    assert set(ways) == {"Report", "Block", "Have it taken down", "A child who is too young"}
    assert ways["Report"].startswith("We could not confirm the steps. Look for")
    assert all(ways.values())


def test_only_confirmed_links_are_shown(client):
    row = platform()
    link(row, "https://app.example/sure", kind="under-age")
    link(row, "https://app.example/unsure", is_confirmed=False)
    section = platform_section(page(client), row)
    links = [a for a in section.iter("a") if a.get("href").startswith("https:")]
    assert [(a.get("href"), a.get("rel")) for a in links] == [("https://app.example/sure", "noreferrer")]


def test_closed_platform_says_so_and_offers_no_steps(client):
    row = platform("Gone", closed="October 2021", note="Nobody is there.")
    text = words(platform_section(page(client), row))
    assert "Gone (closed)" in text
    assert "closed since October 2021" in text
    assert "Nobody is there." in text
    assert "Tap the dots." not in text


def test_unpublished_platform_and_notes_for_editors_stay_hidden(client):
    platform("Hidden one", is_published=False)
    platform("Shown one", editor_note="Only for editors")
    text = words(page(client))
    assert "Shown one" in text
    assert "Hidden one" not in text
    assert "Only for editors" not in text


def test_page_without_platforms_still_offers_help(client):
    addresses = {a.get("href") for a in page(client).iter("a")}
    assert {"tel:999", "#help", "/report/"} <= addresses


def test_page_asks_as_many_queries_for_three_rows_as_for_one(client, django_assert_num_queries):
    link(platform())
    with django_assert_num_queries(4):
        client.get("/report/platforms/")
    for _ in range(2):
        row = platform()
        link(row)
        link(row)
    with django_assert_num_queries(4):
        client.get("/report/platforms/")


def test_published_platform_needs_its_source():
    platform(source="", is_published=False)
    with pytest.raises(IntegrityError, match="platform_route_has_source"), transaction.atomic():
        platform(source="")


def test_two_links_of_a_platform_stand_at_different_positions():
    row = platform()
    link(row, position=1)
    link(platform(), position=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        link(row, position=1)
