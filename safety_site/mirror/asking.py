"""Pages of the site, made in this process for a copy: by the site's own handler, views and templates."""

from dataclasses import dataclass
from io import BytesIO
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http.request import split_domain_port, validate_host

from safety_site.freshness import Mode, rendering
from safety_site.mirror.folder import MirrorError


@dataclass(frozen=True)
class Answer:
    """What the site says to one request. Of a page, ``age_at`` is where in its text its age is told; else None."""

    status: int
    content_type: str
    body: bytes
    location: str

    @property
    def is_page(self) -> bool:
        return self.content_type.startswith("text/html")


class CopyRequest(WSGIRequest):
    """A request for a copy: at the addresses of those pages that a copy makes for itself stand others."""

    urlconf = "safety_site.mirror.urls"


class Site:
    """The site, to be asked."""

    def __init__(self):
        parts = urlsplit(settings.SITE_URL)
        domain, _port = split_domain_port(parts.netloc)
        if not validate_host(domain, settings.ALLOWED_HOSTS):
            raise MirrorError(f"SITE_URL names {domain}, which is not among ALLOWED_HOSTS: add it there.")
        self._environ = {
            "REQUEST_METHOD": "GET",
            "SERVER_NAME": domain.strip("[]"),
            "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": parts.netloc,
            "REMOTE_ADDR": "127.0.0.1",
            # So that the site does not send us to https first.
            "wsgi.url_scheme": "https" if settings.HTTPS_ONLY else parts.scheme,
            "HTTP_X_FORWARDED_PROTO": "https",
        }
        self._handler = WSGIHandler()

    def ask(self, address: str) -> Answer:
        """What the site answers to GET, without anything that is true only now."""
        path, _, query = address.partition("?")
        environ = {**self._environ, "PATH_INFO": path, "QUERY_STRING": query, "wsgi.input": BytesIO()}
        with rendering(Mode.WITHOUT_NOW):
            response = self._handler.get_response(CopyRequest(environ))
            # Never closed: that would tell the database that a request has ended, and close its connection.
            body = b"".join(response) if response.streaming else response.content
        headers = response.headers
        return Answer(response.status_code, headers.get("Content-Type", ""), body, headers.get("Location", ""))
