"""Put back what ``manage.py backup`` kept, into an empty database and an empty MEDIA_ROOT."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from safety_site.backup.archive import BackupError, Manifest
from safety_site.backup.restoring import check, restore


class Command(BaseCommand):
    help = __doc__
    # The database may not be there yet.
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--check", action="store_true", help="Only compare the file with its checksums.")
        parser.add_argument(
            "--replace", action="store_true", help="Also where something is; it is kept beside (not on PostgreSQL)."
        )

    def handle(self, *args, file: Path, check: bool, replace: bool, **options):
        kept = []
        # Quiet unless somebody watches.
        with tqdm(unit="B", unit_scale=True, disable=None if options["verbosity"] else True) as bar:

            def begin(size: int):
                bar.reset(total=size)
                return bar.update

            try:
                if check:
                    manifest = check_only(file, begin)
                else:
                    manifest, kept = restore(file, replace, begin)
            except BackupError as problem:
                raise CommandError(str(problem)) from None
            except KeyboardInterrupt:
                said = "Stopped. Restore it again, whole, before the site is served."
                raise CommandError(said, returncode=130) from None
        if options["verbosity"]:
            self.stdout.write(f"{'Whole' if check else 'Put back'}: {_in_words(manifest)}")
            for path in kept:
                self.stdout.write(f"What was there before is kept as {path}.")
            if not check:
                self.stdout.write("Everybody is signed out. Restart the site.")
                if settings.SEARCH_URL:
                    self.stdout.write("Run manage.py index_search: the search server does not know what was put back.")


check_only = check


def _in_words(manifest: Manifest) -> str:
    rows = sum(manifest.rows.values())
    return f"backup of {manifest.made_at}, {rows:,} rows, {len(manifest.media):,} uploads."
