"""What several guidance models share."""

from django.db import models

from safety_site.fields import HttpsURLField


class Claim(models.Model):
    """A fact with who says so: "did you know"."""

    claim = models.CharField(max_length=300, help_text="One plain sentence with the figure in it.")
    source = models.CharField(max_length=200, help_text="Who counted, as readers would know them.")
    year = models.CharField(
        max_length=60,
        blank=True,
        help_text="Of the figure. Leave empty only for an undated campaign figure.",
    )
    link = HttpsURLField(blank=True, help_text="Where to read it. Starts with https.")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.claim
