"""The sentences of the family agreement."""

from django import forms
from django.contrib import admin

from guidance.models import AgreementLine
from safety_site.newsroom.suggesting import SuggestingAdmin


class AgreementLineForm(forms.ModelForm):
    class Meta:
        help_texts = {"slug": "A short name for other editors, for example ask-first. Readers do not see it."}


@admin.register(AgreementLine)
class AgreementLineAdmin(SuggestingAdmin, admin.ModelAdmin):
    form = AgreementLineForm
    list_display = ["words", "who", "position", "is_published", "checked_on", "review_by"]
    list_filter = ["who", "age_bands", "is_published"]
    search_fields = ["words"]

    def get_readonly_fields(self, request, obj=None):
        return ["slug"] if obj else []

    def has_delete_permission(self, request, obj=None):
        # Unpublish instead: the loader of shipped content would bring a deleted one back.
        return False
