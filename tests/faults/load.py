"""Readers of a running site, and a strict account of every answer that they got.

A fixed number of connections that stay open ask for pages in turn, so many a second in all (bounded: the machine must
have time for the server too). An answer is *failed* when its status is 500 or more, when the connection broke or
stayed silent, when it is not the page that was asked for, or when it says something of now that is not true.

    with Load(address, PAGES, connections=64, per_second=150) as load:
        break_something()
    assert load.failures == []

As browsers do, a reader asks once more, on a new connection, where an old one was closed before a byte of the answer
came (RFC 9112, 9.3.1); ``retried`` counts those. On a new connection that is a failure.
"""

import asyncio
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
LONGEST_WAIT = 10  # seconds for one answer; no reader waits longer


@dataclass(frozen=True)
class Answer:
    """One answer as it came over the wire. Header names are in small letters."""

    path: str
    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)
    began: float  # time.monotonic() when it was asked for
    seconds: float  # until its last byte was here
    at: datetime | None  # when it was asked for by the clock of the site, aware; None if that is not known

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def title(self) -> str:
        found = re.search(r"<title>(.*?)</title>", self.text, re.DOTALL)
        return found[1].strip() if found else ""


@dataclass(frozen=True)
class Failure:
    path: str
    why: str
    began: float  # time.monotonic()
    seconds: float


Check = Callable[[Answer], str]
"""Why an answer is wrong, in a few words; empty where it is right."""


class Load:
    """Readers from the beginning of the ``with`` to its end. ``check`` looks at every answer, after our own checks.

    ``pages`` may name pages that answer 404 or 410 on purpose: ``expected`` says so, 200 otherwise.
    """

    def __init__(
        self,
        address: str,
        pages: Sequence[str],
        *,
        connections: int = 64,
        per_second: float = 150,
        check: Check | None = None,
        headers: dict[str, str] | None = None,
        expected: dict[str, int] | None = None,
    ):
        parts = urlsplit(address)
        self.host, self.port, self.pages = parts.hostname, parts.port, list(pages)
        self.connections, self.pause = connections, connections / per_second
        self.check, self.expected = check, expected or {}
        self.lines = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        self.failures: list[Failure] = []
        self.times: list[tuple[float, float]] = []  # (when an answer was asked for, how many seconds it took)
        self.store = Counter()  # what Cache-Status said: "hit", "fwd=stale" …
        self.retried = 0
        # How far the clock of the site is ahead of ours; None while a test sets it, when nobody knows what is true now.
        self.ahead: timedelta | None = timedelta()
        self.titles: dict[str, str] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._all()), name="readers", daemon=True)

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_problem) -> None:
        self._stop.set()
        self._thread.join(LONGEST_WAIT + 5)
        assert not self._thread.is_alive(), "the readers did not stop"

    # --- What came ------------------------------------------------------------------------------------------

    @property
    def answers(self) -> int:
        return len(self.times)

    def failed_since(self, moment: float) -> list[Failure]:
        """Failures of what was asked for at a moment of time.monotonic() or later."""
        return [failure for failure in self.failures if failure.began >= moment]

    def slowest_since(self, moment: float) -> float:
        """Seconds that the slowest answer took of those asked for at that moment or later."""
        return max((seconds for began, seconds in self.times if began >= moment), default=0.0)

    def told(self, most: int = 12) -> str:
        """The failures in a few lines, for the words of an assertion."""
        counts = Counter(failure.why for failure in self.failures)
        first = min((failure.began for failure in self.failures), default=0.0)
        lines = [f"{self.answers} answers, {len(self.failures)} failed, {self.retried} asked again, store {self.store}"]
        lines += [f"{count} × {why}" for why, count in counts.most_common(most)]
        lines += [f"  +{f.began - first:.2f} s {f.path}: {f.why} ({f.seconds:.2f} s)" for f in self.failures[:most]]
        return "\n".join(lines)

    def wait_for(self, answers: int, seconds: float = 20) -> None:
        """Go on when so many more answers are here."""
        wanted, deadline = self.answers + answers, time.monotonic() + seconds
        while self.answers < wanted:
            assert time.monotonic() < deadline, f"no {answers} answers within {seconds} s\n{self.told()}"
            time.sleep(0.02)

    # --- Asking ---------------------------------------------------------------------------------------------

    async def _all(self) -> None:
        await asyncio.gather(*(self._reader(number) for number in range(self.connections)))

    async def _reader(self, number: int) -> None:
        """One connection: a page, a pause, the next page. Each begins at another place, spread over the pause."""
        connection = None
        following = time.monotonic() + self.pause * number / self.connections
        place = number
        while not self._stop.is_set():
            if (wait := following - time.monotonic()) > 0:
                await asyncio.sleep(min(wait, 0.25))
                continue
            following = max(following + self.pause, time.monotonic())
            connection = await self._one(self.pages[place % len(self.pages)], connection)
            place += 1
        _close(connection)

    async def _one(self, path: str, connection):
        began, asked_at, ahead = time.monotonic(), datetime.now(UTC), self.ahead
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                try:
                    if connection is None:
                        connection = await asyncio.open_connection(self.host, self.port)
                        is_new = True
                    else:
                        is_new = False
                    status, headers, body = await self._ask(path, connection)
                except ClosedBefore:
                    if is_new:
                        raise
                    _close(connection)
                    self.retried += 1
                    connection = await asyncio.open_connection(self.host, self.port)
                    status, headers, body = await self._ask(path, connection)
        except (OSError, EOFError, ValueError, TimeoutError) as problem:
            why = f"no answer within {LONGEST_WAIT} s" if isinstance(problem, TimeoutError) else type(problem).__name__
            self._failed(path, why, began)
            _close(connection)
            return None
        # Where the clock was set between question and answer, the answer may be true by either.
        at = asked_at + ahead if ahead is not None and ahead == self.ahead else None
        answer = Answer(path, status, headers, body, began, time.monotonic() - began, at)
        self.times.append((began, answer.seconds))
        self.store[_store_word(headers.get("cache-status", ""))] += 1
        if why := self._wrong(answer):
            self._failed(path, why, began)
        if headers.get("connection", "").lower() == "close":
            _close(connection)
            return None
        return connection

    async def _ask(self, path: str, connection) -> tuple[int, dict[str, str], bytes]:
        reader, writer = connection
        request = f"GET {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n{self.lines}\r\n"
        try:
            writer.write(request.encode())
            await writer.drain()
            first = await reader.readline()
        except ConnectionError:
            raise ClosedBefore from None
        if not first:
            raise ClosedBefore
        headers = {}
        while (line := (await reader.readline()).decode("latin-1")) not in ("\r\n", ""):
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return int(first.split()[1]), headers, await _chunks(reader)
        return int(first.split()[1]), headers, await reader.readexactly(int(headers.get("content-length", 0)))

    def _wrong(self, answer: Answer) -> str:
        expected = self.expected.get(answer.path, 200)
        if answer.status != expected:
            return f"status {answer.status}"
        title = answer.title
        if self.titles.setdefault(answer.path, title) != title:
            return f"the page {title!r} in place of {self.titles[answer.path]!r}"
        if answer.at and (false := false_now(answer.text, answer.at)):
            return f"a false now: {false}"
        return self.check(answer) if self.check else ""

    def _failed(self, path: str, why: str, began: float) -> None:
        self.failures.append(Failure(path, why, began, time.monotonic() - began))


class ClosedBefore(ConnectionError):
    """The connection was closed before a byte of the answer came."""


def _close(connection) -> None:
    if connection:
        with suppress(OSError, RuntimeError):
            connection[1].close()


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    pieces = []
    while size := int((await reader.readline()).split(b";")[0], 16):
        pieces.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readline()
    return b"".join(pieces)


def _store_word(status: str) -> str:
    """What the site's own store did, from a Cache-Status header: the first word after its name."""
    for cache in status.split(","):
        name, _, rest = cache.strip().partition(";")
        if name.strip() == "hearthside":
            return rest.strip().split(";")[0]
    return "none"


# --- What is true now ---------------------------------------------------------------------------------------

# As reporting/presenters.py says it: "until 5.30pm today", "Opens at 9am today", "midnight tonight".
_TIME = re.compile(r"(?:until|at|from) (?:about )?(noon|midnight|\d{1,2}(?:\.\d\d)?[ap]m) (today|tonight)")
_IT_IS = re.compile(r"It is (\w+day) (\d\d):(\d\d)[.:,]")
# The clock of a page may be so far behind: it was asked for before, and says whole minutes.
PATIENCE = timedelta(seconds=2)
CLOCK_BEHIND = timedelta(minutes=2)


def false_now(page: str, at: datetime) -> str:
    """The first words of a page on now that are not true at a moment (aware); empty where all are."""
    here = at.astimezone(LONDON)
    for said in _TIME.finditer(page):
        if here >= moment_of_today(said[1], here) + PATIENCE:
            return f"{said[0]!r} at {here:%H:%M:%S}"
    for said in _IT_IS.finditer(page):
        if not any(f"{here - back:%A %H:%M}" == f"{said[1]} {said[2]}:{said[3]}" for back in _MINUTES_BACK):
            return f"{said[0]!r} at {here:%A %H:%M:%S}"
    return ""


_MINUTES_BACK = [timedelta(minutes=each) for each in range(int(CLOCK_BEHIND.total_seconds()) // 60 + 1)]


def moment_of_today(words: str, here: datetime) -> datetime:
    """The moment that a time in words (9am, 5.30pm, noon) names on the day of another; midnight is the end of it."""
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    if words == "midnight":
        return midnight + timedelta(days=1)
    if words == "noon":
        return midnight.replace(hour=12)
    hour, _, minute = words[:-2].partition(".")
    return midnight.replace(hour=int(hour) % 12 + (12 if words.endswith("pm") else 0), minute=int(minute or 0))
