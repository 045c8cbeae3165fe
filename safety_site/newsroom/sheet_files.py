"""The files that sheets come in: CSV, tab-separated text and JSON. Bytes become rows of text, or a refusal in words.

Workbooks (.xlsx, .ods) are not opened: that needs two more libraries, and a workbook of 5 MB can hold gigabytes.
"""

import csv
import io
import json
import re
from dataclasses import dataclass, field
from pathlib import PurePath

from import_export.formats.base_formats import CSV, JSON, TSV

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 20_000
LONGEST_CELL = 20_000

FORMATS = [CSV, TSV, JSON]
_MAGIC = {
    b"PK\x03\x04": "an Excel or LibreOffice workbook, or a zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
}
_SAVE_AS = "In your spreadsheet program choose “Save as” and “CSV UTF-8 (comma delimited)”, then import that file."


class WrongSheet(ValueError):
    """A file that cannot be read as a sheet, with the reason in words."""


@dataclass
class Sheet:
    """The rows of a file: cells as text, each row with its number as a spreadsheet program counts."""

    headings: list[str]
    rows: list[list[str]]
    numbers: list[int]
    notes: list[str] = field(default_factory=list)


def text_of(data: bytes) -> tuple[str, list[str]]:
    """The text of a file, and what its reader should know of how it was read."""
    if len(data) > MOST_BYTES:
        raise WrongSheet(f"The file is larger than {MOST_BYTES // 1024 // 1024} MB. Divide it into several.")
    for magic, what in _MAGIC.items():
        if data.startswith(magic):
            raise WrongSheet(f"This is {what}, not a text file. {_SAVE_AS}")
    notes = []
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = data.decode("utf-16")
        else:
            try:
                text = data.decode("utf-8-sig")
            except UnicodeDecodeError:
                text = data.decode("cp1252")
                notes.append(
                    "The file is not UTF-8. It was read as Windows text: look whether £, ’ and letters with accents "
                    "came out right. “CSV UTF-8” is the surer way to save it."
                )
    except UnicodeDecodeError:
        raise WrongSheet(f"This is not a text file that we can read. {_SAVE_AS}") from None
    if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", text):
        raise WrongSheet(f"There are signs in this file that no text has, so it is damaged or no sheet. {_SAVE_AS}")
    return text, notes


def read_sheet(file_name: str, data: bytes, known: list[str], most_rows: int = MOST_ROWS) -> tuple[Sheet, str]:
    """The rows of a file, and its text to be kept. ``known`` are the headings that it may have."""
    text, notes = text_of(data)
    sheet = parse(file_name, text, known, most_rows)
    sheet.notes = notes
    return sheet, text


def parse(file_name: str, text: str, known: list[str], most_rows: int = MOST_ROWS) -> Sheet:
    """The rows of a text that ``read_sheet`` read before."""
    if not text.strip():
        raise WrongSheet("The file is empty.")
    ending = PurePath(file_name).suffix.lower()
    rows = _json_rows(text) if ending == ".json" else _separated_rows(text, known)
    headings = _known_headings(next(rows, (1, []))[1], known)
    sheet = Sheet(headings, [], [])
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue  # a blank line; spreadsheet programs leave them at the end
        if len(sheet.rows) == most_rows:
            raise WrongSheet(f"The file has more than {most_rows:,} rows. Divide it into several.")
        if any(cell.strip() for cell in cells[len(headings) :]):
            raise WrongSheet(
                f"Row {number} has {len(cells)} cells, but there are {len(headings)} headings. "
                "A comma inside a cell needs quotes around the cell."
            )
        sheet.rows.append([*cells, *[""] * len(headings)][: len(headings)])
        sheet.numbers.append(number)
        if max(map(len, cells)) > LONGEST_CELL:
            raise WrongSheet(f"Row {number} has a cell of more than {LONGEST_CELL:,} signs.")
    if not sheet.rows:
        raise WrongSheet("There are headings, but no rows below them.")
    return sheet


def _separator(text: str, known: list[str]) -> str:
    """Whichever finds most of our headings in the first line."""
    first = text.lstrip().split("\n", 1)[0]

    def found(mark: str) -> int:
        return len({cell.strip().strip('"').casefold() for cell in first.split(mark)} & set(known))

    return max([",", "\t", ";"], key=found)


def _separated_rows(text: str, known: list[str]):
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text, known), strict=True)
    number = 0
    try:
        for number, cells in enumerate(lines, 1):
            yield number, cells
    except csv.Error:
        raise WrongSheet(
            f"Row {number + 1} cannot be read: look for a quotation mark that is not closed, or a very long cell."
        ) from None


def _json_rows(text: str):
    try:
        things = json.loads(text)
    except (ValueError, RecursionError):
        raise WrongSheet("This is not JSON that we can read.") from None
    if not isinstance(things, list) or not all(isinstance(thing, dict) for thing in things):
        raise WrongSheet("The JSON must be a list of rows, each with its columns by name.")
    headings = list(dict.fromkeys(name for thing in things for name in thing))
    yield 1, headings
    for number, thing in enumerate(things, 2):
        if any(isinstance(value, list | dict) for value in thing.values()):
            raise WrongSheet(f"Row {number} has a list in a cell. Write its parts as one text, with | between.")
        if headings != list(thing) and set(headings) != set(thing):
            raise WrongSheet(f"Row {number} has other columns than the rows before it.")
        yield number, [_json_text(thing[name]) for name in headings]


def _json_text(value) -> str:
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", text):
        raise WrongSheet("There are signs in this file that no text has.")
    return text


def _known_headings(cells: list[str], known: list[str]) -> list[str]:
    """The first row, checked: only our columns, each once."""
    headings = [cell.strip().casefold() for cell in cells]
    while headings and not headings[-1]:
        headings.pop()
    unknown = [cell.strip() or "an empty one" for cell, name in zip(cells, headings, strict=False) if name not in known]
    if unknown:
        some = ", ".join(f"“{name[:60]}”" for name in unknown[:5]) + (" …" if len(unknown) > 5 else "")
        raise WrongSheet(
            f"The first row has headings that we do not know: {some}. They must be among: {', '.join(known)}."
        )
    twice = sorted({name for name in headings if headings.count(name) > 1})
    if twice:
        raise WrongSheet(f"A heading stands twice in the first row: {', '.join(twice)}.")
    return headings
