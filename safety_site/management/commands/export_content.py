"""Write all content as YAML files that load_content loads again to the same site."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from safety_site.content_files import NotOurs, export_content


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="A new or empty folder, or an earlier export, which it replaces.")

    def handle(self, *args, folder: Path, **options):
        try:
            rows = export_content(folder)
        except (NotOurs, OSError) as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(f"Content: {rows:,} rows written to {folder}.")
