"""Figures for whoever runs the site: how many answers of each kind, how fast, what the store and the work behind did.

Each serving process counts for itself and leaves its figures in a file of ``METRICS_DIR`` once a second or so; whoever
is asked for them (``figures_page.py``) adds up all files. A process holds a lock on its file for as long as it lives,
and the system lets go of that lock however it ends. So the file of a process that was killed is found, its counts are
added to those of all that are gone, and no counter ever runs backwards. Where METRICS_TOKEN is not set nothing is
written and nobody can ask.

Every label has few values: names of kinds of pages, of classes of status, of what the code calls its own work.
"""

import fcntl
import json
import os
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

from django.conf import settings

# Upper ends in seconds; an answer from the store takes a tenth of a millisecond, a rendered page some.
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# More different ones than this can only be a mistake of ours; they are counted as "other".
MOST_KINDS_OF_WORK = 64
# What a process can tell of itself at any moment: in words, and how the values of several processes go together.
GAUGES: dict[str, tuple[str, Callable]] = {
    "store_memory_bytes": ("Bytes of pages that the processes keep in memory, together.", sum),
    "store_memory_pages": ("Pages that the processes keep in memory, together.", sum),
    "store_disk_bytes": ("Bytes of pages that are kept on disk.", max),
    "store_disk_pages": ("Pages that are kept on disk.", max),
    "database_up": ("1 if the database answered every process when it was last asked, else 0.", min),
    "content_version_read_seconds": ("Seconds since the process that waited longest read the content version.", max),
    "content_age_seconds": ("Seconds since any process saw what readers can see change.", min),
}


class Speeds:
    """How fast some answers were: how many fell between two ends of BUCKETS, and the seconds of all together."""

    __slots__ = ("numbers", "seconds")

    def __init__(self):
        self.numbers, self.seconds = [0] * (len(BUCKETS) + 1), 0.0

    def add(self, seconds: float) -> None:
        self.numbers[bisect_left(BUCKETS, seconds)] += 1
        self.seconds += seconds


class Figures:
    """What one process counted. ``as_dict`` and ``add`` are each other's way back."""

    def __init__(self):
        self.answers: Counter[tuple[str, str, str]] = Counter()  # by route, class of status, store
        self.speeds: dict[str, list[int]] = {}  # by store: how many answers fell between two ends of BUCKETS
        self.seconds: Counter[str] = Counter()  # by store, all together
        self.work: Counter[tuple[str, str]] = Counter()  # by work, outcome
        self.worked_at: dict[tuple[str, str], float] = {}
        self.not_counted = 0

    def answered(self, route: str, status: int, store: str, speeds: Speeds) -> None:
        self.answers[route, f"{status // 100}xx" if 100 <= status < 600 else "other", store] += sum(speeds.numbers)
        so_far = self.speeds.get(store, [0] * (len(BUCKETS) + 1))
        self.speeds[store] = [a + b for a, b in zip(so_far, speeds.numbers, strict=True)]
        self.seconds[store] += speeds.seconds

    def worked(self, work: str, outcome: str) -> None:
        key = (work, outcome)
        if key not in self.work and len(self.work) >= MOST_KINDS_OF_WORK:
            key = ("other", "other")
        self.work[key] += 1
        self.worked_at[key] = time.time()

    def as_dict(self) -> dict:
        return {
            "answers": [[*key, number] for key, number in self.answers.items()],
            "speeds": self.speeds,
            "seconds": dict(self.seconds),
            "work": [[*key, number, self.worked_at[key]] for key, number in self.work.items()],
            "not_counted": self.not_counted,
        }

    def add(self, told: dict) -> None:
        """Add what another process told. KeyError, TypeError or ValueError if it is not of this release's shape."""
        for route, status, store, number in told["answers"]:
            self.answers[route, status, store] += number
        for store, numbers in told["speeds"].items():
            so_far = self.speeds.get(store, [0] * (len(BUCKETS) + 1))
            self.speeds[store] = [a + b for a, b in zip(so_far, numbers, strict=True)]
        self.seconds.update(told["seconds"])
        for work, outcome, number, at in told["work"]:
            self.work[work, outcome] += number
            self.worked_at[work, outcome] = max(at, self.worked_at.get((work, outcome), 0))
        self.not_counted += told["not_counted"]


class Share:
    """The file of this process among those of the others."""

    def __init__(self):
        self.own = Figures()
        self.guard = Lock()
        self._name: str | None = None
        self._held: int | None = None
        self._written = ""

    def write(self) -> None:
        """Leave this process's figures where the others find them. OSError if that cannot be done."""
        folder = _folder()
        if not folder:
            return
        with self.guard:
            told = {**self.own.as_dict(), "gauges": _gauges()}
        text = json.dumps(told)
        if self._name and text == self._written:
            return
        with self.guard:
            if not self._name:
                self._begin(folder)
            _replace(folder / f"{self._name}.json", text)
            self._written = text

    def _begin(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{os.getpid()}-{os.urandom(4).hex()}"
        with _alone(folder):  # between making the file and locking it nobody may take this process for dead
            self._held = os.open(folder / f"{name}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._held, fcntl.LOCK_EX)
            _bury_the_dead(folder)  # also where nobody ever asks for figures, no file stays for good
        self._name = name

    def forget(self) -> None:
        """In a child: its parent's file stays its parent's."""
        if self._held is not None:
            with suppress(OSError):
                os.close(self._held)
        self.__init__()


def _folder() -> Path | None:
    return Path(settings.METRICS_DIR) if settings.METRICS_TOKEN else None


def _replace(path: Path, text: str) -> None:
    beside = path.with_suffix(".new")
    beside.touch(mode=0o600)
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the lock of the folder. TimeoutError (an OSError) if another process keeps it for a second."""
    with (folder / "all.lock").open("a") as lock:
        until = time.monotonic() + 1
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise TimeoutError("the folder of figures is in use") from None
                time.sleep(0.005)
        yield


# --- What the rest of the site calls ------------------------------------------------------------------------

_share = Share()
_asked: dict[str, Callable[[], float | None]] = {}


def answered(route: str, status: int, store: str, speeds: Speeds) -> None:
    """Count answers of one kind. Called by the thread of ``observing.py`` alone."""
    with _share.guard:
        _share.own.answered(route, status, store, speeds)


def worked(work: str, outcome: str) -> None:
    """Count one piece of work behind the pages, by two words of the code's own: ``("backup", "done")``."""
    with _share.guard:
        _share.own.worked(work, outcome)


def not_counted(number: int) -> None:
    """Count answers that were noted faster than they could be counted."""
    if number:
        with _share.guard:
            _share.own.not_counted += number


def gauge(name: str, read: Callable[[], float | None]) -> None:
    """Ask ``read`` for a figure of GAUGES in each round; it must be quick, and answers None while it knows none."""
    if name not in GAUGES:
        raise ValueError(f"No figure is called {name}.")
    _asked[name] = read


def share() -> None:
    """Put this process's figures where the others can read them; never raises."""
    with suppress(OSError):
        _share.write()


def _gauges() -> dict[str, float]:
    told = {}
    for name, read in list(_asked.items()):
        with suppress(Exception):  # a figure that is not to be had is left out
            value = read()
            if value is not None:
                told[name] = round(float(value), 1)
    return told


def collected() -> tuple[Figures, dict[str, list[float]], int]:
    """All figures of processes that live or are gone, each gauge's values, and how many processes live.

    OSError if the folder cannot be used; the figures of this process alone are always to be had from ``own()``.
    """
    share()
    folder = _folder()
    everything, gauges = Figures(), {}
    with _alone(folder):
        gone, living = _bury_the_dead(folder)
        _add(everything, gone)
        for told in map(_read, living):
            for name, value in (told or {}).get("gauges", {}).items():
                gauges.setdefault(name, []).append(value)
            _add(everything, told)
    return everything, gauges, len(living)


def own() -> tuple[Figures, dict[str, list[float]], int]:
    with _share.guard:
        return _share.own, {name: [value] for name, value in _gauges().items()}, 1


def _read(path: Path) -> dict | None:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _add(figures: Figures, told: dict | None) -> None:
    """Add what was told, all of it or, where another release wrote it in another shape, nothing."""
    with suppress(KeyError, TypeError, ValueError):
        tried = Figures()
        tried.add(told or {})
        figures.add(told)


def _lives(path: Path) -> bool:
    try:
        with path.with_suffix(".lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _bury_the_dead(folder: Path) -> tuple[dict, list[Path]]:
    """The counts of all that are gone, and the files of those that live. Only while ``_alone``."""
    gone = _read(folder / "gone.json") or {"processes": [], **Figures().as_dict()}
    living = []
    for path in sorted(folder.glob("*-*.json")):
        if _lives(path):
            living.append(path)
        else:
            _bury(folder, path, _read(path), gone)
    return gone, living


def _bury(folder: Path, path: Path, told: dict | None, gone: dict) -> None:
    """Add the counts of a process that is gone to those of all others that are. None is ever added twice."""
    if path.stem not in gone["processes"]:
        together = Figures()
        _add(together, gone)
        _add(together, told)
        # Names are kept only for as long as their files could still be there.
        there = [name for name in gone["processes"] if (folder / f"{name}.json").exists()]
        gone.update(together.as_dict(), processes=[*there, path.stem])
        _replace(folder / "gone.json", json.dumps(gone))
    for left in (path, path.with_suffix(".lock"), path.with_suffix(".new")):
        left.unlink(missing_ok=True)


os.register_at_fork(after_in_child=_share.forget)
