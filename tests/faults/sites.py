"""What the tests of faults serve: pages to read, and a number that closes soon."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.load import Load
from tests.faults.servers import ask, until

# Twenty kinds of pages, most of them with numbers to call.
PAGES = [
    "/", "/contacts/essex/", "/contacts/national/", "/contacts/thurrock/", "/contacts/camden/", "/report/",
    "/contacts/belfast-trust/", "/report/image-shared/", "/report/grooming/", "/report/platforms/", "/topics/",
    "/topics/sending-nudes/", "/age/teen/", "/apps/", "/apps/snapchat/", "/parental-controls/", "/talk/",
    "/for/young-people/", "/plan/", "/about/",
]  # fmt: skip
# A page whose number says until when it answers: see ``CLOSES_SOON``.
TELLS_NOW = "/contacts/essex/"

# The day number of Essex answers until a whole minute that is so many seconds away, and up to a minute more.
CLOSES_SOON = """
from datetime import time, timedelta
from django.utils import timezone
from reporting.models import OpeningHours, Phone
closes = timezone.localtime() + timedelta(seconds={seconds}, minutes=1)
phones = Phone.objects.filter(edition__kind="front-door", edition__authorities__slug="essex")
assert phones.update(answers=Phone.HoursKnown.ROWS)
for phone in phones:
    phone.hours.all().delete()
    for weekday in range(8):
        phone.hours.create(weekday=weekday, opens_at=time(0, 1), closes_at=time(closes.hour, closes.minute))
"""


@contextmanager
def folder_for_all(prefix: str) -> Iterator[Path]:
    """A folder that other users may enter, as database servers must; gone in the end."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    os.chmod(folder, 0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def store_of(address: str, page: str) -> str:
    """What the page store says of a page: "hit", "hit; detail=stale" …"""
    return ask(address + page)[1].get("cache-status", "").partition(";")[2].strip()


def is_fresh(address: str, pages: list[str]) -> bool:
    return all("stale" not in store_of(address, page) for page in pages)


def is_stale(address: str, page: str) -> bool:
    """Whether every worker has noticed: one that has not goes on with what it knew to be true a second ago."""
    return all("stale" in store_of(address, page) for _ in range(8))


def fill(address: str, pages: list[str]) -> None:
    """Each page once, so that it is kept."""
    for page in pages:
        status, _headers, words = ask(address + page, seconds=30)
        assert (status, 'id="quick-exit"' in words) == (200, True), page


def normal_again(load: Load, address: str, pages: list[str], seconds: float) -> float:
    """How many seconds it takes until every page is fresh, under load."""
    return until(lambda: is_fresh(address, pages), seconds, f"every page is fresh\n{load.told()}")


def ready(address: str) -> tuple[int, list[str]]:
    """What /health/ready says: its status, and its lines."""
    status, _headers, words = ask(f"{address}/health/ready", seconds=10)
    return status, words.splitlines()
