"""The control itself: always in sight, big enough, first to be reached, and the counting of the Shift key."""

import pytest
from playwright.sync_api import expect

from tests.browser.exits import follow, is_hidden, landed, visit

WIDTHS = {320: 568, 768: 1024, 1280: 720}
PAGES = ("/leaving-no-trace/", "/accessibility/", "/no/such/page/")

# Whether the control can be pressed at its middle and its corners (a little inside, as they are round).
UNCOVERED = """() => {
  const control = document.getElementById("quick-exit"), box = control.getBoundingClientRect();
  const points = [[0.5, 0.5], [0.15, 0.5], [0.85, 0.5], [0.5, 0.1], [0.5, 0.9]];
  return box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight
    && points.every(([x, y]) => control.contains(
      document.elementFromPoint(box.left + x * box.width, box.top + y * box.height)));
}"""
# What has the focus, and whether the bar lies over any of its upper edge.
FOCUS = """() => {
  const bar = document.querySelector(".exit-bar"), here = document.activeElement;
  if (here === document.body) return null;
  const name = (here.id || here.className) + " " + here.textContent.trim().slice(0, 40);
  const box = here.getClientRects()[0], edge = bar.getBoundingClientRect().bottom;
  return { name, covered: !bar.contains(here) && !here.closest(".skip-links") && box.top < edge - 1
    && box.bottom > 0, off: box.bottom < 0 || box.top > innerHeight };
}"""


@pytest.fixture
def page(new_context):
    # Without motion: each look comes after the scroll that a press caused, not in the middle of it.
    return new_context(viewport={"width": 1280, "height": 720}, reduced_motion="reduce").new_page()


@pytest.fixture
def site(site_without_database):
    return site_without_database


def lights(page) -> int:
    return page.locator("#quick-exit .exit-lights .is-lit").count()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_control_is_in_sight_at_every_width_and_scroll_position(page, site, neutral, width, path):
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    page.goto(site + path)
    control = page.get_by_role("link", name="Emergency: Exit this site")
    for share in (0, 0.5, 1):
        page.evaluate("share => scrollTo({top: share * document.body.scrollHeight, behavior: 'instant'})", share)
        page.wait_for_timeout(50)
        assert page.evaluate(UNCOVERED)
        box = control.bounding_box()
        assert box["width"] >= 44
        assert box["height"] >= 44
        assert box["y"] < 60
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("zoom", [(320, 256), (640, 360)])
def test_the_bar_leaves_room_for_the_page_on_a_small_or_magnified_screen(page, site, neutral, zoom):
    page.set_viewport_size({"width": zoom[0], "height": zoom[1]})
    page.goto(f"{site}/leaving-no-trace/")
    page.evaluate("scrollTo(0, 9000)")
    assert page.evaluate(UNCOVERED)
    assert page.locator(".exit-bar").bounding_box()["height"] <= zoom[1] / 3


@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_bar_never_covers_what_has_the_focus(page, site, neutral, width, key):
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    page.goto(f"{site}/leaving-no-trace/")
    seen = []
    for _ in range(60):
        page.keyboard.press(key)
        page.wait_for_timeout(20)
        focus = page.evaluate(FOCUS)
        if focus is None or (seen and focus["name"] == seen[0]):
            break
        seen.append(focus["name"])
        assert not focus["covered"], focus
        assert not focus["off"], focus
        assert page.evaluate(UNCOVERED)
    assert len(seen) > 10


@pytest.mark.parametrize("path", PAGES)
def test_the_control_is_among_the_first_three_tab_stops(page, site, neutral, path):
    page.goto(site + path)
    stops = []
    for _ in range(3):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert "quick-exit" in stops
    assert "exit-skip" in stops


def test_the_skip_link_shows_when_it_has_the_focus(page, site, neutral):
    page.goto(site)
    page.goto(f"{site}/leaving-no-trace/")
    skip = page.locator(".exit-skip")
    skip.focus()
    expect(skip).to_be_in_viewport()
    assert skip.bounding_box()["height"] >= 24


def test_the_control_is_absent_in_print(page, site, neutral):
    page.goto(f"{site}/leaving-no-trace/")
    page.emulate_media(media="print")
    for part in ("#quick-exit", ".exit-skip", ".exit-bar"):
        expect(page.locator(part)).not_to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_control_has_an_edge_in_forced_colours(page, site, neutral, scheme):
    page.emulate_media(forced_colors="active", color_scheme=scheme)
    page.goto(f"{site}/leaving-no-trace/")
    assert page.evaluate(UNCOVERED)
    edge, ground = page.evaluate(
        "() => { const style = getComputedStyle(document.getElementById('quick-exit'));"
        " return [style.borderTopColor, getComputedStyle(document.querySelector('.exit-bar')).backgroundColor] }"
    )
    assert edge != ground


def test_the_control_says_where_it_leads_without_a_promise(page, site, neutral):
    page.goto(f"{site}/leaving-no-trace/")
    control = page.locator("#quick-exit")
    assert control.get_attribute("href") == neutral.url
    assert control.get_attribute("rel") == "nofollow noreferrer"
    assert control.get_attribute("target") is None
    words = page.locator(".exit-bar").inner_text().lower()
    assert not any(promise in words for promise in ("hide", "erase", "delete", "safe", "secret", "trace"))


def test_three_presses_of_shift_are_lit_and_announced(page, site, neutral):
    visit(page, site, 1)
    status = page.locator("[role=status]")
    assert (lights(page), status.inner_text()) == (0, "")
    page.keyboard.press("Shift")
    assert (lights(page), status.inner_text()) == (1, "Shift pressed. Press it 2 more times to leave this site.")
    page.keyboard.press("Shift")
    assert (lights(page), status.inner_text()) == (2, "Shift pressed. Press it 1 more time to leave this site.")
    assert page.url.startswith(site)
    page.keyboard.press("Shift")
    landed(page, neutral.url)


@pytest.mark.parametrize("between", ["a", "Shift+A", "Tab", "Escape", "Control", "click", "Shift+click", "blur"])
def test_anything_between_the_presses_begins_the_count_again(page, site, neutral, between):
    visit(page, site, 1)
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    if between.endswith("click"):
        page.locator("h1").click(modifiers=["Shift"] if "Shift" in between else [])
    elif between == "blur":
        page.evaluate("dispatchEvent(new Event('blur'))")
    else:
        page.keyboard.press(between)
    assert lights(page) == 0
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    assert lights(page) == 2
    assert page.url.startswith(site)


def test_shift_as_a_modifier_does_not_count(page, site, neutral):
    visit(page, site, 1)
    for combination in ("Shift+A", "Shift+Tab", "Control+Shift", "Alt+Shift", "Shift+ArrowDown", "Shift+B"):
        page.keyboard.press(combination)
        assert lights(page) == 0
    assert page.url.startswith(site)


def test_a_held_shift_counts_once_however_often_it_repeats(page, site, neutral):
    visit(page, site, 1)
    for _ in range(6):
        page.keyboard.down("Shift")
    assert lights(page) == 0
    page.keyboard.up("Shift")
    assert lights(page) == 1


def test_more_than_five_seconds_between_presses_begin_the_count_again(page, site, neutral):
    page.clock.install()
    visit(page, site, 1)
    page.keyboard.press("Shift")
    page.clock.run_for(3_500)
    page.keyboard.press("Shift")
    page.clock.run_for(3_500)
    assert lights(page) == 2
    page.clock.run_for(1_500)
    assert lights(page) == 0
    assert page.locator("[role=status]").inner_text() == "Leaving with Shift: too slow, start again."
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    assert lights(page) == 2
    assert page.url.startswith(site)


def test_a_fourth_and_fifth_press_and_escape_change_nothing(page, site, neutral, before):
    neutral.delay = 0.7
    visit(page, site, 3, before)
    for _ in range(5):
        page.keyboard.press("Shift")
    page.keyboard.press("Escape")
    landed(page, neutral.url)
    assert len(neutral.asked) == 1


def test_escape_does_nothing_before_an_exit(page, site, neutral):
    visit(page, site, 1)
    for _ in range(5):
        page.keyboard.press("Escape")
    page.wait_for_timeout(200)
    assert page.url.startswith(site)
    assert not is_hidden(page)


def test_the_count_does_not_go_over_to_the_next_page(page, site, neutral):
    visit(page, site, 1)
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    follow(page, f"{site}/privacy/")
    page.keyboard.press("Shift")
    assert lights(page) == 1
    assert page.url.startswith(site)
