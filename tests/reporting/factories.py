"""Plain functions that make one valid row of the directory and take overrides. A contact is approved and live.

Numbers are those that Ofcom keeps for drama: nobody owns them.
"""

from datetime import UTC, datetime, time
from itertools import count

from reporting import models
from safety_site.editions import EditionState, next_number
from tests.factories import CHECKED

PUBLISHED_AT = datetime(2020, 1, 1, tzinfo=UTC)
_numbers = count(1)


def authority(slug: str = "", *, county: models.Authority | None = None, **fields) -> models.Authority:
    """A council that runs its own children's services, or a district of ``county``."""
    number = next(_numbers)
    name = fields.pop("name", f"Place {number}")
    values = {
        "name": name,
        "council_name": f"{name} Council",
        "nation": "england",
        "tier": "district" if county else "unitary",
        "parent": county,
        "children_services": county,
        **fields,
    }
    row = models.Authority.objects.create(slug=slug or f"place-{number}", **values)
    if "children_services" not in fields and not county:
        row.children_services = row
        row.save()
    return row


def contact(slug: str = "") -> models.ReportingContact:
    return models.ReportingContact.objects.create(slug=slug or f"contact-{next(_numbers)}")


def contact_edition(thing=None, *, authorities=(), nations=(), audiences=("parents",), **fields):
    """A contact, national unless it is given authorities or nations."""
    thing = thing or contact()
    coverage = "authorities" if authorities else "nations" if nations else "national"
    values = {
        "name": f"Service {thing.slug}",
        "kind": "helpline",
        "what_for": "A worry about a child.",
        "coverage": coverage,
        "source": "A leaflet, read 21 November 2026.",
        "number": next_number(models.ContactEdition, thing, fields.get("language", "en-GB")),
        "state": EditionState.APPROVED,
        "publish_at": PUBLISHED_AT,
        "imported_from": "a leaflet, 21 November 2026",
        **CHECKED,
        **fields,
    }
    edition = models.ContactEdition.objects.create(contact=thing, **values)
    edition.authorities.set(authorities)
    for position, nation in enumerate(nations, 1):
        models.ContactNation.objects.create(edition=edition, position=position, nation=nation)
    for position, audience in enumerate(audiences, 1):
        models.ContactAudience.objects.create(edition=edition, position=position, audience=audience)
    return edition


def phone(edition, number: str = "01632 960001", *, rows=(), **fields) -> models.Phone:
    """A number; ``rows`` are (weekdays, opens, closes) with times as "09:00", and make its hours known."""
    position = edition.phones.count() + 1
    values = {"position": position, "answers": "rows" if rows else "unknown", **fields}
    row = models.Phone.objects.create(edition=edition, number=number, **values)
    for weekdays, opens, closes, *sure in rows:
        for weekday in weekdays:
            models.OpeningHours.objects.create(
                phone=row,
                weekday=weekday,
                opens_at=time.fromisoformat(opens),
                closes_at=time.fromisoformat(closes),
                is_sure=not sure or sure[0],
            )
    return row


def way(edition, kind: str = "form", **fields) -> models.OtherWay:
    values = {"url": "https://charity.example/form", "detail": "The form.", **fields}
    return models.OtherWay.objects.create(edition=edition, position=edition.ways.count() + 1, kind=kind, **values)


def day_and_night(*authorities, **fields) -> tuple[models.Phone, models.Phone]:
    """The two numbers of a council as in Essex: 9am to 5.30pm, to 4.30pm on Fridays; and all the rest."""
    day = contact_edition(authorities=authorities, kind="front-door", name="Daytime team", **fields)
    night = contact_edition(authorities=authorities, kind="out-of-hours", name="Emergency duty team", **fields)
    return (
        phone(
            day,
            "01632 960001",
            rows=[(range(4), "09:00", "17:30"), ([4], "09:00", "16:30")],
            open_on_bank_holidays=False,
        ),
        phone(
            night,
            "01632 960002",
            rows=[
                (range(5), "00:00", "09:00"),
                (range(4), "17:30", "00:00"),
                ([4], "16:30", "00:00"),
                ([5, 6, 7], "00:00", "00:00"),
            ],
        ),
    )


def concern_edition(slug: str = "grooming", *, contacts=(), **fields) -> models.ConcernEdition:
    """The page of a worry, with a route to each of these contacts (ReportingContact)."""
    thing = models.Concern.objects.get_or_create(slug=slug)[0]
    values = {
        "title": f"Worry {slug}",
        "summary": "What it is.",
        "urgency": "today",
        "order": 1,
        "after_report": "Somebody reads it.",
        "anonymity": "You can.",
        "keep": "Keep messages.",
        "number": next_number(models.ConcernEdition, thing, fields.get("language", "en-GB")),
        "state": EditionState.APPROVED,
        "publish_at": PUBLISHED_AT,
        "imported_from": "made for a test",
        **CHECKED,
        **fields,
    }
    edition = models.ConcernEdition.objects.create(concern=thing, **values)
    for position, each in enumerate(contacts, 1):
        models.ConcernRoute.objects.create(edition=edition, position=position, contact=each, why=f"Reason {position}.")
    return edition
