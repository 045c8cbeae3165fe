"""List the pages whose review is overdue or due in 30 days; with --email, write to their owners. For cron, weekly.

Pages without an owner go to REVIEW_EMAIL. Nobody gets an empty mail.
"""

from smtplib import SMTPException

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from safety_site.review_mail import as_text, due, mails


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--email", action="store_true", help="Write to each owner instead of printing.")

    def handle(self, *args, email: bool, **options):
        if not email:
            self.stdout.write(as_text(due()) or "Nothing is due for review.")
            return
        if not settings.EMAIL_URL:
            raise CommandError("EMAIL_URL is not set, so no mail can be sent: see “Settings” in README.md.")
        found = mails()
        failed = [message for message in found.messages if not _is_sent(message)]
        if options["verbosity"]:
            self.stdout.write(f"Mails sent: {len(found.messages) - len(failed)}.")
        if failed:
            raise CommandError(f"{len(failed)} of {len(found.messages)} mails could not be sent: check EMAIL_URL.")
        if found.without_reader:
            raise CommandError(
                f"{found.without_reader} due pages have no owner who can be written to: set REVIEW_EMAIL."
            )


def _is_sent(message) -> bool:
    """One address that does not work must not keep the others from their mail."""
    try:
        return bool(message.send())
    except (SMTPException, OSError, ValueError):
        return False
