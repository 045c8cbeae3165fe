"""Saving: a draft beside what is live, two people in one draft, words kept by themselves.

Each form carries what it was opened with: the revision and state of its edition, and a key under which its words
are kept (``auto_saves``). Saving locks the row and compares. What cannot be saved as it is comes back in the form,
filled with what was typed: such a form is *held*; it has an error that it cannot lose, so Django never saves it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from django.contrib import messages
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.forms.formsets import all_valid
from django.forms.widgets import Media, Script
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from safety_site.editions import Edition, EditionState, copy_as_draft
from safety_site.models import AutoSave, EditionEvent
from safety_site.newsroom import auto_saves
from safety_site.newsroom.collisions import DifferentPart, differences
from safety_site.newsroom.posted_forms import Fitted, as_opened, as_posted, copied_parts, fitted, tidy

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
    """A form that shows what was typed and cannot be saved."""

    def _post_clean(self):
        super()._post_clean()
        self.add_error(None, "Nothing is saved yet.")


class BesideForm:
    """The form of an approved edition, as the draft beside it will start."""

    def __init__(self, *args, **kwargs):
        kwargs["initial"] = {**NOT_COPIED, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)


class NotSaved(Exception):
    """Takes back a draft whose form turned out not to be valid."""


@dataclass(frozen=True)
class Saving:
    """What the edit screen says and carries about saving."""

    page: auto_saves.Page
    edition: Edition | None
    #: The highest number of an edition of this thing that the editor knows of.
    seen: int = 0
    drafts: list[Edition] = field(default_factory=list)
    kept: list[AutoSave] = field(default_factory=list)
    #: Why the form is filled with what was typed: "kept", "collision", "another-draft" or "errors".
    told: str = ""
    shown: AutoSave | None = None
    differences: list[DifferentPart] = field(default_factory=list)
    thing_id: str = ""
    can_write: bool = True

    most_characters = auto_saves.MOST_CHARACTERS

    @property
    def is_beside(self) -> bool:
        return self.edition is not None and self.edition.is_approved


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
        return HttpResponseRedirect(self._address(kept.object_id))

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
            return HttpResponseRedirect(self._address(obj.pk))
        return super().response_change(request, obj)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        rest = (form_url, dict(extra_context or {}))
        if request.method == "POST":
            request.POST = tidy(request.POST)
            return self._save(request, object_id, rest) if object_id else self._save_new(request, rest)
        return self._open(request, object_id, rest)

    # --- Opening ---------------------------------------------------------------------------------------

    def _open(self, request, object_id, rest) -> HttpResponse:
        edition = self._edition(request, object_id)
        if object_id and edition is None:
            return super().changeform_view(request, object_id, *rest)
        saving = self._saving(request, edition)
        asked = next((kept for kept in saving.kept if kept.page == request.GET.get("kept")), None)
        if asked:
            return self._show_kept(request, saving, asked, rest)
        saving = replace(saving, kept=[kept for kept in saving.kept if self._is_unsaved(request, edition, kept)])
        return self._render(request, saving, rest)

    def _show_kept(self, request, saving: Saving, kept: AutoSave, rest) -> HttpResponse:
        """The form filled with words that were kept; where the row changed since, as for two people in one draft."""
        fields = auto_saves.fields_of(kept)
        edition = saving.edition
        if edition is None and not fields.get(self.model.thing_field):
            # Words of a draft that was thrown away meanwhile: its thing was not a field of that form.
            fields[self.model.thing_field] = fields.get("_thing", "")
            fields["language"] = fields.get("_language", "")
        told = "collision" if edition and self._is_overtaken(fields, edition) else "kept"
        page = replace(saving.page, page=kept.page)
        others = [other for other in saving.kept if other != kept]
        saving = replace(saving, page=page, told=told, shown=kept, kept=others)
        return self._show(request, saving, fields, rest)

    def _is_unsaved(self, request, edition: Edition | None, kept: AutoSave) -> bool:
        """Whether words that were kept say anything that is not saved; if not, they are forgotten."""
        _fit, form, formsets = self._fitted_forms(request, edition, auto_saves.fields_of(kept))
        if form.has_changed() or any(formset.has_changed() for formset in formsets):
            return True
        kept.delete()
        return False

    # --- Saving ----------------------------------------------------------------------------------------

    @transaction.atomic
    def _save(self, request, object_id, rest) -> HttpResponse:
        edition = self._edition(request, object_id, lock=True)
        if edition is None:
            return self._after_the_end(request, object_id, rest)
        saving = self._saving(request, edition)
        if not saving.can_write:
            if self._page_of(request, edition) is None:
                raise PermissionDenied
            self._keep(request, saving.page)
            messages.warning(request, "Nothing was saved: this cannot be changed at the moment. Your words are kept.")
            return HttpResponseRedirect(self._address(edition.pk))
        if self._is_overtaken(request.POST, edition):
            return self._collide(request, saving, rest)
        if edition.is_approved:
            return self._save_beside(request, saving, rest)
        response = super().changeform_view(request, object_id, rest[0], {**rest[1], "saving": saving})
        return self._settled(response, saving)

    def _save_new(self, request, rest) -> HttpResponse:
        saving = self._saving(request, None)
        sent = request.POST.get(self.model.thing_field, "")
        # Told once; saving again is an answer.
        if saving.drafts and request.POST.get("_beside") != sent and self.has_add_permission(request):
            saving = replace(saving, told="another-draft", thing_id=sent)
            self._keep(request, saving.page)
            return self._show(request, saving, request.POST, rest, status=409)
        return self._settled(super().changeform_view(request, None, rest[0], {**rest[1], "saving": saving}), saving)

    def _save_beside(self, request, saving: Saving, rest) -> HttpResponse:
        """A draft beside an approved edition, with what the form changed. The approved one is only read."""
        edition = saving.edition
        if "_seen" in request.POST:
            seen = auto_saves.whole_number(request.POST["_seen"])
            newer = [draft for draft in saving.drafts if draft.number > seen]
            if newer:
                self._keep(request, saving.page)
                saving = replace(saving, told="another-draft", drafts=newer)
                return self._show(request, saving, request.POST, rest, status=409)
        form, formsets = self._forms(as_posted(request, request.POST, request.FILES), edition)
        if not form.has_changed() and not any(formset.has_changed() for formset in formsets):
            auto_saves.forget(saving.page)
            messages.info(request, "Nothing was changed, so there is no new draft.")
            return HttpResponseRedirect(self._address(edition.pk))
        form_is_valid = form.is_valid()
        if all_valid(formsets) and form_is_valid:
            try:
                with transaction.atomic():
                    return self._settled(self._save_copy(request, edition, rest), saving)
            except NotSaved:
                pass  # the form says what is wrong
        return self._show(request, replace(saving, told="errors"), request.POST, rest)

    def _save_copy(self, request, edition: Edition, rest) -> HttpResponse:
        draft = copy_as_draft(edition, request.user)
        _form, rows = self._forms(as_opened(request), draft)
        fit = fitted(request.POST, rows, copied_parts(edition, draft))
        fit.fields["change_note"] = fit.fields.get("change_note") or draft.change_note
        posed = as_posted(request, fit.fields, fit.files(request.FILES))
        posed.beside, posed.made_beside = None, True
        response = super().changeform_view(posed, str(draft.pk), *rest)
        if not is_saved(response):
            raise NotSaved
        note = f"Copied from edition {edition.number}"
        EditionEvent.objects.create(about=draft, kind=EditionEvent.Kind.MADE, by=request.user, words=note)
        return response

    def _collide(self, request, saving: Saving, rest) -> HttpResponse:
        """Somebody else was quicker: both versions, and the form with what was typed."""
        found = self._differences(request, saving.edition, request.POST)[1]
        if not found and not request.FILES:
            auto_saves.forget(saving.page)
            messages.info(request, "What stands here now says the same as yours, so there was nothing to save.")
            return HttpResponseRedirect(self._address(saving.edition.pk))
        kept = self._keep(request, saving.page)
        return self._show(request, replace(saving, told="collision", shown=kept), request.POST, rest, status=409)

    def _after_the_end(self, request, object_id, rest) -> HttpResponse:
        """The draft was thrown away while somebody wrote in it: the page for a new one offers their words."""
        page = auto_saves.read_key(request.POST.get(auto_saves.KEY_FIELD, ""))
        is_ours = page and (page.user_id, page.model) == (request.user.pk, self.opts.label_lower)
        if not is_ours or not self.has_add_permission(request):
            return super().changeform_view(request, object_id, *rest)
        self._keep(request, page)
        messages.warning(request, "This draft was thrown away while you were writing. Your words are kept.")
        return HttpResponseRedirect(self._address(0))

    # --- Along the way ---------------------------------------------------------------------------------

    def _edition(self, request, object_id, lock: bool = False) -> Edition | None:
        """The edition, and on the request whether it may be edited by way of a draft beside it."""
        edition = self.get_object(request, unquote(object_id)) if object_id else None
        if edition and lock:
            edition = self.model._base_manager.select_for_update().filter(pk=edition.pk).first()
        request.beside = None
        if edition and edition.is_approved and self.has_add_permission(request) and self.has_change_permission(request):
            request.beside = edition.pk
        return edition

    def _saving(self, request, edition: Edition | None) -> Saving:
        user, object_id = request.user, edition.pk if edition else 0
        page = self._page_of(request, edition) or auto_saves.new_page(user, self.model, object_id)
        can_write = self.has_change_permission(request, edition) if edition else self.has_add_permission(request)
        thing_id = self._thing_id(request, edition)
        of_thing = self.model._base_manager.filter(**{self.model.thing_field: thing_id})
        if edition:
            of_thing = of_thing.filter(language=edition.language)
        numbers = of_thing.values_list("number", flat=True)
        drafts = [] if edition and not edition.is_approved else self._drafts(of_thing)
        if edition is None and request.method == "GET":
            self._adopt_orphans(user)
        kept = auto_saves.of_form(user, self.model, object_id) if request.method == "GET" else []
        return Saving(page, edition, max(numbers, default=0), drafts, kept, can_write=can_write)

    def _thing_id(self, request, edition: Edition | None) -> int:
        if edition:
            return getattr(edition, self.opts.get_field(self.model.thing_field).attname)
        sent = (request.POST if request.method == "POST" else request.GET).get(self.model.thing_field, "")
        return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 19 else None

    def _drafts(self, editions) -> list[Edition]:
        unfinished = editions.exclude(state=EditionState.APPROVED)
        return list(unfinished.select_related("author", "changed_by", self.model.thing_field).order_by("-number"))

    def _adopt_orphans(self, user) -> None:
        """Words of one's own about drafts that are not there any more wait on the page for a new one."""
        mine = AutoSave.objects.filter(by=user, model=self.opts.label_lower).exclude(object_id=0)
        wanted = set(mine.values_list("object_id", flat=True))
        gone = wanted - set(self.model._base_manager.filter(pk__in=wanted).values_list("pk", flat=True))
        if gone:
            mine.filter(object_id__in=gone).update(object_id=0)

    def _page_of(self, request, edition: Edition | None) -> auto_saves.Page | None:
        """The page that this form was, if its key says that it was this editor's form of this edition."""
        page = auto_saves.read_key(request.POST.get(auto_saves.KEY_FIELD, ""))
        wanted = (request.user.pk, self.opts.label_lower, edition.pk if edition else 0)
        return page if page and (page.user_id, page.model, page.object_id) == wanted else None

    def _keep(self, request, page: auto_saves.Page) -> AutoSave | None:
        try:
            return auto_saves.keep(page, request.POST)
        except auto_saves.NotKept as problem:
            messages.error(request, problem.words)
            return None

    def _is_overtaken(self, fields: QueryDict, edition: Edition) -> bool:
        """Whether the edition was saved, or went a step further, after this form was opened."""
        if "_revision" not in fields:
            return False  # not from our form, which always says
        is_same_revision = auto_saves.whole_number(fields["_revision"]) == edition.revision
        return not is_same_revision or fields.get("_state", edition.state) != edition.state

    def _forms(self, request, edition: Edition | None) -> tuple:
        """The form and the formsets of parts, as the admin makes them for a request. On a row of their own."""
        is_change = edition is not None
        row = self.model._base_manager.get(pk=edition.pk) if is_change else None
        fields = flatten_fieldsets(self.get_fieldsets(request, row))
        # Not as for a change: who may only look would get a form without fields, and words beside it look the same.
        form_class = self.get_form(request, row, change=False, fields=fields)
        sent = [request.POST, request.FILES] if request.method == "POST" else []
        form = form_class(*sent, instance=row)
        return form, self._create_formsets(request, form.instance, change=is_change)[0]

    def _fitted_forms(self, request, edition: Edition | None, fields: QueryDict) -> tuple[Fitted, object, Iterable]:
        fit = fitted(fields, self._forms(as_opened(request), edition)[1])
        return fit, *self._forms(as_posted(request, fit.fields), edition)

    def _differences(self, request, edition: Edition | None, fields: QueryDict) -> tuple[Fitted, list[DifferentPart]]:
        fit, form, formsets = self._fitted_forms(request, edition, fields)
        return fit, differences((form, formsets), self._forms(as_opened(request), edition), fit)

    def _show(self, request, saving: Saving, fields: QueryDict, rest, status: int = 200) -> HttpResponse:
        """The form filled with what was typed, fitted to what stands now; held, so that it cannot be saved."""
        form_url, extra = rest
        fit, found = self._differences(request, saving.edition, fields)
        saving = replace(saving, differences=found)
        if not saving.can_write:
            return self._render(request, saving, rest)
        posed = as_posted(request, fit.fields)
        posed.is_held = True
        extra = {**extra, **self._context(saving)}
        if saving.told != "errors":
            extra["errors"] = []
        response = super().changeform_view(posed, self._object_id(saving), form_url, extra)
        response.status_code = status
        return response

    def _render(self, request, saving: Saving, rest) -> HttpResponse:
        form_url, extra = rest
        return super().changeform_view(
            as_opened(request), self._object_id(saving), form_url, {**extra, **self._context(saving)}
        )

    def _context(self, saving: Saving) -> dict:
        if not saving.is_beside:
            return {"saving": saving}
        return {"saving": saving, "show_save_and_add_another": False, "show_save_and_continue": False}

    def _object_id(self, saving: Saving) -> str | None:
        return str(saving.edition.pk) if saving.edition else None

    def _settled(self, response: HttpResponse, saving: Saving) -> HttpResponse:
        if is_saved(response):
            auto_saves.forget(saving.page)
        return response

    def _address(self, object_id: int) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        return reverse(f"{name}_change", args=[object_id]) if object_id else reverse(f"{name}_add")


def is_saved(response: HttpResponse) -> bool:
    """The admin leads elsewhere after a save, and shows the form again after anything else."""
    return response.status_code == 302
