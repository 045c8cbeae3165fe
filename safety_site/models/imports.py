"""Sheets between the look at what they would do and the import itself."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

KEPT_FOR = timedelta(hours=1)


class WaitingImportQuerySet(models.QuerySet):
    def of(self, user, model: str) -> Self:
        """What one editor may still import: their own, and not old."""
        return self.filter(by=user, model=model, made_at__gt=timezone.now() - KEPT_FOR)

    def over(self) -> Self:
        return self.filter(made_at__lte=timezone.now() - KEPT_FOR)


class WaitingImport(models.Model):
    """A sheet that an editor has looked at and not imported yet; in the database, so that every worker finds it.

    It is gone after the import, with the editor's next sheet of that kind, or after an hour.
    """

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    model = models.CharField(max_length=80, help_text="For example “guidance.usefullink”.")
    file_name = models.CharField(max_length=120)
    text = models.TextField()
    made_at = models.DateTimeField(default=timezone.now)

    objects = WaitingImportQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["by", "model"], name="waiting_import_of")]

    def __str__(self) -> str:
        return self.file_name
