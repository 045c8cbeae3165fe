"""Where readers of a page that is taken down may be sent: to a page of this site that is there, and stays."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone

from safety_site.editions import Edition, edition_models

LONGEST = 200


def problem(withdrawal: Edition) -> str:
    """What is wrong with where a withdrawal leads, in words; empty if nothing is."""
    instead = withdrawal.withdrawal_instead
    if not instead:
        return "To send readers there at once, say where." if withdrawal.withdrawal_redirects else ""
    if not instead.isprintable() or len(instead) > LONGEST or not instead.startswith("/") or instead.startswith("//"):
        return "Start with a slash: an address on this site, for example /topics/."
    path = instead.split("#")[0].split("?")[0]
    if path == _address(withdrawal.thing):
        return "The other page is this page itself: choose another."
    answer = _answer(path)
    if answer is not None and answer.status_code in (301, 302):
        return f"That address leads on to {answer.headers['Location']}: write that one."
    if answer is None or answer.status_code != 200:
        return f"Readers would find no page at {path}: choose one that is there."
    if _will_go(path):
        return f"The page at {path} is to be taken down too: choose one that stays."
    return ""


def _address(thing) -> str:
    """A thing's own page; empty for a contact, which stands on the pages of others."""
    return thing.get_absolute_url() if hasattr(thing, "get_absolute_url") else ""


def _answer(path: str) -> HttpResponse | None:
    """What a reader gets at an address, from the view itself; None where there is no page for readers."""
    try:
        match = resolve(path)
    except Resolver404:
        return None
    if match.app_name == "admin" or match.view_name == "exit":
        return None
    request = HttpRequest()
    request.method, request.path, request.path_info, request.resolver_match = "GET", path, path, match
    request.META = {"REQUEST_METHOD": "GET", "SERVER_NAME": "localhost", "SERVER_PORT": "80", "REMOTE_ADDR": "::1"}
    try:
        answer = match.func(request, *match.args, **match.kwargs)
    except Http404:
        return None
    # Not closed: that tells Django that a request has ended, and it would give our connection back in mid-transaction.
    is_page = answer.status_code != 200 or answer.headers.get("Content-Type", "").startswith("text/html")
    return answer if is_page else None


def _will_go(path: str) -> bool:
    """Whether a withdrawal of the page at an address is approved for a time to come."""
    for model in edition_models():
        to_come = model.objects.approved().filter(is_withdrawal=True, publish_at__gt=timezone.now())
        for withdrawal in to_come.select_related(model.thing_field):
            if _address(withdrawal.thing) == path:
                return True
    return False
