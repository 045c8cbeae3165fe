"""What can be found: each approved edition, and each row that is no edition, as one ``SearchEntry``.

A model that can be found has ``search_document()``: its words by their weight. Publishing an edition indexes its
thing (``editions.approve`` does), saving a link in the admin indexes that row, and ``manage.py index_search``
makes everything anew. The words are stemmed here, once, for every database (``safety_site.stems``).
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from itertools import chain, groupby, islice

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import F, Max
from django.db.models.functions import Greatest
from django.utils import timezone
from modelsearch.backends import get_search_backends_with_name

from safety_site.editions import DEFAULT_LANGUAGE
from safety_site.models import SearchEntry, SearchStem, SearchWord
from safety_site.stems import LONGEST_WORD, stem, telling_words, words_of

logger = logging.getLogger(__name__)

ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
DEFAULT = "default"  # the name of the backend that is the site's own database
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
AT_ONCE = 500  # rows in one statement
ADDED_AT_ONCE = 5_000  # entries that are held in memory

# The mark at the end of an indexed stem: a stem that ends in a digit passes through the tokenizer, the stemmer and
# the stop words of every database unchanged, so that all find exactly the same rows. The title and what people call
# the page are indexed a second time under a mark of their own, so that one query finds "in the title" too.
ANYWHERE, ON_TOP = "0", "1"


@dataclass(frozen=True)
class SearchDocument:
    """The words of one page. All plain text; ``headings`` and ``body`` may hold HTML."""

    kind: str  # a value of vocabulary.FoundKind
    title: str
    url: str
    summary: str = ""
    keywords: Iterable[str] = ()  # other names of it, what people call it
    headings: Iterable[str] = ()
    body: Iterable[str] = ()
    concern: str = ""
    hidden_words: Iterable[str] = field(default=())  # found by, never shown


def plain(html: str) -> str:
    """The words of some HTML as one line of text; blocks end with a full stop, as a reader takes them."""
    text = re.sub(r"</(?:p|li|h\d|blockquote)>", "\n", html)
    # No space before the full stop behind a link. A row of tags is looked at once, from its first on.
    text = re.sub(r"(?<!>)(?:<[^<>]+>)++(?=[.,;:!?…)’”])", "", text)
    lines = (unescape(re.sub(r"<[^<>]+>", " ", line)).split() for line in text.split("\n"))
    sentences = (" ".join(line) for line in lines if line)
    return " ".join(s if s[-1] in ".!?:…" else f"{s}." for s in sentences)


def _stems(*texts: str) -> list[str]:
    """The stems of some texts, each once, in order."""
    return list(dict.fromkeys(stem(word) for text in texts for word in telling_words(text)))


def _entry(thing: str, document: SearchDocument, valid_from: datetime, valid_until: datetime) -> SearchEntry:
    headings = [plain(text) for text in document.headings]
    body = " ".join(plain(text) for text in document.body if text)
    title, keywords = _stems(document.title), _stems(*document.keywords)
    everything = _stems(document.title, *document.keywords, *headings, document.summary, body, *document.hidden_words)
    on_top = dict.fromkeys([*title, *keywords])
    return SearchEntry(
        thing=thing,
        kind=document.kind,
        title=document.title,
        url=document.url,
        summary=document.summary,
        body=body,
        concern=document.concern,
        valid_from=valid_from,
        valid_until=valid_until,
        title_stems=" ".join(title),
        keyword_stems=" ".join(keywords),
        heading_stems=" ".join(_stems(*headings)),
        stems=" ".join([*(f"{each}{ANYWHERE}" for each in everything), *(f"{each}{ON_TOP}" for each in on_top)]),
    )


def _thing_of(row: models.Model) -> str:
    """What a row is, or is an edition of, for example ``topicedition:12``."""
    thing_field = getattr(row, "thing_field", None)
    return f"{row._meta.model_name}:{getattr(row, f'{thing_field}_id') if thing_field else row.pk}"


def _entries_of_editions(editions: Iterable) -> list[SearchEntry]:
    """Entries for approved editions of one thing in the order of their times: each lasts until the next begins."""
    editions, now = list(editions), timezone.now()
    ends = [*(each.publish_at for each in editions), NEVER][1:]
    return [
        _entry(_thing_of(edition), edition.search_document(), edition.publish_at, end)
        for edition, end in zip(editions, ends, strict=True)
        if end > now and not edition.is_withdrawal
    ]


class Findable:
    """A kind of edition that the search finds: give it ``search_document()``, and a queryset with ``for_page()``."""

    def search_document(self) -> SearchDocument:
        raise NotImplementedError

    def on_approval(self) -> None:
        super().on_approval()
        index_edition(self)


@transaction.atomic
def index_edition(edition) -> None:
    """Find the thing of an edition by what is approved of it now."""
    if edition.language != DEFAULT_LANGUAGE:
        return  # the site is read in one language; the search answers in it
    of_thing = (
        type(edition).objects.approved().filter(**{edition.thing_field: edition.thing}, language=edition.language)
    )
    _replace(_thing_of(edition), _entries_of_editions(of_thing.order_by("publish_at")))


@transaction.atomic
def index_row(row: models.Model) -> None:
    """Find a row that is no edition (a link, an old name) by its words now; not at all once it is hidden."""
    document = row.search_document()
    _replace(_thing_of(row), [_entry(_thing_of(row), document, ALWAYS, NEVER)] if document else [])


def _replace(thing: str, entries: list[SearchEntry]) -> None:
    for old in SearchEntry.objects.filter(thing=thing):
        _in_each_backend(lambda backend, old=old: backend.delete(old))
        old.delete()
    _add(entries)


def _add(entries: list[SearchEntry]) -> None:
    before = _newest_entry()
    SearchEntry.objects.bulk_create(entries, batch_size=AT_ONCE)

    def add(backend) -> None:
        for start in range(0, len(entries), AT_ONCE):
            backend.add_bulk(SearchEntry, entries[start : start + AT_ONCE])
        backend.refresh_indexes()

    _in_each_backend(add)
    words = {
        word: SearchWord(word=word, stem=stem(word))
        for entry in entries
        for word in words_of(f"{entry.title} {entry.summary} {entry.body} {entry.keyword_stems}")
        if 2 < len(word) <= 40 and not word.isdigit()
    }
    SearchWord.objects.bulk_create(words.values(), batch_size=AT_ONCE, ignore_conflicts=True)
    stems = {each for entry in entries for each in _stems_in(entry.stems) if len(each) <= LONGEST_WORD}
    rows = (SearchStem(stem=each) for each in sorted(stems))
    SearchStem.objects.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)
    sure = SearchStem.objects.filter(stem="", newest__gte=before)
    sure.update(newest=Greatest(F("newest"), _newest_entry()))


def _newest_entry() -> int:
    return SearchEntry.objects.aggregate(newest=Max("pk"))["newest"] or 0


def knows_every_stem() -> bool:
    """Whether a stem without a row is in no entry of the index."""
    return SearchStem.objects.filter(stem="", newest__gte=_newest_entry()).exists()


def _stems_in(marked: str) -> Iterator[str]:
    """The stems that an entry is found by, each once."""
    return (each.removesuffix(ANYWHERE) for each in marked.split() if each.endswith(ANYWHERE))


def _in_each_backend(do: Callable) -> None:
    """The database always; OpenSearch too where it is set. Publishing goes on while OpenSearch is away."""
    for name, backend in get_search_backends_with_name():
        try:
            do(backend)
        except Exception:
            if name == DEFAULT:
                raise
            logger.warning("OpenSearch did not answer and is now behind: run index_search when it is back")


@transaction.atomic
def index_everything(
    edition_models: Iterable[type], rows: Iterable[models.Model], pages: Iterable[SearchDocument]
) -> int:
    """Make the index anew. Returns how many entries it has."""
    SearchWord.objects.all().delete()
    SearchStem.objects.all().delete()
    SearchEntry.objects.all().delete()

    def make_empty(backend) -> None:
        backend.reset_indexes()
        for index in backend.all_indexes():
            index.add_model(SearchEntry)

    _in_each_backend(make_empty)
    # Pages of the site first: of pages that answer equally well, the one indexed first stands first.
    entries = chain(
        (_entry(f"page:{page.url}", page, ALWAYS, NEVER) for page in pages),
        (entry for model in edition_models for entry in _entries_of_model(model)),
        (_entry(_thing_of(row), document, ALWAYS, NEVER) for row in rows if (document := row.search_document())),
    )
    count = 0
    # Some at a time: a large site is not held in memory as a whole.
    while some := list(islice(entries, ADDED_AT_ONCE)):
        _add(some)
        count += len(some)
    SearchStem.objects.create(stem="", newest=_newest_entry())
    take_stock()
    return count


def _entries_of_model(model) -> Iterator[SearchEntry]:
    editions = model.objects.approved().filter(language=DEFAULT_LANGUAGE).for_page()
    editions = editions.order_by(model.thing_field, "publish_at").iterator(chunk_size=AT_ONCE)
    for _thing, of_thing in groupby(editions, key=_thing_of):
        yield from _entries_of_editions(of_thing)


COMMON_SHARE = 0.4  # of all pages: a word that stands on more tells little


def take_stock() -> None:
    """Note which words stand on most pages; let the database count its rows.

    Without that SQLite reads its index the wrong way round, 20 times slower.
    """
    pages: Counter[str] = Counter()
    number = 0
    for stems in SearchEntry.objects.values_list("stems", flat=True).iterator():
        pages.update(_stems_in(stems))
        number += 1
    common = [each for each, times in pages.items() if times > number * COMMON_SHARE]
    SearchWord.objects.filter(stem__in=common).update(is_common=True)
    with connection.cursor() as cursor:
        for table in (apps.get_model("modelsearch", "IndexEntry")._meta.db_table, SearchEntry._meta.db_table):
            cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")
