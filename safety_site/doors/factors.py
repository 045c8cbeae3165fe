"""The second factor: the code that an app on a phone shows for half a minute, and ten recovery codes for a lost phone.

The secret of the phone has to be kept as it is, since each code is computed from it. Recovery codes are kept only as
keyed hashes: whoever reads the database alone cannot use one.
"""

import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime

import segno
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import models, transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.safestring import SafeString, mark_safe
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

RECOVERY_CODES = 10
# No letter or digit that is taken for another one on paper; ten of them are 49 bits.
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


# --- Who needs one ----------------------------------------------------------------------------------------


def permissions_of(user) -> models.QuerySet[Permission]:
    """All rights of a person, also while they are deactivated (Django then says none)."""
    if user.is_superuser:
        return Permission.objects.all()
    return Permission.objects.filter(Q(user=user) | Q(group__user=user)).distinct()


def must_have_factor(user) -> bool:
    """Whoever may put something before readers, or decide who may: publishers and above, where the setting is on."""
    if not settings.SECOND_FACTOR:
        return False
    over_people = Q(content_type__app_label="auth") & ~Q(codename__startswith="view_")
    return user.is_superuser or permissions_of(user).filter(Q(codename__startswith="approve_") | over_people).exists()


def device_of(user) -> TOTPDevice | None:
    """The phone of a person, once its first code was right."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).order_by("-pk").first()


# --- Setting it up ----------------------------------------------------------------------------------------


def new_key() -> str:
    return default_key()


@dataclass(frozen=True)
class Offer:
    """A secret that a phone is to take over, before its first code proves that it did."""

    user: models.Model
    key: str

    @property
    def secret(self) -> str:
        """For typing: groups of four."""
        letters = b32encode(bytes.fromhex(self.key)).decode().rstrip("=")
        return " ".join(letters[start : start + 4] for start in range(0, len(letters), 4))

    @property
    def address(self) -> str:
        return TOTPDevice(user=self.user, key=self.key).config_url

    @property
    def picture(self) -> SafeString:
        """The QR code as an inline drawing: black on white in any colour scheme, with a quiet margin around it."""
        drawing = segno.make(self.address, error="m", micro=False).svg_inline(
            scale=5, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None
        )
        # The address holds the user's name, but in dots only.
        return mark_safe(drawing)  # noqa: S308


@transaction.atomic
def take_phone(user, key: str, code: str) -> TOTPDevice | None:
    """The phone that gave the right first code, in place of any earlier one; None where the code is wrong."""
    totp = TOTP(bytes.fromhex(key))
    if not code.isdecimal() or not totp.verify(int(code), tolerance=1):
        return None
    for old in TOTPDevice.objects.filter(user=user):
        old.delete()
    # The same code is not taken a second time.
    return TOTPDevice.objects.create(user=user, name="Authenticator app", key=key, confirmed=True, last_t=totp.t())


@transaction.atomic
def remove_factor(user) -> None:
    for device in (*TOTPDevice.objects.filter(user=user), *StaticDevice.objects.filter(user=user)):
        device.delete()


# --- Recovery codes ---------------------------------------------------------------------------------------


def tidy(code: str) -> str:
    """A code as it was given out, however it was typed."""
    return "".join(code.split()).replace("-", "").lower()


def _hashed(user, code: str) -> str:
    return salted_hmac("hearthside.recovery-code", f"{user.pk}:{tidy(code)}", algorithm="sha256").hexdigest()[:16]


@transaction.atomic
def make_recovery_codes(user) -> list[str]:
    """Ten new codes, returned once; the earlier ones no longer work."""
    device, _is_new = StaticDevice.objects.get_or_create(user=user, defaults={"name": "Recovery codes"})
    device.token_set.all().delete()
    codes = ["".join(secrets.choice(LETTERS) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=_hashed(user, code)) for code in codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def recovery_codes_left(user) -> int:
    return StaticToken.objects.filter(device__user=user).count()


# --- A code at the door -----------------------------------------------------------------------------------


# Wrong codes in a row that count: after these each waits 512 seconds, and no longer, so that somebody who stole a
# password and guesses codes cannot keep its owner out for days.
MOST_WRONG_CODES = 9


def _asked(user, code: str):
    """The device that a code is for, and the code as that device knows it: a phone's six digits, or a recovery code."""
    code = tidy(code)
    model, token = (TOTPDevice, code) if code.isdecimal() and len(code) == 6 else (StaticDevice, _hashed(user, code))
    return model.objects.filter(user=user, confirmed=True).order_by("-pk"), token


def wait_of(user, code: str) -> datetime | None:
    """Until when no further code of this kind is read after wrong ones: 1, 2, 4 … seconds; None: it may be tried.

    The phone and the recovery codes wait apart: guessing at one does not shut the other.
    """
    device = _asked(user, code)[0].first()
    allowed, state = device.verify_is_allowed() if device else (True, None)
    return None if allowed else state["locked_until"]


@transaction.atomic
def accept_code(user, code: str) -> TOTPDevice | StaticDevice | None:
    """What accepted a code: the phone, or the recovery codes; None where it is wrong, used or tried too soon.

    The row of the device is held meanwhile, so that one code cannot be used twice at the same moment.
    """
    devices, token = _asked(user, code)
    device = devices.select_for_update().first()
    if device is None:
        return None
    device.throttling_failure_count = min(device.throttling_failure_count, MOST_WRONG_CODES)
    return device if device.verify_token(token) else None


def forget_factor(username: str) -> bool:
    """For whoever runs the site, when the last administrator lost phone and recovery codes."""
    user = get_user_model().objects.filter(username=username).first()
    if user is None:
        return False
    remove_factor(user)
    return True
