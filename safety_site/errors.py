"""Pages for when something went wrong. Each says what to do next, shows 999 and the way out.

They read no database, so that they work when it does not. The page for 500 is a file without template tags.
"""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.csrf import requires_csrf_token

from safety_site import quick_exit
from safety_site.newsroom.posted_texts import texts_to_copy
from safety_site.newsroom.saving_pages import keep_what_was_sent
from safety_site.paging import NoSuchPage


def _page(request: HttpRequest, status: int) -> HttpResponse:
    return render(request, f"{status}.html", status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent) and is_for_editors(request):
        return render(request, "newsroom/too_long.html", status=413)
    return _page(request, 400)


@requires_csrf_token
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 403)


def is_for_editors(request: HttpRequest) -> bool:
    return request.path_info.startswith(f"/{settings.ADMIN_PATH}/")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """An editor's form was open for too long; no other page takes a form at all.

    It is so after signing in again in another tab, for example. What was typed is kept by the form's own key, and
    the form is opened anew, by way of the login where that is needed.
    """
    if is_for_editors(request):
        return HttpResponseRedirect(request.path) if keep_what_was_sent(request) else _page(request, 403)
    return method_not_allowed(request, allowed="GET, HEAD")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    context = {"start_of_list": exception.start} if isinstance(exception, NoSuchPage) else {}
    return render(request, "404.html", context, status=404)


def method_not_allowed(request: HttpRequest, allowed: str) -> HttpResponse:
    response = _page(request, 405)
    response.headers["Allow"] = allowed
    return response


def address_too_long(request: HttpRequest) -> HttpResponse:
    return _page(request, 414)


def too_many_requests(request: HttpRequest, seconds: int) -> HttpResponse:
    """Somebody asked too often, and may ask again after so many seconds."""
    response = render(request, "429.html", {"seconds": seconds}, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response


# What does not work, by the name of the address: 503.html has words for each, and gives back what was typed.
WHAT_IS_AWAY = {
    "reporting:find": "find",
    "search": "search",
    "plan": "choices",
    "finder": "choices",
    "guidance:app-compare": "choices",
}
# A postcode, or the words of a search: as much as the boxes of the site take.
LONGEST_TYPED = 200


def _for_the_box(typed: str) -> str:
    return "".join(each if each.isprintable() else " " for each in typed[:LONGEST_TYPED])


def unavailable(request: HttpRequest) -> HttpResponse:
    """The database does not answer. What was typed is given back, and kept nowhere: browsers may have forgotten it."""
    context = {"is_for_editors": is_for_editors(request), "is_read": request.method in ("GET", "HEAD")}
    if context["is_for_editors"]:
        context["texts"] = texts_to_copy(request) if request.method == "POST" else ()
    else:
        what = WHAT_IS_AWAY.get(request.resolver_match.view_name, "") if request.resolver_match else ""
        if what == "choices" and not request.GET:
            what = ""
        context |= {"what": what, "keeps_pages": settings.PAGE_STORE}
        context["form"] = {"postcode": {"value": _for_the_box(request.POST.get("postcode", ""))}}
        context["typed"] = _for_the_box(request.GET.get("q", ""))
    response = render(request, "503.html", context, status=503)
    response.headers["Retry-After"] = "30"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def too_much_sent(request: HttpRequest) -> HttpResponse:
    return _page(request, 413)


def login_name(request: HttpRequest, credentials: dict | None = None) -> str:
    """The name that a failed login is counted under: cut to what the column of django-axes holds."""
    return ((credentials or request.POST).get("username") or "")[:255]


def server_error(request: HttpRequest) -> HttpResponse:
    """A page without tags or queries, since either may be what failed."""
    return HttpResponse(render_to_string("500.html", quick_exit.context(request)), status=500)
