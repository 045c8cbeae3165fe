"""Varnish in front: it keeps what CDN-Cache-Control says for as long as that says, and no word of now for longer.

The site is a small application here, with the headers that the site sends.
"""

import time

import pytest

from tests.faults.front import Varnish, small_application
from tests.faults.servers import free_port, until

# /open?by=N: words that are true for N seconds more; anything else is true for a day.
CODE = """
import time, urllib.parse
made = {}
def application(environ, start_response):
    path = environ["PATH_INFO"]
    made[path] = made.get(path, 0) + 1
    by = dict(urllib.parse.parse_qsl(environ["QUERY_STRING"])).get("by", "86400")
    said = f"{environ.get('HTTP_HOST')} {environ.get('HTTP_X_FORWARDED_FOR')} {environ.get('HTTP_X_FORWARDED_PROTO')}"
    said += f" {environ.get('HTTP_X_REQUEST_ID')}"
    body = f"Call now {made[path]} {time.time()} {said}".encode()
    headers = [("Content-Type", "text/html"), ("Content-Length", str(len(body))), ("Cache-Control", "no-store"),
               ("Vary", "Accept-Encoding"), ("X-Accel-Expires", "1")]
    if path == "/cookie":
        headers.append(("Set-Cookie", "a=b"))
    if path != "/plain":
        headers.append(("CDN-Cache-Control",
                        f"public, max-age=1, stale-while-revalidate=1, stale-if-error={by}"))
    start_response("200 OK", headers)
    return [body]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("varnish")
    for name, words in {"policy.txt": "default-src 'none'", "503.html": "away 999", "413.html": "too much",
                        "400.html": "cannot be read"}.items():  # fmt: skip
        (folder / name).write_text(words)
    return folder


@pytest.fixture(scope="module")
def small(folder):
    with small_application(folder, folder / "site.sock", CODE) as running:
        yield running


@pytest.fixture(scope="module")
def varnish(folder, small):
    with Varnish(folder, small.listen, folder, mirror_port=free_port()) as running:
        yield running


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
    assert varnish.ask("/plain", headers=untrue).words.endswith("127.0.0.1 127.0.0.1 http None")
    assert varnish.ask("/page", host="evil.example").status == 421
    assert "evil" not in varnish.ask("/page?age=teen").words


def test_a_large_body_and_odd_methods_are_refused(varnish):
    assert varnish.ask("/contacts/find/", "POST", headers={"Content-Length": "1073741824"}).words == "too much"
    assert varnish.ask("/page", "PURGE").status == 405


def test_when_the_site_dies_words_stay_as_long_as_they_are_true(varnish, small):
    """The last test of this file: the site is away afterwards. One page is true for 4 s more, the other for a day."""
    day = varnish.ask("/day")
    soon = varnish.ask("/soon?by=4")
    asked = time.monotonic()
    small.kill()
    until(lambda: varnish.ask("/never-kept").status == 503, 10, "Varnish knows that the site is away")
    if time.monotonic() - asked < 4:
        assert varnish.ask("/soon?by=4").body == soon.body
    time.sleep(max(0, asked + 5.1 - time.monotonic()))
    said = varnish.ask("/soon?by=4")
    assert (said.status, said.words) == (503, "away 999")
    assert said.headers["content-security-policy"] == "default-src 'none'"
    assert varnish.ask("/day").body == day.body
