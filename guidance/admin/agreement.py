"""The sentences of the family agreement."""

from django.contrib import admin

from guidance.models import AgreementLine


@admin.register(AgreementLine)
class AgreementLineAdmin(admin.ModelAdmin):
    list_display = ["words", "who", "position", "is_published", "checked_on", "review_by"]
    list_filter = ["who", "age_bands", "is_published"]
    search_fields = ["words"]

    def get_readonly_fields(self, request, obj=None):
        return ["slug"] if obj else []

    def has_delete_permission(self, request, obj=None):
        # Unpublish instead: the loader of shipped content would bring a deleted one back.
        return False
