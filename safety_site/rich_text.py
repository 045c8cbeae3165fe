"""The one allow-list of rich text: the editor offers it, saving and showing clean to it."""

import re
from functools import cache
from html.parser import HTMLParser

from django.utils.safestring import SafeString, mark_safe
from django_prose_editor.config import allowlist_from_extensions, expand_extensions

#: More is no text for a web page, and a megabyte would be slow to show and to search.
MOST_CHARACTERS = 100_000

EXTENSIONS = {
    "Bold": True,
    "Italic": True,
    "BulletList": True,
    # Its button for letters or Roman numbers would bring attributes that no page of ours shows.
    "OrderedList": {"enableListAttributes": False},
    "ListItem": True,
    "Blockquote": True,
    "Heading": {"levels": [3, 4]},
    "Link": {"enableTarget": False, "protocols": ["https", "tel", "mailto"], "defaultProtocol": "https"},
    "History": True,
    "HardBreak": True,
    # Buttons only: the editor's drop-down list cannot be reached by keyboard.
    "Menu": {
        "groups": [
            {"group": "headings"},
            {"group": "lists"},
            {"group": "nodes -blockType -lists"},
            {"group": "marks"},
            {"group": "link"},
            {"group": "history"},
        ]
    },
}

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NOT_IN_AN_ADDRESS = re.compile(r"[\x00-\x1f\x7f\\]")


def safe_address(address: str) -> str | None:
    """Where a link may lead: another site by https, a phone, a mailbox, or a path of this site; else None.

    Two slashes lead to another site, and browsers read a backslash as a slash and skip tabs and line breaks.
    """
    address = address.strip()
    if _NOT_IN_AN_ADDRESS.search(address):
        return None
    if address.startswith("/"):
        return None if address.startswith("//") else address
    return address if address.lower().startswith(("https://", "tel:", "mailto:")) else None


def without_controls(html: str) -> str:
    """Text without NUL and its like, which no reader sees and PostgreSQL refuses."""
    return _CONTROLS.sub("", html)


def _filter_attribute(_tag: str, attribute: str, value: str) -> str | None:
    return safe_address(value) if attribute == "href" else value


@cache
def _cleaner(link_rel: str | None):
    # Only where something is cleaned: what stands on approved pages was cleaned, and is kept as HTML.
    import nh3  # noqa: PLC0415

    allowed = allowlist_from_extensions(expand_extensions(EXTENSIONS))
    # "*": else the cleaner lets a title and a language through on anything.
    # Whatever an editor or a paste gave a link, it says the same as those in the templates, when it is shown.
    allowed["attributes"] = {"*": set(), "a": {"href"}, "ol": {"start"}}
    return nh3.Cleaner(**{**allowed, "attribute_filter": _filter_attribute, "link_rel": link_rel})


def clean(html: str) -> SafeString:
    """HTML from an editor or a fixture, with everything outside the allow-list taken out; safe to show."""
    return mark_safe(_cleaner(link_rel="noreferrer").clean(without_controls(html)))  # noqa: S308 - cleaned on this very line


def clean_to_store(html: str) -> str:
    """The same for the database; nothing at all where an editor left only an empty paragraph."""
    cleaned = _cleaner(link_rel=None).clean(without_controls(html))
    return cleaned if has_words(cleaned) else ""


class _WordReader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data):
        self.words.append(data)


def has_words(html: str) -> bool:
    """Whether a reader would see anything of it."""
    reader = _WordReader()
    reader.feed(html)
    reader.close()
    return any(words.strip() for words in reader.words)
