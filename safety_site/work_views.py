"""The pages of the work list in the admin: its counts, one list, the same list as CSV."""

import csv

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from reporting.open_csv import safe_cell
from safety_site import work_list
from safety_site.work_desk import Desk, Row
from safety_site.work_list import WorkList

ROWS_ON_A_PAGE = 50
CSV_COLUMNS = ["list", "kind", "title", "what", "owner", "date", "pages", "address"]


def urls(site) -> list:
    """Patterns below the admin; the lists are for whoever may log in there."""
    view = site.admin_view
    return [
        path("work/<slug:slug>/", view(require_safe(one_list)), name="work-list"),
        path("work/<slug:slug>.csv", view(require_safe(one_list_as_csv)), name="work-list-csv"),
    ]


def _desk(request: HttpRequest) -> Desk:
    return Desk(request.user, only_mine=request.GET.get("mine") == "1")


def first_page(request: HttpRequest) -> dict:
    """What the first page of the admin shows: each list with its count; those with nothing on them last."""
    desk = _desk(request)
    lists = work_list.counted(desk)
    return {
        "work_now": [each for each in lists if each.count],
        "work_done": [each for each in lists if not each.count],
        "has_work_lists": bool(lists),
        "only_mine": desk.only_mine,
        "asks_mine": "?mine=1" if desk.only_mine else "",
    }


def _list_or_404(desk: Desk, slug: str) -> WorkList:
    found = next((each for each in work_list.LISTS if each.slug == slug), None)
    if found is None:
        raise Http404
    if not found.may_see(desk):
        raise PermissionDenied
    return found


def one_list(request: HttpRequest, slug: str) -> HttpResponse:
    """The rows of one list, fifty to a page. A page number that does not exist leads to the nearest one."""
    desk = _desk(request)
    about = _list_or_404(desk, slug)
    page = Paginator(about.rows(desk), ROWS_ON_A_PAGE).get_page(request.GET.get("p"))
    mine = {"mine": "1"} if desk.only_mine else {}
    context = {
        **admin.site.each_context(request),
        "title": about.title,
        "about": about,
        "page": page,
        "only_mine": desk.only_mine,
        "asks_mine": "?mine=1" if mine else "",
        "asks_page": "?mine=1&p=" if mine else "?p=",
    }
    return TemplateResponse(request, "newsroom/work_list.html", context)


def one_list_as_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """Every row of one list for a spreadsheet, which takes no cell for a formula."""
    desk = _desk(request)
    about = _list_or_404(desk, slug)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}-{timezone.localdate():%Y-%m-%d}.csv"'
    response.write("\ufeff")  # without it, a spreadsheet takes UTF-8 for something else
    writer = csv.writer(response)
    writer.writerow(CSV_COLUMNS)
    for row in about.rows(desk):
        writer.writerow([safe_cell(value) for value in _cells(request, about, row)])
    return response


def _cells(request: HttpRequest, about: WorkList, row: Row) -> list[str]:
    return [
        about.title,
        row.kind,
        row.title,
        row.what,
        row.owner,
        row.on.isoformat() if row.on else "",
        "; ".join(place.title for place in row.places),
        request.build_absolute_uri(row.url) if row.url else reverse("admin:index"),
    ]
