"""National services, a page at a time; made once for each version of the content, but for what tells now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from reporting import presenters
from reporting.cards import Card, cards, parts_of
from reporting.hours import Answers, first_change
from reporting.models import ContactEdition, Kind, Phone
from reporting.said import Number, Pieces, pieces
from safety_site.phones import telephone_address
from safety_site.unchanged import while_unchanged

SERVICES_ON_PAGE = 60


@dataclass(frozen=True)
class Services:
    """One page of the services that fit, grouped by what they are for; what closed stands on the last page."""

    html: Pieces

    @property
    def characters(self) -> int:
        return sum(map(len, self.html.texts))


def _chosen(audience: str, means: str) -> list[Card]:
    """Those that fit, in the order of the page."""
    live = ContactEdition.objects.live().beyond_councils().open_services()
    if audience:
        live = live.for_audience(audience)
    if means:
        live = live.reachable_by(means)
    return [card for group in presenters.by_kind(cards(live)) for card in group.contacts]


@while_unchanged
def count(audience: str, means: str) -> int:
    """How many services there are for one audience (or ""), that can be reached in one way (or "")."""
    return len(_chosen(audience, means))


@while_unchanged
def services(audience: str, means: str, page: int) -> Services:
    """One page of them, from 1."""
    chosen = _chosen(audience, means)
    shown = chosen[(page - 1) * SERVICES_ON_PAGE : page * SERVICES_ON_PAGE]
    is_last = page * SERVICES_ON_PAGE >= len(chosen)
    closed = cards(ContactEdition.objects.live().beyond_councils().filter(kind=Kind.CLOSED)) if is_last else []
    parts = parts_of([*shown, *closed])
    context = {
        "groups": [
            (group, [mark_safe(parts[card.pk]["card"]) for card in group.contacts])  # noqa: S308 - kept by ourselves
            for group in presenters.by_kind(shown)
        ],
        "closed": [mark_safe(parts[card.pk]["closed"]) for card in closed],  # noqa: S308 - as above
    }
    return Services(pieces(render_to_string("reporting/_national.html", context)))


@while_unchanged
def later_pages() -> dict[str, int]:
    """The page on which a service stands, by its slug, where that is not the first; most often there is but one."""
    chosen = _chosen("", "")
    return {card.slug: place // SERVICES_ON_PAGE + 1 for place, card in enumerate(chosen) if place >= SERVICES_ON_PAGE}


def address_of(slug: str, later: Mapping[str, int]) -> str:
    """Where a service stands on the pages of national services; ``later`` is ``later_pages()``."""
    page = later.get(slug, 1)
    return f"{reverse('reporting:national')}{f'?page={page}' if page > 1 else ''}#{slug}"


# --- Helplines, for the home page -------------------------------------------------------------------------

MOST_HELPLINES = 30
# Childline and Samaritans: for any child and for anybody, whatever has happened.
FOR_ANYONE = frozenset({"tel:08001111", "tel:116123"})


@dataclass(frozen=True)
class Helpline:
    """A helpline by phone: when its first number answers, and its name and number as HTML."""

    name: str
    dialled: str
    number: Number
    html: SafeString


@while_unchanged
def helplines() -> tuple[Helpline, ...]:
    """The national helplines, by name; two queries, three with the hours."""
    live = ContactEdition.objects.live().national().filter(kind=Kind.HELPLINE, phones__is_text=False).distinct()
    found = []
    for edition in live.order_by("name")[:MOST_HELPLINES].prefetch_related("phones__hours"):
        phone = next(phone for phone in edition.phones.all() if not phone.is_text)
        html = render_to_string("reporting/_helpline.html", {"name": edition.name, "phone": phone.number})
        found.append(Helpline(edition.name, telephone_address(phone.number), Number.for_phone(phone), html))
    return tuple(sorted(found, key=lambda line: line.name.casefold()))


@dataclass(frozen=True)
class HelplinesWithHours:
    """Helplines as items of two lists: with their hours, those that always answer first; and those without."""

    known: SafeString
    unknown: SafeString

    def __len__(self) -> int:
        return len(self.known) + len(self.unknown)


# Those whose hours we know come first, so that nobody tries in vain before they come to one that surely answers.
_SURE = (
    Phone.HoursKnown.ALWAYS,
    Phone.HoursKnown.ROWS,
    Phone.HoursKnown.OUTSIDE_OFFICE_HOURS,
    Phone.HoursKnown.OFFICE_HOURS,
)


@while_unchanged
def helplines_with_hours() -> HelplinesWithHours:
    """All of them, with their hours in words where we know any; each number once, though two names may have it."""
    by_number = {line.dialled: line for line in reversed(helplines())}  # of two, the first by name
    lines = sorted(by_number.values(), key=lambda line: line.name.casefold())
    known = sorted((line for line in lines if line.number.hours.known in _SURE), key=_most_sure)
    unknown = ((line.html,) for line in lines if line.number.hours.known not in _SURE)
    with_hours = ((line.html, line.number.always) for line in known)
    return HelplinesWithHours(
        format_html_join("", '<li>{} <span class="when">{}</span></li>', with_hours),
        format_html_join("", "<li>{}</li>", unknown),
    )


def _most_sure(line: Helpline) -> tuple:
    """Whom most readers look for is told before others that are as sure: a child's own line, then by name."""
    return _SURE.index(line.number.hours.known), line.dialled not in FOR_ANYONE, line.name.casefold()


def that_answer(at: datetime) -> SafeString:
    """Those that answer at a moment, as items of a list; on paper with their hours."""
    answering = (line for line in helplines() if line.number.state(at).answers == Answers.YES)
    return format_html_join(
        "",
        '<li>{}<span class="on-paper" hidden> {}</span></li>',
        ((line.html, line.number.always) for line in answering),
    )


def holds_until(at: datetime) -> datetime | None:
    """Until when the same ones answer as do at a moment."""
    return first_change(line.number.state(at).changes_at for line in helplines())
