"""Links to other sites by audience, and notes that several pages share."""

import re
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse

from safety_site.checks import CheckedModel
from safety_site.fields import HttpsURLField, RichTextField, SluggedModel, SlugManager
from safety_site.search_index import SearchDocument
from safety_site.vocabulary import Audience, FoundKind

from .topics import TopicEdition


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

    def search_document(self) -> SearchDocument | None:
        if not self.is_published:
            return None
        return SearchDocument(
            kind=FoundKind.LINK,
            title=self.title,
            url=self.url,
            summary=f"{self.description} For {self.get_audience_display().lower()}, by {self.provider}.",
            keywords=[self.provider],
            hidden_words=[self.phone, self.get_group_display()],
        )


def _with_live_topics() -> models.Prefetch:
    """What ``ToldOnTopics`` reads: of each topic named, its live edition, in a list that may be empty."""
    live = TopicEdition.objects.live().select_related("topic")
    return models.Prefetch("topics__editions", live, to_attr="live_editions")


class ToldOnTopics:
    """Something that belongs to topics; fetch it with ``for_page()``."""

    @property
    def live_topics(self) -> list[TopicEdition]:
        """The editions to read of its topics now; a topic that has none is left out."""
        return [edition for topic in self.topics.all() for edition in topic.live_editions]


class SharedNoteQuerySet(models.QuerySet):
    def live(self) -> Self:
        """What a reader may see."""
        return self.filter(is_published=True)

    def law(self) -> Self:
        """What the law says, in the order of the page of the law."""
        return self.live().filter(kind=SharedNote.Kind.LAW).order_by("position", "title")

    def for_page(self) -> Self:
        """With the topics that each note matters for, in a fixed number of queries."""
        return self.prefetch_related(_with_live_topics())


class SharedNote(ToldOnTopics, SluggedModel, CheckedModel):
    """A fact that several pages tell in the same words, so that it is changed in one place."""

    class Kind(models.TextChoices):
        """What it is about; the law has a page of its own."""

        NOTE = "note", "Good to know"
        LAW = "law", "The law"

    class LawStatus(models.TextChoices):
        """Whether it binds anybody today; in the order of the page of the law."""

        IN_FORCE = "in-force", "In force"
        PASSED = "passed", "Passed; we could not confirm that it has started"
        PLANNED = "planned", "Planned, not law"
        GUIDANCE = "guidance", "Official guidance"

    kind = models.CharField(max_length=6, choices=Kind, default=Kind.NOTE)
    law_status = models.CharField(
        "status", max_length=10, choices=LawStatus, blank=True, help_text="Of the law; readers see it."
    )
    position = models.PositiveSmallIntegerField(default=1, help_text="On the page of the law; lowest first.")
    title = models.CharField(max_length=100)
    body = RichTextField()
    as_of = models.DateField(help_text="The day on which this was last true; readers see it.")
    source = models.CharField(max_length=200)
    link = HttpsURLField(blank=True)
    topics = models.ManyToManyField(
        "guidance.Topic", related_name="+", blank=True, help_text="Of the law: pages that it matters for."
    )
    is_published = models.BooleanField("published", default=True, help_text="Off: readers do not see it.")
    editor_note = models.TextField(
        blank=True, help_text="Check this: what is not yet certain. Editors see it, readers do not."
    )

    objects = SlugManager.from_queryset(SharedNoteQuerySet)()

    class Meta:
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(kind="law") | ~models.Q(law_status=""),
                name="shared_note_law_status",
                violation_error_message="Say whether the law is in force, passed or planned.",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def search_document(self) -> SearchDocument | None:
        """A note of the law, on the page of the law; any other note is found by the pages that tell it."""
        if self.kind != self.Kind.LAW or not self.is_published:
            return None
        return SearchDocument(
            kind=FoundKind.LAW,
            title=self.title,
            url=f"{reverse('guidance:law')}#{self.slug}",
            body=[self.body],
            hidden_words=[self.slug, self.source, self.get_law_status_display(), "illegal legal crime law"],
        )


class OldNameQuerySet(models.QuerySet):
    def live(self) -> Self:
        """What a reader may see."""
        return self.filter(is_published=True)

    def for_page(self) -> Self:
        """With the topics that tell of each name, in a fixed number of queries."""
        return self.prefetch_related(_with_live_topics())


class OldName(ToldOnTopics, SluggedModel, CheckedModel):
    """A name that older guides and leaflets use, and what became of what it named.

    It may be a service, a tool or a recording. It is explained, and findable, and never offered.
    """

    class Became(models.TextChoices):
        """What became of it; surest first."""

        RENAMED = "renamed", "Has a new name"
        REPLACED = "replaced", "Something else took over"
        CLOSED = "closed", "Closed"
        UNCONFIRMED = "unconfirmed", "We could not confirm where it is now"

    name = models.CharField(max_length=120, unique=True)
    became = models.CharField(max_length=12, choices=Became)
    what = models.CharField(max_length=300, help_text="What it was.")
    now = models.CharField(max_length=400, help_text="What became of it, as far as we know.")
    instead_label = models.CharField(max_length=120, blank=True, help_text="What to use now.")
    instead_url = models.CharField(
        max_length=200, blank=True, help_text="An address on this site that starts with /, or an https address."
    )
    topics = models.ManyToManyField(
        "guidance.Topic", related_name="old_names", blank=True, help_text="Pages that tell of it."
    )
    is_published = models.BooleanField("published", default=True, help_text="Off: readers do not see it.")
    source = models.CharField(max_length=300, help_text="Where this was read, with its date.")
    editor_note = models.TextField(
        blank=True, help_text="Check this: what is not yet certain. Editors see it, readers do not."
    )

    objects = SlugManager.from_queryset(OldNameQuerySet)()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('guidance:old-names')}#{self.slug}"

    def search_document(self) -> SearchDocument | None:
        if not self.is_published:
            return None
        return SearchDocument(
            kind=FoundKind.NAME,
            title=self.name,
            url=self.get_absolute_url(),
            summary=self.now,
            body=[self.what],
            hidden_words=[self.instead_label],
        )

    def clean(self) -> None:
        super().clean()
        if self.instead_url and not re.match(r"/(?!/)|https://[^/]", self.instead_url):
            raise ValidationError({"instead_url": "Start with a slash for this site, or with https://."})
