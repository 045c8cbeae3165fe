"""What the site tells of the requests that it answered: a count of each kind, and a line for what went wrong.

Never which page: the *route* is the name of a kind of page (``guidance:topic``), from the map of the site. No path,
slug, query, postcode, address or browser comes in here at all, so none can be written down. The exit is neither
written nor counted. Serving threads only put a few words in a list; a thread of each process does the rest.
"""

import atexit
import contextlib
import json
import os
import re
import time
from collections import deque
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from multiprocessing.util import Finalize
from threading import Lock, Thread

from django.apps import apps
from django.conf import settings
from django.core.management import get_commands
from django.urls import URLPattern, get_resolver

from safety_site import figures
from safety_site.stderr_lines import lines

# How many answers may wait to be counted; a process makes some thousands in one round at its very fastest.
MOST_WAITING = 50_000
ROUND = 0.5  # seconds between two rounds of the thread
# An answer that took this many seconds is written down like a failure, where LOG_REQUESTS is "problems".
SLOW = 1.0
ENVIRON_KEY = "hearthside.request_id"
NONE = "none"
EXIT = "exit"
EDITORS = "admin"
STATIC = "static"  # files of the site itself, which are on no map
OUR_APPS = ("safety_site", "guidance", "reporting")
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_STORE = re.compile(r"[a-z][a-z-]{0,15}")
_GIVEN_ID = re.compile(r"[0-9a-fA-F-]{16,64}")

current_request_id: ContextVar[str] = ContextVar("request_id", default="")


def request_id(environ: dict) -> str:
    """An id for this request, and from here on the current one of this thread: 16 or more hexadecimal digits.

    Behind a proxy of our own (BEHIND_TLS_PROXY) it is the one of ``X-Request-Id``, if that looks like one. Nothing here
    can tell whose it is: the proxy must set it, or drop what the visitor sent, as nginx and Varnish of ``deploy/`` do.
    """
    if not _process.is_started:
        _process.start()
    known = environ.get(ENVIRON_KEY)
    if known:
        return known
    given = environ.get("HTTP_X_REQUEST_ID")
    is_ours = given is not None and settings.SECURE_PROXY_SSL_HEADER and _GIVEN_ID.fullmatch(given)
    name = given if is_ours else os.urandom(8).hex()
    environ[ENVIRON_KEY] = name
    current_request_id.set(name)
    return name


def observe(route: str, status: int, seconds: float, store: str, request_id: str = "", method: str = "GET") -> None:
    """Note one answer: kind of page, status, seconds it took, what the page store did (``hit``, ``miss`` …).

    Costs about a microsecond, never waits and never raises.
    """
    if route == EXIT:
        return
    try:
        if not _process.is_started:
            _process.start()
        waiting = _process.waiting
        if len(waiting) < MOST_WAITING:
            waiting.append((route, status, seconds, store, request_id, method, time.time()))
        else:
            _process.count_lost()
    except Exception:
        _process.count_lost()


@contextlib.contextmanager
def observed_command(arguments: list[str]) -> Iterator[None]:
    """Count how a command of ours ends: whoever runs the site sees when the last backup was made, for example."""
    name = arguments[1] if len(arguments) > 1 else ""
    try:
        yield
    except BaseException as problem:
        failed = not (isinstance(problem, SystemExit) and problem.code in (None, 0))
        _worked(name, "failed" if failed else "done")
        raise
    _worked(name, "done")


def _worked(command: str, outcome: str) -> None:
    if apps.ready and any(get_commands().get(command) == app for app in OUR_APPS):
        figures.worked(command, outcome)


def write_what_waits(seconds: float = 1.0) -> None:
    """Count and write all that was noted so far, waiting for at most so long; at the end of a process."""
    if _process.is_started:  # else there are no answers, and perhaps no settings
        _process.round()
    lines.write(seconds)


class _Process:
    """What one process noted and has not counted yet."""

    def __init__(self):
        self.waiting: deque[tuple] = deque()
        self.is_started = False
        self._lost = 0
        self._starting, self._counting, self._round = Lock(), Lock(), Lock()

    def start(self) -> None:
        with self._starting:
            if not self.is_started:
                self.is_started = lines.has_writer = True
                # A worker that ``multiprocessing`` forked, as granian's are, ends without what ``atexit`` knows.
                Finalize(None, write_what_waits, exitpriority=0)
                Thread(target=self._run, name="observing", daemon=True).start()

    def count_lost(self) -> None:
        with self._counting:
            self._lost += 1

    def _run(self) -> None:
        while self is _process:
            lines.wanted.wait(ROUND)
            lines.wanted.clear()
            self.round()
            with contextlib.suppress(Exception):
                lines.write()

    def round(self) -> None:
        """Count all that waits. Whatever fails here must not end the thread."""
        if not self._round.acquire(timeout=0.5):
            return
        try:
            with self._counting:
                lost, self._lost = self._lost, 0
            figures.not_counted(lost)
            self._count_waiting()
            figures.share()
        except Exception:
            figures.not_counted(1)
        finally:
            self._round.release()

    def _count_waiting(self) -> None:
        """Thousands may wait, and answers wait for each microsecond here: so those of a kind are counted together."""
        asked = settings.LOG_REQUESTS
        kinds: dict[tuple[str, int, str], figures.Speeds] = {}
        for number in range(len(self.waiting)):
            noted = self.waiting.popleft()
            try:
                route, status, seconds, store, *_more = noted
                is_written = asked == "on" or (asked == "problems" and (status >= 500 or seconds >= SLOW))
                speeds = kinds.get((route, status, store))
                if speeds is None:
                    speeds = kinds[route, status, store] = figures.Speeds()
                speeds.add(seconds)
            except Exception:
                figures.not_counted(1)
                continue
            if is_written:
                with contextlib.suppress(Exception):
                    lines.put(json.dumps(_line(*noted)))
            if number % 200 == 199:
                time.sleep(0)  # let an answer go first
        for (route, status, store), speeds in kinds.items():
            try:
                if sum(speeds.numbers):
                    figures.answered(kind_of_page(route), status, _store(store), speeds)
            except Exception:
                figures.not_counted(sum(speeds.numbers))


def _line(route: str, status: int, seconds: float, store: str, name: str, method: str, at: float) -> dict:
    """What is written of one answer."""
    return {
        "time": datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds"),
        "event": "answer",
        "request": name if _GIVEN_ID.fullmatch(name) else "",
        "route": kind_of_page(route),
        "method": method if method in METHODS else "other",
        "status": int(status),
        "ms": round(seconds * 1_000, 1),
        "store": _store(store),
        "process": os.getpid(),
    }


def _store(word: str) -> str:
    return word if _STORE.fullmatch(word) else "other"


@cache
def known_routes() -> frozenset[str]:
    """The name of every kind of page on the map of the site; nothing else is ever written as one."""
    return frozenset((*_names(get_resolver().url_patterns, ""), STATIC))


def kind_of_page(route: str) -> str:
    """The name of a route as it may be written: the editors' pages are one kind, what is not on the map is none."""
    if route.startswith("admin:"):
        return EDITORS
    return route if route in known_routes() else NONE


def _names(patterns: list, before: str):
    for each in patterns:
        if isinstance(each, URLPattern):
            if each.name:
                yield before + each.name
        else:
            yield from _names(each.url_patterns, f"{before}{each.namespace}:" if each.namespace else before)


_process = _Process()


def _after_fork() -> None:
    """A worker that gunicorn forks has noted nothing yet, and starts a thread of its own."""
    global _process
    _process = _Process()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(write_what_waits)
