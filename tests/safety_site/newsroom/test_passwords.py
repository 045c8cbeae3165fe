"""Passwords that are easy to guess, or were stolen, are refused; good ones are not."""

import hashlib

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from safety_site.doors.passwords import BreachedPasswordValidator, is_in_breaches

SHAPE = User(username="jsmith", first_name="Joanna", last_name="Featherstone", email="jo.featherstone@council.example")


@pytest.mark.parametrize(
    "password",
    [
        "password1234", "Password1234!", "P@ssw0rd1234", "passwordpassword", "qwertyuiop12", "1qaz2wsx3edc",
        "zxcvbnmasdfghjkl", "abcdefghijkl", "aaaaaaaaaaaa", "abcabcabcabcabc", "121212121212a", "letmeinletmein",
        "hearthside2026", "Hearthside2026!", "hearthside-editor", "safeguarding2026", "featherstone12", "Joanna1234567",
        "jsmithjsmith1", "iloveyou123456", "monkeydragon12", "football2026!!", "welcome123456", "Summer2026!!!",
        "correcthorsebatterystaple", "correct horse battery staple", "council12345678", "trustno1trustno1",
        "!!!!!!!!!!!!!!!!", "q1w2e3r4t5y6", "poiuytrewq987", "            ", "xTq9!vB3Tq9!vB3",
    ],
)  # fmt: skip
def test_password_that_is_easy_to_guess_is_refused(password):
    with pytest.raises(ValidationError):
        validate_password(password, SHAPE)


@pytest.mark.parametrize(
    "password",
    [
        "lantern-gravel-otter-plum", "teapot saxophone meadow", "Vf7#qLm2Zx9$", "wqjzkvhxupeb",
        "mauve ladder whistles softly", "kettle/bramble/octagon", "ünïcödé-brambles-kettle",
    ],
)  # fmt: skip
def test_good_password_passes(password):
    validate_password(password, SHAPE)


def test_own_name_counts_only_for_its_owner():
    password = "featherstone-kx7q"
    validate_password(password, User(username="other"))
    with pytest.raises(ValidationError):
        validate_password(password, SHAPE)


def test_megabyte_is_read_quickly():
    validate_password("lantern gravel otter plum " * 40_000)


@pytest.fixture
def stolen(tmp_path):
    """A list as Pwned Passwords hands it out, with 500 passwords."""
    hashes = sorted(
        hashlib.sha1(f"stolen-{number}".encode(), usedforsecurity=False).hexdigest().upper() for number in range(500)
    )
    path = tmp_path / "stolen.txt"
    path.write_bytes("".join(f"{each}:{number}\r\n" for number, each in enumerate(hashes, 1)).encode())
    return path


def test_every_stolen_password_is_found_and_no_other(stolen):
    assert all(is_in_breaches(f"stolen-{number}", stolen) for number in range(500))
    assert not any(is_in_breaches(f"other-{number}", stolen) for number in range(500))


def test_stolen_password_is_refused_where_there_is_a_list(stolen, settings):
    BreachedPasswordValidator().validate("stolen-7")
    settings.BREACHED_PASSWORDS_FILE = str(stolen)
    with pytest.raises(ValidationError, match="stolen ones"):
        BreachedPasswordValidator().validate("stolen-7")
    BreachedPasswordValidator().validate("lantern-gravel-otter-plum")
    empty = stolen.with_name("empty.txt")
    empty.touch()
    assert not is_in_breaches("stolen-7", empty)
