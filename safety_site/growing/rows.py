"""Many rows in few statements."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from django.db import models, transaction

AT_ONCE = 500  # things in one transaction

# What the pages of a thing are made of: the thing or its edition first, then its parts, each after what it names.
OneThing = list[models.Model]


def write_in_batches(things: Iterator[OneThing], step: Callable[[int], object]) -> None:
    """Write the rows of each thing, those of a few hundred things together."""
    while batch := list(islice(things, AT_ONCE)):
        write(row for thing in batch for row in thing)
        step(len(batch))


def write(rows: Iterable[models.Model]) -> None:
    """Write rows, all or none. Rows of a kind that comes first may be named by those that come later."""
    by_model: dict[type[models.Model], list[models.Model]] = {}
    for row in rows:
        by_model.setdefault(type(row), []).append(row)
    with transaction.atomic():
        for model, of_model in by_model.items():
            model._base_manager.bulk_create(of_model, batch_size=1_000)


def numbered(edition: models.Model, rows: Iterable[models.Model]) -> Iterator[models.Model]:
    """Parts of an edition, in the order in which they are shown."""
    for position, row in enumerate(rows, 1):
        row.edition, row.position = edition, position
        yield row


def linked(edition: models.Model, **links: Iterable[models.Model]) -> Iterator[models.Model]:
    """The rows behind the many-to-many links of an edition: ``linked(edition, age_bands=bands)``."""
    for name, others in links.items():
        field = edition._meta.get_field(name)
        for other in others:
            yield field.remote_field.through(**{field.m2m_field_name(): edition, field.m2m_reverse_field_name(): other})
