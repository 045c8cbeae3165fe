"""What differs between two editions of a thing, parts included, word by word. Plain functions; no requests, no HTML.

Texts are compared in three steps, coarse to fine: paragraphs, sentences, words. A step that would take too long for
texts like these (long, with the same few words over and over) is left out: then more is shown as changed than was.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import groupby

SAME, ADDED, REMOVED = "same", "added", "removed"

# Lists of tokens up to these sizes (before times after; pairs of equal ones) are compared token by token. Longer ones
# are first cut at what stands once in both.
MOST_CELLS = 400_000
MOST_PAIRS = 40_000
# So many tokens in a row make a place that a long text is unlikely to hold twice.
ANCHOR = 4
# Below this share of words in common, a passage was written anew: one after the other reads better than a mixture.
REWRITTEN_BELOW = 0.25
# Fewer letters than these, the same between two changes, only break up the sentence.
ISLAND = 3


@dataclass(frozen=True)
class Piece:
    """A run of words that stayed, came or went."""

    kind: str
    text: str


def compare_texts(old: str, new: str) -> list[Piece]:
    """The pieces of both texts in order: without those added it is the old one, without those removed the new."""
    if old == new:
        return [Piece(SAME, old)] if old else []
    return _tidy(_refine(old, new, [_PARAGRAPHS, _SENTENCES, _WORDS]))


_PARAGRAPHS = re.compile(r"[^\n]*\n+|[^\n]+\Z")
_SENTENCES = re.compile(r".*?[.!?…:;](?:\s+|\Z)|.+\Z", re.DOTALL)
_WORDS = re.compile(r"\w+(?:[’'.,:/@-]\w+)*|\s+|[^\w\s]")


def _refine(old: str, new: str, steps: Sequence[re.Pattern]) -> list[Piece]:
    """The changes between two texts cut at the first step, and what was replaced cut finer, as far as steps go."""
    if not old or not new or not steps:
        return _whole(old, new)
    [cut, *finer] = steps
    before, after = cut.findall(old), cut.findall(new)
    if finer and len(before) == len(after) == 1:
        return _refine(old, new, finer)
    if not finer and _likeness(before, after) < REWRITTEN_BELOW:
        return _whole(old, new)
    pieces = []
    for kind, a, b in _runs(before, after):
        if kind == SAME:
            pieces.append(Piece(SAME, "".join(a)))
        else:
            pieces += _refine("".join(a), "".join(b), finer)
    return pieces


def _whole(old: str, new: str) -> list[Piece]:
    return [piece for piece in (Piece(REMOVED, old), Piece(ADDED, new)) if piece.text]


def _likeness(before: Sequence[str], after: Sequence[str]) -> float:
    """The share of words that two lists have in common, whatever their order: 0 to 1."""
    old, new = (Counter(word.casefold() for word in words if not word.isspace()) for words in (before, after))
    total = old.total() + new.total()
    return 2 * (old & new).total() / total if total else 1.0


def _runs(before: list[str], after: list[str]) -> list[tuple[str, list[str], list[str]]]:
    """Runs of tokens that are the same, or that took each other's place."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    first, last = before[:start], before[len(before) - end :]
    middle = _runs_between(before[start : len(before) - end], after[start : len(after) - end])
    return [run for run in [(SAME, first, first), *middle, (SAME, last, last)] if run[1] or run[2]]


def _runs_between(a: list[str], b: list[str]) -> list[tuple[str, list[str], list[str]]]:
    if len(a) * len(b) <= MOST_CELLS:
        old, new = Counter(a), Counter(b)
        if sum(count * new[token] for token, count in old.items()) > MOST_PAIRS:
            return [("changed", a, b)]
        codes = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
        return [(SAME if tag == "equal" else "changed", a[i:j], b[k:m]) for tag, i, j, k, m in codes]
    runs, at, to = [], 0, 0
    for i, k in [*_anchors(a, b), (len(a), len(b))]:
        before, after = a[at:i], b[to:k]
        cut_once = (i, k) == (len(a), len(b)) and not at and not to
        runs += [("changed", before, after)] if cut_once else _runs(before, after)
        at, to = i, k
    return runs


def _anchors(a: list[str], b: list[str]) -> list[tuple[int, int]]:
    """Places in two lists from which the same few tokens run on, found once in each, in the order of both."""
    places = []
    for tokens in (a, b):
        found: dict[tuple[str, ...], int] = {}
        for place in range(len(tokens) - ANCHOR + 1):
            run = tuple(tokens[place : place + ANCHOR])
            found[run] = -1 if run in found else place
        places.append({run: place for run, place in found.items() if place >= 0})
    pairs = sorted((place, places[1][run]) for run, place in places[0].items() if run in places[1])
    # The longest rising row of the second places (patience sorting).
    ends: list[int] = []
    rows: list[int] = []
    for _place, other in pairs:
        at = bisect_left(ends, other)
        ends[at : at + 1] = [other]
        rows.append(at)
    wanted, kept = len(ends) - 1, []
    for pair, at in zip(reversed(pairs), reversed(rows), strict=True):
        if at == wanted and (not kept or pair[1] < kept[-1][1]):
            kept.append(pair)
            wanted -= 1
    return kept[::-1]


def _tidy(pieces: list[Piece]) -> list[Piece]:
    """Between two things that stayed: what went, then what came, each in one piece."""
    kinds = [
        SAME if piece.kind == SAME and not _is_island(pieces, place) else "changed"
        for place, piece in enumerate(pieces)
    ]
    tidy = []
    for kind, run in groupby(zip(kinds, pieces, strict=True), key=lambda pair: pair[0]):
        run = [piece for _kind, piece in run]
        old = "".join(piece.text for piece in run if piece.kind != ADDED)
        new = "".join(piece.text for piece in run if piece.kind != REMOVED)
        tidy += [Piece(SAME, old)] if kind == SAME else _whole(old, new)
    return tidy


def _is_island(pieces: list[Piece], place: int) -> bool:
    """Whether a few letters stand the same between two changes of the same sentence."""
    if not 0 < place < len(pieces) - 1 or "\n" in pieces[place].text or len(pieces[place].text.strip()) >= ISLAND:
        return False
    return pieces[place - 1].kind != SAME and pieces[place + 1].kind != SAME


# --- Fields -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Value:
    """What one field says. Words are compared word by word; anything else (a choice, a date) whole."""

    label: str
    text: str
    is_words: bool = False
    items: tuple[str, ...] | None = None  # several names; compared one by one
    source: str = ""  # where the text was made readable: what it was made from


@dataclass(frozen=True)
class Change:
    """A field that differs."""

    label: str
    pieces: list[Piece]
    note: str = ""


def compare_values(old: Sequence[Value], new: Sequence[Value]) -> tuple[list[Change], list[str]]:
    """The fields that differ, in order, and the labels of those that do not though they say something."""
    changes, same = [], []
    for before, after in zip(old, new, strict=True):
        change = _change(before, after)
        if change:
            changes.append(change)
        elif after.text or after.items:
            same.append(after.label)
    return changes, same


def _change(old: Value, new: Value) -> Change | None:
    if old.items is not None and new.items is not None:
        if old.items == new.items:
            return None
        return Change(new.label, _compare_items(old.items, new.items))
    if old.text == new.text:
        if old.source == new.source:
            return None
        return Change(new.label, [Piece(SAME, new.text)], note="The words are the same; their look or a link differs.")
    return Change(new.label, compare_texts(old.text, new.text) if new.is_words else _whole(old.text, new.text))


def _compare_items(old: Sequence[str], new: Sequence[str]) -> list[Piece]:
    kept = [Piece(SAME if item in new else REMOVED, f"{item}\n") for item in old]
    return [*kept, *(Piece(ADDED, f"{item}\n") for item in new if item not in old)]


# --- Parts ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One part of an edition: a section, a number, a step."""

    title: str
    values: tuple[Value, ...]
    identity: str = ""  # where the database holds that an edition has it once, for example which feature it tells of

    @property
    def content(self) -> tuple:
        return tuple((value.text, value.items, value.source) for value in self.values)

    @property
    def words(self) -> list[str]:
        told = (" ".join(value.items) if value.items is not None else value.text for value in self.values)
        return _WORDS.findall(" ".join(told))[:2_000]


@dataclass(frozen=True)
class RowChange:
    """A part that came, went, moved or reads differently."""

    title: str
    kind: str  # ADDED, REMOVED, "changed" or "moved"
    changes: list[Change]
    has_moved: bool = False


@dataclass(frozen=True)
class Group:
    """All parts of one kind."""

    label: str
    rows: list[RowChange] = field(default_factory=list)
    same: int = 0


# Two parts with less than this in common are two parts, one taken out and one put in.
ALIKE = 0.4


def compare_rows(label: str, old: Sequence[Row], new: Sequence[Row]) -> Group:
    """Parts matched by what they are and say, wherever they stand; then what differs, in the order of the new ones."""
    pairs = match_rows(old, new)
    moved = _moved(pairs)
    rows, same = [], 0
    for place, row in enumerate(new):
        if place not in pairs:
            rows.append(RowChange(row.title, ADDED, _told(row, ADDED)))
            continue
        changes = compare_values(old[pairs[place]].values, row.values)[0]
        if changes or place in moved:
            rows.append(RowChange(row.title, "changed" if changes else "moved", changes, has_moved=place in moved))
        else:
            same += 1
    matched = set(pairs.values())
    gone = [RowChange(row.title, REMOVED, _told(row, REMOVED)) for at, row in enumerate(old) if at not in matched]
    return Group(label, rows + gone, same)


def _told(row: Row, kind: str) -> list[Change]:
    told = ((value.label, "\n".join(value.items) if value.items is not None else value.text) for value in row.values)
    return [Change(label, [Piece(kind, text)]) for label, text in told if text]


def match_rows(old: Sequence[Row], new: Sequence[Row]) -> dict[int, int]:
    """For places in the new list, the place of the same part in the old: equal ones first, then the most alike."""
    pairs: dict[int, int] = {}
    for key in (lambda row: row.content, lambda row: row.identity or None):
        free: dict = {}
        for place, row in enumerate(old):
            if place not in pairs.values() and key(row) is not None:
                free.setdefault(key(row), []).append(place)
        for place, row in enumerate(new):
            if place not in pairs and free.get(key(row)):
                pairs[place] = free[key(row)].pop(0)
    taken = set(pairs.values())
    left = [(place, row.words, row) for place, row in enumerate(old) if place not in taken and not row.identity]
    came = [(place, row.words, row) for place, row in enumerate(new) if place not in pairs and not row.identity]
    if len(left) * len(came) > 40_000:
        return pairs
    alike = [
        (_likeness(words, others) + (0.3 if row.title == other.title else 0), -abs(place - at), place, at)
        for place, others, other in came
        for at, words, row in left
    ]
    for likeness, _nearness, place, at in sorted(alike, reverse=True):
        if likeness >= ALIKE and place not in pairs and at not in taken:
            pairs[place] = at
            taken.add(at)
    return pairs


def _moved(pairs: dict[int, int]) -> set[int]:
    """The places of the parts that stand in another order than before: all but the longest row that kept its order."""
    places = sorted(pairs)
    best: list[list[int]] = []  # for each place, the longest row of places in the old order that ends there
    for index, place in enumerate(places):
        before = [best[i] for i in range(index) if pairs[places[i]] < pairs[place]]
        best.append([*max(before, key=len, default=[]), place])
    kept = set(max(best, key=len, default=[]))
    return set(places) - kept


@dataclass(frozen=True)
class Comparison:
    """Everything that differs between two editions."""

    changes: list[Change]  # of what the edition says
    about: list[Change]  # of its checks, notes and publishing
    same: list[str]  # labels of the fields that say the same
    groups: list[Group]

    @property
    def is_same(self) -> bool:
        return not self.changes and not self.about and not self.changed_groups

    @property
    def changed_groups(self) -> list[Group]:
        return [group for group in self.groups if group.rows]


def names(rows: Iterable) -> tuple[str, ...]:
    """The names of some rows, in one order."""
    return tuple(sorted(map(str, rows), key=str.casefold))
