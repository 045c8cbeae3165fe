"""What many pages need and seldom changes, made once for each version of the content in each process.

``known`` is the content version as this process last read it: set by the watch of a serving process
(``safety_site/watch.py``), None anywhere else (commands, tests), where everything is made anew for each request.
Only plain values and finished HTML may be kept: they are shared by all threads and must not be changed.
"""

from collections import OrderedDict
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from threading import Lock
from time import monotonic

from safety_site import freshness, viewing

# So much HTML at most, and so many values; what was asked for longest ago goes first.
MOST_KEPT = 6_000
MOST_CHARACTERS = 12_000_000
# As long as the watch takes a version for known.
RECENT_SECONDS = 2.5


# What was made for the request that is being answered, where nothing is kept for longer.
_of_page: ContextVar[dict | None] = ContextVar("made for one page", default=None)


@contextmanager
def for_one_page() -> Iterator[None]:
    """Make each thing once while one request is answered, also where the version is not known or staff look back."""
    token = _of_page.set({})
    try:
        yield
    finally:
        _of_page.reset(token)


class Kept:
    """Values by what they were made from, for one version."""

    def __init__(self):
        self._known: str | None = None
        self._known_at = 0.0
        self._of: str | None = None
        self._values: OrderedDict[tuple, object] = OrderedDict()
        self._characters = 0
        self._lock = Lock()

    @property
    def known(self) -> str | None:
        return self._known

    @known.setter
    def known(self, version: str | None) -> None:
        self._known, self._known_at = version, monotonic()

    def was_read_since(self, moment: float) -> bool:
        """Whether the version was read after a moment of ``time.monotonic()``: the database answered then."""
        return self._known is not None and self._known_at > moment

    @property
    def is_recent(self) -> bool:
        """Whether the version was read so lately that it is the version now."""
        return self._known is not None and monotonic() - self._known_at < RECENT_SECONDS

    def get(self, key: tuple, make: Callable[[], object]):
        version = self.known
        if version is None or viewing.current() != viewing.NOW:
            return self._for_page((viewing.current(), *key), make)
        with self._lock:
            found = self._found(version, [key])
        if key in found:
            return found[key]
        value = make()
        with self._lock:
            self._put(version, key, value)
        return value

    def get_many(self, keys: list[tuple], make: Callable[[list[tuple]], dict], to_keep: Container[tuple]) -> dict:
        """The same for several at once: ``make`` is asked once for all that are not kept yet."""
        version = self.known
        if version is None or viewing.current() != viewing.NOW:
            return make(keys)
        with self._lock:
            found = self._found(version, keys)
        missing = [key for key in keys if key not in found]
        made = make(missing) if missing else {}
        with self._lock:
            for key in missing:
                if key in to_keep and key in made:
                    self._put(version, key, made[key])
        return found | made

    def _found(self, version: str, keys: Iterable[tuple]) -> dict[tuple, object]:
        """What is kept of these; nothing that was made of another version."""
        if version != self._of:
            self._values.clear()
            self._characters = 0
            self._of = version
        found = {key: self._values[key] for key in keys if key in self._values}
        for key in found:
            self._values.move_to_end(key)
        return found

    def _put(self, version: str, key: tuple, value: object) -> None:
        if version != self._of or key in self._values:
            return
        self._values[key] = value
        self._characters += _size(value)
        while len(self._values) > 1 and (len(self._values) > MOST_KEPT or self._characters > MOST_CHARACTERS):
            _key, oldest = self._values.popitem(last=False)
            self._characters -= _size(oldest)

    @staticmethod
    def _for_page(key: tuple, make: Callable[[], object]):
        made = _of_page.get()
        if made is None:
            return make()
        if key not in made:
            made[key] = make()
        return made[key]


def _size(value: object) -> int:
    """Characters of HTML; what else is kept is there once, or small, or tells its own ``characters``."""
    if hasattr(value, "characters"):
        return value.characters
    parts = value if isinstance(value, tuple) else (value,)
    return sum(len(each) for each in parts if isinstance(each, str))


kept = Kept()


def while_unchanged(make: Callable):
    """Keep what a function returns for each set of its arguments, for as long as the content is unchanged.

    The arguments must be plain values, and few: they are the key. Never for anything that tells the time of day.
    """

    @wraps(make)
    def of(*arguments):
        key = (make.__module__, make.__qualname__, freshness.current_mode(), *arguments)
        return kept.get(key, lambda: make(*arguments))

    return of
