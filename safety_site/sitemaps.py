"""Addresses for search engines: public pages only, never the exit."""

from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from guidance.views import live_pages
from safety_site.vocabulary import Audience


class Pages(Sitemap):
    """Every page that is not one thing's own."""

    def items(self) -> list[str]:
        names = ("home", "guidance:topic-list", "guidance:app-list", "guidance:control-list", "guidance:talk")
        about = ("leaving-no-trace", "about", "privacy", "accessibility")
        audiences = (reverse("guidance:for-audience", args=[audience]) for audience in Audience.values)
        return [*map(reverse, names), *audiences, *map(reverse, about)]

    def location(self, item: str) -> str:
        return item


class Guidance(Sitemap):
    """One page for each thing that has a live edition."""

    def items(self):
        return live_pages()


SITEMAPS = {"pages": Pages, "guidance": Guidance}
