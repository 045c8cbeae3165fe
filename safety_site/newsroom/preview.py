"""An edition as a reader will see it: for staff, at three widths, and by a link for a reviewer."""

from urllib.parse import urlsplit

from csp.decorators import csp_update
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from safety_site.editions import Edition
from safety_site.models import PreviewLink
from safety_site.newsroom.preview_links import (
    PreviewLinkForm,
    address_of,
    may_revoke,
    usable_links,
)
from safety_site.newsroom.rights import may
from safety_site.newsroom.showing import Mark, for_one_reader, show_edition
from safety_site.newsroom.telling import key_in_force, stage, who

# A phone, a tablet, a desk: name, width in CSS pixels.
WIDTHS = [("Phone", 360), ("Tablet", 768), ("Desk", 1280)]
# A contact may stand on the pages of many councils; the panel names so many.
MOST_PAGES = 12


class PreviewPages:
    """A mixin of EditionAdmin."""

    def edition_urls(self) -> list:
        """Patterns below the admin pages of one kind of edition."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/preview/", view(require_safe(self.preview_view)), name=f"{name}_preview"),
            path("<int:pk>/widths/", view(require_safe(self.widths_view)), name=f"{name}_widths"),
            path("<int:pk>/links/", view(self.links_view), name=f"{name}_links"),
            path("<int:pk>/links/<int:link>/revoke/", view(require_POST(self.revoke_view)), name=f"{name}_revoke"),
            *super().edition_urls(),
        ]

    def edition_context(self, request, edition) -> dict:
        """What the edit screen shows; ``edition`` is None on the page for a new one."""
        context = super().edition_context(request, edition)
        if edition is None:
            return context
        return {
            **context,
            "preview_pages": edition.pages()[:MOST_PAGES],
            "preview_place": _place(edition, 0),
            "preview_links": self._links(request, edition),
            "preview_link_form": PreviewLinkForm(prefix="link") if self._may_make_links(request) else None,
        }

    def edition_to_see(self, request: HttpRequest, pk: int) -> Edition:
        """An edition by its key, for somebody who may view it; 403 or 404 otherwise."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        related = (self.model.thing_field, "author", "approved_by")
        edition = get_object_or_404(self.model._base_manager.select_related(*related), pk=pk)
        if not self.has_view_permission(request, edition):
            raise PermissionDenied
        return edition

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The readers' page of an edition; with ``?framed=1`` one that our own page of widths may frame."""
        edition = self.edition_to_see(request, pk)
        mark = self._mark(edition, is_framed=request.GET.get("framed") == "1")
        if not edition.pages():
            request.mark = mark
            page = render(
                request, "newsroom/on_no_page.html", {"edition": edition, "back": self._edit_address(edition)}
            )
            return for_one_reader(page, mark)
        return show_edition(request, edition, mark, on=_small_number(request.GET.get("on", "0")))

    def widths_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Three frames side by side; the one page of the editors that may frame anything, and only our own."""
        edition = self.edition_to_see(request, pk)
        on = _small_number(request.GET.get("on", "0"))
        context = {
            **self.admin_site.each_context(request),
            "title": f"At three widths: {edition}",
            "opts": self.opts,
            "edition": edition,
            "widths": WIDTHS,
            "is_nav_sidebar_enabled": False,  # the frames need the room
            "preview": reverse(self._address_name("preview"), args=[edition.pk]),
            "on": on,
            "place": _place(edition, on),
        }
        response = TemplateResponse(request, "newsroom/widths.html", context)
        return csp_update({"frame-src": ["'self'"]})(lambda: response)()

    def links_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The links of an edition, with their addresses to copy; making one."""
        edition = self.edition_to_see(request, pk)
        if not self._may_make_links(request):
            raise PermissionDenied
        form = PreviewLinkForm(request.POST or None, prefix="link")
        if request.method == "POST" and form.is_valid():
            link = form.make(edition, request.user)
            messages.success(request, f"Made a link for {link.for_whom}. Copy its address below and send it to them.")
            return HttpResponseRedirect(reverse(self._address_name("links"), args=[edition.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Links for reviewers: {edition}",
            "opts": self.opts,
            "edition": edition,
            "form": form,
            "links": self._links(request, edition),
        }
        return TemplateResponse(request, "newsroom/links.html", context)

    def revoke_view(self, request: HttpRequest, pk: int, link: int) -> HttpResponse:
        """End a link at once."""
        edition = self.edition_to_see(request, pk)
        found = get_object_or_404(usable_links(edition), pk=link)
        if not may_revoke(request.user, found, edition):
            raise PermissionDenied
        PreviewLink.objects.filter(pk=found.pk, revoked_at=None).update(
            revoked_at=timezone.now(), revoked_by=request.user
        )
        messages.success(request, f"The link for {found.for_whom} no longer works.")
        to = self._address_name("links") if self._may_make_links(request) else self._address_name("change")
        return HttpResponseRedirect(reverse(to, args=[edition.pk]))

    def _address_name(self, page: str) -> str:
        return f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{page}"

    def _edit_address(self, edition: Edition) -> str:
        return reverse(self._address_name("change"), args=[edition.pk])

    def _may_make_links(self, request: HttpRequest) -> bool:
        # Of an approved edition too, though nobody may change its words: one that comes next week is worth a reading.
        return may(request.user, "change", self.model)

    def _links(self, request: HttpRequest, edition: Edition) -> list[dict]:
        shows_address = self._may_make_links(request)
        return [
            {
                "link": link,
                "address": address_of(link) if shows_address else "",
                "may_revoke": may_revoke(request.user, link, edition),
            }
            for link in usable_links(edition)
        ]

    def _mark(self, edition: Edition, is_framed: bool) -> Mark:
        in_force = key_in_force(edition)
        says = "Preview: readers see this now." if edition.pk == in_force else "Preview: readers do not see this."
        by = who(edition)
        return Mark(
            title="Preview",
            says=says,
            words=f"Edition {edition.number}. {stage(edition, in_force)}{f', {by}' if by else ''}.",
            small_print="" if is_framed else "Links on this page lead to the live site.",
            back="" if is_framed else self._edit_address(edition),
            back_words="Back to this edition",
            is_framed=is_framed,
        )


def _place(edition: Edition, on: int) -> str:
    """Where on its page an edition stands, as the end of an address; empty where it is the page."""
    pages = edition.pages()
    fragment = urlsplit(pages[on]).fragment if on < len(pages) else ""
    return f"#{fragment}" if fragment else ""


def _small_number(typed: str) -> int:
    """A number from an address, of at most three digits; 404 for anything else."""
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= 3):
        raise Http404
    return int(typed)
