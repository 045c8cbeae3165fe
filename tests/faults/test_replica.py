"""A primary and its streaming replica: whichever goes, readers read on; what is written waits and says so."""

import re
import time
from collections.abc import Iterator

import pytest

from guidance.feedback import QUICKEST
from tests.faults.load import Load
from tests.faults.postgres import Postgres
from tests.faults.servers import Server, ask, environment, manage, served, until
from tests.faults.sites import PAGES, fill, ready

# The files of one group share what takes long to prepare.
pytestmark = pytest.mark.xdist_group("postgresql")

SOME = [*PAGES[:8], "/search/?q=nudes", "/search/?q=roblox"]

APPROVE = """
from django.utils import timezone
from guidance.models import Topic, TopicEdition
TopicEdition.objects.create(
    topic=Topic.objects.get(slug="sending-nudes"), number=77, title="{title}", summary="Words approved just now.",
    area="online", state="approved", publish_at=timezone.now(), imported_from="a test",
)
"""
READ_BY_READERS = ("safety_site_searchentry", "reporting_postcode")
WORDS = b"page=/topics/sending-nudes/&useful=yes"


@pytest.fixture(scope="module")
def replica(ground, primary) -> Iterator[Postgres]:
    server = Postgres(ground / "replica").make_replica_of(primary).start().wait()
    yield server
    server.remove()


@pytest.fixture(scope="module")
def settings(ground, primary, replica) -> dict[str, str]:
    return environment(ground, primary.url, DATABASE_REPLICA_URL=replica.url)


@pytest.fixture(scope="module")
def site(settings) -> Iterator[Server]:
    with served(settings) as server:
        fill(server.address, SOME)
        yield server


@pytest.fixture(autouse=True)
def both_answer(site, primary, replica) -> Iterator[None]:
    """Each test begins with a site that lacks nothing, also where the one before failed."""
    yield
    primary.bring_back()
    replica.bring_back()
    until(lambda: ready(site.address) == (200, ["ready"]), 10, "all is well for the next test")


def approve(title: str, settings: dict[str, str]) -> None:
    manage("shell", "-v0", "-c", APPROVE.replace("{title}", title), environment=settings)


def change_title(title: str, settings: dict[str, str]) -> None:
    """Of what was approved: in one step, so that a test need not know how editors do it."""
    code = f"from guidance.models import TopicEdition as T; assert T.objects.filter(number=77).update(title='{title}')"
    manage("shell", "-v0", "-c", code, environment=settings)


def find(address: str) -> int:
    return ask(f"{address}/contacts/find/", data=b"postcode=SS9+1AA")[0]


def test_readers_read_from_the_replica_and_not_from_the_primary(site, primary, replica):
    before = primary.times_read(*READ_BY_READERS)
    began = replica.times_read(*READ_BY_READERS)
    # A server tells of what was read with the next query of the same connection, a second later.
    for words in ("blackmail", "grooming"):
        for _ in range(12):
            assert ask(f"{site.address}/search/?q={words}")[0] == 200
            assert find(site.address) == 200
        time.sleep(1.1)
    assert replica.times_read(*READ_BY_READERS) > began
    assert primary.times_read(*READ_BY_READERS) == before


def test_without_the_primary_readers_read_on(site, primary, settings):
    address = site.address
    approve("Approved before", settings)
    form = ask(f"{address}/feedback/?page=/topics/sending-nudes/")[2]
    may_be_sent_at = time.monotonic() + QUICKEST + 1
    token = re.search(r'name="token" value="([^"]+)"', form)[1].encode()
    until(lambda: "Approved before" in ask(f"{address}/topics/sending-nudes/")[2], 4, "an approval is shown")
    with Load(address, SOME, connections=16, per_second=40) as load:
        load.wait_for(30)
        primary.kill()
        load.wait_for(60)
        assert ready(address) == (200, ["degraded", "database: does not answer"])
        assert "Approved before" in ask(f"{address}/topics/sending-nudes/")[2]
        status, headers, words = ask(f"{address}/topics/?area=online")
        assert (status, "Approved before" in words) == (200, True), "a page that was not kept"
        assert "stale" not in headers["cache-status"]
        assert find(address) == 200
        time.sleep(max(0, may_be_sent_at - time.monotonic()))
        status, _headers, words = ask(
            f"{address}/feedback/", data=b"comment=My+own+words&token=" + token + b"&" + WORDS
        )
        assert (status, "My own words" in words, "Call 999" in words) == (503, True, True)
        assert ask(f"{address}/admin/login/", data=b"username=somebody&password=a-long-secret-password")[0] in (
            403,
            503,
        )
        primary.start().wait()
        until(lambda: ready(address) == (200, ["ready"]), 3, "all is well")
        load.wait_for(20)
    assert load.failures == [], load.told()
    assert ask(f"{address}/feedback/", data=WORDS)[0] == 200
    change_title("Approved after", settings)
    until(lambda: "Approved after" in ask(f"{address}/topics/sending-nudes/")[2], 4, "a later approval is shown")


@pytest.mark.parametrize("fault", ["kill", "hang"])
def test_without_the_replica_readers_read_from_the_primary(site, replica, fault):
    address = site.address
    with Load(address, SOME, connections=16, per_second=40) as load:
        load.wait_for(20)
        getattr(replica, fault)()
        load.wait_for(60)
        assert ready(address) == (200, ["degraded", "replica: does not answer"])
        assert find(address) == 200
        if fault == "kill":
            replica.start()
        else:
            replica.go_on()
        replica.wait()
        until(lambda: ready(address) == (200, ["ready"]), 4, "the replica is read again")
        load.wait_for(20)
    assert load.failures == [], load.told()
    assert load.slowest_since(0) < 3


def test_replica_that_is_far_behind_is_not_read(site, replica, settings):
    """It answers, but what was approved does not reach it: readers see it all the same, from the primary."""
    replica.stop_replaying()
    try:
        title = "Approved while the replica slept"
        change_title(title, settings)
        until(lambda: title in ask(f"{site.address}/topics/sending-nudes/")[2], 5, "an approval is shown")
        assert ready(site.address) == (200, ["degraded", "replica: behind"])
    finally:
        replica.replay_again()
    until(lambda: ready(site.address) == (200, ["ready"]), 5, "the replica is read again")
