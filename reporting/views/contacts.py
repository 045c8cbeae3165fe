"""Pages of the directory: one authority, its card and poster, the national services."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from reporting import presenters, vcards
from reporting.directory import calendar_of
from reporting.models import Authority, ContactEdition, Kind, Means, Tier
from safety_site.freshness import Mode, current_mode, holds_until
from safety_site.viewing import moment
from safety_site.vocabulary import Audience

# The official finder of a council, for England only. Facts compiled on 21 November 2026.
OFFICIAL_FINDER = "https://www.gov.uk/report-child-abuse-to-local-council"


def _authority(slug: str) -> Authority:
    related = ("children_services", "succeeded_by")
    return get_object_or_404(Authority.objects.select_related(*related), slug=slug)


def _local_help(authority: Authority) -> presenters.LocalHelp:
    editions = ContactEdition.objects.live().for_place(authority).for_page()
    # A kept page is shown for longer than a minute, so it tells the day alone.
    says_clock = current_mode() is Mode.NOW
    return presenters.local_help(authority, editions, moment(), calendar_of(authority), says_clock=says_clock)


def _page(request: HttpRequest, slug: str, template: str, *, tells_now: bool = False) -> HttpResponse:
    place = _authority(slug)
    local = _local_help(place)
    if tells_now:
        holds_until(local.plan.changes_at)
    context = {
        "authority": place,
        "help": local,
        "is_matched": "matched" in request.GET,
        "is_context_only": presenters.is_context_only(place),
        "trusts": Authority.objects.in_force().filter(tier=Tier.HEALTH_TRUST)
        if presenters.is_northern_irish_council(place)
        else (),
        "official_finder": OFFICIAL_FINDER,
    }
    response = render(request, template, context)
    if request.GET:
        # Reached from a search for a postcode: search engines must not send other people to this answer.
        response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def authority(request: HttpRequest, slug: str) -> HttpResponse:
    return _page(request, slug, "reporting/authority.html", tells_now=True)


@require_safe
def authority_card(request: HttpRequest, slug: str) -> HttpResponse:
    return _page(request, slug, "reporting/card.html")


@require_safe
def authority_poster(request: HttpRequest, slug: str) -> HttpResponse:
    return _page(request, slug, "reporting/poster.html")


@require_safe
def authority_vcard(request: HttpRequest, slug: str) -> HttpResponse:
    """The numbers of children's services; where we know none, the national helplines."""
    place = _authority(slug)
    editions = list(ContactEdition.objects.live().for_place(place).for_page())
    local = [edition for edition in editions if edition.kind in (Kind.FRONT_DOOR, Kind.OUT_OF_HOURS)]
    helplines = [edition for edition in editions if edition.kind == Kind.HELPLINE]
    text = vcards.vcards(local or helplines, settings.SITE_URL + place.get_absolute_url())
    response = HttpResponse(text, content_type="text/vcard; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{place.slug}.vcf"'
    return response


@require_safe
def national(request: HttpRequest) -> HttpResponse:
    audience, means = request.GET.get("for", ""), request.GET.get("by", "")
    services = ContactEdition.objects.live().beyond_councils().for_page()
    chosen = services.open_services()
    if audience in Audience.values:
        chosen = chosen.for_audience(audience)
    if means in Means.values:
        chosen = chosen.reachable_by(means)
    context = {
        "groups": presenters.by_kind(chosen),
        "closed": services.filter(kind=Kind.CLOSED),
        "audiences": Audience.choices,
        "audience": audience if audience in Audience.values else "",
        "all_means": Means.choices,
        "means": means if means in Means.values else "",
    }
    return render(request, "reporting/national.html", context)


def live_pages() -> list[Authority]:
    """Every authority that has a page of its own now, for the sitemap."""
    return list(Authority.objects.in_force())
