"""The parts of a contact as cells of a sheet: numbers with their hours, other ways, audiences, nations.

A cell has one part on each line. A number's line reads ``0345 606 1212 | for: out of hours | answers: rows | bank
holidays: open | about | hours: Mon-Thu 17:30-00:00, Fri 16:30-00:00?``; all but the number may be left out, and the
question mark says that sources differ. What the cell says and what the rows hold are the same, both ways.
"""

import re
from collections.abc import Iterable
from datetime import time

from django.core.exceptions import ValidationError
from django.db import models

from reporting.models import ContactEdition, OpeningHours, OtherWay, Phone
from safety_site.newsroom.cells import NotACell, neat, several

DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Bank holidays"]
_HOURS = re.compile(
    r"(?P<first>bank holidays|[a-z]{3})[a-z]*(?:\s*[-–]\s*(?P<last>[a-z]{3})[a-z]*)?\s+"
    r"(?P<opens>\d{1,2}:\d{2})\s*[-–]\s*(?P<closes>\d{1,2}:\d{2})\s*(?P<unsure>\?)?",
    re.IGNORECASE,
)
_NUMBERS = {day.casefold(): number for number, day in enumerate(DAYS)}

PHONES_HELP = (
    "One number on each line, as published. Then, each after | and in any order: “for: Priority line”; “text” for a "
    "number to text; “answers: …” with one of "
    f"{', '.join(Phone.HoursKnown.values)}; “bank holidays: open” or “closed”; “about” if the hours are approximate; "
    "“hours: Mon-Thu 09:00-17:30, Fri 09:00-16:30, Bank holidays 10:00-12:00”, with ? after a time that is not sure."
)
WAYS_HELP = (
    f"One way on each line: its kind ({', '.join(OtherWay.Kind.values)}), then after | its address on the web, "
    "then after | its words. Either may be empty: “email | | help@charity.example”."
)


def _escaped(text: str) -> str:
    """Words inside a line: a bar or a new line of their own would divide it."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\r\n", "\n").replace("\n", "\\n")


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], text.strip())


def _parts(line: str) -> list[str]:
    """A line divided at its bars, but not at escaped ones."""
    parts = [""]
    for piece in re.findall(r"\\.|[^|\\]+|\||\\", line):
        if piece == "|":
            parts.append("")
        else:
            parts[-1] += piece
    return [part.strip() for part in parts]


def _lines(text: str) -> list[str]:
    return [line for line in neat(text).split("\n") if line.strip()]


# --- Hours ---


def hours_cell(hours: Iterable[OpeningHours]) -> str:
    """Days with the same hours stand together: ``Mon-Thu 09:00-17:30, Fri 09:00-16:30``."""
    by_time: dict[tuple, list[int]] = {}
    for row in sorted(hours, key=lambda row: (row.weekday, row.opens_at)):
        by_time.setdefault((row.opens_at, row.closes_at, row.is_sure), []).append(row.weekday)
    stretches = []
    for (opens, closes, is_sure), days in by_time.items():
        for first, last in _runs(days):
            name = DAYS[first] if first == last else f"{DAYS[first]}-{DAYS[last]}"
            words = f"{name} {opens:%H:%M}-{closes:%H:%M}{'' if is_sure else '?'}"
            stretches.append((first, opens, words))
    return ", ".join(words for *_, words in sorted(stretches))


def _runs(days: list[int]) -> list[tuple[int, int]]:
    """Days in a row as (first, last); bank holidays stand alone."""
    runs: list[list[int]] = []
    for day in days:
        if runs and day == runs[-1][1] + 1 and day != OpeningHours.Weekday.BANK_HOLIDAY:
            runs[-1][1] = day
        else:
            runs.append([day, day])
    return [(first, last) for first, last in runs]


def read_hours(text: str) -> list[OpeningHours]:
    rows: dict[tuple[int, time], OpeningHours] = {}
    for stretch in (part.strip() for part in text.split(",")):
        found = _HOURS.fullmatch(stretch)
        first = _NUMBERS.get(found["first"].casefold()) if found else None
        last = _NUMBERS.get((found["last"] or found["first"]).casefold()) if found else None
        if first is None or last is None or last < first:
            raise NotACell(f"Hours “{stretch[:60]}” cannot be read. Write for example Mon-Fri 09:00-17:30.")
        try:
            opens, closes = (time.fromisoformat(found[name].rjust(5, "0")) for name in ("opens", "closes"))
        except ValueError:
            raise NotACell(f"“{stretch[:60]}” has a time that no clock shows.") from None
        for day in range(first, last + 1):
            if (day, opens) in rows:
                raise NotACell(f"{DAYS[day]} {opens:%H:%M} stands twice.")
            rows[day, opens] = OpeningHours(weekday=day, opens_at=opens, closes_at=closes, is_sure=not found["unsure"])
    return list(rows.values())


# --- Numbers ---


def phone_line(phone: Phone, hours: Iterable[OpeningHours]) -> str:
    parts = [_escaped(phone.number)]
    if phone.purpose:
        parts.append(f"for: {_escaped(phone.purpose)}")
    if phone.is_text:
        parts.append("text")
    parts.append(f"answers: {phone.answers}")
    if phone.open_on_bank_holidays is not None:
        parts.append(f"bank holidays: {'open' if phone.open_on_bank_holidays else 'closed'}")
    if phone.hours_are_about:
        parts.append("about")
    times = hours_cell(hours)
    return " | ".join([*parts, f"hours: {times}"] if times else parts)


def read_phone(line: str, position: int) -> tuple[Phone, list[OpeningHours]]:
    """One number and its hours, not saved."""
    number, *rest = _parts(line)
    phone, hours, seen = Phone(number=_plain(number), position=position), [], set()
    for part in rest:
        name, _, value = (piece.strip() for piece in part.partition(":"))
        name = name.casefold()
        if name in seen:
            raise NotACell(f"“{name}” stands twice in the line of {phone.number}.")
        seen.add(name)
        if name == "for":
            phone.purpose = _plain(value)
        elif name == "text" and not value:
            phone.is_text = True
        elif name == "about" and not value:
            phone.hours_are_about = True
        elif name == "answers" and value in Phone.HoursKnown.values:
            phone.answers = value
        elif name == "bank holidays" and value in ("open", "closed"):
            phone.open_on_bank_holidays = value == "open"
        elif name == "hours":
            hours = read_hours(value)
        elif part:
            raise NotACell(f"“{part[:60]}” in the line of {phone.number[:20]} cannot be read.")
    if hours and "answers" not in seen:
        phone.answers = Phone.HoursKnown.ROWS
    _clean(phone, f"the line of {phone.number[:20] or 'a number'}")
    if not re.search(r"\d", phone.number):
        raise NotACell(f"“{phone.number}” is no number.")
    return phone, hours


# --- Other ways ---


def way_line(way: OtherWay) -> str:
    parts = [way.kind, _escaped(way.url), _escaped(way.detail)]
    while not parts[-1]:
        parts.pop()
    return " | ".join(parts)


def read_way(line: str, position: int) -> OtherWay:
    kind, *rest = _parts(line)
    if len(rest) > 2:
        raise NotACell(f"The line “{line[:60]}” has more than three parts.")
    url, detail = [*rest, "", ""][:2]
    way = OtherWay(kind=kind.casefold(), url=_plain(url), detail=_plain(detail), position=position)
    _clean(way, f"the line “{line[:60]}”")
    return way


def _clean(part: models.Model, where: str) -> None:
    try:
        # Unknown is a value of its own, though a form would ask for it.
        part.clean_fields(exclude=["edition", "open_on_bank_holidays"])
    except ValidationError as problem:
        words = " ".join(f"{name.replace('_', ' ')}: {' '.join(texts)}" for name, texts in problem.message_dict.items())
        raise NotACell(f"In {where}: {words}") from None


# --- All parts of an edition ---


def part_cells(edition: ContactEdition) -> dict[str, str]:
    return {
        "phones": "\n".join(phone_line(phone, phone.hours.all()) for phone in edition.phones.all()),
        "ways": "\n".join(way_line(way) for way in edition.ways.all()),
        "audiences": " | ".join(row.audience for row in edition.audiences.all()),
        "nations": " | ".join(row.nation for row in edition.nations.all()),
    }


def read_phones(text: str) -> list[tuple[Phone, list[OpeningHours]]]:
    return [read_phone(line, position) for position, line in enumerate(_lines(text), 1)]


def read_ways(text: str) -> list[OtherWay]:
    return [read_way(line, position) for position, line in enumerate(_lines(text), 1)]


def read_several(text: str, known: type[models.TextChoices]) -> list[str]:
    values = several(text)
    wrong = [value for value in values if value not in known.values]
    if wrong:
        raise NotACell(f"“{wrong[0][:60]}” is not one of: {', '.join(known.values)}.")
    return values
