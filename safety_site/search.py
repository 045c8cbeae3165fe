"""The search: what plain words are about, what is found, in which order, and what was probably meant.

``modelsearch`` finds the rows, in the site's own database or in OpenSearch. The order is ours, computed from which
words are found where, so that it is the same whatever stores the index: databases rank differently. Nothing of a
question is kept.
"""

import math
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.safestring import SafeString

from safety_site.models import SearchEntry, SearchSynonym
from safety_site.search_index import ANYWHERE, COMMON_SHARE, ON_TOP
from safety_site.search_matches import Rated, Term, pages_with, rated, words_of_site
from safety_site.search_results import Found, Row, html_of, row_of
from safety_site.search_results import found as results
from safety_site.stems import COMMON_WORDS, common_stems, stem_of_typed, stems_of, telling_words, words_of
from safety_site.unchanged import while_unchanged
from safety_site.vocabulary import FoundKind
from safety_site.worries import NO_WORRY, Worry, read_worry

LONGEST_QUERY = 200  # characters; more is no question
MOST_WORDS = 8  # that count; a question has few that tell
BEST = 3  # shown before the groups
IN_GROUP = 4  # of one kind, before "all"
CONTENDERS = 64  # so many are looked at closely
TOO_FAR = 0.06  # of the best score: what is further down is no answer

# How much it tells that a word stands in the title (or is another name of the page), or anywhere.
ANYWHERE_WEIGHT, ON_TOP_WEIGHT, HEADING_WEIGHT = 1.0, 3.0, 1.0
# A page of ours that says what to do comes before a link that leads away.
KIND_WEIGHT = {
    FoundKind.CONCERN: 1.1, FoundKind.TOPIC: 1.15, FoundKind.APP: 1.1, FoundKind.CONTROL: 1.0,
    FoundKind.CONTACT: 1.0, FoundKind.LAW: 1.0, FoundKind.NAME: 1.0, FoundKind.PAGE: 1.0, FoundKind.LINK: 0.7,
}  # fmt: skip


class Scored(NamedTuple):
    """How well an entry answers, and what the list of results needs to know of each."""

    score: float
    kind: str
    url: str


@dataclass(frozen=True)
class Group:
    """The results of one kind; ``total`` may be more than are shown."""

    kind: str
    heading: str
    rows: list[Found]
    total: int

    @property
    def html(self) -> SafeString:
        return html_of(self.rows)

    @property
    def has_more(self) -> bool:
        return self.total > len(self.rows)


@dataclass(frozen=True)
class Answer:
    """What a question brings. ``worry`` is truthy when the words tell of one: help leads then."""

    words: str
    worry: Worry = NO_WORRY
    lead: Row | None = None  # the page of that worry
    best: list[Found] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    total: int = 0
    did_you_mean: str = ""
    shown_for: str = ""  # set when nothing was found and these are the results for what was probably meant

    @property
    def best_html(self) -> SafeString:
        """The best answers are of all kinds, so each says its own."""
        return html_of(self.best, tell_kind=True)

    @property
    def asked(self) -> str:
        """The words that the results answer."""
        return self.shown_for or self.words


def search(words: str, kind: str = "", at: datetime | None = None) -> Answer:
    """Everything for a question, at a moment (default: now); only one kind of page if ``kind`` names one."""
    words = " ".join(words.replace("\0", " ").split())[:LONGEST_QUERY]
    synonyms = _synonyms()
    worry = read_worry(words)
    terms = _terms(words, synonyms)
    meant = _spelled(words, synonyms)
    scores = _scores(terms, worry, at)
    shown_for = ""
    if meant and not scores:
        terms, worry, shown_for = _terms(meant, synonyms), worry or read_worry(meant), meant
        scores = _scores(terms, worry, at)
    answer = _answer(words, terms, worry, scores, kind, meant, shown_for, at)
    if answer is None:
        # What is remembered is of a second ago, and entries were made anew since: ask the database itself.
        return search(words, kind, timezone.now())
    return answer


# --- What is asked --------------------------------------------------------------------------------------


@while_unchanged
def _synonyms() -> dict[tuple[str, ...], list[tuple[str, ...]]]:
    """What people type → what our pages say, as stems."""
    meanings: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for typed, means in SearchSynonym.objects.in_use().values_list("typed", "means"):
        meanings.setdefault(stems_of(typed), []).append(tuple(s for s in stems_of(means) if s not in common_stems()))
    return meanings


def _terms(words: str, synonyms: dict) -> list[Term]:
    """The words that tell, each with what it may stand for; the longest synonym at each place wins."""
    stems = [(word, stem_of_typed(word)) for word in words_of(words)]
    longest = max(map(len, synonyms), default=1)
    terms: list[Term] = []
    place = 0
    while place < len(stems) and len(terms) < MOST_WORDS:
        for length in range(min(longest, len(stems) - place), 0, -1):
            typed = tuple(each for _word, each in stems[place : place + length])
            if typed in synonyms:
                own = tuple(each for word, each in stems[place : place + length] if word not in COMMON_WORDS)
                terms.append(Term(tuple(dict.fromkeys([*([own] if own else []), *filter(None, synonyms[typed])]))))
                place += length
                break
        else:
            word, each = stems[place]
            if word not in COMMON_WORDS:
                terms.append(Term(((each,),)))
            place += 1
    # Said twice, it counts once; a question of common words only ("how to") is about nothing.
    return list(dict.fromkeys(term for term in terms if term.ways))


def _spelled(words: str, synonyms: dict) -> str:
    """The question with its unknown words put right, or "" where every word is known or none is near."""
    asked = {word: stem_of_typed(word) for word in telling_words(words) if len(word) > 3 and not word.isdigit()}
    known = _stems_of_synonyms()
    stock = words_of_site()
    unknown = [word for word, each in asked.items() if each not in known and each not in stock.is_common]
    if not unknown:
        return ""
    right = {word: _nearest(word, _near(word)) for word in unknown}
    if not any(right.values()):
        return ""
    return re.sub(r"[a-z0-9]+", lambda m: right.get(m[0]) or m[0], " ".join(words_of(words)))


@while_unchanged
def _stems_of_synonyms() -> frozenset[str]:
    return frozenset(each for typed in _synonyms() for each in typed)


def _near(word: str) -> list[str]:
    """Words that one may be a slip of; hardly anybody gets both of the first two letters wrong."""
    by_letter = _by_letter(len(word))
    places = ((0, word[0]), (1, word[1]), (0, word[1]), (1, word[0]))
    return [each for place in places for each in by_letter.get(place, ())]


@while_unchanged
def _by_letter(length: int) -> dict[tuple[int, str], list[str]]:
    """Words of the site, and those that people type, about as long as this, by their first and second letters."""
    stock = words_of_site().by_length
    slips = _most_slips(length)
    near = (word for each in range(length - slips, length + slips + 1) for word in stock.get(each, ()))
    by_letter: dict[tuple[int, str], list[str]] = {}
    for word in sorted({*near, *(typed for typed in _typed_words() if abs(len(typed) - length) <= slips)}):
        for place in enumerate(word[:2]):
            by_letter.setdefault(place, []).append(word)
    return by_letter


def _most_slips(length: int) -> int:
    return 1 if length < 6 else 2


@while_unchanged
def _typed_words() -> frozenset[str]:
    typed = SearchSynonym.objects.in_use().values_list("typed", flat=True)
    return frozenset(word for text in typed for word in words_of(text))


def _nearest(word: str, choices: list[str]) -> str:
    """The word of the site that one slip (two in a long word) makes into this one."""
    # Only where nothing was found: six megabytes of memory that a process which searches nothing never needs.
    from rapidfuzz import process  # noqa: PLC0415
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    found = process.extractOne(word, choices, scorer=OSA.distance, score_cutoff=_most_slips(len(word)))
    return found[0] if found else ""


# --- What is found --------------------------------------------------------------------------------------


def _marks(terms: list[Term], is_common: dict[str, bool]) -> list[str]:
    """Where to look for each word: one that stands on most pages only on top, unless nothing else was said."""
    marks = [
        ON_TOP if any(all(is_common.get(each) for each in way) for way in term.ways) else ANYWHERE for term in terms
    ]
    return marks if ANYWHERE in marks else [ANYWHERE] * len(terms)


def _scores(terms: list[Term], worry: Worry, at: datetime | None) -> dict[int, Scored]:
    """Entry → how well it answers. Pages with every word come before pages with some."""
    if not terms:
        return {}
    stock = words_of_site()
    size = max(stock.entries, 1)
    marks = _marks(terms, stock.is_common)
    looked_for = list(enumerate(marks))
    if size > CONTENDERS:
        # More may be found than is looked at closely: see below. Asked at once, it costs no query of its own. A word
        # that hardly any page has needs no second look.
        known = stock.is_common.keys()
        looked_for += [
            (place, ON_TOP) for place, mark in enumerate(marks) if mark != ON_TOP and known & terms[place].stems
        ]
    answers = pages_with([(terms[place], mark) for place, mark in looked_for], at)
    found, on_top = answers[: len(terms)], answers[: len(terms)]
    for (place, _mark), pages in zip(looked_for[len(terms) :], answers[len(terms) :], strict=True):
        on_top[place] = pages & found[place]
    # A word that stands on few pages tells more than one that stands on many.
    rare = [
        math.log(1 + size / (1 + (len(pages) if mark == ANYWHERE else size * COMMON_SHARE)))
        for pages, mark in zip(found, marks, strict=True)
    ]
    parts = [weight / sum(rare) for weight in rare]
    share: dict[int, float] = {}
    for pages, part in zip(found, parts, strict=True):
        for pk in pages:
            share[pk] = share.get(pk, 0) + part
    contenders = set(share)
    if len(contenders) > CONTENDERS:
        # Too many to look at each: those with the words on top, then those with most of them.
        rough = dict(share)
        for pages, part in zip(on_top, parts, strict=True):
            for pk in pages:
                rough[pk] += ON_TOP_WEIGHT * part
        contenders = set(sorted(rough, key=lambda pk: (-rough[pk], pk))[:CONTENDERS])
    rows = rated(contenders, at)
    if len(rows) < len(contenders) and at is None:
        return _scores(terms, worry, timezone.now())  # as in search()
    return _closer(rows, share, terms, found, rare, worry)


def _closer(rows: list[Rated], share, terms: list[Term], found, rare: list[float], worry: Worry) -> dict[int, Scored]:
    """How well each of some pages answers; what is far below the best is left out."""
    asked = {each for term in terms for each in term.stems}
    scores = {}
    for pk, kind, concern, url, title_stems, keyword_stems, heading_stems in rows:
        title, keywords, headings = set(title_stems.split()), set(keyword_stems.split()), set(heading_stems.split())
        top = title | keywords
        on_top = [term.stands_in(top) for term in terms]
        score = 0.0
        for term, is_on_top, pages, weight in zip(terms, on_top, found, rare, strict=True):
            score += weight * ANYWHERE_WEIGHT * (pk in pages)
            score += weight * ON_TOP_WEIGHT * is_on_top
            score += weight * HEADING_WEIGHT * term.stands_in(headings)
        # A page with every word comes before pages with some.
        score *= share[pk] ** 2
        if title:
            # "roblox" is the page called Roblox before every page with Roblox in its title.
            score *= 1 + len(title & asked) / len(title)
        if keywords and all(on_top):
            score *= 1.3
        if worry and concern == worry.concern:
            score *= 1.6
        scores[pk] = Scored(score * KIND_WEIGHT[kind], kind, url)
    enough = max((each.score for each in scores.values()), default=0) * TOO_FAR
    return {pk: each for pk, each in scores.items() if each.score >= enough}


# --- What is shown --------------------------------------------------------------------------------------


def _answer(words, terms, worry, scores, kind, meant, shown_for, at) -> Answer | None:
    """What is shown; None where an entry that was remembered is not there any more."""
    order = sorted(scores, key=lambda pk: (-scores[pk].score, pk))
    kinds = {pk: each.kind for pk, each in scores.items()}
    lead = None
    if worry:
        lead = _page_of(worry.concern) if at is None else _live_page_of(worry.concern, at)
    if kind:
        order = [pk for pk in order if kinds[pk] == kind]
    rest = _once([pk for pk in order if not (lead and pk == lead.pk)], scores)
    best = [] if kind else rest[:BEST]
    by_kind: dict[str, list[int]] = {}
    for pk in rest[len(best) :]:
        by_kind.setdefault(kinds[pk], []).append(pk)
    shown = {each: pks if kind else pks[:IN_GROUP] for each, pks in by_kind.items()}
    wanted = [*best, *(pk for pks in shown.values() for pk in pks)]
    found = results(wanted, {each for term in terms for each in term.stems})
    if len(found) < len(wanted) and at is None:
        return None

    def there(pks: list[int]) -> list[Found]:
        return [found[pk] for pk in pks if pk in found]

    groups = [Group(each, FoundKind(each).label, there(shown[each]), len(by_kind[each])) for each in by_kind]
    return Answer(
        words=words,
        worry=worry,
        lead=lead,
        best=there(best),
        groups=groups,
        total=len(order),
        did_you_mean="" if shown_for else meant,
        shown_for=shown_for,
    )


@while_unchanged
def _page_of(concern: str) -> Row | None:
    return _live_page_of(concern, timezone.now())


def _live_page_of(concern: str, at: datetime) -> Row | None:
    """The page of a worry, to lead with."""
    return row_of(SearchEntry.objects.live(at).filter(kind=FoundKind.CONCERN, concern=concern))


def _once(order: list[int], scores: dict[int, Scored]) -> list[int]:
    """Without a link that stands a second time for another audience."""
    addresses = {pk: scores[pk].url for pk in order if scores[pk].kind == FoundKind.LINK}
    seen: set[str] = set()
    kept = []
    for pk in order:
        if pk not in addresses or addresses[pk] not in seen:
            kept.append(pk)
            seen.add(addresses.get(pk, ""))
    return kept
