"""Which file an address of the site is in a mirror. A file server knows no question mark, so what stands behind one
becomes part of the path, where it makes a page of its own; anywhere else it is left out.
"""

import re
from functools import cache
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve

from safety_site.page_store.declared import RULES

# A postcode leads nobody here, so nobody is told that it did.
NEVER_ASKED = frozenset({"matched"})
PLAIN_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*|/\.well-known)*/?")
PLAIN_ANSWER = re.compile(r"[a-z0-9-]+")
MISSING = "/404.html"


def of_ours(link: str, page: str) -> str | None:
    """An address of this site as path and question, for a link on one of its pages; None for any other.

    >>> of_ours("?age=teen#help", "/talk/")
    '/talk/?age=teen'
    """
    site = urlsplit(settings.SITE_URL)
    # Python's urljoin takes "?" alone for the question that was asked already; to a browser it is none.
    page = page.partition("?")[0] if link.startswith("?") else page
    try:
        parts = urlsplit(urljoin(f"{settings.SITE_URL}{page}", link))
    except ValueError:
        return None
    if (parts.scheme, parts.netloc) != (site.scheme, site.netloc):
        return None
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


@cache
def _asked_at(path: str) -> tuple[str, ...]:
    """The names of what may be asked of the page at a path, in the order in which a copy has them.

    Which questions make a page of their own is declared for the page store.
    """
    try:
        route = resolve(path).view_name
    except Resolver404:
        return ()
    rule = RULES.get(route)
    names = set(rule.parameters if rule else ()) - NEVER_ASKED
    return tuple(sorted(names))


def wanted(address: str) -> str:
    """The address of the page that a copy has for an address of the site: the same, or with less of a question."""
    path, _, query = address.partition("?")
    if not query:
        return path
    said = dict(parse_qsl(query))
    asked = [f"{name}={said[name]}" for name in _asked_at(path) if PLAIN_ANSWER.fullmatch(said.get(name, ""))]
    return f"{path}?{'&'.join(asked)}" if asked else path


def in_copy(address: str) -> str:
    """Where a copy has the page of an address that is ``wanted``: ``/talk/?age=teen`` → ``/talk/age/teen/``."""
    path, _, query = address.partition("?")
    return path + "".join(f"{name}/{answer}/" for name, answer in parse_qsl(query))


def file_of(address: str) -> str | None:
    """The file of an address in a copy, without a slash in front; None for a path that no file should have."""
    path = in_copy(address)
    if not path.startswith("/") or not PLAIN_PATH.fullmatch(path):
        return None
    return f"{path}index.html".lstrip("/") if path.endswith("/") else path.lstrip("/")
