"""Where a thing is used: what names it, what links to its page, and what leads to the same address elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from safety_site.editions import Edition, EditionPart, edition_models
from safety_site.fields import RichTextField
from safety_site.models import EmergencyBanner
from safety_site.newsroom.addresses import edition_model_of

# A page that everything leads to is not listed whole.
MOST_OF_A_KIND = 200
# Fields that hold an address on this site, where they are no URL field.
_ADDRESS_FIELDS = frozenset({"withdrawal_instead", "instead_url", "link"})


@dataclass(frozen=True)
class Use:
    """One page or row that would be touched by a change of a thing."""

    is_now: bool  # readers see it today; otherwise a draft, or scheduled
    title: str
    kind: str  # for example "topic edition"
    how: str  # for example "names it", "links to its page"
    state: str  # in words: "live", "draft", "in review", "from 3 December 2026"
    url: str  # of its edit screen; empty where it has none


@cache
def _content_models() -> tuple[type[models.Model], ...]:
    """Every model that holds words for readers: those of apps that have editions, and banners."""
    labels = {model._meta.app_label for model in edition_models()}
    return (*(model for model in apps.get_models() if model._meta.app_label in labels), EmergencyBanner)


def _holder(model: type[models.Model]) -> str:
    """How a row reaches what an editor opens: its edition, what it belongs to (a platform), or itself ("")."""
    if issubclass(model, EditionPart):
        return "edition"
    for field in model._meta.fields:
        if field.many_to_one and field.remote_field.on_delete is models.CASCADE and field.related_model is not model:
            return field.name if field.related_model in _content_models() else ""
    return ""


def _change_page(row: models.Model) -> str:
    try:
        return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return ""


def _held(rows: models.QuerySet, holder: str) -> tuple[type[models.Model], set[int]]:
    """What an editor opens for these rows, and its keys."""
    if not holder:
        return rows.model, set(rows.values_list("pk", flat=True)[:MOST_OF_A_KIND])
    held = rows.model._meta.get_field(holder)
    return held.related_model, set(rows.values_list(held.attname, flat=True)[:MOST_OF_A_KIND])


def _of_editions(model: type[Edition], keys: set[int], how: str) -> list[Use]:
    """Those of these editions that readers see now or may see later; not those of the past."""
    live = set(model.objects.live().filter(pk__in=keys).values_list("pk", flat=True))
    live |= set(model.objects.withdrawn().filter(pk__in=keys).values_list("pk", flat=True))
    now, uses = timezone.now(), []
    for edition in model.objects.filter(pk__in=keys).select_related(model.thing_field):
        if edition.is_approved and edition.pk not in live and edition.publish_at <= now:
            continue
        state = edition.get_state_display().lower()
        if edition.pk in live:
            state = "live"
        elif edition.is_approved:
            state = f"from {timezone.localtime(edition.publish_at):%-d %B %Y}"
        # An edition says its title before its slug, where it has one.
        names = (getattr(edition, name, "") for name in ("title", "name", "provider"))
        title = next(filter(None, names), str(edition.thing))
        kind = model._meta.verbose_name.removesuffix(" edition")
        uses.append(Use(edition.pk in live, title, kind, how, state, _change_page(edition)))
    return uses


def _of_rows(model: type[models.Model], keys: set[int], how: str) -> list[Use]:
    """Rows that have no editions."""
    uses = []
    for row in model._default_manager.filter(pk__in=keys):
        is_now = getattr(row, "is_published", True) and getattr(row, "approved_by_id", 1) is not None
        state = "live" if is_now else "not published"
        uses.append(Use(is_now, str(row), model._meta.verbose_name, how, state, _change_page(row)))
    return uses


def _uses(rows: models.QuerySet, how: str) -> list[Use]:
    model, keys = _held(rows, _holder(rows.model))
    if not keys:
        return []
    return (_of_editions if issubclass(model, Edition) else _of_rows)(model, keys, how)


def _naming(thing: models.Model) -> list[Use]:
    """What names it in a field of its own: related pages, contacts of a worry, notes of an app."""
    found = []
    for relation in thing._meta.get_fields(include_hidden=True):
        if not relation.is_relation or not relation.auto_created or relation.concrete:
            continue
        model, field = relation.related_model, relation.field
        if model._meta.auto_created or model not in _content_models():
            continue
        if issubclass(model, Edition) and model.thing_field == field.name:
            continue  # its own editions
        if not (issubclass(model, Edition | EditionPart) or hasattr(model, "is_published")):
            continue  # postcodes, former codes and the like are no pages
        found += _uses(model._default_manager.filter(**{field.name: thing.pk}), "names it")
    return found


@cache
def _fields_with_addresses(model: type[models.Model]) -> tuple[tuple[str, bool], ...]:
    """The fields that may hold an address, each with whether other words stand around it."""
    rich = [(field.name, True) for field in model._meta.fields if isinstance(field, RichTextField)]
    plain = [
        (field.name, False)
        for field in model._meta.fields
        if isinstance(field, models.URLField) or (field.name in _ADDRESS_FIELDS and hasattr(field, "max_length"))
    ]
    return (*rich, *plain)


def _leading_to(addresses: Iterable[str], how: str, but_not: models.Model) -> list[Use]:
    """Whatever holds one of these addresses in rich text, as a link, or as the page to go to instead."""
    addresses = [each for each in dict.fromkeys(addresses) if each and each != "/"]
    found = []
    for model in _content_models() if addresses else ():
        conditions = []
        for name, is_rich in _fields_with_addresses(model):
            for address in addresses:
                if is_rich:
                    endings = ('"', "#", "?")
                    conditions += [Q(**{f"{name}__contains": f"{address}{ending}"}) for ending in endings]
                else:
                    conditions.append(Q(**{name: address}))
                    if address.startswith("/"):
                        conditions += [Q(**{f"{name}__startswith": f"{address}{ending}"}) for ending in ("#", "?")]
        if not conditions:
            continue
        rows = model._default_manager.filter(reduce(or_, conditions))
        if type(but_not) is model:
            rows = rows.exclude(pk=but_not.pk)
        editions, holder = edition_model_of(type(but_not)), _holder(model)
        if editions and issubclass(model, editions):
            rows = rows.exclude(**{editions.thing_field: but_not.pk})
        elif editions and holder and model._meta.get_field(holder).related_model is editions:
            rows = rows.exclude(**{f"{holder}__{editions.thing_field}": but_not.pk})
        found += _uses(rows, how)
    return found


def _outside_addresses(thing: models.Model) -> list[str]:
    """The addresses on other sites that a link or a service is known by; what has a page here has none."""
    if hasattr(thing, "get_absolute_url"):
        return []
    rows = [thing]
    editions = edition_model_of(type(thing))
    if editions:
        rows = list(editions.objects.live().filter(**{editions.thing_field: thing.pk}))
        for relation in editions._meta.related_objects if rows else ():
            if issubclass(relation.related_model, EditionPart):
                rows += relation.related_model._default_manager.filter(edition__in=rows[:1])
    names = {type(row): [each.name for each in row._meta.fields if isinstance(each, models.URLField)] for row in rows}
    return [getattr(row, name) for row in rows for name in names[type(row)] if getattr(row, name)]


def _own_page(thing: models.Model) -> str:
    address = thing.get_absolute_url() if hasattr(thing, "get_absolute_url") else ""
    editions = edition_model_of(type(thing))
    if not address and editions and hasattr(editions, "get_absolute_url"):
        # A contact has no page: it stands on the page of national services, under its own name.
        live = editions.objects.live().filter(**{editions.thing_field: thing.pk}).first()
        address = live.get_absolute_url() if live else ""
        address = address if "#" in address else ""
    return address


def used_in(thing: models.Model) -> list[Use]:
    """Everything that names a thing, links to its page or, for a link or a service, leads to the same address.

    ``thing`` is a topic, an app, a contact, a link, a note …; an edition stands for its thing. What readers see
    now comes first; editions of the past are left out.
    """
    if isinstance(thing, Edition):
        thing = thing.thing
    if thing.pk is None:
        return []
    page = _own_page(thing)
    found = [
        *_naming(thing),
        *_leading_to([page, page.rstrip("/")], "links to its page", thing),
        *_leading_to(_outside_addresses(thing), "leads to the same address", thing),
    ]
    return in_order(found)


def in_order(uses: Iterable[Use]) -> list[Use]:
    """Each page once, with all that ties it; live ones first, then by kind and title."""
    ties: dict[tuple, list[str]] = defaultdict(list)
    for use in uses:
        key = (not use.is_now, use.kind, use.title, use.state, use.url)
        if use.how not in ties[key]:
            ties[key].append(use.how)
    return [
        Use(not later, title, kind, ", ".join(hows), state, url)
        for (later, kind, title, state, url), hows in sorted(ties.items())
    ]


class UsagePage:
    """A mixin of EditionAdmin: where the thing of an edition is used."""

    def edition_urls(self) -> list:
        """Patterns below the admin pages of one kind of edition."""
        return super().edition_urls()

    def edition_context(self, request, edition) -> dict:
        """What the edit screen shows; ``edition`` is None on the page for a new one."""
        return {**super().edition_context(request, edition), "uses": used_in(edition) if edition else None}


class UsedPanel:
    """A mixin of the admin of any row: the same panel beside its form. Goes before ``ModelAdmin``."""

    change_form_template = "admin/used_change_form.html"

    def change_view(self, request, object_id, form_url="", extra_context=None):
        thing = self.get_object(request, object_id)
        extra = {"uses": used_in(thing) if thing else None}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})
