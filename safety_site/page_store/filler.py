"""Makes anew, little by little, every page that a change has put out of date.

Without it a page that nobody visits would stand on the disk as it was weeks ago, and an outage would show a number
that is no longer true; a page that nobody ever visited would not stand there at all. One process of each machine does
it, oldest pages first, and rests nine times as long as it works.
"""

import logging
import os
import re
import time
from threading import Thread
from urllib.parse import urlsplit

from safety_site import figures
from safety_site.page_store.declared import Target, target_of
from safety_site.page_store.door import Door

RESTS_FOR_EACH_SECOND_OF_WORK = 9
SHORTEST_REST_SECONDS = 0.01
SECONDS_BETWEEN_LOOKS = 5.0
SITEMAP = "/sitemap.xml"
LOCATION = re.compile(r"<loc>([^<]+)</loc>")

_log = logging.getLogger(__name__)


class Filler:
    """The filler of one process; it works while no other process of the machine does."""

    def __init__(self, door: Door):
        self.door = door
        self._pid = 0

    def start(self) -> None:
        """Begin, once in each process."""
        if self._pid != os.getpid():
            self._pid = os.getpid()
            Thread(target=self._run, args=(self._pid,), name="filler", daemon=True).start()

    def _run(self, pid: int) -> None:
        filled = None
        while self._pid == pid:
            time.sleep(SECONDS_BETWEEN_LOOKS)
            version = self.door.watch.last_version
            if version is None or version == filled:
                continue
            with self.door.disk.only_one("filler") as is_mine:
                if not is_mine:
                    continue
                try:
                    if self.fill():
                        filled = version
                        figures.worked("fill the store", "done")
                except Exception:
                    figures.worked("fill the store", "failed")
                    _log.exception("Pages could not be made anew.")

    def fill(self) -> bool:
        """Go once through all pages. Returns False where it ended early: the content changed, or is not known."""
        door, version = self.door, self.door.watch.version()
        if version is None:
            return False
        self._refresh(target_of(SITEMAP, ""))
        for target in self._outdated(version):
            if door.watch.version() != version:
                return False
            self._refresh(target)
        return True

    def _refresh(self, target: Target) -> None:
        began = time.monotonic()
        self.door.refresh(target)
        worked = time.monotonic() - began
        time.sleep(max(SHORTEST_REST_SECONDS, worked * RESTS_FOR_EACH_SECOND_OF_WORK))

    def _outdated(self, version: str) -> list[Target]:
        """Pages of the sitemap that are not kept yet, then kept ones that are out of date, the oldest first."""
        kept = {each.key: each for each in self.door.disk.about()}
        current = {key for key, each in kept.items() if each.version == version and each.release == self.door.release}
        old = sorted((each.made_at, key) for key, each in kept.items() if key not in current)
        keys = [key for key in self._listed() if key not in kept] + [key for _made, key in old]
        targets = [target_of(*key.partition("?")[::2]) for key in keys]
        return [target for target in targets if target is not None]

    def _listed(self) -> list[str]:
        """Paths of every page that the sitemap names."""
        sitemap = self.door.disk.load(SITEMAP, is_variant=False)
        locations = LOCATION.findall(sitemap.now) if sitemap else []
        return [urlsplit(location).path for location in locations]
