"""Control guides: the parental controls of one provider, device or service, in editions."""

from typing import Self

from django.db import models
from django.urls import reverse

from safety_site.editions import Edition, EditionManager, EditionPart, EditionQuerySet, edition_constraints
from safety_site.fields import HttpsURLField, RichTextField, SluggedModel
from safety_site.kept import KeepsParts
from safety_site.search_index import Findable, SearchDocument
from safety_site.vocabulary import FoundKind


class ControlGuide(SluggedModel):
    """A provider's or a device's parental controls, for ever; what the guide says is in its editions."""

    class Meta:
        ordering = ["slug"]

    def get_absolute_url(self) -> str:
        return reverse("guidance:control", args=[self.slug])


class ControlFamily(models.TextChoices):
    """Where a control sits; from the house outwards to what is on the screen."""

    BROADBAND = "broadband", "Home broadband"
    MOBILE = "mobile", "Mobile networks"
    DEVICE = "device", "Phones, tablets and computers"
    CONSOLE = "console", "Consoles and games"
    STREAMING = "streaming", "Streaming and TV"
    SEARCH = "search", "Search"


class ControlGuideEditionQuerySet(EditionQuerySet):
    def for_plan(self) -> Self:
        """With what a family's plan shows of each."""
        return self.select_related("guide").prefetch_related("steps")

    def for_page(self) -> Self:
        """With everything that the page of one guide shows, in a fixed number of queries."""
        return self.select_related("guide").prefetch_related("uses", "steps")


class ControlGuideEdition(KeepsParts, Findable, Edition):
    """One whole version of a control guide."""

    thing_field = "guide"
    kept_parts = {"article": "guidance/_control_article.html"}

    guide = models.ForeignKey(ControlGuide, models.PROTECT, related_name="editions")
    provider = models.CharField(max_length=80, help_text="As families call it, for example “BT” or “Xbox”.")
    control = models.CharField(max_length=120, help_text="What the provider calls its controls.")
    family = models.CharField(max_length=12, choices=ControlFamily)
    summary = models.CharField(max_length=250)
    where_set = models.CharField(max_length=250, help_text="The app, account or menu where it is set.")
    limits = RichTextField(help_text="What it cannot do, and what it misses.")
    official_page = HttpsURLField(blank=True)
    official_page_is_confirmed = models.BooleanField(
        default=False, help_text="A person or a stored copy has shown it to exist."
    )
    related_guides = models.ManyToManyField(ControlGuide, related_name="+", blank=True)

    objects = EditionManager.from_queryset(ControlGuideEditionQuerySet)()

    class Meta(Edition.Meta):
        ordering = ["provider", "number"]
        constraints = edition_constraints("guide", "control_edition")
        indexes = [models.Index(fields=["guide", "language", "publish_at"], name="control_edition_live")]

    def get_absolute_url(self) -> str:
        return self.guide.get_absolute_url()

    def search_document(self) -> SearchDocument:
        return SearchDocument(
            kind=FoundKind.CONTROL,
            title=f"{self.provider}: parental controls",
            url=self.get_absolute_url(),
            summary=self.summary,
            keywords=[self.guide.slug, self.control],
            headings=[row.get_use_display() for row in self.uses.all()],
            body=[self.where_set, *(step.words for step in self.steps.all()), self.limits],
            hidden_words=[self.get_family_display(), "parental controls settings set up"],
        )


class ControlUse(EditionPart):
    """One thing that a control does."""

    class Use(models.TextChoices):
        """The four that parents ask for first, then the rest."""

        FILTER = "filter", "Blocks or filters content"
        TIME = "time-limits", "Sets time limits"
        MONITOR = "monitor", "Shows what is used"
        REPORT = "report", "Sends reports of use"
        PURCHASES = "purchases", "Controls spending"
        CONTACTS = "contacts", "Controls who can get in touch"
        LOCATION = "location", "Shows where the device is"
        SAFE_SEARCH = "safe-search", "Hides adult search results"

    edition = models.ForeignKey(ControlGuideEdition, models.CASCADE, related_name="uses")
    use = models.CharField(max_length=12, choices=Use)

    class Meta(EditionPart.Meta):
        constraints = [models.UniqueConstraint(fields=["edition", "use"], name="control_use_once")]

    def __str__(self) -> str:
        return self.get_use_display()


class ControlStep(EditionPart):
    """One step of setting it up."""

    edition = models.ForeignKey(ControlGuideEdition, models.CASCADE, related_name="steps")
    words = models.CharField(max_length=400)

    def __str__(self) -> str:
        return self.words
