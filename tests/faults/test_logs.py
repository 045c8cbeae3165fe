"""What a real server writes to standard error, and which figures it tells: never what somebody asked for, or who.

Requests carry marked words wherever a visitor can put some: path, query, host, headers, body. They are answered well,
not found, refused and failed. Then the marks are looked for in all that the server wrote.
"""

import json
import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tarfile
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.servers import ROOT, ask, environment, manage, served, until

RELEASE = next((ROOT / "tests" / "upgrades").glob("*.tar.xz"))  # a database that need not be filled
TOKEN = "token-of-the-tests-0123456789"
MARKS = ("SS9 1ZZ", "SS91ZZ", "ss9+1zz", "SS9%201ZZ", "203.0.113.77", "Mozilla/5.0 (Marked)", "kept-secret", "geheim")
# A page of each kind of answer; the marks are put into path, query, headers and body by ``requests``.
PATHS = (
    "/", "/about/", "/topics/kept-secret/", "/kept-secret/SS9%201ZZ/", "/contacts/find/", "/search/", "/feedback/",
    "/exit/", "/admin/login/", "/health/ready", "/topics/%00kept-secret", "/media/kept-secret.pdf", "/metrics",
    "/preview/kept-secret/", "/static/kept-secret.css", "/api/oruk/services/kept-secret", "//kept-secret",
    "/%ff%fe/kept-secret",
)  # fmt: skip


def raw(method: str, path: str, host: str, headers: list[str], body: bytes) -> bytes:
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: {host}",
        *headers,
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def requests(port: int) -> Iterator[bytes]:
    """Odd requests, the same ones in each run."""
    chance = random.Random(6)  # noqa: S311 - for variety, not for secrets
    marked = [
        "User-Agent: Mozilla/5.0 (Marked)",
        "X-Forwarded-For: 203.0.113.77",
        "Referer: https://kept-secret.example/",
    ]
    own = f"127.0.0.1:{port}"
    form = "Content-Type: application/x-www-form-urlencoded"
    for path in PATHS:
        for method in ("GET", "POST", chance.choice(["HEAD", "PUT", "KEPT-SECRET"])):
            query = "?q=SS9+1ZZ&postcode=SS91ZZ&kept-secret=geheim"
            host = chance.choice([own, own, own, "kept-secret.example", "geheim:99999"])
            body = (
                b"postcode=SS9+1ZZ&comment=kept-secret&page=/geheim/&csrfmiddlewaretoken=geheim"
                if method == "POST"
                else b""
            )
            yield raw(method, path + chance.choice(["", query]), host, [*marked, form], body)
    yield raw(
        "GET", "/", own, [*marked, "X-Request-Id: kept-secret", "Cookie: sessionid=geheim; csrftoken=SS91ZZ"], b""
    )
    yield raw(
        "POST", "/feedback/", own, [*marked, "Content-Type: multipart/form-data; boundary=kept-secret"], b"--geheim"
    )
    yield raw("GET", "/" + "kept-secret" * 900, own, marked, b"")  # 414
    yield raw("GET", "/", own, [*marked, *(f"X-{number}: kept-secret" for number in range(200))], b"")  # 431
    yield b"kept-secret SS9 1ZZ\r\n\r\n"  # 400
    yield b"GET /kept-secret HTTP/1.1\r\nHost: geheim\r\nContent-Length: SS91ZZ\r\n\r\n"  # 400
    yield b"GET /kept-secret HTTP/1.1\r\nHost"  # and gone


def send(port: int, words: bytes) -> int:
    """The status of the answer, 0 where none came."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(words)
        connection.shutdown(socket.SHUT_WR)
        said = b""
        while piece := connection.recv(65_536):
            said += piece
    found = re.match(rb"HTTP/1\.1 (\d+)", said)
    return int(found[1]) if found else 0


@dataclass
class Run:
    """What came of it."""

    statuses: set[int]
    text: str  # all of standard error
    figures: str
    after_a_kill: str  # the figures after one worker was killed and another took its place

    @property
    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.text.splitlines()]


def plain(folder: Path, database: Path, **more: str) -> dict[str, str]:
    """The environment of a site whose static files need not be collected, which takes seconds."""
    (folder / "static").mkdir()  # or it would be warned of
    (folder / "plain_static.py").write_text(PLAIN_STATIC)
    return environment(
        folder, f"sqlite:///{database}", LOG_REQUESTS="on", PAGE_STORE_FILL="off",
        DJANGO_SETTINGS_MODULE="plain_static", PYTHONPATH=f"{ROOT}{os.pathsep}{folder}", **more,
    )  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Run:
    folder = tmp_path_factory.mktemp("logs")
    database, log = folder / "database.sqlite3", folder / "log"
    with tarfile.open(RELEASE) as archive, archive.extractfile("database.sqlite3") as packed:
        database.write_bytes(packed.read())
    settings = plain(folder, database, METRICS_TOKEN=TOKEN, METRICS_DIR=str(folder / "metrics"))
    manage("migrate", "-v0", "--skip-checks", environment=settings)
    port = int(settings["PORT"])
    with served(settings, log) as server:
        statuses = {send(port, words) for words in requests(port)}
        # Every table is gone from here on: pages that need one fail.
        with sqlite3.connect(database) as connection:
            tables = connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%edition'"
            ).fetchall()
            for (table,) in tables:
                connection.execute(f'DROP TABLE "{table}"')
        connection.close()
        statuses |= {send(port, words) for words in requests(port)}
        before = figures(server.address)
        killed = server.workers()[0]
        os.kill(killed, signal.SIGKILL)
        told = []

        def has_told() -> bool:
            told.append(figures(server.address))
            return killed not in server.workers() and "\nhearthside_processes 2.0\n" in told[-1]

        until(has_told, 20, "another worker takes its place, and tells its figures")
        after = told[-1]
    return Run(statuses, log.read_text(), before, after)


PLAIN_STATIC = """
from safety_site.settings import *

STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
"""


def figures(address: str) -> str:
    """After the processes had a round to tell theirs."""
    told = []

    def is_settled() -> bool:
        asked = urllib.request.Request(f"{address}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        with urllib.request.urlopen(asked, timeout=5) as answer:
            told.append(answer.read().decode())
        return len(told) > 3 and counted(told[-1]) > 0

    until(is_settled, 10, "figures are told", pause=0.3)
    return told[-1]


def counted(text: str) -> float:
    return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith("hearthside_answers_total"))


# --- Lines --------------------------------------------------------------------------------------------------


def test_requests_were_answered_in_every_way(run):
    assert {200, 400, 404, 405, 414, 431, 500} <= run.statuses


def test_nothing_that_somebody_sent_is_written(run):
    assert [mark for mark in (*MARKS, "127.0.0.1") if mark.lower() in run.text.lower()] == []


def test_every_line_is_json_with_its_time_and_process(run):
    for line in run.lines:
        assert {"event", "process", "time"} <= set(line)
    answers = [line for line in run.lines if line["event"] == "answer"]
    assert len(answers) > 60
    assert {line["route"] for line in answers} >= {
        "home",
        "guidance:topic",
        "reporting:find",
        "search",
        "none",
        "admin",
    }
    assert all(re.fullmatch(r"[0-9a-f]{16}", line["request"]) for line in answers if line["status"] >= 500)


def test_exit_is_not_written_at_all(run):
    assert "exit" not in {line.get("route") for line in run.lines}
    assert 'route="exit"' not in run.figures


def test_failure_is_written_with_its_place_and_its_request(run):
    failed = [line for line in run.lines if line["event"] == "problem" and line.get("logger") == "django.request"]
    assert failed
    answered = {line["request"] for line in run.lines if line["event"] == "answer" and line["status"] == 500}
    assert {line["request"] for line in failed} & answered
    errors = [error for line in failed for error in line.get("error", ())]
    assert any(error.get("code", "").startswith("SQLITE_") for error in errors)
    assert all("/" not in place.split(":")[0][:1] for error in errors for place in error["at"])


# --- Figures ------------------------------------------------------------------------------------------------


def test_figures_count_by_kind_status_and_store(run):
    assert re.search(r'hearthside_answers_total\{route="home",status="2xx",store="\w+"\} \d', run.figures)
    assert re.search(r'hearthside_answers_total\{route="none",status="4xx",store="\w+"\} \d', run.figures)
    assert re.search(r"hearthside_answer_seconds_bucket\{le=\"\+Inf\",store=\"\w+\"\} \d", run.figures)
    assert re.search(r"^hearthside_processes 2\.0$", run.figures, re.MULTILINE)
    for name in ("store_memory_pages", "store_memory_bytes", "store_disk_pages", "database_up", "figures_whole"):
        assert re.search(rf"^hearthside_{name} \d", run.figures, re.MULTILINE), name
    assert [mark for mark in MARKS if mark in run.figures] == []


def test_figures_never_run_backwards_when_a_worker_is_killed(run):
    assert counted(run.after_a_kill) >= counted(run.figures) > 60
    assert re.search(r"^hearthside_processes 2\.0$", run.after_a_kill, re.MULTILINE)


# --- Without a server -----------------------------------------------------------------------------------------


def test_last_answers_before_a_process_ends_are_written(tmp_path):
    code = """
import django, multiprocessing, os
django.setup()
from safety_site.observing import observe
observe("home", 503, 0.1, "miss", "a" * 16)
child = multiprocessing.get_context("fork").Process(target=observe, args=("search", 503, 0.1, "miss", "b" * 16))
child.start()
child.join()
if os.fork() == 0:
    observe("about", 503, 0.1, "miss", "c" * 16)
else:
    os.wait()
"""
    settings = environment(tmp_path, f"sqlite:///{tmp_path}/x") | {"DJANGO_SETTINGS_MODULE": "safety_site.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=settings, capture_output=True, text=True, check=True
    )
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert sorted(line["route"] for line in lines) == ["about", "home", "search"]
    assert len({line["process"] for line in lines}) == 3


def test_full_pipe_on_standard_error_holds_up_no_answer(run, tmp_path):
    """Nobody reads what the server writes: pages go on, and the server still stops when it is told to."""
    settings = plain(tmp_path, tmp_path / "none.sqlite3", WORKERS="1")
    read, write = os.pipe()
    os.set_blocking(write, False)
    with suppress(BlockingIOError):
        while True:
            os.write(write, b"x" * 4_096)
    os.set_blocking(write, True)
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "python:safety_site.server", "safety_site.wsgi"],
        cwd=ROOT, env=settings, stderr=write,
    )  # fmt: skip
    address = f"http://127.0.0.1:{settings['PORT']}"
    try:
        until(lambda: ask(f"{address}/health/live")[0] == 200, 30, "the server answers")
        assert [ask(f"{address}/nothing/{number}/", seconds=5)[0] for number in range(40)] == [404] * 40
    finally:
        process.terminate()
        assert process.wait(20) == 0
        os.close(read)
        os.close(write)
