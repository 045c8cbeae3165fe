"""Bring this copy of the site up to date before it is served; for ``make run``, and for each deployment."""

import logging
import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from safety_site import private
from safety_site.newsroom import roles
from safety_site.release import release

EDITOR = "editor"


def make_first_editor() -> str | None:
    """An editor who may do everything, with a random password that is returned once; none if there is a user."""
    users = get_user_model().objects
    if users.exists():
        return None
    password = secrets.token_urlsafe(12)
    editor = users.create_superuser(EDITOR, password=password)
    editor.groups.set(Group.objects.filter(name=roles.ADMINISTRATOR))
    return password


def static_files_are_fresh() -> bool:
    """Whether every static file was collected since it last changed: collecting takes seconds, looking none."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not manifest.exists():
        return False
    sources = (Path(storage.path(name)) for finder in get_finders() for name, storage in finder.list([]))
    newest = max(max(source.stat().st_mtime, source.parent.stat().st_mtime) for source in sources)
    return newest < manifest.stat().st_mtime


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, help="For the address printed at the end.")

    def handle(self, *args, port: int | None = None, **options):
        # The pool would tell the same failure many times over; one sentence is enough.
        logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
        for said in private.close_all():
            self.stdout.write(said)
        try:
            connection.ensure_connection()
        except Exception as problem:
            raise CommandError(
                f"The database does not answer: check DATABASE_URL and that the server runs ({type(problem).__name__})."
            ) from None
        try:
            call_command("migrate", verbosity=0)
        except OperationalError as problem:
            raise CommandError(f"The database could not be brought up to date: {problem}") from None
        roles.bring_up_to_date()
        # Before anything is rendered to be kept: the names of static files are part of the release that it is kept for.
        if not static_files_are_fresh():
            call_command("collectstatic", interactive=False, verbosity=0)
            release.cache_clear()
        call_command("load_places", stdout=self.stdout)
        call_command("load_content", stdout=self.stdout)
        call_command("keep_parts", stdout=self.stdout)
        password = make_first_editor()
        if password:
            self.stdout.write(f"Editor login, shown only now:  name {EDITOR}   password {password}")
        if port:
            site = f"http://127.0.0.1:{port}/"
            self.stdout.write(f"\nThe site:            {site}\nThe editors’ pages:  {site}{settings.ADMIN_PATH}/")
            self.stdout.write("Stop with Ctrl+C. Run make run again to come back: edits are kept.\n")
