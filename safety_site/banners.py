"""Emergency banners, as readers see them: kept in the memory of each process, so that a page costs no query.

What is kept is read again when it is older than two seconds; whether a banner has begun or ended is asked of the
clock on every page, so that it comes and goes on the second; a page that is kept is told when the next one does.
Where the content version is known (``unchanged.py``), what was read for another version is read again at once: a page
must not be kept for a version with the banners of the one before. Pages never fail with it: when the rows cannot be
read, what was known last goes on, and nothing is asked until the version can be read again, for half a minute at most.
"""

import logging
import math
from collections.abc import Collection
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic

from django.db import Error
from django.db.models import Q
from django.utils import timezone

from safety_site import freshness, unchanged
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
        self._good_until = self._failed_at = -math.inf
        self._version: str | None = None
        self.is_failing = False

    def keep(self, rows: Collection[EmergencyBanner], seconds: float = math.inf) -> None:
        """Take these for what is there, for so long."""
        self._rows, self._good_until = tuple(rows), monotonic() + seconds
        self.is_failing = False

    def _is_of_another_version(self) -> bool:
        version = unchanged.kept.known
        return version is not None and version != self._version and self._good_until < math.inf

    def _is_good(self) -> bool:
        if monotonic() >= self._good_until:
            return False
        # A database that answers the watch again is asked for banners too: one may have come meanwhile.
        if self.is_failing:
            return not unchanged.kept.was_read_since(self._failed_at)
        return not self._is_of_another_version()

    def rows(self) -> tuple[EmergencyBanner, ...]:
        """What is kept, read anew where it is too old; one thread reads, the others go on with what there is."""
        if not self._is_good():
            wait = LONGEST_WAIT_SECONDS if self._rows is None or self._is_of_another_version() else 0
            if self._lock.acquire(blocking=bool(wait), timeout=wait or -1):
                try:
                    if not self._is_good():
                        self._read()
                finally:
                    self._lock.release()
        return self._rows or ()

    def _read(self) -> None:
        now = timezone.now()
        self._version = unchanged.kept.known  # before the rows: they are of this version, or of a later one
        not_over = Q(approved_by__isnull=False) & (Q(ends_at=None) | Q(ends_at__gt=now))
        try:
            self.keep(EmergencyBanner.objects.filter(not_over), REFRESH_SECONDS)
        except Error:
            _log.warning("Emergency banners could not be read; pages show those known before.")
            self.keep(self._rows or (), SECONDS_AFTER_FAILURE)
            self.is_failing, self._failed_at = True, monotonic()


kept = Kept()


def showing(councils: Collection[str] = (), at: datetime | None = None) -> list[EmergencyBanner]:
    """The banners of a page at a moment (default: now), most urgent first: of the whole site, and of its councils."""
    at = at or timezone.now()
    rows = kept.rows()
    if kept.is_failing:
        freshness.holds_until(at + timedelta(seconds=REFRESH_SECONDS))
    here = [banner for banner in rows if not banner.council or banner.council in councils]
    for moment in (moment for banner in here for moment in (banner.starts_at, banner.ends_at)):
        if moment and moment > at:
            freshness.holds_until(moment)
    due = [banner for banner in here if banner.starts_at <= at and (banner.ends_at is None or banner.ends_at > at)]
    due.sort(key=lambda banner: banner.starts_at, reverse=True)
    due.sort(key=lambda banner: _urgency.get(banner.level, len(_urgency)))
    return due[:MOST_AT_ONCE]
