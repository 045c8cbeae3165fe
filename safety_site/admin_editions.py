"""What the pages of all editions share: an approved one is read only, and is corrected through a new draft."""

from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db import models

from safety_site.editions import Edition, EditionState, next_number
from safety_site.newsroom.comparing import ComparePages
from safety_site.newsroom.gate import GatePage
from safety_site.newsroom.preview import PreviewPages
from safety_site.newsroom.review import ReviewPages
from safety_site.newsroom.saving import SavingPage
from safety_site.newsroom.usage import UsagePage
from safety_site.newsroom.writing import WritingPage
from safety_site.search_index import index_row


class RoomForWords:
    """Sentences get a box of two lines, so that they can be read whole while they are written."""

    sentence_length = 120

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if type(db_field) is models.CharField and not db_field.choices and db_field.max_length > self.sentence_length:
            kwargs["widget"] = AdminTextareaWidget(attrs={"rows": 2})
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class EditionPages:
    """The end of the chain of mixins: what every page about an edition starts from."""

    def edition_urls(self) -> list:
        return []

    def edition_context(self, request, edition: Edition | None) -> dict:
        return {"edition": edition, "edition_is_draft": bool(edition) and edition.state != EditionState.APPROVED}


class EditionAdmin(
    WritingPage,
    SavingPage,
    ReviewPages,
    PreviewPages,
    ComparePages,
    GatePage,
    UsagePage,
    EditionPages,
    RoomForWords,
    admin.ModelAdmin,
):
    """One edit screen for an edition with its parts. Opening a live one offers a draft beside it."""

    change_form_template = "admin/edition_change_form.html"
    list_display = ["__str__", "state", "publish_at", "is_live", "checked_on", "review_by"]
    list_filter = ["state", "is_withdrawal", "review_by"]
    date_hierarchy = "publish_at"
    # Set by approving, never by hand; the author and the number are ours to set.
    readonly_fields = ["state", "number", "author", "approved_by", "imported_from"]
    save_on_top = True

    #: Fields of the concrete edition, in reading order.
    own_fields: list = []

    def get_fieldsets(self, request, obj=None):
        return [
            (None, {"fields": self.own_fields}),
            ("Checked", {"fields": [("checked_on", "checked_by", "review_by"), "editor_note"]}),
            (
                "Publishing",
                {
                    "fields": [
                        ("state", "number", "language"),
                        ("author", "approved_by"),
                        "imported_from",
                        "publish_at",
                        "change_note",
                    ]
                },
            ),
            (
                "Take the page down",
                {
                    "classes": ["collapse"],
                    "fields": ["is_withdrawal", "withdrawal_reason", "withdrawal_instead"],
                },
            ),
        ]

    @admin.display(boolean=True, description="Live now")
    def is_live(self, edition: Edition) -> bool:
        return edition.pk in self._live_keys

    def get_queryset(self, request):
        self._live_keys = set(self.model.objects.in_force().values_list("pk", flat=True))
        return super().get_queryset(request).select_related(self.model.thing_field)

    def get_readonly_fields(self, request, obj=None):
        # A thing keeps its editions: which thing an edition is of is chosen once.
        return [*self.readonly_fields, *([self.model.thing_field, "language"] if obj else [])]

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not (obj and obj.is_approved)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and bool(obj) and not obj.is_approved

    def save_model(self, request, obj: Edition, form, change):
        if not change:
            obj.author = request.user
            obj.number = next_number(self.model, obj.thing, obj.language)
        super().save_model(request, obj, form, change)

    def get_urls(self):
        return [*self.edition_urls(), *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        edition = self.get_object(request, object_id)
        extra = self.edition_context(request, edition)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    def add_view(self, request, form_url="", extra_context=None):
        extra = self.edition_context(request, None)
        return super().add_view(request, form_url, {**(extra_context or {}), **extra})


class OwnedAdmin(admin.ModelAdmin):
    """A page may have an owner: one of those who may log in here."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "owner":
            staff = db_field.related_model._default_manager.filter(is_active=True, is_staff=True)
            kwargs["queryset"] = staff.order_by("username")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class FoundRowAdmin(OwnedAdmin):
    """A row that is no edition and that the search finds: saving it is what readers see at once."""

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        index_row(obj)


class PartInline(RoomForWords, admin.StackedInline):
    """Parts of an edition, in order of their position."""

    extra = 0
    classes = ["collapse"]


class ShortPartInline(RoomForWords, admin.TabularInline):
    """Parts that fit on a line."""

    extra = 0
    classes = ["collapse"]


class ThingAdmin(OwnedAdmin):
    """A slug that lasts for ever: it can be added, not changed or taken away. Its owner can change."""

    list_display = ["slug", "owner"]
    list_select_related = ["owner"]
    list_filter = [("owner", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["slug"]

    def get_readonly_fields(self, request, obj=None):
        return ["slug"] if obj else []

    def has_delete_permission(self, request, obj=None):
        return False
