"""Kept answers take a shorter way through gunicorn: the bytes are those of the long way."""

import socket

import pytest
from gunicorn.config import Config
from gunicorn.http import wsgi

from safety_site.page_store.answer import ReadyHeaders
from safety_site.quick_response import QuickResponse

BODY = b"Words of a page. " * 40
HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Length", str(len(BODY))),
    ("ETag", '"abc"'),
    ("Connection", "close"),  # of the connection, so not the application's to say
    ("X-Words", "caf\u00e9"),
]


class Request:
    version = (1, 1)

    def __init__(self, method: str):
        self.method = method

    def should_close(self) -> bool:
        return False


def sent(kind: type, headers: list, method: str = "GET", status: str = "200 OK", body: tuple = (BODY,)) -> bytes:
    here, there = socket.socketpair()
    with here, there:
        response = kind(Request(method), here, Config())
        response.start_response(status, headers)
        for piece in body:
            response.write(piece)
        response.close()
        here.shutdown(socket.SHUT_WR)
        received = b""
        while piece := there.recv(65_536):
            received += piece
    lines = [line for line in received.split(b"\r\n") if not line.startswith(b"Date:")]
    return b"\r\n".join(lines)


@pytest.mark.parametrize(
    ("method", "status", "body"),
    [
        ("GET", "200 OK", (BODY,)),
        ("GET", "410 Gone", (BODY,)),
        ("GET", "200 OK", (BODY[:9], BODY[9:])),
        ("HEAD", "200 OK", ()),
        ("GET", "304 Not Modified", ()),
    ],
)
def test_the_short_way_sends_the_same_bytes_each_time(method, status, body):
    expected = sent(wsgi.Response, HEADERS, method, status, body)
    kept = ReadyHeaders(HEADERS)
    assert [sent(QuickResponse, kept, method, status, body) for _ in range(3)] == [expected] * 3
    assert sent(QuickResponse, HEADERS, method, status, body) == expected


def test_a_header_that_would_begin_another_is_refused():
    with pytest.raises(Exception, match="X-Words"):
        sent(QuickResponse, ReadyHeaders([("X-Words", "a\r\nSet-Cookie: b=c")]))
