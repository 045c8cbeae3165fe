"""Who to call, for paper that a family keeps: every number from the database, none that only answers now."""

import re
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from reporting.models import Authority, ContactEdition, Nation, Phone
from reporting.places import PaperNumber, numbers_for_paper
from safety_site.unchanged import while_unchanged

SLUG = re.compile(r"[a-zA-Z0-9_-]{1,80}")

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
    local: list[PaperNumber]  # day before night; empty where no council was chosen or we know no number
    national: list[Line]
    council: Authority | None


def council_of(slug: str) -> str:
    """The slug of the council that looks after children in the area that a slug names; "" for anything else."""
    return _councils().get(slug, "")


@while_unchanged
def _councils() -> dict[str, str]:
    """The slug of every place there is, with that of who looks after children there."""
    rows = Authority.objects.in_force().filter(children_services__isnull=False)
    return dict(rows.values_list("slug", "children_services__slug"))


def who_to_call(council: Authority | None) -> WhoToCall:
    """The national numbers, and a council's by day and by night; always 999, whatever the database holds."""
    live = ContactEdition.objects.live()
    live = live.for_place(council) if council else live.national()
    named = live.filter(contact__slug__in=NATIONAL).select_related("contact").prefetch_related("phones")
    by_slug = {edition.contact.slug: edition for edition in named}
    lines = {slug: _line(by_slug[slug], *words) for slug, words in NATIONAL.items() if slug in by_slug}
    emergency = lines.pop("police-999", Line(NATIONAL["police-999"][0], "999", "", NATIONAL["police-999"][1]))
    return WhoToCall(emergency, numbers_for_paper(council) if council else [], list(lines.values()), council)


@while_unchanged
def who_to_call_html(council: str) -> SafeString:
    """The same for a slug that ``council_of`` gave, as it stands on paper."""
    place = Authority.objects.get(slug=council) if council else None
    return render_to_string("reporting/_who_to_call.html", {"help": who_to_call(place)})


def _line(edition: ContactEdition, label: str, note: str) -> Line:
    phone = next((phone for phone in edition.phones.all() if not phone.is_text), None)
    if phone and not note and phone.answers == Phone.HoursKnown.ALWAYS:
        note = "Day and night."
    return Line(label, phone.number if phone else "", "" if phone else edition.website, note)


@while_unchanged
def council_select() -> SafeString:
    """A list to choose the council from, by nation: those (in Northern Ireland the trusts) that look after children."""
    councils = sorted(
        Authority.objects.in_force().with_childrens_services(), key=lambda authority: authority.name.casefold()
    )
    groups = [(nation.label, [row for row in councils if row.nation == nation]) for nation in Nation]
    return render_to_string("reporting/_council_select.html", {"nations": [group for group in groups if group[1]]})


def with_chosen(select: SafeString, slug: str) -> SafeString:
    """The list with one council chosen; a slug that is none of ours chooses nothing."""
    if not SLUG.fullmatch(slug):
        return select
    option = f'<option value="{slug}"'
    return mark_safe(select.replace(option, f"{option} selected", 1))  # noqa: S308 - a slug is letters and hyphens
