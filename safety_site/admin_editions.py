"""What the pages of all editions share: an approved one is read only, and is corrected through a new draft."""

from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpResponseRedirect
from django.urls import reverse

from safety_site.editions import DEFAULT_LANGUAGE, Edition, EditionState, next_number
from safety_site.moved import rename
from safety_site.newsroom.addresses import edition_model_of
from safety_site.newsroom.comparing import ComparePages
from safety_site.newsroom.gate import GatePage
from safety_site.newsroom.parts import PartInline, RoomForWords, ShortPartInline
from safety_site.newsroom.preview import PreviewPages
from safety_site.newsroom.review import ReviewPages
from safety_site.newsroom.rights import may
from safety_site.newsroom.saving import SavingPage
from safety_site.newsroom.usage import UsagePage, UsedPanel
from safety_site.newsroom.workflow import title_of
from safety_site.newsroom.writing import WritingPage
from safety_site.search_index import index_row

__all__ = ["EditionAdmin", "FoundRowAdmin", "PartInline", "RoomForWords", "ShortPartInline", "ThingAdmin"]


def has_live_edition(thing, language: str = DEFAULT_LANGUAGE) -> bool:
    """Whether readers see anything of a thing now."""
    model = edition_model_of(type(thing))
    return model.objects.live(language=language).filter(**{model.thing_field: thing.pk}).exists()


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
    list_display = ["called", "state", "publish_at", "is_live", "checked_on", "review_by"]
    list_filter = ["state", "is_withdrawal", "review_by"]
    date_hierarchy = "publish_at"
    # Set by approving, never by hand; the author and the number are ours to set.
    readonly_fields = ["state", "number", "author", "approved_by", "imported_from"]
    save_on_top = True

    @admin.display(description="Page")
    def called(self, edition: Edition) -> str:
        """By what readers call it: a slug says little to an editor."""
        return f"{title_of(edition)} · edition {edition.number}"

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
        # An approved one is opened to write a draft beside it (newsroom/saving.py), and by no other way.
        is_open = not (obj and obj.is_approved) or self.is_beside(request, obj)
        return super().has_change_permission(request, obj) and is_open

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and bool(obj) and not obj.is_approved

    def save_model(self, request, obj: Edition, form, change):
        if not change:
            obj.author = request.user
            obj.number = next_number(self.model, obj.thing, obj.language)
        super().save_model(request, obj, form, change)

    def get_view_on_site_url(self, obj=None):
        return super().get_view_on_site_url(obj) if obj and has_live_edition(obj.thing, obj.language) else None

    def get_urls(self):
        return [*self.edition_urls(), *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        edition = self.get_object(request, object_id)
        extra = self.edition_context(request, edition)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    def add_view(self, request, form_url="", extra_context=None):
        extra = self.edition_context(request, None)
        return super().add_view(request, form_url, {**(extra_context or {}), **extra})


def _page_of(model: type[Edition], page: str) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")


class OwnedAdmin(admin.ModelAdmin):
    """A page may have an owner: one of those who may log in here."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "owner":
            staff = db_field.related_model._default_manager.filter(is_active=True, is_staff=True)
            kwargs["queryset"] = staff.order_by("username")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class FoundRowAdmin(UsedPanel, OwnedAdmin):
    """A row that is no edition and that the search finds: saving it is what readers see at once."""

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        index_row(obj)


class ThingAdmin(UsedPanel, OwnedAdmin):
    """What has editions, by its slug. It is never taken away; where it moves, its old address leads to the new one."""

    change_form_template = "admin/thing_change_form.html"
    list_display = ["slug", "owner"]
    list_select_related = ["owner"]
    list_filter = [("owner", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["slug"]

    #: Whether the slug may be changed: not where it is a word that the code knows.
    slug_can_change = True

    def get_readonly_fields(self, request, obj=None):
        return ["slug"] if obj and not self.slug_can_change else []

    def save_model(self, request, obj, form, change):
        before = type(obj)._base_manager.get(pk=obj.pk) if change else None
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            if before and before.slug != obj.slug:
                rename(obj, before.slug, request.user)
                self.moved(before, obj)
                messages.success(request, "The old address leads to the new one from now on.")

    def response_add(self, request, obj, post_url_continue=None):
        """A thing is only a name and an address: what was to be written comes next."""
        goes_on = {"_popup", "_continue", "_addanother", "_saveasnew"} & request.POST.keys()
        address = self.address_to_write(request, obj)
        if goes_on or not address:
            return super().response_add(request, obj, post_url_continue)
        words = "Now write what it says: readers see nothing of it until that is approved."
        messages.success(request, f"“{obj}” has its place. {words}")
        return HttpResponseRedirect(address)

    def address_to_write(self, request, thing) -> str:
        """Where a first edition of a thing is written; empty for whoever may not write one."""
        model = edition_model_of(type(thing))
        if not may(request.user, "add", model):
            return ""
        return f"{_page_of(model, 'add')}?{urlencode({model.thing_field: thing.pk})}"

    def change_view(self, request, object_id, form_url="", extra_context=None):
        thing, ways = self.get_object(request, object_id), {}
        if thing is not None:
            model = edition_model_of(type(thing))
            if not model._base_manager.filter(**{model.thing_field: thing.pk}).exists():
                ways = {"address_to_write": self.address_to_write(request, thing)}
            elif may(request.user, "view", model):
                asked = urlencode({f"{model.thing_field}__exact": thing.pk})
                ways = {"address_of_editions": f"{_page_of(model, 'changelist')}?{asked}"}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **ways})

    def get_view_on_site_url(self, obj=None):
        return super().get_view_on_site_url(obj) if obj and has_live_edition(obj) else None

    def moved(self, before, after) -> None:
        """Tell what else is kept under the old address; nothing by itself."""

    def has_delete_permission(self, request, obj=None):
        return False
