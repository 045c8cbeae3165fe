"""What may be asked of the feed, and what was asked. Pure; the OpenAPI document is made from the same list.

A parameter that we do not know is refused. To pass over it would send back more than was asked for: a number
for everywhere in answer to a question about one place.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.utils.dateparse import parse_date, parse_datetime

from reporting.hours import LONDON

MOST_PER_PAGE = 100
MOST_AT_A_GLANCE = 1000
LAST_PAGE = 10_000
LONGEST_SEARCH = 100


class BadParameter(ValueError):
    """What was asked cannot be answered; the message says why in plain English."""

    def __init__(self, name: str, sentence: str):
        super().__init__(sentence)
        self.name = name


@dataclass(frozen=True)
class Parameter:
    """One thing that may stand after the question mark, with its JSON Schema."""

    name: str
    description: str
    schema: Mapping


def _flag(name: str, description: str) -> Parameter:
    return Parameter(name, description, {"type": "boolean", "default": False})


def _id(name: str, description: str) -> Parameter:
    return Parameter(name, description, {"type": "string", "format": "uuid"})


PARAMETERS = {
    parameter.name: parameter
    for parameter in (
        Parameter(
            "search",
            "Words that must all be found.",
            {"type": "string", "maxLength": LONGEST_SEARCH, "pattern": r"^[^\u0000-\u001f\u007f]*$"},
        ),
        Parameter("page", "Which page.", {"type": "integer", "minimum": 1, "maximum": LAST_PAGE, "default": 1}),
        Parameter(
            "per_page",
            f"How many on a page. With minimal, {MOST_AT_A_GLANCE} unless you say otherwise.",
            {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE, "default": 50},
        ),
        Parameter("format", "Only json.", {"type": "string", "enum": ["json"], "default": "json"}),
        _id("taxonomy_term_id", "Only services with this term: a kind, an audience or a worry."),
        _id("taxonomy_id", "Only services with any term of this list; for terms: only those of this list."),
        _id("organization_id", "Only services that this organization runs."),
        Parameter(
            "modified_after",
            "Only what changed at or after this moment. A check counts for the whole day on which it was made.",
            {"type": "string", "format": "date-time"},
        ),
        _flag("minimal", "Only the id and the last change of each, on one page where they fit. It goes before full."),
        _flag("full", "Everything about each, as from its own address."),
        _flag("full_service", "With everything about the services of each."),
        _flag("top_only", "Only terms that stand under no other; all of ours do."),
        _id("parent_id", "Only terms under this one; none of ours is."),
    )
}

PAGING = ("search", "page", "per_page", "format")
FILTERS = ("taxonomy_term_id", "taxonomy_id", "organization_id", "modified_after")
SERVICES = (*PAGING, *FILTERS, "minimal", "full")
SERVICES_AT_LOCATIONS = (*PAGING, *FILTERS, "full")
ORGANIZATIONS = (*PAGING, "full", "full_service")
ORGANIZATION = ("full_service",)
TAXONOMIES = PAGING
TERMS = (*PAGING, "taxonomy_id", "top_only", "parent_id")

# What the standard has and we have not, with the reason.
NOT_HERE = {
    "postcode": "A postcode does not belong in a web address: addresses are written down on the way. "
    "Use the find page with a form, or the service areas of each service.",
    "proximity": "Nobody visits these services, so there is no distance to measure.",
    "minimum_age": "We hold no ages in numbers. Use taxonomy_term_id for who may use a service.",
    "maximum_age": "We hold no ages in numbers. Use taxonomy_term_id for who may use a service.",
    "start_time": "We cannot filter by opening times. The schedules of each service tell them.",
    "end_time": "We cannot filter by opening times. The schedules of each service tell them.",
    "day": "We cannot filter by opening times. The schedules of each service tell them.",
}


@dataclass(frozen=True)
class Wanted:
    """What was asked of one list."""

    words: tuple[str, ...] = ()
    page: int = 1
    per_page: int = 50
    taxonomy_term_id: str = ""
    taxonomy_id: str = ""
    organization_id: str = ""
    modified_after: datetime | None = None
    minimal: bool = False
    full: bool = False
    full_service: bool = False
    parent_id: str = ""


def wanted(asked: Mapping[str, list[str]], allowed: tuple[str, ...]) -> Wanted:
    """What was asked, from every value of every parameter. Raises BadParameter."""
    values = {}
    for name, given in asked.items():
        if name not in allowed:
            known = f"You can use {', '.join(allowed)} here." if allowed else "This address takes no parameter."
            raise BadParameter(name[:50], NOT_HERE.get(name, f"We do not know this parameter. {known}"))
        if len(given) != 1:
            raise BadParameter(name, "Please give this only once.")
        values[name] = _READERS[name](name, given[0])
    values.setdefault("per_page", MOST_AT_A_GLANCE if values.get("minimal") else 50)
    values["words"] = values.pop("search", ())
    return Wanted(**{name: value for name, value in values.items() if name not in ("format", "top_only")})


def _read_whole_number(name: str, text: str) -> int:
    most = PARAMETERS[name].schema["maximum"]
    number = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0
    if not 1 <= number <= most:
        raise BadParameter(name, f"Please use a whole number from 1 to {most}.")
    return number


def _read_flag(name: str, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise BadParameter(name, "Please use true or false.")
    return text.lower() == "true"


def _read_id(name: str, text: str) -> str:
    found = as_id(text)
    if not found:
        raise BadParameter(name, "This is not an id. An id looks like 123e4567-e89b-12d3-a456-426614174000.")
    return found


def as_id(text: str) -> str:
    """An id in its one usual form; empty if it is none. UUID() alone would take braces and prefixes too."""
    return str(UUID(text)) if re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text) else ""


def _read_words(name: str, text: str) -> tuple[str, ...]:
    if len(text) > LONGEST_SEARCH:
        raise BadParameter(name, f"Please search for {LONGEST_SEARCH} letters at most.")
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise BadParameter(name, "Please search for letters and numbers.")
    return tuple(text.split())


def _read_format(name: str, text: str) -> str:
    if text != "json":
        raise BadParameter(name, "We send json only.")
    return text


def _read_moment(name: str, text: str) -> datetime:
    # A plus sign that nobody encoded arrives as a blank.
    text = re.sub(r"(T.*) (\d\d:?\d\d)$", r"\1+\2", text.strip().upper())
    try:
        moment = parse_datetime(text)
        if moment is None and (day := parse_date(text)):
            moment = datetime(day.year, day.month, day.day)
    except ValueError:  # well formed, but no such day
        moment = None
    if moment is None:
        raise BadParameter(name, "Please use a date and time such as 2026-11-21T09:00:00Z.")
    # Far from today no clock can be turned into another: every entry, or none, is later.
    if not 1900 <= moment.year <= 2200:
        return datetime(1900 if moment.year < 1900 else 2200, 1, 1, tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=LONDON)


_READERS = {
    "search": _read_words,
    "page": _read_whole_number,
    "per_page": _read_whole_number,
    "format": _read_format,
    "modified_after": _read_moment,
    **dict.fromkeys(("taxonomy_term_id", "taxonomy_id", "organization_id", "parent_id"), _read_id),
    **dict.fromkeys(("minimal", "full", "full_service", "top_only"), _read_flag),
}
