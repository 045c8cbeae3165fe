"""On paper nothing is said of now, and each number has its hours; on the screen the words for paper are not there."""

import pytest

from tests.safety_site.speed.words_of_now import WORDS_OF_NOW

PAGES = ("/contacts/southend-on-sea/", "/contacts/national/", "/report/grooming/", "/")


@pytest.mark.parametrize("path", PAGES)
def test_paper_says_hours_and_nothing_of_now(window, real_site, path):
    page = window(688, 1000)
    page.goto(real_site + path)
    for_paper = page.locator(".on-paper")
    assert for_paper.count() > 0
    assert not any(each.is_visible() for each in for_paper.all())
    assert all(
        each.is_visible()
        for each in page.locator(".of-now").all()
        if not each.locator("xpath=ancestor::details[not(@open)]").count()
    )
    on_screen = page.locator("body").inner_text()
    page.emulate_media(media="print")
    on_paper = page.locator("body").inner_text()
    page.emulate_media(media="screen")
    assert WORDS_OF_NOW.findall(on_screen)
    assert WORDS_OF_NOW.findall(on_paper) == []
    assert "Answers " in on_paper


def test_council_on_paper_has_the_day_number_before_the_night_number_at_any_hour(window, real_site):
    page = window(688, 1000)
    page.goto(real_site + "/contacts/southend-on-sea/")
    page.emulate_media(media="print")
    day, night = (page.locator(f".call-{kind}").bounding_box()["y"] for kind in ("front-door", "out-of-hours"))
    heading = page.get_by_role("heading", name="Numbers to call").bounding_box()["y"]
    page.emulate_media(media="screen")
    assert heading < day < night
