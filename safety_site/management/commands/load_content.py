"""Load the content that ships with the site: only what is missing, so that edits are kept."""

from pathlib import Path

from auditlog.context import disable_auditlog
from django.conf import settings
from django.core import serializers
from django.core.management.base import BaseCommand
from django.core.serializers.base import DeserializationError
from django.db import IntegrityError, transaction

from safety_site.models import SearchEntry
from safety_site.search_sources import reindex

FIXTURES = Path(settings.BASE_DIR) / "fixtures"


class Waits(Exception):
    """A file names something that is not there (yet)."""


def _load_file(path: Path) -> tuple[int, int]:
    """Add what is missing of one file, all of it or nothing. Returns how many rows were added and how many kept."""
    added = kept = 0
    deferred = []
    with path.open(encoding="utf-8") as stream, transaction.atomic():
        for row in serializers.deserialize("yaml", stream, handle_forward_references=True):
            if row.object.pk is not None:  # its natural key was found
                kept += 1
                continue
            try:
                with transaction.atomic():
                    row.save()
            except IntegrityError as problem:
                if row.deferred_fields:  # it cannot be without what it names
                    raise Waits(path.name) from problem
                raise
            added += 1
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
def load_missing(folder: Path = FIXTURES) -> tuple[int, int, list[Path]]:
    """Add every row of the YAML fixtures below ``folder`` that is not there yet; never change one that is.

    Files in order of their names. One that names a row of a later file, or of the places (``load_places``),
    is tried again once the others are in. Returns how many rows were added, how many kept, and the files that
    still wait: nothing of those was loaded, so that the next run loads them whole. The audit list says nothing of it:
    what ships with the site has its history in the fixtures.
    """
    added = kept = 0
    waiting, before = sorted(folder.rglob("*.yaml")), None
    while waiting and waiting != before:
        before, waiting = waiting, []
        for path in before:
            try:
                more = _load_file(path)
            except Waits:
                waiting.append(path)
            else:
                added, kept = added + more[0], kept + more[1]
    return added, kept, waiting


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args, **options):
        added, kept, waiting = load_missing()
        if added or not SearchEntry.objects.exists():
            reindex()
        self.stdout.write(f"Content: {added} rows added, {kept} there already.")
        for path in waiting:
            self.stderr.write(f"Content: {path.relative_to(FIXTURES)} waits for what it names: run load_places first.")
