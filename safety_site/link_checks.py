"""Whether the outside addresses in what readers can see still lead somewhere: ``manage.py check_links``.

Polite: one request at a time for each host, with a pause, under our own name; HEAD first, and no body is read. A link
is *broken* only after it failed on three different days, since sites have bad days too; one that answers "not for
programs" (401, 403, 429) is *unsure* for ever, and a person has to look.
"""

import asyncio
import random
import ssl
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.utils import timezone

from safety_site.link_guard import NOTHING_ELSE, NoSuchHost, Refused, Resolve, checked_url, guarded_client, resolve
from safety_site.live_pages import addresses_named, live_pages, words_of
from safety_site.models import LinkCheck

BROKEN_AFTER_DAYS = 3
MOST_HOPS = 5
AT_ONCE = 10
LONGEST_ADDRESS = 500
FORGET_AFTER = timedelta(days=30)
UNSURE_STATUSES = (401, 403, 407, 408, 425, 429, 451)
MOVED = (301, 302, 303, 307, 308)
MOVED_FOR_GOOD = (301, 308)


@dataclass(frozen=True)
class Manners:
    """How the asking is done. ``also_allowed`` and ``resolve`` are for tests that serve themselves."""

    pause: float = 1.0  # seconds between two requests to one host
    deadline: float = 20.0  # seconds for one request, all of it
    at_once: int = AT_ONCE
    resolve: Resolve = resolve
    also_allowed: frozenset[tuple[str, int]] = NOTHING_ELSE


class Verdict(StrEnum):
    """What one answer, or none, says of an address; ``LinkCheck.State`` is what several days say."""

    WORKS = "works"
    UNSURE = "unsure"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True)
class Outcome:
    """What came of asking for one address, once."""

    verdict: Verdict
    status: int | None = None
    reason: str = ""
    leads_to: str = ""

    @property
    def is_answer(self) -> bool:
        """Whether some server answered: without any, the fault may be our own connection."""
        return self.status is not None


# --- Asking -----------------------------------------------------------------------------------------------


class Tired(Exception):
    """A host told us that we ask too often."""


class Asker:
    """Asks for addresses, each host at its own pace."""

    def __init__(self, manners: Manners):
        self.manners = manners
        self.client = guarded_client(
            f"HearthsideLinkCheck/1.0 (+{settings.SITE_URL})",
            manners.at_once,
            manners.deadline,
            manners.resolve,
            manners.also_allowed,
        )
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._last: dict[str, float] = {}
        self._everybody = asyncio.Semaphore(manners.at_once)
        self._tired: set[str] = set()  # hosts that told us that we ask too often

    async def outcome_of(self, address: str) -> Outcome | None:
        """Follow an address to its end. None: its host is tired of us, ask another day."""
        moved_to, is_moved_for_good, asked = "", True, address
        try:
            for _hop in range(MOST_HOPS + 1):
                url = checked_url(asked, self.manners.also_allowed).copy_with(fragment=None)
                response = await self._ask(url)
                status = response.status_code
                if status not in MOVED or not response.headers.get("location"):
                    return self._judged(status, address, asked, moved_to)
                # A redirect may go from https to http or name anything: the next turn of the loop checks it.
                asked = str(url.join(response.headers["location"]))
                is_moved_for_good = is_moved_for_good and status in MOVED_FOR_GOOD
                moved_to = asked if is_moved_for_good else moved_to
        except Tired:
            return None
        except Refused as problem:
            where = "" if asked == address else f" (it leads to {_short(asked)})"
            return Outcome(Verdict.REFUSED, reason=f"{problem}{where}"[:200])
        except NoSuchHost:
            return Outcome(Verdict.FAILED, reason=f"There is no server of this name: {_short(_host(asked))}.")
        except (TimeoutError, httpx.TimeoutException):
            return Outcome(Verdict.FAILED, reason="No answer in time.")
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as problem:
            return Outcome(Verdict.FAILED, reason=_why(problem))
        return Outcome(Verdict.FAILED, status, f"It leads on and on, more than {MOST_HOPS} times.")

    def _judged(self, status: int, address: str, ended_at: str, moved_to: str) -> Outcome:
        if status in UNSURE_STATUSES:
            return Outcome(Verdict.UNSURE, status, f"It does not answer programs ({status}): try it yourself.")
        if status >= 400 or status in MOVED:
            reason = "The page is gone" if status in (404, 410) else "The server answers with an error"
            return Outcome(Verdict.FAILED, status, f"{reason} ({status}).")
        is_front_page = urlsplit(ended_at).path in ("", "/") and urlsplit(address).path not in ("", "/")
        reason = "It leads to the front page now: see whether the page is still there." if is_front_page else ""
        leads_to = moved_to if moved_to != address and len(moved_to) <= LONGEST_ADDRESS else ""
        return Outcome(Verdict.WORKS, status, reason, leads_to)

    async def _ask(self, url: httpx.URL) -> httpx.Response:
        """HEAD; where that is not answered well, GET, since some servers know no HEAD."""
        response = await self._request("HEAD", url)
        if response.status_code >= 400 and response.status_code not in (401, 429):
            response = await self._request("GET", url)
        return response

    async def _request(self, method: str, url: httpx.URL) -> httpx.Response:
        async with self._turns[url.host]:
            if url.host in self._tired:
                raise Tired
            wait = self._last.get(url.host, -self.manners.pause) + self.manners.pause - time.monotonic()
            await asyncio.sleep(max(0, wait))
            try:
                # Streamed and closed unread: a body without an end costs nothing.
                async with (
                    self._everybody,
                    asyncio.timeout(self.manners.deadline),
                    self.client.stream(method, url) as response,
                ):
                    if response.status_code == 429:
                        self._tired.add(url.host)
                    return response
            finally:
                self._last[url.host] = time.monotonic()


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _short(address: str) -> str:
    return address if len(address) <= 80 else f"{address[:79]}…"


def _why(problem: BaseException | None) -> str:
    """What went wrong below HTTP, for an editor."""
    while problem is not None:
        if isinstance(problem, ssl.SSLCertVerificationError):
            return "Its certificate is not valid, so browsers warn of it."
        if isinstance(problem, ssl.SSLError):
            return "No secure connection could be made."
        problem = problem.__cause__ or problem.__context__
    return "No connection could be made."


async def ask_all(addresses: Iterable[str], manners: Manners) -> AsyncIterator[tuple[str, Outcome | None]]:
    """Ask for every address; each with what came of it, as it comes."""
    asker = Asker(manners)

    async def one(address: str) -> tuple[str, Outcome | None]:
        return address, await asker.outcome_of(address)

    async with asker.client:
        tasks = [asyncio.create_task(one(address)) for address in addresses]
        try:
            for done in asyncio.as_completed(tasks):
                yield await done
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _as_they_come(addresses: Iterable[str], manners: Manners) -> Iterator[tuple[str, Outcome | None]]:
    """The same for code that is not async: the loop rests while the caller writes to the database."""
    results = ask_all(addresses, manners)

    async def following():
        return await anext(results, None)

    with asyncio.Runner() as runner:
        try:
            while (result := runner.run(following())) is not None:
                yield result
        finally:
            runner.run(results.aclose())


# --- Keeping ----------------------------------------------------------------------------------------------


def record(address: str, outcome: Outcome) -> LinkCheck:
    """Keep what came of an address. A failure counts once a day; only the third day makes it broken."""
    now, today = timezone.now(), timezone.localdate()
    check = LinkCheck.objects.filter(url=address).first() or LinkCheck(url=address)
    if outcome.verdict == Verdict.WORKS:
        check.state, check.failed_days, check.last_failed_on = LinkCheck.State.WORKS, 0, None
    elif outcome.verdict == Verdict.REFUSED:
        check.state = LinkCheck.State.REFUSED
    elif outcome.verdict == Verdict.UNSURE:
        # Says nothing of whether the page is there, so earlier failures are neither forgotten nor added to.
        check.state = LinkCheck.State.UNSURE
    else:
        if check.last_failed_on != today:
            check.failed_days, check.last_failed_on = check.failed_days + 1, today
        is_broken = check.failed_days >= BROKEN_AFTER_DAYS
        check.state = LinkCheck.State.BROKEN if is_broken else LinkCheck.State.UNSURE
    check.status, check.reason, check.leads_to = outcome.status, outcome.reason[:200], outcome.leads_to
    check.checked_at = now
    check.save()
    return check


@dataclass(frozen=True)
class Plan:
    """What is to be asked in one run, and what is not."""

    to_ask: list[str]
    fresh: int  # asked a short while ago
    too_long: int  # longer than can be kept
    named: int  # in all


def plan(fresh_hours: float = 20, only: str = "", limit: int | None = None) -> Plan:
    """The addresses of live content that nobody asked for lately; those never asked first, in no order within."""
    named = list(addresses_named(words_of(live_pages())))
    wanted = [each for each in named if not only or _host(each) == only.lower()]
    short = [each for each in wanted if len(each) <= LONGEST_ADDRESS]
    asked = dict(LinkCheck.objects.values_list("url", "checked_at"))
    fresh_from = timezone.now() - timedelta(hours=fresh_hours)
    stale = [each for each in short if each not in asked or asked[each] < fresh_from]
    random.shuffle(stale)  # many hosts at once instead of one after the other
    stale.sort(key=lambda each: asked[each].timestamp() if each in asked else 0)
    to_ask = stale if limit is None else stale[:limit]
    return Plan(to_ask, len(short) - len(stale), len(wanted) - len(short), len(wanted))


class NoNetwork(Exception):
    """Not one server answered: the fault is most likely ours, so nothing was kept."""


@dataclass(frozen=True)
class Report:
    """How many addresses are in each state after a run, and which broke in it."""

    asked: int = 0
    works: int = 0
    unsure: int = 0
    broken: int = 0
    refused: int = 0
    left_for_later: int = 0

    def with_one_more(self, state: str) -> "Report":
        return replace(self, asked=self.asked + 1, **{state: getattr(self, state) + 1})


def check_links(
    addresses: Iterable[str], manners: Manners = Manners(), progress: Callable[[str], None] = lambda address: None
) -> Report:
    """Ask for addresses and keep what came of each at once, so that a run that is stopped goes on later.

    Failures without any server's answer wait until some server answers: a day without a network of our own must not
    break the links of the site.
    """
    report, held, has_answer = Report(), [], False
    for address, outcome in _as_they_come(addresses, manners):
        progress(address)
        if outcome is None:
            report = replace(report, left_for_later=report.left_for_later + 1)
            continue
        has_answer = has_answer or outcome.is_answer
        held.append((address, outcome))
        if has_answer:
            for each in held:
                report = report.with_one_more(record(*each).state)
            held.clear()
        elif outcome.verdict == Verdict.REFUSED:
            held.pop()
            report = report.with_one_more(record(address, outcome).state)
    if len(held) > 1:
        raise NoNetwork(f"None of {len(held)} addresses answered.")
    for each in held:
        report = report.with_one_more(record(*each).state)
    return report


def forget_unnamed() -> int:
    """Delete what is kept of addresses that no live page has named for a month; how many."""
    named = set(addresses_named(words_of(live_pages())))
    old = LinkCheck.objects.filter(checked_at__lt=timezone.now() - FORGET_AFTER).values_list("pk", "url")
    gone = [pk for pk, url in old if url not in named]
    return LinkCheck.objects.filter(pk__in=gone).delete()[0] if gone else 0
