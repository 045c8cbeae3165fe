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


class RiskInline(ShortPartInline):
    model = AppRisk
    verbose_name, verbose_name_plural = "risk", "what to worry about"
    readers_see = "The first three stand at the top of the page, the others further down. Most serious first."


class SettingInline(PartInline):
    model = SettingStep
    verbose_name, verbose_name_plural = "setting", "settings to change, in this order"
    readers_see = "The first three stand at the top of the page; all of them follow with their menus."
    help_texts = {
        "setting": "What to change, for example “Make the account private”.",
        "path": "Menu by menu, with > between. Readers see it under the setting.",
        "as_of": "When a person saw the menu so, for example “October 2026”. Empty: “We could not confirm the date”.",
        "note": "Readers see it after the menus.",
    }


class RatingInline(PartInline):
    model = AppRating
    verbose_name, verbose_name_plural = "rating", "ages and ratings by others"
    readers_see = "Rows under “Ages and ratings”, after the minimum age."


class DefaultInline(PartInline):
    model = AppDefault
    verbose_name, verbose_name_plural = "age group", "how private it is at the start"
    readers_see = "A row for each age group."
    help_texts = {"what": "What that means. Readers see it under the setting."}


class FeatureInline(ShortPartInline):
    model = AppFeature
    verbose_name, verbose_name_plural = "feature", "what it has"
    readers_see = "Grouped into yes, depends and no. What is not listed here is shown as “We could not confirm”."


class StepInline(ShortPartInline):
    model = AppStep
    verbose_name, verbose_name_plural = "step", "how to report and block"
    readers_see = "Two lists, “Report” and “Block”, each in this order."


class UpdateInline(ShortPartInline):
    model = AppUpdate
    verbose_name, verbose_name_plural = "change", "what changed in the UK"
    readers_see = "Rows with their dates."


class StarterInline(ShortPartInline):
    model = AppStarter
    verbose_name, verbose_name_plural = "starter", "words to begin with"
    readers_see = "Quotations under “Words to begin with”."
    help_texts = {"words": "What to say, as it would be said."}


class LinkInline(ShortPartInline):
    model = AppLink
    verbose_name, verbose_name_plural = "official page", "official pages"
    readers_see = "Links at the end of the page, each with the name of its site."


class ConfidenceInline(ShortPartInline):
    model = AppConfidence
    verbose_name, verbose_name_plural = "part", "how sure we are"
    readers_see = "Readers see only what is low: “We are least sure of …”."


@admin.register(AppProfileEdition)
class AppProfileEditionAdmin(EditionAdmin):
    screen = [
        ("At the top of the page", ["profile", "kind", "owner", "name", "summary", "age_bands"]),
        ("Whether it still works", ["status", "status_since", "status_note"]),
        RiskInline,
        SettingInline,
        ("What children do there", ["description"]),
        ("Minimum age", ["minimum_age", "minimum_age_as_of", "minimum_age_note"]),
        RatingInline,
        DefaultInline,
        FeatureInline,
        ("Below the features", ["features_note"]),
        StepInline,
        ("Family tool", ["family_tool_name", "family_tool_does"]),
        UpdateInline,
        ("Good to know", ["shared_notes"]),
        StarterInline,
        LinkInline,
        ConfidenceInline,
        ("Similar apps", ["related_apps"]),
    ]
    help_texts = {
        "profile": "The app or game, for ever: its address ends in this name.",
        "name": "Readers see it as the heading of the page and in lists.",
        "kind": "Readers see it above the heading, with its drawing.",
        "owner": "Readers see “made by …”.",
        "summary": "What it is, in one or two sentences. Readers see them under the name and in lists.",
        "age_bands": "Readers find the app on the pages of these ages.",
        "status": "A closed app gets a notice at the top in place of the settings for today.",
        "status_since": "For example “October 2021”. Readers see “It has been closed since …”.",
        "status_note": "Readers see it in the notice at the top.",
        "minimum_age": "In years, as its own terms require. Empty: readers see “not confirmed”.",
        "minimum_age_as_of": "When a person read the terms, for example “October 2026”. Readers see it beside the age.",
        "minimum_age_note": "Readers see it under the age.",
        "features_note": "Readers see it under the list of features.",
        "family_tool_name": "Empty: readers see that it has no family tool that we know of.",
        "family_tool_does": "What a parent can see or set with it.",
        "shared_notes": "Facts that several pages tell in the same words. Readers open them under “Good to know”.",
        "related_apps": "Readers see them under “Similar apps”.",
    }
    list_filter = [*EditionAdmin.list_filter, "kind", "status"]
    search_fields = ["name", "summary", "profile__slug", "description"]
    filter_horizontal = ["related_apps", "shared_notes"]
