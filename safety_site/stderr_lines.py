"""Lines for standard error, written so that whoever reads them slowly, or not at all, never holds up an answer.

A full pipe blocks whoever writes to it. So in a process that serves pages no answer writes: it leaves its line here,
and a thread of the process writes what the pipe has room for. What finds no room is counted, and the count is
written as soon as something can be. Other processes (commands) write at once.
"""

import json
import os
import select
import time
from collections import deque
from threading import Event, Lock

MOST_WAITING = 5_000
# What a pipe takes in one piece, so that lines of two processes never mix.
PIECE = 4_096
STDERR = 2


class Lines:
    """The lines of one process that wait to be written."""

    def __init__(self, descriptor: int = STDERR):
        self.wanted = Event()  # set when something should be written sooner than the next round
        self.has_writer = False  # whether a thread writes for this process
        self._descriptor = descriptor
        self._waiting: deque[bytes] = deque()
        self._writing = Lock()
        self._counting = Lock()
        self._lost = 0

    def put(self, line: str) -> None:
        """Leave a line (without its end). Never waits in a process that serves."""
        piece = (line + "\n").encode("utf-8", "backslashreplace")
        if not self.has_writer:
            self._write(piece, seconds=5)
        elif len(self._waiting) < MOST_WAITING:
            self._waiting.append(piece)
        else:
            self.count_lost(1)

    def count_lost(self, lines: int) -> None:
        with self._counting:
            self._lost += lines

    def write(self, seconds: float = 0) -> bool:
        """Write what the other end takes, waiting for at most so long. Whether nothing is left."""
        until = time.monotonic() + seconds
        if not self._writing.acquire(timeout=max(seconds, 0.001)):
            return False
        try:
            while self._waiting or self._lost:
                with self._counting:
                    lost, self._lost = self._lost, 0
                pieces = [_told_lost(lost)] if lost else []
                while self._waiting and sum(map(len, pieces)) + len(self._waiting[0]) <= PIECE:
                    pieces.append(self._waiting.popleft())
                if not pieces:  # one line alone that is longer
                    pieces.append(self._waiting.popleft())
                if not self._write(b"".join(pieces), until - time.monotonic()):
                    # The same pieces come first next time; a count that was not told is counted again.
                    self._waiting.extendleft(reversed(pieces[1:] if lost else pieces))
                    self.count_lost(lost)
                    return False
            return True
        finally:
            self._writing.release()

    def _write(self, piece: bytes, seconds: float) -> bool:
        """Whether it was written, or can never be: nobody reads any more."""
        try:
            asked = select.poll()
            asked.register(self._descriptor, select.POLLOUT)
            ready = asked.poll(max(0, seconds) * 1_000)
            if not ready:
                return False
            if not ready[0][1] & select.POLLOUT:
                return True
            while piece:
                piece = piece[os.write(self._descriptor, piece) :]
        except OSError:
            pass
        return True


def _told_lost(lines: int) -> bytes:
    said = {"event": "lines lost", "lines": lines, "why": "standard error took no more", "process": os.getpid()}
    return (json.dumps(said) + "\n").encode()


lines = Lines()


def _after_fork() -> None:
    """A child writes its own lines only, and takes over no lock that a thread of its parent held."""
    lines.__init__()


os.register_at_fork(after_in_child=_after_fork)
