"""Previews in the browser: three widths side by side, the way out of each, and pages that anybody can use."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from safety_site.models import PreviewLink
from safety_site.newsroom.preview_links import token_of
from tests import factories
from tests.browser import eyes
from tests.browser.exits import follow, history, landed, leave, step, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def editor():
    return factories.editor(is_superuser=True)


@pytest.fixture
def editors_context(new_context, live_server, client, editor):
    """A function that makes a browser in which an editor is signed in."""
    client.force_login(editor)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}

    def make(**options):
        context = new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        context.add_cookies([cookie])
        return context

    return make


@pytest.fixture
def edition(editor):
    live = factories.topic_edition(title="Words of today")
    factories.topic_parts(live)
    edition = factories.topic_edition(
        live.topic, title="Words of tomorrow", state="draft", publish_at=None, imported_from=""
    )
    factories.topic_parts(edition, words="Another part")
    expires_at = timezone.now() + timedelta(days=1)
    PreviewLink.objects.create(about=edition, made_by=editor, for_whom="Dr Shah", expires_at=expires_at)
    return edition


@pytest.fixture
def address(live_server, edition):
    """A function that tells the address of a page of editors about the edition."""
    return lambda kind: live_server.url + reverse(f"admin:guidance_topicedition_{kind}", args=[edition.pk])


@pytest.fixture
def link_address(live_server, edition) -> str:
    return live_server.url + reverse("preview-by-link", args=[token_of(PreviewLink.objects.get())])


def addresses(page) -> list[str]:
    return history(page)[1]


def test_exit_from_a_preview_leaves_and_back_does_not_show_it(editors_context, address, neutral):
    page = editors_context().new_page()
    page.goto(address("change"))
    follow(page, address("preview"))
    assert page.get_by_role("heading", level=1).inner_text() == "Words of tomorrow"
    leave(page)
    landed(page, neutral.url)
    assert address("preview") not in addresses(page)
    step(page, -1)
    page.wait_for_url(address("change"))  # the editors' own page, which is no readers' page


@pytest.mark.parametrize("way", ["click", "shift"])
def test_exit_from_a_link_for_reviewers_leaves_nothing(new_context, live_server, link_address, neutral, before, way):
    page = new_context().new_page()
    page.goto(before.url)
    follow(page, link_address)
    leave(page, way)
    landed(page, neutral.url)
    assert [each for each in addresses(page) if each.startswith(live_server.url)] == []
    assert page.context.cookies() == []


def test_exit_from_the_site_as_of_a_day_leaves(editors_context, live_server, neutral):
    page = editors_context().new_page()
    page.goto(f"{live_server.url}/admin/as-of/2026-10-14T1430/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Topics").click()
    page.wait_for_url("**/as-of/2026-10-14T1430/topics/")
    leave(page)
    landed(page, neutral.url)
    # The one entry that a sweep leaves behind is the way out itself.
    assert {each for each in addresses(page) if each.startswith(live_server.url)} <= {f"{live_server.url}/exit/"}


def test_page_of_widths_shows_three_frames_without_a_complaint(editors_context, address):
    page = editors_context().new_page()
    assert eyes.complaints(page, address("widths")) == []
    frames = page.frames[1:]
    assert len(frames) == 3
    assert [frame.evaluate("innerWidth") for frame in frames] == [360, 768, 1280]
    headings = [frame.get_by_role("heading", level=1).inner_text() for frame in frames]
    assert headings == ["Words of tomorrow"] * 3


@pytest.mark.parametrize("way", ["click", "shift"])
@pytest.mark.parametrize("place", [0, 2])
def test_exit_in_a_frame_takes_the_whole_window(editors_context, address, neutral, place, way):
    page = editors_context().new_page()
    page.goto(address("change"))
    follow(page, address("widths"))
    frame = page.frames[1 + place]
    if way == "click":
        frame.locator("#quick-exit").click(no_wait_after=True)
    else:
        frame.locator("main").focus()
        for _ in range(3):
            page.keyboard.press("Shift")
    landed(page, neutral.url)
    assert address("widths") not in addresses(page)


def test_exit_in_a_frame_works_without_javascript(editors_context, address, neutral):
    page = editors_context(java_script_enabled=False).new_page()
    page.goto(address("widths"))
    page.frames[1].locator("#quick-exit").click(no_wait_after=True)
    landed(page, neutral.url)


def test_links_in_a_frame_stay_there_or_take_the_window(editors_context, address, live_server):
    page = editors_context().new_page()
    page.goto(address("widths"))
    frame = page.frames[1]
    frame.locator(".skip-links a").first.focus()
    page.keyboard.press("Enter")
    until(page, "frames[0].location.hash === '#main'")
    assert page.url == address("widths")
    frame.get_by_role("navigation", name="Main").get_by_role("link", name="Topics").click()
    page.wait_for_url(f"{live_server.url}/topics/")


@pytest.mark.parametrize("kind", ["preview", "widths", "links", "compare", "as-of", "as-of-page", "as-of-file"])
def test_page_is_accessible_at_every_width_in_light_and_dark(editors_context, live_server, address, kind):
    where = {
        "as-of": f"{live_server.url}/admin/as-of/",
        "as-of-page": f"{live_server.url}/admin/as-of/2026-10-14T1430/topics/",
        "as-of-file": f"{live_server.url}/admin/as-of/2026-10-14T1430/contacts.csv",
    }.get(kind)
    page = editors_context().new_page()
    assert eyes.complaints(page, where or address(kind)) == []
    faults = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(300)  # Django's links change their colour slowly
        for width in (640, 768, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            faults[scheme, width] = [*eyes.axe_faults(page), *eyes.sideways_faults(page)]
            if kind in ("preview", "as-of-page"):
                faults[scheme, width] += [*eyes.exit_faults(page), *eyes.target_faults(page)]
    assert {look: found for look, found in faults.items() if found} == {}


def test_link_that_is_over_is_a_page_for_readers(new_context, link_address):
    PreviewLink.objects.update(revoked_at=timezone.now())
    page = new_context().new_page()
    assert eyes.complaints(page, link_address) == []
    assert [*eyes.axe_faults(page), *eyes.exit_faults(page), *eyes.sideways_faults(page)] == []
