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
from reporting.models import ContactEdition, Kind
from reporting.said import Number, Pieces, pieces
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


@dataclass(frozen=True)
class Helpline:
    """A helpline by phone: when its first number answers, and its name and number as HTML."""

    name: str
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
        found.append(Helpline(edition.name, Number.for_phone(phone), html))
    return tuple(sorted(found, key=lambda line: line.name.casefold()))


@while_unchanged
def helplines_with_hours() -> SafeString:
    """All of them as items of a list, each with its hours in words."""
    return format_html_join(
        "", '<li>{} <span class="when">{}</span></li>', ((line.html, line.number.always) for line in helplines())
    )


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
