"""What editors approved last: where readers find it, and which pages were taken down with it.

After a change these pages are made anew before all others, so that an outage soon after shows what is true.
"""

from datetime import datetime

from django.utils import timezone

from safety_site.editions import Edition, EditionState, edition_models

# More than anybody approves within the time in which all pages are made anew.
MOST_EDITIONS = 60


def _last_of(model: type[Edition]) -> list[Edition]:
    rows = model.objects.filter(state=EditionState.APPROVED, publish_at__lte=timezone.now())
    return list(rows.select_related(model.thing_field).order_by("-publish_at", "-pk")[:MOST_EDITIONS])


def addresses() -> list[str]:
    """Paths of the pages on which readers find the editions that came last, withdrawals included; the last first."""
    editions = sorted(
        (edition for model in edition_models() for edition in _last_of(model)),
        key=lambda edition: edition.publish_at,
        reverse=True,
    )
    pages = (page for edition in editions[:MOST_EDITIONS] for page in edition.pages())
    return list(dict.fromkeys(page.partition("#")[0].partition("?")[0] for page in pages))


def taken_down_since(moment: datetime) -> list[str]:
    """Paths of things whose withdrawal came into force after a moment (aware) and is in force now."""
    return [
        edition.get_absolute_url()
        for model in edition_models()
        for edition in model.objects.withdrawn().filter(publish_at__gt=moment).select_related(model.thing_field)
    ]
