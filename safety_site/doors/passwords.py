"""Which passwords are too easy to guess, without asking anybody else's service.

Passwords have twelve characters or more, so hardly one of them stands in a list of common passwords as it is. What
people do instead is to take one that does and make it longer: a number behind it, the same once more, a row of the
keyboard. So a password is taken apart into such pieces, and what counts is how many tries the pieces would take.

django's list of 20,000 common passwords is the dictionary. Who wants to refuse every password of known breaches as
well keeps the list of Pwned Passwords on the machine and names it in BREACHED_PASSWORDS_FILE.

Passwords are kept as Django's PBKDF2 hashes them: nothing else to install or to tune, its rounds grow with each
release of Django, and a guess at the door costs the guesser a place in the lock-out first.
"""

import os
import re
from functools import cache
from hashlib import sha1
from pathlib import Path

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

# What each kind of piece is worth, as the power of two of the tries it takes.
PERSONAL, AGAIN, RUN, NUMBER, WORD, LETTER = 2, 2, 7, 7, 14, 5
ENOUGH = 42  # three words of the list, or nine characters at random

ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890", "abcdefghijklmnopqrstuvwxyz", "qazwsxedcrfvtgbyhnujmikolp",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "1q2w3e4r5t6y7u8i9o0p", "!\"£$%^&*()", "!@#$%^&*()")  # fmt: skip
RUNS = tuple(row for each in ROWS for row in (each, each[::-1]))
LEET = str.maketrans("@4310$5!7", "aaeiossit")
OUR_NAMES = ("hearthside", "safety", "online", "family", "families", "editor", "admin", "council", "safeguarding")
# In every list of breached passwords of some length, though its words alone are not.
FAMOUS = ("correcthorsebatterystaple", "thisisapassword", "letmeinplease", "trustno1trustno1")


@cache
def common_words() -> frozenset[str]:
    return frozenset(word for word in CommonPasswordValidator().passwords if len(word) >= 3 and not word.isdecimal())


def _names_of(user) -> set[str]:
    """Words that say who somebody is."""
    values = (getattr(user, name, "") or "" for name in ("username", "first_name", "last_name", "email"))
    return {word for value in values for word in re.split(r"[^\w]+", value.lower()) if len(word) >= 3}


def _piece(text: str, start: int, end: int, names: set[str]) -> int | None:
    """What the piece of a password from ``start`` to ``end`` is worth; None where it is no piece that we know."""
    piece = text[start:end]
    length = end - start
    plain = piece.translate(LEET)
    if length >= 3 and (piece in names or plain in names):
        return PERSONAL
    if length >= 3 and (piece in text[:start] or plain in text[:start].translate(LEET)):
        return AGAIN
    if length >= 2 and len(set(piece)) == 1:
        return RUN
    if length >= 3 and any(piece in run for run in RUNS):
        return RUN
    if 2 <= length <= 8 and piece.isdecimal():
        return NUMBER if length <= 4 else NUMBER * 2
    if length >= 3 and (piece in common_words() or plain in common_words()):
        return WORD
    return None


def strength(password: str, names: set[str] | None = None) -> int:
    """Roughly the power of two of the tries that a patient guesser needs: the cheapest way to take it apart."""
    text = "".join(password.lower().split())[:128]
    names = {*OUR_NAMES, *(names or ())}
    best = [0]
    for end in range(1, len(text) + 1):
        last = text[end - 1]
        again = end > 1 and last in text[: end - 1]
        cheapest = best[end - 1] + (1 if not last.isalnum() else 3 if again else LETTER)
        for start in range(max(0, end - 30), end - 1):
            worth = _piece(text, start, end, names)
            if worth is not None and best[start] + worth < cheapest:
                cheapest = best[start] + worth
        best.append(cheapest)
    return best[-1]


class EasyToGuessValidator:
    """Refuses a password that is made of common passwords, rows of the keyboard, repetitions and names."""

    def validate(self, password: str, user=None) -> None:
        bare = re.sub(r"[^a-z0-9]", "", password.lower())
        if bare in FAMOUS or strength(password, _names_of(user)) < ENOUGH:
            raise ValidationError(
                "This password is easy to guess: it is made of common words, names, rows of the keyboard or the same "
                "again. Three or four words that have nothing to do with each other, or with you, are good.",
                code="password_easy_to_guess",
            )

    def get_help_text(self) -> str:
        return "Three or four words that have nothing to do with each other make a good password."


def is_in_breaches(password: str, path: str | os.PathLike) -> bool:
    """Whether a file of SHA-1 hashes in order, one on a line (``HASH:count``), has this password.

    The file has tens of gigabytes: it is searched where it lies, by halves.
    """
    wanted = sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest().upper().encode()
    with Path(path).open("rb") as lines:
        low, high = 0, lines.seek(0, os.SEEK_END)
        while low < high:
            middle = (low + high) // 2
            lines.seek(middle)
            if middle:
                lines.readline()  # the rest of a line that began before
            found = lines.readline()[:40].upper()
            if found == wanted:
                return True
            if found and found < wanted:
                low = middle + 1
            else:
                high = middle
    return False


class BreachedPasswordValidator:
    """Refuses a password of a known breach, where the site has a list of them."""

    def validate(self, password: str, user=None) -> None:
        if settings.BREACHED_PASSWORDS_FILE and is_in_breaches(password, settings.BREACHED_PASSWORDS_FILE):
            raise ValidationError(
                "This password is in a list of stolen ones, so it will be tried. Choose another.",
                code="password_breached",
            )

    def get_help_text(self) -> str:
        return "It cannot be one that was stolen somewhere before." if settings.BREACHED_PASSWORDS_FILE else ""
