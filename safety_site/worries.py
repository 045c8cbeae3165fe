"""Whether plain words tell of a worry, or of a child in danger.

For the search ("my daughter sent a photo" leads with the right page) and for readers' comments (one that reads
like a child at risk gets help shown at once). The words are rows of ``WorryWords``, which editors keep.
A comment is read and the answer given; nothing of it is kept by this module.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass

from safety_site.models import SearchSynonym, WorryWords
from safety_site.stems import stem_of_typed, stems_of, words_of
from safety_site.unchanged import while_unchanged

# Words that belong together stand near each other: within this many words more than they are themselves.
ROOM_BETWEEN = 5
FAR = 1_000  # words between two sentences: what stands in both is never near


@dataclass(frozen=True)
class Worry:
    """What some words are about; falsy when they tell of no worry that we know."""

    concern: str = ""  # a value of safety_site.vocabulary.Concern, or empty
    is_urgent: bool = False  # a child may be in danger now: show help before anything else

    def __bool__(self) -> bool:
        return bool(self.concern)


NO_WORRY = Worry()


def stand_together(wanted: frozenset[str], where: dict[str, list[int]]) -> bool:
    """Whether all of some stems stand near each other, in any order; ``where`` has the places of each, in order.

    Looks around the rarest of them only: a comment may be long, and made to take time.
    """
    reach = len(wanted) + ROOM_BETWEEN

    def stands_within(each: str, start: int, end: int) -> bool:
        places = where[each]
        first = bisect_left(places, start)
        return first < len(places) and places[first] < end

    for place in where[min(wanted, key=lambda each: len(where[each]))]:
        if all(stands_within(each, place - reach + 1, place + reach) for each in wanted):
            starts = range(place - reach + 1, place + 1)
            if any(all(stands_within(each, start, start + reach) for each in wanted) for start in starts):
                return True
    return False


def _places(text: str) -> dict[str, list[int]]:
    """Where each stem of a text stands, counted in words; a word stands for its one-word meanings too."""
    meanings = one_word_meanings()
    where: dict[str, list[int]] = {}
    place = 0
    for sentence in re.split(r"[.!?\n]+", text):
        for word in words_of(sentence):
            typed = stem_of_typed(word)
            for each in {typed} | meanings.get(typed, frozenset()):
                where.setdefault(each, []).append(place)
            place += 1
        place += FAR
    return where


def read_worry(text: str) -> Worry:
    """What a search or a comment is about. The rows with the most words that match decide; danger outweighs."""
    where = _places(text)
    stems = set(where)
    matches = []
    for wanted, concern, is_urgent in _worries():
        if wanted and wanted <= stems and stand_together(wanted, where):
            matches.append((is_urgent, len(wanted), concern))
    if not matches:
        return NO_WORRY
    is_urgent, _length, concern = max(matches, key=lambda match: match[:2])
    return Worry(concern, is_urgent)


@while_unchanged
def _worries() -> tuple[tuple[frozenset[str], str, bool], ...]:
    """The stems of each row, and what they tell of, in the order in which the rows were made."""
    rows = WorryWords.objects.in_use().order_by("pk").values_list("words", "concern", "is_urgent")
    return tuple((frozenset(stems_of(words)), concern, is_urgent) for words, concern, is_urgent in rows)


@while_unchanged
def one_word_meanings() -> dict[str, frozenset[str]]:
    """For the stem of a word that people type, the stems of our one-word terms for it ("pic" means "photo")."""
    meanings: dict[str, frozenset[str]] = {}
    for typed, means in SearchSynonym.objects.in_use().values_list("typed", "means"):
        said, ours = stems_of(typed), stems_of(means)
        if len(said) == len(ours) == 1:
            meanings[said[0]] = meanings.get(said[0], frozenset()) | {ours[0]}
    return meanings
