"""Made-up contacts: some for the whole country, the rest spread over all councils and trusts."""

from collections.abc import Iterator
from datetime import time
from itertools import chain, cycle, islice

from reporting.models import (
    Authority,
    ContactAudience,
    ContactEdition,
    ContactNation,
    Coverage,
    Kind,
    Nation,
    OpeningHours,
    OtherWay,
    Phone,
    ReportingContact,
)
from reporting.presenters import TO_CALL
from safety_site.growing.rows import OneThing, linked, numbered
from safety_site.growing.words import Words, as_approved
from safety_site.vocabulary import Audience

# A place has one of each of these; of the others it has as many as there are.
ONE_EACH = (Kind.FRONT_DOOR, Kind.OUT_OF_HOURS, Kind.LADO, Kind.EARLY_HELP)
OTHERS = (Kind.ADVICE, Kind.HELPLINE, Kind.REPORTING_SERVICE, Kind.POLICE, Kind.TAKEDOWN)

# So many places have a number to call for each that has none: the site has a page for those too.
PLACES_FOR_EACH_WITHOUT_A_NUMBER = 50

NINE, FIVE, MIDNIGHT = time(9), time(17), time(0)


def contacts(count: int, national: int, seed: int) -> Iterator[OneThing]:
    """So many contacts, with the national ones first."""
    words = Words(seed, "contacts")
    wide, numbers = min(national, count), iter(range(1, count + 1))
    for number in islice(numbers, wide):
        yield _contact(number, words.chance.choice(OTHERS), None, words)
    for number, (place, kind) in zip(numbers, _places(), strict=False):
        yield _contact(number, kind, place, words)


def _places() -> Iterator[tuple[Authority, Kind]]:
    """Each place with the four that it should have, unless it has them; then all places in turn, for ever."""
    places = list(Authority.objects.in_force().order_by("slug"))
    there = set(ContactEdition.objects.live().values_list("authorities", "kind"))
    there |= {(place.pk, kind) for place in places[::PLACES_FOR_EACH_WITHOUT_A_NUMBER] for kind in TO_CALL}
    wanted = ((place, kind) for kind in ONE_EACH for place in places if (place.pk, kind) not in there)
    more = ((place, kind) for kind in cycle(OTHERS) for place in places)
    return chain(wanted, more)


def _contact(number: int, kind: Kind, place: Authority | None, words: Words) -> OneThing:
    chance = words.chance
    in_nations = place is None and number % 4 == 0
    coverage = Coverage.AUTHORITIES if place else Coverage.NATIONS if in_nations else Coverage.NATIONAL
    contact = ReportingContact(slug=f"made-up-contact-{number}")
    edition = ContactEdition(
        contact=contact,
        name=words.title(number),
        kind=kind,
        what_for=words.text(100),
        not_for=words.text(60) if number % 3 == 0 else "",
        what_happens=words.text(80) if number % 3 == 1 else "",
        anonymity="",
        cost="Free",
        website=words.link(),
        coverage=coverage,
        source="Made up: no such service is there",
        checked_how=ContactEdition.CheckedHow.OFFICIAL_PAGE,
        **as_approved(number),
    )
    phones = [Phone(number=words.phone(number), purpose="", answers=Phone.HoursKnown.ROWS, open_on_bank_holidays=False)]
    if kind not in ONE_EACH and chance.random() < 0.4:
        phones[0].answers = chance.choice([Phone.HoursKnown.ALWAYS, Phone.HoursKnown.OFFICE_HOURS])
    if number % 10 == 0:
        phones.append(Phone(number=words.phone(number, is_text=True), purpose="Text", is_text=True))
    return [
        contact,
        edition,
        *(linked(edition, authorities=[place]) if place else ()),
        *numbered(edition, (ContactAudience(audience=each) for each in words.some(Audience.values, 2))),
        *numbered(edition, (ContactNation(nation=each) for each in chance.sample(Nation.values, 2) if in_nations)),
        *numbered(edition, phones),
        *chain.from_iterable(_hours(phone, kind) for phone in phones if phone.answers == Phone.HoursKnown.ROWS),
        *numbered(edition, [OtherWay(kind=OtherWay.Kind.FORM, url=words.link())] if number % 2 else []),
    ]


def _hours(phone: Phone, kind: Kind) -> Iterator[OpeningHours]:
    """Nine to five on working days; the other way round for whoever answers out of hours."""
    days = OpeningHours.Weekday
    opens, closes = (FIVE, NINE) if kind == Kind.OUT_OF_HOURS else (NINE, FIVE)
    for day in range(days.MONDAY, days.SATURDAY):
        yield OpeningHours(phone=phone, weekday=day, opens_at=opens, closes_at=closes)
    if kind == Kind.OUT_OF_HOURS:
        for day in (days.SATURDAY, days.SUNDAY, days.BANK_HOLIDAY):
            yield OpeningHours(phone=phone, weekday=day, opens_at=MIDNIGHT, closes_at=MIDNIGHT)
