"""Which rows a question to the feed is about. Each function asks the database a fixed number of times."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone

from reporting.bank_holidays import bank_holidays
from reporting.hours import LONDON
from reporting.models import (
    Authority,
    ClosedDay,
    ConcernEdition,
    ConcernRoute,
    ContactAudience,
    ContactEdition,
    Coverage,
    Nation,
    Phone,
)
from reporting.models.contacts import ContactEditionQuerySet
from reporting.open_referral import Organization, organizations
from reporting.open_referral_parameters import Wanted
from reporting.open_referral_terms import LIST_OF_TAXONOMY, TERMS

# How far ahead bank holidays are told day by day.
AHEAD = timedelta(days=365)


def everyone_who_runs_something() -> list[Organization]:
    """All organizations with their live services."""
    editions = ContactEdition.objects.live().select_related("contact").prefetch_related("authorities")
    return organizations(editions.order_by("contact__slug"))


def matching(asked: Wanted) -> ContactEditionQuerySet:
    """The live contacts that a question is about, by slug."""
    editions = ContactEdition.objects.live()
    for word in asked.words:
        editions = editions.filter(_has_word(word))
    if asked.taxonomy_term_id:
        editions = _with_term(editions, asked.taxonomy_term_id)
    if asked.taxonomy_id:
        editions = _with_any_term(editions, asked.taxonomy_id)
    if asked.organization_id:
        owned = (one.editions for one in everyone_who_runs_something() if one.id == asked.organization_id)
        editions = editions.filter(pk__in=[edition.pk for of_one in owned for edition in of_one])
    if asked.modified_after:
        editions = editions.filter(_modified_since(asked.modified_after))
    return editions.order_by("contact__slug")


def _has_word(word: str) -> Q:
    """In the name, today's or an old one, in what it is for, in the name of a council, or in a number."""
    council = Authority.objects.filter(contact_editions=OuterRef("pk"), name__icontains=word)
    number = Phone.objects.filter(edition=OuterRef("pk"), number__icontains=word)
    return (
        Q(name__icontains=word)
        | Q(old_names__icontains=word)
        | Q(what_for__icontains=word)
        | Exists(council)
        | Exists(number)
    )


def _routes(**which) -> Exists:
    """Whether a worry sends people to the contact, in its edition that is live now."""
    live = ConcernEdition.objects.live()
    return Exists(ConcernRoute.objects.filter(contact=OuterRef("contact"), edition__in=live, **which))


def _with_term(editions: ContactEditionQuerySet, term_id: str) -> ContactEditionQuerySet:
    term = TERMS.get(term_id)
    if term is None:
        return editions.none()
    if term.list_name == "kind":
        return editions.filter(kind=term.value)
    if term.list_name == "audience":
        return editions.for_audience(term.value)
    return editions.filter(_routes(edition__concern__slug=term.value))


def _with_any_term(editions: ContactEditionQuerySet, taxonomy_id: str) -> ContactEditionQuerySet:
    match LIST_OF_TAXONOMY.get(taxonomy_id):
        case "kind":
            return editions
        case "audience":
            return editions.filter(Exists(ContactAudience.objects.filter(edition=OuterRef("pk"))))
        case "concern":
            return editions.filter(_routes())
        case _:
            return editions.none()


def _modified_since(moment: datetime) -> Q:
    # A check has a day and no hour: one that was made later today must not be missed.
    day = moment.astimezone(LONDON).date()
    return Q(publish_at__gte=moment) | Q(created_at__gte=moment) | Q(checked_on__gte=day)


def concerns_of(editions: Iterable[ContactEdition]) -> dict[int, list[str]]:
    """The worries that send people to these contacts, by contact."""
    routes = ConcernRoute.objects.filter(
        contact__in=[edition.contact_id for edition in editions], edition__in=ConcernEdition.objects.live()
    )
    found = defaultdict(list)
    for contact, slug in routes.order_by("edition__order", "pk").values_list("contact", "edition__concern__slug"):
        found[contact].append(slug)
    return found


def bank_holidays_of(editions: Iterable[ContactEdition]) -> dict[int, list[date]]:
    """The coming days that are bank holidays wherever a contact helps, by edition.

    A day that is one only in some of its nations or councils is left out: its hours on that day are not known.
    """
    today = timezone.localdate()
    added = list(ClosedDay.objects.filter(on__range=(today, today + AHEAD)))
    calendars = {nation: _calendar(nation, today) for nation in Nation.values}
    return {edition.pk: _shared_days(edition, calendars, added) for edition in editions}


def _calendar(nation: str, today: date) -> set[date]:
    last = today + AHEAD
    days = (day for year in {today.year, last.year} for day in bank_holidays(nation, year))
    return {day for day in days if today <= day <= last}


def _shared_days(edition: ContactEdition, calendars: dict[str, set[date]], added: list[ClosedDay]) -> list[date]:
    councils = list(edition.authorities.all()) if edition.coverage == Coverage.AUTHORITIES else []
    if councils:
        places = [(council.nation, {council.pk, council.children_services_id}) for council in councils]
    elif edition.coverage == Coverage.NATIONS:
        places = [(row.nation, set()) for row in edition.nations.all()]
    else:
        places = [(nation, set()) for nation in Nation.values]
    days = [
        calendars[nation]
        | {
            closed.on
            for closed in added
            if closed.nation in ("", nation) and (closed.authority_id is None or closed.authority_id in councils_here)
        }
        for nation, councils_here in places
    ]
    return sorted(set.intersection(*days)) if days else []


def newest_change() -> datetime:
    """When anything that the feed shows last changed, withdrawals included; never before today began.

    Bank holidays are told from today on, so every morning makes the feed a little different.
    """
    midnight = datetime.combine(timezone.localdate(), time(0), LONDON)
    moments = [midnight]
    for model in (ContactEdition, ConcernEdition):
        moments += model.objects.in_force().aggregate(published=Max("publish_at"), made=Max("created_at")).values()
    return max(moment for moment in moments if moment)
