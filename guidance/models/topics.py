"""Topics: the subjects of the guidance, each in editions with their parts."""

from pathlib import PurePath
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse

from safety_site.editions import (
    Edition,
    EditionManager,
    EditionPart,
    EditionPartManager,
    EditionQuerySet,
    edition_constraints,
)
from safety_site.fields import HttpsURLField, RichTextField, SluggedModel
from safety_site.kept import KeepsParts
from safety_site.search_index import Findable, SearchDocument
from safety_site.uploads import UploadValidator, random_name
from safety_site.vocabulary import Audience, Concern, FoundKind

from .ages import AgeBand
from .common import Claim


class Topic(SluggedModel):
    """A subject of the guidance, for ever; what it says is in its editions."""

    class Meta:
        ordering = ["slug"]

    def get_absolute_url(self) -> str:
        return reverse("guidance:topic", args=[self.slug])


class Area(models.TextChoices):
    """The parts of the topic map; what a worried parent looks for comes first."""

    WRONG = "wrong", "When things go wrong"
    RISK = "risk", "Understanding the risk"
    ONLINE = "online", "What children do online"
    AGE = "age", "Growing up"
    CONTROLS = "controls", "Controls and settings"


class TopicEditionQuerySet(EditionQuerySet):
    def for_page(self) -> Self:
        """With everything that the page of one topic shows, in a fixed number of queries."""
        return self.select_related("topic").prefetch_related(
            "audiences",
            "age_bands",
            "facts",
            "resources",
            "starters__age_bands",
            models.Prefetch("sections", Section.objects.select_related("age_band")),
        )


class TopicEdition(KeepsParts, Findable, Edition):
    """One whole version of a topic's guidance."""

    thing_field = "topic"
    kept_parts = {
        "head": "guidance/_topic_head.html",
        "sections": "guidance/_topic_sections.html",
        "words": "guidance/_topic_words.html",
        "resources": "guidance/_topic_resources.html",
        "handout": "guidance/_topic_handout.html",
        "handout_more": "guidance/_topic_handout_more.html",
    }

    topic = models.ForeignKey(Topic, models.PROTECT, related_name="editions")
    title = models.CharField(max_length=100)
    summary = models.CharField(max_length=300, help_text="Two sentences at most; shown in lists and at the top.")
    area = models.CharField(max_length=10, choices=Area)
    concern = models.CharField(
        max_length=30, choices=Concern, blank=True, help_text="Whose contacts to show on the page."
    )
    age_bands = models.ManyToManyField(AgeBand, related_name="topic_editions", blank=True)
    related_topics = models.ManyToManyField(Topic, related_name="+", blank=True)
    related_apps = models.ManyToManyField("guidance.AppProfile", related_name="+", blank=True)

    objects = EditionManager.from_queryset(TopicEditionQuerySet)()

    class Meta(Edition.Meta):
        ordering = ["title", "number"]
        constraints = edition_constraints("topic", "topic_edition")
        indexes = [models.Index(fields=["topic", "language", "publish_at"], name="topic_edition_live")]

    def get_absolute_url(self) -> str:
        return self.topic.get_absolute_url()

    def search_document(self) -> SearchDocument:
        sections = list(self.sections.all())
        return SearchDocument(
            kind=FoundKind.TOPIC,
            title=self.title,
            url=self.get_absolute_url(),
            summary=self.summary,
            keywords=[self.topic.slug],
            headings=[section.heading for section in sections],
            body=[
                *(section.body for section in sections),
                *(fact.claim for fact in self.facts.all()),
                *(starter.words for starter in self.starters.all()),
                *(f"{resource.title}. {resource.description}" for resource in self.resources.all()),
            ],
            concern=self.concern,
            hidden_words=[resource.provider for resource in self.resources.all()],
        )


class TopicAudience(EditionPart):
    """One audience that an edition addresses."""

    edition = models.ForeignKey(TopicEdition, models.CASCADE, related_name="audiences")
    audience = models.CharField(max_length=20, choices=Audience)

    class Meta(EditionPart.Meta):
        constraints = [
            models.UniqueConstraint(fields=["edition", "audience"], name="topic_audience_once"),
        ]

    def __str__(self) -> str:
        return self.get_audience_display()


class Section(EditionPart):
    """A headed part of a topic; some are for one age band only."""

    class Kind(models.TextChoices):
        """How it looks: running text first, then the three that stand out."""

        TEXT = "text", "Text"
        STEPS = "steps", "Steps"
        WARNING = "warning", "Warning"
        LAW = "law", "The law"

    edition = models.ForeignKey(TopicEdition, models.CASCADE, related_name="sections")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.TEXT)
    age_band = models.ForeignKey(
        AgeBand, models.PROTECT, null=True, blank=True, help_text="Leave empty when it is for every age."
    )
    heading = models.CharField(max_length=120)
    body = RichTextField()
    source = models.CharField(
        max_length=300,
        blank=True,
        help_text="Where the facts come from, with a date. Shown under a law panel.",
    )

    def __str__(self) -> str:
        return self.heading


class Fact(EditionPart, Claim):
    """A "did you know" of a topic."""

    edition = models.ForeignKey(TopicEdition, models.CASCADE, related_name="facts")


class ConversationStarter(EditionPart):
    """Words with which to begin a talk about a topic."""

    edition = models.ForeignKey(TopicEdition, models.CASCADE, related_name="starters")
    words = models.CharField(max_length=250, help_text="What to say, as it would be said.")
    tip = models.CharField(max_length=250, blank=True, help_text="How or when to say it.")
    age_bands = models.ManyToManyField(AgeBand, related_name="+")

    def __str__(self) -> str:
        return self.words


class ResourceQuerySet(models.QuerySet):
    def with_file(self, name: str) -> Self:
        """Those that have an uploaded file of this name, be it a recording, captions or a transcript."""
        return self.filter(models.Q(file=name) | models.Q(captions=name) | models.Q(transcript_file=name))

    def live(self) -> Self:
        """Those of an edition that readers see now."""
        return self.filter(edition__in=TopicEdition.objects.live())


class Resource(EditionPart):
    """Something to watch, listen to, play, read or print; linked or uploaded, never embedded."""

    class Kind(models.TextChoices):
        """Watch, listen, play, print, read."""

        VIDEO = "video", "Video"
        ANIMATION = "animation", "Animation"
        PODCAST = "podcast", "Podcast"
        GAME = "game", "Game"
        PRINTABLE = "printable", "Printable"
        WEBSITE = "website", "Website"

    edition = models.ForeignKey(TopicEdition, models.CASCADE, related_name="resources")
    kind = models.CharField(max_length=10, choices=Kind)
    title = models.CharField(max_length=150)
    provider = models.CharField(max_length=100)
    description = models.CharField(max_length=400, help_text="What you will see or hear, and who it is for.")
    link = HttpsURLField(blank=True)
    file = models.FileField(
        upload_to=random_name,
        blank=True,
        validators=[UploadValidator(".mp3", ".mp4", ".pdf", ".txt")],
        help_text="A recording (MP3), a film (MP4), a PDF or plain text. Recordings play on the page.",
    )
    captions = models.FileField(
        upload_to=random_name,
        blank=True,
        validators=[UploadValidator(".vtt")],
        help_text="Captions of a film that you uploaded, as WebVTT.",
    )
    length = models.CharField(max_length=40, blank=True, help_text="For example “12 minutes” or “4 pages”.")
    transcript = models.TextField(blank=True, help_text="A transcript or a summary of what is said.")
    transcript_file = models.FileField(
        upload_to=random_name,
        blank=True,
        validators=[UploadValidator(".pdf", ".txt")],
        help_text="A long transcript as a PDF or plain text; readers can download it.",
    )
    has_captions = models.BooleanField(null=True, blank=True, help_text="Leave unknown if nobody has looked.")

    objects = EditionPartManager.from_queryset(ResourceQuerySet)()

    class Meta(EditionPart.Meta):
        pass

    def __str__(self) -> str:
        return self.title

    @property
    def player(self) -> str:
        """How an uploaded recording plays on the page: "audio", "video", or nothing."""
        return {".mp3": "audio", ".mp4": "video"}.get(PurePath(self.file.name or "").suffix, "")

    def clean(self) -> None:
        super().clean()
        if self.captions and self.player != "video":
            raise ValidationError({"captions": "Captions belong to a film that you uploaded here."})
