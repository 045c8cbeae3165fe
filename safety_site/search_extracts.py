"""What of a page is shown beside its title in the results of a search: the sentence that says most of the question."""

import re
from bisect import bisect_right
from functools import lru_cache

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from safety_site.models import SearchEntry
from safety_site.stems import stem, words_of

LONGEST_EXTRACT = 220  # characters


def extract(entry: SearchEntry, stems: set[str]) -> SafeString:
    """The sentence of a page that says most of a question beyond the title, its words marked; else the summary."""
    beyond = stems - set(entry.title_stems.split())
    in_summary = {each for word in _asked_words(entry.summary, beyond) for each in map(stem, words_of(word[0]))}
    breaks = [match.end() for match in SENTENCE_END.finditer(entry.body)]
    said: dict[int, set[str]] = {}  # the stems in each sentence that has any
    for word in _asked_words(entry.body, beyond):
        said.setdefault(bisect_right(breaks, word.start()), set()).update(map(stem, words_of(word[0])))
    best = max(said, key=lambda number: len(said[number] & beyond), default=None)
    if best is None or len(said[best] & beyond) <= len(in_summary & beyond):
        return marked(_cut(entry.summary, stems), stems)
    start, end = [0, *breaks][best], [*breaks, len(entry.body)][best]
    return marked(_cut(entry.body[start:end].strip(), stems), stems)


SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")


@lru_cache(maxsize=100)
def _beginnings(stems: frozenset[str]) -> re.Pattern:
    """What a word of these stems begins with. Stemming changes the end of a word only, so nothing else needs a look."""
    begins = sorted(re.escape(each[: max(3, len(each) - 1)]) for each in stems)
    return re.compile(rf"\b(?:{'|'.join(begins)})" if begins else "$^", re.IGNORECASE)


def _asked_words(text: str, stems: set[str]) -> list[re.Match]:
    """The words of a text that were asked for, where they stand."""
    starts = (match.start() for match in _beginnings(frozenset(stems)).finditer(text))
    words = (WORD.match(text, start) for start in starts)
    return [word for word in words if word and any(stem(each) in stems for each in words_of(word[0]))]


WORD = re.compile(r"\w+(?:[’']\w+)?")


def _cut(sentence: str, stems: set[str]) -> str:
    """A long sentence around its first word that counts."""
    if len(sentence) <= LONGEST_EXTRACT:
        return sentence
    asked = _asked_words(sentence, stems)
    start = max(0, asked[0].start() - LONGEST_EXTRACT // 3) if asked else 0
    start = sentence.rfind(" ", 0, start) + 1 if start else 0
    end = sentence.rfind(" ", 0, start + LONGEST_EXTRACT)
    return f"{'… ' if start else ''}{sentence[start:end]} …"


def marked(text: str, stems: set[str]) -> SafeString:
    """Text, escaped, with the words that were asked for in <mark>."""
    parts, end = [], 0
    for word in _asked_words(text, stems):
        parts += [(text[end : word.start()],), (format_html("<mark>{}</mark>", word[0]),)]
        end = word.end()
    return format_html_join("", "{}", [*parts, (text[end:],)])
