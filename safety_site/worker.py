"""A gunicorn worker that answers in plain English even what it cannot read as a request."""

from contextlib import suppress

from django.template.loader import render_to_string
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.workers.gthread import ThreadWorker

from safety_site import front_pages, quick_exit, quick_response


def unreadable_request_answer(problem: Exception) -> bytes:
    """A whole HTTP answer for a request that never reached Django, with our page and its headers."""
    if isinstance(problem, LimitRequestLine):
        status, template = "414 URI Too Long", "414.html"
    elif isinstance(problem, LimitRequestHeaders):
        status, template = "431 Request Header Fields Too Large", "400.html"
    elif isinstance(problem, ParseException):
        status, template = "400 Bad Request", "400.html"
    else:
        status, template = "500 Internal Server Error", "500.html"
    page = render_to_string(template, quick_exit.context(None)).encode()
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": len(page),
        **front_pages.security_headers(),
        "Cache-Control": "no-store",
        "Connection": "close",
    }
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + page


class PlainWorker(ThreadWorker):
    """gunicorn's threaded worker, less its own error page and the line of log with the visitor's address."""

    def init_process(self):
        quick_response.use()
        super().init_process()

    def handle_error(self, req, client, addr, exc):
        if not isinstance(exc, ParseException):
            self.log.error("The server failed outside Django: %s", type(exc), exc_info=exc)
        with suppress(OSError):  # they may have gone
            client.sendall(unreadable_request_answer(exc))
