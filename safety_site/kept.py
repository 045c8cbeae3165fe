"""What the parts of an approved edition render to, made once and kept with it.

An approved edition never changes, so neither does its HTML, until a release changes the templates. A model names its
parts with their templates::

    class TopicEdition(Edition):
        kept_parts = {"article": "guidance/_topic_article.html", "card": "guidance/_topic_card.html"}

A template of a kept part sees one thing, ``edition``, and must show nothing that may change later: no other page's
title, no shared note, no clock. Those stay in the page's own template, around the parts. Parts of a draft, or of an
edition that an editor looks at, are rendered from the same templates each time.
"""

from collections.abc import Iterable

from django.apps import apps
from django.db import models
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from safety_site import viewing
from safety_site.editions import Edition
from safety_site.models import KeptPart
from safety_site.release import release


def render_part(edition: Edition, name: str) -> SafeString:
    return render_to_string(edition.kept_parts[name], {"edition": edition})


def keep_parts(editions: Iterable[Edition]) -> int:
    """Render and keep every part of these approved editions. Returns how many parts there are now."""
    rows = [
        KeptPart(
            model=edition._meta.label_lower,
            edition_id=edition.pk,
            name=name,
            release=release(),
            html=render_part(edition, name),
        )
        for edition in editions
        for name in edition.kept_parts
    ]
    KeptPart.objects.bulk_create(
        rows,
        batch_size=200,
        update_conflicts=True,
        unique_fields=["model", "edition_id", "name"],
        update_fields=["html", "release"],
    )
    return len(rows)


def parts_of(model: type[Edition], pk: int, *names: str) -> dict[str, SafeString]:
    """Parts of an edition that readers see, by its key: one query where they are kept.

    What is not kept is rendered now and not kept: a reader may be served from a copy that cannot be written.
    """
    parts: dict[str, SafeString] = {}
    stand_in = viewing.current().stand_in(model)
    if stand_in is None or stand_in.pk != pk:
        kept = KeptPart.objects.filter(model=model._meta.label_lower, edition_id=pk, release=release(), name__in=names)
        parts = {name: mark_safe(html) for name, html in kept.values_list("name", "html")}  # noqa: S308 - our own
    missing = [name for name in names if name not in parts]
    if missing:
        edition = model.objects.for_page().get(pk=pk)
        parts |= {name: render_part(edition, name) for name in missing}
    return parts


class KeepsParts:
    """A kind of edition with kept parts, and a queryset with ``for_page()``: they are made when it is approved."""

    def on_approval(self) -> None:
        super().on_approval()
        # A draft comes here too, when something else of its thing changed.
        if self.is_approved and not self.is_withdrawal:
            keep_parts(type(self).objects.for_page().filter(pk=self.pk))


def models_with_parts() -> list[type[Edition]]:
    return [model for model in apps.get_models() if issubclass(model, Edition) and model.kept_parts]


AT_ONCE = 50


def keep_missing() -> int:
    """Render and keep what this release has not kept of approved editions. Returns how many editions that were."""
    count = 0
    for model in models_with_parts():
        keys = list(not_kept(model.objects.all()).order_by().values_list("pk", flat=True))
        for first in range(0, len(keys), AT_ONCE):
            keep_parts(model.objects.for_page().filter(pk__in=keys[first : first + AT_ONCE]))
        count += len(keys)
    return count


def not_kept(editions: models.QuerySet) -> models.QuerySet:
    """Approved editions with a part that this release has not kept; not those that take a page down."""
    label, names = editions.model._meta.label_lower, list(editions.model.kept_parts)
    kept = KeptPart.objects.filter(model=label, edition_id=OuterRef("pk"), release=release(), name__in=names)
    count = kept.order_by().values("edition_id").annotate(count=models.Count("pk")).values("count")
    mine = editions.approved().filter(is_withdrawal=False)
    return mine.alias(parts_kept=Coalesce(Subquery(count), 0)).filter(parts_kept__lt=len(names))
