"""Cleaning of rich text, the same on save and on show."""

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
