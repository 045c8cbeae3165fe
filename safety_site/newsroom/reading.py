"""An edition read out as labels and words, in reading order, so that two of them can be compared."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from html.parser import HTMLParser

from django.db import models
from django.db.models import Prefetch
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from safety_site.editions import Edition, EditionPart
from safety_site.fields import RichTextField
from safety_site.newsroom.differences import (
    ADDED,
    REMOVED,
    Comparison,
    Piece,
    Row,
    Value,
    compare_rows,
    compare_values,
    names,
)
from safety_site.newsroom.telling import when

# Of the edition as a row, not of what it says: told at the top of the comparison, or nowhere.
NOT_SAID = frozenset(
    [
        "id",
        "language",
        "number",
        "state",
        "author",
        "approved_by",
        "imported_from",
        "based_on",
        "revision",
        "created_at",
        "changed_at",
        "changed_by",
    ]
)
LONGEST_TITLE = 80


def compare_editions(
    old: Edition, new: Edition, fields: Sequence[str] = (), parts: Sequence[type[EditionPart]] = ()
) -> Comparison:
    """What differs from ``old`` to ``new``; ``fields`` and ``parts`` name those that come first, in reading order.

    A fixed number of queries, however many parts there are.
    """
    model = type(old)
    words, about = _fields_in_order(model, fields)
    changes, same = compare_values(*([read_field(edition, each) for each in words] for edition in (old, new)))
    other, also_same = compare_values(*([read_field(edition, each) for each in about] for edition in (old, new)))
    groups = []
    for part in _parts_in_order(model, parts):
        before, after = ([row_of(row) for row in rows_of(edition, part)] for edition in (old, new))
        groups.append(compare_rows(capfirst(part._meta.verbose_name_plural), before, after))
    return Comparison(changes, other, [*same, *also_same], groups)


def _fields_in_order(model: type[Edition], first: Sequence[str]) -> tuple[list[models.Field], list[models.Field]]:
    """The fields that say what readers read, in the order given; then those that every edition has."""
    known = {field.name: field for field in (*model._meta.concrete_fields, *model._meta.many_to_many)}
    every = {field.name for field in Edition._meta.fields}
    hidden = {*NOT_SAID, model.thing_field}
    order = [name for name in dict.fromkeys([*first, *known]) if name in known and name not in hidden]
    return [known[name] for name in order if name not in every], [known[name] for name in order if name in every]


def _parts_in_order(model: type[Edition], first: Sequence[type]) -> list[type[EditionPart]]:
    all_parts = [
        relation.related_model
        for relation in model._meta.related_objects
        if issubclass(relation.related_model, EditionPart) and relation.field.name == "edition"
    ]
    return list(dict.fromkeys([*(part for part in first if part in all_parts), *all_parts]))


def rows_of(edition: Edition, part: type[EditionPart]) -> models.QuerySet:
    """The parts of one kind, in order, with what they name and the rows of their own."""
    to_one = [field.name for field in part._meta.fields if field.is_relation and field.name != "edition"]
    own = [Prefetch(relation.get_accessor_name()) for relation in _own_rows(part)]
    to_many = [field.name for field in part._meta.many_to_many]
    rows = part._base_manager.filter(edition=edition).order_by("position", "pk").prefetch_related(*to_many, *own)
    return rows.select_related(*to_one) if to_one else rows


def _own_rows(part: type[models.Model]) -> list:
    return [relation for relation in part._meta.related_objects if relation.on_delete is models.CASCADE]


def row_of(part: EditionPart) -> Row:
    said = [
        field
        for field in (*part._meta.concrete_fields, *part._meta.many_to_many)
        if field.name not in ("id", "edition", "position")
    ]
    values = [read_field(part, field) for field in said]
    for relation in _own_rows(type(part)):
        rows = getattr(part, relation.get_accessor_name()).all()
        items = tuple(_in_one_line(row, skip=relation.field.name) for row in rows)
        label = capfirst(relation.related_model._meta.verbose_name_plural)
        values.append(Value(label, "", items=items))
    title = str(part) if type(part).__str__ is not models.Model.__str__ else ""
    title = title or next((value.text for value in values if value.text), "")
    return Row(_short(title), tuple(values), _identity(part))


def _identity(part: EditionPart) -> str:
    """The values of which the database holds that they stand once in an edition."""
    for constraint in part._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and "edition" in constraint.fields:
            return " ".join(str(getattr(part, part._meta.get_field(name).attname)) for name in constraint.fields[1:])
    return ""


def _in_one_line(row: models.Model, skip: str) -> str:
    said = (field for field in row._meta.concrete_fields if field.name not in ("id", skip))
    values = [(value.label, value.text) for value in (read_field(row, field) for field in said)]
    return ", ".join(f"{label}: {text}" for label, text in values if text)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_TITLE else f"{text[:LONGEST_TITLE].rstrip()}…"


def read_field(row: models.Model, field: models.Field) -> Value:
    """What a field of a row says, as an editor would read it out."""
    label = capfirst(str(field.verbose_name))
    if field.many_to_many:
        return Value(label, "", items=names(getattr(row, field.name).all()))
    value = getattr(row, field.name)
    if isinstance(field, RichTextField):
        return Value(label, rich_words(value), is_words=True, source=value)
    if field.choices:
        return Value(label, str(getattr(row, f"get_{field.name}_display")() or ""))
    is_words = isinstance(field, models.CharField | models.TextField) and not isinstance(field, models.URLField)
    return Value(label, in_words(value), is_words=is_words)


def in_words(value) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return when(value)
    if isinstance(value, date):
        return date_format(value, "j F Y")
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value).replace("\r\n", "\n")


# --- Rich text --------------------------------------------------------------------------------------------


class _Reader(HTMLParser):
    """Gathers words with their paragraphs, list points and the addresses of links; passes over all other marks."""

    blocks = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "blockquote", "div"))

    def __init__(self):
        super().__init__()
        self.lines: list[str] = [""]
        self._addresses: list[str] = []

    def _new_line(self):
        if self.lines[-1].strip(" •"):
            self.lines.append("")

    def handle_starttag(self, tag, attrs):
        if tag in self.blocks or tag == "br":
            self._new_line()
        if tag == "li":
            self.lines[-1] = "• "
        if tag == "a":
            self._addresses.append(dict(attrs).get("href") or "")

    def handle_endtag(self, tag):
        if tag in self.blocks:
            self._new_line()
        elif tag == "a" and self._addresses:
            address = self._addresses.pop()
            self.lines[-1] += f" ({address})" if address else ""

    def handle_data(self, data):
        self.lines[-1] += data


def rich_words(html: str) -> str:
    """Rich text as lines of plain words: one for each paragraph, heading or point."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in reader.lines)
    return "\n".join(line for line in lines if line)


# --- For the page -----------------------------------------------------------------------------------------


def marked(pieces: Iterable[Piece]) -> SafeString:
    """Pieces as HTML: escaped, with ins and del, and with words for who hears the page instead of seeing it."""
    return format_html_join("", "{}", ((_marked(piece),) for piece in pieces))


def _marked(piece: Piece) -> SafeString:
    if piece.kind == ADDED:
        tag, said = "ins", "added"
    elif piece.kind == REMOVED:
        tag, said = "del", "taken out"
    else:
        return format_html("{}", piece.text)
    text = piece.text if piece.text.strip() else piece.text.replace("\n", "¶\n").replace(" ", "␣")
    return format_html(
        '<{0}><span class="visually-hidden"> [{1}: </span>{2}<span class="visually-hidden">] </span></{0}>',
        tag,
        said,
        text,
    )
