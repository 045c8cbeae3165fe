"""Addresses on this site, as editors type them: whether a reader who follows one arrives at a page."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import Resolver404, resolve

from safety_site.editions import Edition, edition_models
from safety_site.fields import SluggedModel
from safety_site.models import FormerSlug


def edition_model_of(thing_model: type[models.Model]) -> type[Edition] | None:
    """The editions of one kind of thing."""
    for model in edition_models():
        if model._meta.get_field(model.thing_field).related_model is thing_model:
            return model
    return None


@cache
def _models_with_a_page() -> tuple[type[SluggedModel], ...]:
    with_page = [each for each in apps.get_models() if issubclass(each, SluggedModel)]
    with_page = [each for each in with_page if hasattr(each, "get_absolute_url")]
    return tuple(each for each in with_page if "#" not in each(slug="a").get_absolute_url())


def on_this_site(address: str) -> str:
    """An address of ours as it begins after the name of the site; empty for any other address."""
    if address == settings.SITE_URL or address.startswith(f"{settings.SITE_URL}/"):
        address = address.removeprefix(settings.SITE_URL) or "/"
    return address if address.startswith("/") and not address.startswith("//") else ""


def _things_at(path: str) -> tuple[type[SluggedModel], str] | None:
    """Which thing's page an address names; None for a page of its own. Raises Resolver404 where there is none."""
    try:
        match = resolve(path)
    except Resolver404:
        path = f"{path}/"  # the server would send a reader there
        match = resolve(path)
    slug = match.kwargs.get("slug")
    for model in _models_with_a_page() if slug else ():
        if path.startswith(model(slug=slug).get_absolute_url()):
            return model, slug
    return None


def _reachable(model: type[SluggedModel], slugs: set[str], at: datetime | None) -> set[str]:
    """Those of these slugs by which a reader reaches a page of this kind, former ones included."""
    now_by_former = {
        row.slug: row.thing_id for row in FormerSlug.objects.filter(model=model._meta.label_lower, slug__in=slugs)
    }
    named = Q(slug__in=slugs) | Q(pk__in=now_by_former.values())
    things = dict(model._base_manager.filter(named).values_list("pk", "slug"))
    editions = edition_model_of(model)
    if editions:
        live = editions.objects.live(at).filter(**{f"{editions.thing_field}__in": list(things)})
        live_keys = set(live.values_list(f"{editions.thing_field}_id", flat=True))
        things = {key: slug for key, slug in things.items() if key in live_keys}
    return (slugs & set(things.values())) | {slug for slug, key in now_by_former.items() if key in things}


def dead_ends(addresses: Iterable[str], at: datetime | None = None) -> dict[str, str]:
    """Of some addresses on this site, those at which a reader finds no page, each with why.

    ``at`` is the moment that counts: a page may lead to one that goes live together with it.
    """
    dead: dict[str, str] = {}
    wanted = defaultdict(lambda: defaultdict(list))
    for address in set(addresses):
        try:
            path = urlsplit(address).path
            found = _things_at(path)
        except (Resolver404, ValueError):
            dead[address] = "no page of ours is at this address"
        else:
            if found:
                wanted[found[0]][found[1]].append(address)
    for model, by_slug in wanted.items():
        for slug in by_slug.keys() - _reachable(model, set(by_slug), at):
            dead.update(dict.fromkeys(by_slug[slug], "that page is not live"))
    return dead
