"""The system's Chromium, and small servers that stand in for the rest of the web.

The back/forward cache is on, as it is for visitors: Playwright turns it off, and a quick exit that was only
tried without it would show a kept page again. The site is served from localhost, everything else from other
loopback addresses, so that they are other sites to the browser too.
"""

import os
import shutil
import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test.testcases import QuietWSGIRequestHandler
from playwright.sync_api import sync_playwright

from tests.browser.mirror_site import mirror_by_nginx, mirror_folder  # noqa: F401
from tests.browser.newsroom import newsroom, newsroom_site  # noqa: F401
from tests.browser.real_site import addresses, broken_site, locate, prepared, real_site, window  # noqa: F401

# Playwright's synchronous interface keeps an event loop in this thread; Django would refuse the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-default-apps",
]  # fmt: skip


@pytest.fixture(scope="session")
def browser():
    executable = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    assert executable, "These tests need Chromium on the PATH (Debian: apt-get install chromium)."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            args=ARGUMENTS,
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield browser
        browser.close()


@contextmanager
def site_server():
    """The site in a thread of this process, so that a test can change its settings; without the database."""
    server = ThreadedWSGIServer(("localhost", 0), QuietWSGIRequestHandler)
    server.set_app(StaticFilesHandler(WSGIHandler()))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="session")
def site_without_database():
    """The address of the site, for pages whose words stand in templates; faster than live_server."""
    with site_server() as url:
        yield url


class Elsewhere(ThreadingHTTPServer):
    """A site that is not ours: one plain colour on every page, and a list of what it was asked for."""

    daemon_threads = True
    block_on_close = False  # a slow answer must not hold up the end of a test

    def __init__(self, host: str, title: str, colour: str):
        self.title, self.colour, self.delay, self.asked = title, colour, 0.0, []
        super().__init__((host, 0), ElsewherePage)
        self.url = f"http://{host}:{self.server_port}/"
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.shutdown()
        self.server_close()
        self.thread.join()

    def handle_error(self, request, client_address):
        """A browser that leaves in the middle of an answer is no failure here."""


class ElsewherePage(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        site = self.server
        if self.path == "/favicon.ico":
            return self.answer(404, "")
        site.asked.append({"path": self.path, "referrer": self.headers.get("Referer")})
        time.sleep(site.delay)
        style = f"html{{background:{site.colour}}}"
        self.answer(200, f"<!DOCTYPE html><title>{site.title}</title><style>{style}</style><p hidden>here</p>")

    def answer(self, status: int, page: str):
        body = page.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Nothing: the output of the tests is long enough."""


@contextmanager
def elsewhere(host: str, title: str, colour: str):
    site = Elsewhere(host, title, colour)
    try:
        yield site
    finally:
        site.close()


@pytest.fixture
def neutral(settings):
    """The neutral site, and the setting that leads there."""
    with elsewhere("127.0.0.1", "Neutral", "#00a000") as site:
        settings.QUICK_EXIT_URL = site.url
        yield site


@pytest.fixture
def before():
    """Where the visitor came from."""
    with elsewhere("127.0.0.2", "Before", "#0000ff") as site:
        yield site


@pytest.fixture
def closed_port():
    """The address of a site that does not answer at all."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}/"


@pytest.fixture
def new_context(browser):
    """A function that makes a browser context (a profile of its own); closes them all in the end."""
    contexts = []

    def make(**options):
        contexts.append(browser.new_context(**{"viewport": {"width": 320, "height": 480}, **options}))
        return contexts[-1]

    yield make
    for context in contexts:
        context.close()
