"""Which file an address of the site is in a mirror. A file server knows no question mark, so what stands behind one
becomes part of the path, where it makes a page of its own; anywhere else it is left out.
"""

import re
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve

# By name of the address: the one question that a link may ask of such a page, where its answer is another page.
ASKS = {
    "guidance:topic": "age",
    "guidance:topic-list": "age",
    "guidance:app-list": "age",
    "guidance:talk": "age",
    "reporting:report": "for",
    "reporting:concern": "for",
    "reporting:contact-list": "nation",
}
PLAIN_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*|/\.well-known)*/?")
PLAIN_ANSWER = re.compile(r"[a-z0-9-]+")
MISSING = "/404.html"


def of_ours(link: str, page: str) -> str | None:
    """An address of this site as path and question, for a link on one of its pages; None for any other.

    >>> of_ours("?age=teen#help", "/talk/")
    '/talk/?age=teen'
    """
    site = urlsplit(settings.SITE_URL)
    try:
        parts = urlsplit(urljoin(f"{settings.SITE_URL}{page}", link))
    except ValueError:
        return None
    if (parts.scheme, parts.netloc) != (site.scheme, site.netloc):
        return None
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def wanted(address: str) -> str:
    """The address of the page that a copy has for an address of the site: the same, or with less of a question."""
    path, _, query = address.partition("?")
    try:
        asks = ASKS.get(resolve(path).view_name)
    except Resolver404:
        return path
    answer = dict(parse_qsl(query)).get(asks, "")
    return f"{path}?{asks}={answer}" if PLAIN_ANSWER.fullmatch(answer) else path


def in_copy(address: str) -> str:
    """Where a copy has the page of an address that is ``wanted``: ``/talk/?age=teen`` → ``/talk/age/teen/``."""
    path, _, query = address.partition("?")
    name, _, answer = query.partition("=")
    return f"{path}{name}/{answer}/" if query else path


def file_of(address: str) -> str | None:
    """The file of an address in a copy, without a slash in front; None for a path that no file should have."""
    path = in_copy(address)
    if not path.startswith("/") or not PLAIN_PATH.fullmatch(path):
        return None
    return f"{path}index.html".lstrip("/") if path.endswith("/") else path.lstrip("/")
