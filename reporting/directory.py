"""Plain functions about councils: the list of them, and the days on which one is shut."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from reporting.hours import Calendar
from reporting.models import Authority, ClosedDay, DataSource, Tier
from safety_site.unchanged import while_unchanged

# Whom each trust serves, by the former districts of its founding orders (2006): common knowledge, 21 November 2026.
TRUST_AREAS = {
    "belfast-trust": "Belfast and Castlereagh",
    "northern-trust": (
        "Antrim, Ballymena, Ballymoney, Carrickfergus, Coleraine, Cookstown, Larne, Magherafelt, Moyle and Newtownabbey"
    ),
    "south-eastern-trust": "Ards, Down, Lisburn and North Down",
    "southern-trust": "Armagh, Banbridge, Craigavon, Dungannon and South Tyrone, Newry and Mourne",
    "western-trust": "Derry, Fermanagh, Limavady, Omagh and Strabane",
}

# And the other way round, for the councils of 2015: which of those former districts are in each (Local Government
# (Boundaries) Act (Northern Ireland) 2008; put together on 22 November 2026). Where two trusts share the area of a
# council, both are named.
TRUSTS_OF = {
    "antrim-newtownabbey": ("Northern Trust",),
    "ards-and-north-down": ("South Eastern Trust",),
    "armagh-banbridge-craigavon": ("Southern Trust",),
    "belfast": ("Belfast Trust", "South Eastern Trust"),
    "causeway-coast-and-glens": ("Northern Trust", "Western Trust"),
    "derry-strabane": ("Western Trust",),
    "fermanagh-omagh": ("Western Trust",),
    "lisburn-castlereagh": ("South Eastern Trust", "Belfast Trust"),
    "mid-and-east-antrim": ("Northern Trust",),
    "mid-ulster": ("Northern Trust", "Southern Trust"),
    "newry-mourne-down": ("Southern Trust", "South Eastern Trust"),
}


def calendar_of(authority: Authority) -> Calendar:
    """The days on which an authority's offices are shut."""
    closed_days = ClosedDay.objects.for_authority(authority).values_list("on", flat=True)
    return Calendar(authority.nation, frozenset(closed_days))


@dataclass(frozen=True)
class Entry:
    """One line of the list: an authority, and who runs children's services there if it does not."""

    authority: Authority
    note: str


@dataclass(frozen=True)
class Letter:
    """The entries that begin with one letter."""

    letter: str
    entries: list[Entry]


def note_of(authority: Authority) -> str:
    if authority.tier == Tier.NI_DISTRICT:
        trusts = " or the ".join(TRUSTS_OF.get(authority.slug, ()))
        return f"{f'The {trusts}' if trusts else 'A health and social care trust'} looks after children here"
    if authority.children_services_id not in (None, authority.pk):
        return f"{authority.children_services.council_name} looks after children here"
    return ""


def by_letter(authorities: Iterable[Authority]) -> list[Letter]:
    """In the order of the alphabet, whatever capitals are used."""
    ordered = sorted(authorities, key=lambda authority: authority.name.casefold())
    return [
        Letter(letter, [Entry(authority, note_of(authority)) for authority in group])
        for letter, group in groupby(ordered, key=lambda authority: authority.name[:1].upper())
    ]


@dataclass(frozen=True)
class Replaced:
    """A council that is no more, and those that took its place."""

    authority: Authority
    successors: list[Authority]


def replaced(ended: Iterable[Authority]) -> list[Replaced]:
    return [Replaced(old, [old.succeeded_by, *old.also_succeeded_by.all()]) for old in ended]


@dataclass(frozen=True)
class Trust:
    """A health and social care trust with the places that it serves, where we know them."""

    authority: Authority
    area: str


def trusts(authorities: Iterable[Authority]) -> list[Trust]:
    return [Trust(authority, TRUST_AREAS.get(authority.slug, "")) for authority in authorities]


# --- Lists, made once for each version of the content -----------------------------------------------------

COUNCILS_ON_PAGE = 500


def _in_force(nation: str) -> QuerySet:
    authorities = Authority.objects.in_force()
    return authorities.in_nation(nation) if nation else authorities


@while_unchanged
def council_count(nation: str) -> int:
    """How many places there are in a nation, or in all ("")."""
    return _in_force(nation).count()


@while_unchanged
def council_list(nation: str, page: int) -> SafeString:
    """One page of the list, from 1; on the last also those that are no more."""
    authorities = sorted(_in_force(nation).select_related("children_services"), key=lambda each: each.name.casefold())
    first, last = (page - 1) * COUNCILS_ON_PAGE, page * COUNCILS_ON_PAGE
    ended = Authority.objects.none()
    if last >= len(authorities):
        ended = Authority.objects.ended().select_related("succeeded_by").prefetch_related("also_succeeded_by")
    context = {
        "letters": by_letter(authorities[first:last]),
        "replaced": replaced(ended.in_nation(nation) if nation else ended),
    }
    return render_to_string("reporting/_councils.html", context)


@dataclass(frozen=True)
class Source:
    """Whose data the postcodes are, and of which year."""

    name: str
    year: int


@while_unchanged
def source() -> Source | None:
    row = DataSource.objects.values_list("name", "year").first()
    return row and Source(*row)
