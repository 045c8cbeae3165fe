"""Control guides."""

from django.contrib import admin

from guidance.admin.things import GuidanceThingAdmin
from guidance.models import ControlGuide, ControlGuideEdition, ControlStep, ControlUse
from safety_site.admin_editions import EditionAdmin, ShortPartInline

admin.site.register(ControlGuide, GuidanceThingAdmin)


class UseInline(ShortPartInline):
    model = ControlUse


class StepInline(ShortPartInline):
    model = ControlStep


@admin.register(ControlGuideEdition)
class ControlGuideEditionAdmin(EditionAdmin):
    own_fields = [
        "guide",
        ("provider", "control"),
        "family",
        "summary",
        "where_set",
        "limits",
        ("official_page", "official_page_is_confirmed"),
        "related_guides",
    ]
    list_filter = [*EditionAdmin.list_filter, "family"]
    search_fields = ["provider", "control", "guide__slug"]
    filter_horizontal = ["related_guides"]
    inlines = [UseInline, StepInline]
