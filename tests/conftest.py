"""The few fixtures that many tests share."""

import os

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

from reporting.shipped import load_authorities
from safety_site import banners
from safety_site.doors.audit_lock import lift
from safety_site.management.commands.load_content import load_missing


def pytest_collection_modifyitems(config, items):
    """On PostgreSQL (tests/on_postgresql.py) only what uses a database: the rest has run on SQLite, all the same."""
    if "TEST_DATABASE_URL" not in os.environ:
        return
    doors = {"db", "transactional_db", "django_db_setup"}
    uses = [bool(item.get_closest_marker("django_db") or doors & set(item.fixturenames)) for item in items]
    config.hook.pytest_deselected(items=[item for item, used in zip(items, uses, strict=True) if not used])
    items[:] = [item for item, used in zip(items, uses, strict=True) if used]


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The content that ships with the site, loaded once for all tests of a file and then taken back.

    A test that asks for ``db`` beside it has what it changes taken back before the next.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        load_authorities()
        load_missing()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def shipped_content(db):
    """The same for one test alone, among tests that count rows of their own."""
    load_authorities()
    load_missing()


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
