"""Leaving when something is broken, blocked, slow or missing: the exit still leaves, the page stays blank."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import site_server
from tests.browser.exits import history, landed, leave, step, until, visit

NO_STORAGE = (
    "Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('denied', 'SecurityError') } });"
)
FULL_STORAGE = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') };"
NO_CHANNEL = "delete window.BroadcastChannel;"
BROKEN_CHANNEL = "window.BroadcastChannel = class { constructor() { throw new DOMException('denied') } };"
MUTE_CHANNEL = "BroadcastChannel.prototype.postMessage = () => { throw new DOMException('closed') };"
NO_NAVIGATION = "Object.defineProperty(window, 'navigation', { value: undefined });"
STUCK_TRAVERSAL = (
    "Navigation.prototype.traverseTo = () => ({ committed: new Promise(() => {}), finished: new Promise(() => {}) });"
)
REFUSED_TRAVERSAL = (
    "Navigation.prototype.traverseTo = () => { const no = Promise.reject(new DOMException('no'));"
    " return { committed: no, finished: no } };"
)
DEAF_HISTORY = "History.prototype.back = () => {};"
NO_PUSH = "History.prototype.pushState = () => { throw new DOMException('too often', 'SecurityError') };"
NO_PAINT = "window.requestAnimationFrame = () => {};"
NO_TIMING = "performance.getEntriesByType = () => [];"
OFFLINE = "Object.defineProperty(navigator, 'onLine', { value: false });"

# What is broken, and whether the tab's history is swept all the same.
FAULTS = {
    "storage throws": (NO_STORAGE, True),
    "storage is full": (FULL_STORAGE, True),
    "no channel": (NO_CHANNEL, True),
    "channel throws": (BROKEN_CHANNEL, True),
    "channel does not send": (MUTE_CHANNEL, True),
    "storage and channel throw": (NO_STORAGE + BROKEN_CHANNEL, False),
    "no Navigation API": (NO_NAVIGATION, False),
    "no Navigation API, storage throws": (NO_NAVIGATION + NO_STORAGE, False),
    "journey never ends": (STUCK_TRAVERSAL, False),
    "journey refused": (REFUSED_TRAVERSAL, False),
    "history does not go back": (DEAF_HISTORY, None),
    "history takes no entry": (NO_PUSH, None),
    "nothing is painted": (NO_PAINT, True),
    "no timing": (NO_TIMING, None),
    "offline": (OFFLINE, False),
}


@pytest.fixture
def page(new_context):
    page = new_context().new_page()
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(error))
    return page


@pytest.fixture
def site(site_without_database):
    return site_without_database


@pytest.mark.parametrize("way", ["click", "shift"])
@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_is_broken_the_exit_leaves(page, site, neutral, before, fault, way):
    script, swept = FAULTS[fault]
    page.add_init_script(script)
    visit(page, site, 3, before)
    leave(page, way)
    landed(page, neutral.url)
    at, addresses = history(page)
    assert addresses[at] == neutral.url
    if swept is not None:
        assert (addresses[at - 1] == before.url) is swept
    assert page.errors == []
    assert page.context.pages == [page]


@pytest.mark.parametrize("depth", [1, 3])
def test_a_dead_neutral_site_never_brings_the_page_back(page, site, settings, before, closed_port, depth):
    settings.QUICK_EXIT_URL = closed_port
    visit(page, site, depth, before)
    leave(page)
    until(page, "location.protocol === 'chrome-error:'")
    at, addresses = history(page)
    assert addresses[at - 1 : at + 1] == [before.url, closed_port]
    step(page, -1)
    landed(page, before.url)


@pytest.mark.parametrize("way", ["click", "tap", "Enter", "Control+Enter"])
@pytest.mark.parametrize("javascript", [True, False])
def test_without_scripts_the_control_is_a_plain_link_that_leaves_in_one_hop(
    new_context, site, neutral, monkeypatch, way, javascript
):
    """JavaScript off, or everything of ours stripped by a filter."""
    if javascript and way == "Control+Enter":
        way = "click"
    page = new_context(java_script_enabled=javascript, has_touch=True).new_page()
    page.route("**/quick-exit*.js", lambda route: route.abort())
    monkeypatch.setattr("safety_site.quick_exit.EXIT_GUARD", "")
    page.goto(f"{site}/leaving-no-trace/")
    if way == "Control+Enter":
        way = "Enter"
    leave(page, way)
    landed(page, neutral.url)
    assert [ask["path"] for ask in neutral.asked] == ["/"]


@pytest.mark.parametrize("way", ["click", "Enter", "Space", "Control", "middle"])
def test_the_guard_alone_sweeps_when_the_other_script_is_blocked(page, site, neutral, before, way):
    page.route("**/quick-exit*.js", lambda route: route.abort())
    visit(page, site, 3, before)
    leave(page, way)
    landed(page, neutral.url)
    assert history(page)[1][-3:] == [before.url, neutral.url, f"{site}/exit/"]
    assert page.context.pages == [page]


def test_the_shift_key_leaves_even_if_a_filter_took_the_guard_out(page, site, neutral, monkeypatch):
    monkeypatch.setattr("safety_site.quick_exit.EXIT_GUARD", "")
    visit(page, site, 2)
    leave(page, "shift")
    landed(page, neutral.url)


def test_with_our_server_down_the_exit_still_leaves(page, neutral, before):
    with site_server() as site:
        visit(page, site, 3, before)
    leave(page)
    landed(page, neutral.url, timeout=1_500)


def test_a_server_of_ours_that_hangs_costs_a_second_at_most(page, site, neutral, before):
    visit(page, site, 3, before)
    held = []
    page.route("**/leaving-no-trace/*", lambda route: held.append(route))
    leave(page)
    landed(page, neutral.url, timeout=1_800)
    assert len(held) == 1
    page.unroute_all(behavior="ignoreErrors")


def test_escape_on_the_blank_page_is_kept_from_the_browser(page, site, neutral):
    neutral.delay = 1
    visit(page, site, 1)
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.evaluate("addEventListener('keydown', event => console.log(event.key, event.defaultPrevented))")
    leave(page)
    page.keyboard.press("Escape")
    landed(page, neutral.url)
    assert "Escape true" in said


def test_media_stop_at_the_moment_of_leaving(page, site, neutral):
    neutral.delay = 1
    visit(page, site, 1)
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.evaluate(
        "HTMLMediaElement.prototype.pause = function () { console.log(this.tagName + document.title) };"
        "document.body.append(document.createElement('audio'), document.createElement('video'))"
    )
    leave(page)
    landed(page, neutral.url)
    assert {"AUDIO\u200b", "VIDEO\u200b"} <= set(said)


@pytest.mark.parametrize("path", ["/leaving-no-trace/", "/no/such/page/", "/exit/?by=post"])
def test_the_policy_lets_everything_of_the_exit_through(page, site, neutral, before, path):
    complaints = []
    page.on("console", lambda said: "Security Policy" in said.text and complaints.append(said.text))
    page.goto(before.url)
    if "post" in path:
        page.evaluate(
            "address => { const form = document.createElement('form'); form.method = 'post';"
            " form.action = address; document.body.append(form); form.submit() }",
            site + path,
        )
        page.wait_for_url(site + path)
    else:
        visit(page, site + path + "?", 2)
    expect(page.get_by_role("link", name="Emergency: Exit this site")).to_be_visible()
    leave(page, "shift")
    landed(page, neutral.url)
    assert complaints == []
    assert page.errors == []
