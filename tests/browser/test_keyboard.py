"""By keyboard alone: everything is reached in order, is seen when it is, and never lies under the exit's bar."""

import pytest

from tests.browser import eyes
from tests.browser.real_site import KINDS

# What Tab can reach, in the order of the page. Radio buttons of one name are one stop: arrows lead on among them.
NUMBER_STOPS = """() => {
  window.stopOf = (element) =>
    element.type === "radio" ? document.querySelector(`input[type=radio][name="${element.name}"]`) : element;
  window.stops = [...document.querySelectorAll("a[href], button, summary, input, select, textarea")]
    .filter((element) => element.checkVisibility() && window.stopOf(element) === element);
  return window.stops.length;
}"""
AT = "window.stops.indexOf(window.stopOf(document.activeElement))"


@pytest.fixture
def page(window):
    # A low window, where a bar that stays has the most to cover; no smooth scrolling to wait for.
    return window(320, 400, reduced_motion="reduce")


@pytest.mark.parametrize(
    "kind",
    [
        *("home", "age", "topic", "app-open", "control", "talk", "leaving", "missing", "broken"),
        *("report", "concern", "platforms", "find", "authority", "authority-without-numbers", "national", "open-data"),
        *("feedback", "comments-closed"),
    ],
)
def test_tab_reaches_everything_in_order_and_nothing_is_covered(page, locate, kind):
    page.goto(locate(kind))
    page.evaluate("[...document.querySelectorAll('details')].forEach((details) => { details.open = true })")
    stops = page.evaluate(NUMBER_STOPS)
    faults = []
    for key, order in (("Tab", range(stops)), ("Shift+Tab", reversed(range(stops - 1)))):
        for number in order:
            page.keyboard.press(key)
            at = page.evaluate(AT)
            assert at == number, f"{key} leads to stop {at}, not {number}"
            faults += [f"{key}: {fault}" for fault in eyes.focus_faults(page)]
    assert faults == []


@pytest.mark.parametrize("kind", KINDS)
def test_exit_is_among_the_first_three_stops(page, locate, kind):
    page.goto(locate(kind))
    reached = []
    for _ in range(3):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id"))
    assert "quick-exit" in reached


def test_skip_link_moves_the_focus_past_the_menus(page, locate):
    page.goto(locate("topic"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the main text"
    assert eyes.focus_faults(page) == []
    page.keyboard.press("Enter")
    page.wait_for_url("**#main")
    assert page.evaluate("document.activeElement.id") == "main"
    heading, bar = page.locator("h1").bounding_box(), page.locator(".exit-bar").bounding_box()
    assert heading["y"] >= bar["y"] + bar["height"]
    assert heading["y"] + heading["height"] <= 400
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_a_jump_within_the_page_comes_to_rest_below_the_bar(page, locate):
    page.goto(locate("contact-list"))
    page.get_by_role("navigation", name="Letters").get_by_role("link", name="G").press("Enter")
    page.wait_for_url("**#letter-G")
    heading, bar = (
        page.get_by_role("heading", name="G", exact=True).bounding_box(),
        page.locator(".exit-bar").bounding_box(),
    )
    assert bar["y"] == 0
    assert bar["height"] <= heading["y"] <= 300


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_details_open_and_close_by_keyboard(page, locate, key):
    page.goto(locate("app-open"))
    summary = page.locator("main summary").first
    words = page.locator("main details").first.locator(".details-body")
    assert words.is_hidden()
    summary.focus()
    page.keyboard.press(key)
    assert words.is_visible()
    page.keyboard.press(key)
    assert words.is_hidden()
