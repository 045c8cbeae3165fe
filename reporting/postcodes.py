"""From what somebody typed to who runs children's services there.

Nothing here writes, logs or keeps what was typed. A ``Result`` says what to tell; where more than one children's
service is possible it holds all of them, never a guess.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from reporting.models import Authority, DataSource, Nation, Outcode, Postcode

# --- Reading --------------------------------------------------------------------------------------------

# The first letters that are in use, so that "C01" is read as CO1 and "SI1" as S11.
_AREAS_IN_USE = (
    "AB AL B BA BB BD BF BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK "
    "FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP "
    "NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W "
    "WA WC WD WF WN WR WS WV YO ZE"
)
AREAS = frozenset(_AREAS_IN_USE.split())
OUTSIDE_UK = {"JE": "Jersey", "GY": "Guernsey", "IM": "the Isle of Man"}
FORCES_AREA, NORTHERN_IRELAND_AREA = "BF", "BT"
ODD_OUTWARDS = frozenset({"GIR", "NPT"})

# A: a letter; a: a letter at the end, where I and O are never used; 9: a digit; 1: a digit other than 0.
# In the order of how common they are: of two readings that fit as well, the first is taken.
OUTWARD_SHAPES = ("AA9", "AA19", "A9", "A19", "A9a", "AA9a")
INWARD_SHAPE = "9AA"
_LETTER_FOR = {"0": "O", "1": "I"}
_DIGIT_FOR = {letter: digit for digit, letter in _LETTER_FOR.items()}

LONGEST_TEXT = 200  # room for a pasted address; what is longer is not read at all
_UNREADABLE = "\0"
_SEPARATORS = re.compile(r"[\s\-._,;:!?/'\"()\[\]]+")
_COUNTRY = re.compile(r"[\s,]+(UK|UNITED KINGDOM|GREAT BRITAIN|ENGLAND|SCOTLAND|WALES)[\s.]*$")
_FULL = re.compile(r"\b[A-Z]{1,2}[0-9][0-9A-Z]?\s*[0-9][A-Z]{2}\b")
_FORCES = re.compile(r"BFPO ?[0-9]{1,4}")


class Written(NamedTuple):
    """A postcode, or with an empty ``inward`` only its first half."""

    outward: str
    inward: str = ""

    def __str__(self) -> str:
        return f"{self.outward} {self.inward}".strip()

    @property
    def area(self) -> str:
        return self.outward.rstrip("0123456789")[:2].rstrip("0123456789")


def _fit(text: str, shape: str) -> tuple[str, int] | None:
    """``text`` as ``shape`` wants it, with O for 0 and I for 1 or the reverse, and how many were changed."""
    if len(text) != len(shape):
        return None
    fitted = ""
    for character, wanted in zip(text, shape, strict=True):
        swaps = _LETTER_FOR if wanted in "Aa" else _DIGIT_FOR
        fits = str.isalpha if wanted in "Aa" else str.isdecimal
        character = swaps.get(character, character)
        if not fits(character) or (wanted == "1" and character == "0") or (wanted == "a" and character in "IO"):
            return None
        fitted += character
    return fitted, sum(before != after for before, after in zip(text, fitted, strict=True))


def _outward(text: str, is_word: bool) -> str | None:
    """The most likely reading of an outward code: of a known area, then with the fewest changes."""
    if text in ODD_OUTWARDS and not is_word:
        return text
    readings = []
    for shape in OUTWARD_SHAPES:
        fit = _fit(text, shape)
        if fit is None:
            continue
        is_strange = Written(fit[0]).area not in AREAS
        # "Woking" and "Rio" are places, though W0K 1NG and RI0 have the shape of postcodes.
        if not (is_word and (is_strange or shape.endswith("a"))):
            readings.append((is_strange, fit[1], fit[0]))
    return min(readings, key=lambda reading: reading[:2])[2] if readings else None


def _full(words: list[str]) -> Written | None:
    compact = "".join(words)
    is_word = compact.isalpha() and [len(word) for word in words][1:] != [3]  # but "ECIA IAE" is in two parts
    inward = _fit(compact[-3:], INWARD_SHAPE)
    outward = _outward(compact[:-3], is_word) if inward else None
    return Written(outward, inward[0]) if outward and inward else None


def _outcode(words: list[str]) -> Written | None:
    """An outward code alone. "SS 9" is one; "SS9 4" is not: it names half of the second half."""
    compact = "".join(words)
    outward = _outward(compact, is_word=compact.isalpha())
    if outward and (len(words) == 1 or (len(words) == 2 and len(words[0]) == len(Written(outward).area))):
        return Written(outward)
    return None


def _plain(character: str) -> str:
    """A capital letter or a sign of ASCII; a space for other alphabets' dashes and quotes; a mark for all else."""
    if character.isascii():
        return character.upper()  # of ASCII only: the capital of ß would be SS
    kind = unicodedata.category(character)
    return "" if kind == "Cf" else " " if kind[0] in "PZ" else _UNREADABLE


def _words(text: str) -> list[str]:
    """The text in capitals, cut at everything that people put between parts."""
    if len(text) > LONGEST_TEXT:
        return []
    text = "".join(map(_plain, unicodedata.normalize("NFKC", text)))
    return _SEPARATORS.sub(" ", _COUNTRY.sub("", text)).split()


def read(text: str) -> Written | None:
    """The postcode or outward code in ``text``, or None. Forgives spaces, case, hyphens, O for 0, I for 1,
    full-width letters, punctuation around it, and an address before it."""
    words = _words(text)
    compact = "".join(words)
    if len(compact) <= 4:
        return _outcode(words)
    if len(compact) <= 7:
        return _full(words)
    # An address that ends in its postcode; not if there is a second one before it.
    for count in (1, 2):
        head, tail = words[:-count], words[-count:]
        if 5 <= len("".join(tail)) <= 7 and not "".join(tail).isalpha() and not _FULL.search(" ".join(head)):
            written = _full(tail)
            if written:
                return written
    return None


# --- Keys -----------------------------------------------------------------------------------------------

_SYMBOLS = {symbol: number for number, symbol in enumerate(" 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
INWARD_KEYS = len(_SYMBOLS) ** 3  # so many keys has each outward code


def _number(text: str) -> int:
    number = 0
    for symbol in text:
        number = number * len(_SYMBOLS) + _SYMBOLS[symbol]
    return number


def outward_key(outward: str) -> int:
    """The key of the first postcode that could be in an outward code."""
    return _number(outward.ljust(4)) * INWARD_KEYS


def inward_key(inward: str) -> int:
    return _number(inward)


def key_of(postcode: str) -> int:
    """A postcode with its space as a number that sorts as the text does; KeyError on any other character.

    So the table is its own index, a file in order is appended to it, and an outward code is a range.
    """
    return outward_key(postcode[:-3].strip()) + inward_key(postcode[-3:])


# --- Finding --------------------------------------------------------------------------------------------


class Outcome(StrEnum):
    """What we can tell; each but the first has a page of its own, named after it."""

    FOUND = "found"
    NOT_LIVE = "not-live"
    LARGE_USER = "large-user"
    OUTCODE = "outcode"  # all of the outward code has one children's service
    CHOOSE = "choose"  # several are possible
    NO_COUNCIL = "no-council"
    NORTHERN_IRELAND = "northern-ireland"
    OUTSIDE_UK = "outside-uk"
    FORCES = "forces"
    NOT_FOUND = "not-found"
    NOT_A_POSTCODE = "not-a-postcode"


@dataclass(frozen=True)
class Candidate:
    """One children's service that may be the right one, and the councils there for which it answers."""

    service: Authority
    councils: tuple[Authority, ...]


@dataclass(frozen=True)
class Result:
    """What is known of a postcode. ``written`` stays out of ``repr``, and so out of any log."""

    outcome: Outcome
    written: str = field(default="", repr=False)
    authority: Authority | None = None  # where one is certain: the council, or the service of a whole outward code
    candidates: tuple[Candidate, ...] = ()
    is_live: bool = True
    from_outcode: bool = False  # the whole postcode was given, but we hold only its first half
    place: str = ""  # outside the United Kingdom

    @property
    def service(self) -> Authority | None:
        return self.authority and self.authority.children_services

    @property
    def nation(self) -> str:
        """The nation, where it is certain."""
        if self.outcome == Outcome.NORTHERN_IRELAND:
            return Nation.NORTHERN_IRELAND
        nations = {candidate.service.nation for candidate in self.candidates}
        if self.authority:
            nations = {self.authority.nation}
        return nations.pop() if len(nations) == 1 else ""


def _in_force(authority: Authority) -> list[Authority]:
    """The authority, or those that took its place since the postcodes were made."""
    if not authority.has_ended:
        return [authority]
    return [authority.succeeded_by, *authority.also_succeeded_by.select_related("children_services")]


def _candidates(authorities: Iterable[Authority]) -> tuple[Candidate, ...]:
    """By children's service, in the order given: most postcodes first."""
    councils: dict[Authority, list[Authority]] = {}
    for authority in authorities:
        for council in _in_force(authority):
            there = councils.setdefault(council.children_services or council, [])
            if council not in there:
                there.append(council)
    return tuple(Candidate(service, tuple(there)) for service, there in councils.items())


def _by_outcode(written: Written, **known) -> Result:
    """From the councils that an outward code reaches into; those with no live postcode only if none has any."""
    rows = list(
        Outcode.objects.filter(outcode=written.outward).select_related(
            "authority__children_services", "authority__succeeded_by__children_services"
        )
    )
    live = [row for row in rows if row.live_postcodes]
    candidates = _candidates(row.authority for row in live or rows)
    known = {"written": str(written), "candidates": candidates, "is_live": bool(live), **known}
    if not candidates:
        return Result(Outcome.NOT_FOUND, written=str(written))
    if len(candidates) > 1:
        return Result(Outcome.CHOOSE, **known)
    [only] = candidates
    authority = only.councils[0] if len(only.councils) == 1 else only.service
    return Result(Outcome.OUTCODE, authority=authority, **known)


def _holds_all_of(outward: str) -> bool:
    """Whether a postcode of this outward code that is not in our table does not exist."""
    source = DataSource.objects.first()
    if source is None or source.is_whole:
        return source is not None
    start = outward_key(outward)
    # The files that ship hold each outward code in full or not at all, but for what has no council.
    return Postcode.objects.filter(key__range=(start, start + INWARD_KEYS - 1), authority__isnull=False).exists()


def _by_postcode(written: Written) -> Result:
    row = (
        Postcode.objects.filter(key=key_of(str(written)))
        .select_related("authority__children_services", "authority__succeeded_by__children_services")
        .first()
    )
    if row is None:
        if _holds_all_of(written.outward):
            return Result(Outcome.NOT_FOUND, written=str(written))
        return _by_outcode(written, from_outcode=True)
    is_live = row.status not in (Postcode.Status.NOT_LIVE, Postcode.Status.LARGE_USER_NOT_LIVE)
    known = {"written": str(written), "is_live": is_live}
    if row.place != Postcode.Place.UK:
        return Result(Outcome.OUTSIDE_UK, place=f"the {row.get_place_display()}", **known)
    if row.authority is None:
        return Result(Outcome.NO_COUNCIL, candidates=_by_outcode(written).candidates, **known)
    candidates = _candidates([row.authority])
    if len(candidates) > 1:
        return Result(Outcome.CHOOSE, candidates=candidates, **known)
    [only] = candidates
    outcome = Outcome.FOUND if is_live else Outcome.NOT_LIVE
    if row.status in (Postcode.Status.LARGE_USER, Postcode.Status.LARGE_USER_NOT_LIVE):
        outcome = Outcome.LARGE_USER
    return Result(outcome, authority=only.councils[0], candidates=candidates, **known)


def find(text: str) -> Result:
    """What to tell somebody who typed ``text``. A postcode that we hold takes one read by its key."""
    if _FORCES.fullmatch(" ".join(_words(text))):
        return Result(Outcome.FORCES)
    written = read(text)
    if written is None:
        return Result(Outcome.NOT_A_POSTCODE)
    if written.area == FORCES_AREA:
        return Result(Outcome.FORCES, written=str(written))
    if written.area == NORTHERN_IRELAND_AREA:
        return Result(Outcome.NORTHERN_IRELAND, written=str(written))
    if written.area in OUTSIDE_UK:
        return Result(Outcome.OUTSIDE_UK, written=str(written), place=OUTSIDE_UK[written.area])
    return _by_postcode(written) if written.inward else _by_outcode(written)
