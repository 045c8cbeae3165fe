"""The pages of suggested changes: a form for those who may not change a row, and the list for those who decide."""

import time

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from safety_site.models import SuggestedChange
from safety_site.newsroom.cells import cells_of
from safety_site.newsroom.rights import may
from safety_site.newsroom.suggestions import (
    accept,
    accept_all,
    changed_fields,
    of_same_import,
    refuse,
    row_of,
    suggest,
)

# A page must answer before the server gives up on it; what is left is accepted with another press.
SECONDS_TO_ACCEPT = 12
PROBLEMS_SHOWN = 10


def may_suggest(user, model) -> bool:
    return may(user, "view", model) and may(user, "add", SuggestedChange)


class SuggestingAdmin:
    """A mixin for rows that have no editions: whoever may see but not change one gets the same form, as a suggestion.

    Nothing of ``…/suggest/`` reaches the row: saving there stores a ``SuggestedChange``. Rows of an inline (the links
    of a platform) are not on that form.
    """

    change_form_template = "newsroom/suggesting_change_form.html"
    change_list_template = "newsroom/suggesting_change_list.html"

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("suggest/", view(self.suggest_view), name=f"{name}_suggest_new"),
            path("<path:object_id>/suggest/", view(self.suggest_view), name=f"{name}_suggest"),
            *super().get_urls(),
        ]

    def suggest_view(self, request: HttpRequest, object_id: str | None = None):
        """The form of the row; what is sent waits for somebody to accept it."""
        if not may_suggest(request.user, self.model):
            raise PermissionDenied
        if object_id is not None and self.get_object(request, unquote(object_id)) is None:
            raise Http404
        request.is_suggesting = True
        title = f"Suggest a new {self.opts.verbose_name}" if object_id is None else "Suggest a change"
        context = {"is_suggesting": True, "title": title, "show_save_and_add_another": False,
                   "show_save_and_continue": False, "show_delete": False}  # fmt: skip
        return self.changeform_view(request, object_id, extra_context=context)

    def has_change_permission(self, request, obj=None):
        return getattr(request, "is_suggesting", False) or super().has_change_permission(request, obj)

    def has_add_permission(self, request):
        return getattr(request, "is_suggesting", False) or super().has_add_permission(request)

    def get_inlines(self, request, obj):
        return [] if getattr(request, "is_suggesting", False) else super().get_inlines(request, obj)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        return super().change_view(request, object_id, form_url, {**self._offer(request), **(extra_context or {})})

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {**self._offer(request), **(extra_context or {})})

    def _offer(self, request) -> dict:
        return {
            "may_suggest": may_suggest(request.user, self.model) and not may(request.user, "change", self.model),
        }

    def save_model(self, request, obj, form, change):
        if not getattr(request, "is_suggesting", False):
            super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        if not getattr(request, "is_suggesting", False):
            super().save_related(request, form, formsets, change)
            return
        as_it_is = self.model._base_manager.get(pk=form.instance.pk) if change else self.model()
        many = {field.name: form.cleaned_data.get(field.name) for field in self.opts.many_to_many}
        names = list(form.fields)
        request.suggested = suggest(
            self.model,
            as_it_is if change else None,
            cells_of(as_it_is, names),
            cells_of(form.instance, names, {name: rows for name, rows in many.items() if rows is not None}),
            request.user,
            title=str(form.instance),
        )

    def log_addition(self, request, obj, message):
        if not getattr(request, "is_suggesting", False):
            return super().log_addition(request, obj, message)
        return None

    def log_change(self, request, obj, message):
        if not getattr(request, "is_suggesting", False):
            return super().log_change(request, obj, message)
        return None

    def response_add(self, request, obj, post_url_continue=None):
        if getattr(request, "is_suggesting", False):
            return self._suggested(request)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        if getattr(request, "is_suggesting", False):
            return self._suggested(request)
        return super().response_change(request, obj)

    def _suggested(self, request) -> HttpResponseRedirect:
        if request.suggested is None:
            messages.info(request, "Nothing is different, so nothing was suggested.")
        else:
            messages.success(
                request, f"Your suggestion for “{request.suggested}” waits for a publisher. Readers see no change yet."
            )
        return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))


class SuggestedChangeAdmin(admin.ModelAdmin):
    """What waits for a decision first. Each page shows what stands there, what would, and whether it changed since."""

    list_display = ["title", "what", "state", "author", "made_at", "source"]
    list_filter = ["state", ("content_type", admin.RelatedOnlyFieldListFilter), "made_at"]
    list_select_related = ["content_type", "author"]
    search_fields = ["title", "source"]
    # “waiting” stands last in the alphabet, hence first here.
    ordering = ["-state", "-made_at", "pk"]
    actions = ["accept_chosen", "refuse_chosen"]

    def get_urls(self):
        view = self.admin_site.admin_view
        name = "safety_site_suggestedchange"
        return [
            path("<int:pk>/accept/", view(require_POST(self.accept_view)), name=f"{name}_accept"),
            path("<int:pk>/refuse/", view(require_POST(self.refuse_view)), name=f"{name}_refuse"),
            path("<int:pk>/accept-all/", view(require_POST(self.accept_all_view)), name=f"{name}_accept_all"),
            path("<int:pk>/refuse-all/", view(require_POST(self.refuse_all_view)), name=f"{name}_refuse_all"),
            *super().get_urls(),
        ]

    @admin.display(description="of", ordering="content_type")
    def what(self, suggested: SuggestedChange) -> str:
        return suggested.content_type.name

    def has_add_permission(self, request):
        return False  # they come from sheets and from the forms of the rows

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_approve_permission(self, request):
        return may(request.user, "approve", SuggestedChange)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        suggested = self.get_object(request, unquote(object_id))
        if suggested is None:
            raise Http404
        row = row_of(suggested)
        fields = changed_fields(suggested)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Suggested: {suggested.title}",
            "suggested": suggested,
            "fields": fields,
            "row": row,
            "is_waiting": suggested.state == SuggestedChange.State.WAITING,
            "is_gone": bool(suggested.object_id) and row is None,
            "is_stale": any(field.now is not None for field in fields),
            "may_decide": self.has_approve_permission(request),
            "of_same_import": of_same_import(suggested).count(),
        }
        return TemplateResponse(request, "newsroom/suggestion.html", context)

    def _for_decision(self, request, pk: int) -> SuggestedChange:
        if not self.has_approve_permission(request):
            raise PermissionDenied
        return get_object_or_404(SuggestedChange, pk=pk)

    def accept_view(self, request, pk: int) -> HttpResponseRedirect:
        suggested = self._for_decision(request, pk)
        try:
            accept(suggested, request.user)
        except ValidationError as problem:
            messages.error(request, " ".join(problem.messages))
        else:
            messages.success(request, f"Accepted: “{suggested}”. Readers see it now.")
        return self._open(suggested)

    def refuse_view(self, request, pk: int) -> HttpResponseRedirect:
        suggested = self._for_decision(request, pk)
        try:
            refuse(suggested, request.user)
        except ValidationError as problem:
            messages.error(request, " ".join(problem.messages))
        else:
            messages.success(request, f"Refused: “{suggested}” stays as it is.")
        return self._open(suggested)

    def accept_all_view(self, request, pk: int) -> HttpResponseRedirect:
        suggested = self._for_decision(request, pk)
        self._accept(request, of_same_import(suggested))
        return self._open(suggested)

    def refuse_all_view(self, request, pk: int) -> HttpResponseRedirect:
        suggested = self._for_decision(request, pk)
        self._refuse(request, of_same_import(suggested))
        return self._open(suggested)

    @admin.action(description="Accept: readers see these at once", permissions=["approve"])
    def accept_chosen(self, request, queryset):
        self._accept(request, queryset.waiting().order_by("pk"))

    @admin.action(description="Refuse: leave these rows as they are", permissions=["approve"])
    def refuse_chosen(self, request, queryset):
        self._refuse(request, queryset.waiting().order_by("pk"))

    def _accept(self, request, waiting) -> None:
        count, end = waiting.count(), time.monotonic() + SECONDS_TO_ACCEPT
        done, problems = accept_all(list(waiting), request.user, lambda: time.monotonic() > end)
        messages.success(request, f"Accepted: {done:,}. Readers see them now.")
        if len(problems) + done < count:
            messages.warning(request, f"{count - done - len(problems):,} are left: accept again to go on.")
        for problem in problems[:PROBLEMS_SHOWN]:
            messages.error(request, problem)
        if len(problems) > PROBLEMS_SHOWN:
            messages.error(request, f"{len(problems) - PROBLEMS_SHOWN:,} more could not be accepted.")

    def _refuse(self, request, waiting) -> None:
        count = 0
        for each in waiting:
            try:
                refuse(each, request.user)
            except ValidationError:
                continue  # somebody was quicker
            count += 1
        messages.success(request, f"Refused: {count:,}.")

    def _open(self, suggested: SuggestedChange) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:safety_site_suggestedchange_change", args=[suggested.pk]))
