"""The pages of worries, and what other pages show of them; made once for each version of the content.

What each number says now is left open (``said.py``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.db.models import QuerySet, prefetch_related_objects
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from reporting import concern_presenters
from reporting.cards import Card, cards, parts_of, with_audiences, with_why
from reporting.concern_presenters import Suggestion
from reporting.models import ConcernEdition, ConcernRoute, ContactEdition, Coverage, PlatformRoute
from reporting.models.platforms import confirmed_links
from reporting.national import address_of, later_pages
from reporting.said import Pieces, pieces
from safety_site.checks import Check, oldest_check
from safety_site.unchanged import while_unchanged
from safety_site.vocabulary import Audience


@dataclass(frozen=True)
class Shown:
    """One contact of a worry, as pages show it."""

    name: str
    url: str  # where all is told of it
    brief: SafeString


@dataclass(frozen=True)
class ConcernPage:
    """The page of one worry in the words for one audience."""

    title: str
    summary: str
    check: Check
    html: Pieces

    @property
    def characters(self) -> int:
        return sum(map(len, self.html.texts))


def _shown(
    found: Iterable[Suggestion], parts: dict[int, dict[str, str]], later: Mapping[str, int] = MappingProxyType({})
) -> list[Shown]:
    return [
        Shown(
            row.contact.name,
            _address(row.contact, later),
            mark_safe(with_why(parts[row.contact.pk]["brief"], row.why)),  # noqa: S308 - kept by ourselves
        )
        for row in found
    ]


def _address(card: Card, later: Mapping[str, int]) -> str:
    """A council's own number stands on the pages of its councils, which are found by postcode."""
    return reverse("reporting:find") if card.coverage == Coverage.AUTHORITIES else address_of(card.slug, later)


def _routes(edition: ConcernEdition) -> tuple[list[ConcernRoute], list[Card]]:
    """The routes of a worry, and those of their contacts that are live."""
    routes = list(edition.routes.all())
    live = ContactEdition.objects.live().open_services()
    return routes, cards(live.filter(contact__in=[route.contact_id for route in routes])) if routes else []


@while_unchanged
def page(slug: str, audience: str) -> ConcernPage | None:
    """The page of a worry in the words for an audience, or in its own (""); None where there is none."""
    edition = ConcernEdition.objects.live().for_page().filter(concern__slug=slug).first()
    if edition is None:
        return None
    routes, live = _routes(edition)
    contacts = concern_presenters.contacts_for(routes, with_audiences(live) if audience else live, audience)
    parts, later = parts_of(live), later_pages() if live else {}
    context = {
        "edition": edition,
        "audiences": Audience.choices,
        "audience": audience,
        "points": concern_presenters.points_for(edition, audience),
        "first": _shown(contacts.first, parts, later),
        "others": _shown(contacts.others, parts, later),
    }
    check = Check(edition.checked_on, edition.checked_by, edition.review_by)
    html = pieces(render_to_string("reporting/_concern.html", context))
    return ConcernPage(edition.title, edition.summary, check, html)


@while_unchanged
def block(slug: str) -> Pieces:
    """The contacts of a worry, for a page of the guidance; nothing for a worry without a page."""
    edition = slug and ConcernEdition.objects.live().for_page().filter(concern__slug=slug).first()
    if not edition:
        return pieces(render_to_string("reporting/_concern_contacts.html", {"concern": None}))
    routes, live = _routes(edition)
    contacts = _shown(concern_presenters.contacts_for(routes, live, "").first, parts_of(live))
    return pieces(render_to_string("reporting/_concern_contacts.html", {"concern": edition, "contacts": contacts}))


@dataclass(frozen=True)
class Link:
    """The page of a worry, for a link or in a list."""

    slug: str
    title: str
    get_absolute_url: str


@while_unchanged
def link(slug: str) -> Link | None:
    """The live page of a worry; None where there is none."""
    found = ConcernEdition.objects.live().filter(concern__slug=slug).select_related("concern").first()
    return found and _link(found)


def _link(edition: ConcernEdition) -> Link:
    return Link(edition.concern.slug, edition.title, edition.get_absolute_url())


@dataclass(frozen=True)
class Worries:
    """All worries under what their urgency is called, most urgent first; and when their pages were checked."""

    by_urgency: tuple[tuple[str, tuple[Link, ...]], ...]
    check: Check | None


@while_unchanged
def worries() -> Worries:
    editions = list(ConcernEdition.objects.live().select_related("concern"))
    groups = concern_presenters.by_urgency(editions)
    return Worries(tuple((label, tuple(map(_link, rows))) for label, rows in groups), oldest_check(editions))


# --- Reporting on each platform ---------------------------------------------------------------------------

PLATFORMS_ON_PAGE = 100


@dataclass(frozen=True)
class Platforms:
    """How many platforms there are, and when their ways to report were checked."""

    count: int
    check: Check | None


def _platforms() -> QuerySet:
    return PlatformRoute.objects.live()


@while_unchanged
def platforms() -> Platforms:
    rows = list(_platforms())
    return Platforms(len(rows), oldest_check(rows))


@while_unchanged
def platform_list(page: int) -> SafeString:
    """One page of them, from 1: how to report, block and get things removed on each."""
    ordered = concern_presenters.platforms_in_order(_platforms())
    shown = ordered[(page - 1) * PLATFORMS_ON_PAGE : page * PLATFORMS_ON_PAGE]
    prefetch_related_objects(shown, confirmed_links())
    return render_to_string("reporting/_platforms.html", {"platforms": shown})
