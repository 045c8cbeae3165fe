"""What the audit list says, on the pages of the admin."""

from django import template
from django.core.paginator import Paginator
from django.utils.text import capfirst

from safety_site.doors import audit

register = template.Library()

ON_A_PAGE = 30


@register.inclusion_tag("newsroom/doors/_history.html")
def history_of(row, page: str | None = None) -> dict:
    """Everything that happened to a row and its parts, a page at a time."""
    found = Paginator(audit.entries_of(row), ON_A_PAGE).get_page(page)
    found.object_list = [
        {
            "when": entry.timestamp,
            "who": entry.actor or "the site itself",
            "happened": audit.event_of(entry),
            "kind": capfirst(entry.content_type.name),
            "what": entry.object_repr,
            "is_part": entry.content_type.model_class() is not type(row),
            "changes": audit.changes_of(entry),
        }
        for entry in found.object_list
    ]
    return {"page": found}
