"""Finding who to call: by postcode, or in the list of councils."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from reporting import directory
from reporting.forms import FindForm
from reporting.models import Authority, Nation, Tier
from reporting.postcodes import Outcome, Result
from safety_site.paging import page_of

SUGGESTIONS = 8


def _page(request: HttpRequest, template: str, status: int = 200, **context) -> HttpResponse:
    """With what every page of the finder has: the nations to list, and whose data it is."""
    context = {"nations": Nation.choices, "source": directory.source(), **context}
    return render(request, f"reporting/{template}.html", context, status=status)


def _named_like(typed: str) -> list[Authority]:
    """The authorities that somebody may mean who typed a name into the box for a postcode."""
    if not re.fullmatch(r"[^\W\d_]+(?:[ '’.&,-]+[^\W\d_]+)*", typed) or len(typed) < 3:
        return []
    return list(Authority.objects.named(typed)[:SUGGESTIONS])


def _is_certain(result: Result) -> bool:
    """Whether there is one answer and nothing to explain first."""
    if result.outcome == Outcome.OUTCODE:
        return result.is_live and not result.from_outcode
    return result.outcome == Outcome.FOUND


def _see_other(authority: Authority) -> HttpResponse:
    """The council's own page, which says that a postcode led there; the postcode goes no further."""
    return HttpResponse(status=303, headers={"Location": f"{authority.get_absolute_url()}?matched=1"})


def _answer(request: HttpRequest) -> HttpResponse:
    form = FindForm.typed(request.POST.get("postcode", ""))
    if not form.is_valid():
        suggestions = _named_like(form["postcode"].value().strip())
        return _page(request, "find", status=422, form=form, suggestions=suggestions)
    result = form.result
    if _is_certain(result):
        return _see_other(result.authority)
    context = {"form": form, "result": result}
    if result.outcome == Outcome.NORTHERN_IRELAND:
        context["trusts"] = directory.trusts(Authority.objects.in_force().filter(tier=Tier.HEALTH_TRUST))
    return _page(request, f"find_{result.outcome.name.lower()}", **context)


# Exempt: pages send no referrer, so browsers send "Origin: null"; and there is no session that a forged form
# could use, nor anything that it could change.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("postcode")
def find(request: HttpRequest) -> HttpResponse:
    """The form; or the answer to one postcode, which is no page for search engines."""
    if request.method != "POST":
        return _page(request, "find", form=FindForm())
    response = _answer(request)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def contact_list(request: HttpRequest) -> HttpResponse:
    nation = request.GET.get("nation", "")
    nation = nation if nation in Nation.values else ""
    page = page_of(
        request, directory.council_count(nation), directory.COUNCILS_ON_PAGE, f"nation={nation}" if nation else ""
    )
    return _page(
        request,
        "contact_list",
        form=FindForm(),
        councils=directory.council_list(nation, page.number),
        page=page,
        nation=Nation(nation) if nation else None,
    )
