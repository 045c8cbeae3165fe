"""The words that the search knows beyond those of the pages: editors keep them."""

from django.contrib import admin

from safety_site.doors import audit_admin, people
from safety_site.models import SearchSynonym, WorryWords

people.register(admin.site)
audit_admin.register(admin.site)


class KeptRowAdmin(admin.ModelAdmin):
    """Switched off instead of deleted: the loader of shipped content would bring a deleted one back."""

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(SearchSynonym)
class SearchSynonymAdmin(KeptRowAdmin):
    list_display = ["typed", "means", "note", "is_in_use"]
    list_filter = ["is_in_use"]
    search_fields = ["typed", "means"]


@admin.register(WorryWords)
class WorryWordsAdmin(KeptRowAdmin):
    list_display = ["words", "concern", "is_urgent", "is_in_use"]
    list_filter = ["concern", "is_urgent", "is_in_use"]
    search_fields = ["words"]
