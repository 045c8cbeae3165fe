"""Age bands: the fixed ranges of ages that the site is sorted by."""

from django.db import models
from django.urls import reverse

from safety_site.fields import RichTextField, SluggedModel, SlugManager

from .common import Claim


class AgeBand(SluggedModel):
    """A fixed range of ages, in whole years, both ends included, with the words of its landing page."""

    name = models.CharField(max_length=40)
    age_from = models.PositiveSmallIntegerField()
    age_to = models.PositiveSmallIntegerField()
    summary = models.CharField(max_length=200, help_text="One sentence, shown on the home page.")
    introduction = RichTextField(help_text="Opens the page of this age band.")
    order = models.PositiveSmallIntegerField(unique=True)

    objects = SlugManager()

    class Meta:
        ordering = ["order"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(age_to__gte=models.F("age_from")),
                name="age_band_range",
                violation_error_message="The upper age must not be below the lower one.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("guidance:age-band", args=[self.slug])

    @property
    def ages(self) -> str:
        """For example "5 to 12"."""
        return f"{self.age_from} to {self.age_to}"


class AgeBandFactManager(models.Manager):
    def get_by_natural_key(self, slug: str, position: int):
        return self.get(age_band__slug=slug, position=position)


class AgeBandFact(Claim):
    """A "did you know" of one age band's page."""

    age_band = models.ForeignKey(AgeBand, models.CASCADE, related_name="facts")
    position = models.PositiveSmallIntegerField(default=1)

    objects = AgeBandFactManager()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["age_band", "position"], name="age_band_fact_position_unique")]

    def natural_key(self) -> tuple[str, int]:
        return (self.age_band.slug, self.position)
