"""What the page store says when the site behind it fails, the clock is set back, or its folder is of no use."""

import hashlib
import json
import time
from datetime import timedelta

import brotli
import pytest
from django.utils import timezone

from safety_site.page_store.answer import encoded, from_bytes
from safety_site.page_store.disk import Disk
from tests.safety_site.speed.doors_of_store import Told, ask, door_to, timed_words


def test_when_the_view_fails_the_last_good_page_is_served(door, pages, watch):
    pages.words = timed_words("Call now", "Nine to five")
    ask(door)
    pages.fails, watch.told = True, "2"
    said = ask(door)
    assert (said.status, said.store) == (200, "hit; detail=stale")
    assert said.text == "<html><body>Nine to five</body></html>"
    assert int(said.headers["age"]) < 2
    made = len(pages.asked)
    ask(door)
    assert len(pages.asked) == made  # not tried again at once
    pages.fails = False
    time.sleep(1.05)
    assert "Call now" in ask(door).text


def test_when_the_version_is_not_known_no_page_says_what_is_true_now(door, pages, watch):
    pages.words = timed_words("Call now", "Nine to five")
    ask(door)
    watch.told = None
    said = ask(door, accept_encoding="br")
    assert brotli.decompress(said.body).decode() == "<html><body>Nine to five</body></html>"
    assert said.store == "hit; detail=stale"
    watch.told = "1"
    assert "Call now" in ask(door).text


def test_after_an_hour_a_stale_page_tells_its_age(door, pages, watch, time_machine):
    ask(door)
    watch.told = None
    began = timezone.now()
    for seconds, words in ((3_500, ""), (3_700, "1 hour ago"), (7_300, "2 hours ago"), (260_000, "3 days ago")):
        time_machine.move_to(began + timedelta(seconds=seconds), tick=False)
        said = ask(door)
        assert seconds - 2 <= int(said.headers["age"]) <= seconds + 2
        assert ("brought up to date" in said.text) is bool(words)
        assert words in said.text
        assert said.headers["content-length"] == str(len(said.body))


def test_a_process_that_starts_in_an_outage_serves_what_is_on_disk(door, pages, tmp_path):
    ask(door)
    pages.fails = True
    late = door_to(pages, tmp_path, Told(None))
    said = ask(late)
    assert (said.status, said.text) == (200, "<html><body>Hello</body></html>")
    assert said.store == "hit; detail=stale"


def test_a_page_of_another_release_is_made_anew_but_serves_in_an_outage(door, pages, tmp_path, watch):
    ask(door)
    newer = door_to(pages, tmp_path, watch)
    newer.release = "another"
    pages.words = "New design"
    pages.fails = True
    assert ask(newer).text == "<html><body>Hello</body></html>"
    pages.fails = False
    time.sleep(1.05)
    assert "New design" in ask(newer).text


def test_a_failure_without_a_kept_page_is_djangos_own_answer(door, pages):
    pages.status, pages.words = "500 Internal Server Error", "Sorry, call 999"
    said = ask(door)
    assert (said.status, said.text, said.store) == (500, "<html><body>Sorry, call 999</body></html>", "fwd=miss")


def test_a_clock_that_is_set_back_makes_pages_anew(door, pages, time_machine):
    ask(door)
    time_machine.move_to(timezone.now() - timedelta(hours=3), tick=False)
    pages.words = "As of then"
    assert ask(door).text == "<html><body>As of then</body></html>"


def test_a_file_that_is_cut_off_or_not_ours_is_no_page(door, pages, tmp_path, watch):
    ask(door)
    (file,) = (each for each in (tmp_path / "pages").rglob("*") if each.is_file())
    whole = file.read_bytes()
    for bad in (whole[:-1], b"", b"nonsense\nmore\n", whole.replace(b"utf-8", b"utf-7"), whole[:-1] + b"!"):
        file.write_bytes(bad)
        assert Disk(tmp_path).load("/about/", is_variant=False) is None
    assert ask(door_to(pages, tmp_path, watch)).store == "fwd=miss; stored"


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        ("key", 7), ("status", "200"), ("status", 500), ("version", None), ("release", ["1"]), ("made_at", "soon"),
        ("made_at", float("nan")), ("made_at", None), ("until", "never"), ("headers", 5), ("headers", [["a"]]),
        ("route", {}), ("age_at", "x"), ("lengths", None), ("lengths", ["1"]),
    ],
)  # fmt: skip
def test_a_file_whose_sum_is_right_and_whose_words_are_not_ours_is_no_page(door, tmp_path, name, odd):
    ask(door)
    (file,) = (each for each in (tmp_path / "pages").rglob("*") if each.is_file())
    head, _, parts = file.read_bytes().partition(b"\n")[2].partition(b"\n")
    content = json.dumps({**json.loads(head), name: odd}).encode() + b"\n" + parts
    file.write_bytes(hashlib.blake2b(content, digest_size=16).hexdigest().encode() + b"\n" + content)
    assert Disk(tmp_path).load("/about/", is_variant=False) is None
    for about in Disk(tmp_path).about():
        assert (about.key, about.status, about.version) == ("/about/", 200, "1")


def test_nobody_else_may_read_the_folders_of_the_store(pages, tmp_path):
    ask(door_to(pages, tmp_path / "new" / "store"))
    made = [tmp_path / "new", *(each for each in (tmp_path / "new").rglob("*") if each.is_dir())]
    assert {each.stat().st_mode & 0o777 for each in made} == {0o700}
    assert len(made) >= 5


@pytest.mark.parametrize("tells_now", [True, False])
def test_a_file_of_the_release_before_serves_in_an_outage(tells_now):
    """Its parts: before and after the place of the age, with now and (if that is another) without; brotli, gzip."""
    now, without = ("<p>a</p>", "<p>Call now</p>"), ("<p>a</p>", "<p>9 to 5 – always</p>")
    parts = [*now, *(without if tells_now else ()), encoded("".join(now), "br"), encoded("".join(now), "gzip")]
    parts = [part.encode() if isinstance(part, str) else part for part in parts]
    about = {
        "format": 1, "key": "/about/", "route": "about", "status": 200, "headers": [["Content-Type", "text/html"]],
        "version": "1", "release": "before", "made_at": 1.0, "until": None, "lengths": list(map(len, parts)),
    }  # fmt: skip
    content = json.dumps(about).encode() + b"\n" + b"".join(parts)
    answer = from_bytes(hashlib.blake2b(content, digest_size=16).hexdigest().encode() + b"\n" + content)
    assert (answer.now, answer.tells_now) == ("<p>a</p><p>Call now</p>", tells_now)
    _head, stale = answer.stale("", 10)
    assert stale.decode() == "".join(without if tells_now else now)
    _head, stale = answer.stale("", 7200)
    assert stale.decode().startswith("<p>a</p><section")
    assert stale.decode().endswith((without if tells_now else now)[1])


def test_whoever_asks_for_what_is_not_kept_has_the_version_read(door, watch, monkeypatch):
    asked = []
    monkeypatch.setattr(type(watch), "version", lambda _watch: asked.append(1))
    for path, times in {"/search/": 1, "/contacts/find/": 1, "/health/live": 0}.items():
        asked.clear()
        ask(door, path)
        assert len(asked) == times, path


def test_a_folder_that_cannot_be_written_costs_no_answer(pages, tmp_path, watch):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    door = door_to(pages, in_the_way / "store", watch)
    assert [ask(door).store for _ in range(2)] == ["fwd=miss; stored", "hit"]
    assert door.disk.problem == "its folder cannot be written"
