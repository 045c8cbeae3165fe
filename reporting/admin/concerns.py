"""Worries, and how to report on each app or game."""

from django.contrib import admin

from reporting.models import Concern, ConcernEdition, ConcernPoint, ConcernRoute, PlatformLink, PlatformRoute
from safety_site.admin_editions import EditionAdmin, FoundRowAdmin, RoomForWords, ShortPartInline, ThingAdmin
from safety_site.newsroom.suggesting import SuggestingAdmin

admin.site.register(Concern, ThingAdmin)


class PointInline(ShortPartInline):
    model = ConcernPoint


class RouteInline(ShortPartInline):
    model = ConcernRoute


@admin.register(ConcernEdition)
class ConcernEditionAdmin(EditionAdmin):
    own_fields = [
        "concern",
        "title",
        "summary",
        ("urgency", "order"),
        ("speaks_to", "local_first"),
        "after_report",
        "anonymity",
        "keep",
    ]
    list_filter = [*EditionAdmin.list_filter, "urgency"]
    search_fields = ["title", "summary", "concern__slug", "points__words"]
    inlines = [PointInline, RouteInline]


class PlatformLinkInline(RoomForWords, admin.TabularInline):
    model = PlatformLink
    extra = 0


@admin.register(PlatformRoute)
class PlatformRouteAdmin(SuggestingAdmin, RoomForWords, FoundRowAdmin):
    list_display = ["name", "kind", "closed", "is_published", "checked_on", "review_by"]
    list_filter = ["is_published"]
    search_fields = ["name", "slug", "note"]
    inlines = [PlatformLinkInline]

    def get_readonly_fields(self, request, obj=None):
        return ["slug"] if obj else []

    def has_delete_permission(self, request, obj=None):
        # Unpublish instead: the loader of shipped content would bring a deleted one back.
        return False
