"""The few fixtures that many tests share."""

import os
from itertools import count

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction

from reporting.shipped import load_authorities
from safety_site import banners, unchanged
from safety_site.databases.health import health
from safety_site.doors.audit_lock import lift
from safety_site.kept import keep_missing
from safety_site.management.commands.load_content import load_missing

# Files of few tests that take long: they begin first, so that no worker waits for another at the end.
LONG = ("test_rights.py", "test_content_files.py", "test_pages.py", "test_prepare.py", "test_load_content.py")


def pytest_collection_modifyitems(config, items):
    """Long files first. On PostgreSQL (tests/on_postgresql.py) only what a database could answer otherwise.

    That is every test that uses a database, but for the few long ones marked ``one_database``: who may open a page, or
    whether a file of content is whole, is decided in Python, and shorter tests of the same code run on both.
    """
    items.sort(key=lambda item: not item.path.name.endswith(LONG))
    if "TEST_DATABASE_URL" not in os.environ:
        return
    doors = {"db", "transactional_db", "django_db_setup"}
    uses = [
        bool(item.get_closest_marker("django_db") or doors & set(item.fixturenames))
        and not item.get_closest_marker("one_database")
        for item in items
    ]
    config.hook.pytest_deselected(items=[item for item, used in zip(items, uses, strict=True) if not used])
    items[:] = [item for item, used in zip(items, uses, strict=True) if used]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup):
    """The database of the tests; it is taken away with the patience of a command, not of a site that serves readers."""
    yield
    health.serves = False


_versions = count(1)


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix(request):
    """Each worker has a database of its own. pytest-django knows SQLite in memory by Django's own engine only."""
    worker = getattr(request.config, "workerinput", {}).get("workerid")
    for database in settings.DATABASES.values():
        if worker and database["ENGINE"].endswith("postgresql"):
            database.setdefault("TEST", {})["NAME"] = f"test_{database['NAME']}_{worker}"


# The rows of the shipped content as they were loaded first in this process.
_shipped: dict[type[models.Model], list[models.Model]] = {}


def _our_models() -> list[type[models.Model]]:
    ours = {"guidance", "reporting", "safety_site"}
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in ours]


def load_shipped() -> None:
    """The places and the content that ship with the site.

    The first time they are loaded as a site loads them; that takes seconds, so later times write the same rows.
    """
    is_empty = not any(model._base_manager.exists() for model in _our_models())
    if _shipped and is_empty:
        for model, rows in _shipped.items():
            model._base_manager.bulk_create(rows, batch_size=200)
        return
    load_authorities()
    load_missing()
    if is_empty:
        _shipped.update((model, list(model._base_manager.all())) for model in _our_models())


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The content that ships with the site, loaded once for all tests of a file and then taken back.

    A test that asks for ``db`` beside it has what it changes taken back before the next.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        load_shipped()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def shipped_content(db):
    """The same for one test alone, among tests that count rows of their own."""
    load_shipped()


@pytest.fixture(autouse=True)
def no_emergency_banner():
    """No page of a test asks for banners, so that each makes the queries that are its own: see ``fresh_banners``."""
    banners.kept.keep(())
    yield
    banners.kept.keep(())


@pytest.fixture
def fresh_banners(no_emergency_banner):
    """Pages of this test read banners as those of a site do, and at once after ``forget()``."""
    banners.kept.forget()
    return banners.kept


@pytest.fixture(autouse=True)
def audit_list_can_be_emptied(request):
    """After a test with real transactions Django empties all tables, which the lock on the audit list refuses.

    The lock stays off for what follows in this process; tests of the lock itself put it back.
    """
    marker = request.node.get_closest_marker("django_db")
    names = {"transactional_db", "live_server", "django_db_reset_sequences"}
    if not (names & set(request.fixturenames) or (marker and marker.kwargs.get("transaction"))):
        yield
        return
    request.getfixturevalue("transactional_db")  # so that this ends before that does
    # The emptied tables are filled anew, under other keys than those that were remembered.
    ContentType.objects.clear_cache()
    yield
    ContentType.objects.clear_cache()
    lift(connection)


@pytest.fixture
def warm():
    """As in a serving process that knows the version of the content: what pages share is made once.

    Call it once the rows are there, and again after a change: the next version is known then.
    """

    def know() -> None:
        keep_missing()
        unchanged.kept.known = f"version {next(_versions)} of a test"

    yield know
    unchanged.kept.known = None
