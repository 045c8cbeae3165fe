"""Running the commands of the directory, for the tests."""

import io

from django.core.management import call_command


def say(command: str, *arguments, **options) -> str:
    """What a command prints."""
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out, **options)
    return out.getvalue()
