"""What the tests of quick exit share: how a visitor comes, leaves and looks back."""

import re
import time
from contextlib import suppress

from playwright.sync_api import Error

# Pages whose words stand in templates, and one error page: every kind has the exit, none needs the database.
PAGES = ("/leaving-no-trace/", "/privacy/", "/no/such/page/", "/about/")
GREEN, BLUE = "#00a000", "#0000ff"  # the neutral site; where the visitor came from


def visit(page, site: str, depth: int, before=None):
    """Come from another site and open so many pages, each by a link as visitors do."""
    if before:
        page.goto(before.url)
    for number in range(depth):
        follow(page, f"{site}{PAGES[number % len(PAGES)]}?{number}")


def follow(page, address: str):
    """Go on by a press of the visitor's on a link, put there for the purpose."""
    page.evaluate(
        "address => { const link = document.createElement('a'); link.href = address; link.id = 'on';"
        " link.textContent = 'on'; link.style.cssText = 'position: fixed; opacity: 0'; document.body.append(link); }",
        address,
    )
    page.locator("#on").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(address)


def leave(page, way: str = "click"):
    """Leave in one of the ways that a hand can."""
    control = page.locator("#quick-exit")
    if way in ("Enter", "Space", "Control+Enter"):
        control.focus()
        page.keyboard.press(way)
    elif way == "shift":
        for _ in range(3):
            page.keyboard.press("Shift")
    elif way == "tap":
        control.tap(no_wait_after=True)
    elif way == "middle":
        control.click(button="middle", no_wait_after=True)
    elif way in ("Control", "Meta", "Shift", "Alt"):
        control.click(modifiers=[way], no_wait_after=True)
    else:
        control.click(no_wait_after=True)


def landed(page, address: str, timeout: float = 5_000):
    page.wait_for_url(address, timeout=timeout, wait_until="commit")


def until(page, condition: str, timeout: float = 5):
    """Wait until an expression is true in the page; the site's policy forbids Playwright's own way."""
    deadline = time.monotonic() + timeout
    while not _value(page, condition):
        assert time.monotonic() < deadline, f"never came true: {condition}"
        page.wait_for_timeout(20)


def _ask(page, command: str, **details) -> dict:
    """A command to the browser, said again while the tab is between two pages."""
    for _ in range(100):
        with suppress(Error):
            session = page.context.new_cdp_session(page)
            answer = session.send(command, details)
            session.detach()
            return answer
        page.wait_for_timeout(20)
    raise AssertionError(f"the browser does not answer {command}")


def _value(page, expression: str):
    answer = _ask(page, "Runtime.evaluate", expression=expression, returnByValue=True)
    return answer["result"].get("value")


def history(page) -> tuple[int, list[str]]:
    """Where the tab stands in its history, and every address in it."""
    answer = _ask(page, "Page.getNavigationHistory")
    return answer["currentIndex"], [entry["url"] for entry in answer["entries"]]


def step(page, by: int):
    """Back (-1) or Forward (1), as the browser's own buttons do; does not wait for what comes of it."""
    answer = _ask(page, "Page.getNavigationHistory")
    entry = answer["entries"][answer["currentIndex"] + by]
    _ask(page, "Page.navigateToHistoryEntry", entryId=entry["id"])
    page.wait_for_timeout(50)


def is_hidden(page) -> bool:
    return _value(page, "getComputedStyle(document.documentElement).display") == "none"


def ends_with(path: str) -> re.Pattern:
    return re.compile(re.escape(path) + "$")
