"""PostgreSQL that may be restarted, killed or stopped while the site goes on.

Each thread keeps its connection. psycopg's pool was tried and left: it learns of a refused connection only when
the time to wait for one is over, waits longer and longer between its own tries (1, 2, 4 … s), and pauses for a
second after the second dead connection that it finds. Threads are few here, so there is little to pool.
"""

import select
import time
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread

import psycopg
from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import IsolationLevel

from safety_site.databases.health import health, patience
from safety_site.databases.watched import Watched

_INTERVAL = 0.1  # seconds between looks at signals such as Ctrl-C, as in psycopg


class Silence(psycopg.OperationalError):
    """The server took a query and did not answer in time."""


class PatientConnection(psycopg.Connection):
    """A connection on which nobody waits longer than their patience; after that it cannot be used any more."""

    of_alias = ""

    def wait(self, gen, interval=_INTERVAL, timeout=None):
        limit = patience() if timeout is None else timeout
        began = time.monotonic()
        try:
            answer = super().wait(gen, interval=interval, timeout=limit)
        except psycopg.OperationalError:
            if limit is None or time.monotonic() - began < limit or self.closed:
                raise
            # The answer may still come: it must not be taken for the answer to another query.
            self.pgconn.finish()
            raise Silence("the database did not answer in time") from None
        health.heard(self.of_alias)
        return answer


def connected_within(seconds: float | None, params: dict) -> PatientConnection:
    """A new connection. A server that takes the call and says nothing is waited for so long and no longer.

    psycopg's own least time for this is two seconds, and it cannot be stopped on the way; so another thread connects.
    """
    if seconds is None:
        return PatientConnection.connect(**params)
    outcome: SimpleQueue = SimpleQueue()
    lock, is_over = Lock(), Event()

    def connect() -> None:
        try:
            found = PatientConnection.connect(**params)
        except Exception as problem:
            outcome.put(problem)
            return
        with lock:
            if not is_over.is_set():
                outcome.put(found)
                return
        found.close()  # nobody waits for it any more

    Thread(target=connect, name="connect", daemon=True).start()
    try:
        found = outcome.get(timeout=seconds)
    except Empty:
        with lock:
            is_over.set()
            if outcome.empty():
                raise Silence("the database took the call and did not answer in time") from None
            found = outcome.get()
    if isinstance(found, Exception):
        raise found
    return found


class DatabaseWrapper(Watched, base.DatabaseWrapper):
    def get_new_connection(self, conn_params):
        self.isolation_level = IsolationLevel.READ_COMMITTED
        connection = connected_within(patience(), conn_params)
        connection.of_alias = self.alias
        return connection

    def is_away_by(self, problem: BaseException) -> bool:
        if isinstance(problem, Silence) and self.connection is not None:
            # One slow query is no dead server while others are answered.
            return not health.was_heard(self.alias, patience() or 0)
        # A connection that broke may be one of a server that is up again; a new one that fails is not.
        return self.connection is None and isinstance(problem, psycopg.OperationalError)

    def probe(self) -> None:
        self.connection.execute("SELECT 1")

    def is_usable(self) -> bool:
        """Whether the connection stands, as far as this machine knows; no word goes to the server.

        An idle connection has nothing to read but the end of it, or a last word of a server that shuts down.
        """
        if self.connection is None or self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return not poll.poll(0)
