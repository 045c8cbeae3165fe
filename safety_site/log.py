"""What the log may say: that, where in the code and why something failed, never which page somebody asked for.

Each line on standard error is one JSON object. The words of an exception are left out, since Python, Django and the
databases put values into them (an address, a host, a postcode, words of a form). What stays is the type, the code of
the database or the system, and the lines of our code that it passed through; and its words where they stand just so
in the code that raised it, since then nobody typed them.
"""

import json
import logging
import os
import re
import sqlite3
import sysconfig
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from errno import errorcode
from pathlib import Path
from types import TracebackType

from safety_site.observing import EXIT, NONE, current_request_id, kind_of_page
from safety_site.stderr_lines import lines

OURS = ("safety_site", "guidance", "reporting")
# Loggers whose plain sentences are known to hold nothing of a request.
TRUSTED = (*OURS, "gunicorn", "django")
LONGEST_WORDS = 300
FRAMES = (25, 8, 2)  # of each exception, the innermost: fewer where the line would be longer than a pipe takes at once
LONGEST_LINE = 4_000
MOST_EXCEPTIONS = 4  # in one chain
_ROOTS = (str(Path(__file__).resolve().parent.parent), sysconfig.get_path("purelib"), sysconfig.get_path("stdlib"))


class JsonLines(logging.Handler):
    """Every record as one line of JSON, by way of ``stderr_lines``: a full pipe holds up no answer."""

    put = staticmethod(lines.put)

    def emit(self, record: logging.LogRecord) -> None:
        self.put(line_of(record))
        lines.wanted.set()


def line_of(record: logging.LogRecord) -> str:
    """A record as JSON. Never raises, since Python would then print the record as it is."""
    try:
        for frames in FRAMES:
            line = json.dumps(_told(record, frames))
            if len(line) <= LONGEST_LINE:
                break
        return line
    except Exception as problem:
        words = "A line of the log could not be written."
        return json.dumps({"event": "problem", "words": words, "error": type(problem).__name__})


def _told(record: logging.LogRecord, frames: int) -> dict:
    request = getattr(record, "request", None)
    told = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "event": "problem",
        "level": record.levelname.lower(),
        "logger": record.name,
        "words": _words(record),
        "place": f"{_place(record.pathname)}:{record.lineno}",
        "request": current_request_id.get(),
        "process": os.getpid(),
    }
    if request is not None:
        told["route"] = _route(request)
        told["status"] = getattr(record, "status_code", None)
    if record.exc_info and record.exc_info[1] is not None:
        told["error"] = [_exception(each, frames) for each in _chain(record.exc_info[1])]
    return told


def _route(request) -> str:
    """The kind of page, but for the exit: that somebody left is written nowhere, even where it failed."""
    try:
        route = kind_of_page(request.resolver_match.view_name or NONE)
    except Exception:
        return NONE
    return NONE if route == EXIT else route


# --- Words --------------------------------------------------------------------------------------------------


def _words(record: logging.LogRecord) -> str:
    name = record.name.partition(".")[0]
    if record.name == "django.request":
        return "A page failed."
    if not isinstance(record.msg, str):
        return type(record.msg).__name__
    if not record.args:
        return record.msg[:LONGEST_WORDS] if name in TRUSTED else "(words of another library, left out)"
    if name in OURS:
        return record.getMessage()[:LONGEST_WORDS]
    given = record.args if isinstance(record.args, tuple) else (record.args,)
    try:
        return (record.msg % tuple(map(_harmless, given)))[:LONGEST_WORDS]
    except (TypeError, ValueError):
        return record.msg[:LONGEST_WORDS]


def _harmless(value: object) -> object:
    """Numbers, names of types and of signals stand in a line; anything else could hold what somebody typed."""
    if isinstance(value, int | float):
        return value
    if isinstance(value, type):
        return value.__name__
    return value if isinstance(value, str) and re.fullmatch(r"SIG[A-Z]+\d{0,2}", value) else "…"


# --- Exceptions ---------------------------------------------------------------------------------------------


def _chain(problem: BaseException) -> Iterator[BaseException]:
    """An exception, then what it came from, as Python's own trace shows them."""
    for _ in range(MOST_EXCEPTIONS):
        yield problem
        following = problem.__cause__ or (None if problem.__suppress_context__ else problem.__context__)
        if following is None:
            return
        problem = following


def _exception(problem: BaseException, most: int) -> dict:
    kind = type(problem)
    told = {"type": f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")}
    if code := _code(problem):
        told["code"] = code
    if words := _literal_words(problem):
        told["words"] = words
    frames = traceback.extract_tb(problem.__traceback__, limit=-most)
    told["at"] = [f"{_place(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
    return told


def _code(problem: BaseException) -> str | None:
    """What the database or the system calls this kind of failure."""
    if isinstance(problem, sqlite3.Error):
        return getattr(problem, "sqlite_errorname", None)
    state = getattr(problem, "sqlstate", None)  # psycopg
    if isinstance(state, str) and re.fullmatch(r"[0-9A-Z]{5}", state):
        return f"SQLSTATE {state}"
    return errorcode.get(problem.errno) if isinstance(problem, OSError) else None


def _literal_words(problem: BaseException) -> str | None:
    """The words of an exception, where they are a sentence of the very code that raised it."""
    if len(problem.args) != 1 or not isinstance(problem.args[0], str) or problem.__traceback__ is None:
        return None
    words, last = problem.args[0], _last(problem.__traceback__)
    return words if " " in words and words in last.tb_frame.f_code.co_consts else None


def _last(trace: TracebackType) -> TracebackType:
    while trace.tb_next is not None:
        trace = trace.tb_next
    return trace


def _place(path: str) -> str:
    """The path of a file of code, from the folder of its package: where this site is installed is nobody's matter."""
    for root in _ROOTS:
        if path.startswith(f"{root}{os.sep}"):
            return path[len(root) + 1 :].removeprefix("site-packages/")
    return path if path.startswith("<") else os.path.basename(path)
