"""Addresses for search engines: public pages only, never the exit."""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from guidance.views import live_pages
from reporting import views as reporting
from safety_site import unchanged
from safety_site.vocabulary import Audience


class PublicAddresses(Sitemap):
    """Addresses that begin with SITE_URL, whatever host the request asked for."""

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site=None) -> str:
        return urlsplit(settings.SITE_URL).netloc


class Pages(PublicAddresses):
    """Every page that is not one thing's own."""

    def items(self) -> list[str]:
        guidance = ("topic-list", "app-list", "app-compare", "control-list", "talk", "law", "figures", "old-names")
        names = ("home", "finder", "plan", *(f"guidance:{name}" for name in guidance))
        who_to_call = ("report", "platforms", "contact-list", "find", "national", "open-data")
        about = ("leaving-no-trace", "about", "privacy", "accessibility")
        audiences = (reverse("guidance:for-audience", args=[audience]) for audience in Audience.values)
        calls = (reverse(f"reporting:{name}") for name in who_to_call)
        return [*map(reverse, names), *calls, *audiences, *map(reverse, about)]

    def location(self, item: str) -> str:
        return item


class Guidance(PublicAddresses):
    """One page for each thing that has a live edition."""

    def items(self):
        return live_pages()


class WhoToCall(PublicAddresses):
    """Every worry, and every authority that exists."""

    def items(self):
        return [*reporting.live_concerns(), *reporting.live_pages()]


@require_safe
def sitemap_xml(request: HttpRequest) -> HttpResponse:
    """All addresses, made once while the content is unchanged; ``?p=2`` where there are more than one file may have."""
    page = request.GET.get("p", "1")
    if not re.fullmatch("[1-9][0-9]{0,3}", page):
        raise Http404

    def make() -> str:
        return sitemap(request, SITEMAPS).render().text  # Http404 for a page that is not there

    response = HttpResponse(unchanged.kept.get(("sitemap", page), make), content_type="application/xml")
    response.headers["X-Robots-Tag"] = "noindex, noodp, noarchive"
    return response


SITEMAPS = {"pages": Pages, "guidance": Guidance, "who-to-call": WhoToCall}
