"""The server itself, at the level of bytes, and a visit to the real pages that ends with the exit."""

import socket
from urllib.parse import urlsplit

import pytest

from tests.browser.exits import follow, history, landed, leave
from tests.browser.real_site import NEUTRAL

HOST = b"Host: 127.0.0.1\r\nConnection: close\r\n"
UNREADABLE = {
    "method-in-small-letters": (b"get / HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "bytes-that-are-no-text": (b"GET /\xff\xfe HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "nul": (b"GET /\x00 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "another-protocol": (b"\x16\x03\x01hello\r\n\r\n", 400),
    "http-2-preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "endless-address": (b"GET /?" + b"a" * 9_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
    "endless-header": (b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 20_000 + b"\r\n\r\n", 431),
}


def answer_to(site: str, request: bytes) -> tuple[int, dict[str, str], str]:
    """Status, headers (names in small letters) and body of what the server says to these bytes."""
    parts = urlsplit(site)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        connection.sendall(request)
        received = b""
        while piece := connection.recv(65_536):
            received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return int(first.split()[1]), headers, body.decode()


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_request_gets_our_page_too(real_site, name):
    request, expected = UNREADABLE[name]
    status, headers, page = answer_to(real_site, request)
    assert status == expected
    assert f'<a id="quick-exit" href="{NEUTRAL}" rel="nofollow noreferrer">' in page
    assert 'href="tel:999"' in page
    assert "aaaa" not in page
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "set-cookie" not in headers
    assert headers["content-length"] == str(len(page.encode()))


def test_a_visit_to_the_guidance_leaves_nothing_of_it_behind(real_site, new_context):
    context = new_context(viewport={"width": 360, "height": 740})
    context.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="<title>Weather</title>"))
    page = context.new_page()
    page.goto("about:blank")
    for path in ("/", "/age/teen/", "/topics/sending-nudes/?age=teen", "/apps/snapchat/"):
        follow(page, f"{real_site}{path}")
    leave(page)
    landed(page, NEUTRAL)
    at, addresses = history(page)
    assert addresses[at:] == [NEUTRAL, f"{real_site}/exit/"]
    assert [address for address in addresses[:at] if address.startswith(real_site)] == []
