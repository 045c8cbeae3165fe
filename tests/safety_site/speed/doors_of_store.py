"""A page store in front of a small application, or of the site itself, as one process would have it."""

import time
from collections.abc import Callable
from io import BytesIO
from threading import Lock

from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from safety_site import freshness
from safety_site.page_store.disk import Disk
from safety_site.page_store.door import Door
from safety_site.page_store.memory import Memory
from safety_site.watch import Watch

HOST = "testserver"


class Told(Watch):
    """A watch that is told the version, so that a test decides when the content changes and when it is not known."""

    def __init__(self, version: str | None = "1"):
        super().__init__()
        self.told = version
        self.seen = version

    def version(self) -> str | None:
        if self.told is not None:
            self.seen, self.confirmed_at = self.told, time.time()
        return self.told

    @property
    def last_version(self) -> str | None:
        return self.seen

    def start(self) -> None:
        """Nothing to begin: no thread reads."""


class Pages:
    """An application that counts what it is asked for, and says what a test tells it to say."""

    def __init__(self):
        self.asked: list[str] = []
        self.environs: list[dict] = []
        self.status, self.words, self.headers = "200 OK", "Hello", []
        self.until = None
        self.seconds = 0.0
        self.fails = False
        self._lock = Lock()

    def __call__(self, environ, start_response):
        with self._lock:
            self.asked.append(environ["PATH_INFO"] + "?" + environ["QUERY_STRING"])
            self.environs.append(environ)
        time.sleep(self.seconds)
        if self.fails:
            raise RuntimeError("the view failed")
        freshness.holds_until(self.until)
        body = f"<html><body>{freshness.age_mark()}{self.words}</body></html>".encode()
        headers = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"), *self.headers]
        start_response(self.status, [*headers, ("Content-Length", str(len(body)))])
        return [body]


def timed_words(now: str, without: str) -> str:
    """Words as a template makes them that says something of now; for ``Pages.words``."""
    return f"{freshness.MARK_NOW}{now}{freshness.MARK_WITHOUT}{without}{freshness.MARK_END}"


def door_to(application: Callable, folder, watch: Watch | None = None, most_bytes: int = 8_000_000) -> Door:
    return Door(application, Disk(folder), Memory(most_bytes), watch or Told())


class Said:
    """One answer."""

    def __init__(self, status: str, headers: list[tuple[str, str]], body: bytes):
        self.status = int(status.split()[0])
        self.headers = {name.lower(): value for name, value in headers}
        assert len(self.headers) == len(headers), "a header is said twice"
        self.body = body

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def store(self) -> str:
        """What the store says of itself, without its name; empty where the request passed it by."""
        return self.headers.get("cache-status", "").removeprefix("hearthside; ")


def ask(door: Callable, address: str = "/about/", method: str = "GET", body: bytes = b"", **headers: str) -> Said:
    """Ask as a server would; headers by name, as in ``accept_encoding="br"``."""
    path, _, query = address.partition("?")
    said = []

    def start_response(status, sent, exc_info=None):
        said[:] = [status, list(sent)]

    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": HOST,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.7",
        "HTTP_HOST": HOST,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": None,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
    }
    # At the beginning and the end of a request Django looks at its connections; a test's is in a transaction.
    signals = (request_started, request_finished)
    held = [signal for signal in signals if signal.disconnect(close_old_connections)]
    try:
        pieces = door(environ, start_response)
        return Said(*said, b"".join(pieces))
    finally:
        for signal in held:
            signal.connect(close_old_connections)
