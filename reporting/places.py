"""Everything that the pages of one council show, made once for each version of the content.

What tells the time of day is left open: which number to call first, and what each number says (``said.py``).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.http import Http404
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from reporting import presenters, vcards
from reporting.cards import Card, cards, parts_of, with_why
from reporting.directory import calendar_of
from reporting.hours import Calendar, Hours
from reporting.models import Authority, ContactEdition, Kind, Phone, Tier
from reporting.said import Number, Pieces, pieces
from safety_site.unchanged import while_unchanged

# The official finder of a council, for England only. Facts compiled on 21 November 2026.
OFFICIAL_FINDER = "https://www.gov.uk/report-child-abuse-to-local-council"

# So many other services of a council stand on one page, and so many national ones of a kind; the rest is a link away.
SERVICES_ON_PAGE = 40
MOST_NATIONAL, MOST_POLICE = 20, 3
ALWAYS_SHOWN = (*presenters.TO_CALL, Kind.LADO, Kind.EARLY_HELP)
NATIONAL_KINDS = (Kind.REPORTING_SERVICE, Kind.TAKEDOWN, Kind.HELPLINE)


@dataclass(frozen=True)
class TeamNumber:
    """One number of children's services: its hours, and all that stands with it."""

    kind: str
    number: Number
    html: Pieces

    @property
    def hours(self) -> Hours:
        return self.number.hours

    @property
    def in_hours(self) -> SafeString:
        """With its hours in words."""
        return self.html.filled_with(self.number.always)


@dataclass(frozen=True)
class Place:
    """The page of one council, but for its frame and for what is true only now."""

    slug: str
    name: str
    service: str  # the slug of who runs children's services there; empty where nobody we list does
    heading: SafeString  # whose area it is, in words
    instead: SafeString  # what stands where there is no number to call
    team: tuple[TeamNumber, ...]  # day before night
    calendar: Calendar
    rest: Pieces
    others: int  # how many other services of the council there are, on all pages

    @property
    def characters(self) -> int:
        """How much it holds, for ``unchanged.py``."""
        shown = (self.rest, *(each.html for each in self.team))
        return sum(len(text) for each in shown for text in each.texts) + len(self.heading) + len(self.instead)


def authority_of(slug: str) -> Authority:
    """The council of a page, with those that it leads to. Raises Http404."""
    found = Authority.objects.select_related("children_services", "succeeded_by").filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


@while_unchanged
def place(slug: str, page: int) -> Place:
    """The page of a council, with one page of its other services. Raises Http404; the number is not looked at."""
    authority = authority_of(slug)
    local = cards(ContactEdition.objects.live().open_services().for_authority(authority))
    always = [card for card in local if card.kind in ALWAYS_SHOWN]
    others = [card for card in local if card.kind not in ALWAYS_SHOWN]
    first = (page - 1) * SERVICES_ON_PAGE
    shown = [card for card in local if card in always or card in others[first : first + SERVICES_ON_PAGE]]
    wide = wide_in(authority.nation)
    parts = parts_of([*shown, *wide])
    team = _team(shown, parts)
    context = {
        "authority": authority,
        "team": presenters.team_of(authority),
        "is_context_only": presenters.is_context_only(authority),
        "knows_numbers": bool(team),
        "official_finder": OFFICIAL_FINDER,
        "is_first": page == 1,
        "trusts": Authority.objects.in_force().filter(tier=Tier.HEALTH_TRUST)
        if presenters.is_northern_irish_council(authority)
        else (),
        "national": [
            (group.heading, _shown(group.contacts, parts, "line")) for group in presenters.by_kind(wide, NATIONAL_KINDS)
        ],
        "websites": _shown([card for card in shown if card.kind in presenters.TO_CALL], parts, "web"),
        "police": _shown([card for card in (*wide, *shown) if card.kind == Kind.POLICE], parts, "brief"),
        "for_professionals": _shown(shown, parts, "work"),
        "knows_lado": any(card.kind == Kind.LADO for card in shown),
        "local_advice": _shown(
            [c for c in shown if c.kind in (Kind.ADVICE, Kind.HELPLINE, Kind.REPORTING_SERVICE)], parts, "line"
        ),
    }
    has_none = authority.has_ended or not team
    return Place(
        slug=authority.slug,
        name=authority.name,
        service=authority.children_services.slug if authority.children_services else "",
        heading=render_to_string("reporting/_context.html", context),
        instead=render_to_string("reporting/_instead.html", context) if has_none else SafeString(),
        team=() if authority.has_ended else team,
        calendar=calendar_of(authority),
        rest=pieces(render_to_string("reporting/_place.html", context)),
        others=len(others),
    )


def _shown(shown: Iterable[Card], parts: dict[int, dict[str, str]], name: str) -> list[SafeString]:
    """One part of each contact, where it has it."""
    html = (parts[card.pk][name] for card in shown)
    return [mark_safe(with_why(each, "")) for each in html if each]  # noqa: S308 - rendered by ourselves


def _team(shown: list[Card], parts: dict[int, dict[str, str]]) -> tuple[TeamNumber, ...]:
    """The numbers of children's services in the order of the day."""
    team = sorted(
        (card for card in shown if card.kind in presenters.TO_CALL),
        key=lambda card: presenters.TO_CALL.index(card.kind),
    )
    numbers = []
    for card in team:
        for html in parts[card.pk]["calls"].split("<!--call-->")[1:]:
            cut = pieces(html)
            numbers.append(TeamNumber(card.kind, cut.numbers[0], cut))
    return tuple(numbers)


@while_unchanged
def wide_in(nation: str) -> tuple[Card, ...]:
    """The national contacts that a council's page shows, in a nation."""
    kinds = (*NATIONAL_KINDS, Kind.POLICE)
    found = presenters.by_kind(cards(ContactEdition.objects.live().beyond_councils().for_nation(nation)), kinds)
    most = {Kind.POLICE: MOST_POLICE}
    return tuple(card for group in found for card in group.contacts[: most.get(group.kind, MOST_NATIONAL)])


# --- Paper ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PaperNumber:
    """One number of children's services, with what paper says of it."""

    contact: ContactEdition
    phone: Phone


def numbers_for_paper(authority: Authority) -> list[PaperNumber]:
    """Day before night, since paper does not know the time; two queries."""
    live = ContactEdition.objects.live().for_authority(authority).filter(kind__in=presenters.TO_CALL)
    found = [
        PaperNumber(edition, phone)
        for edition in live.prefetch_related("phones")
        for phone in edition.phones.all()
        if not phone.is_text
    ]
    return sorted(found, key=lambda each: (presenters.TO_CALL.index(each.contact.kind), each.phone.pk))


@while_unchanged
def paper(slug: str, css_class: str) -> tuple[str, SafeString]:
    """A council's name, and its numbers for paper. Raises Http404."""
    authority = authority_of(slug)
    context = {"authority": authority, "numbers": numbers_for_paper(authority), "class": css_class}
    return authority.name, render_to_string("reporting/_print_numbers.html", context)


# A file for a phone's address book holds no more national lines than this.
MOST_HELPLINES = 20


@while_unchanged
def vcard(slug: str) -> str:
    """The numbers of a council's children's services as a file; the national helplines where we know none."""
    authority = authority_of(slug)
    live = ContactEdition.objects.live().select_related("contact").prefetch_related("phones")
    found = list(live.for_authority(authority).filter(kind__in=presenters.TO_CALL))
    if not found:
        helplines = live.beyond_councils().for_nation(authority.nation).filter(kind=Kind.HELPLINE)
        own = live.for_authority(authority).filter(kind=Kind.HELPLINE)
        found = sorted([*helplines[:MOST_HELPLINES], *own[:MOST_HELPLINES]], key=lambda edition: edition.name)
    return vcards.vcards(found, settings.SITE_URL + authority.get_absolute_url())
