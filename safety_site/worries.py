"""Whether plain words tell of a worry, or of a child in danger.

For the search ("my daughter sent a photo" leads with the right page) and for readers' comments (one that reads
like a child at risk gets help shown at once). The words are rows of ``WorryWords``, which editors keep.
A comment is read and the answer given; nothing of it is kept by this module.
"""

import re
from dataclasses import dataclass

from safety_site.models import SearchSynonym, WorryWords
from safety_site.stems import stem, stems_of, words_of

# Words that belong together stand near each other: within this many words more than they are themselves.
ROOM_BETWEEN = 5


@dataclass(frozen=True)
class Worry:
    """What some words are about; falsy when they tell of no worry that we know."""

    concern: str = ""  # a value of safety_site.vocabulary.Concern, or empty
    is_urgent: bool = False  # a child may be in danger now: show help before anything else

    def __bool__(self) -> bool:
        return bool(self.concern)


NO_WORRY = Worry()


def stand_together(wanted: frozenset[str], places: list[frozenset[str]]) -> bool:
    """Whether all of some stems stand near each other, in any order. A place holds a stem and what it means."""
    reach = len(wanted) + ROOM_BETWEEN
    starts = [start for start, stems in enumerate(places) if stems & wanted]
    return any(wanted <= frozenset().union(*places[start : start + reach]) for start in starts)


def read_worry(text: str) -> Worry:
    """What a search or a comment is about. The rows with the most words that match decide; danger outweighs."""
    meanings = one_word_meanings()
    sentences = [
        [frozenset({stem(word)}) | meanings.get(stem(word), frozenset()) for word in words_of(sentence)]
        for sentence in re.split(r"[.!?\n]+", text)
    ]
    said = frozenset().union(*(place for sentence in sentences for place in sentence))
    matches = []
    for words, concern, is_urgent in WorryWords.objects.order_by("pk").values_list("words", "concern", "is_urgent"):
        wanted = frozenset(stems_of(words))
        if wanted <= said and any(stand_together(wanted, sentence) for sentence in sentences):
            matches.append((is_urgent, len(wanted), concern))
    if not matches:
        return NO_WORRY
    is_urgent, _length, concern = max(matches, key=lambda match: match[:2])
    return Worry(concern, is_urgent)


def one_word_meanings() -> dict[str, frozenset[str]]:
    """For the stem of a word that people type, the stems of our one-word terms for it ("pic" means "photo")."""
    meanings: dict[str, frozenset[str]] = {}
    for typed, means in SearchSynonym.objects.values_list("typed", "means"):
        said, ours = stems_of(typed), stems_of(means)
        if len(said) == len(ours) == 1:
            meanings[said[0]] = meanings.get(said[0], frozenset()) | {ours[0]}
    return meanings
