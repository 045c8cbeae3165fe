"""What the newsroom's gate looks at in contacts and worries, beside the rules for every edition.

``safety_site.newsroom.gate`` finds this module by its name.
"""

import re
from collections.abc import Iterable, Iterator

from reporting.models import ConcernEdition, ContactEdition, Coverage, Kind
from safety_site.newsroom.gate_rules import Finding, PastName, quoted
from safety_site.newsroom.pieces import Reading

# Fewest and most words of a page, by kind of edition; those that ship have 515 to 770, and 12 to 125.
LENGTHS = {"concernedition": (150, 1_500), "contactedition": (5, 300)}

# Short codes have 3 to 6 digits (999, 116 123, 85258); a number in the United Kingdom at most 11, with +44 12.
_FEWEST_DIGITS, _MOST_DIGITS = 3, 13


def phone_numbers(reading: Reading) -> Iterator[Finding]:
    """Each number can be dialled as it stands."""
    for phone, where, prefix in reading.part_rows("phones"):
        digits = re.sub(r"\D", "", phone.number)
        odd = re.sub(r"[\d\s()+.\-–]", "", phone.number)
        if odd or "+" in phone.number.strip()[1:] or not _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS:
            do = "Write the number alone, with spaces as published; words go into its purpose."
            yield Finding(where, f"{prefix}-number", f"{quoted(phone.number)} cannot be dialled.", do)


def ways_to_reach(reading: Reading) -> Iterator[Finding]:
    """A reader can do something with it. What is closed says so and offers no way."""
    edition = reading.edition
    if not isinstance(edition, ContactEdition) or edition.kind == Kind.CLOSED:
        return
    if not (reading.parts["phones"] or reading.parts["ways"] or edition.website):
        do = "Add a number, another way, or its website."
        yield Finding("Phones", "phones-group", "Nobody can be reached: there is no number and no other way.", do)
    for way, where, prefix in reading.part_rows("ways"):
        if not way.url and not way.detail.strip():
            yield Finding(where, f"{prefix}-url", "It says neither an address nor what to do.", "Fill in one of them.")


def coverage(reading: Reading) -> Iterator[Finding]:
    """A contact for some councils or nations names them; otherwise no reader would ever see it."""
    edition = reading.edition
    if not isinstance(edition, ContactEdition):
        return
    if edition.coverage == Coverage.AUTHORITIES and not edition.authorities.exists():
        yield Finding("Coverage", "id_authorities", "It is for some councils and names none.", "Choose the councils.")
    if edition.coverage == Coverage.NATIONS and not reading.parts["nations"]:
        yield Finding("Coverage", "nations-group", "It is for some nations and names none.", "Add the nations.")


def source(reading: Reading) -> Iterator[Finding]:
    edition = reading.edition
    if isinstance(edition, ContactEdition) and not edition.source.strip():
        do = "Say where the number was read, with the date."
        yield Finding("Source", "id_source", "A number without a source.", do)


def worry(reading: Reading) -> Iterator[Finding]:
    """A worry says what to do and whom to contact."""
    if not isinstance(reading.edition, ConcernEdition):
        return
    points = reading.parts["points"]
    if not any(point.kind == point.Kind.DO for point in points):
        yield Finding("Points", "points-group", "It does not say what to do now.", "Add a point of the kind “Do now”.")
    if not reading.parts["routes"]:
        yield Finding("Routes", "routes-group", "It names nobody to contact.", "Add at least one contact.")


def findings(reading: Reading) -> Iterator[Finding]:
    for rule in (phone_numbers, ways_to_reach, coverage, source, worry):
        yield from rule(reading)


def past_names() -> list[PastName]:
    return []


def proper_names() -> Iterable[str]:
    """Names of services, which may hold words that we would not use."""
    return ContactEdition.objects.values_list("name", flat=True).distinct()
