"""A thread of each serving process that reads the content version, once a second while anybody asks for pages.

What it knows is two things: which version the words of the site have, and whether the database answers at all. No
request waits for the database to learn either: it takes what was read last, and where that is too old the pages of
the store are served as what they then are, stale.
"""

import logging
import os
import time
from collections.abc import Callable
from threading import Condition, Thread

from safety_site import content_version, figures, reading, unchanged

SECONDS_BETWEEN_READS = 1.0
# What was read longer ago than this is not known to be true any more.
KNOWN_FOR_SECONDS = 2.5
# The first request after a quiet time waits so long for a new reading.
LONGEST_WAIT_SECONDS = 0.5
QUIET_AFTER_SECONDS = 20.0
SECONDS_BETWEEN_QUIET_READS = 10.0

_log = logging.getLogger(__name__)


def read_version(known: content_version.Version | None) -> content_version.Version:
    """The version, from the database that pages are read from."""
    return content_version.read(known, using=reading.now())


class Watch:
    """What one process knows of the content. Times are ``time.monotonic()``, but for ``confirmed_at``."""

    def __init__(self, read: Callable = read_version):
        self._read = read
        self._changed = Condition()
        self._forget()

    def _forget(self) -> None:
        self._pid = 0
        self._known: content_version.Version | None = None
        self._text: str | None = None
        self._read_at = self._asked_at = self._began_at = float("-inf")
        self._is_reading = False
        self.is_failing = False
        self.confirmed_at = 0.0  # Unix time of the last reading

    @property
    def last_version(self) -> str | None:
        """The version as it was read last, however long ago."""
        return self._text

    def version(self) -> str | None:
        """The version now; None while it is not known."""
        now = time.monotonic()
        self._asked_at = now
        if now - self._read_at <= SECONDS_BETWEEN_READS * 1.5:
            return self._text
        return self._ask_anew(now)

    def _ask_anew(self, now: float) -> str | None:
        """Wake the thread; wait for it only after a quiet time, never while the database does not answer."""
        self.start()
        with self._changed:
            if self.is_failing and not self._is_reading and now - self._began_at > SECONDS_BETWEEN_READS:
                # The thread may be asleep since a quiet time. Nobody waits for it; the next reader has the answer.
                self._changed.notify_all()
            is_quiet = not self.is_failing and not (self._is_reading and now - self._began_at > LONGEST_WAIT_SECONDS)
            if is_quiet and now - self._read_at > KNOWN_FOR_SECONDS:
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._read_at >= now or self.is_failing, LONGEST_WAIT_SECONDS)
        return self._text if time.monotonic() - self._read_at <= KNOWN_FOR_SECONDS else None

    def start(self) -> None:
        """Begin to watch, once in each process: a thread does not come along into a fork."""
        if self._pid == os.getpid():
            return
        with self._changed:
            if self._pid != os.getpid():
                self._forget()
                self._pid = os.getpid()
                self._asked_at = time.monotonic()
                Thread(target=self._run, args=(self._pid,), name="watch", daemon=True).start()

    def _run(self, pid: int) -> None:
        while self._pid == pid:
            self.read_once()
            with self._changed:
                is_quiet = time.monotonic() - self._asked_at > QUIET_AFTER_SECONDS
                self._changed.wait(SECONDS_BETWEEN_QUIET_READS if is_quiet else SECONDS_BETWEEN_READS)

    def read_once(self) -> None:
        """Ask the database for the version."""
        self._began_at, self._is_reading = time.monotonic(), True
        try:
            # Pages are read from another database only when the version is known that they are then made for.
            with reading.as_watch():
                self._take(self._read(self._known))
        except Exception as problem:
            figures.worked("read the content version", "failed")
            if not self.is_failing:
                _log.warning("The content version cannot be read (%s): kept pages are served.", type(problem).__name__)
            self.is_failing = True
        else:
            figures.worked("read the content version", "done")
        finally:
            self._is_reading = False
            with self._changed:
                self._changed.notify_all()

    def _take(self, known: content_version.Version) -> None:
        if self.is_failing:
            _log.warning("The content version can be read again.")
        text = str(known)
        # What many pages need first, then what pages are kept by: between the two a page may be made, and must not
        # have what was there before under the new version.
        unchanged.kept.known = text
        self._known, self._text = known, text
        self._read_at, self.confirmed_at = self._began_at, time.time()
        self.is_failing = False


watch = Watch()
