"""The site behind nginx: what it sends, what it refuses, and that nobody can spoil a page for others."""

import contextlib
import os
import re
import signal
import socket
import ssl
import time
from pathlib import Path

import pytest

from safety_site.mirror import servers
from tests.faults.front import Nginx, Said, Varnish, accepts, ask, children, gunicorn_on, raw
from tests.faults.load import Load
from tests.faults.servers import free_port, manage, until

PAGE = "/contacts/national/"
PAGES = ["/", PAGE, "/topics/", "/apps/", "/about/", "/report/", "/parental-controls/", "/contacts/"]
MB = 1024 * 1024
TOKEN = "a-long-word-that-opens-the-figures-0123456789"


@pytest.fixture(scope="module")
def nginx(sqlite_copy, tmp_path_factory):
    server = Nginx(tmp_path_factory.mktemp("front"))
    server.static = Path(sqlite_copy["STATIC_ROOT"])
    manage("front_pages", str(server.front), "-v0", environment=sqlite_copy)
    (server.mirror / "nginx.conf").write_text(servers.nginx_conf(server.mirror / "current"))
    (server.mirror / "current" / "contacts").mkdir(parents=True)
    (server.mirror / "current" / "contacts" / "index.html").write_text("<h1>All councils, from the mirror</h1>")
    with server:
        yield server


@pytest.fixture(scope="module")
def settings(sqlite_copy, nginx) -> dict[str, str]:
    return {
        **sqlite_copy,
        "BEHIND_TLS_PROXY": "on",
        "SITE_URL": f"http://127.0.0.1:{nginx.port}",
        "METRICS_TOKEN": TOKEN,
        "METRICS_DIR": str(nginx.folder / "metrics"),
    }


@pytest.fixture(scope="module")
def site(nginx, settings):
    with gunicorn_on(nginx.socket, settings, nginx.folder / "gunicorn") as process:
        until(lambda: nginx.ask("/health/ready").status == 200, 20, "the site answers")
        for page in PAGES:
            assert nginx.ask(page).status == 200
        yield process


def directly(nginx: Nginx, path: str, header: str = "Accept: */*") -> bytes:
    """The body that gunicorn itself sends for an address."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(nginx.socket))
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{header}\r\nConnection: close\r\n\r\n".encode())
        received = b""
        while piece := connection.recv(65_536):
            received += piece
    return received.partition(b"\r\n\r\n")[2]


def test_figures_are_for_inside_alone(site, nginx):
    opens = f"Authorization: Bearer {TOKEN}"
    assert b"hearthside_answers_total" in directly(nginx, "/metrics", opens)
    said = nginx.ask("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert (said.status, said.is_page_of_ours()) == (404, True)


# --- What it sends -------------------------------------------------------------------------------------------


def test_a_page_comes_through_as_it_is(nginx, site):
    said = nginx.ask(PAGE)
    assert said.body == directly(nginx, PAGE)
    assert said.is_page_of_ours()
    assert "x-accel-expires" not in said.headers
    assert "server" not in said.headers or said.headers["server"] == "nginx"
    assert "set-cookie" not in said.headers


@pytest.mark.parametrize(("accepted", "sent"), [("br, gzip", "br"), ("gzip, deflate", "gzip"), ("", None)])
def test_a_page_comes_in_the_encoding_that_was_asked_for(nginx, site, accepted, sent):
    for _ in range(2):  # made, then kept
        said = nginx.ask(PAGE, headers={"Accept-Encoding": accepted})
        assert said.headers.get("content-encoding") == sent


def test_static_files_come_from_the_folder_compressed_and_for_ever(nginx, site):
    style = re.search(r'href="(/static/css/site\.[0-9a-f]{12}\.css)"', nginx.ask("/").words)[1]
    said = nginx.ask(style, headers={"Accept-Encoding": "gzip"})
    assert (said.status, said.headers["content-encoding"], said.headers["vary"]) == (200, "gzip", "Accept-Encoding")
    assert said.body == (nginx.static / f"{style.removeprefix('/static/')}.gz").read_bytes()
    assert said.headers["cache-control"] == "public, max-age=315360000, immutable"
    assert said.headers["content-type"] == "text/css; charset=utf-8"
    assert said.headers["cross-origin-resource-policy"] == "same-origin"
    assert nginx.ask("/static/css/site.css").headers["cache-control"] == "public, max-age=60"
    assert nginx.ask("/static/css/no.css").status == 404


def test_other_names_get_no_page_of_the_site(nginx, site):
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost"):
        said = nginx.ask("/", host=host)
        assert said.status == 421, host
        assert said.is_page_of_ours()
    assert nginx.ask("/", host=f"127.0.0.1:{nginx.port}").status == 200
    told = raw(nginx.port, b"GET http://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    assert told.startswith(b"HTTP/1.1 421 ")


def test_a_handshake_for_another_name_is_refused(nginx):
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", nginx.tls_port)) as plain,
        pytest.raises(ssl.SSLError),
        trusting.wrap_socket(plain, server_hostname="evil.example"),
    ):
        pass


def test_plain_http_leads_to_the_same_page_over_tls(nginx):
    said = nginx.ask("/topics/?age=teen", port=nginx.plain_port)
    assert (said.status, said.headers["location"]) == (301, "https://127.0.0.1/topics/?age=teen")
    assert nginx.ask("/", port=nginx.plain_port, host="evil.example").status == 421


def test_the_page_over_tls_is_the_same(nginx, site):
    assert nginx.ask("/about/", tls=True).body == nginx.ask("/about/").body


# --- What it refuses -----------------------------------------------------------------------------------------

NAMED = b"Host: 127.0.0.1\r\nConnection: close\r\n"
UNREADABLE = {
    "64 kB in one header": (b"GET / HTTP/1.1\r\n" + NAMED + b"X: " + b"a" * 65_000 + b"\r\n\r\n", 431),
    "64 kB of headers": (b"GET / HTTP/1.1\r\n" + NAMED + (b"X: " + b"a" * 15_000 + b"\r\n") * 5 + b"\r\n", 431),
    "12 kB in one header": (b"GET /search/ HTTP/1.1\r\n" + NAMED + b"X: " + b"a" * 12_000 + b"\r\n\r\n", 431),
    "200 headers": (b"GET /search/ HTTP/1.1\r\n" + NAMED + b"X: a\r\n" * 200 + b"\r\n", 431),
    "endless address": (b"GET /?" + b"a" * 65_000 + b" HTTP/1.1\r\n" + NAMED + b"\r\n", 414),
    "long address": (b"GET /?" + b"a" * 9_000 + b" HTTP/1.1\r\n" + NAMED + b"\r\n", 414),
    "not HTTP": (b"hello\r\n\r\n", 400),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (b"GET / HTTP/1.1\r\n" + NAMED + b"Host: evil.example\r\n\r\n", 400),
    "two lengths": (b"POST / HTTP/1.1\r\n" + NAMED + b"Content-Length: 4\r\nContent-Length: 0\r\n\r\nabcd", 400),
    "length and chunks": (
        b"POST / HTTP/1.1\r\n" + NAMED + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
    ),
    "folded header": (b"GET / HTTP/1.1\r\n" + NAMED + b"X: a\r\n Host: evil.example\r\n\r\n", 400),
    "odd chunks": (b"POST / HTTP/1.1\r\n" + NAMED + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501),
    "length that is none": (b"POST / HTTP/1.1\r\n" + NAMED + b"Content-Length: +4\r\n\r\nabcd", 400),
}  # fmt: skip


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_request_gets_a_page_of_ours(nginx, site, name):
    request, expected = UNREADABLE[name]
    before = nginx.ask(PAGE).body
    head, _, body = raw(nginx.port, request).partition(b"\r\n\r\n")
    assert head.split(b" ")[1] == str(expected).encode()
    if expected != 501:
        assert b'href="tel:999"' in body
        assert b'id="quick-exit"' in body
        assert besides_framing(headers_of(head)) == of_every_page(nginx)
    assert nginx.ask(PAGE).body == before


@pytest.mark.parametrize(("request_line", "status"), [("hello", 400), ("GET /?" + "a" * 9_000 + " HTTP/1.1", 414)])
def test_what_gunicorn_cannot_read_gets_one_as_well(nginx, site, request_line, status):
    head, _, body = _said_straight(nginx.socket, f"{request_line}\r\n\r\n".encode()).partition(b"\r\n\r\n")
    assert head.split(b" ")[1] == str(status).encode()
    assert b'href="tel:999"' in body
    assert besides_framing(headers_of(head)) == of_every_page(nginx)


def headers_of(head: bytes) -> dict[str, str]:
    lines = [line.split(": ", 1) for line in head.decode().split("\r\n")[1:]]
    return {name.lower(): value for name, value in lines}


def of_every_page(nginx: Nginx) -> dict[str, str]:
    """The headers of the site's pages, as front_pages wrote them for nginx."""
    added = re.findall(r"^add_header (\S+) '(.*)' always;$", (nginx.front / "headers.conf").read_text(), re.MULTILINE)
    headers = {name.lower(): value.replace("\\'", "'") for name, value in added}
    return besides_framing({**headers, "cache-control": "no-store"})


OF_ONE_ANSWER = {"server", "date", "connection", "transfer-encoding", "content-length", "content-type", "vary", "allow",
                 "etag"}  # fmt: skip


def besides_framing(headers: dict[str, str]) -> dict[str, str]:
    """All headers but those that tell of this one answer. Parts of the policy come in another order in each process."""
    policy = "; ".join(sorted(headers.get("content-security-policy", "").split("; ")))
    headers = {**headers, "content-security-policy": policy}
    return {name: value for name, value in headers.items() if name not in OF_ONE_ANSWER}


REFUSED = {
    "method": ("/about/", "PUT", None, 405),
    "method that no form has": ("/about/", "OPTIONS", None, 405),
    "form that is none": ("/about/", "POST", b"a=b", 405),
    "body": ("/contacts/find/", "POST", b"a" * 1_000_001, 413),
    "query": ("/about/?" + "a" * 4_001, "GET", None, 414),
    "page": ("/no/such/page/", "GET", None, 404),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_site_refuses_has_every_header_of_a_page(nginx, site, name):
    path, method, body, status = REFUSED[name]
    said = nginx.ask(path, method, body=body)
    assert (said.status, besides_framing(said.headers)) == (status, of_every_page(nginx))


PLACES = ("/", "/contacts/find/", "/feedback/", "/admin/login/", "/admin/")


@pytest.mark.parametrize("place", PLACES)
def test_a_gigabyte_is_refused_before_it_is_read(nginx, site, place):
    request = f"POST {place} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {1024 * MB}\r\n\r\n"
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", nginx.port), timeout=5) as connection:
        connection.sendall(request.encode())
        said = connection.recv(65_536)
    assert said.startswith(b"HTTP/1.1 413 ")
    assert b"too much to send" in said
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("place", PLACES)
def test_a_gigabyte_in_pieces_is_refused_after_one_megabyte(nginx, site, place):
    piece = b"%x\r\n" % MB + b"a" * MB + b"\r\n"
    sent, said = 0, b""
    with socket.create_connection(("127.0.0.1", nginx.port), timeout=5) as connection:
        connection.sendall(f"POST {place} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        with contextlib.suppress(ConnectionError):
            while sent < 1024 and not said:
                connection.sendall(piece)
                sent += 1
                connection.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    said = connection.recv(65_536)
                connection.settimeout(5)
    assert said.startswith(b"HTTP/1.1 413 ")
    assert sent < 64
    left = sum(each.stat().st_size for each in nginx.folder.rglob("temporary-*/**/*") if each.is_file())
    assert left <= 2 * MB


def test_editors_who_are_signed_in_may_send_a_film(nginx, site):
    session = {"Cookie": "sessionid=" + "a" * 32, "Content-Type": "application/octet-stream"}
    said = nginx.ask("/admin/", "POST", headers=session, body=b"a" * 3 * MB)
    assert said.status in (302, 403)  # by the site, which knows that nobody is signed in
    assert nginx.ask("/admin/", "POST", headers={}, body=b"a" * 3 * MB).status == 413


def test_one_address_that_sends_too_often_waits_and_others_do_not(nginx, site):
    def sends(source: str) -> Said:
        return ask(nginx.port, "/contacts/find/", "POST", body=b"postcode=SS1+1AA", source=source)

    answers = [sends("127.0.0.9") for _ in range(60)]
    refused = [each for each in answers if each.status == 429]
    assert refused
    assert "wait 10 seconds" in refused[0].words
    assert refused[0].is_page_of_ours()
    assert refused[0].headers["retry-after"] == "10"
    assert sends("127.0.0.10").status != 429
    assert ask(nginx.port, PAGE, source="127.0.0.9").status == 200  # who reads is counted apart


def test_one_address_that_holds_many_connections_is_limited_and_others_are_not(nginx, site):
    held = []
    try:
        for _ in range(215):
            connection = socket.create_connection(("127.0.0.1", nginx.port), source_address=("127.0.0.11", 0))
            held.append(connection)
            connection.sendall(b"POST /feedback/ HTTP/1.1\r\n" + NAMED + b"Content-Length: 10\r\n\r\nabc")
        assert ask(nginx.port, PAGE, source="127.0.0.11").status == 429
        assert nginx.ask(PAGE).status == 200
    finally:
        for connection in held:
            connection.close()


def test_slow_and_silent_clients_stop_nobody(nginx, site):
    """200 who send their headers byte by byte, 100 who say nothing, 50 who ask and do not read."""
    slow = [socket.create_connection(("127.0.0.1", nginx.port)) for _ in range(350)]
    try:
        for number, each in enumerate(slow):
            if number < 200:
                each.sendall(b"GET / HT")
            elif number < 250:
                each.sendall(b"GET /contacts/ HTTP/1.1\r\n" + NAMED + b"\r\n")
        for letter in b"TP/1.1\r\nX":
            for each in slow[:200]:
                each.sendall(bytes([letter]))
            began = time.monotonic()
            assert nginx.ask(PAGE).status == 200
            assert time.monotonic() - began < 1
    finally:
        for each in slow:
            each.close()


# --- Spoiling a page for others ------------------------------------------------------------------------------

SPOILING = {
    "another host": {"Host": "evil.example"},
    "host with a port": {"Host": "127.0.0.1:6666"},
    "forwarded host": {"X-Forwarded-Host": "evil.example", "X-Forwarded-Port": "6666", "X-Forwarded-Server": "evil"},
    "forwarded scheme": {"X-Forwarded-Proto": "https", "X-Forwarded-Scheme": "https", "X-Forwarded-Ssl": "on"},
    "forwarded": {"Forwarded": "for=evil;host=evil.example;proto=https", "X-Forwarded-For": "evil, evil"},
    "another address": {"X-Original-URL": "/exit/", "X-Rewrite-URL": "/exit/", "X-Forwarded-Prefix": "/evil"},
    "another place": {"SCRIPT_NAME": "/evil", "PATH_INFO": "/exit/", "Script-Name": "/evil"},
    "another method": {"X-HTTP-Method-Override": "DELETE", "X-HTTP-Method": "POST", "X-Method-Override": "PUT"},
    "another language": {"Accept-Language": "cy, xx-evil;q=0.9", "Accept": "application/json"},
    "odd encodings": {"Accept-Encoding": "br;q=0.000, gzip;q=evil, identity;q=0, *;q=1"},
    "a part": {"Range": "bytes=0-9"},
    "conditions": {"If-None-Match": "*", "If-Modified-Since": "Sun, 22 Nov 2099 00:00:00 GMT"},
    "who it is": {"User-Agent": "<script>", "Referer": "https://evil.example/", "Origin": "https://evil.example"},
    "one who is signed in": {"Cookie": "sessionid=abcdefghijklmnopqrstuvwxyz012345; csrftoken=evil"},
}
WAYS = [("GET", ""), ("HEAD", ""), ("GET", "?utm_source=%3Cscript%3E"), ("GET", "?matched=evil"), ("POST", "")]


@pytest.fixture
def varnish(nginx, site, tmp_path):
    """Before the same gunicorn, beside nginx."""
    with Varnish(tmp_path, nginx.socket, nginx.front, mirror_port=free_port()) as running:
        yield running


@pytest.mark.parametrize("front", ["nginx", "varnish"])
def test_nobody_can_spoil_a_page_for_others_in_a_cache(request, site, front):
    """Each try comes to an address that nothing is kept of, and a plain visitor asks for the same next.

    What is asked for with a word that the page does not know is the page itself to the site, and new to a cache.
    """
    cache, page = request.getfixturevalue(front), "/privacy/"
    expected = cache.ask(page).body
    assert b"evil" not in expected
    for number, (name, headers) in enumerate(SPOILING.items()):
        for way, (method, query) in enumerate(WAYS):
            cold = f"{page}?age=n{number}-{way}"
            for address in (cold, page, f"{page}{query}"):
                cache.ask(address, method, headers=headers)
            for address in (cold, page):
                assert cache.ask(address).body == expected, (name, method, query, address)


def test_nobody_can_spoil_a_page_for_others_in_the_site_itself(nginx, site, settings, tmp_path):
    """Each try is the first to ask for a page. The same page of a site that keeps none is what it must be."""
    cards = re.findall(r'href="(/contacts/[a-z-]+/)"', nginx.ask("/contacts/").words)
    cards = iter([f"{page}card/" for page in dict.fromkeys(cards)][100:])
    plain = tmp_path / "plain.sock"
    with gunicorn_on(plain, {**settings, "PAGE_STORE": "off"}, tmp_path / "gunicorn"):
        for name, headers in SPOILING.items():
            for method, query in WAYS:
                page = next(cards)
                _straight(nginx.socket, f"{page}{query}", method, headers)
                said, wanted = _straight(nginx.socket, page, "GET", {}), _straight(plain, page, "GET", {})
                assert wanted.startswith(b"HTTP/1.1 200"), page
                assert said.partition(b"\r\n\r\n")[2] == wanted.partition(b"\r\n\r\n")[2], (name, method, query)


def _straight(place: Path, path: str, method: str, headers: dict[str, str]) -> bytes:
    """All that gunicorn says to one who comes past nginx."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in {"Host": "127.0.0.1", **headers}.items())
    return _said_straight(place, f"{method} {path} HTTP/1.1\r\n{lines}Connection: close\r\n\r\n".encode())


def _said_straight(place: Path, request: bytes) -> bytes:
    received = b""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        connection.connect(str(place))
        connection.sendall(request)
        while piece := connection.recv(65_536):
            received += piece
    return received


# --- When processes die --------------------------------------------------------------------------------------


def test_workers_killed_and_a_server_reloaded_ten_times_lose_no_answer(nginx, site):
    pages = [*PAGES * 4, "/search/?q=nudes"]  # that one is made by a worker each time
    with Load(nginx.address, pages, connections=32, per_second=150) as load:
        load.wait_for(50)
        for _ in range(4):
            before = children(site)
            os.kill(before[0], signal.SIGKILL)
            until(lambda old=before: len(set(children(site)) - {old[0]}) == 2, 10, "a new worker is there")
            load.wait_for(20)
        for _ in range(10):
            before = set(children(site))
            site.send_signal(signal.SIGHUP)
            until(lambda old=before: len(set(children(site)) - old) == 2, 10, "two new workers are there")
            load.wait_for(20)
    assert load.failures == [], load.told()
    assert load.answers > 300


def test_without_the_site_its_mirror_answers_and_then_one_page(nginx, site):
    """The last test of this file: the site is away afterwards."""
    assert "Call" in nginx.ask(PAGE).words
    os.killpg(site.pid, signal.SIGKILL)
    site.wait()
    until(lambda: nginx.ask("/contacts/").headers.get("cache-status", "").startswith("nginx-mirror"), 5, "the mirror")
    until(lambda: nginx.ask(PAGE).status == 503, 5, "what nginx kept is over")
    said = nginx.ask("/contacts/?utm=1")
    assert (said.status, said.words) == (200, "<h1>All councils, from the mirror</h1>")
    left = nginx.ask("/exit/")
    assert (left.status, left.headers["location"]) == (303, "https://www.bbc.co.uk/weather")
    for path in (PAGE, "/no/such/page/", "/search/?q=nudes"):
        said = nginx.ask(path)
        assert said.status == 503, path
        assert said.is_page_of_ours(), path
        assert "0800 1111" in said.words
        assert said.headers["retry-after"] == "60"
    looked = nginx.ask("/contacts/find/", "POST", body=b"postcode=SS1+1AA")
    assert (looked.status, looked.headers["location"]) == (303, "/contacts/")
    sent = nginx.ask("/feedback/", "POST", body=b"comment=x")
    assert (sent.status, "has not reached us" in sent.words) == (503, True)
    for path in ("/health/live", "/health/ready", "/admin/", "/admin/login/"):
        assert nginx.ask(path).status == 503, path
    assert not nginx.socket.exists() or not _accepts(nginx.socket)


def _accepts(listen: Path) -> bool:
    try:
        return accepts(listen)
    except OSError:
        return False
