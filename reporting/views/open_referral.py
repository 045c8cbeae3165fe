"""The Open Referral feed under /api/oruk/: fetch, or a plain sentence, then JSON."""

import hashlib
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.urls import reverse

from reporting import open_referral, open_referral_queries
from reporting import open_referral_parameters as parameters
from reporting.models import ContactEdition
from reporting.open_referral_openapi import PROFILE, STANDARD, document
from reporting.open_referral_parameters import Wanted, as_id, wanted
from reporting.open_referral_terms import LIST_OF_TAXONOMY, TERMS, service_id, taxonomy, taxonomy_id, taxonomy_term
from reporting.views.open_data import NoAnswer, for_machines, if_changed


def feed(*allowed: str):
    """A view of the feed: it takes what was asked and returns what becomes JSON."""

    def decorate(view: Callable[..., dict]):
        @for_machines
        @wraps(view)
        def answer(request: HttpRequest, **kwargs: str) -> HttpResponseBase:
            asked = wanted({name: request.GET.getlist(name) for name in request.GET}, allowed)
            response = JsonResponse(view(asked, **kwargs), json_dumps_params={"ensure_ascii": False})
            response.headers["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
            return if_changed(request, response)

        return answer

    return decorate


def _page(asked: Wanted, total: int, contents: list[dict]) -> dict:
    """One page of a list, in the envelope of the standard."""
    pages = -(-total // asked.per_page)
    return {
        "total_items": total,
        "total_pages": pages,
        "page_number": asked.page,
        "size": len(contents),
        "first_page": asked.page == 1,
        "last_page": asked.page >= pages,
        "empty": not contents,
        "contents": contents,
    }


def _slice(asked: Wanted) -> slice:
    return slice((asked.page - 1) * asked.per_page, asked.page * asked.per_page)


def _only(rows: list, identity: str, id_of_row: Callable) -> object:
    """The row with an id. Raises NoAnswer."""
    found = next((row for row in rows if id_of_row(row) == as_id(identity)), None)
    if found is None:
        raise NoAnswer(404, "There is nothing with this id.")
    return found


def _live_edition(identity: str, id_of_slug: Callable[[str], str]) -> ContactEdition:
    """The live edition of a contact by an id made from its slug. Raises NoAnswer, with the reason if withdrawn."""
    known = ContactEdition.objects.in_force().values_list("contact__slug", "is_withdrawal", "withdrawal_reason")
    slug, is_withdrawn, reason = _only(list(known), identity, lambda row: id_of_slug(row[0]))
    if is_withdrawn:
        raise NoAnswer(410, reason)
    edition = ContactEdition.objects.live().for_page().filter(contact__slug=slug).first()
    if edition is None:  # withdrawn between the two questions
        raise NoAnswer(410, "It has just been withdrawn.")
    return edition


def _in_full(editions: list[ContactEdition], shape: Callable[..., dict]) -> list[dict]:
    concerns = open_referral_queries.concerns_of(editions)
    bank_holidays = open_referral_queries.bank_holidays_of(editions)
    return [shape(edition, concerns[edition.contact_id], bank_holidays[edition.pk]) for edition in editions]


def _contacts(asked: Wanted, in_list: Callable[..., dict], whole: Callable[..., dict]) -> dict:
    matching = open_referral_queries.matching(asked)
    total = matching.count()
    if asked.minimal:
        rows = matching.select_related("contact")[_slice(asked)]
        return _page(asked, total, [open_referral.service_at_a_glance(edition) for edition in rows])
    editions = list(matching.for_page()[_slice(asked)])
    return _page(asked, total, _in_full(editions, whole) if asked.full else list(map(in_list, editions)))


@feed()
def root(asked: Wanted) -> dict:
    address = f"{settings.SITE_URL}{reverse('reporting:open-referral-openapi')}"
    return {"version": STANDARD, "profile": PROFILE, "openapi_url": address}


@feed()
def openapi(asked: Wanted) -> dict:
    address = f"{settings.SITE_URL}{reverse('reporting:open-referral-root')}"
    return document(address.rstrip("/"), "Hearthside contacts")


@feed(*parameters.SERVICES)
def services(asked: Wanted) -> dict:
    return _contacts(asked, open_referral.service_in_list, open_referral.service)


@feed()
def service(asked: Wanted, identity: str) -> dict:
    return _in_full([_live_edition(identity, service_id)], open_referral.service)[0]


@feed(*parameters.SERVICES_AT_LOCATIONS)
def services_at_locations(asked: Wanted) -> dict:
    return _contacts(asked, open_referral.service_at_location_in_list, open_referral.service_at_location)


@feed()
def service_at_location(asked: Wanted, identity: str) -> dict:
    edition = _live_edition(identity, open_referral.at_location_id)
    return _in_full([edition], open_referral.service_at_location)[0]


@feed(*parameters.ORGANIZATIONS)
def organizations(asked: Wanted) -> dict:
    found = [
        one
        for one in open_referral_queries.everyone_who_runs_something()
        if all(word.casefold() in one.name.casefold() for word in asked.words)
    ]
    shown = found[_slice(asked)]
    if asked.full or asked.full_service:
        return _page(asked, len(found), _organizations_in_full(asked, shown))
    return _page(asked, len(found), list(map(open_referral.organization_in_list, shown)))


@feed(*parameters.ORGANIZATION)
def organization(asked: Wanted, identity: str) -> dict:
    one = _only(open_referral_queries.everyone_who_runs_something(), identity, lambda row: row.id)
    return _organizations_in_full(asked, [one])[0]


def _organizations_in_full(asked: Wanted, shown: list[open_referral.Organization]) -> list[dict]:
    contacts = [edition.contact_id for one in shown for edition in one.editions]
    editions = list(ContactEdition.objects.live().for_page().filter(contact__in=contacts).order_by("contact__slug"))
    shape = open_referral.service if asked.full_service else lambda edition, *_: open_referral.service_name(edition)
    by_id = {row["id"]: row for row in _in_full(editions, shape)}
    return [
        {
            **open_referral.organization(one),
            "services": [by_id[service_id(edition.contact.slug)] for edition in one.editions],
        }
        for one in open_referral.organizations(editions)
    ]


@feed(*parameters.TAXONOMIES)
def taxonomies(asked: Wanted) -> dict:
    found = [one for one in map(taxonomy, LIST_OF_TAXONOMY.values()) if _has_words(asked, one["name"])]
    return _page(asked, len(found), found[_slice(asked)])


@feed()
def one_taxonomy(asked: Wanted, identity: str) -> dict:
    name = _only(list(LIST_OF_TAXONOMY.values()), identity, taxonomy_id)
    terms = [taxonomy_term(term) for term in TERMS.values() if term.list_name == name]
    return {**taxonomy(name), "taxonomy_terms": terms}


@feed(*parameters.TERMS)
def taxonomy_terms(asked: Wanted) -> dict:
    of_list = LIST_OF_TAXONOMY.get(asked.taxonomy_id)
    found = [
        term
        for term in TERMS.values()
        if _has_words(asked, term.name) and (not asked.taxonomy_id or term.list_name == of_list) and not asked.parent_id
    ]
    return _page(asked, len(found), list(map(taxonomy_term, found[_slice(asked)])))


@feed()
def one_taxonomy_term(asked: Wanted, identity: str) -> dict:
    return taxonomy_term(_only(list(TERMS.values()), identity, lambda term: term.id))


def _has_words(asked: Wanted, name: str) -> bool:
    return all(word.casefold() in name.casefold() for word in asked.words)


@for_machines
def not_in_feed(request: HttpRequest, path: str) -> HttpResponseBase:
    raise NoAnswer(404, "There is nothing at this address. /api/oruk/openapi.json lists what there is.")
