"""Figures as their page gathers them: each once, with every page that tells it."""

import pytest

from guidance import lookups, presenters
from tests import factories

pytestmark = pytest.mark.django_db


def figures() -> list[presenters.FigureGroup]:
    return lookups.with_facts(list(lookups.figures()))


@pytest.fixture
def told():
    """Two topics, the second by title first; both tell one figure, and so does an age band."""
    band = factories.age_band("teen")
    later, first = (factories.topic_edition(title=title) for title in ("Zebras", "apes"))
    for edition, claims in ((later, ["Shared", "Own"]), (first, ["Shared"])):
        for position, claim in enumerate(claims, 1):
            edition.facts.create(position=position, claim=claim, source="Ofcom", year="2025")
    factories.age_band_fact(band, claim="Shared", source="Ofcom", year="2025")
    return later, first, band


def test_figure_on_several_pages_is_told_once_with_all_of_them(told):
    later, _first, band = told
    groups = figures()
    assert [(g.page.title, [f.fact.claim for f in g.figures]) for g in groups] == [
        ("apes", ["Shared"]), ("Zebras", ["Own"]),
    ]  # fmt: skip
    assert [page.url for page in groups[0].figures[0].also] == [later.get_absolute_url(), band.get_absolute_url()]


def test_figure_of_another_year_or_source_is_another_figure(told):
    _later, first, _band = told
    first.facts.create(position=2, claim="Own", source="Ofcom", year="2024")
    first.facts.create(position=3, claim="Own", source="Internet Matters", year="2025")
    assert [[(f.fact.source, f.fact.year) for f in g.figures if f.fact.claim == "Own"] for g in figures()] == [
        [("Ofcom", "2024"), ("Internet Matters", "2025")], [("Ofcom", "2025")],
    ]  # fmt: skip


def test_page_without_a_figure_has_no_heading_among_the_figures():
    factories.topic_edition()
    factories.age_band("teen")
    assert figures() == []
