"""Pages as they are kept, by day and by night, and the words that are true only at the moment of reading."""

import re
from datetime import UTC, datetime

import time_machine

from reporting.models import Concern
from safety_site.freshness import Mode, Readings, rendering, split
from tests.browser.real_site import KINDS

DAY, NIGHT = (datetime(2026, 11, 24, hour, 5, tzinfo=UTC) for hour in (11, 3))
# What says of a number that it answers, or does not, at the moment of reading.
WORDS_OF_NOW = re.compile(
    r"call now|open now(?!, whoever)|now open|closed now|opens at \w+ (?:today|tomorrow|on )|answers? now|may answer"
    r"|should answer|should from|it is (?:mon|tues|wednes|thurs|fri|satur|sun)day|which to try now|to call, now"
    r"|until [\w.]+ (?:today|tonight|tomorrow)|important now",
    re.IGNORECASE,
)


def pages() -> list[str]:
    """One page of each kind, and every worry."""
    concerns = Concern.objects.values_list("slug", flat=True)
    # A form that is stamped with the moment is never kept.
    kinds = [path for kind, path in KINDS.items() if kind not in ("broken", "feedback")]
    councils = [f"/contacts/{slug}/" for slug in ("southend-on-sea", "thurrock", "rochford", "belfast-trust")]
    return [*dict.fromkeys([*kinds, *councils, *(f"/report/{slug}/" for slug in concerns)])]


def read(client, path: str, at: datetime) -> tuple[Readings, datetime | None]:
    """Both readings of a page as it is kept, and until when the one holds."""
    with time_machine.travel(at, tick=False), rendering(Mode.BOTH) as kept:
        text = client.get(path).content.decode()
    return split(text), kept.until
