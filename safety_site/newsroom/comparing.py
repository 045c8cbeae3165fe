"""Two editions of one thing, word by word."""

from dataclasses import dataclass

from django.contrib.admin.utils import flatten_fieldsets
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.http import require_safe

from safety_site.editions import Edition
from safety_site.newsroom.reading import compare_editions
from safety_site.newsroom.telling import key_in_force, stage, who

# The panel beside the form shows so many of the latest; the page of the comparison shows all.
IN_PANEL = 8


@dataclass(frozen=True)
class Told:
    """An edition in the list of all editions of its thing."""

    edition: Edition
    stage: str
    who: str
    is_in_force: bool
    is_this: bool


class ComparePages:
    """A mixin of EditionAdmin."""

    def edition_urls(self) -> list:
        """Patterns below the admin pages of one kind of edition."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/compare/", view(require_safe(self.compare_view)), name=f"{name}_compare"),
            *super().edition_urls(),
        ]

    def edition_context(self, request, edition) -> dict:
        """What the edit screen shows; ``edition`` is None on the page for a new one."""
        context = super().edition_context(request, edition)
        if edition is None:
            return context
        told = self._all_told(edition)
        return {
            **context,
            "editions_told": told[:IN_PANEL],
            "editions_count": len(told),
            "may_go_back": self.has_add_permission(request),
        }

    def compare_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """From an older edition to a newer one of the same thing; ``?with=`` and ``?edition=`` are keys."""
        edition = self.edition_to_see(request, pk)
        told = self._all_told(edition)
        by_key = {str(each.edition.pk): each for each in told}
        this = _chosen(by_key, request.GET.get("edition", ""), default=by_key[str(pk)])
        other = _chosen(by_key, request.GET.get("with", ""), default=_usual_other(told, this))
        older, newer = sorted((this, other or this), key=lambda each: (each.edition.number, each.edition.pk))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Compare editions of {edition.thing}",
            "opts": self.opts,
            "edition": edition,
            "older": older,
            "newer": newer,
            "is_one": older is newer,
            "comparison": compare_editions(older.edition, newer.edition, self._names_in_order(), self._parts()),
            "editions_told": told,
            "may_go_back": self.has_add_permission(request),
        }
        return TemplateResponse(request, "newsroom/compare.html", context)

    def _all_told(self, edition: Edition) -> list[Told]:
        """Every edition of the same thing, latest first."""
        same_thing = {edition.thing_field: edition.thing}
        editions = self.model._base_manager.filter(**same_thing).select_related(
            edition.thing_field, "author", "approved_by"
        )
        in_force = key_in_force(edition)
        return [
            Told(each, stage(each, in_force), who(each), each.pk == in_force, each.pk == edition.pk)
            for each in editions.order_by("-number", "-pk")
        ]

    def _names_in_order(self) -> list[str]:
        """The fields of the edit screen, in its order."""
        own = [(piece[0], {"fields": piece[1]}) for piece in self.screen if not isinstance(piece, type)]
        return flatten_fieldsets(own)

    def _parts(self) -> list[type]:
        return [inline.model for inline in self.inlines]


def _chosen(by_key: dict[str, Told], typed: str, default: Told | None) -> Told | None:
    """The edition that an address names; 404 for one of another thing, or of none."""
    if not typed:
        return default
    if typed not in by_key:
        raise Http404
    return by_key[typed]


def _usual_other(told: list[Told], this: Told) -> Told | None:
    """What is in force; for that one itself, the edition before it, or any other."""
    others = [each for each in told if each is not this]
    in_force = next((each for each in others if each.is_in_force), None)
    before = next((each for each in others if each.edition.number < this.edition.number), None)
    return in_force or before or next(iter(others), None)
