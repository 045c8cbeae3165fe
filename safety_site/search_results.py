"""What each result of a search looks like."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from reporting.national import address_of, later_pages
from safety_site.models import SearchEntry
from safety_site.search_extracts import breaks_in, extract
from safety_site.unchanged import kept, while_unchanged
from safety_site.vocabulary import FoundKind

# Stands in what is kept of a row, where the extract goes: nothing that is shown holds it, since angles are escaped.
_PLACE = "<!--extract-->"


class Row(NamedTuple):
    """What is shown of an entry of the search."""

    pk: int
    kind: str
    url: str
    title: str
    title_stems: str
    summary: str
    body: str


@dataclass(frozen=True)
class Found:
    """One result."""

    entry: Row
    extract: SafeString


def row_of(entries: QuerySet) -> Row | None:
    """The first of some entries; one query."""
    row = entries.values_list(*Row._fields).first()
    return row and Row._make(row)


def html_of(results: Iterable[Found], *, tell_kind: bool = False) -> SafeString:
    """Items of a list of results."""
    rows = ((_row(each.entry.kind, each.entry.url, each.entry.title, tell_kind), each.extract) for each in results)
    html = (row.replace(_PLACE, f"<p>{words}</p>" if words else "") for row, words in rows)
    return mark_safe("".join(html))  # noqa: S308 - rendered here, and the extracts are escaped


@while_unchanged
def _row(kind: str, url: str, title: str, tell_kind: bool) -> str:
    """The HTML of a result but for its extract, which depends on the question."""
    entry = SearchEntry(kind=kind, url=url, title=title)
    context = {"entry": entry, "tell_kind": tell_kind, "extract": mark_safe(_PLACE)}  # noqa: S308 - ours
    return render_to_string("components/_found.html", context)


def _with_its_page(row: Row, later: Mapping[str, int]) -> Row:
    """The index knows of one page of national services, and the site has as many as it needs."""
    page, _, slug = row.url.partition("#")
    is_national = later and row.kind == FoundKind.CONTACT and page == address_of("", {}).rstrip("#")
    return row._replace(url=address_of(slug, later)) if is_national else row


def _breaks_of(row: Row) -> tuple[int, ...]:
    """Where the sentences of its body begin. Whoever indexes a page anew gives it another key."""
    return kept.get((__name__, "breaks", row.pk), lambda: breaks_in(row.body))


def found(pks: Collection[int], stems: set[str]) -> dict[int, Found]:
    """Entries by key, each with the sentence that says most of the stems that were asked for; two queries at most."""
    if not pks:
        return {}
    rows = [Row._make(row) for row in SearchEntry.objects.filter(pk__in=pks).values_list(*Row._fields)]
    later = later_pages() if any(row.kind == FoundKind.CONTACT for row in rows) else {}
    return {row.pk: Found(_with_its_page(row, later), extract(row, stems, _breaks_of)) for row in rows}
