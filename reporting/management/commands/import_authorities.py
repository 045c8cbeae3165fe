"""Add and change authorities from a csv file; by default the one that ships. None is ever deleted.

Columns by name: slug, gss_code, name, council_name, nation, tier; and, where the file has them, name_cy, parent,
children_services, started_on, ended_on, succeeded_by (slugs or codes; two after a split).
"""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from reporting.authority_data import import_authorities
from reporting.importing import WrongFile
from reporting.shipped import AUTHORITIES, FORMER_CODES


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", type=Path, default=AUTHORITIES)
        parser.add_argument("--former-codes", type=Path, help="A csv file: code, name, authority, change, ended_on.")

    def handle(self, *args, file: Path, former_codes: Path | None, **options):
        if file == AUTHORITIES:
            former_codes = former_codes or FORMER_CODES
        try:
            report = import_authorities(file, former_codes)
        except WrongFile as problem:
            raise CommandError(str(problem)) from None
        for what, names in (
            ("added", report.added),
            ("changed", report.changed),
            ("not in the file, kept", report.not_in_file),
        ):
            some = ", ".join(names[:10]) + (" …" if len(names) > 10 else "")
            self.stdout.write(f"Authorities {what}: {len(names)}{f' ({some})' if names else ''}.")
        self.stdout.write(f"Former codes added: {report.former_codes}.")
