"""Which database is read: readers' pages come from the replica where there is one, all else from the primary.

Readers are whoever asks outside of the editors' pages (GET or HEAD), and whoever looks up a postcode. If the replica
is away, or far behind, they read from the primary; if the primary is away, from the replica, however far behind.
Editors and everything that writes use the primary: nobody may miss what they have just saved.

The content version (``content_version.read(using=…)``) must be asked of the database that pages are made from. A
replica that was away is trusted again only when it has all that the primary has, so that no page of an old time is
kept under a new version.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from threading import Lock

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, InterfaceError, OperationalError, connections
from django.db.models import Sum
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from safety_site import errors
from safety_site.databases.health import PATIENCE, READERS_PATIENCE, health, watching, with_patience
from safety_site.models import ContentChange

REPLICA = "replica"
# How often the replica is compared with the primary; it may be behind by what changed in less than this.
SECONDS_BETWEEN_COMPARISONS = 1.0

_reads_from: ContextVar[str] = ContextVar("reads_from", default=DEFAULT_DB_ALIAS)


class Router:
    """Django asks this for each query. What is written goes to the primary, whatever was read before."""

    def db_for_read(self, model, **_hints) -> str:
        return _reads_from.get()

    def db_for_write(self, model, **_hints) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one, other, **_hints) -> bool:
        return True  # the same rows, read in two places

    def allow_migrate(self, db: str, app_label: str, **_hints) -> bool:
        return db == DEFAULT_DB_ALIAS


# --- Primary or replica -------------------------------------------------------------------------------------


class Replica:
    """Whether the replica may be read, as this process knows it."""

    def __init__(self):
        self.is_trusted = False
        # What the watch read the content version from last: pages are read from there as well, not from one that it
        # has yet to turn to. Else words of a replica that is behind could be kept under a version of the primary.
        self.watch_reads = DEFAULT_DB_ALIAS
        self._primary_had = 0
        self._compared_at = float("-inf")
        self._lock = Lock()

    @property
    def is_behind(self) -> bool:
        return not self.is_trusted and not health.is_away(REPLICA)

    def compare(self) -> None:
        """Ask both how much has changed; at most once a second, and one thread at a time."""
        if time.monotonic() - self._compared_at < SECONDS_BETWEEN_COMPARISONS or not self._lock.acquire(blocking=False):
            return
        try:
            here, there = _changes(REPLICA), _changes(DEFAULT_DB_ALIAS)
            self._compared_at = time.monotonic()
            if here is None or there is None:
                # Without the primary there is nothing better than the replica.
                self.is_trusted = here is not None
            else:
                # Once trusted, it may be as far behind as the last comparison; to be trusted, not at all.
                self.is_trusted = here >= (self._primary_had if self.is_trusted else there)
                self._primary_had = there
        finally:
            self._lock.release()


replica = Replica()


def _changes(using: str) -> int | None:
    """How much has changed in a database so far; None where it does not say."""
    try:
        return int(ContentChange.objects.using(using).aggregate(changes=Sum("pk"))["changes"] or 0)
    except Error:
        return None


def has_replica() -> bool:
    return REPLICA in settings.DATABASES


def _choice() -> str:
    if not has_replica() or health.is_away(REPLICA):
        return DEFAULT_DB_ALIAS
    return REPLICA if replica.is_trusted or health.is_away(DEFAULT_DB_ALIAS) else DEFAULT_DB_ALIAS


def alias() -> str:
    """The database that readers' pages are read from now. Asks both at most once a second."""
    if has_replica():
        with with_patience(READERS_PATIENCE):
            replica.compare()
    return _choice()


def now() -> str:
    """The database that is read from here and now."""
    return _reads_from.get()


@contextmanager
def _reading_from(using: str) -> Iterator[None]:
    token = _reads_from.set(using)
    try:
        yield
    finally:
        _reads_from.reset(token)


@contextmanager
def as_reader(using: str) -> Iterator[None]:
    """Read from this database, with a reader's patience."""
    with with_patience(READERS_PATIENCE), _reading_from(using):
        yield


@contextmanager
def as_watch() -> Iterator[str]:
    """For the thread that watches the content version: gives the database to ask, and finds out what is back.

    Django looks at a kept connection at the beginning of each request; a thread without requests does it here.
    """
    with watching():
        _close_what_is_broken()
        using = alias()
        with as_reader(using):
            yield using
        replica.watch_reads = using


@contextmanager
def as_thread() -> Iterator[None]:
    """For any other thread without requests, that reads what readers read."""
    _close_what_is_broken()
    with as_reader(alias()):
        yield


def _close_what_is_broken() -> None:
    """As Django does at the beginning of each request; never in the middle of a transaction."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


# --- Requests -----------------------------------------------------------------------------------------------


@cache
def _find() -> str:
    return reverse("reporting:find")


def _only_reads(request: HttpRequest) -> bool:
    """Whether nothing is written, so that it may be answered from either database, and twice."""
    if errors.is_for_editors(request):
        return False
    return request.method in ("GET", "HEAD") or (request.method == "POST" and request.path_info == _find())


def _is_editors_own(request: HttpRequest) -> bool:
    """Whether an editor looks, perhaps for what was saved this moment: signed in, or by a link to a draft."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES or request.path_info.startswith("/preview/")


def _or_replica() -> str:
    """The primary, or the replica while the primary is away."""
    is_there = has_replica() and health.is_away(DEFAULT_DB_ALIAS) and not health.is_away(REPLICA)
    return REPLICA if is_there else DEFAULT_DB_ALIAS


def _for_writing(request: HttpRequest) -> str:
    """A form of a reader that cannot be kept still gets an answer; editors read only what they write to."""
    return DEFAULT_DB_ALIAS if errors.is_for_editors(request) else _or_replica()


def _for(request: HttpRequest) -> str:
    if not has_replica():
        return DEFAULT_DB_ALIAS
    if _is_editors_own(request):
        return _or_replica()
    if not health.is_watched:
        return alias()
    # The primary has all that a replica has, so to turn to it is right at any time.
    return DEFAULT_DB_ALIAS if health.is_away(REPLICA) else replica.watch_reads


class Reading:
    """Middleware: chooses the database of each request, and asks the other one where the first failed on the way."""

    def __init__(self, get_response):
        self.get_response = get_response
        health.serves = True

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not _only_reads(request):
            with with_patience(PATIENCE), _reading_from(_for_writing(request)):
                return self.get_response(request)
        using = _for(request)
        with as_reader(using):
            response = self.get_response(request)
            if response.streaming:
                response.streaming_content = _carried(response.streaming_content, _reads_from.get())
            return response

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponseBase | None:
        """Once more, where a database went away in the middle of a page that only reads; else in plain words."""
        if not isinstance(problem, OperationalError | InterfaceError):
            return None
        if not _only_reads(request):
            return errors.unavailable(request) if health.is_away(DEFAULT_DB_ALIAS) else None
        before = _reads_from.get()
        _close_what_is_broken()
        using = DEFAULT_DB_ALIAS if before == REPLICA and not health.is_away(DEFAULT_DB_ALIAS) else before
        if health.is_away(using):
            return errors.unavailable(request)
        if connections[using].in_atomic_block:
            return None
        _reads_from.set(using)  # until __call__ sets it back
        view, arguments, named = request.resolver_match
        try:
            return view(request, *arguments, **named)
        except (OperationalError, InterfaceError):
            if health.is_away(using):
                return errors.unavailable(request)
            raise


def _carried(pieces: Iterator[bytes], using: str) -> Iterator[bytes]:
    """What is read while it is sent, after the middleware is done, is read from the same database."""
    pieces = iter(pieces)
    while True:
        with as_reader(using):
            try:
                piece = next(pieces)
            except StopIteration:
                return
        yield piece
