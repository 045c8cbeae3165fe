"""Addresses for search engines: public pages only, never the exit."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from guidance.views import live_pages
from reporting import views as reporting
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


SITEMAPS = {"pages": Pages, "guidance": Guidance, "who-to-call": WhoToCall}
