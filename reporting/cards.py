"""Live contacts as plain rows, and the parts that pages show of them: kept with their editions, rendered otherwise."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import QuerySet
from django.utils.html import escape

from reporting.models import ContactAudience, ContactEdition
from reporting.said import of_day
from safety_site import viewing
from safety_site.kept import render_part
from safety_site.models import KeptPart
from safety_site.release import release


@dataclass(frozen=True, slots=True)
class Card:
    """What lists need to know of one live contact. ``pk`` is its edition's."""

    pk: int
    contact_id: int
    slug: str
    name: str
    kind: str
    coverage: str
    audiences: tuple[str, ...] = ()  # whom it names; filled where it is asked for

    def serves(self, audience: str) -> bool:
        """A contact that names no audience is for everyone."""
        return not self.audiences or audience in self.audiences


_COLUMNS = ("pk", "contact_id", "contact__slug", "name", "kind", "coverage")


def cards(editions: QuerySet) -> list[Card]:
    """One query; in the order of the queryset."""
    return [Card(*row) for row in editions.values_list(*_COLUMNS)]


def with_audiences(shown: list[Card]) -> list[Card]:
    """The same with whom each names; one query."""
    named: dict[int, list[str]] = {}
    rows = ContactAudience.objects.filter(edition__in=[card.pk for card in shown]).values_list("edition_id", "audience")
    for pk, audience in rows:
        named.setdefault(pk, []).append(audience)
    return [replace(card, audiences=tuple(named.get(card.pk, ()))) for card in shown]


def parts_of(shown: Iterable[Card]) -> dict[int, dict[str, str]]:
    """What contacts render to, by the keys of their editions and the names of ``_kept_contact.html``.

    One query where they are kept. While staff look at a draft or another day nothing kept is read. What is not kept is
    rendered and not kept: a reader may be served from a copy that cannot be written.
    """
    wanted = {card.pk: card for card in shown}
    found: dict[int, str] = {}
    if wanted and viewing.current() == viewing.NOW:
        rows = KeptPart.objects.filter(
            model=ContactEdition._meta.label_lower, edition_id__in=wanted, release=release(), name=PART
        )
        found = dict(rows.values_list("edition_id", "html"))
    missing = wanted.keys() - found.keys()
    for edition in ContactEdition.objects.for_page().filter(pk__in=missing) if missing else ():
        found[edition.pk] = render_part(edition, PART)
    return {pk: cut(html, wanted[pk].slug) for pk, html in found.items()}


PART = "shown"
_NAMED = re.compile(r"<!--part (\w+)-->")


def cut(html: str, slug: str) -> dict[str, str]:
    """A kept contact by the names of its parts, as it is on this day."""
    _, *cut = _NAMED.split(of_day(html).replace("<!--slug-->", escape(slug)))
    return dict(zip(cut[::2], cut[1::2], strict=True))


def with_why(brief: str, why: str) -> str:
    """A part with why a contact is right in the place of what it is for; as it is where it has no such place."""
    if "<!--why-->" not in brief:
        return brief
    before, _, rest = brief.partition("<!--why-->")
    own, _, after = rest.partition("<!--end why-->")
    return f"{before}{escape(why) if why else own}{after}"
