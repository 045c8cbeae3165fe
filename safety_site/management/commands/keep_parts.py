"""Render and keep what pages show of approved editions, where this release has not done so yet; part of prepare."""

from django.core.management.base import BaseCommand

from safety_site.kept import keep_missing


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args, **options):
        made = keep_missing()
        self.stdout.write(f"Kept parts: {made:,} made." if made else "Kept parts: there already.")
