"""Template tags of the whole site: wrappers over plain functions."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from safety_site import freshness, page_frame
from safety_site.banners import showing
from safety_site.icons import icon_svg
from safety_site.mirror import marks
from safety_site.phones import telephone_address

register = template.Library()
register.tag("timed", freshness.timed)
register.tag("full_site", marks.full_site)
register.tag("fixed", page_frame.fixed)
register.tag("unchanged", page_frame.unchanged)


@register.simple_tag
def phone(number: str, label: str = "") -> SafeString:
    """A number to tap: shown as published, dialled as digits."""
    return format_html('<a class="phone" href="{}">{}</a>', telephone_address(number), label or number)


@register.simple_tag
def icon(name: str, css_class: str = "icon") -> SafeString:
    """One of our own drawings, inline; decoration only, so hidden from screen readers."""
    return icon_svg(name, css_class)


@register.inclusion_tag("components/_banners.html")
def emergency_banners(*councils: str) -> dict[str, object]:
    """What concerns every reader now, and the readers of one council's pages; the slugs of councils may be empty."""
    return {"banners": showing(councils)}


@register.filter
def host(url: str) -> str:
    """The site that an address leads to, as people say it: ``https://www.nspcc.org.uk/x`` → ``nspcc.org.uk``."""
    return url.split("://", 1)[-1].split("/", 1)[0].removeprefix("www.")


@register.filter
def address(url: str) -> str:
    """An address as one types it: ``https://www.ceop.police.uk/Safety-Centre/`` → ``ceop.police.uk/Safety-Centre``."""
    return url.split("://", 1)[-1].removeprefix("www.").rstrip("/")


@register.simple_tag
def page_age() -> SafeString:
    """Where a kept page says how old it is; nothing on a page made for its reader."""
    return mark_safe(freshness.age_mark())  # noqa: S308 - our own mark


@register.simple_tag(takes_context=True)
def copy_head(context) -> SafeString:
    """Policy and address of a page of the mirror; nothing on a page of the site."""
    return marks.copy_head(context.get("request"))
