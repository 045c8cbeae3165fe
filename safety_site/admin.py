"""The words that the search knows beyond those of the pages: editors keep them."""

from django.contrib import admin

from safety_site.models import SearchSynonym, SuggestedChange, WorryWords
from safety_site.newsroom.sheet_admin import SheetAdmin
from safety_site.newsroom.sheets import row_sheet
from safety_site.newsroom.suggesting import SuggestedChangeAdmin, SuggestingAdmin

admin.site.register(SuggestedChange, SuggestedChangeAdmin)


class KeptRowAdmin(SheetAdmin, SuggestingAdmin, admin.ModelAdmin):
    """Switched off instead of deleted: the loader of shipped content would bring a deleted one back."""

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(SearchSynonym)
class SearchSynonymAdmin(KeptRowAdmin):
    sheet = row_sheet(SearchSynonym, key=["typed"])
    list_display = ["typed", "means", "note", "is_in_use"]
    list_filter = ["is_in_use"]
    search_fields = ["typed", "means"]


@admin.register(WorryWords)
class WorryWordsAdmin(KeptRowAdmin):
    sheet = row_sheet(WorryWords, key=["words"])
    list_display = ["words", "concern", "is_urgent", "is_in_use"]
    list_filter = ["concern", "is_urgent", "is_in_use"]
    search_fields = ["words"]
