"""The same application under granian, another WSGI server: what readers get does not rely on gunicorn."""

import re
import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests.browser.test_server import UNREADABLE, answer_to
from tests.faults.servers import ROOT, ask, free_port, served, until

# The files of one group share what takes long to prepare.
pytestmark = pytest.mark.xdist_group("sqlite")

# Of one answer only what a server may say for itself differs.
OF_THE_SERVER = {"date", "server", "connection", "keep-alive"}
PAGES = [
    "/", "/contacts/essex/", "/topics/sending-nudes/", "/search/?q=roblox", "/robots.txt", "/nowhere/", "/health/ready",
]  # fmt: skip


@contextmanager
def under_granian(environment: dict[str, str]):
    port = environment["PORT"]
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", port, "--workers", "1",
        "--blocking-threads", "4", "--no-ws", "--log-level", "error", "safety_site.wsgi:application",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        until(lambda: ask(f"{address}/health/live")[0] == 200, 60, "granian answers")
        yield address
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def both(sqlite_copy):
    """The site under gunicorn and under granian, on one database, under one name."""
    # Each page is made for who asks first: no filler comes before.
    sqlite_copy = {**sqlite_copy, "PAGE_STORE_FILL": "off"}
    other = {**sqlite_copy, "PORT": str(free_port()), "PAGE_STORE_DIR": sqlite_copy["PAGE_STORE_DIR"] + "-granian"}
    with served(sqlite_copy) as gunicorn, under_granian(other) as granian:
        yield gunicorn.address, granian


def raw(address: str, method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, str], str]:
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    if body:
        head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
    return answer_to(address, f"{head}\r\n".encode() + body)


def same(answers: list[tuple[int, dict[str, str], str]]) -> list[tuple[int, dict[str, object], str]]:
    """Without what is the server's. The parts of the policy have another order in each process: they are a set.

    For how long a shared cache may keep a page depends on the second.
    """
    found = []
    for status, headers, body in answers:
        ours = {name: value for name, value in headers.items() if name not in OF_THE_SERVER}
        ours["content-security-policy"] = set(headers["content-security-policy"].split("; "))
        if "cdn-cache-control" in ours:
            ours["cdn-cache-control"] = re.sub(r"\d+", "n", headers["cdn-cache-control"])
        found.append((status, ours, body))
    return found


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_page_is_the_same(both, method, path):
    one, other = same([raw(address, method, path) for address in both])
    assert one == other


def test_exit_leaves_in_one_hop(both):
    one, other = same([raw(address, "GET", "/exit/") for address in both])
    assert one == other
    assert (other[0], other[1]["location"]) == (303, "https://www.bbc.co.uk/weather")


@pytest.mark.parametrize("postcode", ["SS9 1AA", "nonsense"])
def test_postcode_is_answered_the_same(both, postcode):
    body = f"postcode={postcode.replace(' ', '+')}".encode()
    one, other = same([raw(address, "POST", "/contacts/find/", body) for address in both])
    assert one == other
    assert other[0] == (303 if postcode == "SS9 1AA" else 422)


@pytest.mark.parametrize("name", ["another-protocol", "nul", "endless-header"])
def test_what_is_no_request_gets_no_page_of_ours_from_granian(both, name):
    """The one thing that is gunicorn's: its worker is ours and answers with our page (safety_site/worker.py)."""
    request, expected = UNREADABLE[name]
    status, _headers, page = answer_to(both[0], request)
    assert (status, 'href="tel:999"' in page) == (expected, True)
    try:
        status, _headers, page = answer_to(both[1], request)
    except (OSError, IndexError):
        return  # closed without a word
    assert status in (400, 414, 431) or status < 400
