"""Control guides."""

from django.contrib import admin

from guidance.admin.things import GuidanceThingAdmin
from guidance.models import ControlGuide, ControlGuideEdition, ControlStep, ControlUse
from safety_site.admin_editions import EditionAdmin, ShortPartInline

admin.site.register(ControlGuide, GuidanceThingAdmin)


class UseInline(ShortPartInline):
    model = ControlUse
    verbose_name, verbose_name_plural = "use", "what it does"
    readers_see = "A list with ticks under “What it does”."


class StepInline(ShortPartInline):
    model = ControlStep
    verbose_name, verbose_name_plural = "step", "set it up"
    readers_see = "Numbered steps under “Set it up”."
    help_texts = {"words": "One thing to do, with the names of the menus. Readers see the number before it."}


@admin.register(ControlGuideEdition)
class ControlGuideEditionAdmin(EditionAdmin):
    screen = [
        ("At the top of the page", ["guide", "provider", "family", "summary", "control", "where_set"]),
        UseInline,
        StepInline,
        ("What it cannot do", ["limits"]),
        ("At the end of the page", ["official_page", "official_page_is_confirmed", "related_guides"]),
    ]
    help_texts = {
        "guide": "The provider or device, for ever: its address ends in this name.",
        "provider": "As families call it, for example “BT”. Readers see “BT: parental controls” as the heading.",
        "family": "The group in which readers find it, with its drawing.",
        "summary": "Readers see it under the heading, in lists and in search results.",
        "control": "What the provider calls it. Readers see it beside “Its name”.",
        "where_set": "The app, account or menu. Readers see it beside “Where to set it”.",
        "limits": "Readers see it in a warning panel: what it misses, and how children get round it.",
        "official_page": "Readers see a link “official help page”. Starts with https.",
        "official_page_is_confirmed": "Off: readers see “(link not confirmed)” beside it.",
        "related_guides": "Readers see them under “Set these too”.",
    }
    list_filter = [*EditionAdmin.list_filter, "family"]
    search_fields = ["provider", "control", "guide__slug"]
    filter_horizontal = ["related_guides"]
