"""Hours on pages and on paper are said as people say them, over midnight, weekends and bank holidays."""

import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st

from reporting.models import OpeningHours, Phone
from reporting.spoken_hours import _in_words, _open_minutes, _stretches, answers_when, weekly
from tests.reporting import factories

WORKDAYS, ALL, HOLIDAY = range(5), range(7), [7]


def rows_of(*groups) -> list[OpeningHours]:
    """Rows that no database holds."""
    return [
        OpeningHours(
            weekday=weekday,
            opens_at=OpeningHours._meta.get_field("opens_at").to_python(opens),
            closes_at=OpeningHours._meta.get_field("closes_at").to_python(closes),
        )
        for weekdays, opens, closes in groups
        for weekday in weekdays
    ]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], ""),
        ([(WORKDAYS, "09:00", "17:30")], "Monday to Friday 9am to 5.30pm"),
        (
            [(range(4), "09:00", "17:30"), ([4], "09:00", "16:30")],
            "Monday to Thursday 9am to 5.30pm, Friday 9am to 4.30pm",
        ),
        # A night is one stretch, whether its rows are cut at midnight or not.
        ([(ALL, "18:00", "02:00")], "every day 6pm to 2am"),
        ([(ALL, "18:00", "00:00"), (ALL, "00:00", "02:00")], "every day 6pm to 2am"),
        ([([6], "22:00", "06:00")], "Sunday 10pm to 6am"),
        ([([6], "22:00", "00:00"), ([0], "00:00", "06:00")], "Sunday 10pm to 6am"),
        # Evenings, nights and the weekend, cut at midnight.
        (
            [
                (WORKDAYS, "00:00", "09:00"), (range(4), "17:30", "00:00"), ([4], "16:30", "00:00"),
                ([5, 6], "00:00", "00:00"),
            ],
            "Monday to Thursday 5.30pm to 9am, Friday 4.30pm to Monday 9am",
        ),
        # Midnight and whole days.
        ([(WORKDAYS, "10:00", "00:00")], "Monday to Friday 10am to midnight"),
        ([([5, 6], "00:00", "00:00")], "Saturday and Sunday all day"),
        ([([5, 6], "00:00", "00:00"), ([0], "00:00", "09:00")], "Monday midnight to 9am, Saturday and Sunday all day"),
        ([([4], "16:30", "00:00"), ([5, 6], "00:00", "00:00")], "Friday 4.30pm to the end of Sunday"),
        ([(ALL, "00:00", "00:00")], "day and night, every day"),
        ([(ALL, "09:00", "09:00")], "day and night, every day"),
        # Days with a break, days apart, rows that overlap.
        (
            [([0, 2, 4], "09:00", "12:00"), ([0, 2, 4], "13:00", "17:00")],
            "Monday, Wednesday and Friday 9am to noon and 1pm to 5pm",
        ),
        ([([0, 1, 2, 4], "09:00", "12:00")], "Monday to Wednesday and Friday 9am to noon"),
        ([([1], "09:00", "12:00"), ([1], "11:00", "15:15")], "Tuesday 9am to 3.15pm"),
        ([([1], "09:00", "09:00")], "Tuesday 9am to Wednesday 9am"),
    ],
)  # fmt: skip
def test_week_in_words(rows, words):
    assert weekly(rows_of(*rows)) == words


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"rows": [(range(4), "17:30", "09:00"), (HOLIDAY, "00:00", "00:00")]},
            "Answers Monday to Thursday 5.30pm to 9am, and all day on bank holidays.",
        ),
        (
            {"rows": [(WORKDAYS, "09:00", "17:00"), (HOLIDAY, "10:00", "16:00")]},
            "Answers Monday to Friday 9am to 5pm. On bank holidays 10am to 4pm.",
        ),
        (
            {"rows": [(WORKDAYS, "09:00", "17:00"), (HOLIDAY, "10:00", "16:00", False)]},
            "Answers Monday to Friday 9am to 5pm. On bank holidays perhaps 10am to 4pm.",
        ),
        (
            {"rows": [(WORKDAYS, "09:00", "17:00")], "open_on_bank_holidays": True},
            "Answers Monday to Friday 9am to 5pm. Open on bank holidays as on other days.",
        ),
        (
            {"rows": [(WORKDAYS, "09:00", "17:00")]},
            "Answers Monday to Friday 9am to 5pm. We do not know what happens on bank holidays.",
        ),
        (
            {
                "rows": [(WORKDAYS, "08:45", "09:00", False), (WORKDAYS, "09:00", "17:00")],
                "open_on_bank_holidays": False,
                "hours_are_about": True,
            },
            "Answers at about these hours: Monday to Friday 9am to 5pm. It may also answer"
            " Monday to Friday 8.45am to 9am. Closed on bank holidays.",
        ),
        (
            {"rows": [([5], "09:00", "17:00", False)], "open_on_bank_holidays": False},
            "We are not sure. It may answer Saturday 9am to 5pm. Closed on bank holidays.",
        ),
        (
            {"answers": "rows", "rows": [], "open_on_bank_holidays": False},
            "Answers at no hours that we know. Closed on bank holidays.",
        ),
    ],
)
def test_phone_in_words(db, fields, words):
    assert answers_when(factories.phone(factories.contact_edition(), **fields)) == words


def test_hours_that_editors_wrote_for_paper_are_said_alike_on_pages(loaded, db):
    said = {
        phone.edition.contact.slug: (answers_when(phone), phone.edition.hours_text.removeprefix("About "))
        for phone in Phone.objects.filter(
            edition__contact__slug__in=("southend-day", "essex-southend-ooh"), answers="rows"
        ).select_related("edition__contact")
    }
    assert len(said) == 2
    for page, paper in said.values():
        assert paper.rstrip(".").removesuffix(", and bank holidays") in page


hours = st.lists(
    st.tuples(
        st.lists(st.integers(0, 6), min_size=1, max_size=7),
        *[st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 15, 30]))] * 2,
    ),
    max_size=6,
)


@tries(max_examples=300, deadline=None)
@given(hours)
def test_no_minute_is_lost_or_gained(groups):
    week = _open_minutes(rows_of(*groups))
    if 0 not in week:
        assert _in_words(week) == "day and night, every day"
        return
    told = {minute % len(week) for start, end in _stretches(week) for minute in range(start, end)}
    assert told == {minute for minute, is_open in enumerate(week) if is_open}
    assert bool(_in_words(week)) == bool(told)
