"""The family agreement: what a child and a grown-up promise each other on the family's plan."""

from typing import Self

from django.db import models

from safety_site.checks import CheckedModel
from safety_site.fields import SluggedModel, SlugManager

from .ages import AgeBand


class AgreementLineQuerySet(models.QuerySet):
    def live(self) -> Self:
        """What a reader may see."""
        return self.filter(is_published=True)


class AgreementLine(SluggedModel, CheckedModel):
    """One sentence of the family agreement, as the one who promises it would say it."""

    class Who(models.TextChoices):
        """In the order of the page: the child is asked first, the grown-up answers, then both."""

        CHILD = "child", "The child"
        ADULT = "adult", "The grown-up"
        BOTH = "both", "Everybody"

    who = models.CharField("who promises it", max_length=6, choices=Who)
    words = models.CharField(
        max_length=140,
        help_text="A child should be able to read it. A colon at its end leaves a line to write on.",
    )
    age_bands = models.ManyToManyField(AgeBand, related_name="agreement_lines", help_text="Ages that it fits.")
    position = models.PositiveSmallIntegerField(default=1, help_text="Lowest first. A plan has room for the first few.")
    is_published = models.BooleanField(default=False, help_text="Off: no plan has it.")

    objects = SlugManager.from_queryset(AgreementLineQuerySet)()

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.words

    @property
    def leaves_a_line(self) -> bool:
        """Whether the family fills something in: a time, a place."""
        return self.words.endswith(":")
