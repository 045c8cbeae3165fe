"""Load the content that ships with the site: only what is missing, so that edits are kept."""

from collections.abc import Iterator
from pathlib import Path

import yaml
from auditlog.context import disable_auditlog
from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.base import DeserializationError
from django.db import IntegrityError, transaction

from safety_site import natural_keys
from safety_site.editions import Edition, EditionPart
from safety_site.kept import keep_missing
from safety_site.search_index import knows_every_stem
from safety_site.search_sources import reindex

FIXTURES = Path(settings.BASE_DIR) / "fixtures"


class Waits(Exception):
    """A file names something that is not there (yet)."""


def _rows_of(path: Path) -> Iterator:
    """The rows of a file, not saved. A former slug names its thing by slug, where the row has a number."""
    with path.open(encoding="utf-8") as stream:
        entries = yaml.load(stream, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or []  # noqa: S506
    for entry in entries:
        if "thing" in entry.get("fields", {}) and entry["model"] == "safety_site.formerslug":
            things = apps.get_model(entry["fields"]["model"])._base_manager
            thing = things.filter(slug=entry["fields"].pop("thing")).first()
            if thing is None:
                raise Waits(path.name)
            entry["fields"]["thing_id"] = thing.pk
    return serializers.deserialize("python", entries, handle_forward_references=True)


def _may_replace(row) -> bool:
    """Editions and their parts stay: what is approved is final, and the rest is somebody's work."""
    parts_of_parts = any(
        field.is_relation and issubclass(field.related_model, EditionPart) for field in row._meta.concrete_fields
    )
    return not isinstance(row, Edition | EditionPart) and not parts_of_parts


def _load_file(path: Path, replace: bool = False) -> tuple[int, int]:
    """Add what is missing of one file, all of it or nothing. Returns how many rows were added and how many kept."""
    added = kept = 0
    deferred = []
    with transaction.atomic():
        for row in _rows_of(path):
            is_there = row.object.pk is not None  # its natural key was found
            if is_there and not (replace and _may_replace(row.object)):
                kept += 1
                continue
            try:
                with transaction.atomic():
                    row.save()
            except IntegrityError as problem:
                if row.deferred_fields:  # it cannot be without what it names
                    raise Waits(path.name) from problem
                raise
            added, kept = (added, kept + 1) if is_there else (added + 1, kept)
            if row.deferred_fields:
                deferred.append(row)
        for row in deferred:
            try:
                row.save_deferred_fields()
            except DeserializationError as problem:
                raise Waits(path.name) from problem
    return added, kept


@disable_auditlog()
@transaction.atomic
def load_missing(folder: Path = FIXTURES, replace: bool = False) -> tuple[int, int, list[Path]]:
    """Add every row of the YAML fixtures below ``folder`` that is not there yet; never change one that is.

    Files in order of their names. One that names a row of a later file, or of the places (``load_places``),
    is tried again once the others are in. Returns how many rows were added, how many kept, and the files that
    still wait: nothing of those was loaded, so that the next run loads them whole. The audit list says nothing of it:
    what ships with the site has its history in the fixtures.

    With ``replace`` the rows without editions that are there take what the file says: for a site that is set up
    from an export of another.
    """
    added = kept = 0
    waiting, before = sorted(folder.rglob("*.yaml")), None
    with natural_keys.remembered() as forget:
        while waiting and waiting != before:
            before, waiting = waiting, []
            for path in before:
                try:
                    more = _load_file(path, replace)
                except Waits:
                    waiting.append(path)
                    forget()  # what this file had added is gone again
                else:
                    added, kept = added + more[0], kept + more[1]
    return added, kept, waiting


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument(
            "folder", nargs="?", type=Path, default=FIXTURES, help="Of export_content; else what ships with the site."
        )
        parser.add_argument(
            "--replace", action="store_true", help="Rows without editions that are there take what the files say."
        )

    def handle(self, *args, folder: Path, replace: bool, **options):
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}.")
        added, kept, waiting = load_missing(folder, replace)
        if added or replace or not knows_every_stem():
            reindex()
            keep_missing()
        self.stdout.write(f"Content: {added} rows added, {kept} there already.")
        for path in waiting:
            self.stderr.write(f"Content: {path.relative_to(folder)} waits for what it names: run load_places first.")
