"""The page store in front of the site itself: readers get the same pages as without it, and staff never meet it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from guidance.models import TopicEdition
from safety_site import content_version
from safety_site.editions import approve, copy_as_draft
from safety_site.page_store.declared import RULES, target_of
from safety_site.wsgi import Handler
from tests import factories
from tests.browser.real_site import GONE, KINDS, MISSING, TOO_LONG
from tests.safety_site.speed.doors_of_store import Told, ask, door_to

MOMENT = datetime(2026, 12, 1, 12, tzinfo=UTC)
OF_CACHES = {"cache-status", "cdn-cache-control", "x-accel-expires", "etag", "vary", "content-length"}
NOT_THERE = {"topic-recordings", "gone", "broken"}
ADDRESSES = {kind: address for kind, address in KINDS.items() if kind not in NOT_THERE}
ADDRESSES["compare-nothing"] = "/apps/compare/"


@pytest.fixture
def door(loaded, db, tmp_path, watch, time_machine):
    time_machine.move_to(MOMENT, tick=False)
    return door_to(Handler(), tmp_path, watch)


def test_every_kind_of_page_is_the_same_through_the_store(door):
    client = Client()
    kept = []
    for address in ADDRESSES.values():
        plain = client.get(address)
        for _ in range(2):
            said = ask(door, address)
            assert said.status == plain.status_code, address
            # A page that is kept tells the day, and not the minute at which it was made.
            assert said.text == plain.content.decode().replace("It is Tuesday 12:00:", "It is Tuesday:"), address
            own = {name.lower(): value for name, value in plain.headers.items()}
            assert {k: v for k, v in said.headers.items() if k not in OF_CACHES} == {
                k: v for k, v in own.items() if k not in OF_CACHES
            }, address
        if said.store:
            kept.append(target_of(*address.partition("?")[::2]).route)
    assert set(kept) >= set(RULES) - {"reporting:authority-vcard", "sitemap", "robots", "security-txt"}


def test_nothing_about_one_family_is_kept(door):
    for address in (KINDS["plan"], KINDS["finder-answer"], KINDS["compare"], KINDS["search"], KINDS["feedback"]):
        assert ask(door, address).store == ""
    assert door.disk.about() == []


def test_refusals_are_not_kept(door):
    for address in (MISSING, TOO_LONG, "/topics/no-such-topic/", GONE):
        for _ in range(2):
            assert ask(door, address).store in ("", "fwd=miss")
    assert door.disk.about() == []


def test_an_approval_and_a_withdrawal_show_with_the_next_version(door, watch, time_machine):
    address = "/topics/sending-nudes/"
    before = ask(door, address).text
    edition = TopicEdition.objects.live().get(topic__slug="sending-nudes")
    draft = copy_as_draft(edition, factories.editor())
    draft.title = "Words that were approved just now"
    draft.save()
    watch.told = "2"
    assert ask(door, address).text == before
    approve(draft, factories.editor(), MOMENT)
    watch.told = "3"
    assert draft.title in ask(door, address).text
    later = MOMENT.replace(hour=13)
    withdrawal = factories.withdrawal(draft, reason="It is told elsewhere.", publish_at=later)
    time_machine.move_to(later, tick=False)
    watch.told = "4"
    assert withdrawal.withdrawal_reason in ask(door, address).text
    assert ask(door, address).status == 410


def test_staff_get_pages_made_for_them(door, client, settings):
    editor = factories.editor()
    client.force_login(editor)
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    assert settings.SESSION_COOKIE_NAME in cookie
    ask(door)
    for _ in range(2):
        said = ask(door, cookie=cookie)
        assert (said.status, said.store) == (200, "")
        assert "cdn-cache-control" not in said.headers
        assert said.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("address", ["/contacts/essex/", "/topics/sending-nudes/", "/", "/contacts/national/"])
def test_a_stale_page_is_whole_and_has_every_number(door, watch, address):
    fresh = ask(door, address).text
    watch.told = None
    stale = ask(door, address)
    assert (stale.status, stale.store) == (200, "hit; detail=stale")
    assert 'id="quick-exit"' in stale.text
    assert stale.text.endswith("</html>\n")
    numbers = {piece.partition('"')[0] for piece in fresh.split('href="tel:')[1:]}
    assert numbers
    assert numbers <= {piece.partition('"')[0] for piece in stale.text.split('href="tel:')[1:]}
    assert "<!--" not in stale.text
    assert "<!--" not in fresh


class ReadEachTime(Told):
    """A watch that reads the version for each request, in the thread of the test."""

    def version(self) -> str:
        self.told = str(content_version.read())
        return super().version()


def test_a_clock_that_is_set_forward_and_back_leaves_no_false_now(loaded, db, tmp_path, time_machine):
    noon, night = datetime(2026, 12, 1, 12, tzinfo=UTC), datetime(2026, 12, 1, 23, tzinfo=UTC)
    door = door_to(Handler(), tmp_path, ReadEachTime())
    for moment in (noon, night, noon, night + timedelta(days=3), noon - timedelta(days=7), noon):
        time_machine.move_to(moment, tick=False)
        kept = [ask(door, "/contacts/essex/") for _ in range(2)]
        whose = re.search(r'<p class="why of-now"><strong>(.*?)</strong>', kept[0].text)[1]
        assert ("the daytime team answers" in whose) is (moment.hour == 12), moment
        assert f"It is {moment:%A}" in whose
        assert kept[1].text == kept[0].text
