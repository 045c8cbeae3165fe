"""Helpers for tests of the doors."""

from datetime import timedelta

import time_machine
from auditlog.models import LogEntry
from django.contrib.auth.models import Permission
from django.utils import timezone
from django_otp.oath import totp

from safety_site.doors import factors
from tests import factories

PASSWORD = "correct-horse-battery-staple"
KEY = "3132333435363738393031323334353637383930"


def person(*rights: str, **fields):
    """An editor with some rights by their code names ("approve_topicedition")."""
    user = factories.editor(**fields)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return user


def code_of(key: str = KEY, steps: int = 0) -> str:
    """What the app on a phone shows now, or so many half minutes later."""
    return f"{totp(bytes.fromhex(key), drift=steps):06}"


def with_phone(user, key: str = KEY):
    """The same person with a phone whose code of this half minute was used already."""
    assert factors.take_phone(user, key, code_of(key))
    return user


def sign_in(client, user, password: str = PASSWORD, **extra):
    return client.post(
        "/admin/login/", {"username": user.get_username(), "password": password, "next": "/admin/"}, **extra
    )


def later(**units):
    """The clock, some time later, standing still."""
    return time_machine.travel(timezone.now() + timedelta(**units), tick=False)


def events(user) -> list[str]:
    """What the audit list says of somebody's sign-ins, oldest first."""
    told = LogEntry.objects.filter(object_id=user.pk, content_type__model="user", action=LogEntry.Action.ACCESS)
    return [entry.additional_data["event"] for entry in told.order_by("timestamp", "pk")]
