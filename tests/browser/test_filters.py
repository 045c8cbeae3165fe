"""Narrowing a list, comparing apps and the finder, on a phone without JavaScript; each ends with a check by axe.

axe itself is script, so it looks at the address where the journey ended in a second window that runs script.
"""

import re

import pytest

from tests.browser import eyes


@pytest.fixture
def phone(window, real_site):
    """The list of apps on a phone that runs no script."""
    page, eye = window(360, 740, java_script_enabled=False), window(360, 740)
    page.goto(f"{real_site}/apps/")
    yield page
    eye.goto(page.url)
    for folded in eye.locator("main details").all():
        folded.locator("summary").click()
    assert eyes.axe_faults(eye) == []
    assert eyes.sideways_faults(eye) == []
    assert eyes.exit_faults(eye) == []
    assert eyes.target_faults(eye) == []


def main_words(page) -> str:
    return " ".join(page.get_by_role("main").inner_text().split())


def submit(page, name: str):
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()


def follow(page, name: str | re.Pattern):
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("link", name=name).first.click()


def found(page) -> int:
    return int(re.search(r"(\d+) of \d+ (?:topics )?fit", main_words(page))[1])


def test_filters_are_folded_so_that_the_list_is_near(phone):
    assert not phone.get_by_label("No livestreaming").is_visible()
    assert phone.get_by_role("main").get_by_role("listitem").filter(has_text="TikTok").is_visible()


def test_apps_are_narrowed_by_choices_and_each_choice_is_taken_back(phone):
    follow(phone, re.compile("^Teen, 13 to 17"))
    teens = found(phone)
    phone.get_by_text("Narrow it:").click()
    box = phone.get_by_label(re.compile("^No livestreaming"))
    promised = int(re.search(r"\((\d+)\)", phone.locator("label", has_text="No livestreaming").inner_text())[1])
    box.check()
    submit(phone, "Show the list")
    assert found(phone) == promised < teens
    assert phone.title().startswith(f"Apps and games at ages 13 to 17 ({promised} found)")
    assert "without=livestream" in phone.url
    choices = phone.get_by_role("navigation", name="Your choices")
    assert [" ".join(link.split()) for link in choices.get_by_role("link").all_inner_texts()] == [
        "Remove: Ages 13 to 17 ×",
        "Remove: No livestreaming ×",
        "Clear all",
    ]
    phone.get_by_text("Narrow it:").click()
    assert phone.get_by_label(re.compile("^No livestreaming")).is_checked()
    follow(phone, "Remove: No livestreaming")
    assert found(phone) == teens
    follow(phone, "Clear all")
    assert phone.url.endswith("/apps/")


def test_apps_that_depend_on_settings_are_shown_when_asked_for(phone):
    phone.get_by_text("Narrow it:").click()
    phone.get_by_label(re.compile("^No messages from strangers")).check()
    submit(phone, "Show the list")
    strict = found(phone)
    phone.get_by_text("Narrow it:").click()
    phone.get_by_label(re.compile("^Show those too")).check()
    submit(phone, "Show the list")
    assert found(phone) > strict


def test_apps_of_no_known_minimum_age_are_shown_apart(phone):
    phone.get_by_text("Narrow it:").click()
    phone.get_by_label("How old is your child?").select_option("9")
    submit(phone, "Show the list")
    unsure = phone.get_by_role("region", name="These may fit: we could not confirm")
    assert unsure.get_by_role("link", name="Roblox").is_visible()


def test_list_where_nothing_fits_leads_on(phone, real_site):
    phone.goto(f"{real_site}/apps/?age=pre-school&kind=livestreaming")
    assert "We have no app or game that fits all of this." in main_words(phone)
    way_out = phone.get_by_role("link", name=re.compile("^Without “Livestreaming”"))
    left = int(re.search(r"\((\d+)\)", way_out.inner_text())[1])
    with phone.expect_navigation():
        way_out.click()
    assert found(phone) == left > 0


def test_topics_are_narrowed_in_the_same_way(phone, real_site):
    phone.goto(f"{real_site}/topics/?age=teen")
    teens = found(phone)
    phone.get_by_text("Narrow it:").click()
    phone.get_by_label("Who is it for?").select_option("young-people")
    submit(phone, "Show the list")
    assert 0 < found(phone) <= teens
    assert "age=teen" in phone.url
    follow(phone, re.compile("^Remove: Young people"))
    assert found(phone) == teens


def test_two_apps_ticked_in_the_list_stand_side_by_side(phone):
    for name in ("Compare TikTok", "Compare Roblox"):
        phone.get_by_label(name).check()
    submit(phone, "Compare those ticked")
    table = phone.get_by_role("table")
    assert table.get_by_role("columnheader").all_inner_texts() == ["Roblox", "TikTok"]
    row = table.get_by_role("row").filter(has_text="Minimum age in its own terms")
    lines = row.get_by_role("cell").all_inner_texts()
    assert [" ".join(line.split()).partition(":")[0] for line in lines] == ["Roblox", "TikTok"]
    # One under the other, in the order of reading.
    boxes = [cell.bounding_box() for cell in row.get_by_role("cell").all()]
    assert boxes[0]["y"] < boxes[1]["y"]
    assert {box["x"] for box in boxes} == {boxes[0]["x"]}


def test_app_page_leads_to_a_comparison_that_keeps_it(phone, real_site):
    phone.goto(f"{real_site}/apps/tiktok/")
    follow(phone, "Compare")
    assert phone.get_by_label("First app or game").input_value() == "tiktok"
    phone.get_by_label("Second").select_option("omegle")
    submit(phone, "Compare")
    assert "Omegle closed" in " ".join(phone.get_by_role("table").inner_text().split())


def test_comparison_is_a_plain_table_where_there_is_room(phone, window, real_site):
    wide = window(1280, java_script_enabled=False)
    wide.goto(f"{real_site}/apps/compare/?app=tiktok&app=roblox")
    row = wide.get_by_role("row").filter(has_text="Minimum age in its own terms")
    boxes = [cell.bounding_box() for cell in row.get_by_role("cell").all()]
    assert boxes[0]["y"] == boxes[1]["y"]
    assert not wide.locator(".whose").first.is_visible()
    phone.goto(wide.url)


def test_finder_at_home_leads_to_who_to_contact_and_to_the_settings(phone, real_site):
    phone.goto(real_site)
    phone.get_by_label("Your child’s age").select_option("pre-teen")
    phone.get_by_label("What is it about?").select_option(label="Sexual messages or grooming")
    phone.get_by_label("Which app, game or device?").select_option(label="Roblox")
    submit(phone, "Find guidance")
    main = phone.get_by_role("main")
    assert main.get_by_role("heading", level=2).all_inner_texts()[:2] == [
        "Is a child in danger now?", "Who to contact first",
    ]  # fmt: skip
    assert main.get_by_role("link", name="Call 999").is_visible()
    assert main.get_by_role("region", name="Roblox").get_by_role("listitem").count() == 3
    assert phone.get_by_label("Which app, game or device?").input_value() == "app-roblox"


def test_first_screen_of_an_app_fits_under_the_header(phone, real_site):
    phone.goto(f"{real_site}/apps/tiktok/")
    header = phone.locator(".masthead").bounding_box()
    top = header["y"] + header["height"]
    main = phone.get_by_role("main")
    for part in (
        main.get_by_role("heading", level=1),
        main.get_by_text("Minimum age").first,
        main.get_by_role("region", name="What to worry about"),
        main.get_by_role("region", name="Change these three first"),
    ):
        box = part.bounding_box()
        assert box["y"] + box["height"] - top <= 740
    follow_to = main.get_by_role("region", name="Change these three first").get_by_role("link").first
    assert follow_to.get_attribute("href") == "#setting-1"
