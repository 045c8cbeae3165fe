"""Template tags of the guidance: wrappers over plain functions."""

from django import template
from django.utils.safestring import SafeString

from guidance.rich_text import clean

register = template.Library()


@register.filter
def rich(html: str) -> SafeString:
    """Rich text, cleaned once more on its way to the page."""
    return clean(html)
