"""The directory as open data: a page about it, the CSV file, and what every answer to a machine has.

The answers go to machines on any site, so they say that anybody may read them. They are not for a browser's
cache all the same: a widget on some other page would leave our words on a family's disk. Whoever asks again
sends the ETag back; a shared cache in front of the site may keep an answer for five minutes.
"""

import csv
import time
from collections.abc import Callable, Iterator
from datetime import date
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from reporting import open_csv, open_referral_queries
from reporting.models import ContactEdition
from reporting.open_referral_openapi import LICENCE
from reporting.open_referral_parameters import MOST_PER_PAGE, BadParameter, wanted
from safety_site.checks import Check
from safety_site.rate_limit import RateLimit, address_of

# The words of the page stand in its template; they were read against the code on this day.
WORDS_OF_THE_PAGE = Check(date(2026, 11, 22), "the site’s founding team", date(2027, 2, 22))

METHODS = "GET, HEAD, OPTIONS"
CSV_HEADERS = {"Content-Disposition": 'attachment; filename="hearthside-contacts.csv"', "X-Robots-Tag": "noindex"}
_limit = RateLimit("open-data")


def requests_per_minute() -> int:
    return getattr(settings, "OPEN_DATA_PER_MINUTE", 120)


@require_safe
def about_open_data(request: HttpRequest) -> HttpResponse:
    """What there is, how to load it, and whom to name."""
    context = {
        "columns": open_csv.COLUMNS.items(),
        "licence": LICENCE,
        "per_minute": requests_per_minute(),
        "most_per_page": MOST_PER_PAGE,
        "site_url": settings.SITE_URL,
        "check": WORDS_OF_THE_PAGE,
    }
    return render(request, "reporting/open_data.html", context)


# --- What every answer to a machine has -----------------------------------------------------------------


class NoAnswer(Exception):
    """There is nothing to send; the message says why in plain English."""

    def __init__(self, status: int, sentence: str):
        super().__init__(sentence)
        self.status = status


def _for_anybody(response: HttpResponseBase) -> HttpResponseBase:
    """Pages on other sites may read this. No cookie of ours goes along, so there is nothing to protect."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "ETag, Last-Modified, Retry-After"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _problem(status: int, sentence: str, **more: str) -> JsonResponse:
    return JsonResponse({"status": status, "error": sentence, **more}, status=status)


def _too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    sentence = f"Too many requests from your address. Please wait {seconds} seconds."
    if request.get_preferred_type(["application/json", "text/html"]) == "text/html":
        context = {"seconds": seconds}
        response = render(request, "reporting/too_many_requests.html", context, status=429)
    else:
        response = _problem(429, sentence)
    response.headers["Retry-After"] = str(seconds)
    response.headers["Vary"] = "Accept"
    return response


def for_machines(view: Callable[..., HttpResponseBase]):
    """GET, HEAD and OPTIONS from anywhere, within the limit; what cannot be answered gets a plain sentence.

    Not protected against forged forms, since it changes nothing and knows nobody; the protection would only
    answer other methods with a page of HTML.
    """

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, **kwargs: str) -> HttpResponseBase:
        if request.method == "OPTIONS":
            headers = {
                "Allow": METHODS,
                "Access-Control-Allow-Methods": METHODS,
                "Access-Control-Allow-Headers": "If-None-Match, If-Modified-Since",
                "Access-Control-Max-Age": "86400",
            }
            return _for_anybody(HttpResponse(status=204, headers=headers))
        if request.method not in ("GET", "HEAD"):
            response = _problem(405, "You can only read here. Use GET.")
            response.headers["Allow"] = METHODS
            return _for_anybody(response)
        if seconds := _limit.wait(address_of(request), time.time(), requests_per_minute()):
            return _for_anybody(_too_many(request, seconds))
        try:
            response = view(request, **kwargs)
        except BadParameter as problem:
            response = _problem(400, str(problem), parameter=problem.name)
        except NoAnswer as problem:
            response = _problem(problem.status, str(problem))
        return _for_anybody(response)

    return answer


def if_changed(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """304 in place of an answer that whoever asks has already."""
    modified = open_referral_queries.newest_change().timestamp()
    response.headers["Last-Modified"] = http_date(modified)
    response.headers["CDN-Cache-Control"] = "public, max-age=300"
    etag = response.headers.get("ETag")
    return get_conditional_response(request, etag=etag, last_modified=int(modified), response=response)


# --- CSV ------------------------------------------------------------------------------------------------


class _Line:
    """Lets the csv module write one line at a time into nothing but its own answer."""

    def write(self, text: str) -> str:
        return text


def _csv_lines() -> Iterator[str]:
    editions = ContactEdition.objects.live().open_services().for_page().order_by("contact__slug")
    writer = csv.writer(_Line())
    # The mark in front tells spreadsheets that it is UTF-8; without it they garble every curly quote.
    yield "\ufeff"
    yield from map(writer.writerow, open_csv.rows(editions.iterator(chunk_size=500)))


@for_machines
def contacts_csv(request: HttpRequest) -> HttpResponseBase:
    """Every live contact, one row for each number or other way; written out while it is read."""
    wanted({name: request.GET.getlist(name) for name in request.GET}, ())
    lines = _csv_lines() if request.method == "GET" else ()
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=CSV_HEADERS)
    return if_changed(request, response)
