"""Worries, and how to report on each app or game."""

from django import forms
from django.contrib import admin
from django.db.models import F, OuterRef, Subquery

from reporting.models import (
    Concern,
    ConcernEdition,
    ConcernPoint,
    ConcernRoute,
    ContactEdition,
    PlatformLink,
    PlatformRoute,
    ReportingContact,
)
from safety_site.admin_editions import EditionAdmin, FoundRowAdmin, RoomForWords, ShortPartInline, ThingAdmin
from safety_site.newsroom.suggesting import SuggestingAdmin


@admin.register(Concern)
class ConcernAdmin(ThingAdmin):
    slug_can_change = False  # a value of vocabulary.Concern


class PointInline(ShortPartInline):
    model = ConcernPoint
    verbose_name, verbose_name_plural = "point", "signs, what to do now, what not to do"
    readers_see = "Three lists, each in this order: the signs, “Do this now” and “Do not do this”."


class ContactChosen(forms.ModelChoiceField):
    """A contact by the name that readers know it by; its slug where readers do not see it."""

    def label_from_instance(self, contact: ReportingContact) -> str:
        return contact.live_name or f"{contact.slug} (readers do not see it)"


class RouteInline(ShortPartInline):
    model = ConcernRoute
    verbose_name, verbose_name_plural = "contact", "who to contact, in this order"
    readers_see = "The contacts with their numbers, as they stand on their own pages."
    help_texts = {"why": "Why them. Readers see it in place of what the contact is for."}

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "contact":
            names = ContactEdition.objects.live().filter(contact=OuterRef("pk")).values("name")[:1]
            named = ReportingContact.objects.annotate(live_name=Subquery(names)).order_by(
                F("live_name").asc(nulls_last=True), "slug"
            )
            kwargs = {"form_class": ContactChosen, "queryset": named, **kwargs}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(ConcernEdition)
class ConcernEditionAdmin(EditionAdmin):
    screen = [
        ("At the top of the page", ["concern", "urgency", "title", "summary", "speaks_to", "order"]),
        PointInline,
        RouteInline,
        ("Who to contact", ["local_first"]),
        ("At the end of the page", ["keep", "after_report", "anonymity"]),
    ]
    help_texts = {
        "concern": "The worry, for ever: its address ends in this name.",
        "title": "As a family would say it. Readers see it as the heading and in the list of worries.",
        "summary": "Readers see it under the heading and in the list of worries.",
        "urgency": "Readers see it above the heading.",
        "order": "Its place in the list of worries; most urgent first.",
        "local_first": "On: readers are offered their council’s number before the national ones.",
        "keep": "Readers see it under “What to keep, and what never to copy”.",
        "after_report": "Readers see it under “What happens after you report”.",
        "anonymity": "Readers see it under “Can I stay anonymous?”.",
    }
    list_filter = [*EditionAdmin.list_filter, "urgency"]
    search_fields = ["title", "summary", "concern__slug", "points__words"]


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
