"""The guided way to report: what has happened, what to do now, whom to contact; and reporting on each platform.

Nothing is posted and nothing is kept: each answer is a link.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reporting import concern_presenters, concerns
from reporting.models import ConcernEdition
from safety_site.moved import gone
from safety_site.paging import page_of
from safety_site.vocabulary import Audience


@require_safe
def report(request: HttpRequest) -> HttpResponse:
    worries = concerns.worries()
    context = {
        "urgencies": worries.by_urgency,
        "audiences": Audience.choices,
        "audience": concern_presenters.audience_of(request.GET.get("for", "")),
        "check": worries.check,
    }
    return render(request, "reporting/report.html", context)


@require_safe
def concern(request: HttpRequest, slug: str) -> HttpResponse:
    page = concerns.page(slug, concern_presenters.audience_of(request.GET.get("for", "")))
    if page is None:
        return gone(request, ConcernEdition.objects, slug)
    return render(request, "reporting/concern.html", {"concern": page})


@require_safe
def platforms(request: HttpRequest) -> HttpResponse:
    known = concerns.platforms()
    page = page_of(request, known.count, concerns.PLATFORMS_ON_PAGE)
    context = {"platforms": concerns.platform_list(page.number), "page": page, "check": known.check}
    return render(request, "reporting/platforms.html", context)


def live_concerns() -> list[ConcernEdition]:
    """Every worry that has a page now, for the sitemap."""
    return list(ConcernEdition.objects.live().select_related("concern"))
