"""Saving: a draft beside what is live, two people in one draft, words kept by themselves.

This is what the admin of an edition needs for it; what happens is told in ``save_flow``, how words are kept in
``auto_saves``, how a form is fitted to rows that changed in ``posted_forms``, what differs in ``collisions``.
"""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F
from django.forms.widgets import Media, Script
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from safety_site.editions import Edition, EditionState
from safety_site.models import AutoSave
from safety_site.newsroom.posted_forms import tidy
from safety_site.newsroom.save_flow import SaveFlow

# Said of words that a person has read, or of one publication: a draft beside a live edition starts without them.
NOT_COPIED = {
    "checked_on": None,
    "checked_by": "",
    "review_by": None,
    "publish_at": None,
    "change_note": "",
    "is_withdrawal": False,
    "withdrawal_reason": "",
    "withdrawal_instead": "",
    "withdrawal_redirects": False,
}


class HeldForm:
    """A form that shows what was typed and cannot be saved.

    What keeps it from being saved is no fault of its words, so it is not told among their faults.
    """

    _held = ValidationError("Nothing is saved yet.", code="held")

    def _post_clean(self):
        super()._post_clean()
        self.add_error(None, self._held)

    def non_field_errors(self):
        errors = super().non_field_errors()
        others = [each for each in errors.as_data() if each.code != self._held.code]
        return type(errors)(others, error_class="nonfield", renderer=self.renderer)


class BesideForm:
    """The form of an approved edition, as the draft beside it will start."""

    def __init__(self, *args, **kwargs):
        kwargs["initial"] = {**NOT_COPIED, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)


class SavingPage:
    """A mixin of EditionAdmin."""

    def edition_urls(self) -> list:
        """Patterns below the admin pages of one kind of edition."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        throw_away = self.admin_site.admin_view(require_POST(self.throw_away_view))
        return [path("kept/<int:pk>/throw-away/", throw_away, name=f"{name}_throw_away"), *super().edition_urls()]

    def edition_context(self, request, edition) -> dict:
        """What the edit screen shows; ``edition`` is None on the page for a new one."""
        return super().edition_context(request, edition)

    def throw_away_view(self, request: HttpRequest, pk: int) -> HttpResponseRedirect:
        """Forget words of one's own that were kept and not saved."""
        kept = AutoSave.objects.filter(pk=pk, by=request.user, model=self.opts.label_lower).first()
        if kept is None:
            raise Http404("Nobody sees or throws away what another editor wrote.")
        kept.delete()
        messages.success(request, "The words that were kept are thrown away.")
        return HttpResponseRedirect(self.saving_address(kept.object_id))

    @property
    def media(self):
        return super().media + Media(js=[Script("js/auto-save.js", defer=True)])

    # --- Django's admin, with what saving needs --------------------------------------------------------

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is not None and self.is_beside(request, obj):
            form = type(form)(form.__name__, (BesideForm, form), {})
        if getattr(request, "is_held", False):
            form = type(form)(form.__name__, (HeldForm, form), {})
        return form

    def is_beside(self, request, obj: Edition) -> bool:
        """Whether this request edits an approved edition in order to make a draft of it; never to change it."""
        return getattr(request, "beside", None) == obj.pk

    def has_change_permission(self, request, obj=None):
        if obj is not None and self.is_beside(request, obj):
            obj = None  # the right to write any edition; this one stays as it is
        return super().has_change_permission(request, obj)

    def save_model(self, request, obj: Edition, form, change):
        if change:
            stands = self.model._base_manager.filter(pk=obj.pk, revision=obj.revision)
            if not stands.exclude(state=EditionState.APPROVED).update(revision=F("revision") + 1):
                # Cannot happen while the row is locked, as changeform_view does; so it is nobody's mistake.
                raise PermissionDenied
        obj.revision += 1
        obj.changed_at, obj.changed_by = timezone.now(), request.user
        super().save_model(request, obj, form, change)

    def response_change(self, request, obj):
        if getattr(request, "made_beside", False):
            words = f"This is a new draft, edition {obj.number}. Readers see the live one until this is published."
            messages.success(request, words)
            return HttpResponseRedirect(self.saving_address(obj.pk))
        return super().response_change(request, obj)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        flow = SaveFlow(self, request, super().changeform_view, form_url, extra_context or {})
        if request.method != "POST":
            return flow.open(object_id)
        request.POST = tidy(request.POST)
        return flow.save(object_id) if object_id else flow.save_new()

    def saving_address(self, object_id: int) -> str:
        """Of an edition's edit screen; 0: of the page for a new one."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        return reverse(f"{name}_change", args=[object_id]) if object_id else reverse(f"{name}_add")
