"""Requests to the admin that no page of it makes, where Django or the database would fail at them.

Only what a request itself says makes it odd: a number that no column holds, a NUL byte, a counter of forms below
nothing, a filter that no list offers. Any other request fails as it always did, so that mistakes of ours are seen.
"""

import logging
import re
from collections.abc import Callable, Iterable
from functools import wraps

from django.contrib import messages
from django.core.exceptions import FieldError
from django.db import DataError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

logger = logging.getLogger(__name__)

# What fails at an odd request, in Django or in either database. SQLite calls a broken pattern an OperationalError.
FAILURES = (OverflowError, ValueError, IndexError, AssertionError, FieldError, DataError, OperationalError)
# 18 digits fit every column of keys and numbers. Python reads 1_000 as a number too.
_NUMBER_TOO_LONG = re.compile(r"\d(?:_?\d){18}")
# How the filters of Django's lists end: hand-made ones may ask for any lookup.
_OFFERED_LOOKUPS = {"exact", "isnull", "gte", "lt", "year", "month", "day"}
_LAST_YEAR = 9998  # a list of one year is also asked where the next one begins


def is_odd(request: HttpRequest) -> bool:
    """Whether no page of the admin would send this."""
    sent = [*request.GET.lists(), *(request.POST.lists() if request.method == "POST" else ())]
    words = [request.path, *(name for name, _ in sent), *(value for _, values in sent for value in values)]
    return (
        any("\0" in word or _NUMBER_TOO_LONG.search(word) for word in words)
        or any(_is_odd_filter(name, values) for name, values in request.GET.lists())
        or (request.method == "POST" and any(_is_odd_field(name, values) for name, values in request.POST.lists()))
    )


def _is_odd_filter(name: str, values: Iterable[str]) -> bool:
    _, has_lookup, lookup = name.rpartition("__")
    if lookup == "year":
        return any(not (value.isdecimal() and 1 <= int(value) <= _LAST_YEAR) for value in values)
    return bool(has_lookup) and lookup not in _OFFERED_LOOKUPS


def _is_odd_field(name: str, values: Iterable[str]) -> bool:
    if name == "_selected_action":  # the keys of the rows that are ticked in a list
        return not all(value.isdecimal() for value in values)
    return name.endswith("_FORMS") and any(value.strip().startswith("-") for value in values)


def refuse_odd_requests(view: Callable, refuse: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """A view that tells whoever sends what cannot be so, in words, and then has done nothing at all.

    A list that was to be narrowed by it is opened whole, as Django does it; anything else is ``refuse``d.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not is_odd(request):
            return view(request, *args, **kwargs)
        try:
            with transaction.atomic():
                response = view(request, *args, **kwargs)
                # A page made later would fail out of reach.
                return response.render() if callable(getattr(response, "render", None)) else response
        except FAILURES as problem:
            logger.warning("A page of the editors refused an odd request.", exc_info=problem)
        match = request.resolver_match
        if request.method == "GET" and match and (match.url_name or "").endswith("_changelist"):
            messages.warning(request, "The list cannot be narrowed in that way. This is the whole list.")
            return HttpResponseRedirect(f"{request.path}?e=1")
        return refuse(request)

    return wrapped
