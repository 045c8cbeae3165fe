"""What many pages need and seldom changes, made once for each version of the content in each process.

``known`` is the content version as this process last read it: set by the watch of a serving process
(``safety_site/watch.py``), None anywhere else (commands, tests), where everything is made anew each time.
Only plain values and finished HTML may be kept: they are shared by all threads and must not be changed.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from threading import Lock

from safety_site import freshness, viewing

# So much HTML at most, and so many values; what was asked for longest ago goes first.
MOST_KEPT = 2_000
MOST_CHARACTERS = 12_000_000


class Kept:
    """Values by what they were made from, for one version."""

    def __init__(self):
        self.known: str | None = None
        self._of: str | None = None
        self._values: OrderedDict[tuple, object] = OrderedDict()
        self._characters = 0
        self._lock = Lock()

    def get(self, key: tuple, make: Callable[[], object]):
        version = self.known
        if version is None or viewing.current() != viewing.NOW:
            return make()
        with self._lock:
            if version != self._of:
                self._values.clear()
                self._characters = 0
                self._of = version
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            if version == self._of and key not in self._values:
                self._values[key] = value
                self._characters += _size(value)
                while len(self._values) > 1 and (len(self._values) > MOST_KEPT or self._characters > MOST_CHARACTERS):
                    _key, oldest = self._values.popitem(last=False)
                    self._characters -= _size(oldest)
        return value


def _size(value: object) -> int:
    return len(value) if isinstance(value, str) else 0


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
