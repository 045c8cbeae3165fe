"""Sheets: rows out to a spreadsheet and back in, by django-import-export. What comes in is never live by itself.

A sheet has one row for each thing and one column for each field, all as plain text (``safety_site.newsroom.cells``).
The columns that come out are the ones that go in, so a row that nobody touched is skipped. An import is looked at
first (every fault by row and column, every change word by word) and then done whole or not at all.
"""

import copy
import json
import logging

from diff_match_patch import diff_match_patch
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime
from import_export import fields, resources
from import_export.results import RowResult

from safety_site.models import SuggestedChange
from safety_site.newsroom.cells import Cells, cells_of, guarded, names_of, unguarded
from safety_site.newsroom.sheet_files import MOST_ROWS
from safety_site.newsroom.suggestions import LONGEST_SOURCE, changed_cells, suggestion

logger = logging.getLogger(__name__)

DIFFS_SHOWN = 100
SHORT = 40  # a cell shown whole, before and after: half a phone number is no number
LONGEST_DIFF = 2_000


def explained(field: models.Field) -> str:
    """What the cells of a field hold, in words."""
    if field.many_to_many:
        what = f"{field.related_model._meta.verbose_name_plural} by slug, with | between."
    elif field.is_relation:
        what = f"A {field.related_model._meta.verbose_name} by slug."
    elif field.choices:
        what = f"One of: {', '.join(str(value) for value, _ in field.flatchoices if value)}."
    elif isinstance(field, models.BooleanField):
        what = "yes or no; empty: unknown." if field.null else "yes or no."
    elif isinstance(field, models.DateField):
        what = "A day, for example 2026-11-22."
    elif isinstance(field, models.IntegerField):
        what = "A whole number."
    else:
        what = f"At most {field.max_length} signs." if field.max_length else ""
    help_text = str(field.help_text)
    return f"{what[:1].upper()}{what[1:]} {help_text}".strip() or "Text."


class SheetRow:
    """One row of a sheet: its cells, and the row of the database that they came from, if there is one."""

    title = ""

    def __init__(self, cells: dict[str, str], source: models.Model | None = None):
        self.cells, self.source = cells, source

    def __str__(self) -> str:
        return self.title

    def __deepcopy__(self, memo) -> "SheetRow":
        return SheetRow(dict(self.cells), self.source)


class CellField(fields.Field):
    """One column."""

    def get_value(self, instance: SheetRow) -> str:
        return instance.cells.get(self.attribute, "")

    def export(self, instance: SheetRow, **kwargs) -> str:
        return self.get_value(instance)


def marked(before: str, after: str) -> str:
    """Two texts as one, with what goes and what comes marked. Plain tags: the policy of the pages allows no styles."""
    if max(len(before), len(after)) <= SHORT:
        pieces = [(-1, before), (1, after)] if before != after else [(0, after)]
    else:
        differ = diff_match_patch()
        differ.Diff_Timeout = 0.05
        pieces = differ.diff_main(before[:LONGEST_DIFF], after[:LONGEST_DIFF])
        differ.diff_cleanupSemantic(pieces)
    tags = {-1: "<del>{}</del>", 0: "{}", 1: "<ins>{}</ins>"}
    html = format_html_join("", "{}", ((format_html(tags[kind], text),) for kind, text in pieces if text))
    return html if max(len(before), len(after)) <= LONGEST_DIFF else format_html("{} …", html)


class ChangedCells:
    """The cells of a row that an import would change, marked; the library's ``Diff``, without the others."""

    def __init__(self, resource: "SheetResource", instance: SheetRow, new: bool):
        self.resource, self.before, self.new = resource, {} if new else dict(instance.cells), new

    def compare_with(self, resource: "SheetResource", instance: SheetRow) -> None:
        self.after = dict(instance.cells)

    def as_html(self) -> list[tuple[str, str]] | None:
        """Columns with their marked texts; None for a row of which nothing is shown."""
        changed = {name: text for name, text in self.after.items() if self.before.get(name, "") != text}
        if not changed or self.resource.diffs_shown >= DIFFS_SHOWN:
            return None
        self.resource.diffs_shown += 1
        return [(name, marked(self.before.get(name, ""), text)) for name, text in changed.items()]


class SheetLoader:
    """Finds the row that a row of the sheet is about, by its key columns; all are read once."""

    def __init__(self, resource: "SheetResource", dataset=None):
        self.resource, self.rows = resource, resource.rows_by_key()

    def get_instance(self, row: dict[str, str]) -> SheetRow | None:
        source = self.rows.get(self.resource.key_of(row))
        return SheetRow(self.resource.cells_of(source), source) if source is not None else None


class SheetResource(resources.Resource):
    """What all sheets share. A concrete one says its columns, its key, and what becomes of a row."""

    columns: list[str] = []
    key: list[str] = []
    most_rows = MOST_ROWS
    # What becomes of the rows, in words for the page.
    becomes = ""

    class Meta:
        using_db = "default"
        use_transactions = True
        skip_unchanged = True
        report_skipped = False
        instance_loader_class = SheetLoader

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.fields = {name: CellField(attribute=name, column_name=name) for name in self.columns}
        self.diffs_shown = 0
        self._seen: dict[tuple, int] = {}

    # --- For a concrete sheet to say ---

    def rows_by_key(self) -> dict[tuple, models.Model]:
        """Every row that a sheet can be about."""
        raise NotImplementedError

    def cells_of(self, source: models.Model) -> dict[str, str]:
        raise NotImplementedError

    def read_cells(self, instance: SheetRow, changed: dict[str, str]) -> None:
        """Understand the changed cells, put them right (“Yes” is “yes”), or raise a ValidationError by column."""
        raise NotImplementedError

    def keep(self, instance: SheetRow, is_new: bool) -> None:
        """Store what the row says as a draft or a suggestion."""
        raise NotImplementedError

    def is_kept_already(self, instance: SheetRow, original: SheetRow) -> bool:
        """Whether the same draft or suggestion waits already."""
        return False

    def explain(self, name: str) -> str:
        """What a column holds, for the page of the import."""
        return ""

    # --- The library's hooks ---

    def key_of(self, row: dict[str, str]) -> tuple:
        cells = []
        for name in self.key:
            try:
                cells.append(unguarded(row.get(name) or ""))
            except ValueError:
                cells.append("")
        return tuple(cells)

    @classmethod
    def get_display_name(cls) -> str:
        return cls.__name__

    @classmethod
    def get_diff_class(cls):
        return ChangedCells

    def get_import_id_fields(self) -> list[str]:
        return self.key

    def init_instance(self, row=None) -> SheetRow:
        return SheetRow({})

    def before_import(self, dataset, **kwargs) -> None:
        self.author = kwargs["user"]
        stamp = f", {localtime(timezone.now()):%-d %B %Y %H:%M:%S}"
        self.source = f"{kwargs['file_name'][: LONGEST_SOURCE - len(stamp)]}{stamp}"
        self.numbers = kwargs["numbers"]

    def before_import_row(self, row, **kwargs) -> None:
        number, key = self.numbers[kwargs["row_number"] - 1], self.key_of(row)
        if self._seen.setdefault(key, number) != number:
            what = ", ".join(self.key)
            raise ValidationError({self.key[-1]: f"Row {self._seen[key]} is about the same {what}."})

    def import_instance(self, instance: SheetRow, row, **kwargs) -> None:
        before, problems, cells = dict(instance.cells), {}, {}
        for name, text in row.items():
            try:
                cells[name] = unguarded(text or "")
            except ValueError as problem:
                problems[name] = [str(problem)]
        instance.cells.update(cells)
        if not instance.source:
            cells = {**dict.fromkeys(self.columns, ""), **cells}
        changed = cells if not instance.source else changed_cells(before, cells)
        try:
            self.read_cells(instance, {name: text for name, text in changed.items() if name not in problems})
        except ValidationError as problem:
            told = problem.message_dict if hasattr(problem, "error_dict") else {NON_FIELD_ERRORS: problem.messages}
            # A cell that could not be read is not also told to be empty.
            problems = {**told, **problems}
        if problems:
            raise ValidationError(problems)

    def skip_row(self, instance: SheetRow, original: SheetRow, row, import_validation_errors=None) -> bool:
        if import_validation_errors:
            return False
        if instance.source and not changed_cells(original.cells, instance.cells):
            return True
        return self.is_kept_already(instance, original)

    def validate_instance(self, instance, import_validation_errors=None, validate_unique=True) -> None:
        if import_validation_errors:
            raise ValidationError(import_validation_errors)
        # ``read_cells`` has looked at the rest.

    def save_instance(self, instance: SheetRow, is_create: bool, row, **kwargs) -> None:
        self.keep(instance, is_create)

    def import_row(self, row, instance_loader, **kwargs) -> RowResult:
        result = super().import_row(row, instance_loader, **kwargs)
        for error in result.errors:
            logger.error("A row of a sheet could not be imported", exc_info=error.error)
        return result

    def export_resource(self, instance: models.Model, selected_fields=None, **kwargs) -> list[str]:
        cells = self.cells_of(instance)
        return [guarded(cells[name]) for name in self.columns]


def _said(cells: dict[str, str]) -> str:
    return json.dumps(cells, sort_keys=True)


class RowSheet(SheetResource):
    """A sheet of rows without editions: what comes in waits as suggested changes."""

    model: type[models.Model]
    becomes = "Each new or changed row becomes a suggestion. Readers see nothing of it until a publisher accepts it."

    class Meta(SheetResource.Meta):
        # One row that fails fails the file, so no row needs a savepoint of its own.
        use_bulk = True

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self._cells = Cells(self.model)
        self._suggestions: list[SuggestedChange] = []
        self._waiting: set[tuple[int | None, str]] | None = None
        keys = set(self.key)
        self._other_unique = any(
            field.unique and not field.primary_key and field.name not in keys for field in self.model._meta.fields
        )

    def rows_by_key(self) -> dict[tuple, models.Model]:
        rows = self.related(self.model._base_manager.all())
        return {tuple(cells_of(row, self.key)[name] for name in self.key): row for row in rows}

    def related(self, rows):
        """With what their cells name, so that a long sheet asks for all of it at once."""
        wanted = [self.model._meta.get_field(name) for name in self.columns]
        return rows.select_related(
            *(field.name for field in wanted if field.many_to_one)
        ).prefetch_related(*(field.name for field in wanted if field.many_to_many))  # fmt: skip

    def filter_export(self, queryset, **kwargs):
        return self.related(queryset)

    def cells_of(self, source: models.Model) -> dict[str, str]:
        return cells_of(source, self.columns)

    def explain(self, name: str) -> str:
        return explained(self.model._meta.get_field(name))

    def read_cells(self, instance: SheetRow, changed: dict[str, str]) -> None:
        row = copy.copy(instance.source) if instance.source else self.model()
        if not instance.source:
            # An empty cell of a new row is what a new row has by itself.
            fresh = cells_of(row, self.columns)
            changed = {name: text or fresh[name] for name, text in changed.items()}
        many = self._cells.put(row, changed)
        if not changed:
            return
        row.full_clean(validate_unique=self._other_unique)
        instance.cells.update(cells_of(row, changed, many))
        if not instance.source:
            required = {
                field.name: "This cannot be empty."
                for field in self.model._meta.many_to_many
                if not field.blank and not many.get(field.name)
            }
            if required:
                raise ValidationError(required)
        instance.title = str(row)

    def _suggestion(self, instance: SheetRow, before: dict[str, str]) -> SuggestedChange | None:
        return suggestion(self.model, instance.source, before, instance.cells, self.author, self.source, instance.title)

    def is_kept_already(self, instance: SheetRow, original: SheetRow) -> bool:
        if self._waiting is None:
            of_model = SuggestedChange.objects.waiting().filter(
                content_type=ContentType.objects.get_for_model(self.model)
            )
            self._waiting = {(key, _said(after)) for key, after in of_model.values_list("object_id", "after")}
        instance.suggested = self._suggestion(instance, original.cells)
        if instance.suggested is None:
            return True
        return (instance.suggested.object_id, _said(instance.suggested.after)) in self._waiting

    def keep(self, instance: SheetRow, is_new: bool) -> None:
        self._suggestions.append(instance.suggested)

    def after_import(self, dataset, result, **kwargs) -> None:
        if not kwargs["dry_run"] and not result.has_errors() and not result.has_validation_errors():
            SuggestedChange.objects.bulk_create(self._suggestions, batch_size=500)


def row_sheet(model: type[models.Model], key: list[str], most_rows: int = MOST_ROWS) -> type[RowSheet]:
    """The sheet of a model without editions; ``key`` are the columns that say which row is meant."""
    columns = [*key, *(name for name in names_of(model) if name not in key)]
    shape = {"model": model, "columns": columns, "key": key, "most_rows": most_rows}
    return type(f"{model.__name__}Sheet", (RowSheet,), shape)


def rows_without_columns(result, numbers: list[int]) -> list[tuple[int, str, str]]:
    """Every fault of a file as (row, column, words), in the order of the file."""
    faults = []
    for invalid in result.invalid_rows:
        for column, words in invalid.error_dict.items():
            where = "" if column == NON_FIELD_ERRORS else column
            faults += [(numbers[invalid.number - 1], where, text) for text in words]
    for failed in result.error_rows:
        faults.append((numbers[failed.number - 1], "", "This row cannot be imported. Look at it for odd values."))
    return sorted(faults)
