"""What is kept of an edition, put together for one visitor.

Kept HTML must not hold what may change later: the years of an age band, the address of a thing that may be renamed.
There it has a mark instead, a comment that nobody can write into a text (rich text loses comments, all else is
escaped), and the mark is filled in when the page is made. Sections stand between marks too, since a visitor who
chose an age gets the part for it first.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from guidance.shelf import Band
from safety_site.freshness import Mode, current_mode

_AGES = re.compile(r"<!--ages (\d+)-->")
_FULL_SITE = re.compile(r"<!--full site-->(.*?)<!--end full site-->", re.DOTALL)
_SECTION = re.compile(r"<!--section(?: (\d*))?-->")


def mark(name: str, value: object = "") -> str:
    """A place in kept HTML that is filled in later."""
    return f"<!--{name} {value}-->" if value not in ("", None) else f"<!--{name}-->"


def filled(html: str, bands: Collection[Band], slug: str = "") -> SafeString:
    """Kept HTML with the years of age bands, and the slug of its thing, as they are now.

    Without what needs the full site in a copy of it.
    """
    html = _FULL_SITE.sub("" if current_mode() is Mode.WITHOUT_NOW else r"\1", html)
    ages = {str(band.pk): band.ages for band in bands}
    html = _AGES.sub(lambda found: ages.get(found[1], ""), html)
    return mark_safe(html.replace("<!--slug-->", slug))  # noqa: S308 - rendered by ourselves; a slug has no odd letters


@dataclass(frozen=True)
class Sections:
    """A topic's sections in reading order for one visitor, as HTML."""

    contents: SafeString  # lines of the list of contents
    first: SafeString  # for the age chosen; empty when none was, or when it has no part of its own
    others: SafeString


def arranged(html: str, bands: Collection[Band], chosen: Band | None) -> Sections:
    """The part for the age chosen first, then what is for everyone, then what is for other ages, youngest first."""
    _before, *rest = _SECTION.split(html)
    found = [
        (band or "", *words.partition("<!--words-->")[::2]) for band, words in zip(rest[::2], rest[1::2], strict=True)
    ]
    *found, (_none, last_lines, _words) = found
    own = str(chosen.pk) if chosen else None
    first = [each for each in found if each[0] == own]
    everyone = [each for each in found if not each[0]]
    others = [(each, band) for band in bands for each in found if each[0] == str(band.pk) != own]
    labelled = [
        words.replace("<!--label-->", format_html('<p class="for-age">For ages {}</p>', band.ages))
        for (_band, _line, words), band in others
    ]
    lines = [line for _band, line, _words in [*first, *everyone, *(each for each, _band in others)]]
    return Sections(
        filled("".join([*lines, last_lines]), bands),
        filled("".join(words.replace("<!--label-->", "") for _band, _line, words in first), bands),
        filled("".join([*(words for _band, _line, words in everyone), *labelled]), bands),
    )
