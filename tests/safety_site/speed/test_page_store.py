"""The page store: what is kept, for whom, until when, and how much of it."""

import gzip
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import brotli
import pytest
from django.utils import timezone

from safety_site.page_store.disk import Disk
from tests.safety_site.speed.doors_of_store import ask, door_to, timed_words


def test_a_page_is_made_once_and_then_served_as_it_is(door, pages):
    first, second = ask(door), ask(door)
    assert (first.store, second.store) == ("fwd=miss; stored", "hit")
    assert first.text == second.text == "<html><body>Hello</body></html>"
    assert pages.asked == ["/about/?"]


def test_each_encoding_holds_the_same_words(door, pages):
    plain = ask(door)
    packed = ask(door, accept_encoding="gzip, deflate, br")
    zipped = ask(door, accept_encoding="br;q=0, gzip")
    assert packed.headers["content-encoding"] == "br"
    assert zipped.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert brotli.decompress(packed.body) == gzip.decompress(zipped.body) == plain.body
    assert {said.headers["vary"] for said in (plain, packed, zipped)} == {"Accept-Encoding"}
    assert len({said.headers["etag"] for said in (plain, packed, zipped)}) == 3
    assert len(pages.asked) == 1


@pytest.mark.parametrize("accepted", ["", "identity", "nonsense", "br;q=x", "br;q=0", ";;;,,,", "x" * 5_000])
def test_a_reader_who_takes_no_encoding_of_ours_gets_plain_words(door, accepted):
    assert ask(door, accept_encoding=accepted).text == "<html><body>Hello</body></html>"


def test_a_browser_keeps_nothing_and_a_shared_cache_a_second(door):
    said = ask(door)
    assert said.headers["cache-control"] == "no-store"
    assert said.headers["cdn-cache-control"] == ("public, max-age=1, stale-while-revalidate=1, stale-if-error=3600")
    assert said.headers["x-accel-expires"] == "1"


def test_the_same_copy_is_not_sent_again(door):
    etag = ask(door, accept_encoding="br").headers["etag"]
    again = ask(door, accept_encoding="br", if_none_match=f'"other", W/{etag}')
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == etag
    assert not {"content-length", "content-encoding", "content-type"} & set(again.headers)
    assert ask(door, if_none_match=etag).status == 200  # another encoding is another copy
    assert ask(door, if_none_match="*").status == 304


def test_head_gets_the_headers_alone(door):
    whole, head = ask(door), ask(door, method="HEAD")
    assert head.body == b""
    assert head.headers == {**whole.headers, "cache-status": "hearthside; hit"}


def test_head_of_a_page_that_passes_by_has_no_body_either(door):
    whole, head = ask(door, "/search/?q=a"), ask(door, "/search/?q=a", method="HEAD")
    assert (head.status, head.body, head.store) == (200, b"", "")
    assert head.headers["content-length"] == str(len(whole.body))


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("POST", {}),
        ("OPTIONS", {}),
        ("GET", {"cookie": "a=b"}),
        ("HEAD", {"cookie": ""}),
        ("GET", {"authorization": "x"}),
    ],
)
def test_another_method_or_a_cookie_passes_by(door, pages, method, headers):
    ask(door)
    pages.words = "For you alone"
    said = ask(door, method=method, **headers)
    words = "" if method == "HEAD" else "<html><body>For you alone</body></html>"
    assert (said.text, said.store) == (words, "")
    assert pages.asked[1:] == ["/about/?"]
    assert ask(door).text == "<html><body>Hello</body></html>"


@pytest.mark.parametrize(
    "address",
    [
        "/search/?q=nudes", "/contacts/find/?postcode=SS1", "/feedback/", "/admin/", "/admin/login/", "/exit/",
        "/media/leaflet.pdf", "/static/css/site.css", "/contacts.csv", "/api/oruk/services", "/health/ready",
        "/plan/?age=teen", "/finder/?age=teen&about=x", "/apps/compare/?app=tiktok", "/no/such/page/",
        "/topics/?age=teen&unknown=1", "/topics/?age=Teen%20Age", "/topics/?age=a&age=b", "/talk/?page=0",
        f"/topics/{'a' * 300}/", f"/about/?x={'a' * 300}", "/topics/caf\u00e9/", "/topics/a%00b/", "/about/?%zz&&==",
    ],
)  # fmt: skip
def test_what_is_not_declared_passes_by(door, pages, address):
    for _ in range(2):
        assert ask(door, address).store == ""
    assert len(pages.asked) == 2


def test_only_declared_parameters_make_a_page_of_their_own(door, pages):
    addresses = ["/topics/grooming/", "/topics/grooming/?age=teen", "/topics/grooming/?utm_source=x", "/about/?evil=1"]
    for address in addresses:
        ask(door, address)
    assert pages.asked == ["/topics/grooming/?", "/topics/grooming/?age=teen", "/about/?"]
    assert ask(door, "/talk/?page=2&age=teen").store == "fwd=miss; stored"
    assert ask(door, "/talk/?age=teen&page=2").store == "hit"


def test_nothing_of_a_request_but_its_address_reaches_a_kept_page(door, pages):
    ask(
        door, "/about/?evil=<script>", x_forwarded_host="evil.example", x_forwarded_proto="http", user_agent="evil",
        accept_language="fr", x_original_url="/admin/", x_forwarded_for="203.0.113.9", accept="x", referer="evil",
        range="bytes=0-1", x_http_method_override="POST", forwarded="host=evil.example", if_modified_since="x",
    )  # fmt: skip
    environ = pages.environs[0]
    assert {name for name in environ if name.startswith("HTTP_")} == {"HTTP_HOST"}
    assert environ["HTTP_HOST"] in ("testserver", "127.0.0.1", "localhost")
    assert (environ["QUERY_STRING"], environ["REMOTE_ADDR"]) == ("", "")
    assert "evil" not in repr(environ)


@pytest.mark.parametrize("host", ["evil.example", "", "testserver.evil.example", "testserver@evil", "a" * 3_000, "::"])
def test_a_host_that_is_not_ours_never_meets_the_store(door, pages, host):
    ask(door)
    pages.words = "refused"
    assert ask(door, host=host).store == ""
    assert ask(door).text == "<html><body>Hello</body></html>"


def test_a_port_of_our_host_is_the_same_page(door, pages):
    ask(door)
    assert ask(door, host="testserver:8443").store == "hit"


def test_a_site_for_https_alone_serves_nothing_without_it(pages, tmp_path, settings):
    settings.HTTPS_ONLY = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    door = door_to(pages, tmp_path)
    assert ask(door, x_forwarded_proto="https").store == "fwd=miss; stored"
    assert ask(door, x_forwarded_proto="https").store == "hit"
    assert ask(door).store == ""
    assert ask(door, x_forwarded_proto="http").store == ""
    assert pages.environs[0]["wsgi.url_scheme"] == "https"


@pytest.mark.parametrize("header", [("Set-Cookie", "a=b"), ("Vary", "Cookie"), ("Vary", "Accept-Language")])
def test_an_answer_made_for_one_reader_is_never_kept(door, pages, header):
    pages.headers = [header]
    assert ask(door).store == "fwd=miss"
    assert ask(door).store == "fwd=miss"
    assert len(pages.asked) == 2


def test_404_is_not_kept_but_a_page_that_moved_or_was_taken_down_is(door, pages):
    for status, kept in (("404 Not Found", False), ("301 Moved Permanently", True), ("410 Gone", True)):
        pages.status = status
        address = f"/topics/{status[:3]}/"
        said = [ask(door, address) for _ in range(2)]
        assert {each.status for each in said} == {int(status[:3])}
        assert (said[1].store == "hit") is kept


# --- Change ---------------------------------------------------------------------------------------------


def test_a_new_version_makes_the_page_anew(door, pages, watch):
    ask(door)
    pages.words, watch.told = "New words", "2"
    assert ask(door).text == "<html><body>New words</body></html>"
    assert ask(door).store == "hit"


def test_a_page_that_is_gone_in_a_new_version_is_gone_on_disk_too(door, pages, watch, tmp_path):
    ask(door)
    pages.status, watch.told = "404 Not Found", "2"
    assert ask(door).status == 404
    assert Disk(tmp_path).load("/about/", is_variant=False).status == 404
    watch.told = None
    pages.fails = True
    assert ask(door).status == 404


def test_what_holds_for_a_time_is_made_anew_when_it_is_over(door, pages, time_machine):
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    pages.until = now + timedelta(seconds=0.3)
    pages.words = timed_words("Call now", "Nine to five")
    first = ask(door)
    assert "Call now" in first.text
    assert first.headers["cdn-cache-control"] == "public, max-age=0"  # its words are over before a cache is
    assert first.headers["x-accel-expires"] == "0"
    pages.until, pages.words = timezone.now() + timedelta(hours=2), timed_words("Closed now", "Nine to five")
    assert ask(door).text == first.text
    time_machine.move_to(now + timedelta(seconds=0.3), tick=False)
    later = ask(door)
    assert "Closed now" in later.text
    assert later.headers["cdn-cache-control"] == "public, max-age=1, stale-while-revalidate=1, stale-if-error=3600"


@pytest.mark.parametrize(
    ("seconds", "steering"),
    [
        (2.5, "public, max-age=0"),  # nginx would go on until the end of the next second of the clock
        (3.5, "public, max-age=1, stale-while-revalidate=1, stale-if-error=1"),
        (60.5, "public, max-age=1, stale-while-revalidate=1, stale-if-error=58"),
    ],
)
def test_a_cache_in_front_is_told_an_end_before_the_words_are_over(door, pages, seconds, steering):
    pages.until = timezone.now() + timedelta(seconds=seconds)
    pages.words = timed_words("Call now", "Nine to five")
    said = ask(door)
    assert said.headers["cdn-cache-control"] == steering
    assert said.headers["x-accel-expires"] == steering.removeprefix("public, max-age=")[0]


def test_many_who_come_at_once_wait_for_one_making(door, pages, tmp_path, watch):
    pages.seconds = 0.1
    other_process = door_to(pages, tmp_path, watch)
    with ThreadPoolExecutor(16) as pool:
        said = list(pool.map(lambda each: ask(each), [door, other_process] * 8))
    assert {each.text for each in said} == {"<html><body>Hello</body></html>"}
    assert len(pages.asked) == 1


def test_another_process_takes_the_page_from_the_disk(door, pages, tmp_path, watch):
    ask(door)
    assert ask(door_to(pages, tmp_path, watch)).store == "hit"
    assert len(pages.asked) == 1


# --- Bounds ---------------------------------------------------------------------------------------------


def test_however_many_addresses_are_asked_for_the_pages_stay(pages, tmp_path, watch):
    pages.words = "x" * 4_000
    door = door_to(pages, tmp_path, watch, most_bytes=200_000)
    ask(door)
    for number in range(300):
        ask(door, f"/topics/grooming/?age=made-up-{number}")
    for shelf in (door.memory.pages, door.memory.variants):
        assert shelf.bytes <= shelf.most_bytes
    made = len(pages.asked)
    assert ask(door).store == "hit"
    assert len(pages.asked) == made


def test_the_disk_keeps_the_newest_variants_and_no_more(pages, tmp_path, watch, monkeypatch):
    monkeypatch.setattr("safety_site.page_store.disk.MOST_VARIANTS", 5)
    door = door_to(pages, tmp_path, watch)
    ask(door)
    for number in range(12):
        ask(door, f"/talk/?page={number + 1}")
    door.disk.sweep()
    assert sorted(each.key.partition("?")[0] for each in door.disk.about()) == ["/about/", *["/talk/"] * 5]


def test_a_page_too_large_for_memory_comes_from_the_disk(pages, tmp_path, watch):
    pages.words = secrets.token_hex(50_000)  # which cannot be packed small
    door = door_to(pages, tmp_path, watch, most_bytes=50_000)
    assert [ask(door).store for _ in range(2)] == ["fwd=miss; stored", "hit"]
    assert len(door.memory.pages) == 0


def test_a_page_that_many_ask_for_uncompressed_is_weighed_with_that_too(door):
    before = ask(door, encoding="br") and door.memory.pages.bytes
    texts = {ask(door, encoding="").text for _ in range(2)}
    assert door.memory.pages.bytes == before  # a few get it unpacked each time
    texts |= {ask(door, encoding="").text for _ in range(10)}
    assert len(texts) == 1
    assert door.memory.pages.bytes == before + len(texts.pop().encode())


# --- What is remembered -----------------------------------------------------------------------------------


def test_no_address_is_remembered_that_has_no_kept_page(door, pages):
    ask(door)
    pages.status = "404 Not Found"
    for address in ("/topics/my-own-words/", "/search/?q=my+own+words", "/preview/a-secret/", "/about/?x=my-own-words"):
        ask(door, address)
    assert set(door._targets) == {("/about/", "")}


def test_an_odd_list_of_encodings_is_not_remembered(door):
    odd = "br;q=0.5, " + "x" * 5_000
    assert [ask(door, accept_encoding=odd).headers["content-encoding"] for _ in range(3)] == ["br"] * 3
    ask(door, accept_encoding="br")
    ask(door, accept_encoding="br")
    assert list(door.memory.pages.get("/about/").ready) == ["br"]


@pytest.mark.parametrize("query", ["age=made-up", "for=nobody", "area=made-up"])
def test_a_value_that_no_page_knows_makes_no_page_of_its_own(door, query):
    assert ask(door, f"/topics/?{query}").store == ""
    assert door.disk.about() == []
