"""Making a mirror: ask the site for every public page, follow the links, and write what changed.

The pages say nothing that is true only now, and tell how old they are. What equals the mirror before is linked to it
instead of written; where nothing at all changed since (``content_version``, ``release``), the pages of the mirror
before are taken, and only their age is told anew.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import SuspiciousFileOperation
from django.utils import timezone
from django.utils._os import safe_join
from django.utils.html import format_html

from safety_site import content_version, reading
from safety_site.freshness import MARK_AGE
from safety_site.mirror import addresses, put_banner, servers
from safety_site.mirror.asking import Answer, Site
from safety_site.mirror.folder import Contents, Folder, MirrorError
from safety_site.mirror.links import Page
from safety_site.mirror.marks import said_of
from safety_site.mirror.taking_down import take_out
from safety_site.release import release_on_database
from safety_site.sitemaps import SITEMAPS
from safety_site.unchanged import kept

# What no link leads to, or none that a copy has.
ALSO = (
    "/copy/", "/exit/", "/search/", "/feedback/", "/contacts.csv", "/robots.txt", "/sitemap.xml",
    "/.well-known/security.txt",
)  # fmt: skip
NO_SUCH_PAGE = "/no-such-page-in-this-copy/"
# Where the age of a page begins and ends in its file.
BEGINS, ENDS = "<!--age-->", "<!--/age-->"
# With so many pages that fail, the rest is not asked for.
MOST_FAILURES = 5
# On a busy machine a database may be silent for a moment, and is then left alone for a second.
SECONDS_BEFORE_AGAIN = 1.5


@dataclass
class Counts:
    """What an export did. Of pages, the age and a banner put there by hand do not count."""

    as_before: int = 0
    changed: int = 0
    new: int = 0
    gone: int = 0
    size: int = 0  # bytes
    dead_links: list[str] = field(default_factory=list)  # of the site, which lead to the page for such addresses

    @property
    def files(self) -> int:
        return self.as_before + self.changed + self.new


def export(path: str | Path, anew: bool = False, bar: Callable[[int, int], None] = lambda done, of: None) -> Counts:
    """Make the mirror in a folder. Raises MirrorError, and leaves the mirror as it was, where anything fails.

    ``anew`` asks for every page even where nothing changed. ``bar`` is told how many pages are done, of how many.
    """
    folder = Folder(path)
    with folder.locked():
        # Also where the rest of it fails: a page that was taken down must not stay because another cannot be made.
        take_out(folder)
        made_at = timezone.now()
        before = folder.contents()
        writer = Writer(folder, before, made_at)
        try:
            with _read_from_one_database() as using:
                # Before the words: then they are never older than it says.
                version = str(content_version.read(using=using))
                made_from = f"{version} {release_on_database()}"
                if before and before.made_from == made_from and not anew:
                    writer.take_all()
                else:
                    writer.write_all(_crawl(version, bar))
            writer.write_rules()
            folder.show(writer.place, Contents(made_at, made_from, sorted(writer.files)))
        except BaseException:
            shutil.rmtree(writer.place, ignore_errors=True)
            raise
        writer.counts.gone = len(set(before.files) - writer.files) if before else 0
        return writer.counts


@contextmanager
def _read_from_one_database() -> Iterator[str]:
    """The one that readers' pages come from: the replica, where there is one that may be read."""
    using = reading.alias()
    with reading.as_reader(using):
        yield using


def _crawl(version: str, bar: Callable[[int, int], None]) -> "Crawl":
    """What many pages share is made once, as in a process that serves."""
    known, kept.known = kept.known, version
    try:
        return Crawl(Site(), bar)
    finally:
        kept.known = known


class Crawl:
    """Every page, and every file that pages load. Raises MirrorError if one that readers are led to fails."""

    def __init__(self, site: Site, bar: Callable[[int, int], None]):
        self.site = site
        self.answers: dict[str, Answer] = {}  # by address
        self.pages: dict[str, Page] = {}
        self.leads: dict[str, str] = {}  # an address that links name → where it is in the copy
        self.dead: list[str] = []
        self.failed: list[str] = []
        for address in (*_sitemap(), *ALSO):
            self.leads[address] = addresses.in_copy(address)
        self._must_be_there = set(self.leads)
        waiting = list(self.leads)
        done = 0
        while waiting and len(self.failed) < MOST_FAILURES:
            waiting += self._fetch(waiting.pop(0))
            done += 1
            bar(done, done + len(waiting))
        self._fetch_missing()
        if self.failed:
            raise MirrorError(f"The mirror stays as it was: the site failed on {', '.join(self.failed)}.")

    def _fetch(self, address: str) -> Iterable[str]:
        """Ask for one address. Returns those that its page leads to and nobody has asked for."""
        answer = self.site.ask(address)
        if answer.status >= 500:
            time.sleep(SECONDS_BEFORE_AGAIN)
            answer = self.site.ask(address)
        is_own = address in self._must_be_there
        if 300 <= answer.status < 400 and not is_own:
            return self._follow(address, answer)
        if answer.status == 404 and not is_own:
            self.dead.append(address)
            self.leads[address] = addresses.MISSING
            return []
        # A page that was taken down, and that another still names, says why.
        if answer.status not in ((200,) if is_own else (200, 410)) or addresses.file_of(address) is None:
            self.failed.append(f"{address} ({answer.status})")
            return []
        self.answers[address] = answer
        if not answer.is_page:
            return []
        self.pages[address] = page = Page(answer.body.decode())
        return self._new_of(page, address)

    def _follow(self, address: str, answer: Answer) -> Iterable[str]:
        """Links to a page that moved lead straight to where it is."""
        target = addresses.of_ours(answer.location, address)
        if target is None:
            self.leads[address] = answer.location
            return []
        target = addresses.wanted(target)
        if target in self.leads:
            self.leads[address] = self.leads[target]
            return []
        self.leads[address] = self.leads[target] = addresses.in_copy(target)
        return [target]

    def _new_of(self, page: Page, address: str) -> list[str]:
        """What a page leads to or loads, for the first time."""
        new = []
        for link in (*(link.address for link in page.links), *page.loads):
            target = addresses.of_ours(link, address)
            target = target and addresses.wanted(target)
            if target and target not in self.leads:
                self.leads[target] = addresses.in_copy(target)
                if not target.startswith(f"/{settings.STATIC_URL.strip('/')}/"):
                    new.append(target)
        return new

    def _fetch_missing(self) -> None:
        """The page for addresses that are none."""
        answer = self.site.ask(NO_SUCH_PAGE)
        if answer.status != 404 or not answer.is_page:
            self.failed.append(f"its page for missing addresses ({answer.status})")
            return
        self.answers[addresses.MISSING] = answer
        self.pages[addresses.MISSING] = Page(answer.body.decode())

    def lead(self, address: str) -> Callable[[str], str]:
        """A function that writes the links of one page anew."""

        def to(link: str) -> str:
            if link.startswith("#"):
                return link
            target = addresses.of_ours(link, address)
            if target is None:
                return link
            fragment = urlsplit(link).fragment
            path = self.leads[addresses.wanted(target)]
            return f"{path}#{fragment}" if fragment and path != addresses.MISSING else path

        return to

    def static_files(self) -> list[str]:
        prefix = f"/{settings.STATIC_URL.strip('/')}/"
        return sorted(address for address in self.leads if address.startswith(prefix))

    def uploads(self) -> list[str]:
        prefix = f"/{settings.MEDIA_URL.strip('/')}/"
        return sorted(address for address in self.answers if address.startswith(prefix))


def _sitemap() -> Iterable[str]:
    for kind in SITEMAPS.values():
        pages = kind()
        for item in pages.items():
            yield pages.location(item)


class Writer:
    """The files of the next mirror, beside those of the one before."""

    def __init__(self, folder: Folder, before: Contents | None, made_at: datetime):
        self.before = folder.shown() if before else None
        self.were = set(before.files) if before else set()
        self.folder, self.made_at = folder, made_at
        self.place = folder.begin(made_at)
        self.age = age_note(made_at)
        self.banner = put_banner.as_html(put_banner.read(folder.banner)) if folder.banner.exists() else ""
        self.files: set[str] = set()
        self.counts = Counts()

    def take_all(self) -> None:
        """The files of the mirror before, with a new age and the banner that there is now."""
        for name in sorted(self.were - servers.RULES):
            if name.endswith(".html"):
                self.write(name, self.aged((self.before / name).read_text("utf-8")))
            else:
                self.copy(name, self.before / name)

    def write_all(self, crawl: Crawl) -> None:
        for address, page in crawl.pages.items():
            self.write(addresses.file_of(address), self.with_age(page.with_links(crawl.lead(address))))
        uploads = crawl.uploads()
        for address, answer in crawl.answers.items():
            if address not in crawl.pages and address not in uploads:
                self.write(addresses.file_of(address), answer.body)
        for address in uploads:
            name = addresses.file_of(address)
            self.copy(name, Path(safe_join(settings.MEDIA_ROOT, name.removeprefix(settings.MEDIA_URL.lstrip("/")))))
        for address in crawl.static_files():
            self.copy_static(address)
        self.counts.dead_links = crawl.dead
        self.keep_for_readers()

    def with_age(self, page: str) -> str:
        """A page that was just made, with its age and a place for a banner put there by hand."""
        place = f"{put_banner.BEGINS}{self.banner}{put_banner.ENDS}{BEGINS}{self.age}{ENDS}"
        return page.replace(MARK_AGE, place, 1)

    def aged(self, page: str) -> str:
        """A page of the mirror before, with its age told anew."""
        before, begins, rest = page.partition(BEGINS)
        page = f"{before}{begins}{self.age}{rest[rest.index(ENDS) :]}" if begins else page
        return put_banner.on_page(page, self.banner)

    def write(self, name: str, content: str | bytes) -> None:
        data = content.encode() if isinstance(content, str) else content
        if name in self.were and (self.before / name).read_bytes() == data:
            self._link(name)
            return
        self._place(name).write_bytes(data)
        same = name in self.were and _timeless(self.before / name) == _timeless(self.place / name)
        self._count(name, same)

    def copy(self, name: str, source: Path) -> None:
        """A file that is there already; whether it changed is told by its size and its time."""
        now = source.stat()
        if name in self.were:
            then = (self.before / name).stat()
            if (then.st_size, then.st_mtime_ns) == (now.st_size, now.st_mtime_ns):
                self._link(name)
                return
        place = self._place(name)
        # Not with its rights: an upload is for the site alone, and the mirror for whatever sends it.
        shutil.copyfile(source, place)
        os.utime(place, ns=(now.st_atime_ns, now.st_mtime_ns))
        self._count(name, same=False)

    def copy_static(self, address: str) -> None:
        """A static file, and the same compressed where ``collectstatic`` did so."""
        name = address.removeprefix(f"/{settings.STATIC_URL.strip('/')}/")
        try:
            found = staticfiles_storage.path(name)
        except SuspiciousFileOperation:
            found = ""
        source = Path(found) if found and Path(found).is_file() else finders.find(name)
        if not source:
            raise MirrorError(f"The mirror stays as it was: {address} is not there. Run collectstatic.")
        self.copy(address.lstrip("/"), Path(source))
        compressed = Path(f"{source}.gz")
        if compressed.is_file():
            self.copy(f"{address.lstrip('/')}.gz", compressed)

    def keep_for_readers(self) -> None:
        """Whoever has a page of the mirror before open may ask for its files a moment later."""
        for name in self.were - self.files:
            if name.startswith(settings.STATIC_URL.lstrip("/")):
                os.link(self.before / name, self._place(name))

    def write_rules(self) -> None:
        self.write(servers.HEADERS, servers.headers_file())
        self.write(servers.REDIRECTS, servers.redirects_file())
        _replace(self.folder.path / "nginx.conf", servers.nginx_conf(self.folder.current).encode())
        _replace(self.folder.path / "put_banner.py", Path(put_banner.__file__).read_bytes())

    def _place(self, name: str) -> Path:
        place = self.place / name
        # Written over, a file would also change in the mirror before: it may be one and the same.
        if place.exists():
            raise MirrorError(f"The mirror stays as it was: two pages would be the file {name}.")
        place.parent.mkdir(parents=True, exist_ok=True)
        return place

    def _link(self, name: str) -> None:
        os.link(self.before / name, self._place(name))
        self._count(name, same=True)

    def _count(self, name: str, same: bool) -> None:
        self.files.add(name)
        self.counts.size += (self.place / name).stat().st_size
        if same:
            self.counts.as_before += 1
        elif name in self.were:
            self.counts.changed += 1
        else:
            self.counts.new += 1


def _replace(path: Path, data: bytes) -> None:
    beside = path.with_name(f"{path.name}.part")
    beside.write_bytes(data)
    beside.replace(path)


def _timeless(path: Path) -> str | bytes:
    """A page without its age and without a banner put there by hand; any other file as it is."""
    if path.suffix != ".html":
        return path.read_bytes()
    page = put_banner.on_page(path.read_text("utf-8"), "")
    before, _, rest = page.partition(BEGINS)
    return before + rest.partition(ENDS)[2]


def age_note(made_at: datetime) -> str:
    """The words at the top of each page."""
    return format_html(
        '<aside class="copy-age" aria-label="About this copy"><p class="wrap">This is a copy of the site, made on '
        '<time datetime="{}">{}</time>. Numbers may have changed since. '
        '<a href="/copy/">What works here</a></p></aside>\n',
        timezone.localtime(made_at).isoformat(timespec="minutes"),
        said_of(made_at),
    )
