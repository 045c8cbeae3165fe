"""Links to other sites by audience, and notes that several pages share."""

from typing import Self

from django.db import models

from safety_site.editions import CheckedModel
from safety_site.fields import HttpsURLField, RichTextField, SluggedModel, SlugManager
from safety_site.vocabulary import Audience


class UsefulLinkQuerySet(models.QuerySet):
    def live(self) -> Self:
        """What a reader may see."""
        return self.filter(is_published=True)

    def for_audience(self, audience: str) -> Self:
        return self.filter(audience=audience)


class UsefulLinkManager(models.Manager.from_queryset(UsefulLinkQuerySet)):
    def get_by_natural_key(self, audience: str, url: str):
        return self.get(audience=audience, url=url)


class UsefulLink(CheckedModel):
    """A page of somebody else's that one audience needs, in words for that audience."""

    class Group(models.TextChoices):
        """What a visitor comes for: help first, then advice, then rules and training."""

        TALK = "talk", "Talk to someone"
        REPORT = "report", "Report it or take it down"
        ADVICE = "advice", "Advice and guides"
        LEARN = "learn", "Learn and play"
        GUIDANCE = "guidance", "Guidance and procedures"

    audience = models.CharField(max_length=20, choices=Audience)
    group = models.CharField(max_length=10, choices=Group)
    title = models.CharField(max_length=120)
    provider = models.CharField(max_length=100)
    description = models.CharField(max_length=300)
    url = HttpsURLField()
    phone = models.CharField(max_length=20, blank=True, help_text="As published, spaces included. Readers can tap it.")
    position = models.PositiveSmallIntegerField(default=1)
    is_published = models.BooleanField(default=False, help_text="Off: readers do not see it.")
    editor_note = models.TextField(
        blank=True, help_text="Check this: what is not yet certain. Editors see it, readers do not."
    )

    objects = UsefulLinkManager()

    class Meta:
        ordering = ["position", "title"]
        constraints = [
            models.UniqueConstraint(
                fields=["audience", "url"],
                name="useful_link_once",
                violation_error_message="This audience has a link to that page already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.get_audience_display()})"

    def natural_key(self) -> tuple[str, str]:
        return (self.audience, self.url)


class SharedNote(SluggedModel, CheckedModel):
    """A fact that several pages tell in the same words, so that it is changed in one place."""

    title = models.CharField(max_length=100)
    body = RichTextField()
    as_of = models.DateField(help_text="The day on which this was last true; readers see it.")
    source = models.CharField(max_length=200)
    link = HttpsURLField(blank=True)

    objects = SlugManager()

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title
