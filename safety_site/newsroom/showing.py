"""Readers' pages, shown to somebody who may see more than readers do: the same view functions and templates, marked.

Nothing but whole HTML pages is made this way. What is shown is never kept, never indexed, and never says that it is
what readers see now.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve

from safety_site.editions import Edition
from safety_site.viewing import viewing


@dataclass(frozen=True)
class Mark:
    """The bar over such a page."""

    title: str  # in a word or two: also begins the title of the page
    says: str  # what it is not
    words: str = ""
    small_print: str = ""
    back: str = ""  # an address for staff
    back_words: str = ""
    is_framed: bool = False  # in a frame of our own page of widths


class NotAPage(Exception):
    """The address answers with a file, a feed or a form that was sent: nothing to show another way."""


def view_at(path: str) -> Callable[[HttpRequest], HttpResponse]:
    """The readers' view at an address of this site; 404 where there is none."""
    try:
        match = resolve(path)
    except Resolver404:
        raise Http404 from None
    if match.app_names[:1] == ["admin"]:
        raise Http404
    return lambda request: match.func(request, *match.args, **match.kwargs)


def _whole_page(view, request: HttpRequest) -> HttpResponse:
    response = view(request)
    if hasattr(response, "render") and not response.is_rendered:
        response = response.render()
    if response.streaming:
        raise NotAPage  # nothing of it was read, so nothing is open
    if 300 <= response.status_code < 400:
        return response
    if not response.headers.get("Content-Type", "").startswith("text/html"):
        raise NotAPage
    return response


def show(view, request: HttpRequest, mark: Mark, **shown_as) -> HttpResponse:
    """What a readers' view answers, marked, inside ``viewing(**shown_as)``. A page that is not there is shown so."""
    request.mark = mark
    with viewing(**shown_as):
        try:
            response = _whole_page(view, request)
        except Http404:
            response = render(request, "404.html", status=404)
    return for_one_reader(response, mark)


def for_one_reader(response: HttpResponse, mark: Mark) -> HttpResponse:
    """The headers of a readers' page, and more: kept nowhere, found by no search engine, framed by us only."""
    response.is_for_readers = True
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    if mark.is_framed:
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        response = csp_replace({"frame-ancestors": ["'self'"]})(lambda: response)()
    return response


def show_edition(request: HttpRequest, edition: Edition, mark: Mark, on: int = 0) -> HttpResponse:
    """The page on which readers would find an edition, with that edition in the place of its thing.

    A withdrawal that would send readers on shows its reason here. ``on`` chooses among ``edition.pages()``.
    """
    pages = edition.pages()
    if not 0 <= on < len(pages):
        raise Http404
    response = show(view_at(urlsplit(pages[on]).path), request, mark, edition=edition)
    if 300 <= response.status_code < 400:
        if not edition.is_withdrawal:
            raise Http404
        response = for_one_reader(render(request, "gone.html", {"withdrawal": edition}), mark)
    if edition.is_withdrawal and response.status_code == 410:
        response.status_code = 200  # the preview is here; only the page that it shows is gone
    return response
