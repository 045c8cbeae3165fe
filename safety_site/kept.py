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

from django.db import models
from django.db.models import OuterRef, Subquery
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from safety_site.editions import Edition
from safety_site.models import KeptPart
from safety_site.release import release


def with_parts(editions: models.QuerySet, *names: str) -> models.QuerySet:
    """Editions with these kept parts, in the same query; ``part_of`` shows them."""
    kept = KeptPart.objects.filter(model=editions.model._meta.label_lower, edition_id=OuterRef("pk"), release=release())
    return editions.annotate(**{f"kept_{name}": Subquery(kept.filter(name=name).values("html")) for name in names})


def part_of(edition: Edition, name: str) -> SafeString:
    """One part: as kept, where ``with_parts`` brought it; rendered now otherwise."""
    html = getattr(edition, f"kept_{name}", None) if edition.is_approved else None
    return render_part(edition, name) if html is None else mark_safe(html)  # noqa: S308 - rendered by ourselves


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


def not_kept(editions: models.QuerySet) -> models.QuerySet:
    """Approved editions with a part that this release has not kept."""
    label, names = editions.model._meta.label_lower, list(editions.model.kept_parts)
    kept = KeptPart.objects.filter(model=label, edition_id=OuterRef("pk"), release=release(), name__in=names)
    count = kept.order_by().values("edition_id").annotate(count=models.Count("pk")).values("count")
    return editions.approved().annotate(parts_kept=Subquery(count)).exclude(parts_kept=len(names))
