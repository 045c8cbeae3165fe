"""Words and their stems, the same for every database: "sharing", "shared" and "shares" are found by each other.

Databases stem differently (SQLite not at all, PostgreSQL by its own dictionaries), so the site does it once, in
Python, for what it indexes and for what is asked.
"""

import re
import unicodedata
from functools import cache, lru_cache
from threading import Lock

# A stemmer keeps the word at hand in itself: two threads at once would get each other's stems, and remember them for
# ever.
_one_word_at_a_time = Lock()

# Words so common that they say nothing about what is wanted. "Not" and "no" are among them: a page about "no
# messages" and one about "messages" are wanted by the same people.
_COMMON = """
a about all am an and any are as at be been being but by can could did do does doing don for from get gets getting go
going got had has have having he her him his how i if in into is it its just like me my no not of off on or our out over
please she should so some someone tell than that the their them then there these they this to too up us very was we were
what when where which while who why will with would you your im ive s t m ve re ll d hes shes theyre dont doesnt didnt
isnt wont cant
"""
COMMON_WORDS = frozenset(_COMMON.split())


def words_of(text: str) -> list[str]:
    """The words of a text, lower case, without accents or apostrophes ("don't" is one word), in order."""
    return re.findall(r"[a-z0-9]+", re.sub(r"(?<=[A-Za-z])'(?=[A-Za-z])", "", _plain(text)).lower())


def _plain(text: str) -> str:
    """ASCII only: accents go, curly quotes become straight ones, any other sign parts two words.

    Signs that nobody sees (a soft hyphen, a joiner; copied text is full of them) part none.
    """
    if text.isascii():
        return text
    straight = text.translate({0x2018: "'", 0x2019: "'", 0x2013: " ", 0x2014: " ", 0xA0: " "})
    signs = unicodedata.normalize("NFKD", straight)
    letters = "".join(sign for sign in signs if unicodedata.category(sign) not in ("Mn", "Cf"))
    return "".join(sign if sign.isascii() else " " for sign in letters)


LONGEST_WORD = 40  # letters; anybody may send longer ones, and what is remembered must stay small


# Words of the site, with their stems. No process forgets them, so nothing that a visitor typed may come in here.
_remembered: dict[str, str] = {}
MOST_REMEMBERED = 50_000


def stem(word: str) -> str:
    """The stem of one lower-case word of the site, for example "share" → "share", "sharing" → "share"."""
    found = stem_of_typed(word)
    if len(word) <= LONGEST_WORD and len(_remembered) < MOST_REMEMBERED:
        _remembered[word] = found
    return found


def stem_of_typed(word: str) -> str:
    """The same for a word that a visitor typed: it is not remembered."""
    if len(word) > LONGEST_WORD:
        return word
    found = _remembered.get(word)
    if found is None:
        with _one_word_at_a_time:
            found = _stemmer().stemWord(word)
    return found


@cache
def _stemmer():
    # Only where something is searched or indexed: it brings the stemmers of thirty languages, three megabytes.
    import snowballstemmer  # noqa: PLC0415

    return snowballstemmer.stemmer("english")


@cache
def common_stems() -> frozenset[str]:
    """Common words and their stems: no synonym may bring one back in."""
    return COMMON_WORDS | frozenset(map(stem, COMMON_WORDS))


@lru_cache(maxsize=10_000)
def stems_of(text: str) -> tuple[str, ...]:
    """The stems of a short text in order, common words too; remembered, for rows that every search reads."""
    return tuple(map(stem, words_of(text)))


def telling_words(text: str) -> list[str]:
    """The words of a text without the common ones."""
    return [word for word in words_of(text) if word not in COMMON_WORDS]
