"""Lists that a reader narrows down: choices from the address, the rows that fit, a count beside every option.

All of it is plain functions over rows that were fetched before. A test answers True, False, or None for "we could not
confirm"; such a row is shown apart and is never dropped in silence. Each test is asked once of each row, when the index
of a list is made; its answers are kept as bits of a number, one for each row, so that a choice among thousands of rows,
with a count beside every option, is a few sums. What is asked of apps stands in ``app_filters.py``, of topics in
``topic_filters.py``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self
from urllib.parse import urlencode

from django.utils.datastructures import MultiValueDict

from guidance.shelf import Band


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
    minds: str = ""  # the other filter whose choice changes what the test answers


def read_choices(filters: Iterable[Filter], asked: MultiValueDict) -> Choices:
    """The choices in an address; values that are none of ours, and second answers to one question, do not count."""
    pairs = []
    for each in filters:
        known = [option.value for option in each.options if option.value in asked.getlist(each.name)]
        if not each.is_many:
            known = [value for value in asked.getlist(each.name) if value in known][-1:]
        pairs += [(each.name, value) for value in known]
    return Choices(tuple(pairs))


class Index:
    """The rows of a list with every answer of its filters.

    ``rows`` is what a page shows, in the order of the list; ``facts``, what the tests read of each, is not kept.
    """

    def __init__(self, facts: Iterable, filters: list[Filter], rows: Iterable):
        facts = list(facts)
        self.filters = filters
        self.rows = list(rows)
        self.everything = (1 << len(facts)) - 1
        options = {each.name: [option.value for option in each.options] for each in filters}
        self._answers = {
            (each.name, value, minded): self._ask(facts, each, value, minded)
            for each in filters
            for value in options[each.name]
            for minded in (*(((each.minds, other),) for other in options.get(each.minds, ())), ())
        }

    @staticmethod
    def _ask(facts: list, asked: Filter, value: str, minded: tuple) -> tuple[int, int]:
        """The rows that fit, and those that may fit; each row is the bit of its place."""
        sure, maybe, bit, choices = 0, 0, 1, Choices(minded)
        for row in facts:
            fits = asked.test(row, value, choices)
            sure |= bit if fits else 0
            maybe |= bit if fits is not False else 0
            bit <<= 1
        return sure, maybe

    def fitting(self, choices: Choices) -> tuple[int, int]:
        """The rows that pass everything chosen, and those that may; one "no" outweighs what we could not confirm."""
        sure = maybe = self.everything
        minds = {each.name: each.minds for each in self.filters}
        for name, value in choices.chosen:
            minded = tuple(pair for pair in choices.chosen if pair[0] == minds[name])[:1]
            fits, may_fit = self._answers[name, value, minded]
            sure, maybe = sure & fits, maybe & may_fit
        return sure, maybe

    def rows_of(self, bits: int, first: int = 0, most: int | None = None) -> list:
        """The rows of some bits, or ``most`` of them from the ``first`` on."""
        if first:
            bits &= ~((1 << self._place(bits, first)) - 1)
        found = []
        while bits and (most is None or len(found) < most):
            lowest = bits & -bits
            found.append(self.rows[lowest.bit_length() - 1])
            bits ^= lowest
        return found

    def _place(self, bits: int, number: int) -> int:
        """Below which place there are so many of some bits."""
        low, high = 0, len(self.rows)
        while low < high:
            middle = (low + high) // 2
            if (bits & ((1 << middle) - 1)).bit_count() < number:
                low = middle + 1
            else:
                high = middle
        return low


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


class Narrowed:
    """A list after a reader's choices. What a page does not ask for is not counted."""

    def __init__(self, index: Index, choices: Choices):
        self.index, self.choices = index, choices
        self.sure, maybe = index.fitting(choices)
        self.may_fit = maybe & ~self.sure  # we could not confirm

    @property
    def fits(self) -> list:
        return self.index.rows_of(self.sure)

    @property
    def unsure(self) -> list:
        return self.index.rows_of(self.may_fit)

    @property
    def count(self) -> int:
        """How many rows are sure to fit."""
        return self.sure.bit_count()

    @property
    def unsure_count(self) -> int:
        return self.may_fit.bit_count()

    @property
    def of(self) -> int:
        """How many rows there are without any choice."""
        return len(self.index.rows)

    def _count(self, wanted: Choices) -> int:
        return self.index.fitting(wanted)[0].bit_count()

    def _shown(self, each: Filter) -> ShownFilter:
        elsewhere = self.choices if each.is_many else self.choices.dropping(each.name)
        options = [
            ShownOption(
                option.value,
                option.label,
                self._count(elsewhere.adding(each.name, option.value)),
                option.value in self.choices.of(each.name),
                elsewhere.adding(each.name, option.value).query,
            )
            for option in each.options
        ]
        without = self.choices.dropping(each.name).query
        return ShownFilter(each.name, each.question, each.hint, each.is_many, options, without)

    @cached_property
    def filters(self) -> dict[str, ShownFilter]:
        return {each.name: self._shown(each) for each in self.index.filters}

    @cached_property
    def chips(self) -> list[Chip]:
        return [
            Chip(option.alone, fewer.query, self._count(fewer))
            for each in self.index.filters
            for option in each.options
            if (each.name, option.value) in self.choices.chosen
            for fewer in [self.choices.dropping(each.name, option.value)]
        ]

    @property
    def ways_out(self) -> list[Chip]:
        """Choices that, dropped alone, leave something to show; the most first."""
        return sorted((chip for chip in self.chips if chip.count), key=lambda chip: -chip.count)


def narrow_down(index: Index, asked: MultiValueDict) -> Narrowed:
    return Narrowed(index, read_choices(index.filters, asked))


def options_of(labels: Iterable[tuple[str, str]]) -> tuple[Option, ...]:
    """Values with labels that are the same among others and alone."""
    return tuple(Option(value, label, label) for value, label in labels)


def options_of_ages(bands: Iterable[Band]) -> tuple[Option, ...]:
    return tuple(Option(band.slug, f"{band.name}, {band.ages}", f"Ages {band.ages}") for band in bands)
