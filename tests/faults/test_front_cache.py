"""nginx in front never shows words of now that are not true any more, whatever happens to the site behind it.

The site is a small application here that says what the time is, with the headers that the site sends.
"""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.front import Nginx, small_application

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
    (server.front / "503.html").write_text("<h1>away</h1> 999\n")
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
    "Script_Name": "/evil", "Path_Info": "/evil",
}  # fmt: skip


def test_the_site_is_told_who_asks_by_nginx_alone(nginx, small):
    ours = {"HTTP_HOST": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1", "HTTP_CONNECTION": "close"}
    told = json.loads(nginx.ask("/told", headers={**UNTRUE, "Accept-Encoding": "x-odd, br;q=0, gzip;q=0"}).body)
    assert told == {**ours, "HTTP_X_FORWARDED_PROTO": "http"}
    told = json.loads(nginx.ask("/told", tls=True, headers={"Accept-Encoding": "gzip, deflate, br, zstd"}).body)
    assert (told["HTTP_X_FORWARDED_PROTO"], told["HTTP_ACCEPT_ENCODING"]) == ("https", "br")
