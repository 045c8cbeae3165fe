"""Topics and age bands."""

from django.contrib import admin

from guidance.admin.things import GuidanceThingAdmin
from guidance.models import (
    AgeBand,
    AgeBandFact,
    ConversationStarter,
    Fact,
    Resource,
    Section,
    Topic,
    TopicAudience,
    TopicEdition,
)
from safety_site.admin_editions import EditionAdmin, PartInline, ShortPartInline

admin.site.register(Topic, GuidanceThingAdmin)


class AudienceInline(ShortPartInline):
    model = TopicAudience


class SectionInline(PartInline):
    model = Section


class FactInline(PartInline):
    model = Fact


class StarterInline(PartInline):
    model = ConversationStarter


class ResourceInline(PartInline):
    model = Resource


@admin.register(TopicEdition)
class TopicEditionAdmin(EditionAdmin):
    own_fields = [
        "topic",
        "title",
        "summary",
        "area",
        "concern",
        "age_bands",
        "related_topics",
        "related_apps",
    ]
    list_filter = [*EditionAdmin.list_filter, "area", "age_bands"]
    search_fields = ["title", "summary", "topic__slug", "sections__heading", "sections__body"]
    filter_horizontal = ["age_bands", "related_topics", "related_apps"]
    inlines = [AudienceInline, SectionInline, FactInline, StarterInline, ResourceInline]


class AgeBandFactInline(admin.StackedInline):
    model = AgeBandFact
    extra = 0


@admin.register(AgeBand)
class AgeBandAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "age_from", "age_to"]
    inlines = [AgeBandFactInline]

    def get_readonly_fields(self, request, obj=None):
        return ["slug"] if obj else []

    def has_delete_permission(self, request, obj=None):
        return False
