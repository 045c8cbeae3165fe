"""Which database is read, and how one that does not answer is left alone."""

import time

import pytest
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.http import HttpResponse
from django.test import RequestFactory

from guidance.models import Topic
from safety_site import reading
from safety_site.databases import health as healths
from safety_site.databases.health import PATIENCE, READERS_PATIENCE, Health, health, patience, watching, with_patience
from safety_site.reading import REPLICA, Reading, Router


@pytest.fixture
def away(monkeypatch):
    """What a process that answers requests knows; nothing yet."""
    monkeypatch.setattr(healths, "AWAY_SECONDS", 0.05)
    known = Health()
    known.serves = True
    return known


# --- What is known ------------------------------------------------------------------------------------------


def test_database_that_failed_is_away_until_it_answers(away):
    assert not away.is_away("default")
    away.failed("default")
    assert away.is_away("default")
    assert not away.is_away("replica")
    away.answered("default")
    assert not away.is_away("default")


def test_one_that_is_away_is_tried_by_one_thread_after_a_while(away):
    away.failed("default")
    assert not away.may_try("default")
    time.sleep(0.06)
    assert [away.may_try("default") for _ in range(3)] == [True, False, False]


def test_where_a_watch_tries_no_request_does(away, monkeypatch):
    monkeypatch.setattr(healths, "health", away)
    away.failed("default")
    time.sleep(0.06)
    with watching():
        pass
    assert not away.may_try("default")
    with watching():
        assert away.may_try("default")


def test_commands_remember_no_failure_and_wait_as_long_as_it_takes(monkeypatch):
    command = Health()
    command.failed("default")
    assert not command.is_away("default")
    monkeypatch.setattr(healths, "health", command)
    assert patience() is None


def test_readers_have_less_patience_than_editors(away, monkeypatch):
    monkeypatch.setattr(healths, "health", away)
    assert patience() == PATIENCE
    with with_patience(READERS_PATIENCE):
        assert patience() == READERS_PATIENCE
    assert patience() == PATIENCE


@pytest.mark.django_db(transaction=True)
def test_one_that_is_away_is_not_asked_and_works_again_when_it_answers(monkeypatch):
    monkeypatch.setattr(healths, "AWAY_SECONDS", 0.2)
    monkeypatch.setattr(health, "serves", True)
    health.answered(DEFAULT_DB_ALIAS)
    assert Topic.objects.count() == 0
    health.failed(DEFAULT_DB_ALIAS)
    with pytest.raises(OperationalError, match="it was not asked"):
        Topic.objects.count()
    connections[DEFAULT_DB_ALIAS].close_if_unusable_or_obsolete()  # as at the end of each request
    time.sleep(0.25)
    monkeypatch.setattr(health, "_watched_at", float("-inf"))
    assert Topic.objects.count() == 0
    assert not health.is_away(DEFAULT_DB_ALIAS)


# --- Which one is read --------------------------------------------------------------------------------------


@pytest.fixture
def replica(monkeypatch):
    """As if there were a replica that has all that the primary has; nothing is asked of it."""
    monkeypatch.setattr(reading, "has_replica", lambda: True)
    monkeypatch.setattr(health, "_states", {})
    monkeypatch.setattr(health, "serves", True)
    monkeypatch.setattr(health, "_watched_at", float("-inf"))
    there = reading.Replica()
    monkeypatch.setattr(there, "compare", lambda: None)
    there.is_trusted = True
    monkeypatch.setattr(reading, "replica", there)
    return there


def asked_from(method: str, path: str, **headers) -> str:
    """The database that a request is answered from."""
    seen = []

    def answer(request):
        seen.append(Router().db_for_read(Topic))
        return HttpResponse()

    Reading(answer)(getattr(RequestFactory(), method)(path, **headers))
    assert Router().db_for_read(Topic) == DEFAULT_DB_ALIAS, "and then no other"
    return seen[0]


@pytest.mark.parametrize(("method", "path"), [("get", "/"), ("head", "/topics/"), ("post", "/contacts/find/")])
def test_readers_read_from_the_replica(replica, method, path):
    assert asked_from(method, path) == REPLICA


@pytest.mark.parametrize(
    ("method", "path"), [("get", "/admin/"), ("post", "/admin/login/"), ("post", "/feedback/"), ("get", "/preview/x/")]
)
def test_editors_and_what_is_written_use_the_primary(replica, method, path):
    assert asked_from(method, path) == DEFAULT_DB_ALIAS


def test_editor_on_a_public_page_sees_what_was_saved(replica, settings):
    assert asked_from("get", "/", HTTP_COOKIE=f"{settings.SESSION_COOKIE_NAME}=x") == DEFAULT_DB_ALIAS


def test_what_is_written_always_goes_to_the_primary():
    with reading.as_reader(REPLICA):
        assert Router().db_for_write(Topic) == DEFAULT_DB_ALIAS
        assert Router().db_for_read(Topic) == REPLICA
    assert [Router().allow_migrate(each, "guidance") for each in (DEFAULT_DB_ALIAS, REPLICA)] == [True, False]


def test_without_the_replica_readers_read_from_the_primary(replica):
    health.failed(REPLICA)
    assert asked_from("get", "/") == DEFAULT_DB_ALIAS


def test_replica_that_is_behind_is_not_read(replica):
    replica.is_trusted = False
    assert asked_from("get", "/") == DEFAULT_DB_ALIAS


def test_without_the_primary_everybody_but_editors_reads_from_the_replica(replica):
    replica.is_trusted = False
    health.failed(DEFAULT_DB_ALIAS)
    assert asked_from("get", "/") == REPLICA
    assert asked_from("post", "/feedback/") == REPLICA
    assert asked_from("get", "/admin/") == DEFAULT_DB_ALIAS


@pytest.mark.django_db
def test_pages_are_read_from_where_the_watch_read_the_version(replica):
    health.watched()
    assert asked_from("get", "/") == DEFAULT_DB_ALIAS, "not before the version is known"
    with reading.as_watch() as using:
        assert using == REPLICA
    assert asked_from("get", "/") == REPLICA


@pytest.mark.parametrize(
    ("was_trusted", "here", "there", "is_trusted"),
    [(True, 5, 5, True), (True, 4, 9, False), (True, 5, 9, True), (False, 5, 9, False), (False, 9, 9, True)],
)
def test_replica_may_be_behind_by_one_comparison_but_comes_back_only_with_everything(
    monkeypatch, was_trusted, here, there, is_trusted
):
    """The last comparison found 5 changes in the primary."""
    replica = reading.Replica()
    replica.is_trusted, replica._primary_had = was_trusted, 5
    monkeypatch.setattr(reading, "_changes", {REPLICA: here, DEFAULT_DB_ALIAS: there}.get)
    replica.compare()
    assert replica.is_trusted is is_trusted
