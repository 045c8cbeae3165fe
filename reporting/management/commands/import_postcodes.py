"""Load every postcode from the ONS Postcode Directory (ONSPD) or the National Statistics Postcode Lookup (NSPL).

FILE is the zip or the csv as published, of any edition. The site answers from the old table until the new one is
loaded and verified; a wrong file changes nothing.
"""

import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from reporting.importing import WrongFile, import_postcodes


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--part",
            action="store_true",
            help="The file is only a part of the country, to try things out: do not insist on all postcodes.",
        )

    def handle(self, *args, file: Path, part: bool, **options):
        started = time.monotonic()

        def progress(rows: int, share: float) -> None:
            if options["verbosity"]:
                self.stdout.write(f"{rows:>10,} rows read, {share:.0%} of the file")

        try:
            report = import_postcodes(file, is_part=part, progress=progress)
        except WrongFile as problem:
            raise CommandError(str(problem)) from None
        changes, census = report.changes, report.census
        self.stdout.write(
            f"{report.name}: {changes.rows:,} postcodes in {time.monotonic() - started:.0f} seconds.\n"
            f"Changed since the last import: {changes.added:,} new, {changes.removed:,} gone, "
            f"{changes.moved:,} in another authority, {changes.status:,} came into use or went out of it.\n"
            f"Without an authority: {census.without_authority:,}. Channel Islands and Isle of Man: "
            f"{census.outside_uk:,}. Left out, Northern Ireland: {census.northern_ireland:,}."
        )
