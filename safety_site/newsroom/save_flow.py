"""What happens when an edition's form is opened or saved; ``saving`` says what for.

Each form carries what it was opened with: the revision and state of its edition, and a key under which its words
are kept (``auto_saves``). Saving locks the row and compares. What cannot be saved as it is comes back in the form,
filled with what was typed: such a form is *held*; it has an error that it cannot lose, so Django never saves it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from django.contrib import messages
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms.formsets import all_valid
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from safety_site.editions import Edition, EditionState, copy_as_draft
from safety_site.models import AutoSave, EditionEvent
from safety_site.newsroom import auto_saves
from safety_site.newsroom.collisions import DifferentPart, differences
from safety_site.newsroom.posted_forms import Fitted, as_opened, as_posted, copied_parts, fitted, says_something_new


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


class SaveFlow:
    """One opening or saving of a form. ``proceed`` is what Django's admin does with a request, an object and a page."""

    def __init__(self, admin, request: HttpRequest, proceed: Callable, form_url: str, extra: dict):
        self.admin, self.request, self.proceed = admin, request, proceed
        self.form_url, self.extra = form_url, extra

    # --- Opening ---------------------------------------------------------------------------------------

    def open(self, object_id) -> HttpResponse:
        edition = self._edition(object_id)
        if object_id and edition is None:
            return self.proceed(self.request, object_id, self.form_url, self.extra)
        saving = self._saving(edition)
        asked = next((kept for kept in saving.kept if kept.page == self.request.GET.get("kept")), None)
        if asked:
            return self._show_kept(saving, asked)
        saving = replace(saving, kept=[kept for kept in saving.kept if self._is_unsaved(edition, kept)])
        return self._render(saving)

    def _show_kept(self, saving: Saving, kept: AutoSave) -> HttpResponse:
        """The form filled with words that were kept; where the row changed since, as for two people in one draft."""
        fields = auto_saves.fields_of(kept)
        edition = saving.edition
        if edition is None and not fields.get(self.admin.model.thing_field):
            # Words of a draft that was thrown away meanwhile: its thing was not a field of that form.
            fields[self.admin.model.thing_field] = fields.get("_thing", "")
            fields["language"] = fields.get("_language", "")
        told = "collision" if edition and self._is_overtaken(fields, edition) else "kept"
        page = replace(saving.page, page=kept.page)
        others = [other for other in saving.kept if other != kept]
        saving = replace(saving, page=page, told=told, shown=kept, kept=others)
        return self._show(saving, fields)

    def _is_unsaved(self, edition: Edition | None, kept: AutoSave) -> bool:
        """Whether words that were kept say anything that is not saved; if not, they are forgotten."""
        _fit, form, formsets = self._fitted_forms(edition, auto_saves.fields_of(kept))
        if says_something_new(form, formsets):
            return True
        kept.delete()
        return False

    # --- Saving ----------------------------------------------------------------------------------------

    @transaction.atomic
    def save(self, object_id) -> HttpResponse:
        edition = self._edition(object_id, lock=True)
        if edition is None:
            return self._after_the_end(object_id)
        saving = self._saving(edition)
        if not saving.can_write:
            if self._page_of(edition) is None:
                raise PermissionDenied
            self._keep(saving.page)
            words = "Nothing was saved: this cannot be changed at the moment. Your words are kept."
            messages.warning(self.request, words)
            return HttpResponseRedirect(self.admin.saving_address(edition.pk))
        if self._is_overtaken(self.request.POST, edition):
            return self._collide(saving)
        if edition.is_approved:
            return self._save_beside(saving)
        response = self.proceed(self.request, object_id, self.form_url, {**self.extra, "saving": saving})
        return self._settled(response, saving)

    def save_new(self) -> HttpResponse:
        saving = self._saving(None)
        sent = self.request.POST.get(self.admin.model.thing_field, "")
        # Told once; saving again is an answer.
        if saving.drafts and self.request.POST.get("_beside") != sent and self.admin.has_add_permission(self.request):
            saving = replace(saving, told="another-draft", thing_id=sent)
            self._keep(saving.page)
            return self._show(saving, self.request.POST, status=409)
        return self._settled(self.proceed(self.request, None, self.form_url, {**self.extra, "saving": saving}), saving)

    def _save_beside(self, saving: Saving) -> HttpResponse:
        """A draft beside an approved edition, with what the form changed. The approved one is only read."""
        edition = saving.edition
        if "_seen" in self.request.POST:
            seen = auto_saves.whole_number(self.request.POST["_seen"])
            newer = [draft for draft in saving.drafts if draft.number > seen]
            if newer:
                self._keep(saving.page)
                saving = replace(saving, told="another-draft", drafts=newer)
                return self._show(saving, self.request.POST, status=409)
        form, formsets = self._forms(as_posted(self.request, self.request.POST, self.request.FILES), edition)
        if not says_something_new(form, formsets):
            auto_saves.forget(saving.page)
            messages.info(self.request, "Nothing was changed, so there is no new draft.")
            return HttpResponseRedirect(self.admin.saving_address(edition.pk))
        form_is_valid = form.is_valid()
        if all_valid(formsets) and form_is_valid:
            try:
                with transaction.atomic():
                    return self._settled(self._save_copy(edition), saving)
            except NotSaved:
                pass  # the form says what is wrong
        return self._show(replace(saving, told="errors"), self.request.POST)

    def _save_copy(self, edition: Edition) -> HttpResponse:
        draft = copy_as_draft(edition, self.request.user)
        _form, rows = self._forms(as_opened(self.request), draft)
        fit = fitted(self.request.POST, rows, copied_parts(edition, draft))
        fit.fields["change_note"] = fit.fields.get("change_note") or draft.change_note
        posed = as_posted(self.request, fit.fields, fit.files(self.request.FILES))
        posed.beside, posed.made_beside = None, True
        response = self.proceed(posed, str(draft.pk), self.form_url, self.extra)
        if not is_saved(response):
            raise NotSaved
        note = f"Copied from edition {edition.number}"
        EditionEvent.objects.create(about=draft, kind=EditionEvent.Kind.MADE, by=self.request.user, words=note)
        return response

    def _collide(self, saving: Saving) -> HttpResponse:
        """Somebody else was quicker: both versions, and the form with what was typed."""
        found = self._differences(saving.edition, self.request.POST)[1]
        if not found and not self.request.FILES:
            auto_saves.forget(saving.page)
            messages.info(self.request, "What stands here now says the same as yours, so there was nothing to save.")
            return HttpResponseRedirect(self.admin.saving_address(saving.edition.pk))
        kept = self._keep(saving.page)
        return self._show(replace(saving, told="collision", shown=kept), self.request.POST, status=409)

    def _after_the_end(self, object_id) -> HttpResponse:
        """The draft was thrown away while somebody wrote in it: the page for a new one offers their words."""
        page = auto_saves.read_key(self.request.POST.get(auto_saves.KEY_FIELD, ""))
        is_ours = page and (page.user_id, page.model) == (self.request.user.pk, self.admin.opts.label_lower)
        if not is_ours or not self.admin.has_add_permission(self.request):
            return self.proceed(self.request, object_id, self.form_url, self.extra)
        self._keep(page)
        messages.warning(self.request, "This draft was thrown away while you were writing. Your words are kept.")
        return HttpResponseRedirect(self.admin.saving_address(0))

    # --- Along the way ---------------------------------------------------------------------------------

    def _edition(self, object_id, lock: bool = False) -> Edition | None:
        """The edition, and on the request whether it may be edited by way of a draft beside it."""
        edition = self.admin.get_object(self.request, unquote(object_id)) if object_id else None
        if edition and lock:
            edition = self.admin.model._base_manager.select_for_update().filter(pk=edition.pk).first()
        self.request.beside = None
        if edition and edition.is_approved:
            may_write = self.admin.has_add_permission(self.request) and self.admin.has_change_permission(self.request)
            self.request.beside = edition.pk if may_write else None
        return edition

    def _saving(self, edition: Edition | None) -> Saving:
        user, object_id = self.request.user, edition.pk if edition else 0
        page = self._page_of(edition) or auto_saves.new_page(user, self.admin.model, object_id)
        if edition:
            can_write = self.admin.has_change_permission(self.request, edition)
        else:
            can_write = self.admin.has_add_permission(self.request)
        thing_id = self._thing_id(edition)
        of_thing = self.admin.model._base_manager.filter(**{self.admin.model.thing_field: thing_id})
        if edition:
            of_thing = of_thing.filter(language=edition.language)
        numbers = of_thing.values_list("number", flat=True)
        drafts = [] if edition and not edition.is_approved else self._drafts(of_thing)
        if edition is None and self.request.method == "GET":
            self._adopt_orphans(user)
        kept = auto_saves.of_form(user, self.admin.model, object_id) if self.request.method == "GET" else []
        return Saving(page, edition, max(numbers, default=0), drafts, kept, can_write=can_write)

    def _thing_id(self, edition: Edition | None) -> int:
        if edition:
            return edition.thing.pk
        sent = self.request.POST if self.request.method == "POST" else self.request.GET
        key = sent.get(self.admin.model.thing_field, "")
        return int(key) if key.isascii() and key.isdecimal() and len(key) < 19 else 0

    def _drafts(self, editions) -> list[Edition]:
        unfinished = editions.exclude(state=EditionState.APPROVED)
        return list(unfinished.select_related("author", "changed_by", self.admin.model.thing_field).order_by("-number"))

    def _adopt_orphans(self, user) -> None:
        """Words of one's own about drafts that are not there any more wait on the page for a new one."""
        mine = AutoSave.objects.filter(by=user, model=self.admin.opts.label_lower).exclude(object_id=0)
        wanted = set(mine.values_list("object_id", flat=True))
        gone = wanted - set(self.admin.model._base_manager.filter(pk__in=wanted).values_list("pk", flat=True))
        if gone:
            mine.filter(object_id__in=gone).update(object_id=0)

    def _page_of(self, edition: Edition | None) -> auto_saves.Page | None:
        """The page that this form was, if its key says that it was this editor's form of this edition."""
        page = auto_saves.read_key(self.request.POST.get(auto_saves.KEY_FIELD, ""))
        wanted = (self.request.user.pk, self.admin.opts.label_lower, edition.pk if edition else 0)
        return page if page and (page.user_id, page.model, page.object_id) == wanted else None

    def _keep(self, page: auto_saves.Page) -> AutoSave | None:
        try:
            return auto_saves.keep(page, self.request.POST)
        except auto_saves.NotKept as problem:
            messages.error(self.request, problem.words)
            return None

    def _is_overtaken(self, fields: QueryDict, edition: Edition) -> bool:
        """Whether the edition was saved, or went a step further, after this form was opened."""
        if "_revision" not in fields:
            return False  # not from our form, which always says
        is_same_revision = auto_saves.whole_number(fields["_revision"]) == edition.revision
        return not is_same_revision or fields.get("_state", edition.state) != edition.state

    def _forms(self, request: HttpRequest, edition: Edition | None) -> tuple:
        """The form and the formsets of parts, as the admin makes them for a request. On a row of their own."""
        is_change = edition is not None
        row = self.admin.model._base_manager.get(pk=edition.pk) if is_change else None
        fields = flatten_fieldsets(self.admin.get_fieldsets(request, row))
        # Not as for a change: who may only look would get a form without fields, and words beside it look the same.
        form_class = self.admin.get_form(request, row, change=False, fields=fields)
        sent = [request.POST, request.FILES] if request.method == "POST" else []
        form = form_class(*sent, instance=row)
        return form, self.admin._create_formsets(request, form.instance, change=is_change)[0]

    def _fitted_forms(self, edition: Edition | None, fields: QueryDict) -> tuple[Fitted, object, Iterable]:
        fit = fitted(fields, self._forms(as_opened(self.request), edition)[1])
        return fit, *self._forms(as_posted(self.request, fit.fields), edition)

    def _differences(self, edition: Edition | None, fields: QueryDict) -> tuple[Fitted, list[DifferentPart]]:
        fit, form, formsets = self._fitted_forms(edition, fields)
        return fit, differences((form, formsets), self._forms(as_opened(self.request), edition), fit)

    def _show(self, saving: Saving, fields: QueryDict, status: int = 200) -> HttpResponse:
        """The form filled with what was typed, fitted to what stands now; held, so that it cannot be saved."""
        fit, found = self._differences(saving.edition, fields)
        saving = replace(saving, differences=found)
        if not saving.can_write:
            return self._render(saving)
        posed = as_posted(self.request, fit.fields)
        posed.is_held = True
        extra = {**self.extra, **self._context(saving), "files_again": bool(self.request.FILES)}
        if saving.told != "errors":
            extra["errors"] = []
        response = self.proceed(posed, self._object_id(saving), self.form_url, extra)
        response.status_code = status
        return response

    def _render(self, saving: Saving) -> HttpResponse:
        extra = {**self.extra, **self._context(saving)}
        return self.proceed(as_opened(self.request), self._object_id(saving), self.form_url, extra)

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


def is_saved(response: HttpResponse) -> bool:
    """The admin leads elsewhere after a save, and shows the form again after anything else."""
    return response.status_code == 302
