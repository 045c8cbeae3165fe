"""What a request says of the answer that it can use: its encodings, and the copy that it has already."""

from functools import lru_cache

from safety_site.page_store.answer import ENCODINGS, Headers

# What browsers send is shorter. What is longer is read each time, and nothing of it is remembered.
LONGEST_REMEMBERED = 100


def encoding_for(accepted: str) -> str:
    """The best encoding of ours that an Accept-Encoding header takes; none of them where it is odd."""
    return _remembered(accepted) if len(accepted) <= LONGEST_REMEMBERED else _best(accepted)


def _best(accepted: str) -> str:
    weights: dict[str, float] = {}
    for each in accepted[:500].lower().split(","):
        name, *parameters = (part.strip() for part in each.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    weight = float(parameter[2:])
                except ValueError:
                    weight = 0.0
        weights[name] = weight
    any_other = weights.get("*", 0.0)
    for encoding in ENCODINGS:
        if encoding and weights.get(encoding, any_other) > 0:
            return encoding
    return ""


_remembered = lru_cache(maxsize=256)(_best)


def is_unchanged(asked: str, head: Headers) -> bool:
    """Whether an If-None-Match header names the copy that would be sent. Compared as RFC 9110 asks: weakly."""
    etag = next((value for name, value in head if name == "ETag"), None)
    if etag is None:
        return False
    if asked.strip() == "*":
        return True
    return etag in (each.strip().removeprefix("W/") for each in asked.split(","))
