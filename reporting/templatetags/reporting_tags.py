"""Template tags of the directory: wrappers over plain functions; guidance pages show contacts through them."""

from django import template
from django.utils.safestring import SafeString

from reporting import concerns, national, paper, said
from reporting.models import Phone
from safety_site.freshness import holds_until
from safety_site.phones import telephone_address
from safety_site.viewing import moment

register = template.Library()


@register.simple_tag
def answers_mark(phone: Phone) -> SafeString:
    """The place for what a phone says now, in HTML that is kept; ``said`` puts the words there."""
    return said.mark(phone)


@register.simple_tag(name="said")
def said_now(html: said.Pieces, words: str = "") -> SafeString:
    """Kept HTML with what its numbers say now; or with other words of now in the place of its one number."""
    return html.filled_now(words) if words else html.filled(moment())


@register.filter
def text_address(number: str) -> str:
    """``85258`` → ``sms:85258``: a number to text."""
    return telephone_address(number).replace("tel:", "sms:", 1)


@register.simple_tag
def concern_contacts(concern: str) -> SafeString:
    """The contacts of a worry, in its order, with why; nothing for a worry without a page."""
    return concerns.block(concern).filled(moment())


@register.simple_tag
def concern_page(concern: str) -> concerns.Link | None:
    """The live page of a worry, to link to; none where there is no such page, so that nobody is led to a 404."""
    return concerns.link(concern)


@register.inclusion_tag("reporting/_help_now.html")
def help_now() -> dict:
    """The way to a council's number, and the national helplines by phone; for the home page."""
    now = moment()
    holds_until(national.holds_until(now))
    return {"answering": national.that_answer(now), "all": national.helplines_with_hours()}


@register.simple_tag
def who_to_call(council: str = "") -> SafeString:
    """The numbers for paper, with those of a council by day and night; its slug may be anything a visitor typed."""
    return paper.who_to_call_html(paper.council_of(council))


@register.simple_tag
def council_select(chosen: str = "") -> SafeString:
    """A list to choose the council from, by nation; for a form that asks by address."""
    return paper.with_chosen(paper.council_select(), chosen)
