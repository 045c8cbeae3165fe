"""Varnish in front: it keeps what CDN-Cache-Control says for as long as that says, and no word of now for longer.

The site is a small application here, with the headers that the site sends.
"""

import socket
import time
from contextlib import suppress

import pytest

from safety_site import front_pages
from tests.faults.front import Varnish, ask, raw, small_application
from tests.faults.servers import free_port, until

# /open?by=N: words that are true for N seconds more; anything else is true for a day.
CODE = """
import time, urllib.parse
made = {}
def application(environ, start_response):
    path = environ["PATH_INFO"]
    made[path] = made.get(path, 0) + 1
    sent = len(environ["wsgi.input"].read())
    by = dict(urllib.parse.parse_qsl(environ["QUERY_STRING"])).get("by", "86400")
    said = f"{environ.get('HTTP_HOST')} {environ.get('HTTP_X_FORWARDED_FOR')} {environ.get('HTTP_X_FORWARDED_PROTO')}"
    said += f" {environ.get('HTTP_X_REQUEST_ID')} {sent}"
    body = f"Call now {made[path]} {time.time()} {said}".encode()
    headers = [("Content-Type", "text/html"), ("Content-Length", str(len(body))), ("Cache-Control", "no-store"),
               ("Vary", "Accept-Encoding"), ("X-Accel-Expires", "1"), ("X-Path", path)]
    if path == "/cookie":
        headers.append(("Set-Cookie", "a=b"))
    if path.startswith("/kept-secret"):
        headers.append(("Content-Location", path))
    if path != "/plain":
        headers.append(("CDN-Cache-Control",
                        f"public, max-age=1, stale-while-revalidate=1, stale-if-error={by}"))
    start_response("200 OK", headers)
    return [body]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("varnish")
    front_pages.write(folder)
    return folder


@pytest.fixture(scope="module")
def small(folder):
    with small_application(folder, folder / "site.sock", CODE) as running:
        yield running


@pytest.fixture(scope="module")
def varnish(folder, small):
    with Varnish(folder, small.listen, folder, mirror_port=free_port()) as running:
        yield running


SESSION = {"Cookie": "sessionid=" + "a" * 32}


def beginning(varnish: Varnish, path: str, length: int) -> socket.socket:
    """The first bytes of something that is sent."""
    connection = socket.create_connection(("127.0.0.1", varnish.port), timeout=10)
    lines = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {SESSION['Cookie']}\r\nContent-Length: {length}\r\n\r\na"
    )
    connection.sendall(lines.encode())
    return connection


def assert_is_all_ours(said) -> None:
    """A page of ours with every header of one, and none of Varnish's own."""
    assert said.is_page_of_ours()
    assert {name: said.headers.get(name.lower()) for name in front_pages.security_headers()} == (
        front_pages.security_headers()
    )
    assert set(said.headers) - {name.lower() for name in front_pages.security_headers()} <= {
        "cache-control", "content-type", "content-length", "connection", "date", "retry-after", "accept-ranges",
    }  # fmt: skip


def made(said) -> str:
    return said.words.split()[2]


def test_a_page_is_kept_for_a_second_and_one_more_while_the_site_answers(varnish):
    first = varnish.ask("/page")
    assert varnish.ask("/page").body == first.body
    assert first.headers["cache-control"] == "no-store"
    assert not {"x-accel-expires", "x-varnish", "via"} & set(first.headers)
    deadline = time.monotonic() + 5
    while (last := varnish.ask("/page")).body == first.body:
        assert time.monotonic() < deadline
        assert time.time() - float(first.words.split()[3]) < 2.2
        time.sleep(0.1)
    assert time.time() - float(last.words.split()[3]) < 2.2


def test_what_is_not_marked_or_is_somebodys_passes_by(varnish):
    for path, headers in {
        "/plain": {}, "/cookie": {}, "/page?q=x": {}, "/page": {"Cookie": "a=b"}, "/admin/": {},
    }.items():  # fmt: skip
        assert made(varnish.ask(path, headers=headers)) != made(varnish.ask(path, headers=headers)), path


def test_the_site_is_told_who_asks_by_varnish_alone(varnish):
    untrue = {"X-Forwarded-For": "192.0.2.66", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example",
              "X-Request-Id": "deadbeefdeadbeef"}  # fmt: skip
    assert varnish.ask("/plain", headers=untrue).words.endswith("127.0.0.1 127.0.0.1 http None 0")
    assert varnish.ask("/page", host="evil.example").status == 421
    assert "evil" not in varnish.ask("/page?age=teen").words


def test_figures_are_for_inside_alone(varnish):
    for address in ("/metrics", "/metrics?a=b"):
        said = varnish.ask(address, headers={"Authorization": "Bearer x"})
        assert said.headers["x-path"] == "/not-from-outside"


def test_a_large_body_and_odd_methods_are_refused(varnish):
    large = {"Content-Length": "1073741824"}
    for said, status, words in (
        (varnish.ask("/contacts/find/", "POST", headers=large), 413, "too much to send"),
        (varnish.ask("/admin/", "POST", headers=large | SESSION), 413, "too much to send"),
        (varnish.ask("/page", "PURGE"), 405, "could not read that request"),
        (varnish.ask("/page", host="evil.example"), 421, "could not read that request"),
    ):
        assert said.status == status
        assert words in said.words
        assert_is_all_ours(said)


def test_a_body_comes_in_whole_or_not_at_all(varnish):
    assert varnish.ask("/contacts/find/", "POST", body=b"a" * 900_000).words.split()[-1] == "900000"
    assert varnish.ask("/admin/add/", "POST", body=b"a" * 2_000_000, headers=SESSION).words.split()[-1] == "2000000"
    large = {"Content-Length": "2000000"}
    assert varnish.ask("/contacts/find/", "POST", headers=large | SESSION).status == 413
    assert varnish.ask("/admin/", "POST", headers=large | {"Cookie": "sessionid=x"}).status == 413
    head = b"POST /in-pieces HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    assert raw(varnish.port, head + b"%x\r\n" % 3_000_000 + b"a" * 2_000_000)[9:12] in (b"413", b"")  # or it hangs up
    assert made(varnish.ask("/in-pieces")) == "1"


def test_bodies_that_come_byte_by_byte_stop_nobody(varnish):
    """The small site has four threads. Large bodies with a made-up session go on to it, but two at a time."""
    forms = [beginning(varnish, "/contacts/find/", 1_000) for _ in range(16)]
    films = [beginning(varnish, "/admin/", 2_000_000) for _ in range(4)]
    try:
        for _ in range(4):
            for each in (*forms, *films):
                with suppress(ConnectionError):
                    each.sendall(b"a")
            began = time.monotonic()
            assert varnish.ask("/plain").status == 200
            assert time.monotonic() - began < 1
            time.sleep(0.1)
    finally:
        for each in (*forms, *films):
            each.close()


MARKS = (b"kept-secret", b"KEPT-SECRET", b"127.0.0.8", b"203.0.113.77")


def marked_requests(varnish: Varnish) -> set[int]:
    """Words of a visitor wherever there is room for some, from an address that is no other. Returns the statuses."""
    headers = {"User-Agent": "kept-secret", "Cookie": "a=kept-secret", "X-Kept-Secret": "a", "Proxy": "kept-secret"}
    said = {
        ask(varnish.port, path, method, headers=headers, body=b"kept-secret", source="127.0.0.8").status
        for path in ("/kept-secret", "/page?q=kept-secret", "/kept-secret?age=teen")
        for method in ("GET", "POST", "KEPT-SECRET")
    }
    said.add(ask(varnish.port, "/kept-secret", source="127.0.0.8").status)
    host = b"Host: 127.0.0.1\r\nConnection: close\r\n"
    for odd in (
        b"kept-secret\r\n\r\n", b"GET /kept-secret\r\n\r\n", b"GET / kept-secret/1.1\r\n" + host + b"\r\n",
        b"GET / HTTP/1.1\r\n" + host + b"kept-secret kept-secret\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + host + b"X: kept-secret\0\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + host + b"X-kept-secret: a\r\n" * 99 + b"\r\n",
        b"GET /" + b"kept-secret" * 9_000 + b" HTTP/1.1\r\n" + host + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: kept-secret\r\nConnection: close\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + host + b"Content-Length: kept-secret\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\n\r\nkept-secret",
    ):  # fmt: skip
        raw(varnish.port, odd, seconds=1)
    for first in (b"PROXY TCP4 203.0.113.77 203.0.113.77 443 443\r\n", b"PROXY kept-secret\r\n"):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(varnish.behind_tls))
            connection.sendall(first + b"GET /kept-secret HTTP/1.1\r\n" + host + b"\r\n")
            while connection.recv(65_536):
                pass
    return said


def marks_on_disk(varnish: Varnish) -> set[bytes]:
    """Words of visitors in what Varnish keeps in its working folder: among others, its log in shared memory."""
    files = [path.read_bytes() for path in varnish.working.rglob("*") if path.is_file()]
    assert any(b"rxreq" in words for words in files)  # that there were requests is told
    return {mark for mark in MARKS if any(mark in words for words in files)}


def test_nothing_that_somebody_sent_stands_in_the_log_in_shared_memory(varnish):
    assert marked_requests(varnish) == {200, 405}
    assert marks_on_disk(varnish) == set()


def test_when_the_site_dies_words_stay_as_long_as_they_are_true(varnish, small):
    """The last test of this file: the site is away afterwards. One page is true for 4 s more, the other for a day."""
    silent = beginning(varnish, "/contacts/find/", 1_000)
    day = varnish.ask("/day?age=teen")
    soon = varnish.ask("/soon?by=4")
    asked = time.monotonic()
    small.kill()
    until(lambda: varnish.ask("/never-kept").status == 503, 10, "Varnish knows that the site is away")
    if time.monotonic() - asked < 4:
        assert varnish.ask("/soon?by=4").body == soon.body
    time.sleep(max(0, asked + 5.1 - time.monotonic()))
    said = varnish.ask("/soon?by=4")
    assert (said.status, said.headers["retry-after"]) == (503, "60")
    assert "0800 1111" in said.words
    assert_is_all_ours(said)
    assert varnish.ask("/day?age=teen").body == day.body
    varnish.told("ban req.url ~ ^/day")  # as README.md says for a page that was taken down
    assert varnish.ask("/day?age=teen").status == 503
    assert silent.recv(9) == b""  # Varnish hung up: whoever begins and says no more waits five seconds
    silent.close()
    assert marked_requests(varnish) == {200, 405, 503}
    assert marks_on_disk(varnish) == set()
