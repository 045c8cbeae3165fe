"""Finished answers in the memory of one process, the least recently asked for going first."""

from threading import Lock
from time import monotonic

from safety_site.page_store.answer import Answer

# So much is put away at once when a shelf is full: to find what was asked for least costs a look at all.
SHARE_PUT_AWAY = 0.1


class Shelf:
    """Answers by key, up to a number of bytes."""

    def __init__(self, most_bytes: int):
        self.most_bytes = most_bytes
        self.bytes = 0
        self._answers: dict[str, Answer] = {}
        self._sizes: dict[str, int] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._answers)

    def get(self, key: str) -> Answer | None:
        answer = self._answers.get(key)
        if answer is not None:
            answer.used_at = monotonic()
        return answer

    def put(self, answer: Answer) -> None:
        size = answer.size
        with self._lock:
            self._drop(answer.key)
            if size > self.most_bytes:
                return
            answer.used_at = monotonic()
            self._answers[answer.key] = answer
            self._sizes[answer.key] = size
            self.bytes += size
            if self.bytes > self.most_bytes:
                self._make_room()

    def drop(self, key: str) -> None:
        with self._lock:
            self._drop(key)

    def _make_room(self) -> None:
        for answer in sorted(self._answers.values(), key=lambda each: each.used_at):
            if self.bytes <= self.most_bytes * (1 - SHARE_PUT_AWAY):
                return
            self._drop(answer.key)

    def _drop(self, key: str) -> None:
        if self._answers.pop(key, None) is not None:
            self.bytes -= self._sizes.pop(key)


class Memory:
    """Two shelves: pages, and their variants. However many variants are asked for, no page goes for them."""

    def __init__(self, most_bytes: int):
        self.pages = Shelf(most_bytes * 3 // 4)
        self.variants = Shelf(most_bytes // 4)

    def shelf(self, *, is_variant: bool) -> Shelf:
        return self.variants if is_variant else self.pages
