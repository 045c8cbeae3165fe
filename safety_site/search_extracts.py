"""What of a page is shown beside its title in the results of a search: the sentence that says most of the question."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import NamedTuple, Protocol

from django.utils.safestring import SafeString, mark_safe

from safety_site.stems import stem, words_of

LONGEST_EXTRACT = 220  # characters


class HasWords(Protocol):
    """What an extract is made from: a ``SearchEntry``, or those of its columns."""

    title_stems: str
    summary: str
    body: str


BreaksOf = Callable[[HasWords], Sequence[int]]


def extract(entry: HasWords, stems: set[str], breaks_of: BreaksOf | None = None) -> SafeString:
    """The sentence of a page that says most of a question beyond the title, its words marked; else the summary.

    ``breaks_of`` may remember what ``breaks_in`` found.
    """
    beyond = stems - set(entry.title_stems.split())
    in_summary = {each for word in _asked_words(entry.summary, beyond) for each in word.stems}
    # No sentence says more than a summary that has all of it.
    words = _asked_words(entry.body, beyond) if beyond - in_summary else []
    breaks = (breaks_of(entry) if breaks_of else breaks_in(entry.body)) if words else ()
    said: dict[int, set[str]] = {}  # the stems in each sentence that has any
    for word in words:
        said.setdefault(bisect_right(breaks, word.start), set()).update(word.stems)
    best = max(said, key=lambda number: len(said[number] & beyond), default=None)
    if best is None or len(said[best] & beyond) <= len(in_summary & beyond):
        return marked(_cut(entry.summary, stems), stems)
    start, end = [0, *breaks][best], [*breaks, len(entry.body)][best]
    return marked(_cut(entry.body[start:end].strip(), stems), stems)


_SENTENCE_END = re.compile(r"[.!?…]\s+")


def breaks_in(body: str) -> tuple[int, ...]:
    """Where the sentences of a page begin, but for the first."""
    return tuple(match.end() for match in _SENTENCE_END.finditer(body))


class Asked(NamedTuple):
    """A word that was asked for, where it stands in a text."""

    start: int
    end: int
    stems: tuple[str, ...]


def _asked_words(text: str, stems: set[str]) -> list[Asked]:
    """The words of a text that were asked for, in order."""
    lower = text.lower()
    # A few signs become two in small letters; then no place would be right, so those texts keep their capitals.
    lower = lower if len(lower) == len(text) else text
    # Stemming changes the end of a word only, so nothing needs a look but words that begin as a stem does.
    begins = {each[: max(3, len(each) - 1)] for each in stems}
    asked = []
    for start in sorted({start for begin in begins for start in _beginnings(lower, begin)}):
        if word := WORD.match(text, start):
            its_stems = tuple(map(stem, words_of(word[0])))
            if not stems.isdisjoint(its_stems):
                asked.append(Asked(start, word.end(), its_stems))
    return asked


def _beginnings(text: str, begin: str) -> Iterator[int]:
    """Where words of a text begin so. Many times faster than a pattern that tries each letter."""
    start = text.find(begin)
    while start >= 0:
        if not start or not (text[start - 1].isalnum() or text[start - 1] == "_"):
            yield start
        start = text.find(begin, start + 1)


WORD = re.compile(r"\w+(?:[’']\w+)?")


def _cut(sentence: str, stems: set[str]) -> str:
    """A long sentence around its first word that counts."""
    if len(sentence) <= LONGEST_EXTRACT:
        return sentence
    asked = _asked_words(sentence, stems)
    start = max(0, asked[0].start - LONGEST_EXTRACT // 3) if asked else 0
    start = sentence.rfind(" ", 0, start) + 1 if start else 0
    end = sentence.rfind(" ", 0, start + LONGEST_EXTRACT)
    return f"{'… ' if start else ''}{sentence[start:end]} …"


def marked(text: str, stems: set[str]) -> SafeString:
    """Text, escaped, with the words that were asked for in <mark>."""
    parts, end = [], 0
    for word in _asked_words(text, stems):
        parts += [escape(text[end : word.start]), f"<mark>{escape(text[word.start : word.end])}</mark>"]
        end = word.end
    return mark_safe("".join([*parts, escape(text[end:])]))  # noqa: S308 - each piece is escaped
