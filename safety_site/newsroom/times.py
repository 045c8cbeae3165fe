"""Times as editors say them: London, to the minute."""

from datetime import UTC, date, datetime, time

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format


def in_words(moment: datetime) -> str:
    """For example “Monday 23 November 2026, 09:05”."""
    return date_format(timezone.localtime(moment), "l j F Y, H:i")


def london(day: date, at: time) -> datetime:
    """The moment at which London clocks show a time. Raises ValidationError for one that they skip in spring.

    Where they show it twice, on the last Sunday of October, the first of the two.
    """
    moment = datetime.combine(day, at.replace(second=0, microsecond=0), timezone.get_default_timezone())
    shown = moment.astimezone(UTC).astimezone(timezone.get_default_timezone())
    if shown.replace(tzinfo=None) != moment.replace(tzinfo=None):
        raise ValidationError(
            f"On {date_format(day, 'j F Y')} the clocks go forward and skip {at:%H:%M}: choose 02:00 or later."
        )
    return moment.astimezone(UTC)  # of two times in one zone Python compares the clocks, not the moments


def comes_twice(moment: datetime) -> bool:
    """Whether London clocks show this time a second time, an hour later."""
    here = timezone.localtime(moment, timezone.get_default_timezone())
    return here.replace(fold=0).utcoffset() != here.replace(fold=1).utcoffset()
