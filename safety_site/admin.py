"""The words that the search knows beyond those of the pages: editors keep them. Django finds all admin pages here."""

from django.contrib import admin

from safety_site.models import SearchSynonym, WorryWords
from safety_site.newsroom_admin import KeptRowAdmin


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
