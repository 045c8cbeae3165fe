"""Who to call, for paper that a family keeps: every number from the database, none that only answers now."""

import re
from dataclasses import dataclass
from datetime import datetime

from reporting.directory import calendar_of
from reporting.models import Authority, ContactEdition, Nation, Phone
from reporting.presenters import Call, local_help

# In the order in which a frightened reader needs them. What each is for is said in words that may hang on a kitchen
# wall where anybody reads them: no word of abuse, and none of what this family fears.
NATIONAL = {
    "police-999": ("In danger now", "Ask for the police."),
    "police-101": ("Police, not an emergency", ""),
    "childline": ("Childline, under 19", ""),
    "nspcc-helpline": ("NSPCC Helpline, for adults", ""),
    "ceop": ("CEOP, if someone online worries you", ""),
}


@dataclass(frozen=True)
class Line:
    """One row of the list: what it is for, the number to ring or the address to open, and a few words more."""

    label: str
    number: str
    website: str
    note: str


@dataclass(frozen=True)
class WhoToCall:
    """Everything that the list on paper shows."""

    emergency: Line
    local: list[Call]  # day before night; empty where no council was chosen or we know no number
    national: list[Line]
    council: Authority | None


def council_of(slug: str) -> Authority | None:
    """The council that looks after children in the area that a slug names; None for anything else."""
    if not re.fullmatch(r"[a-zA-Z0-9_-]{1,80}", slug):
        return None
    place = Authority.objects.in_force().select_related("children_services").filter(slug=slug).first()
    return place and place.children_services


def who_to_call(council: Authority | None, at: datetime) -> WhoToCall:
    """The national numbers, and a council's by day and by night; always 999, whatever the database holds."""
    live = ContactEdition.objects.live()
    live = live.for_place(council) if council else live.national()
    editions = list(live.select_related("contact").prefetch_related("phones__hours", "ways"))
    by_slug = {edition.contact.slug: edition for edition in editions}
    lines = {slug: _line(by_slug[slug], *words) for slug, words in NATIONAL.items() if slug in by_slug}
    emergency = lines.pop("police-999", Line(NATIONAL["police-999"][0], "999", "", NATIONAL["police-999"][1]))
    local = local_help(council, editions, at, calendar_of(council)).plan.in_order_of_day if council else []
    return WhoToCall(emergency, local, list(lines.values()), council)


def _line(edition: ContactEdition, label: str, note: str) -> Line:
    phone = next((phone for phone in edition.phones.all() if not phone.is_text), None)
    if phone and not note and phone.answers == Phone.HoursKnown.ALWAYS:
        note = "Day and night."
    return Line(label, phone.number if phone else "", "" if phone else edition.website, note)


def councils_by_nation() -> list[tuple[str, list[Authority]]]:
    """The councils (in Northern Ireland: the trusts) that look after children, under their nations, each by name."""
    councils = sorted(
        Authority.objects.in_force().with_childrens_services(), key=lambda authority: authority.name.casefold()
    )
    groups = [(nation.label, [row for row in councils if row.nation == nation]) for nation in Nation]
    return [(label, rows) for label, rows in groups if rows]
