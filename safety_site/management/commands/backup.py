"""Keep everything that editors and readers wrote in one file: the database and the uploads, while the site serves.

Names a file that does not exist yet (….zip), or a folder, where the file gets the time as its name.
"""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from safety_site.backup.archive import BackupError
from safety_site.backup.making import back_up
from safety_site.uploads import size_in_words


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("where", type=Path, metavar="DIR_OR_FILE")
        parser.add_argument("--keep", type=int, metavar="N", help="Then remove all but the newest N of the folder.")

    def handle(self, *args, where: Path, keep: int | None, **options):
        if keep is not None and keep < 1:
            raise CommandError("--keep must be 1 or more.")
        # Quiet unless somebody watches.
        with tqdm(unit="B", unit_scale=True, disable=None if options["verbosity"] else True) as bar:
            try:
                made = back_up(where, keep, bar.update)
            except BackupError as problem:
                raise CommandError(str(problem)) from None
            except KeyboardInterrupt:
                raise CommandError("Stopped. Nothing was kept of this backup.", returncode=130) from None
        if options["verbosity"]:
            size = size_in_words(made.path.stat().st_size)
            rows = sum(made.manifest.rows.values())
            self.stdout.write(f"Wrote {made.path}: {rows:,} rows, {len(made.manifest.media):,} uploads, {size}.")
            for path in made.removed:
                self.stdout.write(f"Removed {path}.")
        if made.manifest.missing:
            self.stderr.write(
                f"{len(made.manifest.missing)} uploads that pages name are not in MEDIA_ROOT and so not in the backup: "
                f"{made.manifest.missing[0]} …"
            )
