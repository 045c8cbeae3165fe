"""The pages for the steps of an edition: sent for review, sent back, approved, taken down, gone back to.

What a step does, and who may take it, is in ``workflow``.
"""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from safety_site.editions import Edition, EditionState
from safety_site.models import EditionEvent
from safety_site.newsroom import gate, roles, workflow
from safety_site.newsroom.review_forms import ApproveForm, SendBackForm, SendForm, Steps, WithdrawForm
from safety_site.newsroom.rights import may
from safety_site.newsroom.side_by_side import parts_beside
from safety_site.newsroom.times import comes_twice, in_words
from safety_site.newsroom.usage import used_in


def steps_for(user, edition: Edition, is_live: bool) -> Steps:
    """What a user may do with an edition now."""
    is_draft, is_in_review = edition.state == EditionState.DRAFT, edition.state == EditionState.IN_REVIEW
    may_write, may_approve = may(user, "change", edition), may(user, "approve", edition)
    objection = workflow.objection(user, edition) if may_approve and not edition.is_approved else ""
    return Steps(
        can_send=is_draft and may_write,
        can_take_back=is_in_review and may_write,
        can_send_back=is_in_review and may_approve,
        can_approve=may_approve and not edition.is_approved and not objection,
        objection=objection,
        approver=who_approves(edition) if is_in_review and (objection or not may_approve) else "",
        can_call_back=may_approve and edition.is_approved and edition.publish_at > timezone.now(),
        can_withdraw=is_live and not edition.is_withdrawal and may(user, "add", edition),
        can_discard=workflow.may_discard(user, edition),
        can_copy=may(user, "add", edition),
    )


def readers_see(edition: Edition) -> str:
    """What readers get now of the thing of an edition, as the beginning of a sentence."""
    of_thing = {edition.thing_field: edition.thing}
    in_force = type(edition).objects.in_force(language=edition.language).filter(**of_thing).first()
    if in_force is None:
        return "Readers see nothing of it"
    return "It stays taken down" if in_force.is_withdrawal else "Readers see the live edition"


def who_approves(edition: Edition) -> str:
    """For whoever may not approve an edition themselves."""
    who = roles.CONTACT_CHECKER if edition.needs_second_person else roles.PUBLISHER
    return f"A {who} approves this."


class ReviewPages:
    """A mixin of EditionAdmin."""

    #: Parts that an approver compares letter by letter with those that readers see.
    checked_parts: list = []

    def edition_urls(self) -> list:
        """Patterns below the admin pages of one kind of edition."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view, page = self.admin_site.admin_view, require_http_methods(["GET", "HEAD", "POST"])
        return [
            path("<int:pk>/draft/", view(require_POST(self.draft_view)), name=f"{name}_draft"),
            path("<int:pk>/send/", view(require_POST(self.send_view)), name=f"{name}_send"),
            path("<int:pk>/take-back/", view(require_POST(self.take_back_view)), name=f"{name}_take_back"),
            path("<int:pk>/call-back/", view(require_POST(self.call_back_view)), name=f"{name}_call_back"),
            path("<int:pk>/send-back/", view(page(self.send_back_view)), name=f"{name}_send_back"),
            path("<int:pk>/approve/", view(page(self.approve_view)), name=f"{name}_approve"),
            path("<int:pk>/take-down/", view(page(self.withdraw_view)), name=f"{name}_withdraw"),
            path("<int:pk>/discard/", view(page(self.discard_view)), name=f"{name}_discard"),
            *super().edition_urls(),
        ]

    def edition_context(self, request, edition) -> dict:
        """What the edit screen shows; ``edition`` is None on the page for a new one."""
        context = super().edition_context(request, edition)
        if edition is None:
            return context
        in_force = self.model.objects.in_force(language=edition.language)
        is_live = in_force.filter(pk=edition.pk).exists()
        return {
            **context,
            "steps": steps_for(request.user, edition, is_live),
            "send_form": SendForm(auto_id="send_%s"),
            "sent_back": workflow.sent_back_with(edition),
            "events": EditionEvent.objects.of(edition).select_related("by"),
            "is_in_force": is_live,
            "others_to_come": workflow.others_to_come(edition, edition.publish_at or timezone.now()),
        }

    # --- What the screen itself allows ------------------------------------------------------------------

    def has_change_permission(self, request, obj=None):
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or workflow.may_change(request.user, obj))

    def has_delete_permission(self, request, obj=None):
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or workflow.may_discard(request.user, obj))

    def save_model(self, request, obj: Edition, form, change):
        super().save_model(request, obj, form, change)
        if change:
            workflow.wrote(obj, request.user)
        else:
            workflow.record(obj, EditionEvent.Kind.MADE, request.user)

    # --- Steps of one click -----------------------------------------------------------------------------

    def draft_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Copy an edition, old or live, to a new draft and open that."""
        edition = self._edition(request, pk, "add")
        draft = workflow.make_draft(edition, request.user)
        messages.success(request, f"This is a new draft. {readers_see(edition)} until this one is published.")
        return self.open_edition(draft)

    def send_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition, form = self._edition(request, pk, "change"), SendForm(request.POST)
        if not form.is_valid():
            return self._page(request, edition, "send", form=form)
        done = "Sent for review. It stays as it is until somebody approves it or sends it back."
        return self._take(request, edition, done, workflow.send_for_review, form.cleaned_data["words"])

    def take_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition = self._edition(request, pk, "change")
        return self._take(request, edition, "It is a draft again: go on writing.", workflow.take_back)

    def call_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition = self._edition(request, pk, "approve")
        done = "Called back: it is a draft again, and readers will not see it."
        return self._take(request, edition, done, workflow.call_back)

    # --- Steps with a page of their own -----------------------------------------------------------------

    def send_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition, form = (
            self._edition(request, pk, "approve"),
            SendBackForm(request.POST if request.method == "POST" else None),
        )
        if not form.is_valid():
            return self._page(request, edition, "send_back", form=form)
        done = "Sent back. Its author sees your words first."
        return self._take(request, edition, done, workflow.send_back, form.cleaned_data["words"])

    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Publish an edition as it was last saved, now or at a time."""
        if not may(request.user, "approve", self.model) and self.has_view_permission(request):
            return self._not_theirs(request, pk)
        edition = self._edition(request, pk, "approve")
        problem = workflow.objection(request.user, edition)
        if edition.is_approved or problem:
            messages.error(request, problem or "Nothing was done: this edition is approved already.")
            return self.open_edition(edition)
        is_sent = request.method == "POST"
        form = ApproveForm(edition, request.user, request.POST if is_sent else None)
        if is_sent and form.is_valid():
            try:
                known = form.cleaned_data.get("others_are_known", False)
                approved = workflow.approve(
                    edition,
                    request.user,
                    form.cleaned_data["moment"],
                    form.checked,
                    others_are_known=known,
                    as_seen=form.cleaned_data["seen"],
                )
            except ValidationError as refusal:
                for each in refusal.messages:
                    form.add_error(None, each)
                # What the page shows now is what is approved next.
                form.data = {**form.data.dict(), "seen": workflow.seen(edition)}
            else:
                messages.success(request, self._published(approved))
                return self.open_edition(approved)
        live = self._live_of(edition)
        context = {
            "findings": gate.inspect(edition),
            "live": live,
            "compared": [parts_beside(live, edition, part) for part in self.checked_parts],
            "can_send_back": edition.state == EditionState.IN_REVIEW,
        }
        return self._page(request, edition, "approve", form=form, **context)

    def _live_of(self, edition: Edition) -> Edition | None:
        live = self.model.objects.live(language=edition.language)
        return live.filter(**{edition.thing_field: edition.thing}).exclude(pk=edition.pk).first()

    def _not_theirs(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Who approves it, for somebody who was sent the address and may only look."""
        edition = self.model._base_manager.select_related(self.model.thing_field).filter(pk=pk).first()
        if edition is None:
            raise PermissionDenied
        response = self._page(request, edition, "not_theirs", who_approves=who_approves(edition))
        response.status_code = 403
        return response

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make a draft that takes the page down; whoever may approve can do that in the same step."""
        edition = self._edition(request, pk, "add")
        form = WithdrawForm(edition, request.POST if request.method == "POST" else None)
        at_once = may(request.user, "approve", edition) and not edition.needs_second_person
        if request.method == "POST" and form.is_valid():
            try:
                draft, done = self._withdraw(request, edition, form.cleaned_data, at_once)
            except ValidationError as refusal:
                for each in refusal.messages:
                    form.add_error(None, each)
            else:
                messages.success(request, done)
                return self.open_edition(draft)
        others = workflow.others_to_come(edition, timezone.now())
        context = {"at_once": at_once, "others": others, "uses": used_in(edition)}
        return self._page(request, edition, "withdraw", form=form, **context)

    def _withdraw(self, request: HttpRequest, edition: Edition, data: dict, at_once: bool) -> tuple[Edition, str]:
        with transaction.atomic():
            draft = workflow.make_withdrawal(
                edition,
                request.user,
                reason=data["reason"],
                instead=data.get("instead", ""),
                redirects=data.get("redirects") == "yes",
                at=data["moment"],
            )
            if at_once and "approve" in request.POST:
                draft = workflow.approve(draft, request.user, data["moment"], others_are_known=True)
                return draft, self._published(draft)
            return draft, "This draft takes the page down once it is approved. Readers still see the page."

    def discard_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition = self._edition(request, pk, "delete")
        if not workflow.may_discard(request.user, edition):
            raise PermissionDenied
        if request.method != "POST":
            return self._page(request, edition, "discard")
        name = str(edition)
        try:
            workflow.discard(edition, request.user)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, f"Discarded: {name}.")
        return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))

    def delete_view(self, request: HttpRequest, object_id: str, extra_context=None) -> HttpResponse:
        """Django's own button: the same step, with the same question."""
        edition = self.get_object(request, object_id)
        if edition is not None and not self.has_delete_permission(request, edition):
            raise PermissionDenied
        return self.discard_view(request, edition.pk if edition else 0)

    # --- Helpers ----------------------------------------------------------------------------------------

    def _edition(self, request: HttpRequest, pk: int, action: str) -> Edition:
        """An edition, for somebody who has a right on its kind. 403 before 404: ids tell a stranger nothing."""
        if not may(request.user, action, self.model):
            raise PermissionDenied
        return get_object_or_404(self.model._base_manager.select_related(self.model.thing_field), pk=pk)

    def _take(self, request: HttpRequest, edition: Edition, done: str, step, *words) -> HttpResponse:
        """Take a step, tell how it went, and lead back to the edition."""
        try:
            edition = step(edition, request.user, *words)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, done)
        return self.open_edition(edition)

    def _published(self, edition: Edition) -> str:
        what = "Readers find the page taken down" if edition.is_withdrawal else "Readers see this edition"
        if edition.publish_at <= timezone.now():
            return f"Published. {what} now."
        words = f"Approved. {what} from {in_words(edition.publish_at)}."
        if comes_twice(edition.publish_at):
            words += " Clocks go back that night and show this time twice: it is the first of the two."
        return words

    def _page(self, request: HttpRequest, edition: Edition, step: str, *, form=None, **context) -> HttpResponse:
        """The page of one step; 422 where what was typed needs a second look."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "edition": edition,
            "edition_title": workflow.title_of(edition),
            "form": form,
            **context,
        }
        status = 422 if form is not None and form.is_bound and not form.is_valid() else 200
        return TemplateResponse(request, f"newsroom/{step}.html", context, status=status)

    def open_edition(self, edition: Edition) -> HttpResponseRedirect:
        """Lead to the edit screen of an edition."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(name, args=[edition.pk]))
