"""App and game profiles."""

from django.contrib import admin

from guidance.admin.things import GuidanceThingAdmin
from guidance.models import (
    AppConfidence,
    AppDefault,
    AppFeature,
    AppLink,
    AppProfile,
    AppProfileEdition,
    AppRating,
    AppRisk,
    AppStarter,
    AppStep,
    AppUpdate,
    SettingStep,
)
from safety_site.admin_editions import EditionAdmin, PartInline, ShortPartInline

admin.site.register(AppProfile, GuidanceThingAdmin)


def _inline(model, base=ShortPartInline):
    return type(f"{model.__name__}Inline", (base,), {"model": model})


@admin.register(AppProfileEdition)
class AppProfileEditionAdmin(EditionAdmin):
    own_fields = [
        "profile",
        ("name", "kind"),
        "owner",
        "summary",
        "description",
        ("status", "status_since"),
        "status_note",
        ("minimum_age", "minimum_age_as_of"),
        "minimum_age_note",
        "features_note",
        "family_tool_name",
        "family_tool_does",
        "age_bands",
        "related_apps",
        "shared_notes",
    ]
    list_filter = [*EditionAdmin.list_filter, "kind", "status"]
    search_fields = ["name", "summary", "profile__slug", "description"]
    filter_horizontal = ["age_bands", "related_apps", "shared_notes"]
    inlines = [
        _inline(AppRisk),
        _inline(SettingStep, PartInline),
        _inline(AppDefault, PartInline),
        _inline(AppFeature),
        _inline(AppStep),
        _inline(AppRating, PartInline),
        _inline(AppUpdate),
        _inline(AppStarter),
        _inline(AppLink),
        _inline(AppConfidence),
    ]
