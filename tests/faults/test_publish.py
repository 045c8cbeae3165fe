"""What an editor publishes shows on every worker within two seconds, and not a moment before its time."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.servers import ROOT, Server, ask, manage, served, until
from tests.faults.sites import is_stale

PAGE = "/topics/sending-nudes/"
# The live edition once more with other words, approved for so many seconds from now; prints when it is to show.
PUBLISH = """
import time
from datetime import timedelta
from django.contrib.auth import get_user_model
from django.utils import timezone
from guidance.models import TopicEdition
from safety_site.editions import approve, copy_as_draft
author = get_user_model().objects.first()
draft = copy_as_draft(TopicEdition.objects.live().get(topic__slug="sending-nudes"), author)
draft.title = "{title}"
draft.save()
at = timezone.now() + timedelta(seconds={seconds})
approve(draft, author, at)
print(at.timestamp(), max(time.time(), at.timestamp()))
"""
WITHIN_SECONDS = 2.0


@pytest.fixture(scope="module")
def site(sqlite_copy) -> Iterator[Server]:
    with served(sqlite_copy) as server:
        server.environment = sqlite_copy
        yield server


def readings(site: Server, title: str, until: float) -> list[tuple[float, float, bool]]:
    """When each of many answers was asked for and came, and whether it had the new title; each on a new connection."""
    found = []
    while time.time() < until:
        asked = time.time()
        words = ask(site.address + PAGE)[2]
        found.append((asked, time.time(), title in words))
        time.sleep(0.02)
    return found


@pytest.mark.parametrize("seconds", [0, 3], ids=["at-once", "at-a-time"])
def test_an_approval_shows_on_every_worker_within_two_seconds(site, seconds):
    title = f"Words of an editor {seconds}"
    assert title not in ask(site.address + PAGE)[2]
    with ThreadPoolExecutor(1) as pool:
        command = [sys.executable, "manage.py", "shell", "-v0", "-c", PUBLISH.format(title=title, seconds=seconds)]
        begun = pool.submit(
            subprocess.run, command, cwd=ROOT, env=site.environment, capture_output=True, text=True, check=True
        )
        found = []
        while not begun.done():
            found += readings(site, title, time.time() + 0.2)
        published_at, shows_at = map(float, begun.result().stdout.split()[-2:])  # it can be seen once it is written
        found += readings(site, title, shows_at + WITHIN_SECONDS + 1)
    early = [asked for asked, came, is_new in found if is_new and came < published_at]
    late = [asked for asked, came, is_new in found if not is_new and asked > shows_at + WITHIN_SECONDS]
    after = [is_new for asked, _came, is_new in found if asked > shows_at + WITHIN_SECONDS]
    assert not early, "it showed before its time"
    assert not late, "a worker showed the old words for too long"
    assert len(after) >= 10


TAKEN_DOWN = "/topics/social-media/"
TAKE_DOWN = """
from django.contrib.auth import get_user_model
from django.utils import timezone
from guidance.models import TopicEdition
from safety_site.editions import approve, copy_as_draft
author = get_user_model().objects.first()
draft = copy_as_draft(TopicEdition.objects.live().get(topic__slug="social-media"), author)
draft.is_withdrawal, draft.withdrawal_reason = True, "It was wrong."
draft.save()
approve(draft, author, timezone.now())
"""
# A reader's connection leads to one of two processes: by so many, both were asked.
OF_BOTH = 16


def test_what_was_taken_down_does_not_come_back_when_the_database_goes(site):
    """Every process holds the page, one of them learns that it is gone, and the database goes seconds later."""
    reading = f"{TAKEN_DOWN}?age=teen"
    for page in (TAKEN_DOWN, reading, "/"):
        assert {ask(site.address + page)[0] for _ in range(OF_BOTH)} == {200}
    manage("shell", "-v0", "-c", TAKE_DOWN, environment=site.environment)
    time.sleep(WITHIN_SECONDS + 2)
    database = Path(site.environment["DATABASE_URL"].removeprefix("sqlite:///"))
    aside = [(path, path.with_name(f"{path.name}.aside")) for path in database.parent.glob(f"{database.name}*")]
    for path, beside in aside:
        path.rename(beside)
    try:
        until(lambda: is_stale(site.address, "/"), 6, "a kept page says that it is stale")
        for page in (TAKEN_DOWN, reading):
            assert [ask(site.address + page)[0] for _ in range(OF_BOTH)] == [410] * OF_BOTH
    finally:
        for path, beside in aside:
            beside.rename(path)
