"""How to report, block and get things removed on each app or game, for one page of its own."""

from typing import Self

from django.db import models
from django.urls import reverse

from safety_site.checks import CheckedModel
from safety_site.fields import HttpsURLField, SluggedModel, SlugManager
from safety_site.search_index import SearchDocument
from safety_site.vocabulary import FoundKind


def confirmed_links() -> models.Prefetch:
    """For a list or a queryset of platforms: the links that a reader may follow."""
    return models.Prefetch("links", PlatformLink.objects.confirmed(), to_attr="confirmed_links")


class PlatformRouteQuerySet(models.QuerySet):
    def live(self) -> Self:
        """What a reader may see."""
        return self.filter(is_published=True)

    def for_page(self) -> Self:
        """With the links that a reader may follow, in ``confirmed_links``, in a fixed number of queries."""
        return self.prefetch_related(confirmed_links())


class PlatformRouteManager(SlugManager.from_queryset(PlatformRouteQuerySet)):
    pass


def _steps(label: str) -> models.TextField:
    return models.TextField(label, blank=True, help_text="One step on each line. Empty: we could not confirm any.")


class PlatformRoute(SluggedModel, CheckedModel):
    """One app, game or console, with the ways to report on it; its slug is the fragment on the page."""

    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=60, help_text="For example “social video”; readers see it beside the name.")
    closed = models.CharField(
        "closed since", max_length=40, blank=True, help_text="For example “8 November 2023”. Empty: it is open."
    )
    note = models.CharField(max_length=300, blank=True, help_text="A word to readers, for example on what is unsure.")
    reporting = _steps("how to report")
    blocking = _steps("how to block")
    removal = _steps("how to get something taken down")
    under_age = _steps("an account of a child who is too young")
    family_tool = models.CharField(max_length=300, blank=True, help_text="Its name, and what it lets a parent do.")
    is_published = models.BooleanField(default=False, help_text="Off: readers do not see it.")
    source = models.CharField(max_length=300, help_text="Where this was read, with its date.")
    editor_note = models.TextField(
        blank=True, help_text="Check this: what is not yet certain. Editors see it, readers do not."
    )

    objects = PlatformRouteManager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_published=False) | ~models.Q(source=""),
                name="platform_route_has_source",
                violation_error_message="Say where this was read before readers see it.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def search_document(self) -> SearchDocument | None:
        if not self.is_published:
            return None
        return SearchDocument(
            kind=FoundKind.PAGE,
            title=f"How to report on {self.name}",
            url=f"{reverse('reporting:platforms')}#{self.slug}",
            summary=f"How to report, block and get something taken down on {self.name}.",
            body=[self.reporting, self.blocking, self.removal, self.under_age],
        )


class PlatformLinkQuerySet(models.QuerySet):
    def confirmed(self) -> Self:
        """Those that a person or a stored copy has shown to exist; the rest are for editors to try."""
        return self.filter(is_confirmed=True)


class PlatformLinkManager(models.Manager.from_queryset(PlatformLinkQuerySet)):
    def get_by_natural_key(self, slug: str, position: int):
        return self.get(platform__slug=slug, position=position)


class PlatformLink(models.Model):
    """One official page of a platform."""

    class Kind(models.TextChoices):
        """In the order in which a worried reader needs them."""

        REPORT = "report", "How to report something"
        REPORT_USER = "report-user", "How to report an account"
        PARENTS = "parents", "Reporting for parents and carers"
        REMOVAL = "removal", "Ask for something to be taken down"
        UNDER_AGE = "under-age", "Report an account of a child who is too young"
        FAMILY_TOOL = "family-tool", "Settings for families"

    platform = models.ForeignKey(PlatformRoute, models.CASCADE, related_name="links")
    position = models.PositiveSmallIntegerField(default=1, help_text="Lowest first.")
    kind = models.CharField(max_length=12, choices=Kind)
    url = HttpsURLField()
    is_confirmed = models.BooleanField(default=False, help_text="A person or a stored copy has shown it to exist.")

    objects = PlatformLinkManager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "position"],
                name="platform_link_position_once",
                violation_error_message="Two links of a platform need different positions.",
            )
        ]

    def __str__(self) -> str:
        return self.url

    def natural_key(self) -> tuple[str, int]:
        return (self.platform.slug, self.position)
