"""nginx in front never shows words of now that are not true any more, whatever happens to the site behind it.

The site is a small application here that says what the time is, with the headers that the site sends.
"""

import json
import re
import shutil
import socket
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from tests.faults.front import Nginx, ask, small_application

# Each answer tells when it was made and, in a header, how often. Pages have the headers of page_store/door.py.
CODE = """
import json, time
made = {}
def application(environ, start_response):
    path = environ["PATH_INFO"]
    made[path] = made.get(path, 0) + 1
    headers = [("Content-Type", "text/html"), ("X-Made", str(made[path])), ("Cache-Control", "no-store")]
    if path == "/plain":
        body = b"not to be kept"
    elif path == "/told":
        body = json.dumps({name: value for name, value in environ.items() if name.startswith("HTTP_")}).encode()
    else:
        body = f"Call now: {time.time()}".encode()
        headers += [("X-Accel-Expires", "1"), ("Vary", "Accept-Encoding"),
                    ("CDN-Cache-Control", "public, max-age=1, stale-while-revalidate=1, stale-if-error=3600")]
    if path == "/slow":
        time.sleep(1)
    if path == "/cookie":
        headers.append(("Set-Cookie", "a=b"))
    start_response("200 OK", headers + [("Content-Length", str(len(body)))])
    return [body]
"""


@pytest.fixture(scope="module")
def nginx(tmp_path_factory):
    folder = tmp_path_factory.mktemp("front-cache")
    server = Nginx(folder)
    (server.front / "headers.conf").write_text("add_header X-Front yes always;\n")
    for page in ("400", "413", "414", "429", "503"):
        (server.front / f"{page}.html").write_text("<h1>away</h1> 999\n")
    with server:
        yield server


@pytest.fixture
def small(nginx):
    with small_application(nginx.folder, nginx.socket, CODE) as running:
        yield running


def made(said) -> int:
    return int(said.headers["x-made"])


def test_a_marked_answer_is_kept_for_no_more_than_two_seconds(nginx, small):
    first = nginx.ask("/open")
    assert nginx.ask("/open").body == first.body
    deadline = time.monotonic() + 4
    while (last := nginx.ask("/open")).body == first.body:
        assert time.monotonic() < deadline
        assert time.time() - float(first.words.split()[-1]) < 2.1
        time.sleep(0.05)
    assert time.time() - float(last.words.split()[-1]) < 1


def test_what_the_site_does_not_mark_is_not_kept(nginx, small):
    assert made(nginx.ask("/plain")) != made(nginx.ask("/plain"))


@pytest.mark.parametrize("headers", [{"Cookie": "sessionid=abc"}, {"Cookie": "x"}, {"Authorization": "Bearer x"}])
def test_requests_of_somebody_pass_by_and_leave_nothing(nginx, small, headers):
    theirs = nginx.ask("/open?by=headers", headers=headers)
    assert made(nginx.ask("/open?by=headers")) == made(theirs) + 1


def test_an_answer_with_a_cookie_is_not_kept(nginx, small):
    assert made(nginx.ask("/cookie")) != made(nginx.ask("/cookie"))


def test_only_declared_parts_of_an_address_are_kept(nginx, small):
    assert made(nginx.ask("/open?age=teen")) == made(nginx.ask("/open?age=teen"))
    for query in ("?q=x", "?age=teen&utm=1", "?age=%74een", "?AGE=teen", "?" + "&".join(["age=teen"] * 5)):
        assert made(nginx.ask(f"/open{query}")) != made(nginx.ask(f"/open{query}")), query


def test_nobody_gets_old_words_when_the_site_dies(nginx, small):
    """Kept, killed, asked again when its second is over: there is no mirror here, so the last page stands in."""
    assert "Call now" in nginx.ask("/open").words
    small.kill()
    time.sleep(2.05)
    said = nginx.ask("/open")
    assert (said.status, said.words) == (503, "<h1>away</h1> 999\n")


def test_nobody_gets_old_words_while_somebody_else_waits_for_new_ones(nginx, small):
    """With proxy_cache_use_stale updating the second of two would get what was kept before, however old."""
    nginx.ask("/slow")
    time.sleep(2.05)
    asked = time.time()
    with ThreadPoolExecutor(4) as readers:
        answers = list(readers.map(nginx.ask, ["/slow"] * 4))
    assert min(float(each.words.split()[-1]) for each in answers) > asked - 0.01
    assert max(float(each.words.split()[-1]) for each in answers) < time.time()


def test_many_who_come_at_once_make_a_new_page_once(nginx, small):
    with ThreadPoolExecutor(8) as readers:
        answers = list(readers.map(nginx.ask, ["/slow?page=7"] * 8))
    assert {made(each) for each in answers} == {made(answers[0])}


UNTRUE = {
    "X-Forwarded-For": "192.0.2.66", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "666", "X-Forwarded-Server": "evil.example", "X-Real-IP": "192.0.2.66",
    "Forwarded": "for=192.0.2.66;host=evil.example;proto=https", "X-Original-URL": "/admin/",
    "X-Rewrite-URL": "/admin/", "X-HTTP-Method-Override": "POST", "Proxy": "http://evil.example/",
    "Script_Name": "/evil", "Path_Info": "/evil", "X-Request-Id": "deadbeefdeadbeefdeadbeefdeadbeef",
}  # fmt: skip


def test_the_site_is_told_who_asks_by_nginx_alone(nginx, small):
    ours = {"HTTP_HOST": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1", "HTTP_CONNECTION": "close"}
    told = json.loads(nginx.ask("/told", headers={**UNTRUE, "Accept-Encoding": "x-odd, br;q=0, gzip;q=0"}).body)
    named = told.pop("HTTP_X_REQUEST_ID")
    assert told == {**ours, "HTTP_X_FORWARDED_PROTO": "http"}
    assert re.fullmatch(r"[0-9a-f]{32}", named)
    assert named != UNTRUE["X-Request-Id"]
    told = json.loads(nginx.ask("/told", tls=True, headers={"Accept-Encoding": "gzip, deflate, br, zstd"}).body)
    assert (told["HTTP_X_FORWARDED_PROTO"], told["HTTP_ACCEPT_ENCODING"]) == ("https", "br")


# --- Nobody writes down who read what ---------------------------------------------------------------------------

WHO = "127.0.0.8"  # one address that sends too often; the tests' own is 127.0.0.1
MARKS = ("kept-secret", "127.0.0.")


@pytest.fixture(scope="module")
def beside_others(nginx, tmp_path_factory) -> Iterator[Nginx]:
    """The same in a configuration that is not ours: what stands there of logs holds for every site that says none."""
    server = Nginx(tmp_path_factory.mktemp("front-beside"))
    server.is_beside_others = True
    server.front = nginx.front
    for name in ("privkey.pem", "fullchain.pem"):
        shutil.copy(nginx.folder / name, server.folder)
    with server:
        yield server


def fails_in_every_way(nginx: Nginx) -> set[int]:
    """No process of the site answers, and there is no mirror. Returns the statuses of the answers."""
    marked = {"User-Agent": "kept-secret", "Referer": "https://kept-secret.example/"}
    said = [nginx.ask(path, method, headers=marked, body=b"kept-secret" if method == "POST" else None).status
            for path in ("/kept-secret/?q=kept-secret", "/contacts/find/", "/static/kept-secret.css", "/admin/")
            for method in ("GET", "POST")]  # fmt: skip
    said += [nginx.ask(path, port=nginx.plain_port, headers=marked).status
             for path in ("/.well-known/acme-challenge/kept-secret", "/kept-secret/")]  # fmt: skip
    said += [nginx.ask("/kept-secret/", tls=True, headers=marked).status, nginx.ask("/", host="kept-secret").status]
    said += [ask(nginx.port, "/kept-secret/", "POST", body=b"a", source=WHO).status for _ in range(40)]
    ours = b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nReferer: kept-secret\r\n"
    for odd in (
        b"POST /kept-secret/" + ours + b"Content-Length: 9000000\r\n\r\n",
        b"POST /kept-secret/" + ours + b"Transfer-Encoding: chunked\r\n\r\n200000\r\n" + b"a" * 2_000_000,
        b"POST /kept-secret/" + ours + b"Transfer-Encoding: kept-secret\r\n\r\n",
        b"GET /" + b"kept-secret" * 6_000 + ours + b"\r\n",
        b"GET /kept-secret/" + ours + b"X: " + b"kept-secret" * 6_000 + b"\r\n\r\n",
        b"kept-secret\r\n\r\n",
    ):
        said.append(status(nginx.port, odd))
    with socket.create_connection(("127.0.0.1", nginx.port)) as goes_away:
        goes_away.sendall(b"POST /kept-secret/" + ours + b"Content-Length: 9\r\n\r\n")
    with suppress(ssl.SSLError), socket.create_connection(("127.0.0.1", nginx.tls_port)) as plain:
        ssl.create_default_context().wrap_socket(plain, server_hostname="kept-secret.example")
    said.append(status(nginx.tls_port, b"GET /kept-secret/" + ours + b"\r\n"))
    return set(said)


def status(port: int, request: bytes) -> int:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        with suppress(ConnectionError):
            connection.sendall(request)
        return int(connection.recv(4_096).split()[1])


@pytest.mark.parametrize("way", ["nginx", "beside_others"])
def test_no_line_of_a_log_tells_who_asked_or_for_what(request, way):
    server = request.getfixturevalue(way)
    assert fails_in_every_way(server) == {301, 303, 400, 404, 413, 414, 421, 429, 431, 501, 503}
    logs = [*server.folder.glob("errors"), *server.folder.glob("*.log")]
    lines = [line for log in logs for line in log.read_text("utf-8", "replace").splitlines()]
    assert [line for line in lines if any(mark in line for mark in MARKS)] == []
    assert way == "beside_others" or any("start worker process" in line for line in lines)  # of nginx itself
