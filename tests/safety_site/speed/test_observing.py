"""What is noted of answers, what lines on standard error may hold, and that neither holds anybody up."""

import json
import logging
import os
import threading
import time
import timeit
from contextlib import suppress

import psycopg
import pytest
from django.core.exceptions import DisallowedHost
from django.db import DatabaseError, DataError, connection, transaction
from django.http import Http404
from django.test import RequestFactory
from django.urls import resolve
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from safety_site import figures, observing
from safety_site.log import line_of
from safety_site.stderr_lines import MOST_WAITING, Lines

ID = "0123456789abcdef"
SECRET = "SS9 1ZZ"


@pytest.fixture
def noted(monkeypatch):
    """An own list of what waits, without a thread: ``noted()`` counts it and gives the lines and the figures."""
    process, share, put = observing._Process(), figures.Share(), []
    process.is_started = True
    monkeypatch.setattr(observing, "_process", process)
    monkeypatch.setattr(figures, "_share", share)
    monkeypatch.setattr(observing.lines, "put", put.append)

    def counted() -> tuple[list[dict], figures.Figures]:
        process.round()
        return [json.loads(line) for line in put], share.own

    return counted


# --- Answers ------------------------------------------------------------------------------------------------


def test_answer_is_counted_by_kind_status_and_store(noted):
    for _ in range(3):
        observing.observe("guidance:topic", 200, 0.0002, "hit", ID)
    observing.observe("guidance:topic", 304, 0.003, "miss", ID)
    lines, counted = noted()
    assert lines == []
    assert dict(counted.answers) == {("guidance:topic", "2xx", "hit"): 3, ("guidance:topic", "3xx", "miss"): 1}
    assert counted.speeds["hit"][0] == 3
    assert counted.speeds["miss"][3] == 1


def test_failure_and_slow_answer_are_written_and_others_are_not(noted):
    observing.observe("guidance:topic", 500, 0.01, "miss", ID, "GET")
    observing.observe("reporting:find", 200, 1.25, "bypass", ID, "POST")
    observing.observe("home", 200, 0.9, "bypass", ID)
    lines, _ = noted()
    assert [(each["route"], each["method"], each["status"], each["ms"], each["store"]) for each in lines] == [
        ("guidance:topic", "GET", 500, 10.0, "miss"),
        ("reporting:find", "POST", 200, 1250.0, "bypass"),
    ]
    assert {each["request"] for each in lines} == {ID}
    assert {each["process"] for each in lines} == {os.getpid()}
    assert set(lines[0]) == {"time", "event", "request", "route", "method", "status", "ms", "store", "process"}


@pytest.mark.parametrize(("asked", "written"), [("off", []), ("problems", [503]), ("on", [200, 503])])
def test_setting_says_which_answers_are_written(settings, noted, asked, written):
    settings.LOG_REQUESTS = asked
    observing.observe("home", 200, 0.01, "hit", ID)
    observing.observe("home", 503, 0.01, "miss", ID)
    assert [each["status"] for each in noted()[0]] == written


def test_exit_is_neither_written_nor_counted(settings, noted):
    settings.LOG_REQUESTS = "on"
    observing.observe(resolve("/exit/").view_name, 303, 9.0, "bypass", ID)
    lines, counted = noted()
    assert (lines, counted.answers) == ([], {})


@hypothesis_settings(deadline=None, max_examples=60)
@given(words=st.lists(st.text(min_size=1) | st.just(SECRET) | st.none() | st.integers(), min_size=4, max_size=4))
def test_nothing_that_somebody_typed_is_written_whatever_is_handed_over(words):
    process = observing._Process()
    put = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(figures, "_share", figures.Share())
        patched.setattr(observing.lines, "put", put.append)
        patched.setattr("django.conf.settings.LOG_REQUESTS", "on", raising=False)
        route, store, name, method = words
        process.waiting.append(
            (f"{SECRET}{route}", 200, 0.1, f"{SECRET}{store}", f"{SECRET}{name}", f"{SECRET}{method}", 0)
        )
        process._count_waiting()
        labels = [label for key in figures._share.own.answers for label in key]
    (line,) = map(json.loads, put)
    assert (line["route"], line["store"], line["request"], line["method"]) == ("none", "other", "", "other")
    assert labels == ["none", "2xx", "other"]


def test_editors_pages_are_one_kind():
    assert observing.kind_of_page(resolve("/admin/guidance/topicedition/").view_name) == "admin"


@pytest.mark.parametrize("odd", [None, "x", float("nan"), [], -1])
def test_odd_values_never_raise_and_are_counted_as_lost(noted, odd):
    observing.observe(odd, odd, odd, odd, odd, odd)
    _, counted = noted()
    assert counted.not_counted + sum(counted.answers.values()) == 1


def test_more_than_can_wait_is_counted_as_lost(noted, monkeypatch):
    monkeypatch.setattr(observing, "MOST_WAITING", 5)
    for _ in range(8):
        observing.observe("home", 200, 0.1, "hit")
    _, counted = noted()
    assert (sum(counted.answers.values()), counted.not_counted) == (5, 3)


def test_many_threads_lose_nothing(noted):
    def work():
        for _ in range(2_000):
            observing.observe("home", 200, 0.1, "hit")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    _, counted = noted()
    assert sum(counted.answers.values()) == 16_000


def test_noting_costs_a_few_microseconds_at_most(noted):
    calls = 5_000
    best = min(timeit.repeat(lambda: observing.observe("home", 200, 0.1, "hit", ID), number=calls, repeat=5))
    assert best / calls < 3e-6


def test_child_of_a_process_notes_for_itself_alone(noted):
    observing.observe("home", 200, 0.1, "hit")
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            os.write(write, json.dumps([len(observing._process.waiting), observing._process.is_started]).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert json.loads(os.read(read, 100)) == [0, False]
    assert sum(noted()[1].answers.values()) == 1


# --- Ids ----------------------------------------------------------------------------------------------------


def test_id_is_random_and_the_current_one():
    first, second = observing.request_id({}), observing.request_id({})
    assert first != second
    assert len(first) == 16
    assert observing.current_request_id.get() == second


@pytest.mark.parametrize("given_id", ["a" * 16, "0f8fad5b-d9cb-469f-a165-70867728950e", "F" * 64])
def test_id_of_our_proxy_is_taken(settings, given_id):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert observing.request_id({"HTTP_X_REQUEST_ID": given_id}) == given_id


@pytest.mark.parametrize("given_id", ["", "a" * 15, "a" * 65, SECRET, "g" * 16, "a" * 16 + "\n", "a" * 16 + '"'])
def test_id_that_looks_like_none_is_not_taken(settings, given_id):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert observing.request_id({"HTTP_X_REQUEST_ID": given_id}) != given_id


def test_id_that_a_visitor_sends_is_not_believed():
    assert observing.request_id({"HTTP_X_REQUEST_ID": "a" * 16}) != "a" * 16


# --- Lines on standard error ----------------------------------------------------------------------------------


@pytest.fixture
def pipe():
    """Lines for a pipe that nobody reads unless the test does, as a process that serves writes them."""
    read, write = os.pipe()
    lines = Lines(write)
    lines.has_writer = True
    yield lines, read
    os.close(write)
    os.close(read)


def test_full_pipe_holds_nobody_up_and_what_is_lost_is_told(pipe):
    lines, read = pipe
    started = time.monotonic()
    for number in range(MOST_WAITING + 3_000):
        lines.put(json.dumps({"number": number, "filling": "x" * 60}))
        if number % 100 == 0:
            lines.write()
    assert not lines.write()
    assert time.monotonic() - started < 2
    text = b""
    while not lines.write() or not text.endswith(b"\n"):
        text += os.read(read, 1 << 20)
    os.set_blocking(read, False)
    with suppress(BlockingIOError):
        text += os.read(read, 1 << 20)
    told = [json.loads(line) for line in text.splitlines()]
    lost = sum(each["lines"] for each in told if each.get("event") == "lines lost")
    numbers = [each["number"] for each in told if "number" in each]
    assert lost > 0
    assert len(numbers) + lost == MOST_WAITING + 3_000
    assert numbers == sorted(set(numbers))


def test_pipe_whose_reader_is_gone_ends_nothing():
    read, write = os.pipe()
    os.close(read)
    lines = Lines(write)
    lines.put("one")
    lines.has_writer = True
    lines.put("two")
    assert lines.write(0.1)
    os.close(write)


# --- Failures -----------------------------------------------------------------------------------------------


def line_for(problem: Exception, logger: str = "django.request", words: str = "Failed: %s", *args, **more) -> dict:
    try:
        raise problem
    except Exception as raised:
        record = logging.LogRecord(
            logger, logging.ERROR, __file__, 1, words, args or (SECRET,), (type(raised), raised, raised.__traceback__)
        )
    record.__dict__.update(more)
    text = line_of(record)
    assert SECRET not in text
    assert "\n" not in text
    assert len(text) < 4_096
    return json.loads(text)


@pytest.mark.parametrize(
    "problem",
    [
        ValueError(SECRET), KeyError(SECRET), DisallowedHost(f"Invalid HTTP_HOST header: '{SECRET}'."),
        Http404({"path": SECRET}), DataError(f'invalid input syntax for type date: "{SECRET}"'),
        psycopg.errors.UniqueViolation(f"Key (name)=({SECRET}) already exists."),
        ExceptionGroup(SECRET, [ValueError(SECRET)]),
        UnicodeDecodeError("utf-8", SECRET.encode(), 0, 1, SECRET), OSError(28, SECRET, SECRET),
    ],
)  # fmt: skip
def test_words_of_an_exception_that_may_hold_a_value_are_left_out(problem):
    assert "words" not in line_for(problem)["error"][0]


def test_chain_of_exceptions_is_told_by_type_and_place():
    try:
        try:
            int(SECRET)
        except ValueError as cause:
            raise LookupError(SECRET) from cause
    except LookupError as problem:
        told = line_for(problem)["error"]
    assert [each["type"] for each in told] == ["LookupError", "ValueError"]
    assert all(each["at"][-1].startswith("tests/safety_site/speed/test_observing.py:") for each in told)


def test_database_tells_its_own_code_of_the_failure(db):
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT no_such_function(%s)", [SECRET])
    codes = [each.get("code", "") for each in line_for(caught.value)["error"]]
    assert any(code.startswith(("SQLSTATE ", "SQLITE_")) for code in codes)


def test_deep_trace_still_fits_one_piece_of_a_pipe():
    def dig(depth: int):
        if depth == 0:
            raise ValueError(SECRET)
        try:
            dig(depth - 1)
        except ValueError as problem:
            raise ValueError(SECRET) from problem

    with pytest.raises(ValueError, match=SECRET) as caught:
        dig(60)
    assert len(line_for(caught.value)["error"]) > 1


def test_line_of_a_failed_page_names_its_kind_and_its_request():
    observing.request_id({})
    request = RequestFactory().get(f"/topics/{SECRET}/?q={SECRET}", REMOTE_ADDR="203.0.113.9")
    request.resolver_match = resolve("/topics/sending-nudes/")
    told = line_for(RuntimeError("x"), request=request, status_code=500)
    assert (told["route"], told["status"], told["words"]) == ("guidance:topic", 500, "A page failed.")
    assert told["request"] == observing.current_request_id.get()
    assert "sending-nudes" not in json.dumps(told)


def test_exit_that_fails_is_written_without_its_name():
    request = RequestFactory().get("/exit/")
    request.resolver_match = resolve("/exit/")
    assert line_for(RuntimeError("x"), request=request)["route"] == "none"


@pytest.mark.parametrize("logger", ["gunicorn.error", "axes.attempts", "opensearch", "django.db"])
def test_values_in_the_words_of_other_libraries_are_left_out(logger):
    told = line_for(ValueError("x"), logger, "%s from %s, tried %d times, %s", SECRET, (SECRET,), 3, "SIGKILL")
    assert told["words"] == "… from …, tried 3 times, SIGKILL"


def test_record_that_cannot_be_written_is_told_without_its_words():
    record = logging.LogRecord("safety_site", logging.ERROR, __file__, 1, f"%d {SECRET}", (SECRET,), None)
    assert json.loads(line_of(record))["words"] == "A line of the log could not be written."
