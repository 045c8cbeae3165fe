"""Template tags of the directory: wrappers over plain functions; guidance pages show contacts through them."""

from django import template

from reporting import paper, presenters
from reporting.models import ConcernEdition, ContactEdition, Kind, Nation, Phone
from safety_site.freshness import holds_until
from safety_site.phones import telephone_address
from safety_site.viewing import moment

register = template.Library()


@register.simple_tag
def answering(phone: Phone, nation: str = Nation.ENGLAND) -> str:
    """Whether a phone answers now; no query where ``hours`` is prefetched. To stand between ``timed`` tags."""
    words, changes_at = presenters.phone_now(phone, moment(), nation)
    holds_until(changes_at)
    return words


@register.filter
def always(phone: Phone) -> str:
    """When a phone answers, in words that are true at any moment."""
    return presenters.always(phone)


@register.filter
def text_address(number: str) -> str:
    """``85258`` → ``sms:85258``: a number to text."""
    return telephone_address(number).replace("tel:", "sms:", 1)


@register.inclusion_tag("reporting/_concern_contacts.html")
def concern_contacts(concern: str) -> dict:
    """The contacts of a worry, in its order, with why; nothing for a worry without a page.

    A fixed number of queries, none for a page without a worry.
    """
    edition = concern and ConcernEdition.objects.live().for_page().filter(concern__slug=concern).first()
    if not edition:
        return {"concern": None, "routes": []}
    routes = list(edition.routes.all())
    live = ContactEdition.objects.live().open_services().filter(contact__in=[route.contact_id for route in routes])
    contacts = {contact.contact_id: contact for contact in live.for_page()}
    shown = [(contacts[route.contact_id], route.why) for route in routes if route.contact_id in contacts]
    return {"concern": edition, "routes": shown}


@register.simple_tag
def concern_page(concern: str) -> ConcernEdition | None:
    """The live page of a worry, to link to; none where there is no such page, so that nobody is led to a 404."""
    return ConcernEdition.objects.live().filter(concern__slug=concern).select_related("concern").first()


@register.inclusion_tag("reporting/_help_now.html")
def help_now() -> dict:
    """The way to a council's number, and the national helplines by phone; for the home page."""
    live = ContactEdition.objects.live().national().filter(kind=Kind.HELPLINE).for_page()
    lines = presenters.helplines(live, moment())
    holds_until(lines.changes_at)
    return {"calls": lines.answering_now, "all_calls": lines.calls}


@register.inclusion_tag("reporting/_who_to_call.html")
def who_to_call(council: str = "") -> dict:
    """The numbers for paper, with those of a council by day and night; its slug may be anything a visitor typed."""
    return {"help": paper.who_to_call(paper.council_of(council), moment())}


@register.inclusion_tag("reporting/_council_select.html")
def council_select(chosen: str = "") -> dict:
    """A list to choose the council from, by nation; for a form that asks by address."""
    return {"nations": paper.councils_by_nation(), "chosen": chosen}
