"""The site at another moment, or with one edition in the place of its thing: for staff, and for one page at a time.

Inside ``with viewing(…)`` every queryset of editions that names no moment of its own (``live()``, ``in_force()``,
``withdrawn()``) answers for that moment, so the same views and templates that serve readers show the page. It holds
for the running thread alone, and ends with the block. Readers' pages never enter it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime

from django.db import models
from django.utils import timezone


@dataclass(frozen=True)
class Viewing:
    """What a page is shown as."""

    at: datetime | None = None  # None: now
    edition: models.Model | None = None  # taken as in force for its thing, approved or not

    def stand_in(self, model: type[models.Model]) -> models.Model | None:
        """The edition that takes the place of its thing, where it is of this model."""
        return self.edition if type(self.edition) is model else None


NOW = Viewing()
_viewing: ContextVar[Viewing] = ContextVar("viewing", default=NOW)


def current() -> Viewing:
    return _viewing.get()


@contextmanager
def viewing(at: datetime | None = None, edition: models.Model | None = None) -> Iterator[None]:
    """Show what is asked for in this block as of a moment, or with one edition as if it were in force.

    A queryset keeps the moment in which it was made, not the one in which it is read: render inside the block.
    """
    token = _viewing.set(Viewing(at, edition))
    try:
        yield
    finally:
        _viewing.reset(token)


def moment() -> datetime:
    """Now; or the moment that the page being made is shown as of."""
    return current().at or timezone.now()


def day() -> date:
    """The day of that moment, in London."""
    return timezone.localdate(moment())
