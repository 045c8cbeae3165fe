"""How many wrong passwords, and wrong codes of a second factor, the editors' login takes.

Three rules, each with its own wait; a try while one of them holds is refused unread and does not make it longer.

- *One name from one address*: five in fifteen minutes. Somebody forgot their password, or guesses.
- *One name from anywhere*: fifty in an hour, from many addresses. The name then signs in only from addresses where it
  did so in the last thirty days, so that nobody can lock an editor out of their own office from afar.
- *One address, any name*: a hundred in fifteen minutes. Names that signed in from that address in the last thirty
  days go on as usual: an office behind one proxy is not locked out by one person or one machine in it.

A name that nobody has is counted and refused in the same words. django-axes calls this as its handler; it keeps each
failure with its moment (AccessFailureLog), which its own handler does not count by.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from axes.handlers.base import AbstractAxesHandler, AxesBaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_client_session_hash, get_client_username
from axes.models import AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from safety_site.doors import audit
from safety_site.doors.factors import device_of
from safety_site.rate_limit import address_of

#: How long an address is known for a name, and how long the sign-ins themselves are kept.
KNOWN_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Rule:
    """So many failures with the same values of some fields, within a time, and the wait that follows."""

    fields: tuple[str, ...]
    limit: int
    within: timedelta
    wait: timedelta
    spares_known: bool


RULES = (
    Rule(("username", "ip_address"), 5, timedelta(minutes=15), timedelta(minutes=15), spares_known=False),
    Rule(("username",), 50, timedelta(hours=1), timedelta(hours=1), spares_known=True),
    Rule(("ip_address",), 100, timedelta(minutes=15), timedelta(minutes=15), spares_known=True),
)


def client_address(request: HttpRequest) -> str | None:
    """Whom a failure is counted under: never a header that a visitor could have written (``rate_limit``)."""
    address = address_of(request)
    return None if address == "unknown" else address.removesuffix("/64")


def is_known(username: str, address: str | None, now: datetime) -> bool:
    """Whether a name signed in from this address of late."""
    return AccessLog.objects.filter(username=username, ip_address=address, attempt_time__gt=now - KNOWN_FOR).exists()


def locked_until(username: str, address: str | None, now: datetime) -> datetime | None:
    """When a name may try again from an address; None: now."""
    values = {"username": username, "ip_address": address}
    ends = []
    for rule in RULES:
        same = AccessFailureLog.objects.filter(**{name: values[name] for name in rule.fields})
        last = same.filter(attempt_time__gt=now - rule.wait).order_by("-attempt_time").first()
        if last is None:
            continue
        count = same.filter(attempt_time__gt=last.attempt_time - rule.within).count()
        if count >= rule.limit and not (rule.spares_known and is_known(username, address, now)):
            ends.append(last.attempt_time + rule.wait)
    return max(ends, default=None)


def count_wrong_code(request: HttpRequest) -> None:
    """A wrong code, or a wrong password of somebody signed in, counts like a wrong password at the door."""
    user_login_failed.send(sender=__name__, credentials={"username": request.user.get_username()}, request=request)


def is_locked(request: HttpRequest) -> bool:
    """Whether whoever is signed in must wait before they try another code; marks the request for that page."""
    if AxesProxyHandler.is_allowed(request, {"username": request.user.get_username()}):
        return False
    request.axes_locked_out = True
    request.axes_credentials = {"username": request.user.get_username()}
    return True


def forget_failures(username: str, address: str | None) -> None:
    """Somebody proved who they are: their own mistakes from there no longer count."""
    AccessFailureLog.objects.filter(username=username, ip_address=address).delete()


def locked_out(request: HttpRequest, response: HttpResponse | None = None, credentials=None) -> HttpResponse:
    """The page that says when to try again."""
    now = timezone.now()
    until = locked_until(get_client_username(request, credentials), client_address(request), now)
    wait = (until - now) if until else settings.AXES_COOLOFF_TIME
    seconds = max(1, math.ceil(wait.total_seconds()))
    answer = render(request, "429.html", {"until": now + wait}, status=429)
    answer.headers["Retry-After"] = str(seconds)
    return answer


class LockoutHandler(AxesBaseHandler, AbstractAxesHandler):
    """What django-axes asks and tells at each try to sign in."""

    def is_locked(self, request: HttpRequest, credentials: dict | None = None) -> bool:
        name = get_client_username(request, credentials)
        return bool(name) and locked_until(name, request.axes_ip_address, timezone.now()) is not None

    def get_failures(self, request: HttpRequest, credentials: dict | None = None) -> int:
        name = get_client_username(request, credentials)
        return AccessFailureLog.objects.filter(username=name, ip_address=request.axes_ip_address).count()

    def user_login_failed(self, sender, credentials: dict, request: HttpRequest | None = None, **kwargs) -> None:
        name = get_client_username(request, credentials)
        if not name:
            return
        was_locked = self.is_locked(request, credentials)
        if not was_locked:
            now = timezone.now()
            failure = AccessFailureLog(username=name, ip_address=request.axes_ip_address, user_agent="", path_info="")
            failure.save()
            AccessFailureLog.objects.filter(attempt_time__lt=now - timedelta(days=1)).delete()
        is_locked = was_locked or self.is_locked(request, credentials)
        if is_locked:
            request.axes_locked_out, request.axes_credentials = True, credentials
        user = get_user_model().objects.filter(username=name).first()
        # What was typed as a name that nobody has may be a password: it is not written down for ever.
        if user and not was_locked:
            audit.record("locked-out" if is_locked else "wrong-password", user, by=request.user)

    def user_logged_in(self, sender, request: HttpRequest, user, **kwargs) -> None:
        AccessLog.objects.filter(attempt_time__lt=timezone.now() - KNOWN_FOR).delete()
        audit.record("signed-in", user)
        if device_of(user) is None:
            self.user_is_through(request, user)

    def user_is_through(self, request: HttpRequest, user) -> None:
        """The last step of a sign-in: the password, or the code for whoever has a second factor."""
        forget_failures(user.get_username(), request.axes_ip_address)
        AccessLog.objects.create(
            username=user.get_username(),
            ip_address=request.axes_ip_address,
            user_agent="",
            http_accept="",
            path_info="",
            session_hash=get_client_session_hash(request),
        )

    def user_logged_out(self, sender, request: HttpRequest, user, **kwargs) -> None:
        if user:
            audit.record("signed-out", user)

    def reset_attempts(
        self, *, ip_address: str | None = None, username: str | None = None, ip_or_username: bool = False
    ) -> int:
        """For ``manage.py axes_reset`` and its kind: somebody who cannot wait."""
        wanted = {name: value for name, value in (("ip_address", ip_address), ("username", username)) if value}
        return AccessFailureLog.objects.filter(**wanted).delete()[0]

    def post_save_access_attempt(self, instance, **kwargs) -> None:
        """Nothing: no such rows are made."""

    def post_delete_access_attempt(self, instance, **kwargs) -> None:
        """Nothing: no such rows are made."""
