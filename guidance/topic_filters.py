"""What the list of topics is narrowed down by."""

from collections.abc import Iterable
from dataclasses import dataclass

from guidance import shelf
from guidance.filters import Filter, Index, options_of, options_of_ages
from guidance.models.topics import Area
from safety_site.unchanged import while_unchanged
from safety_site.vocabulary import Audience


@dataclass(frozen=True)
class TopicFacts:
    """A topic with what the filters ask of it, read once."""

    row: shelf.TopicRow
    ages: frozenset[str]
    audiences: frozenset[str]


def _filters(bands: Iterable[shelf.Band]) -> list[Filter]:
    return [
        Filter("age", "Show topics for", options_of_ages(bands), lambda topic, slug, _: slug in topic.ages),
        Filter("for", "Who is it for?", options_of(Audience.choices), lambda topic, value, _: value in topic.audiences),
        Filter("area", "What is it about?", options_of(Area.choices), lambda topic, area, _: topic.row.area == area),
    ]


@while_unchanged
def index() -> Index:
    """Every live topic, by area, then by title."""
    order = {area: place for place, area in enumerate(Area.values)}
    rows = sorted(shelf.topics(), key=lambda row: order[row.area])
    ages, audiences, nobody = shelf.topic_ages(), shelf.audiences_of_topics(), frozenset()
    slugs = {band.pk: band.slug for band in shelf.bands()}
    facts = (
        TopicFacts(row, frozenset(slugs[age] for age in ages.get(row.pk, ())), audiences.get(row.pk, nobody))
        for row in rows
    )
    return Index(facts, _filters(shelf.bands()), rows)
