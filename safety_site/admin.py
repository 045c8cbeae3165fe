"""What editors keep beside the content: words that the search knows. And what became of links, to look at.

Django finds all admin pages of the site itself here.
"""

from django.contrib import admin
from django.utils.html import format_html, format_html_join

from safety_site.doors import audit_admin, people
from safety_site.live_pages import addresses_named, edition_models, live_pages, words_of
from safety_site.models import LinkCheck, SearchSynonym, SuggestedChange, WorryWords
from safety_site.newsroom.sheet_admin import SheetAdmin
from safety_site.newsroom.sheets import row_sheet
from safety_site.newsroom.suggesting import SuggestedChangeAdmin
from safety_site.newsroom_admin import KeptRowAdmin
from safety_site.work_desk import may_see

people.register(admin.site)
audit_admin.register(admin.site)
admin.site.register(SuggestedChange, SuggestedChangeAdmin)


@admin.register(SearchSynonym)
class SearchSynonymAdmin(SheetAdmin, KeptRowAdmin):
    sheet = row_sheet(SearchSynonym, key=["typed"])
    list_display = ["typed", "means", "note", "is_in_use"]
    list_filter = ["is_in_use"]
    search_fields = ["typed", "means"]


@admin.register(WorryWords)
class WorryWordsAdmin(SheetAdmin, KeptRowAdmin):
    sheet = row_sheet(WorryWords, key=["words"])
    list_display = ["words", "concern", "is_urgent", "is_in_use"]
    list_filter = ["concern", "is_urgent", "is_in_use"]
    search_fields = ["words"]


class MovedFilter(admin.SimpleListFilter):
    title = "moved for good"
    parameter_name = "moved"

    def lookups(self, request, model_admin):
        return [("yes", "Leads to another address now")]

    def queryset(self, request, queryset):
        return queryset.exclude(leads_to="") if self.value() == "yes" else queryset


@admin.register(LinkCheck)
class LinkCheckAdmin(admin.ModelAdmin):
    """What became of each outside address; ``manage.py check_links`` writes it, nobody else does."""

    list_display = ["url", "state", "reason", "leads_to", "failed_days", "checked_at"]
    list_filter = ["state", MovedFilter]
    search_fields = ["url", "leads_to"]
    list_per_page = 50
    fields = ["url", "state", "status", "reason", "leads_to", "failed_days", "last_failed_on", "checked_at", "named_by"]
    readonly_fields = ["named_by"]

    def has_view_permission(self, request, obj=None):
        # Whoever may look at pages may see whether their links work.
        may_look = any(may_see(request.user, model) for model in edition_models())
        return may_look or super().has_view_permission(request, obj)

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description="pages that name it")
    def named_by(self, check: LinkCheck) -> str:
        pages = addresses_named(words_of(live_pages())).get(check.url, [])
        links = format_html_join("", '<li><a href="{}">{}: {}</a></li>', ((p.edit_url, p.kind, p.title) for p in pages))
        return format_html("<ul>{}</ul>", links) if pages else "No page that readers can see."
