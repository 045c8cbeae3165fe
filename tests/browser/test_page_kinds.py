"""One page of each kind, in windows narrow and wide, light and dark, and as its reader may have set it up."""

import re

import pytest

from tests.browser import eyes
from tests.browser.real_site import KINDS, NEUTRAL, ROOT

WIDTHS = (320, 768, 1280)

# The spacing of WCAG 1.4.12, which a page must bear without loss.
WIDE_SPACING = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-block-end: 2em !important; }
"""


@pytest.fixture(params=KINDS)
def address(request, locate) -> str:
    return locate(request.param)


def test_page_is_accessible_at_every_width_in_light_and_dark(address, window):
    page = window(320)
    page.goto(address)
    faults = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 640})
        page.emulate_media(color_scheme="light")
        look = (eyes.axe_faults, eyes.sideways_faults, eyes.exit_faults, eyes.target_faults)
        faults["light", width] = [fault for eye in look for fault in eye(page)]
        # Dark changes colours and nothing else: the test below holds it.
        page.emulate_media(color_scheme="dark")
        faults["dark", width] = eyes.axe_faults(page, only=eyes.AXE_COLOURS)
    page.set_viewport_size({"width": 320, "height": 640})
    assert {look: found for look, found in faults.items() if found} == {}


def test_dark_changes_colours_and_nothing_else():
    css = re.sub(r"/\*.*?\*/", "", (ROOT / "static" / "css" / "site.css").read_text("utf-8"), flags=re.DOTALL)
    blocks = re.findall(r"@media[^{]*prefers-color-scheme[^{]*\{(.*?\})\s*\}", css, flags=re.DOTALL)
    assert len(blocks) == css.count("prefers-color-scheme") > 0
    for block in blocks:
        [(selector, lines)] = re.findall(r"([^{}]+)\{([^{}]*)\}", block)
        assert selector.strip() == ":root"
        assert [line for line in lines.split(";") if line.strip() and not line.strip().startswith("--")] == []
    light = re.search(r":root\s*\{([^{}]*)\}", css)[1]
    for name in re.findall(r"(--[\w-]+):", "".join(blocks)):
        value = re.search(rf"{name}:\s*([^;]+)", light)[1]
        # A shadow has lengths beside its colours.
        assert re.fullmatch(r"(#[0-9a-f]{3,8}|rgb\([^()]*\)|\d+(px)?|,|\s)+", value), f"{name} is more than colours"


def test_page_is_whole_in_forced_colours(address, window):
    page = window(320, forced_colors="active")
    assert eyes.complaints(page, address) == []
    assert page.evaluate("getComputedStyle(document.querySelector('.exit-bar')).backgroundImage") == "none"
    assert page.evaluate("parseFloat(getComputedStyle(document.getElementById('quick-exit')).borderTopWidth)") >= 2
    # axe reads the colours that the page asked for, not those that the reader's choice put in their place.
    faults = eyes.axe_faults(page, without=("color-contrast",))
    assert [*faults, *eyes.exit_faults(page), *eyes.sideways_faults(page)] == []


def test_page_does_not_move_for_those_who_ask_for_less_motion(address, window):
    page = window(320, reduced_motion="reduce")
    assert eyes.complaints(page, address) == []
    assert page.evaluate("document.getAnimations().length") == 0
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    assert page.evaluate(
        "[...document.querySelectorAll('*')].filter((element) => "
        "getComputedStyle(element).transitionDuration !== '0s').length"
    ) == 0  # fmt: skip


@pytest.mark.parametrize("width", [320, 768])
def test_page_bears_wider_text_spacing(address, window, width):
    page = window(width)
    page.goto(address)
    page.evaluate("[...document.querySelectorAll('details')].forEach((details) => { details.open = true })")
    assert eyes.spilled_faults(page) == []
    # A stylesheet made by script is the reader's, not the page's: the page's policy does not forbid it.
    page.evaluate(
        "css => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css); document.adoptedStyleSheets = [sheet] }",
        WIDE_SPACING,
    )
    assert [*eyes.spilled_faults(page), *eyes.sideways_faults(page), *eyes.exit_faults(page)] == []


def test_page_at_400_per_cent_reads_without_scrolling_sideways(address, window):
    """1280 by 1024 at four times the size: a window of 320 by 256, and the bar leaves most of it to the page."""
    page = window(320, 256, device_scale_factor=4)
    page.goto(address)
    assert [*eyes.sideways_faults(page), *eyes.exit_faults(page), *eyes.target_faults(page)] == []
    assert page.locator(".exit-bar").bounding_box()["height"] <= 64


def lines(page) -> list[str]:
    """The words of a page, without what only script can do and what is there only when there is none."""
    page.evaluate("document.querySelectorAll('button:not([type=submit])').forEach((made) => { made.hidden = true })")
    text = page.locator("body").inner_text()
    extra = set(page.locator("noscript").all_inner_texts())
    return [line.strip() for line in text.splitlines() if line.strip() and line not in extra]


def test_page_reads_whole_without_javascript(address, window):
    page, plain = window(320), window(320, java_script_enabled=False)
    page.goto(address)
    plain.goto(address)
    # Where there is room for one link only, the bar says how to finish an exit by hand instead of how it works.
    assert lines(plain) == [line for line in lines(page) if line != "How this works"]
    assert plain.locator("button:not([type=submit]):visible").count() == 0
    assert plain.locator("#quick-exit").get_attribute("href") == NEUTRAL


def test_exit_without_javascript_is_one_plain_step(address, window):
    page = window(320, java_script_enabled=False)
    page.goto(address)
    asked = []
    page.route(NEUTRAL, lambda route: (asked.append(route.request), route.fulfill(body="weather")))
    page.get_by_role("link", name="Emergency: Exit this site").click()
    page.wait_for_url(NEUTRAL)
    page.unroute(NEUTRAL)
    assert [(request.method, request.headers.get("referer")) for request in asked] == [("GET", None)]
