"""SQLite that may be locked, taken away or put back while the site goes on.

A connection that is kept goes on reading a file that was replaced, and what is written to it is lost with it. So
before the first query of a request it is looked at whether the file is still the one that was opened.
"""

import os
import sqlite3
from contextlib import suppress
from urllib.parse import quote

from django.db.backends.sqlite3 import base

from safety_site.databases.health import health, is_readers, patience
from safety_site.databases.watched import Watched

# What a reader may meet when the file is locked, gone, broken, or on a disk that does not answer.
AWAY_CODES = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL,
}  # fmt: skip


class DatabaseWrapper(Watched, base.DatabaseWrapper):
    _file: tuple[int, int] | None = None
    _waits: float | None = None

    def _file_now(self) -> tuple[int, int] | None:
        """Which file has the database's name now."""
        try:
            stat = os.stat(self.settings_dict["NAME"])
        except OSError:
            return None
        return stat.st_dev, stat.st_ino

    def get_connection_params(self):
        params = super().get_connection_params()
        if health.serves and not self.is_in_memory_db():
            # A file that is gone must not be made anew, empty, by whoever asks first: it would stand in the way of
            # the one that is put back, and SQLite would throw away the newest changes beside it.
            params["database"] = f"file:{quote(os.path.abspath(params['database']))}?mode=rw"
        return params

    def get_new_connection(self, conn_params):
        if self.is_in_memory_db():
            return super().get_new_connection(conn_params)
        # Looked at before it is opened: one that is replaced in between counts as another.
        self._file, self._waits = self._file_now(), self._patience()
        if self._file is None and not health.serves:
            # SQLite itself would make it for everybody to read; what it puts beside it takes after it.
            with suppress(OSError):
                os.close(os.open(self.settings_dict["NAME"], os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
                self._file = self._file_now()
        return super().get_new_connection({**conn_params, "timeout": self._waits})

    def ensure_connection(self):
        super().ensure_connection()
        if not self.is_in_memory_db() and self._waits != (waits := self._patience()):
            self.connection.execute(f"PRAGMA busy_timeout = {waits * 1000:.0f}")
            self._waits = waits

    def _patience(self) -> float:
        """A reader waits for a lock as long as for any database; who writes, as long as the settings say."""
        return patience() if is_readers() else self.settings_dict["OPTIONS"].get("timeout", 5)

    def is_away_by(self, problem: BaseException) -> bool:
        code = getattr(problem, "sqlite_errorcode", 0) & 0xFF
        # An editor who waits for another's lock, or cannot write, says nothing of what readers can read.
        return is_readers() and code in AWAY_CODES

    def probe(self) -> None:
        self.connection.execute("SELECT count(*) FROM sqlite_master").fetchone()

    def is_usable(self) -> bool:
        return self.is_in_memory_db() or self._file == self._file_now()
