"""Leaving: every way, from every depth, and what Back and Forward show afterwards."""

import pytest

from tests.browser.exits import PAGES, ends_with, follow, history, is_hidden, landed, leave, step, until, visit

WAYS = ("click", "tap", "Enter", "Space", "Control", "Meta", "Shift", "Alt", "Control+Enter", "middle", "shift")


@pytest.fixture
def page(new_context):
    return new_context(has_touch=True).new_page()


@pytest.fixture
def site(site_without_database):
    return site_without_database


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("depth", [1, 3])
def test_every_way_of_leaving_lands_in_this_tab(page, site, neutral, before, way, depth):
    visit(page, site, depth, before)
    leave(page, way)
    landed(page, neutral.url)
    at, addresses = history(page)
    assert addresses[at - 1 : at + 1] == [before.url, neutral.url]
    assert addresses[at + 1 :] == ([] if depth == 1 else [f"{site}/exit/"])
    assert page.context.pages == [page]
    assert {ask["referrer"] for ask in neutral.asked} == {None}


@pytest.mark.parametrize("depth", [1, 3, 10])
def test_back_leads_to_where_the_visitor_came_from_and_forward_to_the_neutral_site(page, site, neutral, before, depth):
    visit(page, site, depth, before)
    leave(page)
    landed(page, neutral.url)
    step(page, -1)
    landed(page, before.url)
    step(page, 1)
    landed(page, neutral.url)
    if depth > 1:
        step(page, 1)
        page.wait_for_timeout(100)
        landed(page, neutral.url)
        assert history(page)[1][-2:] == [neutral.url, neutral.url]
        step(page, -1)
        landed(page, neutral.url)
    step(page, -1)
    landed(page, before.url)


def test_a_visit_that_stands_in_the_middle_of_its_own_history_is_swept_too(page, site, neutral, before):
    visit(page, site, 4, before)
    step(page, -1)
    step(page, -1)
    leave(page)
    landed(page, neutral.url)
    at, addresses = history(page)
    assert addresses[at - 1 :] == [before.url, neutral.url, f"{site}/exit/"]


def test_links_within_a_page_are_swept_too(page, site, neutral, before):
    visit(page, site, 1, before)
    page.locator(".skip-links a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**#main")
    leave(page)
    landed(page, neutral.url)
    at, addresses = history(page)
    assert addresses[at - 1 :] == [before.url, neutral.url, f"{site}/exit/"]


def test_pages_that_the_browser_no_longer_keeps_are_swept_too(page, site, neutral, before):
    page.add_init_script("addEventListener('unload', () => {})")
    visit(page, site, 3, before)
    leave(page)
    landed(page, neutral.url)
    at, addresses = history(page)
    assert addresses[at - 1 :] == [before.url, neutral.url, f"{site}/exit/"]


def test_a_file_of_ours_that_came_first_is_never_shown_again(page, site, neutral, before):
    """A plain file has no guard: going back to it would show it and stay there."""
    page.goto(before.url)
    follow(page, f"{site}/robots.txt")
    page.evaluate("address => { location.href = address }", f"{site}{PAGES[0]}")
    page.wait_for_url(f"{site}{PAGES[0]}")
    follow(page, f"{site}{PAGES[1]}")
    seen = []
    page.on("framenavigated", lambda frame: seen.append(frame.url))
    leave(page)
    landed(page, neutral.url)
    assert f"{site}/robots.txt" not in seen
    at, addresses = history(page)
    assert addresses[at - 1 :] == [f"{site}/robots.txt", neutral.url, f"{site}/exit/"]


def test_pages_of_an_earlier_visit_beyond_another_site_leave_again(page, site, neutral, before):
    visit(page, site, 2, before)
    page.goto(before.url)
    follow(page, f"{site}{PAGES[0]}")
    leave(page)
    landed(page, neutral.url)
    step(page, -1)
    landed(page, before.url)
    step(page, -1)
    landed(page, neutral.url)


def test_the_skip_link_leaves_too(page, site, neutral, before):
    visit(page, site, 3, before)
    page.keyboard.press("Tab")
    page.locator(".exit-skip").focus()
    page.keyboard.press("Enter")
    landed(page, neutral.url)
    assert history(page)[1][-2:] == [neutral.url, f"{site}/exit/"]


def test_other_open_tabs_leave_by_themselves(page, site, neutral, before):
    others = [page.context.new_page() for _ in range(2)]
    for other in others:
        visit(other, site, 3, before)
    visit(page, site, 2, before)
    page.bring_to_front()
    leave(page)
    for tab in (page, *others):
        landed(tab, neutral.url)
        at, addresses = history(tab)
        assert addresses[at - 1 :] == [before.url, neutral.url, f"{site}/exit/"]


def test_a_fresh_visit_after_an_exit_shows_the_page_and_forgets_the_exit(page, site, neutral, before):
    visit(page, site, 3, before)
    leave(page)
    landed(page, neutral.url)
    page.wait_for_load_state()
    visit(page, site, 2)
    assert not is_hidden(page)
    assert page.evaluate("sessionStorage.length") == 0
    step(page, -1)
    page.wait_for_url(f"{site}{PAGES[0]}?0", wait_until="commit")
    until(page, "getComputedStyle(document.documentElement).display === 'block'")


def test_nothing_is_stored_before_an_exit_and_one_wordless_mark_after(page, site, neutral, before):
    """The page says itself what it holds: a tab in the middle of a journey answers no questions."""
    held = []
    page.on("console", lambda said: held.append(said.text) if said.text.startswith(site) else None)
    page.add_init_script(
        "const tell = () => console.log(origin + JSON.stringify([document.cookie, {...localStorage},"
        " {...sessionStorage}, name])); setInterval(tell, 50); addEventListener('pagehide', tell)"
    )
    visit(page, site, 3, before)
    page.wait_for_timeout(100)
    assert set(held) == {f'{site}["",{{}},{{}},""]'}
    held.clear()
    neutral.delay = 0.5
    leave(page)
    landed(page, neutral.url)
    assert held[-1] == f'{site}["",{{}},{{"_":"1"}},""]'
    assert page.context.cookies() == []
    assert page.evaluate("window.name") == ""


def test_back_and_forward_inside_the_site_stay_normal_before_an_exit(page, site, neutral):
    page.goto(f"{site}/leaving-no-trace/")
    page.evaluate("window.kept = true; scrollTo({top: 300, behavior: 'instant'})")
    page.evaluate("location.href = '/about/'")
    page.wait_for_url("**/about/")
    step(page, -1)
    until(page, "window.kept && scrollY === 300")
    assert not is_hidden(page)
    step(page, 1)
    page.wait_for_url("**/about/", wait_until="commit")
    assert not is_hidden(page)


def test_trying_the_exit_uses_the_same_way_out_and_lands_on_our_own_page(page, site, neutral, before):
    other = page.context.new_page()
    visit(other, site, 1)
    visit(page, site, 2, before)
    follow(page, f"{site}/leaving-no-trace/")
    page.get_by_role("link", name="Try the exit").click(no_wait_after=True)
    page.wait_for_url("**/leaving-no-trace/tried/")
    page.get_by_role("heading", level=1).wait_for()
    at, addresses = history(page)
    assert addresses[at - 1 :] == [before.url, f"{site}/leaving-no-trace/tried/", f"{site}/exit/"]
    assert page.evaluate("sessionStorage.length") == 0
    assert neutral.asked == []
    assert other.url.startswith(site)
    assert not is_hidden(other)
    step(page, -1)
    landed(page, before.url)
    step(page, 1)
    landed(page, ends_with("/tried/"))
    step(page, 1)
    landed(page, neutral.url)
