"""Counts that all machines of the site share, in the Redis or Valkey that ``CACHE_URL`` names.

A Redis that does not answer is left alone for some seconds; whoever counts then counts in the memory of its own
process. Django's cache framework is not used for this: it asks three times to count one thing, and keeps any number
of keys. Here all counts of one limit in one stretch of time are one key, which goes when that time is over.
"""

import logging
import time
from functools import cache
from threading import Lock

from django.conf import settings

# A visitor waits no longer than this for a count; Redis answers in less than a millisecond.
PATIENCE_SECONDS = 0.15
AWAY_SECONDS = 5.0

_log = logging.getLogger(__name__)

# One step for all, so that no two machines count past each other. Only so many fields; what comes after shares one.
COUNT = """
local field = ARGV[1]
if redis.call('HEXISTS', KEYS[1], field) == 0 and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[2]) then field = '' end
local count = redis.call('HINCRBY', KEYS[1], field, 1)
if redis.call('TTL', KEYS[1]) < 0 then redis.call('EXPIRE', KEYS[1], ARGV[3]) end
return count
"""


class SharedCounts:
    """Counts in one Redis."""

    def __init__(self, url: str):
        # Six megabytes of memory for each process, and most sites have no Redis.
        import redis  # noqa: PLC0415
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.retry import Retry  # noqa: PLC0415

        self._failures = (redis.RedisError, OSError)
        self._redis = redis.Redis.from_url(
            url,
            socket_timeout=PATIENCE_SECONDS,
            socket_connect_timeout=PATIENCE_SECONDS,
            # Once more at once where a kept connection is dead, as after a restart; never where it is silent.
            retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
            max_connections=32,
        )
        self._try_at = 0.0  # time.monotonic()
        self._is_away = False
        self._lock = Lock()

    @property
    def is_away(self) -> bool:
        return self._is_away

    def count(self, key: str, field: bytes, most_fields: int, seconds: int) -> int | None:
        """Count one for a field. Returns the count with it, or None where Redis does not answer.

        The whole key is gone ``seconds`` after its first count. A field that comes when there are ``most_fields``
        shares one count with all others that do.
        """
        with self._lock:
            if self._is_away and time.monotonic() < self._try_at:
                return None
            if self._is_away:  # one thread tries, the others go on without
                self._try_at = time.monotonic() + AWAY_SECONDS
        try:
            counted = int(self._redis.eval(COUNT, 1, key, field, most_fields, seconds))
        except self._failures as problem:
            self._told(is_away=True, why=type(problem).__name__)
            return None
        self._told(is_away=False)
        return counted

    def _told(self, *, is_away: bool, why: str = "") -> None:
        with self._lock:
            is_news, self._is_away = self._is_away != is_away, is_away
            self._try_at = time.monotonic() + AWAY_SECONDS if is_away else 0.0
        if is_news and is_away:
            _log.warning("Redis does not answer (%s): limits are counted in each process.", why)
        elif is_news:
            _log.warning("Redis answers again: limits are counted for all machines together.")

    def answers(self) -> bool:
        """Ask now; for ``/health/ready``. Not asked while it is known to be away."""
        with self._lock:
            if self._is_away and time.monotonic() < self._try_at:
                return False
        try:
            is_there = bool(self._redis.ping())
        except self._failures as problem:
            self._told(is_away=True, why=type(problem).__name__)
            return False
        self._told(is_away=False)
        return is_there


@cache
def _counts_at(url: str) -> SharedCounts:
    return SharedCounts(url)


def shared_counts() -> SharedCounts | None:
    """The counts of all machines; None where the settings name no Redis."""
    url = getattr(settings, "CACHE_URL", "")
    return _counts_at(url) if url else None
