"""One finished answer: its headers, and its body in each encoding, with and without what is true only now."""

import gzip
import hashlib
import json
import math
import sys
import zlib
from dataclasses import InitVar, dataclass, field
from datetime import datetime
from http import HTTPStatus

import brotli

from safety_site.freshness import Readings, split

# Good enough for a page that may be made anew within seconds, at a small part of the time of the best.
BROTLI_QUALITY, GZIP_LEVEL = 5, 6

# Django's own, which are said anew for each encoding, and the one that says that nobody may keep it.
NOT_KEPT_HEADERS = frozenset({"content-length", "content-encoding", "etag", "vary", "cache-control", "date", "server"})
KINDS = ("text/", "application/xml")
# What an answer that may be kept can say: a page, one that moved, one that was taken down. In the place of one that is
# kept also that it is there no more; of others there is no end.
STATUSES = frozenset({200, 301, 302, 410})
STATUSES_IN_PLACE = STATUSES | {404}
LARGEST = 2_000_000

ENCODINGS = ("br", "gzip", "")
PACKED = "br"  # in which a page is always held
# So often a page is unpacked for a reader before it is kept so.
FEW = 4
# A page older than this says so on itself, not in its headers alone.
SECONDS_BEFORE_AGE_IS_SHOWN = 3600

Headers = list[tuple[str, str]]


class ReadyHeaders(list):
    """Headers that are sent again and again, with a place for the bytes that they make (``quick_response.py``)."""

    __slots__ = ("checked",)

    def __init__(self, headers: Headers):
        super().__init__(headers)
        self.checked: tuple[Headers, int | None, bytes] | None = None  # as sent, length of the body, as bytes


@dataclass
class Answer:
    """A finished answer. Bodies are made when they are first asked for, and then kept.

    ``until`` and ``made_at`` are seconds of the clock (Unix time), so that all processes of the machine agree.
    """

    key: str
    route: str
    status: int
    headers: Headers
    age_at: int  # as in Readings
    timed: InitVar[tuple[tuple[int, int, str], ...]]  # the same; ``readings()`` gives it back
    version: str
    release: str
    made_at: float  # when its making began
    until: float | None
    bodies: dict[str, bytes]  # by encoding, PACKED at least: the reading that tells what is true now
    heads: dict[str, Headers] = field(default_factory=dict)  # by encoding, of the same
    ready: dict[str, tuple] = field(default_factory=dict)  # as they were sent last, by Accept-Encoding: the door's
    used_at: float = 0.0  # the shelf's: when it was asked for last
    tells_now: bool = field(init=False)  # whether anything on it is true only now
    _timed: bytes = field(init=False, repr=False)
    _times_plain: int = field(init=False, default=0)

    def __post_init__(self, timed: tuple[tuple[int, int, str], ...]):
        # The page itself is held once, in the encoding that browsers ask for; of the other reading only what differs.
        self.tells_now = bool(timed)
        self._timed = zlib.compress(json.dumps(timed, ensure_ascii=False).encode()) if timed else b""
        self.headers = [(sys.intern(name), sys.intern(value)) for name, value in self.headers]

    @property
    def now(self) -> str:
        """The page as it reads now."""
        return brotli.decompress(self.bodies[PACKED]).decode()

    def readings(self) -> Readings:
        """Both readings."""
        timed = json.loads(zlib.decompress(self._timed)) if self._timed else ()
        return Readings(self.now, self.age_at, tuple(map(tuple, timed)))

    @property
    def status_line(self) -> str:
        return f"{self.status} {HTTPStatus(self.status).phrase}"

    @property
    def size(self) -> int:
        """Bytes in memory, roughly: texts and bodies."""
        return len(self._timed) + sum(map(len, self.bodies.values())) + 2_000

    def body(self, encoding: str) -> bytes:
        """The body for a reader now, in an encoding of ENCODINGS."""
        body = self.bodies.get(encoding)
        if body is None:
            body = encoded(self.now, encoding)
            self._times_plain += not encoding
            if encoding or self.is_often_plain:
                self.bodies[encoding] = body
        return body

    @property
    def is_often_plain(self) -> bool:
        """Whether many ask for this page uncompressed. No browser does, so a few who do get it unpacked each time."""
        return self._times_plain > FEW

    def head(self, encoding: str) -> Headers:
        """Every header of it but those that change from request to request."""
        if encoding not in self.heads:
            self.heads[encoding] = self._head(encoding, self.body(encoding))
        return self.heads[encoding]

    def _head(self, encoding: str, body: bytes) -> Headers:
        head = [*self.headers, ("Content-Length", str(len(body)))]
        if encoding:
            head.append(("Content-Encoding", encoding))
        if self.status == HTTPStatus.OK:
            head.append(("ETag", etag_of(body)))
        return head

    def stale(self, encoding: str, seconds_old: float) -> tuple[Headers, bytes]:
        """Head and body for a time in which nobody knows what is true now; after an hour the page tells its age."""
        note = age_note(seconds_old) if seconds_old >= SECONDS_BEFORE_AGE_IS_SHOWN else ""
        body = encoded(self.readings().without_now(note), encoding)
        return self._head(encoding, body), body


def etag_of(body: bytes) -> str:
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def encoded(text: str, encoding: str) -> bytes:
    body = text.encode()
    match encoding:
        case "br":
            return brotli.compress(body, quality=BROTLI_QUALITY, mode=brotli.MODE_TEXT)
        case "gzip":
            return gzip.compress(body, GZIP_LEVEL, mtime=0)
        case _:
            return body


def age_note(seconds_old: float) -> str:
    """What an old page says of itself, in plain words."""
    hours = int(seconds_old // 3600)
    number, unit = (hours, "hour") if hours < 48 else (hours // 24, "day")
    age = f"{number} {unit}{'' if number == 1 else 's'}"
    return (
        '<section class="banners" aria-label="How old this page is"><div class="banner banner-warning">'
        '<div class="wrap"><p><strong>Search and finding by postcode may not work just now.</strong> '
        f"This page was last brought up to date {age} ago: numbers and hours may have changed since. "
        'In danger, call <a href="tel:999">999</a>.</p></div></div></section>'
    )


def may_be_kept(status: int, headers: Headers, body: bytes, *, in_place: bool = False) -> bool:
    """Whether everybody may get this answer: nothing in it was made for one reader.

    ``in_place``: it would stand where a page of the same address is kept.
    """
    names = {name.lower(): value for name, value in headers}
    return (
        status in (STATUSES_IN_PLACE if in_place else STATUSES)
        and len(body) <= LARGEST
        and "set-cookie" not in names
        and names.get("vary", "").lower() in ("", "accept-encoding")
        and "content-encoding" not in names
        and (status in (301, 302) or names.get("content-type", "").startswith(KINDS))
    )


def finish(
    key: str,
    route: str,
    status: int,
    headers: Headers,
    body: bytes,
    version: str,
    release: str,
    until: datetime | None,
    made_at: float,
) -> Answer:
    """An answer of Django's as it will be kept. ``made_at`` is when its making began: its words may be as old."""
    kept = [(name, value) for name, value in headers if name.lower() not in NOT_KEPT_HEADERS]
    page = split(body.decode())
    return Answer(
        key=key,
        route=route,
        status=status,
        headers=kept,
        age_at=page.age_at,
        timed=page.timed,
        bodies={PACKED: encoded(page.now, PACKED)},
        version=version,
        release=release,
        made_at=made_at,
        until=until.timestamp() if until else None,
    )


# --- As bytes, for the disk -------------------------------------------------------------------------------

FORMAT = 2
# Of the release before, both readings as text, then brotli and gzip: read while an outage may need it. To be left out
# with the next release.
FORMAT_BEFORE = 1


def to_bytes(answer: Answer) -> bytes:
    """One line of JSON about it, then its parts one after the other; no pickle: a file is only ever read as words."""
    page = answer.readings()
    parts = [json.dumps(page.timed, ensure_ascii=False).encode(), answer.body(PACKED)]
    about = {
        "format": FORMAT,
        "key": answer.key,
        "route": answer.route,
        "status": answer.status,
        "headers": answer.headers,
        "version": answer.version,
        "release": answer.release,
        "made_at": answer.made_at,
        "until": answer.until,
        "age_at": page.age_at,
        "lengths": list(map(len, parts)),
    }
    content = json.dumps(about).encode() + b"\n" + b"".join(parts)
    return hashlib.blake2b(content, digest_size=16).hexdigest().encode() + b"\n" + content


class Unreadable(Exception):
    """A file that does not hold a whole answer: cut off, or of another format."""


@dataclass(frozen=True)
class About:
    """What the first lines of a file say, without reading the rest."""

    key: str
    status: int
    version: str
    release: str
    made_at: float


def about_bytes(start: bytes) -> About:
    """What a file holds, from its first lines. Raises Unreadable. Nothing is checked but that it can be read."""
    try:
        return _about(json.loads(start.split(b"\n", 2)[1]))
    except (IndexError, ValueError, KeyError, TypeError) as problem:
        raise Unreadable from problem


def _about(said: dict) -> About:
    """Raises Unreadable where anything is not what we write."""
    about = About(said["key"], said["status"], said["version"], said["release"], said["made_at"])
    words = (about.key, about.version, about.release, said["route"])
    is_ours = all(isinstance(word, str) for word in words) and about.status in STATUSES_IN_PLACE
    if not is_ours or not isinstance(about.made_at, float) or not math.isfinite(about.made_at):
        raise Unreadable
    return about


def _of_before(parts: list[bytes]) -> tuple[int, list[tuple[int, int, str]], bytes]:
    """Place of the age, what is timed, and brotli, from a file of FORMAT_BEFORE."""
    *texts, packed, _gzip = parts
    before, after, *without = (text.decode() for text in texts)
    timed = [(0, len(before), without[0]), (len(before), len(before) + len(after), without[1])] if without else []
    return len(before), timed, packed


def from_bytes(data: bytes) -> Answer:
    """The answer in a file. Raises Unreadable."""
    check, _, content = data.partition(b"\n")
    if hashlib.blake2b(content, digest_size=16).hexdigest().encode() != check:
        raise Unreadable
    head, _, rest = content.partition(b"\n")
    try:
        about = json.loads(head)
        _about(about)
        if about["format"] not in (FORMAT, FORMAT_BEFORE):
            raise Unreadable
        parts, start = [], 0
        for length in about["lengths"]:
            parts.append(rest[start : start + length])
            start += length
        if about["format"] == FORMAT_BEFORE:
            age_at, timed, packed = _of_before(parts)
        else:
            age_at, timed, packed = about["age_at"], json.loads(parts[0]), parts[1]
        return Answer(
            key=about["key"],
            route=about["route"],
            status=about["status"],
            headers=[(str(name), str(value)) for name, value in about["headers"]],
            age_at=int(age_at),
            timed=tuple((int(begin), int(end), str(words)) for begin, end, words in timed),
            version=about["version"],
            release=about["release"],
            made_at=about["made_at"],
            until=None if about["until"] is None else float(about["until"]),
            bodies={PACKED: packed},
        )
    except (KeyError, IndexError, ValueError, TypeError) as problem:
        raise Unreadable from problem
