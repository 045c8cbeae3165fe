"""The WSGI application in front of Django's: kept pages are answered here, everything else goes on to Django.

A *hit* costs a few look-ups in dictionaries. A *miss* is made once for all who wait for it, from an environment of
our own making: nothing of the request that is not part of the address can get onto a page that others will see. When
the database or a view fails, the page as it was last made is served, in the reading that says nothing of now.
"""

import logging
import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from http import HTTPStatus
from typing import NamedTuple

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from safety_site import freshness
from safety_site.freshness import Mode, split
from safety_site.observing import NONE, observe, request_id
from safety_site.page_store.answer import Answer, Headers, ReadyHeaders, finish, may_be_kept
from safety_site.page_store.asking import Environ, environ_for
from safety_site.page_store.declared import Target, target_of
from safety_site.page_store.disk import Disk
from safety_site.page_store.flights import Flights
from safety_site.page_store.memory import Memory
from safety_site.page_store.negotiation import LONGEST_REMEMBERED, encoding_for, is_unchanged
from safety_site.release import release_on_database
from safety_site.watch import Watch

StartResponse = Callable

# A shared cache in front may keep a page for this long. Store and cache together: two seconds behind an editor.
SHARED_SECONDS = 1
# ... and may go on with it for so long when this site does not answer, if nothing on it is true only now.
SHARED_SECONDS_IN_FAILURE = 3_600
# How much longer than they are told caches may show a page: nginx counts whole seconds of the clock.
CACHES_ARE_LATE = 1
# A page that could not be made is not tried again at once: readers get the last good one.
SECONDS_AFTER_FAILURE = 1.0
MOST_HOSTS_REMEMBERED = 200
MOST_FAILURES_REMEMBERED = 1_000
# Ways in which browsers write Accept-Encoding, remembered for each answer; what is longer is no browser's.
MOST_READY, LONGEST_READY = 8, LONGEST_REMEMBERED
# Addresses that were answered with a kept page, so that they need not be read again. No others are remembered.
MOST_TARGETS = 4_096

NO_STORE = ("Cache-Control", "no-store")
# Larger ones are cut off: nobody sends so much by mistake.
LARGEST_REFUSED_BODY = 8_000_000
# What a request is accompanied by on its way: when it came, and the name of its route once Django knows it.
BEGAN, ROUTE = "hearthside.began", "hearthside.route"
FRESH = "hearthside; hit"
MISS = "hearthside; fwd=miss; stored"
# Answers whether or not the database does, so nothing may wait for it.
HEALTH = "/health/"

_log = logging.getLogger(__name__)


class Made(NamedTuple):
    """What came of making a page."""

    answer: Answer | None = None  # the page as it is true now
    how: str = ""  # how it was come by, in words of Cache-Status
    last: Answer | None = None  # else the last good one
    other: tuple[int, Headers, bytes] | None = None  # else what Django says: status, headers, body


class Door:
    """What the server calls for each request."""

    def __init__(self, application: Callable, disk: Disk, memory: Memory, watch: Watch):
        self.application, self.disk, self.memory, self.watch = application, disk, memory, watch
        self._hosts: set[str] = set()
        self._targets: dict[tuple[str, str], Target] = {}
        self.keeps = True
        self.filler = None  # set by whoever wants pages to be made that nobody asks for
        self._started = 0
        self._flights = Flights()
        self._failed: dict[str, float] = {}
        self.release = release_on_database()
        self._https_only = settings.HTTPS_ONLY
        self._proto_header, self._proto_value = settings.SECURE_PROXY_SSL_HEADER or ("", "")

    # --- One request --------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin what runs beside the requests of a process; again in each, since threads do not outlive a fork."""
        self._started = os.getpid()
        self.watch.start()
        if self.filler is not None:
            self.filler.start()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Nearly every request ends in the first lines: they are kept short, since they are the speed of the site."""
        began = environ[BEGAN] = time.perf_counter()
        if (
            self.keeps
            and environ["REQUEST_METHOD"] in ("GET", "HEAD")
            and "HTTP_COOKIE" not in environ
            and "HTTP_AUTHORIZATION" not in environ
            and self._is_ours(environ)
        ):
            address = environ["PATH_INFO"], environ["QUERY_STRING"]
            target = self._targets.get(address) or target_of(*address)
            if target is not None:
                now, version = time.time(), self.watch.version()
                answer = (self.memory.variants if target.query else self.memory.pages).get(target.key)
                if answer is None or version is None or not self._is_true(answer, version, now):
                    return self._kept(target, answer, version, environ, start_response)
                status, head, body = self._ready(answer, environ, now)
                observe(answer.route, answer.status, time.perf_counter() - began, "hit")
                start_response(status, head)
                return body
        if not environ["PATH_INFO"].startswith(HEALTH):
            self.watch.version()  # what Django has in memory must be of this moment, too
        return self._pass(environ, start_response)

    def _pass(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """To Django, as if there were no store."""
        name, status = request_id(environ), [500]

        def noting(line: str, headers: Headers, exc_info=None):
            status[0] = int(line[:3])
            return start_response(line, headers, exc_info) if exc_info else start_response(line, headers)

        try:
            pieces = self.application(environ, noting)
            if environ["REQUEST_METHOD"] == "HEAD":
                # Django leaves it to the server to send no body, and gunicorn would write a line of log for each.
                if hasattr(pieces, "close"):
                    pieces.close()
                return []
            read_to_the_end(environ)
            return pieces
        finally:
            seconds = time.perf_counter() - environ[BEGAN]
            observe(environ.get(ROUTE, NONE), status[0], seconds, "bypass", name, environ["REQUEST_METHOD"])

    def _is_ours(self, environ: Environ) -> bool:
        """Whether Django would answer with a page: for a host of ours, and over TLS where the site asks for it."""
        host = environ.get("HTTP_HOST", "")
        if host not in self._hosts:
            name, _port = split_domain_port(host)
            if not name or not validate_host(name, settings.ALLOWED_HOSTS):
                return False
            if len(self._hosts) < MOST_HOSTS_REMEMBERED:
                self._hosts.add(host)
        if not self._https_only:
            return True
        if self._proto_header:
            return environ.get(self._proto_header) == self._proto_value
        return environ["wsgi.url_scheme"] == "https"

    def _kept(
        self,
        target: Target,
        answer: Answer | None,
        version: str | None,
        environ: Environ,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """A page that this process does not hold as it is true now."""
        if self._started != os.getpid():
            self.start()
        request_id(environ)  # what is logged of the making names this request
        if version is None:
            answer = self._last_copy(target, answer) or (self._last_copy(target.plain) if target.is_variant else None)
            if answer is None:
                return self._pass(environ, start_response)
            return self._send_stale(answer, environ, start_response)
        made = self._make(target, version)
        if made.answer is not None:
            self._remember(target)
            self._note(target.route, made.answer.status, "hit" if made.how is FRESH else "miss", environ)
            status, head, body = self._ready(made.answer, environ, time.time(), made.how)
            start_response(status, head)
            return body
        if made.last is not None:
            return self._send_stale(made.last, environ, start_response)
        if made.other is not None and made.other[1]:
            return self._send_other(made.other, target, environ, start_response)
        return self._pass(environ, start_response)

    def _is_true(self, answer: Answer, version: str, now: float) -> bool:
        return (
            answer.version == version
            and answer.release == self.release
            and answer.made_at <= now + 1  # else the clock was set back: what it says of now was said of another time
            and (answer.until is None or now < answer.until)
        )

    def _remember(self, target: Target) -> None:
        """That this is the address of a kept page, as it is written in links."""
        if len(self._targets) >= MOST_TARGETS:
            self._targets.clear()
        self._targets[target.path, target.query] = target

    # --- Making a page ------------------------------------------------------------------------------------

    def refresh(self, target: Target) -> None:
        """Make a page anew if it is not true any more; for the filler, which sends it to nobody."""
        version = self.watch.version()
        if version is None:
            return
        made = self._make(target, version)
        if made.how is FRESH and made.answer is not None:
            there = self.disk.about_key(target.key, is_variant=target.is_variant)
            if there is None or there.version != version:  # the disk was full, or its folder was emptied
                self.disk.save(made.answer, is_variant=target.is_variant)

    def _make(self, target: Target, version: str) -> "Made":
        """The page as it is true now, made at most once; or what there is in its place."""
        with self._flights.of(target.key):
            found = self._true_copy(target, version)
            if found is None and self._failed.get(target.key, 0) <= time.monotonic():
                with self.disk.flight(target.key):
                    return self._true_copy(target, version) or self._ask_django(target, version)
            return found or Made(last=self._newest_copy(target))

    def _ask_django(self, target: Target, version: str) -> "Made":
        shelf, began = self.memory.shelf(is_variant=target.is_variant), time.time()
        status, headers, body, kept = self._render(target)
        if may_be_kept(status, headers, body, in_place=status == HTTPStatus.NOT_FOUND and self._has_copy(target)):
            answer = finish(target.key, target.route, status, headers, body, version, self.release, kept.until, began)
            self._failed.pop(target.key, None)
            held = shelf.get(target.key)
            if held is None or not began < held.made_at <= time.time() + 1:
                shelf.put(answer)
            self.disk.save(answer, is_variant=target.is_variant)
            return Made(answer, MISS)
        if status < 500:  # nothing that could be kept in its place
            shelf.drop(target.key)
            self.disk.drop(target.key, is_variant=target.is_variant)
            return Made(other=(status, headers, body))
        if len(self._failed) >= MOST_FAILURES_REMEMBERED:
            self._failed.clear()
        self._failed[target.key] = time.monotonic() + SECONDS_AFTER_FAILURE
        return Made(last=self._newest_copy(target), other=(status, headers, body))

    def _true_copy(self, target: Target, version: str) -> "Made | None":
        answer = self._newest_copy(target, version)
        return Made(answer, FRESH) if answer is not None and self._is_true(answer, version, time.time()) else None

    def _has_copy(self, target: Target) -> bool:
        kind = {"is_variant": target.is_variant}
        return self.memory.shelf(**kind).get(target.key) is not None or bool(self.disk.about_key(target.key, **kind))

    def _last_copy(self, target: Target, held: Answer | None = None) -> Answer | None:
        """The copy to send while nobody knows the version.

        What this process holds, where that was true when the version was last known; else another process may have
        made a newer one: that the page was taken down, perhaps.
        """
        if held is not None and held.version == self.watch.last_version:
            return held
        return self._newest_copy(target)

    def _newest_copy(self, target: Target, version: str | None = None) -> Answer | None:
        """What this process holds, if it is true; else the newest of that and of what the disk holds."""
        shelf = self.memory.shelf(is_variant=target.is_variant)
        held = shelf.get(target.key)
        if held is not None and version is not None and self._is_true(held, version, time.time()):
            return held
        found = self.disk.load(target.key, is_variant=target.is_variant)
        if found is not None and (held is None or found.made_at > held.made_at):
            shelf.put(found)
            return found
        return held

    def _render(self, target: Target) -> tuple[int, Headers, bytes, freshness.Rendering]:
        """Ask Django for a page, for nobody in particular."""
        said: list = []

        def start(status: str, headers: Headers, exc_info=None) -> None:
            said[:] = [int(status.split(" ", 1)[0]), headers]

        with freshness.rendering(Mode.BOTH) as kept:
            try:
                pieces = self.application(environ_for(target), start)
                try:
                    body = b"".join(pieces)
                finally:
                    if hasattr(pieces, "close"):
                        pieces.close()
            except Exception:  # Django answers 500 for nearly all; what is left must not reach a reader either
                _log.exception("A page could not be made.")
                return 500, [], b"", kept
        return said[0], said[1], body, kept

    # --- Sending ------------------------------------------------------------------------------------------

    def _ready(
        self, answer: Answer, environ: Environ, now: float, how: str = FRESH
    ) -> tuple[str, Headers, list[bytes]]:
        """Status, headers and body of an answer for a reader now."""
        accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
        holds = int(answer.until - now) if answer.until is not None else None
        if how is FRESH and "HTTP_IF_NONE_MATCH" not in environ and environ["REQUEST_METHOD"] == "GET":
            # What was sent to the reader before, in the same second if it tells the seconds.
            last = answer.ready.get(accepted)
            if last is not None and last[0] == holds:
                return last[1]
        is_like_a_browsers = len(accepted) <= LONGEST_READY
        encoding = encoding_for(accepted)
        held = len(answer.bodies)
        steering = self._for_caches(max(0, holds or 0) if answer.tells_now or holds is not None else None)
        head = [*answer.head(encoding), *steering, ("Cache-Status", how)]
        whole = self._conditional(answer, head, answer.body(encoding), environ)
        is_kept = is_like_a_browsers and (encoding or answer.is_often_plain)
        if len(answer.bodies) > held:
            self.memory.shelf(is_variant="?" in answer.key).put(answer)  # larger now: it is weighed again
        if is_kept and how is FRESH and "HTTP_IF_NONE_MATCH" not in environ and environ["REQUEST_METHOD"] == "GET":
            if len(answer.ready) >= MOST_READY:
                answer.ready.clear()
            whole = whole[0], ReadyHeaders(whole[1]), whole[2]
            answer.ready[accepted] = holds, whole
        return whole

    def _send_stale(self, answer: Answer, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        encoding = encoding_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
        confirmed = self.watch.confirmed_at if answer.version == self.watch.last_version else answer.made_at
        old = max(0.0, time.time() - max(confirmed, answer.made_at))
        head, body = answer.stale(encoding, old)
        head += [*self._for_caches(None), ("Age", str(int(old)))]
        head.append(("Cache-Status", "hearthside; hit; detail=stale"))
        self._note(answer.route, answer.status, "stale", environ)
        status, head, pieces = self._conditional(answer, head, body, environ)
        start_response(status, head)
        return pieces

    def _send_other(
        self, other: tuple[int, Headers, bytes], target: Target, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        """An answer of Django's that is not to be kept, such as 404; nobody needs to make it a second time."""
        status, headers, body = other
        body = split(body.decode()).now.encode()
        head = [each for each in headers if each[0].lower() != "content-length"]
        head += [("Content-Length", str(len(body))), ("Cache-Status", "hearthside; fwd=miss")]
        start_response(f"{status} {HTTPStatus(status).phrase}", head)
        self._note(target.route, status, "miss", environ)
        return [body] if environ["REQUEST_METHOD"] == "GET" else []

    def _note(self, route: str, status: int, how: str, environ: Environ) -> None:
        seconds = time.perf_counter() - environ[BEGAN]
        observe(route, status, seconds, how, request_id(environ), environ["REQUEST_METHOD"])

    def _for_caches(self, holds: int | None) -> Headers:
        """No browser keeps a page; a shared cache may for a moment, and in a failure while its words are true.

        ``holds``: for how many seconds they are; None where nothing on the page is true only now. A cache counts from
        when it got the answer, in whole seconds and a little late, and what it may do in a failure begins when what
        it may do anyway has ended: all of that has to be over before the words are.
        """
        fresh, failing = SHARED_SECONDS, SHARED_SECONDS_IN_FAILURE
        if holds is not None:
            fresh = SHARED_SECONDS if holds > SHARED_SECONDS + CACHES_ARE_LATE else 0
            failing = min(failing, max(0, holds - SHARED_SECONDS - CACHES_ARE_LATE))
        steering = f"public, max-age={fresh}"
        if failing:
            steering += f", stale-while-revalidate={min(failing, SHARED_SECONDS)}, stale-if-error={failing}"
        return [
            NO_STORE,
            ("CDN-Cache-Control", steering),
            ("X-Accel-Expires", str(fresh)),
            ("Vary", "Accept-Encoding"),
        ]

    def _conditional(
        self, answer: Answer, head: Headers, body: bytes, environ: Environ
    ) -> tuple[str, Headers, list[bytes]]:
        """The whole answer, its head alone, or 304 to somebody who has this very copy."""
        asked = environ.get("HTTP_IF_NONE_MATCH")
        if asked and answer.status == HTTPStatus.OK and is_unchanged(asked, head):
            return "304 Not Modified", [each for each in head if each[0] not in NOT_IN_304], []
        return answer.status_line, head, [body] if environ["REQUEST_METHOD"] == "GET" else []


NOT_IN_304 = frozenset({"Content-Length", "Content-Encoding", "Content-Type"})


def read_to_the_end(environ: Environ) -> None:
    """Take in what was sent with a form that was refused unread: else the connection breaks, and the answer with it."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and 0 < int(length) <= LARGEST_REFUSED_BODY:
        with suppress(OSError):
            while environ["wsgi.input"].read(65_536):
                pass
