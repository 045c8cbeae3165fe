"""What was painted: no frame of the site after an exit, seen in the pictures that Chromium made.

The same look is taken at a site without the guard, which must show its pages again: so we know that the look
would find them.
"""

import time

import pytest

from safety_site import quick_exit
from tests.browser.exits import BLUE, GREEN, history, is_hidden, landed, leave, step, visit
from tests.browser.frames import Screencast, blank_after

SLOWER = 6


pytestmark = pytest.mark.alone


@pytest.fixture
def page(new_context):
    return new_context().new_page()


@pytest.fixture
def site(site_without_database):
    return site_without_database


def tell_moment(page) -> list[float]:
    """A list that will hold the moment of the visitor's press, by the clock of the input device."""
    moments = []
    page.on("console", lambda said: said.text.startswith("at ") and moments.append(float(said.text[3:])))
    page.evaluate(
        "for (const kind of ['click', 'keyup']) addEventListener(kind, event =>"
        " console.log('at ' + (performance.timeOrigin + event.timeStamp)), true)"
    )
    return moments


def look_around_afterwards(page):
    """Back and Forward as often as there is anything, as somebody would who wants to know."""
    for by in (-1, 1, 1, -1, -1, -1):
        at, addresses = history(page)
        if 0 < at + by < len(addresses):
            step(page, by)
            page.wait_for_timeout(120)


@pytest.mark.parametrize("way", ["click", "shift"])
@pytest.mark.parametrize("depth", [1, 3, 10])
def test_no_frame_of_the_site_is_painted_after_an_exit(page, site, neutral, before, depth, way):
    visit(page, site, depth, before)
    moments = tell_moment(page)
    screencast = Screencast(page)
    screencast.start()
    page.wait_for_timeout(200)
    leave(page, way)
    landed(page, neutral.url)
    look_around_afterwards(page)
    frames = screencast.stop()
    assert frames[0].shows_site()
    assert blank_after(frames, moments[-1], GREEN, BLUE) <= 100
    assert {(0, 160, 0), (0, 0, 255)} <= set().union(*(frame.colours for frame in frames[1:]))


@pytest.mark.parametrize("depth", [1, 3, 10])
def test_the_page_is_blank_within_a_tenth_of_a_second_on_a_slow_device(page, site, neutral, before, depth):
    visit(page, site, depth, before)
    moments = tell_moment(page)
    screencast = Screencast(page)
    screencast.session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    screencast.start()
    page.wait_for_timeout(300)
    leave(page)
    landed(page, neutral.url)
    page.wait_for_timeout(500)
    screencast.session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    assert blank_after(screencast.stop(), moments[-1], GREEN, BLUE) <= 100


def test_without_the_guard_the_same_look_finds_the_site_again(page, site, neutral, before, monkeypatch):
    monkeypatch.setattr(quick_exit, "EXIT_GUARD", "")
    visit(page, site, 3, before)
    moments = tell_moment(page)
    screencast = Screencast(page)
    screencast.start()
    page.wait_for_timeout(200)
    leave(page)
    landed(page, neutral.url)
    look_around_afterwards(page)
    assert blank_after(screencast.stop(), moments[-1], GREEN, BLUE) > 300


def test_a_slow_neutral_site_leaves_the_page_blank_until_it_answers(page, site, neutral, before):
    neutral.delay = 3
    visit(page, site, 3, before)
    moments = tell_moment(page)
    screencast = Screencast(page)
    screencast.start()
    page.wait_for_timeout(200)
    leave(page)
    landed(page, neutral.url)
    page.wait_for_timeout(200)
    frames = screencast.stop()
    assert blank_after(frames, moments[-1], GREEN, BLUE) <= 100
    assert frames[-1].at - moments[-1] >= 3_000
    assert len(neutral.asked) == 1


def test_a_slow_neutral_site_and_the_stop_button_leave_the_page_blank(page, site, neutral, before):
    neutral.delay = 1.5
    visit(page, site, 3, before)
    moments = tell_moment(page)
    screencast = Screencast(page)
    screencast.start()
    page.wait_for_timeout(200)
    leave(page)
    page.wait_for_timeout(500)
    page.keyboard.press("Escape")
    page.wait_for_timeout(300)
    screencast.session.send("Page.stopLoading")
    page.wait_for_timeout(1_800)
    assert is_hidden(page)
    assert page.title() == "\u200b"
    # Reload, on the blank page, leaves again.
    neutral.delay = 0
    page.evaluate("setTimeout(() => location.reload())")
    landed(page, neutral.url)
    page.wait_for_timeout(200)
    assert blank_after(screencast.stop(), moments[-1], GREEN, BLUE) <= 100


def test_a_slow_neutral_site_and_the_back_button_show_nothing_of_the_site(page, site, neutral, before):
    neutral.delay = 1.5
    visit(page, site, 3, before)
    moments = tell_moment(page)
    screencast = Screencast(page)
    screencast.start()
    page.wait_for_timeout(200)
    leave(page)
    page.wait_for_timeout(500)
    step(page, -1)
    landed(page, before.url)
    step(page, 1)
    landed(page, neutral.url)
    page.wait_for_timeout(200)
    assert blank_after(screencast.stop(), moments[-1], GREEN, BLUE) <= 100


def test_pages_left_without_a_sweep_are_blank_when_the_visitor_goes_back(page, site, neutral, before):
    """Browsers without the Navigation API: the history stays, its pages do not show."""
    page.add_init_script("Object.defineProperty(window, 'navigation', { value: undefined })")
    visit(page, site, 3, before)
    moments = tell_moment(page)
    screencast = Screencast(page)
    screencast.start()
    page.wait_for_timeout(200)
    leave(page)
    landed(page, neutral.url)
    for _ in range(2):
        asked = len(neutral.asked)
        step(page, -1)
        deadline = time.monotonic() + 5
        while len(neutral.asked) == asked and time.monotonic() < deadline:
            page.wait_for_timeout(50)
        landed(page, neutral.url)
    assert len(neutral.asked) == 3
    step(page, -1)
    landed(page, before.url)
    assert blank_after(screencast.stop(), moments[-1], GREEN, BLUE) <= 100


def test_an_ordinary_back_and_forward_does_not_flash(page, site, neutral):
    """Every page hides itself as it goes; visitors who stay must not see that."""
    visit(page, site, 2)
    screencast = Screencast(page)
    screencast.start()
    page.wait_for_timeout(300)
    for by in (-1, 1, -1, 1):
        step(page, by)
        page.wait_for_timeout(300)
    frames = screencast.stop()
    assert len(frames) >= 4
    assert [frame for frame in frames if frame.is_blank] == []
