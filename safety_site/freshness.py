"""What a page says of *now*: until when it holds, and what stands in its place where now is not known.

A page that is kept (the page store, the mirror) may be read later than it was made. So whatever asks the clock for
less than a day tells ``holds_until``, and a template that says what is true now also has words that are always true::

    {% timed %}Call now: open until 5pm{% without_now %}Open Monday to Friday, 9am to 5pm{% endtimed %}

Outside of ``rendering(…)`` pages say what is true now, as they always did.

Paper is read later than any page, and nobody can put other words on it. So what says now on the screen has class
``of-now``, and beside it stands, in class ``on-paper``, what a print shows in its place (``on_screen_and_paper``).
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from django.template import Node, TemplateSyntaxError
from django.template.base import Parser, Token
from django.utils.safestring import SafeString, mark_safe


class Mode(Enum):
    """What a page is made with."""

    NOW = "now"  # for a reader, at once
    BOTH = "both"  # to be kept: with both, between marks that ``split`` reads
    WITHOUT_NOW = "without now"  # for the mirror: only what is always true


@dataclass
class Rendering:
    """One page while it is made."""

    mode: Mode
    until: datetime | None = None  # the first moment at which what it says of now changes


_rendering: ContextVar[Rendering | None] = ContextVar("rendering", default=None)

# Words that nobody can write into a page: made anew in each process.
_secret = secrets.token_hex(16)
MARK_NOW, MARK_WITHOUT, MARK_END = (f"<!--{_secret}:{name}-->" for name in ("now", "without", "end"))
MARK_AGE = f"<!--{_secret}:age-->"


@contextmanager
def rendering(mode: Mode) -> Iterator[Rendering]:
    """Make a page to be kept; what is yielded tells afterwards until when it holds."""
    kept = Rendering(mode)
    token = _rendering.set(kept)
    try:
        yield kept
    finally:
        _rendering.reset(token)


def current_mode() -> Mode:
    kept = _rendering.get()
    return kept.mode if kept else Mode.NOW


def holds_until(moment: datetime | None) -> None:
    """Say that the page that is being made is true until a moment (aware); None: for ever."""
    kept = _rendering.get()
    if kept and moment:
        # Two moments of one zone would compare by its wall clock, which goes back in autumn.
        moment = moment.astimezone(UTC)
        kept.until = min(kept.until, moment) if kept.until else moment


@dataclass(frozen=True)
class Readings:
    """A page that was made with ``Mode.BOTH``: what it says now, and where and how it reads otherwise without that."""

    now: str
    age_at: int  # where in ``now`` a word on its age would stand
    # From and up to which letter of ``now``, and what it says there where now is not known.
    timed: tuple[tuple[int, int, str], ...] = ()

    def without_now(self, age: str = "") -> str:
        """What it says where now is not known, with a word on its age."""
        pieces, at = [], 0
        for start, stop, words in sorted([*self.timed, (self.age_at, self.age_at, age)]):
            pieces += [self.now[at:start], words]
            at = stop
        return "".join([*pieces, self.now[at:]])


def split(page: str) -> Readings:
    """Both readings of a page."""
    before, mark, after = page.partition(MARK_AGE)
    pieces, timed = _now(before, 0)
    age_at = sum(map(len, pieces))
    if mark:
        more, later = _now(after.replace(MARK_AGE, ""), age_at)
        pieces, timed = pieces + more, timed + later
    return Readings("".join(pieces), age_at, tuple(timed))


def _now(page: str, at: int) -> tuple[list[str], list[tuple[int, int, str]]]:
    """The pieces of the reading of now, which begins at a letter, and what in it is timed."""
    first, *marked = page.split(MARK_NOW)
    pieces, timed = [first], []
    at += len(first)
    for each in marked:
        both, _, rest = each.partition(MARK_END)
        now, _, without = both.partition(MARK_WITHOUT)
        if now != without:
            timed.append((at, at + len(now), without))
        pieces += [now, rest]
        at += len(now) + len(rest)
    return pieces, timed


def either(now: str, without_now: str) -> str:
    """One of two readings of a piece of HTML, or both, as the page that is being made asks for."""
    match current_mode():
        case Mode.NOW:
            return now
        case Mode.WITHOUT_NOW:
            return without_now
        case _:
            return f"{MARK_NOW}{now}{MARK_WITHOUT}{without_now}{MARK_END}"


def on_screen_and_paper(now: str, always: str) -> SafeString:
    """A piece of HTML that says what is true now, with words for paper, which hangs on a wall when now is over.

    What is for paper is hidden without a stylesheet too, and nobody hears it read out.
    """
    if now == always:
        return mark_safe(now)  # noqa: S308 - HTML of the caller, like the rest
    html = f'<span class="of-now">{now}</span><span class="on-paper" hidden>{always}</span>'
    return mark_safe(html)  # noqa: S308 - as above


# --- Tags ---------------------------------------------------------------------------------------------------


class TimedNode(Node):
    """``{% timed %}…{% without_now %}…{% endtimed %}``; not to be put inside another."""

    def __init__(self, now, without_now):
        self.now, self.without_now = now, without_now

    def render(self, context) -> str:
        mode = current_mode()
        if mode is Mode.NOW:
            return self.now.render(context)
        if mode is Mode.WITHOUT_NOW:
            return self.without_now.render(context)
        return either(self.now.render(context), self.without_now.render(context))


def timed(parser: Parser, token: Token) -> TimedNode:
    if len(token.split_contents()) > 1:
        raise TemplateSyntaxError("timed takes no arguments")
    now = parser.parse(["without_now"])
    parser.delete_first_token()
    without = parser.parse(["endtimed"])
    parser.delete_first_token()
    return TimedNode(now, without)


def age_mark() -> str:
    """The place for a word on the age of a kept page; nothing on a page for a reader."""
    return "" if current_mode() is Mode.NOW else MARK_AGE
