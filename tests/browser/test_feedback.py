"""Have your say, by keyboard alone and without JavaScript, on a narrow phone. All of it writes fewer than five answers:
one address may send no more in ten minutes, and the workers share the database."""

import pytest

from tests.browser import eyes
from tests.browser.real_site import CLOSED, DANGER, KINDS

TALK = "/talk/"


@pytest.fixture
def phone(new_context):
    return new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False).new_page()


def focus(page, role: str, name: str):
    """Tab until a control of this name has the focus."""
    wanted = page.get_by_role(role, name=name)
    for _ in range(400):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return wanted
    raise AssertionError(f"Tab never reached {name}")


def press(page, role: str, name: str, key: str = "Enter"):
    focus(page, role, name)
    with page.expect_navigation():
        page.keyboard.press(key)


def looks(new_context, page) -> dict:
    """What is wrong with the page as it stands, at each width, light and dark; shown in a window that runs axe."""
    text, address = page.content(), page.url
    window = new_context().new_page()
    window.route(address, lambda route: route.fulfill(body=text, content_type="text/html; charset=utf-8"))
    window.goto(address)
    faults = {}
    for scheme in ("light", "dark"):
        window.emulate_media(color_scheme=scheme)
        for width in (320, 768, 1280):
            window.set_viewport_size({"width": width, "height": 640})
            faults[scheme, width] = [
                *eyes.axe_faults(window), *eyes.sideways_faults(window), *eyes.exit_faults(window),
                *eyes.target_faults(window),
            ]  # fmt: skip
    return {look: found for look, found in faults.items() if found}


def headings(page) -> list[str]:
    return page.get_by_role("main").get_by_role("heading").all_inner_texts()


def test_vote_then_words_reach_us_and_leave_no_cookie(phone, real_site, new_context):
    phone.goto(f"{real_site}{TALK}")
    press(phone, "button", "Yes this page was useful")
    assert phone.url == f"{real_site}/feedback/"
    assert headings(phone) == ["Thank you", "Do you want to say more?"]
    assert looks(new_context, phone) == {}
    focus(phone, "textbox", "What was good, wrong or missing?")
    phone.keyboard.type("The words for the car.\nThank you.")
    press(phone, "button", "Send")
    if headings(phone) == ["Not sent yet", "Have your say"]:  # a keyboard that is quicker than a person
        assert phone.get_by_role("alert").inner_text().startswith("Not sent yet")
        assert phone.get_by_role("textbox").input_value() == "The words for the car.\nThank you."
        assert looks(new_context, phone) == {}
        phone.wait_for_timeout(3_000)
        press(phone, "button", "Send")
    assert headings(phone) == ["Thank you"]
    assert looks(new_context, phone) == {}
    assert phone.context.cookies() == []
    press(phone, "link", "Back to “Words to begin a talk”")
    assert phone.url == f"{real_site}{TALK}"
    assert "The words for the car." not in phone.content()


def test_words_of_danger_show_help_first(phone, real_site, new_context):
    phone.goto(f"{real_site}{TALK}")
    press(phone, "link", "Tell us more")
    assert headings(phone) == ["Have your say"]
    focus(phone, "textbox", "What was good, wrong or missing?")
    phone.keyboard.type(DANGER)
    press(phone, "button", "Send")
    assert headings(phone)[:2] == ["You can get help now", "Is a child in danger now?"]
    main = phone.get_by_role("main")
    call = main.get_by_role("link", name="Call 999")
    assert call.bounding_box()["y"] < 740
    assert call.bounding_box()["y"] < main.get_by_text("Thank you.").bounding_box()["y"]
    assert "Nobody reads this straight away." in main.inner_text()
    assert main.get_by_role("textbox").count() == 0
    assert looks(new_context, phone) == {}
    assert phone.context.cookies() == []
    press(phone, "link", "Someone wants to meet a child")
    assert phone.url == f"{real_site}/report/meeting/"


def test_page_with_comments_shows_them_and_a_closed_one_takes_none(phone, real_site):
    phone.goto(f"{real_site}/topics/sending-nudes/")
    said = phone.get_by_role("region", name="What readers said")
    assert [line for line in said.inner_text().splitlines() if line][1:3] == ["We read it together.", "That helped."]
    assert "Thank you for telling us." in said.inner_text()
    assert "Original words." not in phone.content()
    phone.goto(f"{real_site}{CLOSED}")
    assert phone.get_by_text("Comments are closed on this page. The menus are being renewed.").is_visible()
    assert phone.get_by_role("button", name="Yes this page was useful").count() == 0
    phone.goto(f"{real_site}/feedback/?page={CLOSED}")
    assert headings(phone) == ["Comments are closed"]
    assert phone.get_by_role("textbox").count() == 0


def test_nobody_meets_the_box_for_programs(phone, real_site):
    phone.goto(f"{real_site}{KINDS['feedback']}")
    assert phone.get_by_role("textbox").count() == 1
    assert phone.get_by_label("Leave this box empty").is_hidden()
    assert "Leave this box empty" not in phone.get_by_role("main").inner_text()


def test_form_stays_off_the_paper(phone, real_site):
    for path in (TALK, KINDS["feedback"]):
        phone.goto(f"{real_site}{path}")
        phone.emulate_media(media="print")
        assert phone.locator(".say-form:visible, .tell:visible").count() == 0
