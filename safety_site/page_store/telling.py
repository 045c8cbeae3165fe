"""What the page store, the watch and the database tell of themselves as figures, once a round in each process."""

import os
import time
from contextlib import suppress

from django.db import DEFAULT_DB_ALIAS

from safety_site import figures
from safety_site.databases.health import health
from safety_site.page_store.door import Door

# Counting the files of the folder takes longer than anything else here.
SECONDS_BETWEEN_COUNTS = 30.0


class Telling:
    """The figures of one process."""

    def __init__(self, door: Door):
        self.door = door
        self._counted_at, self._pages, self._bytes = float("-inf"), 0, 0
        self._version, self._since = None, 0.0

    def begin(self) -> None:
        """Have all of it asked for from now on, in this process and in those that it forks."""
        shelves = (self.door.memory.pages, self.door.memory.variants)
        figures.gauge("store_memory_bytes", lambda: sum(shelf.bytes for shelf in shelves))
        figures.gauge("store_memory_pages", lambda: sum(map(len, shelves)))
        figures.gauge("store_disk_pages", lambda: self._counted()[0])
        figures.gauge("store_disk_bytes", lambda: self._counted()[1])
        figures.gauge("database_up", lambda: 0 if health.is_away(DEFAULT_DB_ALIAS) or self.door.watch.is_failing else 1)
        figures.gauge("content_version_read_seconds", self._read_seconds)
        figures.gauge("content_age_seconds", self._age)

    def _counted(self) -> tuple[int, int]:
        if time.monotonic() - self._counted_at > SECONDS_BETWEEN_COUNTS:
            pages = size = 0
            for kind in ("pages", "variants"):
                for folder, _folders, names in os.walk(self.door.disk.folder / kind):
                    for name in names:
                        with suppress(FileNotFoundError):  # another process replaces them meanwhile
                            size += os.stat(os.path.join(folder, name)).st_size
                            pages += 1
            self._counted_at, self._pages, self._bytes = time.monotonic(), pages, size
        return self._pages, self._bytes

    def _read_seconds(self) -> float | None:
        confirmed_at = self.door.watch.confirmed_at
        return max(0.0, time.time() - confirmed_at) if confirmed_at else None

    def _age(self) -> float | None:
        """Seconds since the version was first read as it is; None until it was seen to change."""
        version = self.door.watch.last_version
        if version != self._version:
            is_first = self._version is None
            self._version, self._since = version, 0.0 if is_first else time.monotonic()
        return time.monotonic() - self._since if self._since else None
