"""The guided way to report: what has happened, what to do now, whom to contact; and reporting on each platform.

Nothing is posted and nothing is kept: each answer is a link.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reporting import concern_presenters
from reporting.models import ConcernEdition, ContactEdition, PlatformRoute
from safety_site.editions import oldest_check
from safety_site.moved import gone
from safety_site.vocabulary import Audience


@require_safe
def report(request: HttpRequest) -> HttpResponse:
    concerns = list(ConcernEdition.objects.live().select_related("concern"))
    context = {
        "urgencies": concern_presenters.by_urgency(concerns),
        "audiences": Audience.choices,
        "audience": concern_presenters.audience_of(request.GET.get("for", "")),
        "check": oldest_check(concerns),
    }
    return render(request, "reporting/report.html", context)


@require_safe
def concern(request: HttpRequest, slug: str) -> HttpResponse:
    edition = ConcernEdition.objects.live().for_page().filter(concern__slug=slug).first()
    if edition is None:
        return gone(request, ConcernEdition.objects, slug)
    audience = concern_presenters.audience_of(request.GET.get("for", ""))
    routes = edition.routes.all()
    live = ContactEdition.objects.live().open_services().for_page().filter(contact__in=[r.contact_id for r in routes])
    context = {
        "edition": edition,
        "audiences": Audience.choices,
        "audience": audience,
        "points": concern_presenters.points_for(edition, audience),
        "contacts": concern_presenters.contacts_for(routes, live, audience),
    }
    return render(request, "reporting/concern.html", context)


@require_safe
def platforms(request: HttpRequest) -> HttpResponse:
    routes = concern_presenters.platforms_in_order(PlatformRoute.objects.live().for_page())
    return render(request, "reporting/platforms.html", {"platforms": routes, "check": oldest_check(routes)})


def live_concerns() -> list[ConcernEdition]:
    """Every worry that has a page now, for the sitemap."""
    return list(ConcernEdition.objects.live().select_related("concern"))
