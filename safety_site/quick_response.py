"""Finished answers go through gunicorn without being looked at a second time.

gunicorn looks at each header of each answer with two regular expressions, makes one text of them, and writes head and
body one after the other: for an answer that takes a few microseconds, most of the work. Here the headers of a kept
page are checked once and then kept as bytes, and an answer is written in one piece. Any other server sees an ordinary
list of headers.
"""

from functools import partial

from gunicorn import util
from gunicorn.http import wsgi

from safety_site.page_store.answer import ReadyHeaders


class QuickResponse(wsgi.Response):
    """gunicorn's response; what it does for ``ReadyHeaders`` sends the same bytes with less work."""

    ready: ReadyHeaders | None = None

    def process_headers(self, headers: list[tuple[str, str]]) -> None:
        if not isinstance(headers, ReadyHeaders):
            super().process_headers(headers)
            return
        if headers.checked is None:
            super().process_headers(headers)  # refuses what must not be sent
            block = "".join(f"{name}: {value}\r\n" for name, value in self.headers).encode("latin-1")
            headers.checked = self.headers, self.response_length, block
        self.ready = headers
        self.headers, self.response_length, _block = headers.checked

    def write(self, data: bytes) -> None:
        """The whole answer in one piece, where this is the whole of its body.

        A process that is killed has then sent nothing or (nearly always) everything: what it has not begun to send a
        proxy in front asks of another process.
        """
        is_begun = self.headers_sent or self._omits_body or self.chunked
        if is_begun or not isinstance(data, bytes) or len(data) != self.response_length:
            super().write(data)
            return
        if self.ready is not None:
            block = self.ready.checked[2]
        else:
            block = "".join(f"{name}: {value}\r\n" for name, value in self.headers).encode("latin-1")
        first_lines = "".join(self.default_headers()).encode("latin-1")
        self.headers_sent = True
        self.sent = len(data)
        util.write(self.sock, b"".join((first_lines, block, b"\r\n", data)))


def use() -> None:
    """Let the workers of this process answer so."""
    wsgi.create = partial(wsgi.create, response_class=QuickResponse)
