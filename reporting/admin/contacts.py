"""Contacts: two people stand behind each number."""

from django.contrib import admin
from django.urls import reverse

from reporting.contact_sheet import ContactSheet
from reporting.models import (
    ClosedDay,
    ContactAudience,
    ContactEdition,
    ContactNation,
    OtherWay,
    Phone,
    ReportingContact,
)
from safety_site.admin_editions import EditionAdmin, PartInline, ShortPartInline, ThingAdmin
from safety_site.newsroom.rights import may
from safety_site.newsroom.sheet_admin import SheetAdmin

from .hours import PhoneForm, PhoneFormSet

admin.site.register(ReportingContact, ThingAdmin)


class AudienceInline(ShortPartInline):
    model = ContactAudience
    verbose_name, verbose_name_plural = "reader", "who may use it"
    readers_see = "These readers are offered this contact."


class NationInline(ShortPartInline):
    model = ContactNation
    verbose_name, verbose_name_plural = "nation", "nations where it helps"
    readers_see = "“Helps in …”, and who is offered it. Only for a contact that helps in some nations."


class PhoneInline(PartInline):
    """The numbers, each with its opening hours."""

    classes = []  # the heart of the page: always open
    model = Phone
    form = PhoneForm
    formset = PhoneFormSet
    folds = False
    row_template = "admin/edition/_hours.html"
    verbose_name, verbose_name_plural = "number", "phone numbers and their hours"
    readers_see = "Each number as a link to call, with “open now” or when it opens next."
    help_texts = {
        "number": "As published, spaces included. Readers see it so; it is dialled as digits.",
        "purpose": "For example “Priority line”. Readers see it before the number.",
        "answers": "Choose “At the hours listed” to use the lines below.",
        "open_on_bank_holidays": "Unknown if nobody has said. Lines for bank holidays below come first.",
    }

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("hours")


class WayInline(PartInline):
    model = OtherWay
    verbose_name, verbose_name_plural = "way", "other ways to get in touch"
    readers_see = "A list under the numbers."
    help_texts = {
        "url": "Starts with https. Readers see the kind as the link.",
        "detail": "For an email, its address. Else words that readers see after the link.",
    }


@admin.register(ContactEdition)
class ContactEditionAdmin(SheetAdmin, EditionAdmin):
    sheet = ContactSheet
    checked_parts = [Phone, OtherWay]
    screen = [
        ("At the top", ["contact", "name", "kind", "what_for"]),
        PhoneInline,
        WayInline,
        ("Below the numbers", ["website", "not_for", "who_answers", "what_happens", "hours_text"]),
        ("More about it", ["anonymity", "cost", "languages", "old_names", "for_professionals"]),
        AudienceInline,
        ("Where it helps", ["coverage", "authorities"]),
        NationInline,
        ("Source", ["source"]),
    ]
    help_texts = {
        "contact": "The service, for ever; links lead to it by this name.",
        "name": "Readers see it as the heading.",
        "kind": "Where it stands on the pages of contacts.",
        "what_for": "What to use it for, in plain words. Readers see it under the name.",
        "website": "Starts with https. Readers see the name of the site.",
        "not_for": "Readers see “Not for: …”.",
        "who_answers": "Readers see it beside “Who answers”.",
        "what_happens": "Readers see it beside “What happens next”.",
        "hours_text": "In the words of the source. Readers see it beside “When”.",
        "anonymity": "Whether you can stay anonymous. Readers see it beside “Your name”.",
        "cost": "Readers see it beside “Cost”.",
        "languages": "Readers see it beside “Languages”.",
        "old_names": "Readers see “Was called”, and find it by these names.",
        "authorities": "Only for some councils.",
        "source": "Where the number was read, with its date. Readers see it until somebody has rung.",
    }
    list_filter = [*EditionAdmin.list_filter, "kind", "coverage"]
    search_fields = ["name", "contact__slug", "phones__number", "old_names"]
    filter_horizontal = ["authorities"]

    def has_import_permission(self, request):
        # Each row of a sheet becomes a draft.
        return may(request.user, "view", self.model) and may(request.user, "add", self.model)

    def imported_words(self, made, skipped):
        return (
            f"{made:,} draft{'' if made == 1 else 's'} made from your sheet; {skipped:,} row"
            f"{'' if skipped == 1 else 's'} had nothing new. Readers see no change until a second person approves them."
        )

    def after_import_url(self):
        return f"{reverse('admin:reporting_contactedition_changelist')}?state__exact=draft"


@admin.register(ClosedDay)
class ClosedDayAdmin(admin.ModelAdmin):
    list_display = ["on", "reason", "nation", "authority"]
    list_filter = ["nation"]
    date_hierarchy = "on"
    autocomplete_fields = ["authority"]
