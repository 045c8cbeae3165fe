"""Which pages have which words: asked of the database or of OpenSearch, and remembered while nothing changes.

What is remembered are single words (or phrases of the synonyms) that stand on the site's own pages; never a question,
and never a word that stands on no page.
"""

import logging
from collections.abc import Collection, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import connections, router, transaction
from django.db.models import Count, Max, Value
from django.utils import timezone
from modelsearch.backends import get_search_backend
from modelsearch.query import Or, PlainText, SearchQuery

from safety_site.models import SearchEntry, SearchStem, SearchWord
from safety_site.stems import LONGEST_WORD
from safety_site.unchanged import kept, while_unchanged

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Words:
    """Every word that stands on the site, and every stem that its pages are found by."""

    is_common: dict[str, bool]  # by stem: whether it stands on most pages
    by_length: dict[int, list[str]]
    entries: int  # how many pages there are
    stems: frozenset[str] | None  # None: it is not sure that these are all

    def has_none_of(self, ways: Iterable[Iterable[str]]) -> bool:
        """Whether no page can have all stems of any of these ways."""
        if self.stems is None:
            return False
        return all(any(each not in self.stems and len(each) <= LONGEST_WORD for each in way) for way in ways)


@while_unchanged
def words_of_site() -> Words:
    stock, is_common, by_length = SearchWord.objects.order_by("word"), {}, {}
    for word, each, common in stock.values_list("word", "stem", "is_common"):
        is_common[each] = is_common.get(each, False) or common
        by_length.setdefault(len(word), []).append(word)
    entries = SearchEntry.objects.aggregate(number=Count("pk"), newest=Max("pk"))
    stems = dict(SearchStem.objects.values_list("stem", "newest"))
    is_sure = (stems.pop("", None) or -1) >= (entries["newest"] or 0)
    return Words(is_common, by_length, entries["number"], frozenset(stems) if is_sure else None)


@dataclass(frozen=True)
class Term:
    """One word (or phrase) of a question, with all that it may stand for: each way is stems that belong together."""

    ways: tuple[tuple[str, ...], ...]

    def query(self, mark: str) -> SearchQuery:
        ways = [PlainText(" ".join(f"{each}{mark}" for each in way), operator="and") for way in self.ways]
        return ways[0] if len(ways) == 1 else Or(ways)

    def stands_in(self, stems: set[str]) -> bool:
        return any(stems.issuperset(way) for way in self.ways)

    @property
    def stems(self) -> set[str]:
        return {each for way in self.ways for each in way}


class Pages(frozenset):
    """Keys of entries of the search."""

    @property
    def characters(self) -> int:
        """How much it holds, for ``unchanged.py``: a key and its place take some sixty bytes."""
        return 60 * len(self)


LookedFor = tuple[Term, str]  # a word, and the mark of where: ANYWHERE or ON_TOP


def pages_with(looked_for: Sequence[LookedFor], at: datetime | None = None) -> list[Pages]:
    """For each word the pages that have it, live at a moment (default: now). One query at most."""
    if at is not None or not kept.is_recent or "opensearch" in settings.MODELSEARCH_BACKENDS:
        return _ask([term.query(mark) for term, mark in looked_for], at or timezone.now())
    stock = words_of_site()
    wanted = {(__name__, term.ways, mark): (term, mark) for term, mark in looked_for}
    # What was typed for a synonym is one of its own words; any other word has but itself.
    to_keep = {key for key, (term, _mark) in wanted.items() if any(each in stock.is_common for each in term.stems)}

    def ask(keys: list[tuple]) -> dict[tuple, Pages]:
        queries = [wanted[key][0].query(wanted[key][1]) for key in keys]
        return dict(zip(keys, _ask(queries, timezone.now()), strict=True))

    nowhere = {key for key, (term, _mark) in wanted.items() if stock.has_none_of(term.ways)}
    found = kept.get_many([key for key in wanted if key not in nowhere], ask, to_keep) | dict.fromkeys(nowhere, Pages())
    return [found[__name__, term.ways, mark] for term, mark in looked_for]


class Rated(NamedTuple):
    """What tells how well an entry answers."""

    pk: int
    kind: str
    concern: str
    url: str
    title_stems: str
    keyword_stems: str
    heading_stems: str


def rated(pks: Collection[int], at: datetime | None = None) -> list[Rated]:
    """These entries, as far as they are there, in any order; one query at most. Remembered as ``pages_with`` is."""
    if at is not None or not kept.is_recent:
        return _rated(pks)

    def ask(keys: list[tuple]) -> dict[tuple, Rated]:
        return {_key_of(row.pk): row for row in _rated([pk for *_name, pk in keys])}

    keys = list(map(_key_of, pks))
    return list(kept.get_many(keys, ask, set(keys)).values())


def _key_of(pk: int) -> tuple:
    return __name__, "rated", pk


def _rated(pks: Collection[int]) -> list[Rated]:
    rows = SearchEntry.objects.filter(pk__in=pks).values_list(*Rated._fields) if pks else ()
    return [Rated._make(row) for row in rows]


@contextmanager
def _through_the_index():
    """PostgreSQL takes a look into a page's words for cheap, and unpacks those of every page: eight times slower.

    Told that looking costs, it asks the index of migration 0002.
    """
    using = router.db_for_read(SearchEntry)
    if connections[using].vendor != "postgresql":
        yield
        return
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute("SET LOCAL cpu_operator_cost = 1")
        yield


@_through_the_index()
def _ask(queries: list[SearchQuery], at: datetime) -> list[Pages]:
    """For each query the entries that match and are live; order is computed here, so the backend need not.

    The database is asked once for all of them.
    """
    live = SearchEntry.objects.live(at)
    if "opensearch" in settings.MODELSEARCH_BACKENDS:
        try:
            backend = get_search_backend("opensearch")
            results = [backend.search(query, live.only("pk"), order_by_relevance=False) for query in queries]
            return [Pages(entry.pk for entry in found) for found in results]
        except Exception:  # whatever is wrong there, the database knows the same
            logger.warning("OpenSearch did not answer: the database was searched instead")
    results = [get_search_backend().search(query, live, order_by_relevance=False) for query in queries]
    # The keys alone are quicker than the rows.
    first, *others = (
        found.get_queryset().order_by().values_list("pk", Value(number)) for number, found in enumerate(results)
    )
    found = [set() for _query in queries]
    for pk, number in first.union(*others, all=True) if others else first:
        found[number].add(pk)
    return list(map(Pages, found))
