"""When a person last read words against their sources, and whether it is time to do so again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import models

from safety_site import viewing


class CheckedModel(models.Model):
    """Something that a person checks: they read the words, or rang the number. Saving never sets these."""

    checked_on = models.DateField(
        null=True, blank=True, help_text="The day a person last read this against its sources."
    )
    checked_by = models.CharField(
        max_length=120, blank=True, help_text="Who did. Readers see this: use a role or team, not a name."
    )
    review_by = models.DateField(
        null=True, blank=True, help_text="Readers are told that it is overdue from the day after."
    )

    class Meta:
        abstract = True

    @property
    def is_overdue(self) -> bool:
        return self.review_by is not None and self.review_by < viewing.day()

    def forget_check(self) -> None:
        """Say of this row that nobody has checked it: its words are about to change."""
        self.checked_on, self.checked_by, self.review_by = None, "", None


@dataclass(frozen=True)
class Check:
    """When a page was last checked, by whom, and when it must be checked again."""

    checked_on: date | None
    checked_by: str
    review_by: date | None

    @property
    def is_overdue(self) -> bool:
        return self.review_by is not None and self.review_by < viewing.day()


def oldest_check(rows: Iterable[CheckedModel]) -> Check | None:
    """The check of a page made of several rows: as old as its oldest, due when the first is due.

    None for a page without rows; an empty check, which says so to readers, where no row was ever checked.
    """
    rows = list(rows)
    checked = [row for row in rows if row.checked_on and row.review_by]
    if not checked:
        return Check(None, "", None) if rows else None
    oldest = min(checked, key=lambda row: row.checked_on)
    return Check(oldest.checked_on, oldest.checked_by, min(row.review_by for row in checked))
