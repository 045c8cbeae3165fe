"""Contacts: two people stand behind each number."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from reporting.contact_sheet import ContactSheet
from reporting.models import (
    ClosedDay,
    ContactAudience,
    ContactEdition,
    ContactNation,
    OpeningHours,
    OtherWay,
    Phone,
    ReportingContact,
)
from safety_site.admin_editions import EditionAdmin, PartInline, ShortPartInline, ThingAdmin
from safety_site.newsroom.rights import may
from safety_site.newsroom.sheet_admin import SheetAdmin

admin.site.register(ReportingContact, ThingAdmin)


class AudienceInline(ShortPartInline):
    model = ContactAudience


class NationInline(ShortPartInline):
    model = ContactNation


class PhoneInline(ShortPartInline):
    """The numbers. Save, then "Change" beside a number leads to its opening hours."""

    model = Phone
    show_change_link = True
    verbose_name_plural = "phones (save first; then “Change” leads to a number’s opening hours)"


class WayInline(PartInline):
    model = OtherWay


@admin.register(ContactEdition)
class ContactEditionAdmin(SheetAdmin, EditionAdmin):
    sheet = ContactSheet
    own_fields = [
        "contact",
        ("name", "kind"),
        "what_for",
        "not_for",
        "who_answers",
        "what_happens",
        ("anonymity", "cost", "languages"),
        "hours_text",
        "for_professionals",
        "old_names",
        "website",
        "coverage",
        "authorities",
        "source",
    ]
    list_filter = [*EditionAdmin.list_filter, "kind", "coverage"]
    search_fields = ["name", "contact__slug", "phones__number", "old_names"]
    autocomplete_fields = ["authorities"]
    inlines = [PhoneInline, WayInline, AudienceInline, NationInline]

    def save_model(self, request, obj, form, change):
        # Whoever saved last wrote what stands there; so nobody approves a number that they typed themselves
        # into a colleague's draft.
        obj.author = request.user
        super().save_model(request, obj, form, change)

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


class OpeningHoursInline(admin.TabularInline):
    model = OpeningHours
    extra = 1


@admin.register(Phone)
class PhoneAdmin(admin.ModelAdmin):
    """When one number answers. It is reached from its contact; numbers are added and taken away there."""

    fields = ["edition", "number", "purpose", "answers", "hours_are_about", "open_on_bank_holidays"]
    readonly_fields = ["edition", "number", "purpose"]
    inlines = [OpeningHoursInline]

    def has_module_permission(self, request):
        return False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not (obj and obj.edition.is_approved)

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        if obj.edition.is_approved:
            raise PermissionDenied
        # Hours are part of what the second person approves: see ContactEditionAdmin.
        obj.edition.author = request.user
        obj.edition.save(update_fields=["author"])
        super().save_model(request, obj, form, change)


@admin.register(ClosedDay)
class ClosedDayAdmin(admin.ModelAdmin):
    list_display = ["on", "reason", "nation", "authority"]
    list_filter = ["nation"]
    date_hierarchy = "on"
    autocomplete_fields = ["authority"]
