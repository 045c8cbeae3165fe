"""Contacts as Open Referral: HSDS 3.0, which the UK profile (HSDS-UK 3.0) narrows. Pure: rows in, dicts out.

A contact is a *service*; whoever runs it is its *organization*. Nobody visits these services, so each is *at*
one virtual *location*. The UK profile leaves ``phones`` out everywhere; a directory of numbers cannot, so they
stand where HSDS has them, which the profile allows. Some properties are not in HSDS 3.0: ``additional_urls``
(from HSDS 3.1), ``phone_id`` of a schedule, and ``source``, ``checked_by``, ``review_by`` of a service.

Every id is made from our slugs, so it stays the same in every edition, on every copy of the site.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from reporting.hours import LONDON
from reporting.models import Authority, ContactEdition, Coverage, Kind, OtherWay, Phone
from reporting.open_hours import bank_holidays_in_words, hours_in_words, schedules
from reporting.open_referral_terms import attributes, id_of, service_id

# These teams belong to a council, where only one council is named.
COUNCIL_KINDS = (Kind.FRONT_DOOR, Kind.OUT_OF_HOURS, Kind.LADO, Kind.EARLY_HELP)


def last_modified(edition: ContactEdition) -> datetime:
    """When readers of the data could first see this: published, loaded into this site, or checked again."""
    moments = [edition.publish_at, edition.created_at]
    if edition.checked_on:
        moments.append(datetime.combine(edition.checked_on, time(0), LONDON))
    return max(moments).astimezone(LONDON)


def _known(**values) -> dict:
    """Without what we do not know: the standard has no null."""
    return {name: value for name, value in values.items() if value not in (None, "")}


# --- Organizations --------------------------------------------------------------------------------------


@dataclass
class Organization:
    """Who runs some of the services: a council, or else whoever the one service is named after."""

    id: str
    name: str
    description: str
    website: str = ""
    authority: Authority | None = None
    editions: list[ContactEdition] = field(default_factory=list)


def organization_of(edition: ContactEdition) -> Organization:
    """Who runs a service, as far as we know.

    A team of children's services belongs to the council that it serves. Where it serves several councils we
    cannot tell which of them runs it, so it stands for itself, as the national services do.
    """
    authorities = list(edition.authorities.all()) if edition.coverage == Coverage.AUTHORITIES else []
    if edition.kind in COUNCIL_KINDS and len(authorities) == 1:
        (council,) = authorities
        words = f"{council.get_tier_display()} in {council.get_nation_display()}."
        return Organization(id_of("authority", council.slug), council.council_name, words, authority=council)
    if authorities:
        words = f"It serves {_list_in_words([authority.name for authority in authorities])}."
    else:
        words = f"The service called {edition.name}."
    return Organization(id_of("organization", edition.contact.slug), edition.name, words, _website(edition))


def _list_in_words(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def organizations(editions: Iterable[ContactEdition]) -> list[Organization]:
    """All who run these services, by name, each with its services."""
    found: dict[str, Organization] = {}
    for edition in editions:
        one = organization_of(edition)
        found.setdefault(one.id, one).editions.append(edition)
    return sorted(found.values(), key=lambda one: (one.name.casefold(), one.id))


def organization_in_list(one: Organization) -> dict:
    return _known(id=one.id, name=one.name, description=one.description, website=one.website)


def organization(one: Organization) -> dict:
    """With its services' numbers. Its services themselves are added by whoever fetched them."""
    identifiers = []
    if one.authority and one.authority.gss_code:
        identifiers.append(
            {
                "id": id_of("identifier", one.id, "gss"),
                "organization_id": one.id,
                "identifier_type": "GSS code",
                "identifier": one.authority.gss_code,
            }
        )
    numbers = [
        {**phone, "id": id_of("organization-phone", one.id, phone["id"]), "organization_id": one.id}
        for edition in one.editions
        for phone in _phones(edition)
    ]
    return {**organization_in_list(one), "organization_identifiers": identifiers, "phones": numbers}


# --- Services -------------------------------------------------------------------------------------------


def service_in_list(edition: ContactEdition) -> dict:
    """What a service has only one of."""
    owner = organization_of(edition)
    return {
        **_known(
            **service_name(edition),
            organization_id=owner.id,
            alternate_name=edition.old_names,
            description=_description(edition),
            url=_website(edition) or next((way.url for way in _ways(edition) if way.url), ""),
            email=_email(_ways(edition)),
            application_process=_how_to_reach(edition),
            fees=edition.cost,
            fees_description=edition.cost,
            eligibility_description=_who_for(edition),
            assured_date=edition.checked_on and edition.checked_on.isoformat(),
            alert=_alert(edition),
            last_modified=last_modified(edition).isoformat(timespec="seconds"),
            source=edition.source,
            checked_by=edition.checked_by,
            review_by=edition.review_by and edition.review_by.isoformat(),
        ),
        "organization": organization_in_list(owner),
    }


def service_at_a_glance(edition: ContactEdition) -> dict:
    """For ``minimal``: the standard's text calls it modified_date, its schema last_modified."""
    moment = last_modified(edition).isoformat(timespec="seconds")
    return {"id": service_id(edition.contact.slug), "modified_date": moment, "last_modified": moment}


def service_name(edition: ContactEdition) -> dict:
    """The least that the standard takes for a service."""
    status = "defunct" if edition.kind == Kind.CLOSED else "active"
    return {"id": service_id(edition.contact.slug), "name": edition.name, "status": status}


def service(edition: ContactEdition, concerns: Iterable[str] = (), bank_holidays: Iterable[date] = ()) -> dict:
    """Everything about a service. Bank holidays are those on which its special hours count."""
    owner = organization_of(edition)
    owner.editions.append(edition)
    return {
        **service_in_list(edition),
        "organization": organization(owner),
        "phones": _phones(edition),
        "schedules": _schedules(edition, list(bank_holidays)),
        "service_areas": _service_areas(edition),
        "service_at_locations": [{**_at_location(edition), "location": _location(edition)}],
        "languages": _languages(edition),
        "additional_urls": _urls(edition),
        "attributes": attributes(edition, concerns),
    }


def _ways(edition: ContactEdition) -> list[OtherWay]:
    """The ways other than a phone; none of a closed service, whatever its rows say."""
    return [] if edition.kind == Kind.CLOSED else list(edition.ways.all())


def _website(edition: ContactEdition) -> str:
    return "" if edition.kind == Kind.CLOSED else edition.website


def _description(edition: ContactEdition) -> str:
    parts = [
        edition.what_for,
        edition.not_for and f"What it cannot do: {edition.not_for}",
        edition.who_answers and f"Who answers: {edition.who_answers}",
        edition.anonymity and f"Staying anonymous: {edition.anonymity}",
        edition.for_professionals and f"For professionals: {edition.for_professionals}",
    ]
    return "\n\n".join(part for part in parts if part)


def _how_to_reach(edition: ContactEdition) -> str:
    ways = [": ".join(filter(None, (way.get_kind_display(), way.detail, way.url))) for way in _ways(edition)]
    return "\n\n".join(filter(None, (*ways, edition.what_happens)))


def _who_for(edition: ContactEdition) -> str:
    return ", ".join(row.get_audience_display() for row in edition.audiences.all())


def _email(ways: Iterable[OtherWay]) -> str:
    """The first email address that a way names in its words."""
    words = (word for way in ways if way.kind == OtherWay.Kind.EMAIL for word in re.split(r"[\s<>,;()]+", way.detail))
    return next((word.rstrip(".") for word in words if _is_email(word.rstrip("."))), "")


def _is_email(word: str) -> bool:
    try:
        validate_email(word)
    except ValidationError:
        return False
    return True


def _alert(edition: ContactEdition) -> str:
    if edition.kind == Kind.CLOSED:
        return "This service has closed or changed its name. Do not send anyone to it."
    if edition.is_overdue:
        return f"We meant to check this entry again by {edition.review_by.isoformat()} and have not yet."
    if not edition.checked_on:
        return "Nobody has checked this entry for this site yet. Its source says where we read it, and when."
    return ""


def _phones(edition: ContactEdition) -> list[dict]:
    """The numbers; none of a closed service, whatever its rows say."""
    return [
        {
            "id": phone_id,
            "service_id": service_id(edition.contact.slug),
            "number": phone.number,
            "type": "text" if phone.is_text else "voice",
            "description": _of_number(phone),
        }
        for phone_id, phone in _phones_by_id(edition)
    ]


def _of_number(phone: Phone) -> str:
    """What it is for and when it answers."""
    return ". ".join(filter(None, (phone.purpose, hours_in_words(phone), bank_holidays_in_words(phone))))


def _phones_by_id(edition: ContactEdition) -> list[tuple[str, Phone]]:
    """A number may stand twice in a contact, for two purposes: so the id counts them."""
    if edition.kind == Kind.CLOSED:
        return []
    seen: dict[tuple, int] = {}
    found = []
    for phone in edition.phones.all():
        key = (re.sub(r"\D", "", phone.number), "text" if phone.is_text else "voice")
        seen[key] = seen.get(key, 0) + 1
        found.append((id_of("phone", edition.contact.slug, *key, str(seen[key])), phone))
    return found


def _schedules(edition: ContactEdition, bank_holidays: list[date]) -> list[dict]:
    service, valid_from = service_id(edition.contact.slug), edition.publish_at.astimezone(LONDON).date()
    found = []
    for phone_id, phone in _phones_by_id(edition):
        name = f"{phone.number} ({phone.purpose})" if phone.purpose else phone.number
        for line in schedules(phone, bank_holidays):
            day = line.on and line.on.isoformat()
            found.append(
                _known(
                    id=id_of("schedule", phone_id, line.key),
                    service_id=service,
                    phone_id=phone_id,
                    freq="WEEKLY" if line.byday else "",
                    byday=line.byday,
                    opens_at=line.opens_at,
                    closes_at=line.closes_at,
                    dtstart=day,
                    valid_from=day or valid_from.isoformat(),
                    valid_to=day,
                    description=f"{name}: {line.description}",
                    # An offset such as +01:00 would be wrong for half of the year.
                    notes="London time. Closing at or before opening is on the next day." if line.opens_at else "",
                )
            )
    if edition.hours_text and edition.kind != Kind.CLOSED:
        words = _known(description=edition.hours_text, valid_from=valid_from.isoformat())
        found.append({"id": id_of("schedule", edition.contact.slug, "words"), "service_id": service, **words})
    return found


def _service_areas(edition: ContactEdition) -> list[dict]:
    """Where it helps. The standard has no place for an official code, so a council's stands in the words."""
    slug, service = edition.contact.slug, service_id(edition.contact.slug)
    if edition.coverage == Coverage.AUTHORITIES:
        areas = [(authority.slug, authority.name, authority.gss_code) for authority in edition.authorities.all()]
    elif edition.coverage == Coverage.NATIONS:
        areas = [(row.nation, row.get_nation_display(), None) for row in edition.nations.all()]
    else:
        areas = [("uk", "United Kingdom", None)]
    return [
        {
            "id": id_of("service-area", slug, key),
            "service_id": service,
            "name": name,
            "extent": f"{name} (GSS code {code})" if code else name,
            "extent_type": "text",
        }
        for key, name, code in areas
    ]


def _languages(edition: ContactEdition) -> list[dict]:
    """Our entry is a sentence, so it goes into the note: neither a name nor a code can be made of it."""
    slug = edition.contact.slug
    whole = {"id": id_of("language", slug), "service_id": service_id(slug), "note": edition.languages}
    return [whole] if edition.languages else []


def _urls(edition: ContactEdition) -> list[dict]:
    slug, service = edition.contact.slug, service_id(edition.contact.slug)
    return [
        {
            "id": id_of("url", slug, way.kind, way.url),
            "service_id": service,
            "label": way.get_kind_display(),
            "url": way.url,
        }
        for way in _ways(edition)
        if way.url
    ]


# --- Services at locations ------------------------------------------------------------------------------


def at_location_id(slug: str) -> str:
    return id_of("service-at-location", slug)


def _at_location(edition: ContactEdition) -> dict:
    slug = edition.contact.slug
    return {"id": at_location_id(slug), "service_id": service_id(slug), "location_id": id_of("location", slug)}


def _plain_location(edition: ContactEdition) -> dict:
    return _known(
        id=id_of("location", edition.contact.slug),
        location_type="virtual",
        name="By phone or online",
        description="There is no place to visit.",
        url=_website(edition),
    )


def _location(edition: ContactEdition) -> dict:
    """With the ways for people who do not hear or speak on a phone."""
    slug = edition.contact.slug
    for_access = (OtherWay.Kind.BSL, OtherWay.Kind.TEXTPHONE)
    access = [
        _known(
            id=id_of("accessibility", slug, way.kind, way.url or way.detail),
            location_id=id_of("location", slug),
            description=way.get_kind_display(),
            details=way.detail,
            url=way.url,
        )
        for way in _ways(edition)
        if way.kind in for_access
    ]
    return {**_plain_location(edition), "accessibility": access}


def service_at_location_in_list(edition: ContactEdition) -> dict:
    return {
        **_at_location(edition),
        "location": _plain_location(edition),
        "service": service_in_list(edition),
    }


def service_at_location(edition: ContactEdition, concerns: Iterable[str], bank_holidays: Iterable[date]) -> dict:
    whole = service(edition, concerns, bank_holidays)
    return {
        **_at_location(edition),
        "location": _location(edition),
        "phones": whole["phones"],
        "schedules": whole["schedules"],
        "service": whole,
    }
