"""What a page says of now, and what stands in its place when it is kept."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.template import Context, Template

from safety_site import freshness
from safety_site.freshness import MARK_AGE, MARK_END, MARK_NOW, MARK_WITHOUT, Mode, holds_until, rendering, split

PAGE = "{% load site_tags %}a{% page_age %}b {% timed %}call now{% without_now %}nine to five{% endtimed %} c"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def page() -> str:
    return Template(PAGE).render(Context())


def test_a_reader_gets_what_is_true_now_and_no_mark():
    assert page() == "ab call now c"


def test_a_page_without_now_says_only_what_is_always_true():
    with rendering(Mode.WITHOUT_NOW):
        text = page()
    assert text.replace(freshness.MARK_AGE, "") == "ab nine to five c"
    assert split(text).without_now("!") == "a!b nine to five c"


def test_a_page_to_be_kept_holds_both():
    with rendering(Mode.BOTH):
        kept = split(page())
    assert kept.now == "ab call now c"
    assert kept.without_now() == "ab nine to five c"
    assert kept.without_now("!") == "a!b nine to five c"


def test_readings_of_a_page_with_many_timed_pieces_are_each_whole():
    pieces = [("open", "9 to 5"), ("", "always"), ("same", "same"), ("é “now”", ""), ("closed", "closed at night")]
    marked = [f"{MARK_NOW}{now}{MARK_WITHOUT}{without}{MARK_END}" for now, without in pieces]
    for place in range(len(pieces) + 1):
        kept = split("|".join([*marked[:place], MARK_AGE, *marked[place:]]) + "end")
        texts = [[*(each[way] for each in pieces)] for way in (0, 1)]
        assert kept.now == "|".join([*texts[0][:place], "", *texts[0][place:]]) + "end"
        assert kept.without_now("AGE") == "|".join([*texts[1][:place], "AGE", *texts[1][place:]]) + "end"


def test_a_page_without_a_place_for_its_age_tells_it_at_its_end():
    assert split("words").without_now("!") == "words!"


def test_the_first_moment_that_is_told_is_when_a_page_ends_to_hold():
    with rendering(Mode.BOTH) as kept:
        for moment in (None, NOON, NOON + timedelta(hours=1), NOON - timedelta(hours=1), None):
            holds_until(moment)
    assert kept.until == NOON - timedelta(hours=1)
    holds_until(NOON)  # of a page for a reader nobody asks


def test_the_hour_that_comes_twice_in_autumn_is_told_apart():
    london = ZoneInfo("Europe/London")
    first = datetime(2026, 10, 25, 1, 45, tzinfo=london)
    second = datetime(2026, 10, 25, 1, 15, tzinfo=london, fold=1)  # half an hour later
    for moments in ((first, second), (second, first)):
        with rendering(Mode.BOTH) as kept:
            for moment in moments:
                holds_until(moment)
        assert kept.until == first.astimezone(UTC)
