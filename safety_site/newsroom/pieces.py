"""An edition taken apart for reading: each text a reader sees, with the name an editor knows it by."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape
from html.parser import HTMLParser

from django.db import models

from safety_site.editions import Edition, EditionPart
from safety_site.fields import RichTextField

_BLOCK = r"</?(?:p|li|h\d|ul|ol|blockquote|br|div)\b[^<>]*>"
# What every edition has is about the edition, not of the page.
_ABOUT_EDITIONS = {field.name for field in Edition._meta.local_fields}


def blocks(html: str) -> list[str]:
    """The words of each paragraph, heading or list item; marks inside a line leave no gap."""
    texts = (unescape(re.sub(r"<[^<>]*>", "", block)) for block in re.split(_BLOCK, html, flags=re.IGNORECASE))
    return [text for text in (" ".join(text.split()) for text in texts) if text]


@dataclass
class Link:
    href: str
    words: str = ""


@dataclass
class Heading:
    level: int
    words: str = ""


class Marks(HTMLParser):
    """The links, headings and pictures of some rich text."""

    def __init__(self, html: str):
        super().__init__()
        self.links: list[Link] = []
        self.headings: list[Heading] = []
        self.pictures: list[str] = []  # what each says to who cannot see it
        self._open: list[Link | Heading] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        values = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.links.append(Link(values.get("href", "")))
            self._open.append(self.links[-1])
        elif re.fullmatch(r"h[1-6]", tag):
            self.headings.append(Heading(int(tag[1])))
            self._open.append(self.headings[-1])
        elif tag == "img":
            self.pictures.append(values.get("alt", "").strip())
            self.handle_data(values.get("alt", ""))

    def handle_endtag(self, tag):
        wanted = Link if tag == "a" else Heading if re.fullmatch(r"h[1-6]", tag) else None
        for mark in [each for each in self._open if wanted and isinstance(each, wanted)]:
            self._open.remove(mark)

    def handle_data(self, data):
        for mark in self._open:
            mark.words += data


@dataclass(frozen=True)
class Piece:
    """One text of an edition or of one of its parts."""

    row: models.Model
    name: str  # of the model's field
    value: str
    where: str  # as an editor would say it
    field: str  # the id of the field on the edit screen
    kind: str  # "html", "url" or "words"

    @cached_property
    def blocks(self) -> list[str]:
        if self.kind == "html":
            return blocks(self.value)
        words = " ".join(self.value.split()) if self.kind == "words" else ""
        return [words] if words else []

    @cached_property
    def marks(self) -> Marks:
        return Marks(self.value if self.kind == "html" else "")


@dataclass(frozen=True)
class Reading:
    """An edition with everything that its rules look at, read in one query for each kind of part."""

    edition: Edition
    pieces: list[Piece]
    parts: dict[str, list[models.Model]] = field(default_factory=dict)  # by the name the edition knows them by

    def part_rows(self, name: str) -> list[tuple[models.Model, str, str]]:
        """The rows of one kind of part, each with what an editor calls it and the start of its fields' ids."""
        return [
            (row, where_is(row, number), f"id_{name}-{number - 1}")
            for number, row in enumerate(self.parts.get(name, []), 1)
        ]

    @property
    def html(self) -> list[Piece]:
        return [piece for piece in self.pieces if piece.kind == "html"]

    @property
    def outside_addresses(self) -> list[tuple[Piece, str]]:
        """Each https address with the text that it stands in."""
        links = [(piece, link.href) for piece in self.html for link in piece.marks.links]
        urls = [(piece, piece.value) for piece in self.pieces if piece.kind == "url"]
        found = [(piece, address) for piece, address in [*links, *urls] if address.startswith("https://")]
        return [(piece, address) for piece, address in found if "\0" not in address]  # PostgreSQL takes no NUL


def part_relations(model: type[Edition]) -> list:
    """How an edition reaches each kind of its parts."""
    return [each for each in model._meta.related_objects if issubclass(each.related_model, EditionPart)]


def where_is(row: models.Model, number: int) -> str:
    """For example: Section 2 (“What to do now”)."""
    called, words = row._meta.verbose_name.capitalize(), " ".join(str(row).split())
    words = words if len(words) <= 60 else f"{words[:59].rstrip()}…"
    return f"{called} {number} (“{words}”)" if words and "object (" not in words else f"{called} {number}"


def kind_of(model_field: models.Field) -> str:
    """What sort of text a field holds; empty for what is none that a reader sees."""
    if model_field.choices or not model_field.editable or isinstance(model_field, models.SlugField | models.FileField):
        return ""
    if isinstance(model_field, RichTextField):
        return "html"
    if isinstance(model_field, models.URLField):
        return "url"
    return "words" if isinstance(model_field, models.CharField | models.TextField) else ""


def _of_row(row: models.Model, where: str, prefix: str, skipped: set[str]) -> list[Piece]:
    found = []
    for each in row._meta.fields:
        kind = "" if each.name in skipped else kind_of(each)
        if kind:
            said = f"{where}, {each.verbose_name}" if where else each.verbose_name.capitalize()
            found.append(Piece(row, each.name, getattr(row, each.name) or "", said, f"{prefix}{each.name}", kind))
    return found


def read(edition: Edition) -> Reading:
    """Take an edition apart: its own texts first, then those of its parts in reading order."""
    # An app has an owner, who is shown; so has the thing of each edition, who is not.
    own = {each.name for each in edition._meta.local_fields} & _ABOUT_EDITIONS
    reading = Reading(edition, _of_row(edition, "", "id_", own))
    for relation in part_relations(type(edition)):
        name = relation.get_accessor_name()
        rows = relation.related_model._default_manager.filter(edition=edition)
        # A part may call itself by what it names, as a contact of a worry does.
        named = [
            each.name for each in relation.related_model._meta.fields if each.many_to_one and each.name != "edition"
        ]
        reading.parts[name] = list(rows.select_related(*named) if named else rows)
        for row, where, prefix in reading.part_rows(name):
            reading.pieces.extend(_of_row(row, where, f"{prefix}-", set()))
    return reading
