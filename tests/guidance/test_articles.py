"""What is kept of a topic, put together for one visitor."""

import re

import pytest

from guidance import articles, shelf
from guidance.models import Section, TopicEdition
from safety_site.kept import parts_of
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def topic():
    """Its sections are out of order on purpose: as positions, not as rows were made, and not by age."""
    pre_school, pre_teen, teen = factories.age_bands()
    edition = factories.topic_edition()
    rows = [(6, teen), (2, None), (1, pre_teen), (3, pre_school), (5, pre_teen), (4, None)]
    for position, band in rows:
        Section.objects.create(
            edition=edition, position=position, age_band=band, heading=f"{position} {band or 'all'}", body="<p>x</p>"
        )
    return edition


def arranged(edition: TopicEdition, age: str = "") -> articles.Sections:
    html = parts_of(TopicEdition, edition.pk, "sections")["sections"]
    return articles.arranged(html, shelf.bands(), shelf.band_of(age))


def headings(sections: articles.Sections) -> tuple[list[str], list[str], list[str]]:
    """For the age chosen, for everyone, and, each with a label for whom it is, for other ages."""
    first, others = (
        re.findall(r"<section .*?</section>", html, re.DOTALL) for html in (sections.first, sections.others)
    )
    labelled = [section for section in others if 'class="for-age"' in section]
    everyone = [section for section in others if section not in labelled]
    assert others == [*everyone, *labelled]
    assert 'class="for-age"' not in sections.first
    found = tuple(re.findall(r"<h2.*?<span>(.*?)</span></h2>", "".join(part)) for part in (first, everyone, labelled))
    assert re.findall(r">([^<]+)</a>", sections.contents) == [heading for part in found for heading in part]
    return found


def test_sections_without_a_choice_are_for_everyone_then_by_age(topic):
    assert headings(arranged(topic)) == (
        [], ["2 all", "4 all"], ["3 Pre-school", "1 Pre-teen", "5 Pre-teen", "6 Teen"],
    )  # fmt: skip


def test_sections_for_the_age_chosen_come_first(topic):
    assert headings(arranged(topic, "pre-teen")) == (
        ["1 Pre-teen", "5 Pre-teen"], ["2 all", "4 all"], ["3 Pre-school", "6 Teen"],
    )  # fmt: skip


def test_sections_with_none_for_the_age_chosen_leave_nothing_out(topic):
    topic.sections.get(heading="6 Teen").delete()
    assert headings(arranged(topic, "teen")) == (
        [], ["2 all", "4 all"], ["3 Pre-school", "1 Pre-teen", "5 Pre-teen"],
    )  # fmt: skip


def test_topic_without_sections_has_an_empty_order():
    assert headings(arranged(factories.topic_edition())) == ([], [], [])
