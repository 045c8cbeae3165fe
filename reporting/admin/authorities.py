"""Authorities. They come from the official lists (import_authorities); what changes between two lists is set here."""

from django.contrib import admin

from reporting.models import Authority, FormerCode
from safety_site.admin_editions import FoundRowAdmin
from safety_site.newsroom.sheet_admin import SheetAdmin
from safety_site.newsroom.sheets import row_sheet
from safety_site.newsroom.suggesting import SuggestingAdmin


class FormerCodeInline(admin.TabularInline):
    model = FormerCode
    extra = 0


@admin.register(Authority)
class AuthorityAdmin(SheetAdmin, SuggestingAdmin, FoundRowAdmin):
    sheet = row_sheet(Authority, key=["slug"], most_rows=2_000)
    list_display = ["name", "tier", "nation", "children_services", "gss_code", "started_on", "ended_on"]
    list_filter = ["nation", "tier"]
    list_select_related = ["children_services"]
    search_fields = ["name", "council_name", "slug", "gss_code"]
    autocomplete_fields = ["parent", "children_services", "succeeded_by"]
    inlines = [FormerCodeInline]

    def get_readonly_fields(self, request, obj=None):
        return ["slug"] if obj else []

    def has_delete_permission(self, request, obj=None):
        # An authority ends, it is not deleted: old links and old data lead to its successor.
        return False
