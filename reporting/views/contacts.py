"""Pages of the directory: one authority, its card and poster, the national services."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from reporting import national as services
from reporting import places, presenters
from reporting.models import Authority, Means
from safety_site.freshness import Mode, current_mode, holds_until
from safety_site.paging import page_of
from safety_site.viewing import moment
from safety_site.vocabulary import Audience


@require_safe
def authority(request: HttpRequest, slug: str) -> HttpResponse:
    place = places.place(slug, 1)
    page = page_of(request, place.others, places.SERVICES_ON_PAGE)
    if page.number > 1:
        place = places.place(slug, page.number)
    # A kept page is shown for longer than a minute, so it tells the day alone.
    says_clock = current_mode() is Mode.NOW
    plan = presenters.call_plan(place.team, moment(), place.calendar, says_clock=says_clock)
    holds_until(plan.changes_at)
    context = {"place": place, "plan": plan, "page": page, "is_matched": "matched" in request.GET}
    response = render(request, "reporting/authority.html", context)
    if request.GET.keys() - {"page"}:
        # Reached from a search for a postcode: search engines must not send other people to this answer.
        response.headers["X-Robots-Tag"] = "noindex"
    return response


def _paper(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    name, numbers = places.paper(slug, f"print-{kind}")
    context = {"name": name, "url": reverse("reporting:authority", args=[slug]), "numbers": numbers}
    response = render(request, f"reporting/{kind}.html", context)
    if request.GET:
        response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def authority_card(request: HttpRequest, slug: str) -> HttpResponse:
    return _paper(request, slug, "card")


@require_safe
def authority_poster(request: HttpRequest, slug: str) -> HttpResponse:
    return _paper(request, slug, "poster")


@require_safe
def authority_vcard(request: HttpRequest, slug: str) -> HttpResponse:
    """The numbers of children's services; where we know none, the national helplines."""
    response = HttpResponse(places.vcard(slug), content_type="text/vcard; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}.vcf"'
    return response


@require_safe
def national(request: HttpRequest) -> HttpResponse:
    audience, means = request.GET.get("for", ""), request.GET.get("by", "")
    audience = audience if audience in Audience.values else ""
    means = means if means in Means.values else ""
    query = "&".join(f"{name}={value}" for name, value in (("for", audience), ("by", means)) if value)
    page = page_of(request, services.count(audience, means), services.SERVICES_ON_PAGE, query)
    context = {
        "services": services.services(audience, means, page.number),
        "page": page,
        "audiences": Audience.choices,
        "audience": audience,
        "all_means": Means.choices,
        "means": means,
    }
    return render(request, "reporting/national.html", context)


def live_pages() -> list[Authority]:
    """Every authority that has a page of its own now, for the sitemap."""
    return list(Authority.objects.in_force())
