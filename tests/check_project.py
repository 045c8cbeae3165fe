"""Checks of the project as a whole that are no test of behaviour: ``python -m tests.check_project``.

Every model change has its migration, and ``check --deploy`` finds nothing under production settings.
"""

import os
import sys

import django
from django.core.management import call_command


def main() -> None:
    os.environ.update(
        DJANGO_SETTINGS_MODULE="safety_site.settings",
        SECRET_KEY="only-for-this-check-" + "9fK2mQ7xLs4TvB8nRw3Zc6Yd1Hj5Gp0A" * 2,
        DEBUG="off",
        HTTPS_ONLY="on",
        ALLOWED_HOSTS="families.example",
        SITE_URL="https://families.example",
        DATABASE_URL="sqlite:///:memory:",
    )
    django.setup()
    call_command("makemigrations", "--check", "--dry-run")
    call_command("check", "--deploy", "--fail-level", "WARNING")


if __name__ == "__main__":
    sys.exit(main())
