"""What somebody who was never here finds in two steps from the home page, on a phone; each ends with axe.

A step is a tap, or a question typed into the search box.
"""

import re

import pytest

from tests.browser import eyes


@pytest.fixture
def phone(window, real_site):
    page = window(360, 740, has_touch=True, is_mobile=True)
    page.goto(real_site)
    yield page
    assert eyes.axe_faults(page) == []
    assert eyes.exit_faults(page) == []
    assert eyes.sideways_faults(page) == []


def ask(page, words: str):
    box = page.get_by_role("banner").get_by_role("searchbox", name="Search this site")
    box.fill(words)
    with page.expect_navigation():
        box.press("Enter")


def tap(page, name: str | re.Pattern):
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("link", name=name).first.tap()


def main_text(page) -> str:
    return page.get_by_role("main").inner_text()


def assert_tiktok_can_be_made_private(page):
    assert page.url.endswith("/apps/tiktok/")
    first = (
        page.get_by_role("region", name=re.compile("^Settings to change")).get_by_role("listitem").first.inner_text()
    )
    assert "Make the account private" in first
    assert "Settings and privacy" in first


def test_how_to_make_tiktok_private_by_tapping(phone):
    tap(phone, "TikTok")
    assert_tiktok_can_be_made_private(phone)


def test_how_to_make_tiktok_private_by_asking(phone):
    ask(phone, "how do I make tik tok private")
    tap(phone, "TikTok")
    assert_tiktok_can_be_made_private(phone)


def assert_says_what_to_say_after_a_nude(page):
    assert page.get_by_role("region", name="What to do tonight").get_by_role("listitem").count() >= 5
    assert "You are not in trouble" in main_text(page)


def test_what_to_say_after_a_nude_was_sent_by_tapping(phone):
    tap(phone, re.compile("^Sending nudes"))
    assert_says_what_to_say_after_a_nude(phone)


def test_what_to_say_after_a_nude_was_sent_by_asking(phone):
    ask(phone, "my son has sent a nude, what do I say")
    assert phone.get_by_role("region", name="Has this happened?").get_by_role("link").is_visible()
    tap(phone, re.compile("^Sending nudes"))
    assert_says_what_to_say_after_a_nude(phone)


def assert_southend_answers_at_night(page):
    assert page.url.partition("?")[0].endswith("/contacts/southend-on-sea/")
    numbers = [link.get_attribute("href") for link in page.get_by_role("main").locator("a[href^='tel:']").all()]
    assert {"tel:999", "tel:03456061212"} <= set(numbers)  # danger, and the team for nights, whatever the hour is now


def test_who_to_call_in_southend_at_night_by_asking(phone):
    ask(phone, "who do I call in Southend at 3am")
    tap(phone, "Who to call in Southend-on-Sea")
    assert_southend_answers_at_night(phone)


def test_who_to_call_in_southend_at_night_by_tapping(phone):
    with phone.expect_navigation():
        phone.get_by_role("navigation", name="Main").get_by_role("link", name="Who to call").tap()
    tap(phone, re.compile("^Southend-on-Sea"))
    assert_southend_answers_at_night(phone)


def assert_spending_can_be_stopped(page):
    assert re.search(r"spend", main_text(page), re.IGNORECASE)
    steps = page.get_by_role("main").get_by_role("listitem").filter(has_text=re.compile("spend", re.IGNORECASE))
    assert steps.count() >= 1


def test_how_to_stop_roblox_spending_by_asking(phone):
    ask(phone, "stop roblox spending")
    tap(phone, re.compile("^Roblox"))
    assert_spending_can_be_stopped(phone)


def test_how_to_stop_roblox_spending_by_tapping(phone):
    tap(phone, "Roblox")
    assert page_names(phone) == "Roblox"
    assert_spending_can_be_stopped(phone)


def page_names(page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def assert_helps_a_friend(page):
    assert "/helping-a-friend/" in page.url or "/report/friend-in-trouble/" in page.url
    text = main_text(page)
    assert "Report Remove" in text or "CEOP" in text
    assert page.get_by_role("link", name=re.compile("Childline")).first.is_visible()


def test_help_for_a_friend_who_is_blackmailed_by_tapping(phone):
    tap(phone, "Are you under 18? Help for you")
    tap(phone, re.compile("^Helping a friend"))
    assert_helps_a_friend(phone)


def test_help_for_a_friend_who_is_blackmailed_by_asking(phone):
    ask(phone, "my friend is being blackmailed")
    with phone.expect_navigation():
        phone.get_by_role("main").get_by_role("region").first.get_by_role("link").first.tap()
    assert_helps_a_friend(phone)


# --- The search by itself -------------------------------------------------------------------------------


def test_danger_words_show_help_before_anything_else(phone):
    ask(phone, "i want to die")
    call = phone.get_by_role("main").get_by_role("link", name="Call 999")
    assert call.bounding_box()["y"] < 740
    assert phone.get_by_role("main").get_by_role("link", name="Samaritans, 116 123").is_visible()


def test_search_works_by_keyboard_without_javascript(browser, real_site):
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    page.goto(real_site)
    page.get_by_role("banner").get_by_role("searchbox").focus()
    page.keyboard.type("snpachat")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "These are the results for snapchat" in main_text(page)
    assert context.cookies() == []
    context.close()
