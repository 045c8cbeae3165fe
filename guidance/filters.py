"""Lists that a reader narrows down: choices from the address, the rows that fit, a count beside every option.

All of it is plain functions over rows that were fetched before: nothing is stored, nothing is asked of the
database twice. A test answers True, False, or None for "we could not confirm"; such a row is shown apart
and is never dropped in silence.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

from django.utils.datastructures import MultiValueDict

from guidance.models import AgeBand, AppFeature, AppProfileEdition, TopicEdition
from guidance.models.apps import AppKind, AppStatus
from guidance.models.topics import Area
from safety_site.vocabulary import Audience


@dataclass(frozen=True)
class Choices:
    """What a reader has chosen, as (name, value) pairs in the order of the filters."""

    chosen: tuple[tuple[str, str], ...] = ()

    def of(self, name: str) -> list[str]:
        return [value for key, value in self.chosen if key == name]

    def adding(self, name: str, value: str) -> Self:
        return self if (name, value) in self.chosen else type(self)((*self.chosen, (name, value)))

    def dropping(self, name: str, value: str = "") -> Self:
        """Without one value of a filter, or without any of its values."""
        return type(self)(tuple(pair for pair in self.chosen if pair[0] != name or value not in ("", pair[1])))

    @property
    def query(self) -> str:
        """For a link on the same page; a lone question mark clears the address."""
        return f"?{urlencode(self.chosen)}"


@dataclass(frozen=True)
class Option:
    """One value of a filter: its label among the others, and its words where it stands alone."""

    value: str
    label: str
    alone: str


@dataclass(frozen=True)
class Filter:
    """One question about a list. A reader answers it once, or with ``is_many`` by any number of values."""

    name: str
    question: str
    options: tuple[Option, ...]
    test: Callable[[Any, str, Choices], bool | None]
    is_many: bool = False
    hint: str = ""


def read_choices(filters: Iterable[Filter], asked: MultiValueDict) -> Choices:
    """The choices in an address; values that are none of ours, and second answers to one question, do not count."""
    pairs = []
    for each in filters:
        known = [option.value for option in each.options if option.value in asked.getlist(each.name)]
        if not each.is_many:
            known = [value for value in asked.getlist(each.name) if value in known][-1:]
        pairs += [(each.name, value) for value in known]
    return Choices(tuple(pairs))


def _fits(row: Any, filters: list[Filter], choices: Choices) -> bool | None:
    """Whether a row passes everything chosen; one "no" outweighs what we could not confirm."""
    answers = [each.test(row, value, choices) for each in filters for value in choices.of(each.name)]
    return False if False in answers else None if None in answers else True


@dataclass(frozen=True)
class ShownOption:
    """An option with how many rows are sure to fit if it is chosen next to everything else that is."""

    value: str
    label: str
    count: int
    is_chosen: bool
    query: str


@dataclass(frozen=True)
class ShownFilter:
    """A filter as its form and its links show it."""

    name: str
    question: str
    hint: str
    is_many: bool
    options: list[ShownOption]
    query_without: str  # for the link that takes every value of this filter back

    @property
    def chosen(self) -> str:
        """The value chosen of a filter with one answer."""
        return next((option.value for option in self.options if option.is_chosen), "")


@dataclass(frozen=True)
class Chip:
    """One thing chosen, with the address without it and how many rows are sure to fit there."""

    label: str
    query: str
    count: int


@dataclass(frozen=True)
class Narrowed:
    """A list after a reader's choices."""

    choices: Choices
    fits: list
    unsure: list  # may fit: we could not confirm
    of: int  # how many rows there are without any choice
    filters: dict[str, ShownFilter]
    chips: list[Chip]

    @property
    def ways_out(self) -> list[Chip]:
        """Choices that, dropped alone, leave something to show; the most first."""
        return sorted((chip for chip in self.chips if chip.count), key=lambda chip: -chip.count)


def narrow(rows: Iterable, filters: list[Filter], asked: MultiValueDict) -> Narrowed:
    rows, choices = list(rows), read_choices(filters, asked)

    def count(wanted: Choices) -> int:
        return sum(_fits(row, filters, wanted) is True for row in rows)

    def shown(each: Filter) -> ShownFilter:
        elsewhere = choices if each.is_many else choices.dropping(each.name)
        options = [
            ShownOption(
                option.value,
                option.label,
                count(elsewhere.adding(each.name, option.value)),
                option.value in choices.of(each.name),
                elsewhere.adding(each.name, option.value).query,
            )
            for option in each.options
        ]
        without = choices.dropping(each.name).query
        return ShownFilter(each.name, each.question, each.hint, each.is_many, options, without)

    chips = [
        Chip(option.alone, fewer.query, count(fewer))
        for each in filters
        for option in each.options
        if (each.name, option.value) in choices.chosen
        for fewer in [choices.dropping(each.name, option.value)]
    ]
    verdicts = [(row, _fits(row, filters, choices)) for row in rows]
    return Narrowed(
        choices,
        [row for row, fits in verdicts if fits],
        [row for row, fits in verdicts if fits is None],
        len(rows),
        {each.name: shown(each) for each in filters},
        chips,
    )


def _one_of(labels: Iterable[tuple[str, str]]) -> tuple[Option, ...]:
    return tuple(Option(value, label, label) for value, label in labels)


def _ages(bands: Iterable[AgeBand]) -> tuple[Option, ...]:
    return tuple(Option(band.slug, f"{band.name}, {band.ages}", f"Ages {band.ages}") for band in bands)


# --- Apps and games -------------------------------------------------------------------------------------

# What parents ask to be without, the gravest first; each in words that stand alone.
WITHOUT = (
    (AppFeature.Feature.MESSAGES_FROM_STRANGERS, "No messages from strangers"),
    (AppFeature.Feature.PUBLIC_PROFILE, "No profile that strangers can see"),
    (AppFeature.Feature.LOCATION_SHARING, "No sharing of location"),
    (AppFeature.Feature.LIVESTREAM, "No livestreaming"),
    (AppFeature.Feature.VIDEO_CHAT, "No live video chat"),
    (AppFeature.Feature.DISAPPEARING_MESSAGES, "No messages that vanish"),
    (AppFeature.Feature.AI_CHATBOT, "No AI chat"),
    (AppFeature.Feature.PURCHASES, "No spending inside"),
    (AppFeature.Feature.LOOT_BOXES, "No paid random items"),
)
CHILD_AGES = range(4, 18)


@dataclass(frozen=True)
class AppFacts:
    """An app with what the filters ask of it, read once."""

    edition: AppProfileEdition
    ages: frozenset[str]
    features: dict[str, str]


def app_facts(editions: Iterable[AppProfileEdition]) -> list[AppFacts]:
    """By name as people look for it. Takes editions with age bands and features prefetched."""
    return [
        AppFacts(
            edition,
            frozenset(band.slug for band in edition.age_bands.all()),
            {row.feature: row.value for row in edition.features.all()},
        )
        for edition in sorted(editions, key=lambda edition: edition.name.casefold())
    ]


def _is_without(app: AppFacts, feature: str, choices: Choices) -> bool | None:
    value = app.features.get(feature)
    if value is None:
        return None
    return value == AppFeature.Value.NO or (value == AppFeature.Value.VARIES and bool(choices.of("depends")))


def _is_old_enough(app: AppFacts, age: str, choices: Choices) -> bool | None:
    minimum = app.edition.minimum_age
    return None if minimum is None else minimum <= int(age)


def app_filters(bands: Iterable[AgeBand]) -> list[Filter]:
    return [
        Filter("age", "Show apps that matter at", _ages(bands), lambda app, slug, _: slug in app.ages),
        Filter(
            "minimum",
            "How old is your child?",
            tuple(Option(str(age), f"{age}", f"Minimum age {age} or under") for age in CHILD_AGES),
            _is_old_enough,
            hint="We leave out apps whose own terms ask for someone older.",
        ),
        Filter("kind", "What kind?", _one_of(AppKind.choices), lambda app, kind, _: app.edition.kind == kind),
        Filter(
            "status",
            "Can you still get it?",
            (
                Option(AppStatus.OPEN, "Yes, it is open", "Open"),
                Option(AppStatus.CLOSED, "No, it is closed", "Closed"),
                Option(AppStatus.UNCONFIRMED, "We could not confirm", "Could not confirm that it works"),
            ),
            lambda app, status, _: app.edition.status == status,
        ),
        Filter("without", "Show only apps with", _one_of(WITHOUT), _is_without, is_many=True),
        Filter(
            "depends",
            "When it depends",
            (Option("include", "Show those too", "Or it depends on settings"),),
            lambda app, value, _: True,
            is_many=True,
            hint="Some apps do a thing at some ages only, or until you change a setting. We leave them out unless "
            "you ask for them. If you do, check the setting on the app’s page.",
        ),
    ]


# --- Topics ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TopicFacts:
    """A topic with what the filters ask of it, read once."""

    edition: TopicEdition
    ages: frozenset[str]
    audiences: frozenset[str]


def topic_facts(editions: Iterable[TopicEdition]) -> list[TopicFacts]:
    """Takes editions with age bands and audiences prefetched."""
    return [
        TopicFacts(
            edition,
            frozenset(band.slug for band in edition.age_bands.all()),
            frozenset(row.audience for row in edition.audiences.all()),
        )
        for edition in editions
    ]


def topic_filters(bands: Iterable[AgeBand]) -> list[Filter]:
    return [
        Filter("age", "Show topics for", _ages(bands), lambda topic, slug, _: slug in topic.ages),
        Filter("for", "Who is it for?", _one_of(Audience.choices), lambda topic, value, _: value in topic.audiences),
        Filter("area", "What is it about?", _one_of(Area.choices), lambda topic, area, _: topic.edition.area == area),
    ]
