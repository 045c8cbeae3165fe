"""Load the authorities, outward codes and postcodes that ship with the site; at once done if they are there."""

from django.core.management.base import BaseCommand

from reporting.shipped import load_places


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args, **options):
        source = load_places()
        if source is None:
            self.stdout.write("Places: there already.")
        elif source.is_whole:
            self.stdout.write(f"Places: authorities loaded; the postcodes of {source.name} kept.")
        else:
            self.stdout.write(f"Places: authorities, outward codes and {source.rows:,} postcodes loaded.")
