"""The words that the search knows beyond those of the pages: editors keep them."""

from django.contrib import admin

from safety_site.models import SearchSynonym, WorryWords


@admin.register(SearchSynonym)
class SearchSynonymAdmin(admin.ModelAdmin):
    list_display = ["typed", "means", "note"]
    search_fields = ["typed", "means"]


@admin.register(WorryWords)
class WorryWordsAdmin(admin.ModelAdmin):
    list_display = ["words", "concern", "is_urgent"]
    list_filter = ["concern", "is_urgent"]
    search_fields = ["words"]
