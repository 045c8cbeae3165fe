"""What readers see now beside what an edition would show: part by part, differences marked to the digit.

No requests, no HTML. For who checks a number: every part is shown, also one that stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from django.utils.text import capfirst

from safety_site.editions import Edition, EditionPart
from safety_site.newsroom.differences import ADDED, REMOVED, SAME, Piece, Row, Value, compare_texts, match_rows
from safety_site.newsroom.reading import row_of, rows_of

CHANGED = "changed"
SAID = {SAME: "The same", ADDED: "New", REMOVED: "Taken out", CHANGED: "Changed"}
# Below this likeness marks on single digits would only confuse: the whole is another number.
ANOTHER_BELOW = 0.5
# What a line that did not change need not say.
SAYS_NOTHING = ("", "No")


@dataclass(frozen=True)
class Line:
    """One field of a part, before and after."""

    label: str
    now: list[Piece]
    new: list[Piece]
    text: str  # the new value without marks
    is_changed: bool


@dataclass(frozen=True)
class Beside:
    """One part, as readers see it now and as they will."""

    title: str
    kind: str
    lines: list[Line]

    @property
    def said(self) -> str:
        return SAID[self.kind]


@dataclass(frozen=True)
class Parts:
    """All parts of one kind: those of the new edition in its order, then those taken out."""

    label: str
    rows: list[Beside]


def parts_beside(live: Edition | None, edition: Edition, part: type[EditionPart]) -> Parts:
    """``live`` is what readers see now, None where that is nothing."""
    old = [row_of(each) for each in rows_of(live, part)] if live else []
    new = [row_of(each) for each in rows_of(edition, part)]
    return Parts(capfirst(part._meta.verbose_name_plural), beside(old, new))


def beside(old: Sequence[Row], new: Sequence[Row]) -> list[Beside]:
    """Parts matched by what they say; the last one left over on each side is one that changed."""
    pairs = match_rows(old, new)
    left = [at for at in range(len(old)) if at not in pairs.values()]
    came = [place for place in range(len(new)) if place not in pairs]
    if len(left) == len(came) == 1:
        pairs[came[0]] = left.pop()
    rows = []
    for place, row in enumerate(new):
        before = old[pairs[place]] if place in pairs else None
        kind = ADDED if before is None else SAME if before.content == row.content else CHANGED
        rows.append(Beside(row.title, kind, _lines(before, row)))
    return rows + [Beside(old[at].title, REMOVED, _lines(old[at], None)) for at in left]


def _lines(old: Row | None, new: Row | None) -> list[Line]:
    lines = []
    for place, value in enumerate((new or old).values):
        before, after = (_text(row.values[place]) if row else "" for row in (old, new))
        is_changed = before != after
        says_something = before not in SAYS_NOTHING or after not in SAYS_NOTHING
        # From "No" to nothing is a change to a part that stays, and no news of one that came or went.
        if says_something or (is_changed and old and new):
            lines.append(Line(value.label, *marked_apart(before, after), after, is_changed))
    return lines


def _text(value: Value) -> str:
    return "\n".join(value.items) if value.items is not None else value.text


def marked_apart(old: str, new: str) -> tuple[list[Piece], list[Piece]]:
    """Two values for two columns: what is gone marked in the first, what came in the second.

    Numbers and addresses are compared sign by sign, words word by word.
    """
    pieces = _by_sign(old, new) if _is_number_or_address(old, new) else compare_texts(old, new)
    return [each for each in pieces if each.kind != ADDED], [each for each in pieces if each.kind != REMOVED]


def _is_number_or_address(old: str, new: str) -> bool:
    return all(" " not in text or not any(letter.isalpha() for letter in text) for text in (old, new))


def _by_sign(old: str, new: str) -> list[Piece]:
    if len(old) == len(new):
        # Sign by sign in place: two digits that changed places are two digits to look at.
        pairs = groupby(range(len(old)), key=lambda at: old[at] == new[at])
        runs = [(at[0], at[-1] + 1, at[0], at[-1] + 1) for at in (list(group) for _same, group in pairs)]
    else:
        runs = [code[1:] for code in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()]
    kept = sum(j - i for i, j, k, m in runs if old[i:j] == new[k:m])
    if 2 * kept < ANOTHER_BELOW * (len(old) + len(new)):
        runs = [(0, len(old), 0, len(new))]
    pieces: list[Piece] = []
    for i, j, k, m in runs:
        was, came = old[i:j], new[k:m]
        pieces += [Piece(SAME, was)] if was == came else [Piece(REMOVED, was), Piece(ADDED, came)]
    return [piece for piece in pieces if piece.text]
