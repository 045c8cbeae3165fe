"""Delete what readers wrote a year ago and nobody published, and what was counted on earlier days. For every night."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from guidance.feedback import forget


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args, **options):
        deleted, emptied = forget(timezone.now())
        self.stdout.write(f"Feedback: {deleted} answers deleted, the original words of {emptied} published ones too.")
