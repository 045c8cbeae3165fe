"""PostgreSQL that may be restarted, killed or stopped while the site goes on.

Each thread keeps its connection. psycopg's pool was tried and left: it learns of a refused connection only when
the time to wait for one is over, waits longer and longer between its own tries (1, 2, 4 … s), and pauses for a
second after the second dead connection that it finds. Threads are few here, so there is little to pool.
"""

import select
import time

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


class DatabaseWrapper(Watched, base.DatabaseWrapper):
    def get_new_connection(self, conn_params):
        self.isolation_level = IsolationLevel.READ_COMMITTED
        connection = PatientConnection.connect(**conn_params)
        connection.of_alias = self.alias
        return connection

    def is_away_by(self, problem: BaseException) -> bool:
        if isinstance(problem, Silence):
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
