"""What a tired parent does on a phone, by the names of things; each journey ends with a check by axe."""

import re

import pytest

from tests.browser import eyes


@pytest.fixture
def phone(window, real_site):
    """The home page on a phone, by touch."""
    page = window(360, 740, has_touch=True, is_mobile=True)
    page.goto(real_site)
    yield page
    assert eyes.axe_faults(page) == []
    assert eyes.exit_faults(page) == []


def tap(page, name: str | re.Pattern, within: str | None = None):
    """Tap a link by its name, in the region of a name where the page has several."""
    place = page.get_by_role("region", name=within) if within else page.get_by_role("main")
    with page.expect_navigation():
        place.get_by_role("link", name=name).tap()


def heading(page, name: str | re.Pattern, level: int = 2):
    return page.get_by_role("heading", name=name, level=level)


def test_home_answers_three_questions_without_much_scrolling(phone):
    assert phone.get_by_role("link", name="Call 999").first.bounding_box()["y"] < 640
    assert heading(phone, "How old is your child?").bounding_box()["y"] < 740
    assert heading(phone, "What are you worried about?").bounding_box()["y"] < 740 * 1.5


def test_two_taps_lead_to_guidance_for_a_teenager(phone):
    tap(phone, re.compile("^Teen"), within="How old is your child?")
    assert heading(phone, "Teen: ages 13 to 17", 1).is_visible()
    tap(phone, "Mobile phones", within="What children do online")
    assert heading(phone, "Mobile phones", 1).is_visible()
    assert phone.get_by_role("link", name="Teen 13 to 17").get_attribute("aria-current") == "true"
    first = phone.get_by_text("For ages 13 to 17").first.bounding_box()
    everyone = phone.locator(".section:not(.first-part *)").first.bounding_box()
    assert first["y"] < everyone["y"]


def test_one_tap_tells_how_to_make_tiktok_private(phone):
    tap(phone, "TikTok", within="Apps and games")
    settings = phone.get_by_role("region", name="Settings to change, in this order")
    first = settings.get_by_role("listitem").first
    assert "Make the account private" in first.inner_text()
    assert "Settings and privacy" in first.inner_text()


def test_one_tap_tells_what_to_do_after_a_nude_was_sent(phone):
    tap(phone, "Sending nudes", within="What are you worried about?")
    steps = phone.get_by_role("region", name="What to do tonight").get_by_role("listitem")
    assert steps.count() >= 5
    assert "999" in steps.first.inner_text()
    assert phone.get_by_role("region", name="Do not copy the image, even as proof").is_visible()
    assert phone.get_by_role("main").get_by_role("link", name="Report Remove").first.is_visible()
    tap(phone, "Teen 13 to 17")
    assert heading(phone, "If your child is a teenager").bounding_box()["y"] < heading(
        phone, "What to do tonight"
    ).bounding_box()["y"]  # fmt: skip


def test_two_taps_lead_to_controls_on_the_home_broadband(phone):
    tap(phone, "Home broadband", within="Parental controls")
    assert phone.url.endswith("/parental-controls/#broadband")
    tap(phone, "BT", within="Home broadband")
    assert heading(phone, "BT: parental controls", 1).is_visible()
    assert phone.get_by_role("region", name="Set it up").get_by_role("listitem").count() >= 3
    assert phone.get_by_role("region", name="What it cannot do").is_visible()


def test_help_is_one_tap_away_from_everywhere(phone):
    for path in ("topics", "apps", "talk", "privacy"):
        phone.goto(f"{phone.url.split('/', 3)[0]}//{phone.url.split('/', 3)[2]}/{path}/")
        phone.get_by_role("navigation", name="Main").get_by_role("link", name="Get help").tap()
        phone.wait_for_url("**/report/")
        assert heading(phone, "Report a worry about a child", 1).is_visible()
        assert phone.get_by_role("link", name="Call 999").first.is_visible()
        panel = phone.get_by_role("complementary", name="Get help now")
        assert panel.get_by_role("link", name="Call 999").get_attribute("href") == "tel:999"
        assert panel.get_by_role("link", name="Childline 0800 1111").get_attribute("href") == "tel:08001111"


def test_words_for_a_talk_can_be_chosen_by_age(phone):
    tap(phone, "Find words to begin")
    tap(phone, "Pre-school 0 to 4")
    assert phone.get_by_role("heading", level=2).all_inner_texts() == [
        "Pre-school: ages 0 to 4", "Was this page useful?", "Get help now",
    ]  # fmt: skip


def test_words_for_a_talk_are_printed_by_a_button(phone):
    tap(phone, "Find words to begin")
    phone.evaluate("window.print = () => { window.printed = true }")
    phone.get_by_role("button", name="Print as cards").tap()
    assert phone.evaluate("window.printed") is True


def look_for(phone, postcode: str) -> list[str]:
    """Ask for the number of the council of a postcode, from home; every address that the browser was sent to."""
    seen = []

    def hear(request):
        seen.append(request.url)

    phone.on("request", hear)
    tap(phone, "Find your council’s number", within="Who to call, now")
    phone.get_by_label("Postcode of the child’s home").fill(postcode)
    with phone.expect_navigation():
        phone.get_by_role("button", name="Find who to call").tap()
    phone.remove_listener("request", hear)
    return [*seen, phone.url]


def holding(addresses: list[str], *parts: str) -> list[str]:
    """The addresses in which a part of a postcode stands."""
    return [address for address in addresses if any(part in address.casefold() for part in parts)]


def test_a_postcode_leads_to_the_number_of_its_council_and_into_no_address(phone):
    addresses = look_for(phone, "ss9 5dl")
    # A district's page: it says who looks after children there, and its numbers are those of Essex.
    assert phone.url.partition("?")[0].endswith("/contacts/rochford/")
    assert "Essex County Council" in phone.get_by_role("main").locator("header").inner_text()
    numbers = phone.get_by_role("main").locator("a[href^='tel:']")
    council = phone.get_by_role("region", name=re.compile("^(Call now|Who to call)$")).locator("a[href^='tel:']")
    assert council.count() >= 2
    assert numbers.first.get_attribute("href") == council.first.get_attribute("href")
    assert council.first.bounding_box()["y"] < 740 * 1.3
    assert holding(addresses, "ss9", "5dl") == []
    assert "ss9" not in phone.title().casefold()


def test_a_wrong_postcode_is_told_kindly_and_stays_in_its_box_only(phone):
    addresses = look_for(phone, "zz99 9xq")
    problem = phone.get_by_role("alert", name="There is a problem")
    assert problem.is_visible()
    assert phone.title().startswith("Error: ")
    box = phone.get_by_label("Postcode of the child’s home")
    assert box.input_value() == "zz99 9xq"
    assert box.get_attribute("aria-invalid") == "true"
    problem.get_by_role("link").tap()
    assert phone.evaluate("document.activeElement.id") == "postcode"
    assert holding([*addresses, phone.url], "zz99", "9xq") == []
    assert eyes.target_faults(phone) == []
    assert eyes.sideways_faults(phone) == []
