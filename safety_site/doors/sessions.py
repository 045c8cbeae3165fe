"""How long a sign-in lasts, who is through the doors, and asking again before what matters most."""

import time
from hashlib import sha256

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from safety_site.doors.factors import device_of, must_have_factor

#: Seconds for which a password given again counts.
CONFIRMED_FOR = 10 * 60
# The moment of the last page is written down once a minute, not with each request.
SEEN_EVERY = 60


def now() -> float:
    return time.time()


def _rights_of(user) -> str:
    """A fingerprint of what a person may do."""
    rights = [str(user.is_staff), str(user.is_superuser), *sorted(user.get_all_permissions())]
    return sha256("\n".join(rights).encode()).hexdigest()


def keep_in_time(request: HttpRequest) -> None:
    """End a sign-in that is too old or was idle for too long; give it a new key when its person's rights changed."""
    session = request.session
    if SESSION_KEY not in session:
        return
    at = now()
    began = session.setdefault("signed_in_at", at)
    seen = session.get("seen_at", at)
    if at - began > settings.SESSION_COOKIE_AGE or at - seen > settings.SESSION_IDLE_SECONDS:
        logout(request)
        messages.info(request, "You were signed out, because no page was opened for two hours or the day was over.")
        return
    if at - session.get("seen_at", 0) > SEEN_EVERY:
        session["seen_at"] = at
    if request.user.is_authenticated:
        rights = _rights_of(request.user)
        if session.get("rights", rights) != rights:
            session.cycle_key()
            session.pop("confirmed_at", None)
        if session.get("rights") != rights:
            session["rights"] = rights


def begin(request: HttpRequest) -> None:
    """A password was right just now: the clocks of this sign-in start."""
    request.session["signed_in_at"] = request.session["seen_at"] = now()
    request.session["rights"] = _rights_of(request.user)
    confirm(request)


def end_sessions_of(user) -> None:
    """Sign a person out everywhere. There are as many sessions as editors at work, so each is looked into."""
    for session in Session.objects.filter(expire_date__gt=timezone.now()):
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()


# --- Who is through ---------------------------------------------------------------------------------------


def is_editor(user) -> bool:
    return user.is_active and user.is_staff


def next_door(request: HttpRequest) -> str | None:
    """The page that somebody signed in must go through before any other: the code, or setting it up; None: none."""
    user = request.user
    if getattr(user, "otp_device", None) is not None:  # set by django-otp's middleware
        return None
    if device_of(user) is not None:
        return "second-step"
    return "factor-set-up" if must_have_factor(user) else None


def is_through(request: HttpRequest) -> bool:
    """Whether somebody may see what only editors see. Every view for editors asks this, in the admin or not."""
    return is_editor(request.user) and next_door(request) is None


# --- Asking again -----------------------------------------------------------------------------------------


def confirm(request: HttpRequest) -> None:
    request.session["confirmed_at"] = now()


def is_confirmed(request: HttpRequest) -> bool:
    """Whether they gave their password within the last ten minutes (and their code, where they have a phone)."""
    return now() - request.session.get("confirmed_at", 0) <= CONFIRMED_FOR
