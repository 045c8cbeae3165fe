"""Concerns: what has happened, what to do now, and whom to contact, in editions."""

from django.db import models
from django.urls import reverse

from safety_site.editions import Edition, EditionManager, EditionPart, EditionQuerySet, edition_constraints
from safety_site.fields import SluggedModel
from safety_site.search_index import Findable, SearchDocument
from safety_site.vocabulary import Audience, FoundKind

from .contacts import ReportingContact


class Concern(SluggedModel):
    """A worry that has a page under /report/; its slug is a value of ``safety_site.vocabulary.Concern``."""

    class Meta:
        ordering = ["slug"]

    def get_absolute_url(self) -> str:
        return reverse("reporting:concern", args=[self.slug])


class ConcernEditionQuerySet(EditionQuerySet):
    def for_page(self):
        """With everything that the page of one concern shows, in a fixed number of queries."""
        return self.select_related("concern").prefetch_related("points", "routes")


class ConcernEdition(Findable, Edition):
    """One whole version of the page of a worry."""

    class Urgency(models.TextChoices):
        """Most urgent first."""

        NOW = "now", "Act now"
        TODAY = "today", "Act today"
        SOON = "soon", "Act in the next days"

    thing_field = "concern"

    concern = models.ForeignKey(Concern, models.PROTECT, related_name="editions")
    title = models.CharField(max_length=100, help_text="As a family would say it.")
    summary = models.CharField(max_length=250)
    urgency = models.CharField(max_length=6, choices=Urgency)
    order = models.PositiveSmallIntegerField(help_text="In the list of worries; most urgent first.")
    speaks_to = models.CharField(
        max_length=20,
        choices=Audience,
        default=Audience.PARENTS,
        help_text="Whose words the page shows to a visitor who has not said who they are.",
    )
    local_first = models.BooleanField(default=False, help_text="Offer the council's number before the national ones.")
    after_report = models.TextField(help_text="What happens after you report.")
    anonymity = models.TextField(help_text="Can I stay anonymous?")
    keep = models.TextField(help_text="What to keep, and what never to copy.")

    objects = EditionManager.from_queryset(ConcernEditionQuerySet)()

    class Meta(Edition.Meta):
        ordering = ["order"]
        constraints = edition_constraints("concern", "concern_edition")
        indexes = [models.Index(fields=["concern", "language", "publish_at"], name="concern_edition_live")]

    def get_absolute_url(self) -> str:
        return self.concern.get_absolute_url()

    def search_document(self) -> SearchDocument:
        return SearchDocument(
            kind=FoundKind.CONCERN,
            title=self.title,
            url=self.get_absolute_url(),
            summary=self.summary,
            keywords=[self.concern.slug],
            body=[*(point.words for point in self.points.all()), self.after_report, self.anonymity],
            concern=self.concern.slug,
            hidden_words=["report tell who to call"],
        )


class ConcernPoint(EditionPart):
    """One sign, one thing to do now, or one thing not to do; for everyone, or in words for one audience."""

    class Kind(models.TextChoices):
        """In the order of the page."""

        SIGN = "sign", "Signs"
        DO = "do", "Do now"
        DO_NOT = "do-not", "Do not"

    edition = models.ForeignKey(ConcernEdition, models.CASCADE, related_name="points")
    kind = models.CharField(max_length=8, choices=Kind)
    words = models.CharField(max_length=300)
    audience = models.CharField(
        max_length=20, choices=Audience, blank=True, help_text="Empty: for everyone. Else only this audience sees it."
    )

    def __str__(self) -> str:
        return self.words


class ConcernRoute(EditionPart):
    """One contact for a worry, in order, with why."""

    edition = models.ForeignKey(ConcernEdition, models.CASCADE, related_name="routes")
    contact = models.ForeignKey(ReportingContact, models.PROTECT, related_name="+")
    why = models.CharField(max_length=250, blank=True)

    class Meta(EditionPart.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "contact"],
                name="concern_route_once",
                violation_error_message="This worry names that contact already.",
            )
        ]

    def __str__(self) -> str:
        return str(self.contact)
