"""Make the search index anew: after OpenSearch is switched on, or when the index was lost."""

from django.core.management.base import BaseCommand

from safety_site.search_sources import reindex


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args, **options):
        self.stdout.write(f"Search: {reindex():,} entries.")
