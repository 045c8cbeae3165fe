"""What readers can see now, as pages with their words and their outside addresses, whatever the models are.

A *page* is a live edition, or a published row that is no edition (a link, a note of the law); what belongs to it (its
sections, its facts, the links of a platform) is part of it. Models are found through the app registry, so a new one
counts without a word here.

Words of an edition are remembered in this process: an approved edition never changes. Those of rows are read anew.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, cached_property
from html import unescape
from typing import NamedTuple

from django.apps import apps
from django.db import models
from django.db.models import CharField, DateField, DateTimeField, F, Value
from django.db.models.functions import Cast
from django.urls import reverse

from safety_site.editions import Edition, EditionPart, edition_models
from safety_site.fields import HttpsURLField, RichTextField, SluggedModel
from safety_site.vocabulary import Audience

TITLES = ("title", "name", "provider", "words", "slug")
# Notes of editors, and what tells where the words come from: readers do not meet these as the site's own words.
NOT_WORDS = frozenset(
    {
        "slug", "language", "imported_from", "change_note", "editor_note", "checked_by", "withdrawal_reason",
        "withdrawal_instead", "source", "law_status", "former_names",
    }
)  # fmt: skip
MOST_REMEMBERED = 5_000
HREF = re.compile(r"""href\s*=\s*["']?(https?://[^"'\s>]+)""", re.IGNORECASE)


class LivePage(NamedTuple):
    """One page that readers can see."""

    model: str  # "guidance.topicedition"
    pk: int
    thing_id: int  # of what it is an edition of; its own key for a row without editions
    title: str
    audience: str  # of a row that is for one; else empty
    owner_id: int | None
    review_by: date | None
    created_at: datetime | None  # with the key it names one edition for ever; None: a row that may change

    @property
    def kind(self) -> str:
        kind = kind_of(apps.get_model(self.model))
        return f"{kind} for {Audience(self.audience).label.lower()}" if self.audience else kind

    @property
    def edit_url(self) -> str:
        return reverse(f"admin:{self.model.replace('.', '_')}_change", args=[self.pk])


@dataclass(frozen=True)
class Words:
    """What one page says: (field as editors know it, its text), and the outside addresses that it names."""

    texts: list[tuple[str, str]] = field(default_factory=list)
    addresses: set[str] = field(default_factory=set)

    @cached_property
    def lowered(self) -> str:
        return "\n".join(text for _label, text in self.texts).lower()


def kind_of(model: type[models.Model]) -> str:
    """What editors call a page of this model: for an edition, its thing."""
    thing = model._meta.get_field(model.thing_field).related_model if issubclass(model, Edition) else model
    name = str(thing._meta.verbose_name)
    return name[:1].upper() + name[1:]


def title_field(model: type[models.Model]) -> str:
    """The field that a page of this model is called by."""
    names = {each.name for each in model._meta.fields}
    return next(name for name in TITLES if name in names)


@cache
def row_models() -> list[type[models.Model]]:
    """Models whose rows readers see without editions: those that are published, and those with words for readers."""
    things = {model._meta.get_field(model.thing_field).related_model for model in edition_models()}
    return [
        model
        for model in apps.get_models()
        if not issubclass(model, (Edition, EditionPart))
        and model not in things
        and (
            _has_field(model, "is_published")
            or (issubclass(model, SluggedModel) and any(isinstance(each, RichTextField) for each in model._meta.fields))
        )
    ]


def page_models() -> list[type[models.Model]]:
    return [*edition_models(), *row_models()]


@cache
def parts_of(model: type[models.Model]) -> list[tuple[type[models.Model], str]]:
    """The models whose rows belong to a page, each with the name of its foreign key to it."""
    return [
        (relation.related_model, relation.field.name)
        for relation in model._meta.related_objects
        if relation.on_delete is models.CASCADE
        and not relation.many_to_many
        and not relation.related_model._meta.auto_created
        and (_word_fields(relation.related_model) or _address_fields(relation.related_model))
    ]


def _has_field(model: type[models.Model], name: str) -> bool:
    return any(each.name == name for each in model._meta.fields)


@cache
def _word_fields(model: type[models.Model]) -> list[models.Field]:
    return [
        each
        for each in model._meta.fields
        if isinstance(each, (models.CharField, models.TextField))
        and not isinstance(each, (models.URLField, models.SlugField, models.FileField))
        and not each.choices
        and not each.name.endswith("_url")
        and each.name not in NOT_WORDS
    ]


@cache
def _address_fields(model: type[models.Model]) -> list[models.Field]:
    """Fields that hold one address: https only, or (``…_url``) an address here or elsewhere."""
    return [
        each
        for each in model._meta.fields
        if isinstance(each, HttpsURLField) or (isinstance(each, models.CharField) and each.name.endswith("_url"))
    ]


# --- Which pages are live ---------------------------------------------------------------------------------


def live_pages(only: Iterable[type[models.Model]] | None = None) -> list[LivePage]:
    """Every page that readers can see now, of these models (default: all), in one query."""
    queries = [_live_rows(model) for model in (page_models() if only is None else only)]
    if not queries:
        return []
    first, *others = queries
    return [LivePage(*row) for row in first.union(*others, all=True)]


def _live_rows(model: type[models.Model]) -> models.QuerySet:
    """The columns of ``LivePage``; each is cast, since PostgreSQL asks that all queries of a union agree."""
    names = {each.name for each in model._meta.fields}
    if issubclass(model, Edition):
        rows, thing = model.objects.live(), f"{model.thing_field}__"
        thing_id = F(f"{model.thing_field}_id")
    else:
        rows = model._default_manager.filter(**({"is_published": True} if "is_published" in names else {}))
        thing, thing_id = "", F("pk")
    has_owner = bool(thing) or "owner" in names
    return rows.order_by().values_list(
        Value(model._meta.label_lower, CharField()),
        Cast("pk", models.BigIntegerField()),
        Cast(thing_id, models.BigIntegerField()),
        Cast(title_field(model), CharField()),
        Cast(F("audience") if "audience" in names else Value(""), CharField()),
        Cast(F(f"{thing}owner_id") if has_owner else Value(None), models.BigIntegerField()),
        Cast(F("review_by") if "review_by" in names else Value(None), DateField()),
        Cast(F("created_at") if thing else Value(None), DateTimeField()),
    )


# --- What they say ----------------------------------------------------------------------------------------

_remembered: dict[LivePage, Words] = {}


def words_of(pages: Iterable[LivePage]) -> dict[LivePage, Words]:
    """The words of each page. Of editions, only those that this process has not met are read."""
    found, unread = {}, defaultdict(dict)
    if len(_remembered) > MOST_REMEMBERED:
        _remembered.clear()  # mostly editions that are live no more
    for page in pages:
        if page in _remembered:
            found[page] = _remembered[page]
        else:
            unread[page.model][page.pk] = page
    for label, wanted in unread.items():
        model = apps.get_model(label)
        read = {pk: Words() for pk in wanted}
        for pk, row in _rows_of(model, wanted):
            _add_words(read[pk], row)
        for pk, words in read.items():
            found[wanted[pk]] = words
            if issubclass(model, Edition):
                _remembered[wanted[pk]] = words
    return found


def _rows_of(model: type[models.Model], keys: Iterable[int]) -> Iterator[tuple[int, models.Model]]:
    """Each page's own row and those of its parts, with the key of the page."""
    keys = list(keys)
    for row in model._base_manager.filter(pk__in=keys):
        yield row.pk, row
    for part, link in parts_of(model):
        rows = part._base_manager.filter(**{f"{link}__in": keys})
        if hasattr(part._default_manager, "confirmed"):  # readers do not see the others
            rows = part._default_manager.confirmed().filter(**{f"{link}__in": keys})
        for row in rows.order_by("pk"):
            yield getattr(row, f"{link}_id"), row


def _add_words(words: Words, row: models.Model) -> None:
    model = type(row)
    kind = "" if model in page_models() else f"{model._meta.verbose_name}: "
    for each in _word_fields(model):
        text = getattr(row, each.name) or ""
        if isinstance(each, RichTextField):
            words.addresses.update(unescape(found) for found in HREF.findall(text))
        if text:
            words.texts.append((f"{kind}{each.verbose_name}", text))
    for each in _address_fields(model):
        address = getattr(row, each.name) or ""
        if address.startswith(("https://", "http://")):
            words.addresses.add(address)


def addresses_named(words: Mapping[LivePage, Words]) -> dict[str, list[LivePage]]:
    """Every outside address in the words of some pages, with the pages that name it, in order of address."""
    named = defaultdict(list)
    for page, said_there in words.items():
        for address in said_there.addresses:
            named[address].append(page)
    return {address: sorted(named[address], key=lambda page: (page.kind, page.title)) for address in sorted(named)}
