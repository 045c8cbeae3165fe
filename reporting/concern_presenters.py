"""Plain functions that shape a worry for one visitor: whose words to show, whom to contact first."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from reporting.models import ConcernEdition, ConcernPoint, ConcernRoute, PlatformRoute
from safety_site.vocabulary import Audience


def audience_of(asked: str) -> str:
    """The audience in ``?for=``; a value that is none of ours counts as no choice."""
    return asked if asked in Audience.values else ""


def points_for(edition: ConcernEdition, audience: str) -> dict[str, list[ConcernPoint]]:
    """Signs, what to do and what not to, in the words for an audience; for whoever has not said, the page's own."""
    heard = ("", audience or edition.speaks_to)
    kinds: dict[str, list[ConcernPoint]] = {kind: [] for kind in ConcernPoint.Kind.names}
    for point in edition.points.all():
        if point.audience in heard:
            kinds[ConcernPoint.Kind(point.kind).name].append(point)
    return kinds


class Contact(Protocol):
    """A live contact: an edition, or what stands for one in a list."""

    contact_id: int

    def serves(self, audience: str) -> bool: ...


@dataclass(frozen=True)
class Suggestion:
    """A contact, with why it is right for this worry."""

    contact: Contact
    why: str


@dataclass(frozen=True)
class Suggestions:
    """Whom to contact about a worry, in order."""

    first: list[Suggestion]
    others: list[Suggestion]  # who serve other people than the visitor; empty when the visitor has not said


def contacts_for(routes: Iterable[ConcernRoute], live: Iterable[Contact], audience: str) -> Suggestions:
    """The routes whose contact is live, in their order; those that serve the visitor come first."""
    by_contact = {edition.contact_id: edition for edition in live}
    found = [Suggestion(by_contact[r.contact_id], r.why) for r in routes if r.contact_id in by_contact]
    if not audience:
        return Suggestions(found, [])
    first = [row for row in found if row.contact.serves(audience)]
    return Suggestions(first, [row for row in found if row not in first])


def by_urgency(editions: Iterable[ConcernEdition]) -> list[tuple[str, list[ConcernEdition]]]:
    """Worries under what their urgency is called, most urgent first, without empty groups."""
    editions = sorted(editions, key=lambda edition: edition.order)
    groups = ((u.label, [e for e in editions if e.urgency == u]) for u in ConcernEdition.Urgency)
    return [(label, rows) for label, rows in groups if rows]


def platforms_in_order(platforms: Iterable[PlatformRoute]) -> list[PlatformRoute]:
    """By name as people look for it, the same on every database."""
    return sorted(platforms, key=lambda platform: platform.name.casefold())
