"""HTML with places for what numbers say now.

What a contact renders to is kept, with the edition (``safety_site/kept.py``) and in each process (``unchanged.py``).
Whether its numbers answer is not: where that stands, the HTML has a mark with the hours of the number, and the words
are put there for each reader. Nobody can write a mark into a contact: what editors write is escaped.
"""

import json
import re
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache

from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe

from reporting import presenters
from reporting.hours import Calendar, Hours, Row, State, state_at
from reporting.models import Nation, Phone
from safety_site import viewing
from safety_site.freshness import Mode, current_mode, either, holds_until, on_screen_and_paper

# Numbers of other hours than these are made for each page.
MOST_SHARED = 4_000

_MARK = re.compile(r"<!--answers (\{.*?\})-->")
_DUE = re.compile(r"<!--due (\d{4}-\d\d-\d\d)-->(.*?)<!--not due-->(.*?)<!--end due-->", re.DOTALL)


_ENGLAND = Calendar(Nation.ENGLAND)


def mark(phone: Phone) -> SafeString:
    """The place for what a phone says now, with its hours; no query where ``hours`` is prefetched."""
    hours = Hours.of(phone)
    about = {
        "known": hours.known,
        "rows": [
            [row.weekday, row.opens_at.isoformat(), row.closes_at.isoformat(), int(row.is_sure)] for row in hours.rows
        ],
        "holidays": hours.on_bank_holidays,
        "about": hours.are_about,
        "always": presenters.always(phone),
    }
    text = json.dumps(about, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")
    return mark_safe(f"<!--answers {text}-->")  # noqa: S308 - times, names of ours, and no angle bracket


class Number:
    """One number of kept HTML: its hours, and what it says, as HTML. Shared by all threads."""

    __slots__ = ("_said", "_state", "always", "hours")

    def __init__(self, hours: Hours, always: str):
        self.hours, self.always = hours, escape(always)
        self._state: tuple[datetime, datetime | None, State] | None = None
        self._said: tuple[State, str] | None = None

    @classmethod
    def for_phone(cls, phone: Phone) -> "Number":
        """No query where ``hours`` is prefetched."""
        return cls(Hours.of(phone), presenters.always(phone))

    @classmethod
    @lru_cache(maxsize=MOST_SHARED)
    def of(cls, text: str) -> "Number":
        """The number of a mark; one for all pages that show the same."""
        about = json.loads(text)
        rows = tuple(
            Row(weekday, time.fromisoformat(opens), time.fromisoformat(closes), bool(is_sure))
            for weekday, opens, closes, is_sure in about["rows"]
        )
        return cls(Hours(about["known"], rows, about["holidays"], about["about"]), about["always"])

    def says(self, at: datetime) -> tuple[str, datetime | None]:
        """What it says at a moment, by England's bank holidays, and until when; worked out again only after that.

        With what paper says in the place of it.
        """
        state, until = self._state_until(at)
        said = self._said
        if said is None or said[0] is not state:
            now = escape(presenters.answering(self.hours, state, at))
            self._said = said = (state, on_screen_and_paper(now, self.always))
        return said[1], until

    def state(self, at: datetime) -> State:
        """Whether it answers at a moment, by England's bank holidays."""
        return self._state_until(at)[0]

    def _state_until(self, at: datetime) -> tuple[State, datetime | None]:
        known = self._state
        if known is None or at < known[0] or (known[1] is not None and at >= known[1]):
            state = state_at(self.hours, at, _ENGLAND)
            self._state = known = (at, state.changes_at and state.changes_at.astimezone(UTC), state)
        return known[2], known[1]


@dataclass(frozen=True)
class Pieces:
    """HTML cut where a number says something: one text more than there are numbers."""

    texts: tuple[str, ...]
    numbers: tuple[Number, ...]

    def __bool__(self) -> bool:
        return len(self.texts) > 1 or bool(self.texts[0])

    def filled(self, at: datetime) -> SafeString:
        """With what each number says at a moment, and what is always true beside it where the page is kept."""
        if not self.numbers:
            return mark_safe(self.texts[0])  # noqa: S308 - rendered by ourselves
        said = [number.says(at) for number in self.numbers]
        holds_until(min((until for _words, until in said if until), default=None))
        if current_mode() is Mode.NOW:
            words = [now for now, _until in said]
        else:
            words = [either(now, number.always) for (now, _until), number in zip(said, self.numbers, strict=True)]
        parts = [part for pair in zip(self.texts, words, strict=False) for part in pair]
        return mark_safe("".join([*parts, self.texts[-1]]))  # noqa: S308 - as above

    def filled_now(self, words: str) -> SafeString:
        """With these words, true now, in the place of its one number; on paper with its hours."""
        return self.filled_with(on_screen_and_paper(conditional_escape(words), self.numbers[0].always))

    def filled_with(self, words: str) -> SafeString:
        """With these words in the place of its one number."""
        return mark_safe(conditional_escape(words).join(self.texts))  # noqa: S308 - rendered by ourselves


NOTHING = Pieces(("",), ())


def pieces(html: str) -> Pieces:
    """Cut kept HTML at its marks."""
    # What stands on the pages of all councils is there once.
    texts = list(map(sys.intern, _MARK.split(html)))
    return Pieces(tuple(texts[::2]), tuple(map(Number.of, texts[1::2])))


def of_day(html: str, day: date | None = None) -> str:
    """Kept HTML as it is on a day (default: the day that is shown): a check that is late by then is told as late."""
    day = (day or viewing.day()).isoformat()
    return _DUE.sub(lambda found: found[2] if found[1] < day else found[3], html)
