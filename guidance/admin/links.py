"""Useful links, and notes that several pages share."""

from django.contrib import admin

from guidance.models import SharedNote, UsefulLink
from safety_site.admin_editions import FoundRowAdmin


@admin.register(UsefulLink)
class UsefulLinkAdmin(FoundRowAdmin):
    list_display = ["title", "audience", "group", "is_published", "checked_on", "review_by"]
    list_filter = ["audience", "group", "is_published"]
    search_fields = ["title", "provider", "url", "description"]

    def has_delete_permission(self, request, obj=None):
        # Unpublish instead: the loader of shipped content would bring a deleted one back.
        return False


@admin.register(SharedNote)
class SharedNoteAdmin(admin.ModelAdmin):
    list_display = ["title", "as_of", "checked_on", "review_by"]
    search_fields = ["title", "body"]

    def get_readonly_fields(self, request, obj=None):
        return ["slug"] if obj else []

    def has_delete_permission(self, request, obj=None):
        return False
