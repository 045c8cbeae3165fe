"""A site as large as it may ever become, in a scratch database, from made-up content: ``manage.py grow``.

Nothing here is for readers. Every title begins with "Made up", every number is one that Ofcom keeps for drama, and
every link leads to a name that can never be a site (``made-up.example``).
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from auditlog.context import disable_auditlog
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from reporting.shipped import load_places
from safety_site import kept
from safety_site.editions import edition_models
from safety_site.growing.contacts import contacts
from safety_site.growing.guidance import guidance
from safety_site.growing.postcodes import grow_postcodes
from safety_site.growing.rows import write_in_batches
from safety_site.management.commands.load_content import load_missing
from safety_site.search_sources import reindex

SEED = 20261122
KEPT_AT_ONCE = 200  # editions whose parts are rendered and written together

# A progress bar for so many of something: ``with bar(total, "what") as step: step(10)``.
Bar = Callable[[int, str], AbstractContextManager[Callable[[int], object]]]


class NotEmpty(Exception):
    """Nothing was changed. The message is one sentence for the person who started it."""


@dataclass(frozen=True)
class Numbers:
    """How many of each to make up, beside what ships with the site; of postcodes how many there are in the end."""

    topics: int = 5_000
    apps: int = 2_000
    guides: int = 1_000
    contacts: int = 100_000
    national: int = 2_000  # of the contacts: those for the whole country or for whole nations
    postcodes: int = 2_700_000


def refuse_unless_empty() -> None:
    """Only a database without a single table may be filled: no other can be told from one with somebody's work."""
    if tables := connection.introspection.table_names():
        raise NotEmpty(
            f"There are {len(tables)} tables in this database already. Made-up content goes into a new file, or into "
            "an empty database, only. Nothing was changed."
        )


def found_site() -> None:
    """The tables, the places and the content that ship with the site: what the made-up content stands beside."""
    call_command("migrate", verbosity=0)
    load_places()
    load_missing()


@disable_auditlog()
def grow(numbers: Numbers, bar: Bar, *, seed: int = SEED, search: bool = False) -> None:
    """Make up so much content in the database of this process, which has what ships with the site, and no other.

    The same seed makes the same words. With ``search`` all of it can be found, which takes longest.
    """
    with bar(numbers.topics + numbers.apps + numbers.guides, "topics, apps and controls") as step:
        for batches in guidance(numbers.topics, numbers.apps, numbers.guides, seed):
            write_in_batches(batches, step)
    with bar(numbers.contacts, "contacts") as step:
        write_in_batches(contacts(numbers.contacts, numbers.national, seed), step)
    with bar(numbers.postcodes, "postcodes") as step:
        grow_postcodes(numbers.postcodes, seed, step)
    for model in edition_models():
        _keep_parts(model, bar)
    if search:
        with bar(1, "search index") as step:
            reindex()
            step(1)
    count_rows()


def _keep_parts(model, bar: Bar) -> None:
    """Keep what each edition renders to, as a site does when an edition is approved."""
    if not model.kept_parts:
        return
    waiting = list(kept.not_kept(model.objects.all()).order_by().values_list("pk", flat=True))
    with bar(len(waiting), f"kept parts: {model._meta.verbose_name}") as step:
        for start in range(0, len(waiting), KEPT_AT_ONCE):
            some = waiting[start : start + KEPT_AT_ONCE]
            kept.keep_parts(model.objects.filter(pk__in=some).for_page())
            step(len(some))


def count_rows() -> None:
    """Let the database count its rows, so that it chooses its indexes well; PostgreSQL does so by itself in time."""
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if model._meta.app_label in ("guidance", "reporting", "safety_site"):
                cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")
