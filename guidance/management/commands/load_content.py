"""Load the content that ships with the site: only what is missing, so that edits are kept."""

from pathlib import Path

from django.conf import settings
from django.core import serializers
from django.core.management.base import BaseCommand
from django.db import transaction

FIXTURES = Path(settings.BASE_DIR) / "fixtures"


@transaction.atomic
def load_missing(folder: Path = FIXTURES) -> tuple[int, int]:
    """Add every row of the YAML fixtures below ``folder`` that is not there yet; never change one that is.

    All or nothing, files in order of their names. Returns how many rows were added and how many kept.
    """
    added = kept = 0
    deferred = []
    for path in sorted(folder.rglob("*.yaml")):
        with path.open(encoding="utf-8") as stream:
            for row in serializers.deserialize("yaml", stream, handle_forward_references=True):
                if row.object.pk is not None:  # its natural key was found
                    kept += 1
                    continue
                row.save()
                added += 1
                if row.deferred_fields:
                    deferred.append(row)
    for row in deferred:
        row.save_deferred_fields()
    return added, kept


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args, **options):
        added, kept = load_missing()
        self.stdout.write(f"Content: {added} rows added, {kept} there already.")
