"""Template tags of the guidance: wrappers over plain functions."""

from django import template
from django.utils.safestring import SafeString

from guidance.feedback import said_about, takes_answers
from safety_site.rich_text import clean

register = template.Library()


@register.filter
def rich(html: str) -> SafeString:
    """Rich text, cleaned once more on its way to the page."""
    return clean(html)


@register.inclusion_tag("guidance/_have_your_say.html", takes_context=True)
def have_your_say(context) -> dict:
    """What readers said of the page that is shown, and the way to answer; nothing on a page that takes no answers.

    One query. An editors' preview of a page stands at another address, so it shows nothing and asks nothing.
    """
    path = context["request"].path
    if not takes_answers(path):
        return {"path": ""}
    said = said_about(path)
    return {"path": path, "said": said.rows, "is_closed": said.is_closed, "note": said.note}
