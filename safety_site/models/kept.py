"""What the site keeps so that a page costs little: which words changed last, and what approved words render to."""

from django.db import models
from django.utils import timezone


class ContentChange(models.Model):
    """A change of something that readers can see, written by triggers of the database (``content_version.py``)."""

    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Change {self.pk}"


class KeptPart(models.Model):
    """What one part of an approved edition renders to, made once by one release of the site (``kept.py``)."""

    model = models.CharField(max_length=60, help_text="Label of the edition's model, for example guidance.topicedition")
    edition_id = models.BigIntegerField()
    name = models.CharField(max_length=40)
    release = models.CharField(max_length=32)
    html = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "edition_id", "name"], name="kept_part_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.model} {self.edition_id}"
