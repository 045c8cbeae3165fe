"""What one person's work list is computed from, each part read once: pages that are live, editions that are not yet.

``Desk`` knows no list; ``safety_site.work_list`` has those.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import CharField, DateTimeField, F, Value
from django.db.models.functions import Cast, Coalesce
from django.urls import NoReverseMatch, reverse

from safety_site.editions import EditionState, edition_models
from safety_site.live_pages import LivePage, Words, live_pages, page_models, title_field, words_of
from safety_site.models import EditionEvent
from safety_site.newsroom.rights import may


class Unfinished(NamedTuple):
    """One edition that nobody has approved."""

    model: str
    pk: int
    thing_id: int
    title: str
    number: int
    state: str
    owner_id: int | None
    author_id: int | None
    changed_by_id: int | None
    touched_at: date


@dataclass(frozen=True)
class Place:
    """A page in the admin with its name."""

    title: str
    url: str


@dataclass(frozen=True)
class Row:
    """One line of a list: what it is about, where to edit it, what is the matter, whose it is, and by when."""

    title: str
    kind: str
    url: str
    what: str = ""
    owner: str = ""
    on: date | None = None
    places: list[Place] = field(default_factory=list)
    is_outside: bool = False  # the title is an address of somebody else's


class RowsOf:
    """The rows of a queryset, counted and cut by the database: thousands cost no more than their first page."""

    def __init__(self, queryset: models.QuerySet, row: Callable[[models.Model], Row], known_count: int | None = None):
        self.queryset, self.row, self.known_count = queryset, row, known_count

    def __len__(self) -> int:
        return self.count

    @cached_property
    def count(self) -> int:
        return self.queryset.count() if self.known_count is None else self.known_count

    def __getitem__(self, part: slice) -> list[Row]:
        return [self.row(each) for each in self.queryset[part]]

    def __iter__(self):
        return (self.row(each) for each in self.queryset.iterator(chunk_size=500))


def admin_page(model: str, pk: int | None = None, is_new: bool = False) -> str:
    """Where a row, the page for a new one, or the list of a model ("guidance.topicedition") stands in the admin.

    Empty: nowhere.
    """
    name = f"admin:{model.replace('.', '_')}_{'change' if pk else 'add' if is_new else 'changelist'}"
    try:
        return reverse(name, args=[pk] if pk else [])
    except NoReverseMatch:
        return ""


def may_see(user, model: type[models.Model]) -> bool:
    """Whether a user has the right to look at a model's pages in the admin; who may change may look."""
    return may(user, "view", model) or may(user, "change", model)


class Desk:
    """One person before their work list; with ``only_mine``, of pages only those that they own."""

    def __init__(self, user, only_mine: bool = False):
        self.user, self.only_mine = user, only_mine
        self._once: dict[str, object] = {}

    def once(self, name: str, read: Callable):
        """What several lists need and one of them reads."""
        if name not in self._once:
            self._once[name] = read()
        return self._once[name]

    @cached_property
    def sees(self) -> list[type[models.Model]]:
        """The kinds of pages that this person may look at."""
        return [model for model in page_models() if may_see(self.user, model)]

    @cached_property
    def all_pages(self) -> list[LivePage]:
        """Live pages of the kinds that this person may look at, whoever owns them."""
        return live_pages(self.sees)

    @cached_property
    def pages(self) -> list[LivePage]:
        return [page for page in self.all_pages if not self.only_mine or page.owner_id == self.user.pk]

    @cached_property
    def words(self) -> dict[LivePage, Words]:
        return words_of(self.pages)

    @cached_property
    def page_of(self) -> dict[tuple[str, int], LivePage]:
        return {(page.model, page.pk): page for page in self.pages}

    @cached_property
    def unfinished(self) -> list[Unfinished]:
        """Drafts, and what is in review, of the kinds that this person may look at; longest untouched first."""
        queries = [_unfinished(model) for model in edition_models() if model in self.sees]
        if not queries:
            return []
        first, *others = queries
        rows = [Unfinished(*row) for row in first.union(*others, all=True)]
        return sorted(rows, key=lambda row: (row.touched_at, row.model, row.pk))

    @cached_property
    def begun(self) -> set[tuple[str, int]]:
        """Things of which somebody has begun a new edition: (model of the edition, key of the thing)."""
        return {(row.model, row.thing_id) for row in self.unfinished}

    @cached_property
    def last_events(self) -> dict[tuple[str, int], tuple[EditionEvent | None, int | None]]:
        """Of each draft: its last event, and who sent it for review last."""
        drafts = [row for row in self.unfinished if row.state == EditionState.DRAFT]
        if not drafts:
            return {}
        types = {
            kind.pk: model._meta.label_lower
            for model, kind in ContentType.objects.get_for_models(*edition_models()).items()
        }
        events = EditionEvent.objects.steps().filter(content_type__in=types, object_id__in=[row.pk for row in drafts])
        found = {}
        for event in events.order_by("at", "pk"):
            key = (types[event.content_type_id], event.object_id)
            sender = event.by_id if event.kind == EditionEvent.Kind.SENT else found.get(key, (None, None))[1]
            found[key] = (event, sender)
        return found

    def titles_of(self, model: type[models.Model], keys: list[int]) -> dict[int, str]:
        """What editions are called, live or not, of those that are there."""
        if not keys:
            return {}
        rows = model._base_manager.filter(pk__in=keys).values_list("pk", title_field(model), "number")
        return {key: f"{title} · edition {number}" for key, title, number in rows}

    @cached_property
    def _names(self) -> dict[int, str]:
        users = get_user_model().objects.filter(is_staff=True)
        return {user.pk: user.get_full_name() or user.get_username() for user in users}

    def name_of(self, user_id: int | None) -> str:
        return self._names.get(user_id, "somebody who has left") if user_id else ""

    def row(self, page: LivePage, what: str = "", on: date | None = None) -> Row:
        return Row(page.title, page.kind, page.edit_url, what, self.name_of(page.owner_id), on)

    def place(self, page: LivePage) -> Place:
        return Place(f"{page.kind}: {page.title}", page.edit_url)


def _unfinished(model: type[models.Model]) -> models.QuerySet:
    """The columns of ``Unfinished``, cast so that all queries of a union agree."""
    number = models.BigIntegerField()
    return (
        model.objects.exclude(state=EditionState.APPROVED)
        .order_by()
        .values_list(
            Value(model._meta.label_lower, CharField()),
            Cast("pk", number),
            Cast(f"{model.thing_field}_id", number),
            Cast(title_field(model), CharField()),
            Cast("number", number),
            Cast("state", CharField()),
            Cast(F(f"{model.thing_field}__owner_id"), number),
            Cast("author_id", number),
            Cast("changed_by_id", number),
            Cast(Coalesce("changed_at", "created_at"), DateTimeField()),
        )
    )
