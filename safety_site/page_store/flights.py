"""One making of each page at a time in a process; ``disk`` sees to it that one process of the machine makes it."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

LONGEST_WAIT_SECONDS = 5


class Flights:
    """One thread of a process makes a page, the others wait for it. A key that nobody waits for is forgotten."""

    def __init__(self):
        self._guard = Lock()
        self._waiting: dict[str, tuple[Lock, int]] = {}

    @contextmanager
    def of(self, key: str) -> Iterator[None]:
        with self._guard:
            own, number = self._waiting.get(key) or (Lock(), 0)
            self._waiting[key] = own, number + 1
        # Never for ever: a page whose making hangs is then made by others too.
        has = own.acquire(timeout=LONGEST_WAIT_SECONDS)
        try:
            yield
        finally:
            if has:
                own.release()
            with self._guard:
                number = self._waiting[key][1] - 1
                if number:
                    self._waiting[key] = own, number
                else:
                    del self._waiting[key]
