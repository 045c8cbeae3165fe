"""Natural keys that were looked up already, while files of content are loaded.

Files name every row by its natural key, and each part of an edition names that edition again: without a memory most
of the time of a load goes into asking the database the same few questions. Outside ``remembered()`` nothing is kept.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import models

# (model, key) → the row, and (model, primary key) → the natural key of that row.
_found: ContextVar[dict | None] = ContextVar("natural_keys_found", default=None)


@contextmanager
def remembered() -> Iterator[Callable[[], None]]:
    """Remember what is found meanwhile. Gives a function that forgets it: call it when rows were rolled back."""
    found: dict = {}
    token = _found.set(found)
    try:
        yield found.clear
    finally:
        _found.reset(token)


def row(model: type[models.Model], key: tuple, find: Callable[[], models.Model]) -> models.Model:
    """The row that ``find`` finds by its natural key. One that is not there is asked for again: it may come."""
    found = _found.get()
    if found is None:
        return find()
    if (model, key) not in found:
        found[model, key] = find()
    return found[model, key]


def key_of_related(of: models.Model, name: str) -> tuple:
    """The natural key of the row that a foreign key of ``of`` names."""
    field, found = of._meta.get_field(name), _found.get()
    if found is None:
        return getattr(of, name).natural_key()
    place = (field.related_model, getattr(of, field.attname))
    if place not in found:
        found[place] = getattr(of, name).natural_key()
    return found[place]
