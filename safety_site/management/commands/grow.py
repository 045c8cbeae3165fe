"""Make a scratch site as large as it may ever become, from made-up content, to measure it.

DATABASE is a file that is not there yet (for SQLite), or postgres://user:password@host/name of a database without a
single table. The site's own database is never touched: where anything is, nothing is written.
"""

import logging
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from tqdm import tqdm

from safety_site.growing import SEED, NotEmpty, Numbers, found_site, grow, refuse_unless_empty

SERVERS = ("postgres://", "postgresql://")


class Command(BaseCommand):
    help = __doc__
    # The database of the settings is not the one that this is about.
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("database", metavar="DATABASE", help="A new file, or postgres://… of an empty database.")
        usual = Numbers()
        for name, help in (
            ("topics", "topics"),
            ("apps", "apps and games"),
            ("guides", "guides to parental controls"),
            ("contacts", "contacts"),
            ("national", "of the contacts, for the whole country or whole nations"),
            ("postcodes", "postcodes in all"),
        ):
            default = getattr(usual, name)
            parser.add_argument(f"--{name}", type=int, default=default, help=f"How many {help} (default: {default}).")
        parser.add_argument("--seed", type=int, default=SEED, help="Another number makes other words.")
        parser.add_argument("--search", action="store_true", help="Make the search index too; this takes longest.")
        parser.add_argument("--here", action="store_true", help="Used by the command itself.")

    def handle(self, *args, database: str, here: bool, seed: int, search: bool, **options):
        numbers = Numbers(**{name: options[name] for name in Numbers.__dataclass_fields__})
        if min(vars(numbers).values()) < 0:
            raise CommandError("The numbers must be 0 or more.")
        if not here:
            more = [f"--{name}={options[name]}" for name in Numbers.__dataclass_fields__]
            _go_on_there(database, [*more, f"--seed={seed}", f"-v{options['verbosity']}", *["--search"] * search])
            return
        started = time.monotonic()
        # The pool would tell the same failure many times over; one sentence is enough.
        logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
        try:
            refuse_unless_empty()
        except NotEmpty as problem:
            raise CommandError(str(problem)) from None
        except OperationalError as problem:
            raise CommandError(f"The database does not answer: {problem}") from None
        found_site()
        try:
            grow(numbers, _bar(shown=options["verbosity"] > 0), seed=seed, search=search)
        except ValueError as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(f"Made up in {time.monotonic() - started:.0f} seconds, on {connection.vendor}.")


def _go_on_there(database: str, arguments: list[str]) -> None:
    """The same command in a process whose only database is the named one."""
    if database.startswith(SERVERS):
        address = database
    else:
        file = Path(database).absolute()
        if "://" in database or not file.parent.is_dir():
            raise CommandError("Name a new file in a folder that is there, or postgres://user:password@host/name.")
        if file.exists():
            raise CommandError(f"{file.name} is there already: name a new file. Nothing was changed.")
        address = f"sqlite:///{file}"
    environment = {**os.environ, "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "safety_site.settings"}
    # The address goes by the environment: it may hold a password, which a list of processes would show.
    command = [sys.executable, "manage.py", "grow", "--here", "DATABASE_URL", *arguments]
    done = subprocess.run(command, env=environment, cwd=settings.BASE_DIR, check=False)  # noqa: S603
    if done.returncode:
        raise CommandError("Nothing was made up.", returncode=done.returncode)


def _bar(*, shown: bool):
    """Progress bars on standard error; none unless somebody watches."""

    @contextmanager
    def bar(total: int, what: str):
        with tqdm(total=total, desc=what, disable=None if shown else True) as progress:
            yield progress.update

    return bar
