"""Makes anew, little by little, every page that a change has put out of date.

Without it a page that nobody visits would stand on the disk as it was weeks ago, and an outage would show a number
that is no longer true; a page that nobody ever visited would not stand there at all. One process of each machine does
it, what editors approved last first and then the oldest, and rests nine times as long as it works.
"""

import logging
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from html import unescape
from threading import Thread
from urllib.parse import urljoin, urlsplit

from safety_site import figures
from safety_site.page_store.declared import Target, target_of
from safety_site.page_store.door import Door

RESTS_FOR_EACH_SECOND_OF_WORK = 9
SHORTEST_REST_SECONDS = 0.01
SECONDS_BETWEEN_LOOKS = 1.0
SITEMAP = "/sitemap.xml"
LOCATION = re.compile(r"<loc>([^<]+)</loc>")
# Links of pages lead to readings and sheets that no sitemap names; of very many, so many at a time are kept.
LINK = re.compile(r'<a [^>]*?href="([^"#]+)')
MOST_LINKED = 2_000

_log = logging.getLogger(__name__)


class Filler:
    """The filler of one process; it works while no other process of the machine does.

    ``at_first`` is called after each change, before any page is made. It gives the paths of the pages that come first.
    """

    def __init__(self, door: Door, at_first: Callable[[], list[str]] = list):
        self.door, self.at_first = door, at_first
        self._pid = 0
        self._linked: dict[str, Target] = {}

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
            if version is None or (version == filled and not self.door.disk.is_empty()):
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
        self._linked.clear()
        for target in self._to_make(self._do_first(), version):
            if door.watch.version() != version:
                return False
            self._refresh(target)
        return True

    def _to_make(self, first: list[str], version: str) -> Iterator[Target]:
        """What is not kept as it is now: pages of the paths that come first, with all their readings; the sitemap, and
        what it names; other kept pages, the oldest first; what the pages made so far lead to.
        """
        kept = {each.key: each for each in self.door.disk.about()}
        is_old = {key for key, each in kept.items() if each.version != version or each.release != self.door.release}
        of_path: dict[str, list[str]] = {}
        for key in is_old:
            of_path.setdefault(key.partition("?")[0], []).append(key)
        soonest = [key for path in first for key in of_path.get(path, ())]
        yield from _targets(soonest)
        yield target_of(SITEMAP, "")
        yield from _targets(key for key in self._listed() if key not in kept)
        yield from _targets(sorted(is_old - {*soonest, SITEMAP}, key=lambda key: kept[key].made_at))
        for target in list(self._linked.values()):
            if self.door.disk.about_key(target.key, is_variant=target.is_variant) is None:
                yield target

    def _do_first(self) -> list[str]:
        try:
            return self.at_first()
        except Exception as problem:
            _log.warning("What is done before pages are made anew failed (%s).", type(problem).__name__)
            return []

    def _refresh(self, target: Target) -> None:
        began = time.monotonic()
        self.door.refresh(target)
        self._note_links(target)
        worked = time.monotonic() - began
        time.sleep(max(SHORTEST_REST_SECONDS, worked * RESTS_FOR_EACH_SECOND_OF_WORK))

    def _note_links(self, target: Target) -> None:
        """Where a page that was just made leads, if that is a page to keep as well."""
        page = self.door.memory.shelf(is_variant=target.is_variant).get(target.key)
        if page is None or target.is_variant or len(self._linked) >= MOST_LINKED:
            return
        for link in LINK.findall(page.now):
            path, _, query = urljoin(target.path, unescape(link)).partition("?")
            found = target_of(path, query) if path.startswith("/") else None
            if found is not None:
                self._linked[found.key] = found

    def _listed(self) -> list[str]:
        """Paths of every page that the sitemap names."""
        sitemap = self.door.disk.load(SITEMAP, is_variant=False)
        locations = LOCATION.findall(sitemap.now) if sitemap else []
        return [urlsplit(location).path for location in locations]


def _targets(keys: Iterable[str]) -> Iterator[Target]:
    return filter(None, (target_of(*key.partition("?")[::2]) for key in keys))
