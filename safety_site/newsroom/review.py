"""The steps of an edition: sent for review, sent back, approved, withdrawn, gone back to."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from safety_site.editions import Edition, approve, copy_as_draft
from safety_site.newsroom.rights import may


class ReviewPages:
    """A mixin of EditionAdmin."""

    def edition_urls(self) -> list:
        """Patterns below the admin pages of one kind of edition."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/draft/", view(require_POST(self.draft_view)), name=f"{name}_draft"),
            path("<int:pk>/approve/", view(require_POST(self.approve_view)), name=f"{name}_approve"),
            *super().edition_urls(),
        ]

    def edition_context(self, request, edition) -> dict:
        """What the edit screen shows; ``edition`` is None on the page for a new one."""
        return super().edition_context(request, edition)

    def draft_view(self, request: HttpRequest, pk: int) -> HttpResponseRedirect:
        """Copy an edition, parts and all, to a new draft and open that."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        draft = copy_as_draft(get_object_or_404(self.model, pk=pk), request.user)
        messages.success(request, "This is a new draft. Readers see the live edition until you publish this one.")
        return self.open_edition(draft)

    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponseRedirect:
        """Publish a draft as it was last saved."""
        edition = get_object_or_404(self.model, pk=pk)
        if not may(request.user, "approve", edition) or edition.is_approved:
            raise PermissionDenied
        try:
            approve(edition, request.user)
        except ValidationError as problem:
            messages.error(request, " ".join(problem.messages))
        else:
            messages.success(request, "Published: readers see this edition from its publishing time.")
        return self.open_edition(edition)

    def open_edition(self, edition: Edition) -> HttpResponseRedirect:
        """Lead to the edit screen of an edition."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(name, args=[edition.pk]))
