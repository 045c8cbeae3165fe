"""How fast kept pages are served, beside the bare server and nginx, in one run on one machine.

``python -m tests.bench_servers [seconds]``; ``make bench`` calls it. The same gunicorn (its settings, its worker class)
serves a WSGI function of two lines and the site; nginx serves the same bytes from a file and from its cache. The two
take turns, so that whatever else the machine does hits both. Needs wrk and nginx (tests/get_programs.sh bench).
"""

import os
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.faults.front import Nginx

ROOT = Path(__file__).resolve().parent.parent
PAGE = "/topics/sending-nudes/"
MADE_EACH_TIME = "/search/?q=nudes"  # kept nowhere
ROUNDS = 5
CONNECTIONS = (1, 16, 64)
MAKERS = 8  # readers at once who want a page made: two for each thread of both processes would only wait
LEAST_SHARE, MOST_P99 = 0.85, 1.5
MOST_COLD_SECONDS, MOST_MEGABYTES = 2.0, 90

# The function that the store is measured against: nothing but the bytes.
BARE = """
from pathlib import Path
BODY = Path({body!r}).read_bytes()
HEADERS = [("Content-Type", "text/html; charset=utf-8"), ("Content-Encoding", "br"), ("Content-Length", str(len(BODY)))]

def application(environ, start_response):
    start_response("200 OK", HEADERS)
    return [BODY]
"""


@dataclass(frozen=True)
class Pace:
    """What wrk measured: requests a second, and the 99th of 100 latencies in milliseconds."""

    rate: float
    p99: float


@dataclass(frozen=True)
class Row:
    """One line of the table: two that took turns, medians of all rounds."""

    what: str
    connections: int
    plain: Pace
    ours: Pace

    @property
    def share(self) -> float:
        return self.ours.rate / self.plain.rate

    @property
    def p99_ratio(self) -> float:
        return self.ours.p99 / self.plain.p99


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetch(address: str, **headers: str) -> bytes:
    asked = {name.replace("_", "-"): value for name, value in headers.items()}
    with urllib.request.urlopen(urllib.request.Request(address, headers=asked), timeout=5) as answer:
        return answer.read()


@contextmanager
def running(command: list[str], address: str, **environment: str) -> Iterator[subprocess.Popen]:
    """A server, from the moment that it answers; stopped in the end by our own handle of it."""
    server = subprocess.Popen(command, cwd=ROOT, env={"PATH": os.environ["PATH"], **environment})
    try:
        deadline = time.monotonic() + 60
        while True:
            assert server.poll() is None, f"{command[0]} stopped before it answered"
            assert time.monotonic() < deadline, f"{command[0]} does not answer"
            with suppress(OSError):
                fetch(address)
                break
            time.sleep(0.01)
        yield server
    finally:
        server.terminate()
        server.wait(20)


def site_environment(folder: Path, port: int) -> dict[str, str]:
    return {
        "PORT": str(port),
        "SECRET_KEY": "only-for-this-bench-only-for-this-bench-only-for-this-bench",
        "HTTPS_ONLY": "off",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "STATIC_ROOT": str(folder / "static"),
        "MEDIA_ROOT": str(folder / "media"),
        "PAGE_STORE_DIR": str(folder / "pages"),
        "PAGE_STORE_FILL": "off",
        "WORKERS": "2",
        "SEARCH_PER_MINUTE": "1000000000",  # one address asks for everything here
    }


def gunicorn(application: str) -> list[str]:
    return [sys.executable, "-m", "gunicorn", "-c", "python:safety_site.server", application]


def wrk(address: str, connections: int, seconds: int) -> Pace:
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-H", "Accept-Encoding: br", address],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "Non-2xx" not in done, done
    assert "Socket errors" not in done, done
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", done).groups()
    p99 = float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
    return Pace(float(re.search(r"Requests/sec:\s+([\d.]+)", done).group(1)), p99)


def take_turns(what: str, plain: str, ours: str, seconds: int) -> list[Row]:
    """Both addresses at each number of connections, in turns; the first turn warms up and is not counted."""
    rows = []
    for connections in CONNECTIONS:
        paces: dict[str, list[Pace]] = {plain: [], ours: []}
        for number in range(ROUNDS + 1):
            for address in (plain, ours) if number % 2 else (ours, plain):
                pace = wrk(address, connections, seconds)
                if number:
                    paces[address].append(pace)
        middle = {
            address: Pace(statistics.median(p.rate for p in those), statistics.median(p.p99 for p in those))
            for address, those in paces.items()
        }
        rows.append(Row(what, connections, middle[plain], middle[ours]))
    return rows


def made(site: str, seconds: int) -> Pace:
    """How fast Django makes a page for each request; the first round warms up."""
    paces = [wrk(f"{site}{MADE_EACH_TIME}", MAKERS, seconds) for _ in range(ROUNDS + 1)][1:]
    return Pace(statistics.median(each.rate for each in paces), statistics.median(each.p99 for each in paces))


def megabytes_of_workers(master: int) -> list[float]:
    """Resident memory of each worker of a gunicorn, in megabytes."""
    children = subprocess.run(["ps", "-o", "rss=", "--ppid", str(master)], capture_output=True, text=True, check=True)
    return [int(line) / 1024 for line in children.stdout.split()]


def every_page(site: str) -> list[str]:
    return re.findall(r"<loc>([^<]+)</loc>", fetch(f"{site}/sitemap.xml").decode())


def prepare(folder: Path) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "prepare"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **site_environment(folder, 8000)},
        check=True,
        capture_output=True,
    )


def cold_start(folder: Path) -> tuple[float, float, list[float]]:
    """Seconds from starting gunicorn to the first byte of the first page: with pages kept, and without any.

    Then the memory of each worker, in megabytes, once every page of the site was asked for.
    """
    found = []
    for keeps in (False, True):
        if not keeps:
            shutil.rmtree(folder / "pages", ignore_errors=True)
        port = free_port()
        began = time.monotonic()
        with running(
            gunicorn("safety_site.wsgi"), f"http://127.0.0.1:{port}/", **site_environment(folder, port)
        ) as server:
            found.append(time.monotonic() - began)
            site = f"http://127.0.0.1:{port}"
            if not keeps:
                for address in every_page(site) * 3:
                    fetch(address, Accept_Encoding="br")
                memory = megabytes_of_workers(server.pid)
    return found[1], found[0], memory


def bench(seconds: int = 2) -> tuple[list[Row], Pace, tuple[float, float, list[float]]]:
    """All of it: rows of the table; pages that Django makes; seconds of a cold start with and without kept pages, and
    megabytes of workers.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        prepare(folder)
        start = cold_start(folder)
        site_port, bare_port = free_port(), free_port()
        site, bare = f"http://127.0.0.1:{site_port}", f"http://127.0.0.1:{bare_port}"
        stack.enter_context(running(gunicorn("safety_site.wsgi"), site, **site_environment(folder, site_port)))
        body = fetch(f"{site}{PAGE}", Accept_Encoding="br")
        (folder / "page").write_bytes(body)
        (folder / "bare.py").write_text(BARE.format(body=str(folder / "page")))
        environment = {**site_environment(folder, bare_port), "PYTHONPATH": str(folder)}
        stack.enter_context(running(gunicorn("bare:application"), bare, **environment))
        rows = take_turns("gunicorn", f"{bare}/", f"{site}{PAGE}", seconds)
        by_django = made(site, seconds)
    return rows + bench_nginx(body, seconds), by_django, start


def bench_nginx(body: bytes, seconds: int) -> list[Row]:
    """nginx with the shipped configuration: its cache before the site, beside the same bytes from a file."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-nginx-")))
        folder.chmod(0o755)
        prepare(folder)
        # One address asks for everything here, which the limits are there to stop; nothing is changed but that, and a
        # place for the file, with the headers that the shipped file has for static ones.
        nginx = Nginx(
            folder,
            **{
                "  # 192.0.2.10 1;": "  127.0.0.1 1;",
                "  location / {\n    # Of what is kept": "  location = /bare.html { alias " + f"{folder}/bare.html;"
                " add_header Content-Encoding br; }\n  location / {\n    # Of what is kept",
            },
        )
        (folder / "bare.html").write_bytes(body)
        write_front_pages(folder, nginx.front)
        environment = {
            **site_environment(folder, nginx.port),
            "BIND": f"unix:{nginx.socket}",
            "BEHIND_TLS_PROXY": "on",
        }
        stack.enter_context(nginx)
        stack.enter_context(running(gunicorn("safety_site.wsgi"), f"{nginx.address}{PAGE}", **environment))
        return take_turns("nginx", f"{nginx.address}/bare.html", f"{nginx.address}{PAGE}", seconds)


def write_front_pages(folder: Path, front: Path) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "front_pages", str(front)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **site_environment(folder, 8000)},
        check=True,
        capture_output=True,
    )


def table(rows: list[Row]) -> str:
    lines = [
        "| | connections | plain, requests/s (p99) | ours, requests/s (p99) | share |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {row.what} | {row.connections} | {row.plain.rate:,.0f} ({row.plain.p99:.1f} ms) "
        f"| {row.ours.rate:,.0f} ({row.ours.p99:.1f} ms) | {row.share:.2f} |"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> int:
    if not shutil.which("wrk"):
        print("This bench needs wrk (Debian: apt-get install wrk).", file=sys.stderr)
        return 2
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    rows, by_django, (kept, empty, memory) = bench(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
    print(table(rows))
    print(f"\nMade by Django each time ({MADE_EACH_TIME}): {by_django.rate:,.0f} a second ({by_django.p99:.0f} ms).")
    print(f"First byte of the first page after a start: {kept:.2f} s with kept pages, {empty:.2f} s without.")
    print(f"Memory of each worker with the whole site asked for: {', '.join(f'{each:.0f} MB' for each in memory)}.")
    slow = [row for row in rows if row.share < LEAST_SHARE or (row.what == "gunicorn" and row.p99_ratio > MOST_P99)]
    fails = bool(slow) or max(kept, empty) > MOST_COLD_SECONDS or max(memory) > MOST_MEGABYTES
    return int(fails)


if __name__ == "__main__":
    sys.exit(main())
