"""Which databases answer, as this process knows it, and how long somebody waits for one.

A database that failed is *away*. For a second nothing asks it, then one thread may try while the others go on
without it. Where a watch tries (``safety_site/watch.py``), no request does.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Lock

# A dead database is not asked again before this.
AWAY_SECONDS = 1.0
# A try that hangs keeps others from trying for so long.
LONGEST_TRY_SECONDS = 3.0
# A watch that has not tried for so long is none: then requests try.
WATCH_LASTS_SECONDS = 3.0

# How long one query may stay silent: a reader gets a kept page instead, an editor has more patience.
READERS_PATIENCE = 1.0
PATIENCE = 5.0

_log = logging.getLogger(__name__)
_patience: ContextVar[float | None] = ContextVar("patience", default=None)
_is_watch: ContextVar[bool] = ContextVar("is_watch", default=False)


@dataclass
class _State:
    away_since: float | None = None  # time.monotonic(), as all here
    try_at: float = 0.0
    heard_at: float = float("-inf")


class Health:
    """What one process knows. ``serves`` is set where requests are answered; commands wait as long as it takes."""

    def __init__(self):
        self.serves = False
        self._states: dict[str, _State] = {}
        self._watched_at = float("-inf")
        self._lock = Lock()

    def _of(self, alias: str) -> _State:
        return self._states.setdefault(alias, _State())

    def is_away(self, alias: str) -> bool:
        state = self._states.get(alias)
        return state is not None and state.away_since is not None

    @property
    def is_watched(self) -> bool:
        return time.monotonic() - self._watched_at < WATCH_LASTS_SECONDS

    def may_try(self, alias: str) -> bool:
        """Whether this thread may find out if a database that is away is back; if so, no other one will meanwhile."""
        now = time.monotonic()
        is_watch = _is_watch.get()
        with self._lock:
            state = self._of(alias)
            if now < state.try_at or (not is_watch and self.is_watched):
                return False
            state.try_at = now + LONGEST_TRY_SECONDS
            return True

    def failed(self, alias: str) -> None:
        """It could not be reached, or stayed silent. Only where requests are answered is that remembered."""
        if not self.serves:
            return
        now = time.monotonic()
        with self._lock:
            state = self._of(alias)
            is_news, state.away_since = state.away_since is None, state.away_since or now
            state.try_at = now + AWAY_SECONDS
        if is_news:
            _log.warning("The database %s does not answer.", alias)

    def answered(self, alias: str) -> None:
        with self._lock:
            state = self._of(alias)
            is_news, state.away_since = state.away_since is not None, None
        if is_news:
            _log.warning("The database %s answers again.", alias)

    def heard(self, alias: str) -> None:
        """It answered some query; called for each, so it does nothing more."""
        self._of(alias).heard_at = time.monotonic()

    def was_heard(self, alias: str, seconds: float) -> bool:
        """Whether it answered anything within the last seconds."""
        return time.monotonic() - self._of(alias).heard_at < seconds

    def forget(self) -> None:
        """As in a new process."""
        self.__init__()

    def watched(self) -> None:
        self._watched_at = time.monotonic()


health = Health()


def patience() -> float | None:
    """Seconds that whoever asks now waits for one answer of a database; None: as long as it takes."""
    return _patience.get() or (PATIENCE if health.serves else None)


def is_readers() -> bool:
    """Whether what is asked now is for a page that readers see."""
    return _patience.get() == READERS_PATIENCE


@contextmanager
def with_patience(seconds: float) -> Iterator[None]:
    token = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(token)


@contextmanager
def watching() -> Iterator[None]:
    """For the thread that finds out, so that no request has to."""
    health.watched()
    token = _is_watch.set(True)
    try:
        yield
    finally:
        _is_watch.reset(token)
