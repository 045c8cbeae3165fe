"""Plain functions that shape rows for a page, where a template cannot."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from math import ceil

from guidance.models import (
    AgeBand,
    AppFeature,
    AppProfileEdition,
    AppRating,
    ControlGuideEdition,
    ConversationStarter,
    Fact,
    Section,
    TopicEdition,
)
from guidance.models.apps import AppKind
from guidance.models.common import Claim
from guidance.models.controls import ControlFamily
from guidance.models.links import SharedNote, UsefulLink
from guidance.models.topics import Area
from guidance.rich_text import list_items
from guidance.shelf import Band, Row


def first_steps(sections: Iterable[Section]) -> Section | None:
    """The section that a frightened reader should reach in one tap: what to do, in order."""
    return next((section for section in sections if section.kind == Section.Kind.STEPS), None)


@dataclass(frozen=True)
class Group:
    """Rows under one heading."""

    key: str
    heading: str
    rows: list


def _group(rows: Iterable, choices, key) -> list[Group]:
    """Rows by a choice, in the choices' own order, without empty groups."""
    by_key: dict[str, list] = {}
    for row in rows:
        by_key.setdefault(key(row), []).append(row)
    return [Group(value, label, by_key[value]) for value, label in choices.choices if value in by_key]


def topics_by_area(editions: Iterable[TopicEdition]) -> list[Group]:
    return _group(editions, Area, lambda edition: edition.area)


def controls_by_family(editions: Iterable[ControlGuideEdition]) -> list[Group]:
    return _group(editions, ControlFamily, lambda edition: edition.family)


def apps_by_kind(editions: Iterable[AppProfileEdition]) -> list[Group]:
    return _group(editions, AppKind, lambda edition: edition.kind)


def links_by_group(links: Iterable[UsefulLink]) -> list[Group]:
    return _group(links, UsefulLink.Group, lambda link: link.group)


def law_by_status(notes: Iterable[SharedNote]) -> list[Group]:
    return _group(notes, SharedNote.LawStatus, lambda note: note.law_status)


def features_by_value(features: Iterable[AppFeature]) -> list[Group]:
    """What an app has, what it has for some, what it has not; each in the order that parents ask."""
    order = AppFeature.Feature.values
    ordered = sorted(features, key=lambda feature: order.index(feature.feature))
    return _group(ordered, AppFeature.Value, lambda feature: feature.value)


def features_not_known(features: Iterable[AppFeature]) -> list[str]:
    """What we have no answer for, in the order that parents ask; said on the page, never left out."""
    known = {feature.feature for feature in features}
    return [feature.label for feature in AppFeature.Feature if feature not in known]


@dataclass(frozen=True)
class AgeFact:
    """What one party says about the age for an app. Four parties, four facts: they do not mean the same."""

    who: str
    says: str  # empty: we could not confirm
    as_of: str
    note: str


def age_facts(edition: AppProfileEdition) -> list[AgeFact]:
    """The service's own terms, then each rating scheme, whether or not we have a row for it."""
    ratings = {row.scheme: row for row in edition.ratings.all()}
    terms = AgeFact(
        "Its own terms",
        "" if edition.minimum_age is None else f"{edition.minimum_age} or over",
        edition.minimum_age_as_of and f"as of {edition.minimum_age_as_of}",
        edition.minimum_age_note,
    )
    others = [(scheme.label, ratings.get(scheme)) for scheme in AppRating.Scheme]
    return [
        terms,
        *(AgeFact(who, row.rating, row.as_of, row.note) if row else AgeFact(who, "", "", "") for who, row in others),
    ]


def apps_in_lists(
    editions: Iterable[AppProfileEdition],
) -> tuple[list[AppProfileEdition], list[AppProfileEdition]]:
    """Apps that can be had, and apps that are closed or that we could not confirm; both by name."""
    editions = sorted(editions, key=lambda edition: edition.name.casefold())
    return [e for e in editions if e.is_open], [e for e in editions if not e.is_open]


def most_told_of(rows: Iterable[Row], told: Mapping[int, Collection], most: int) -> list[Row]:
    """The things that most others name, in the order given: what families meet first, not what somebody liked best.

    ``told`` has what names each thing, by its key.
    """
    rows = list(rows)
    first = sorted(rows, key=lambda row: -len(told.get(row.thing_id, ())))[:most]
    chosen = {row.pk for row in first}
    return [row for row in rows if row.pk in chosen]


@dataclass(frozen=True)
class TalkCard:
    """One conversation starter with its subject."""

    words: str
    tip: str
    subject: str
    url: str


def talk_by_age(
    age_bands: Iterable[AgeBand], topics: Iterable[TopicEdition], apps: Iterable[AppProfileEdition]
) -> list[tuple[AgeBand, list[Group]]]:
    """Every starter, by age band and then by subject; topics before apps, each by title."""
    cards: dict[int, list[TalkCard]] = {}
    for topic in topics:
        for starter in topic.starters.all():
            card = TalkCard(starter.words, starter.tip, topic.title, topic.get_absolute_url())
            for band in starter.age_bands.all():
                cards.setdefault(band.pk, []).append(card)
    for app in apps:
        for band in app.age_bands.all():
            cards.setdefault(band.pk, []).extend(
                TalkCard(starter.words, "", app.name, app.get_absolute_url()) for starter in app.starters.all()
            )
    return [
        (
            band,
            [
                Group(subject, subject, list(group))
                for subject, group in groupby(cards.get(band.pk, []), key=lambda card: card.subject)
            ],
        )
        for band in age_bands
    ]


@dataclass(frozen=True)
class Place:
    """A page that tells something."""

    title: str
    url: str


@dataclass(frozen=True)
class Figure:
    """One claim with its source, and the other pages that tell it in the same words."""

    fact: Claim
    also: list[Place]


@dataclass(frozen=True)
class FigureGroup:
    """The figures of one page that no page before it has told."""

    key: str
    page: Place
    figures: list[Figure]


def place_of_age(band: Band) -> Place:
    return Place(f"{band.name}: ages {band.ages}", band.get_absolute_url())


def figures_once(pages: Iterable[tuple[str, Place, Iterable]]) -> list[FigureGroup]:
    """The facts of pages (key, place, facts), each where it is told first; none of a page without its own."""
    told: dict[tuple[str, str, str], Figure] = {}
    groups = []
    for key, place, facts in pages:
        group = FigureGroup(key, place, [])
        for fact in facts:
            words = (fact.claim, fact.source, fact.year)
            if words in told:
                told[words].also.append(group.page)
            else:
                told[words] = Figure(fact, [])
                group.figures.append(told[words])
        groups.append(group)
    return [group for group in groups if group.figures]


@dataclass(frozen=True)
class Handout:
    """What of a topic fits on one sheet of paper, in whole sentences."""

    heading: str  # of the points
    points: list[str]
    has_more_points: bool
    signs_heading: str
    signs: list[str]
    starters: list[ConversationStarter]
    fact: Fact | None


MOST_POINTS, MOST_SIGNS, MOST_STARTERS = 5, 4, 3

# Lines of an A4 sheet, and letters in one, at the size of a hand-out; measured on paper, with some to spare.
# Title, numbers to call, foot and the room between them take the rest of the sheet.
SHEET_LINES, SHEET_LETTERS, HEADING_LINES = 34, 88, 2


def handout(edition: TopicEdition) -> Handout:
    """The points, signs, starters and fact of a topic that one sheet holds.

    What matters most is given room first, and what has no room is left out whole: a sentence is never cut, and
    nothing is shortened, since a safety rule without its second half can be wrong.
    """
    sections = list(edition.sections.all())
    points_of, signs_of = _points_section(sections), _signs_section(sections)
    points = list_items(points_of.body) if points_of else []
    signs = list_items(signs_of.body) if signs_of else []
    starters, facts = list(edition.starters.all()), list(edition.facts.all())
    room = SHEET_LINES - 2 * _lines(edition.title * 2) - _lines(edition.summary)  # the title is in large letters
    kept: dict[str, list] = {"points": [], "starters": [], "facts": [], "signs": []}

    def give_room(part: str, rows: list, most: int, words) -> None:
        nonlocal room
        for row in rows:
            needed = _lines(words(row)) + (0 if kept[part] else HEADING_LINES)
            if len(kept[part]) < most and row not in kept[part] and needed <= room:
                kept[part].append(row)
                room -= needed

    give_room("points", points, 3, str)
    give_room("starters", starters, 2, lambda row: f"{row.words} {row.tip}")
    give_room("facts", facts, 1, lambda row: f"{row.claim} {row.source} {row.year}")
    give_room("points", points, MOST_POINTS, str)
    give_room("signs", signs, MOST_SIGNS, str)
    give_room("starters", starters, MOST_STARTERS, lambda row: f"{row.words} {row.tip}")
    return Handout(
        heading=points_of.heading if points_of else "",
        points=[row for row in points if row in kept["points"]],
        has_more_points=len(kept["points"]) < len(points),
        signs_heading=signs_of.heading if signs_of else "",
        signs=kept["signs"],
        starters=kept["starters"],
        fact=next(iter(kept["facts"]), None),
    )


def _lines(words: str) -> int:
    return ceil(len(words) / SHEET_LETTERS)


def _points_section(sections: list[Section]) -> Section | None:
    """The steps for every age, else those for one, else the first list there is."""
    with_lists = [section for section in sections if list_items(section.body)]
    steps = [section for section in with_lists if section.kind == Section.Kind.STEPS]
    for_everyone = [section for section in steps if section.age_band_id is None]
    return next(iter([*for_everyone, *steps, *with_lists]), None)


def _signs_section(sections: list[Section]) -> Section | None:
    """What to notice, where a section is about that."""
    about_signs = (section for section in sections if section.heading.casefold().startswith("signs"))
    return next((section for section in about_signs if list_items(section.body)), None)
