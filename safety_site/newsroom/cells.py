"""The fields of a row as plain text, each as it would stand in one cell of a spreadsheet, and back.

Suggested changes and sheets both speak in cells: a date is ``2026-11-22``, a yes is ``yes``, another row is its slug,
several rows are their slugs with `` | `` between. A cell that nobody touched reads the same as before.
"""

import re
from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, FieldDoesNotExist, ValidationError
from django.db import models

BETWEEN = " | "
YES, NO = "yes", "no"
_YES_WORDS, _NO_WORDS = {"yes", "y", "true", "1", "on"}, {"no", "n", "false", "0", "off"}

# What a spreadsheet program runs when it stands first in a cell.
_RUNS = "=+-@\t\r"


class NotACell(ValueError):
    """A cell that cannot be read, with the reason in words."""


def neat(text: str) -> str:
    """Text as a form would clean it: no blanks at its ends, one kind of line ending."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def guarded(text: str) -> str:
    """A cell that no spreadsheet program runs: an apostrophe goes before what it would take for a formula."""
    return f"'{text}" if re.match(rf"'*[{re.escape(_RUNS)}]", text) else text


def unguarded(text: str) -> str:
    """The words of a cell that came in a file. A formula is refused; a number that begins with a plus is none."""
    if re.match(rf"'+[{re.escape(_RUNS)}]", text):
        return neat(text[1:])
    text = neat(text)
    if text and text[0] in _RUNS and not re.fullmatch(r"[+-][\d\s().-]+", text.split("|")[0]):
        raise NotACell(
            f"This begins with “{text[0]}”, so a spreadsheet program would run it as a formula. "
            "If it is meant as words, put an apostrophe (') before it."
        )
    return text


def fields_of(model: type[models.Model]) -> list[models.Field]:
    """The fields of a row that content is made of: not its key, not who owns or wrote it."""
    return [
        field
        for field in (*model._meta.fields, *model._meta.many_to_many)
        if field.editable
        and not field.primary_key
        and not (field.is_relation and field.related_model._meta.label == settings.AUTH_USER_MODEL)
    ]


def names_of(model: type[models.Model]) -> list[str]:
    return [field.name for field in fields_of(model)]


def label_of(model: type[models.Model], name: str) -> str:
    """A field as editors know it; the name itself where no field has it any more."""
    try:
        label = str(model._meta.get_field(name).verbose_name)
    except FieldDoesNotExist:
        label = name.replace("_", " ")
    return label[:1].upper() + label[1:]


def _text(value) -> str:
    """One value as text; another row by its slug."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, models.Model):
        return " ".join(str(part) for part in value.natural_key())
    return neat(value.isoformat() if hasattr(value, "isoformat") else str(value))


def cell_of(field: models.Field, row: models.Model, chosen: Iterable[models.Model] | None = None) -> str:
    """One field of a row as a cell. ``chosen`` are the rows of a many-to-many field that is not saved yet."""
    if field.many_to_many:
        if chosen is None:
            chosen = getattr(row, field.name).all() if row.pk else ()
        return BETWEEN.join(sorted(_text(each) for each in chosen))
    return _text(getattr(row, field.name))


def cells_of(row: models.Model, names: Iterable[str] | None = None, chosen: dict | None = None) -> dict[str, str]:
    """A row as cells by the name of the field. ``chosen`` holds the rows of many-to-many fields, by field."""
    wanted = set(names_of(type(row)) if names is None else names)
    return {
        field.name: cell_of(field, row, (chosen or {}).get(field.name))
        for field in fields_of(type(row))
        if field.name in wanted
    }


def several(text: str) -> list[str]:
    """The parts of a cell that holds several, each once, in order."""
    return list(dict.fromkeys(part.strip() for part in re.split(r"[|\n]", text) if part.strip()))


def _choice(field: models.Field, text: str) -> str:
    """A value of a fixed list, by its value or by the words that editors see."""
    words = text.casefold()
    for value, label in field.flatchoices:
        if words in (str(value).casefold(), str(label).casefold()):
            return value
    known = ", ".join(str(value) for value, _ in field.flatchoices if value != "")
    raise NotACell(f"“{text}” is not one of: {known}.")


class Cells:
    """Reads cells into rows of one model. It keeps the rows that they name, so that a long sheet asks for all once."""

    def __init__(self, model: type[models.Model]):
        self.model = model
        self.fields = {field.name: field for field in fields_of(model)}
        self._named: dict[type, dict[str, models.Model]] = {}

    def _row_named(self, model: type[models.Model], slug: str) -> models.Model:
        if model not in self._named:
            self._named[model] = {_text(row): row for row in model._base_manager.all()}
        if slug not in self._named[model]:
            raise NotACell(f"There is no {model._meta.verbose_name} “{slug}”.")
        return self._named[model][slug]

    def value(self, name: str, text: str):
        """What a cell says, as the field holds it; a list of rows for a field of many."""
        field = self.fields[name]
        if field.many_to_many:
            return [self._row_named(field.related_model, slug) for slug in several(text)]
        if field.is_relation:
            return self._row_named(field.related_model, text) if text else None
        if isinstance(field, models.BooleanField):
            return self._yes_or_no(field, text)
        if text == "":
            return None if field.null else field.get_default() if not field.empty_strings_allowed else ""
        if field.choices:
            return _choice(field, text)
        try:
            return field.to_python(text)
        except ValidationError as problem:
            raise NotACell(" ".join(problem.messages)) from None

    def _yes_or_no(self, field: models.BooleanField, text: str) -> bool | None:
        if text.casefold() in _YES_WORDS:
            return True
        if text.casefold() in _NO_WORDS:
            return False
        if text == "" and field.null:
            return None
        raise NotACell(f"Write {YES} or {NO}, not “{text}”.")

    def put(self, row: models.Model, cells: dict[str, str]) -> dict[str, list[models.Model]]:
        """Set what the cells say on an unsaved row; returns what belongs into its fields of many.

        Raises a ValidationError by field where a cell cannot be read.
        """
        problems, many = {}, {}
        for name, text in cells.items():
            if name not in self.fields:
                problems[NON_FIELD_ERRORS] = [f"There is no field “{name}” any more."]
                continue
            try:
                value = self.value(name, text)
            except NotACell as problem:
                problems[name] = [str(problem)]
                continue
            if self.fields[name].many_to_many:
                many[name] = value
            else:
                setattr(row, name, value)
        if problems:
            raise ValidationError(problems)
        return many
