"""Emergency banners, as readers see them: kept in the memory of each process, so that a page costs no query.

What is kept is read again when it is older than two seconds; whether a banner has begun or ended is asked of the
clock on every page, so that it comes and goes on the second. Pages never fail with it: when the rows cannot be
read, what was known last goes on, and for half a minute nothing is asked.
"""

import logging
import math
from collections.abc import Collection
from datetime import datetime
from threading import Lock
from time import monotonic

from django.db import Error
from django.db.models import Q
from django.utils import timezone

from safety_site.models import EmergencyBanner

REFRESH_SECONDS = 2
SECONDS_AFTER_FAILURE = 30
# A page with more of them than this would be read by nobody.
MOST_AT_ONCE = 3
# A thread that is the first to come waits so long for another one that reads already.
LONGEST_WAIT_SECONDS = 1

_log = logging.getLogger(__name__)
_urgency = {level: place for place, level in enumerate(EmergencyBanner.Level.values)}


class Kept:
    """The banners that are not over, as this process last read them."""

    def __init__(self):
        self._lock = Lock()
        self.forget()

    def forget(self) -> None:
        """Read anew on the next page: after an approval, in this process at once."""
        self._rows: tuple[EmergencyBanner, ...] | None = None
        self._good_until = -math.inf

    def keep(self, rows: Collection[EmergencyBanner], seconds: float = math.inf) -> None:
        """Take these for what is there, for so long."""
        self._rows, self._good_until = tuple(rows), monotonic() + seconds

    def rows(self) -> tuple[EmergencyBanner, ...]:
        """What is kept, read anew where it is too old; one thread reads, the others go on with what there is."""
        if monotonic() >= self._good_until:
            wait = LONGEST_WAIT_SECONDS if self._rows is None else 0
            if self._lock.acquire(blocking=bool(wait), timeout=wait or -1):
                try:
                    if monotonic() >= self._good_until:
                        self._read()
                finally:
                    self._lock.release()
        return self._rows or ()

    def _read(self) -> None:
        now = timezone.now()
        not_over = Q(approved_by__isnull=False) & (Q(ends_at=None) | Q(ends_at__gt=now))
        try:
            self.keep(EmergencyBanner.objects.filter(not_over), REFRESH_SECONDS)
        except Error:
            _log.warning("Emergency banners could not be read; pages show those known before.")
            self.keep(self._rows or (), SECONDS_AFTER_FAILURE)


kept = Kept()


def showing(councils: Collection[str] = (), at: datetime | None = None) -> list[EmergencyBanner]:
    """The banners of a page at a moment (default: now), most urgent first: of the whole site, and of its councils."""
    at = at or timezone.now()
    due = [
        banner
        for banner in kept.rows()
        if (not banner.council or banner.council in councils)
        and banner.starts_at <= at
        and (banner.ends_at is None or banner.ends_at > at)
    ]
    due.sort(key=lambda banner: banner.starts_at, reverse=True)
    due.sort(key=lambda banner: _urgency.get(banner.level, len(_urgency)))
    return due[:MOST_AT_ONCE]
