"""The way out: where it leads, the lines in <head> that it needs before first paint, and /exit/.

Its other halves are ``exit_guard.js`` (beside this file, inlined into every page) and
``static/js/quick-exit.js``. ``/leaving-no-trace/`` explains it to visitors.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from safety_site.icons import tab_icon_address

# Big, dull sites that anybody may have open; a wrong or hostile address would give a visitor away.
ALLOWED_HOSTS = frozenset({"www.bbc.co.uk", "www.metoffice.gov.uk", "www.google.co.uk", "www.wikipedia.org"})


class ExitAddressError(ValueError):
    """The exit address is one that must not be used; the message says what to set."""


def checked_exit_url(url: str, also_allowed: list[str] = ()) -> str:
    """The exit address, if it may be used.

    Raises ExitAddressError unless it is an https address without a user name or port, on a host of
    ALLOWED_HOSTS or of ``also_allowed``.
    """
    # urlsplit drops line breaks and spaces at the ends, a header and a link would not.
    if not re.fullmatch("[!-~]+", url):
        raise ExitAddressError("QUICK_EXIT_URL is empty or holds a space or an odd character: set https://…")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ExitAddressError(f"QUICK_EXIT_URL is not an address: {url!r}. Set it to https://…") from None
    if parts.scheme != "https" or not parts.hostname:
        raise ExitAddressError(f"QUICK_EXIT_URL must be a whole address that begins with https://, not {url!r}.")
    if parts.netloc != parts.hostname:
        raise ExitAddressError(
            "QUICK_EXIT_URL must hold no user name, password, port or capital letter in the name of its host: "
            "set a plain address."
        )
    if parts.hostname not in ALLOWED_HOSTS.union(also_allowed):
        raise ExitAddressError(
            f"QUICK_EXIT_URL leads to {parts.hostname}, which is not on the list of neutral sites: choose one of "
            f"{', '.join(sorted(ALLOWED_HOSTS))}, or add the host to QUICK_EXIT_ALSO_ALLOWED_HOSTS."
        )
    return url


def _without_comments(script: str) -> str:
    """The script without its lines of comment: they explain it here, and would cost bytes on every page."""
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


# The policy allows these very bytes by their hash.
EXIT_GUARD = _without_comments((Path(__file__).parent / "exit_guard.js").read_text(encoding="utf-8"))


def guard_script() -> SafeString:
    """The guard as an element for <head>, before any content.

    It reads from its own tag where to go, and a small picture by which to ask whether our server answers.
    """
    return format_html(
        '<script data-to="{}" data-ask="{}">{}</script>',
        settings.QUICK_EXIT_URL,
        static("img/icon.svg"),
        mark_safe(EXIT_GUARD),  # noqa: S308 - our own file, read at start
    )


def context(request: HttpRequest) -> dict[str, object]:
    """For every template: the exit address, the guard, and the picture of the tab."""
    return {
        "quick_exit_url": settings.QUICK_EXIT_URL,
        "exit_guard": guard_script(),
        "tab_icon": tab_icon_address(),
    }


@require_safe
def leave(request: HttpRequest) -> HttpResponse:
    """303 to the neutral site; tells the browser to forget what this site may have stored."""
    response = HttpResponse(status=303, headers={"Location": settings.QUICK_EXIT_URL})
    response["Clear-Site-Data"] = '"cookies", "storage"'
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
