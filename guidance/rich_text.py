"""Cleaning of rich text, the same on save and on show; and its list items as plain words."""

from html.parser import HTMLParser

import nh3
from django.utils.safestring import SafeString, mark_safe
from django_prose_editor.config import allowlist_from_extensions, expand_extensions

from safety_site.fields import RICH_TEXT_EXTENSIONS

_allowed = allowlist_from_extensions(expand_extensions(RICH_TEXT_EXTENSIONS))
# Every link says the same as those in the templates, whatever an editor or a paste gave it.
_allowed["attributes"]["a"].discard("rel")
_cleaner = nh3.Cleaner(**{**_allowed, "link_rel": "noreferrer"})


def clean(html: str) -> SafeString:
    """HTML from an editor or a fixture, with everything outside the allow-list taken out; safe to show."""
    return mark_safe(_cleaner.clean(html))  # noqa: S308 - cleaned on this very line


class _ItemReader(HTMLParser):
    """Gathers the words of each list item; a list inside an item is part of that item."""

    def __init__(self):
        super().__init__()
        self.items: list[str] = []
        self._depth = 0

    def handle_starttag(self, tag, attrs):
        if tag == "li":
            self._depth += 1
            if self._depth == 1:
                self.items.append("")

    def handle_endtag(self, tag):
        if tag == "li" and self._depth:
            self._depth -= 1
        elif self._depth and tag in ("p", "br"):
            self.items[-1] += " "

    def handle_data(self, data):
        if self._depth:
            self.items[-1] += data


def list_items(html: str) -> list[str]:
    """The items of the lists in some rich text, each as plain words in one line; for what has no room for links."""
    reader = _ItemReader()
    reader.feed(html)
    reader.close()
    items = (" ".join(item.split()) for item in reader.items)
    return [item for item in items if item]
