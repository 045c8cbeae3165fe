"""What every response gets, and plain words for requests that we refuse."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from safety_site import errors, unchanged
from safety_site.front_pages import PERMISSIONS_POLICY

# Longer than any address that the site itself makes: a plan with every box ticked has some 2,500 characters.
LONGEST_QUERY_STRING = 4_000
# More than any form for readers sends. What is sent is not looked at, so it is not read either.
MOST_BYTES_OF_READERS = 1_000_000


def private_responses(get_response):
    """No page is kept on disk by the browser, and no other site may embed or use what we send.

    Static files keep their own cache header: their names say nothing about what was read.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # Django sets these four, but not where a layer between here and its own answers: too much sent, an address too
        # long, a page in the place of an empty 405, the host refused of a request that should have been https.
        response.headers.setdefault("Referrer-Policy", settings.SECURE_REFERRER_POLICY)
        response.headers.setdefault("Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        if response.headers.get("Content-Encoding") == "identity":
            # Said by uploads, so that the layers within leave their bytes alone; to browsers it goes without saying.
            del response.headers["Content-Encoding"]
        if not errors.is_for_editors(request):
            # A broken cookie (of an editor, or planted) makes Django send a new one on any page.
            response.cookies.clear()
        return response

    return middleware


def one_page(get_response):
    """What several parts of a page need is read once, whatever this process knows (``unchanged.py``)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with unchanged.for_one_page():
            return get_response(request)

    return middleware


def _bytes_to_come(request: HttpRequest) -> int:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() else 0


def plain_refusals(get_response):
    """Requests that no page makes get a page in plain English instead of an empty answer."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if len(request.META.get("QUERY_STRING", "")) > LONGEST_QUERY_STRING:
            return errors.address_too_long(request)
        if not errors.is_for_editors(request) and _bytes_to_come(request) > MOST_BYTES_OF_READERS:
            return errors.too_much_sent(request)
        response = get_response(request)
        if response.status_code == 405 and not response.content:
            return errors.method_not_allowed(request, allowed=response.headers.get("Allow", ""))
        return response

    return middleware
