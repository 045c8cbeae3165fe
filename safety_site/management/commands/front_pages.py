"""``manage.py front_pages DIR``: the few pages that nginx shows by itself."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from safety_site import front_pages


class Command(BaseCommand):
    help = (
        "Write into DIR the pages that the server in front shows by itself (too large, too often, not readable, site "
        "away) and their headers. Say it again after each release and each change of the settings, then reload nginx."
    )
    # The site may be away when they are needed most.
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser):
        parser.add_argument("folder", metavar="DIR", type=Path)

    def handle(self, *, folder: Path, verbosity: int, **options):
        try:
            names = front_pages.write(folder)
        except OSError as problem:
            raise CommandError(f"{folder} cannot be written: {problem.strerror}.") from problem
        if verbosity:
            self.stdout.write(f"Written to {folder}: {', '.join(names)}.")
