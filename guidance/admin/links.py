"""Useful links, notes that several pages share, the law, old names."""

from django.contrib import admin

from guidance.models import OldName, SharedNote, UsefulLink
from safety_site.admin_editions import FoundRowAdmin
from safety_site.newsroom.sheet_admin import SheetAdmin
from safety_site.newsroom.sheets import row_sheet
from safety_site.newsroom.suggesting import SuggestingAdmin


@admin.register(UsefulLink)
class UsefulLinkAdmin(SheetAdmin, SuggestingAdmin, FoundRowAdmin):
    sheet = row_sheet(UsefulLink, key=["audience", "url"])
    list_display = ["title", "audience", "group", "is_published", "checked_on", "review_by"]
    list_filter = ["audience", "group", "is_published"]
    search_fields = ["title", "provider", "url", "description"]

    def has_delete_permission(self, request, obj=None):
        # Unpublish instead: the loader of shipped content would bring a deleted one back.
        return False


@admin.register(SharedNote)
class SharedNoteAdmin(SuggestingAdmin, FoundRowAdmin):
    list_display = ["title", "kind", "law_status", "is_published", "as_of", "checked_on", "review_by"]
    list_filter = ["kind", "law_status"]
    search_fields = ["title", "body", "source"]
    filter_horizontal = ["topics"]

    def get_readonly_fields(self, request, obj=None):
        return ["slug"] if obj else []

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(OldName)
class OldNameAdmin(SuggestingAdmin, FoundRowAdmin):
    list_display = ["name", "became", "instead_label", "is_published", "checked_on", "review_by"]
    list_filter = ["became", "is_published"]
    search_fields = ["name", "what", "now"]
    filter_horizontal = ["topics"]

    def get_readonly_fields(self, request, obj=None):
        return ["slug"] if obj else []

    def has_delete_permission(self, request, obj=None):
        # Older leaflets keep the name alive, and the loader of shipped content would bring it back.
        return False
