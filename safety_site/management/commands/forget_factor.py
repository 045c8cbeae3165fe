"""Remove the second factor of one editor who lost phone and recovery codes, where no administrator can do it."""

from django.core.management.base import BaseCommand, CommandError

from safety_site.doors.factors import forget_factor


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("username")

    def handle(self, *args, username: str, **options):
        if not forget_factor(username):
            raise CommandError(f"Nobody is called {username!r}.")
        self.stdout.write(f"{username} signs in with the password alone, and sets up a new second factor then.")
