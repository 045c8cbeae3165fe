"""Which number answers at a moment, until when, and which next."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporting.hours import LONDON, Answers, Calendar, Hours, Row, State, state_at, who_answers
from tests.reporting import factories
from tests.reporting.test_bank_holidays import OFFICIAL

YES, PERHAPS, NO = Answers.YES, Answers.PERHAPS, Answers.NO
WEEKDAYS, WEEKEND, BANK_HOLIDAY = range(5), [5, 6], 7
ENGLAND = Calendar("england")
MINUTE = timedelta(minutes=1)


def london(text: str) -> datetime:
    """A moment on a London wall clock: "2026-11-22 21:40"."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def rows(*spans) -> tuple[Row, ...]:
    return tuple(
        Row(day, time.fromisoformat(opens), time.fromisoformat(closes), *sure)
        for days, opens, closes, *sure in spans
        for day in days
    )


# As in Essex: the day number, and the number for all the rest of the time.
DAY = Hours("rows", rows((range(4), "09:00", "17:30"), ([4], "09:00", "16:30")), on_bank_holidays=False)
NIGHT = Hours(
    "rows",
    rows(
        (WEEKDAYS, "00:00", "09:00"),
        (range(4), "17:30", "00:00"),
        ([4], "16:30", "00:00"),
        ([*WEEKEND, BANK_HOLIDAY], "00:00", "00:00"),
    ),
)


def test_holiday_on_a_weekend_counts_beside_its_substitute():
    days = [date(2026, 12, 26), date(2027, 12, 25), date(2027, 12, 26)]
    assert [ENGLAND.is_bank_holiday(day) for day in days] == [True, True, True]


@pytest.mark.parametrize(("nation", "day"), [(nation, day) for nation in OFFICIAL for day in sorted(OFFICIAL[nation])])
def test_every_bank_holiday_belongs_to_the_night_number(nation, day):
    calendar, start = Calendar(nation), london(f"{day} 00:00")
    for at in (start, start.replace(hour=9), start.replace(hour=12), start.replace(hour=23, minute=59)):
        assert state_at(DAY, at, calendar).answers == NO
        assert state_at(NIGHT, at, calendar).answers == YES


def test_nation_decides_which_day_is_a_holiday():
    st_andrews = london("2026-11-30 11:00")
    assert state_at(DAY, st_andrews, Calendar("scotland")).answers == NO
    assert state_at(DAY, st_andrews, Calendar("england")).answers == YES


def test_closed_day_of_the_editors_counts_as_a_bank_holiday():
    calendar = Calendar("england", frozenset({date(2026, 11, 24)}))
    assert state_at(DAY, london("2026-11-24 11:00"), calendar).answers == NO
    assert state_at(NIGHT, london("2026-11-24 11:00"), calendar).answers == YES
    assert state_at(DAY, london("2026-11-25 11:00"), calendar).answers == YES


def test_christmas_runs_from_friday_to_tuesday():
    christmas = london("2026-12-25 14:00")
    assert state_at(NIGHT, christmas, ENGLAND) == State(YES, until=london("2026-12-29 09:00"))
    assert state_at(DAY, christmas, ENGLAND) == State(NO, opens=london("2026-12-29 09:00"))


@pytest.mark.parametrize(
    ("at", "day", "night"),
    [
        ("2026-11-24 08:59", NO, YES),
        ("2026-11-24 09:00", YES, NO),
        ("2026-11-24 17:29", YES, NO),
        ("2026-11-24 17:30", NO, YES),
        ("2026-11-27 16:29", YES, NO),
        ("2026-11-27 16:30", NO, YES),
        ("2026-11-23 23:59", NO, YES),
        ("2026-11-24 00:00", NO, YES),
        ("2026-11-22 21:40", NO, YES),
        ("2026-11-28 12:00", NO, YES),
    ],
)
def test_minute_before_and_after_opening_and_closing(at, day, night):
    assert [state_at(hours, london(at), ENGLAND).answers for hours in (DAY, NIGHT)] == [day, night]


def test_sunday_evening_is_out_of_hours_until_monday_morning():
    state = state_at(NIGHT, london("2026-11-22 21:40"), ENGLAND)
    assert state == State(YES, until=london("2026-11-23 09:00"))
    assert state.until.tzinfo is LONDON


def test_friday_evening_is_out_of_hours_until_monday_morning():
    assert state_at(NIGHT, london("2026-11-27 16:30"), ENGLAND).until == london("2026-11-30 09:00")


def test_hours_over_midnight_belong_to_the_evening_on_which_they_begin():
    late = Hours("rows", rows(([4], "20:00", "02:00")), on_bank_holidays=True)
    assert state_at(late, london("2026-11-27 19:59"), ENGLAND).answers == NO
    assert state_at(late, london("2026-11-28 01:59"), ENGLAND) == State(YES, until=london("2026-11-28 02:00"))
    assert state_at(late, london("2026-11-28 02:00"), ENGLAND) == State(NO, opens=london("2026-12-04 20:00"))
    assert state_at(late, london("2026-11-27 01:00"), ENGLAND).answers == NO


def test_hours_that_end_at_midnight_end_with_the_day():
    evening = Hours("rows", rows(([1], "18:00", "00:00")))
    assert state_at(evening, london("2026-11-24 23:59"), ENGLAND).until == london("2026-11-25 00:00")
    assert state_at(evening, london("2026-11-25 00:00"), ENGLAND).answers == NO


def test_whole_days_that_touch_have_no_end():
    always = Hours("rows", rows((range(8), "00:00", "00:00")))
    for at in ("2026-11-22 21:40", "2026-03-29 01:30", "2026-10-25 01:30", "2026-12-25 00:00"):
        assert state_at(always, london(at), ENGLAND) == State(YES)


def test_rows_that_overlap_count_as_one():
    hours = Hours("rows", rows(([1], "09:00", "13:00"), ([1], "12:00", "17:00")))
    assert state_at(hours, london("2026-11-24 09:30"), ENGLAND).until == london("2026-11-24 17:00")


# --- The clocks -----------------------------------------------------------------------------------------


def test_spring_change_keeps_the_times_on_the_wall():
    # On 29 March 2026 01:00 GMT becomes 02:00 BST.
    hours = Hours("rows", rows((range(7), "09:00", "17:00")))
    before, after = datetime(2026, 3, 29, 7, 59, tzinfo=UTC), datetime(2026, 3, 29, 8, 0, tzinfo=UTC)
    assert [state_at(hours, at, ENGLAND).answers for at in (before, after)] == [NO, YES]
    assert [state_at(hours, at - timedelta(days=1), ENGLAND).answers for at in (before, after)] == [NO, NO]


def test_autumn_change_keeps_the_times_on_the_wall():
    # On 25 October 2026 02:00 BST becomes 01:00 GMT.
    hours = Hours("rows", rows((range(7), "09:00", "17:00")))
    before, after = datetime(2026, 10, 25, 8, 59, tzinfo=UTC), datetime(2026, 10, 25, 9, 0, tzinfo=UTC)
    assert [state_at(hours, at, ENGLAND).answers for at in (before, after)] == [NO, YES]


@pytest.mark.parametrize(("saturday", "length"), [("2026-03-28", 14), ("2026-10-24", 16)])
def test_night_of_a_clock_change_is_an_hour_shorter_or_longer_and_never_torn(saturday, length):
    night = Hours("rows", rows(([5], "18:00", "09:00")))
    start = london(f"{saturday} 18:00").astimezone(UTC)
    minutes = [state_at(night, start + MINUTE * each, ENGLAND).answers for each in range(-1, length * 60 + 1)]
    assert minutes == [NO, *[YES] * (length * 60), NO]


def test_both_passes_of_the_hour_that_autumn_has_twice_are_told_apart():
    hours = Hours("rows", rows(([6], "00:00", "01:30")))
    first, second = datetime(2026, 10, 25, 0, 29, tzinfo=UTC), datetime(2026, 10, 25, 1, 29, tzinfo=UTC)
    assert [at.astimezone(LONDON).strftime("%H:%M") for at in (first, second)] == ["01:29", "01:29"]
    assert [state_at(hours, at, ENGLAND).answers for at in (first, second)] == [YES, NO]


def test_opening_in_the_hour_that_spring_leaves_out_is_read_by_the_clock_before():
    hours = Hours("rows", rows(([6], "01:30", "06:00")))
    assert state_at(hours, datetime(2026, 3, 29, 1, 29, tzinfo=UTC), ENGLAND).answers == NO
    assert state_at(hours, datetime(2026, 3, 29, 1, 30, tzinfo=UTC), ENGLAND).answers == YES


# --- What we do not know --------------------------------------------------------------------------------


def test_sources_that_differ_make_us_unsure_and_the_later_opening_is_the_safe_one():
    day = Hours("rows", rows((WEEKDAYS, "08:45", "09:00", False), (WEEKDAYS, "09:00", "17:30")), False, are_about=True)
    nine = london("2026-11-24 09:00")
    assert state_at(day, nine - 16 * MINUTE, ENGLAND) == State(NO, opens=nine, is_about=True)
    assert state_at(day, nine - 15 * MINUTE, ENGLAND) == State(PERHAPS, opens=nine, is_about=True)
    assert state_at(day, nine - MINUTE, ENGLAND).answers == PERHAPS
    assert state_at(day, nine, ENGLAND) == State(YES, until=london("2026-11-24 17:30"), is_about=True)


def test_unknown_hours_are_never_told_as_open_or_closed():
    for at in ("2026-11-24 11:00", "2026-11-22 03:00", "2026-12-25 12:00"):
        assert state_at(Hours("unknown"), london(at), ENGLAND) == State(PERHAPS)


def test_day_and_night_means_bank_holidays_too():
    assert state_at(Hours("always"), london("2026-12-25 03:00"), ENGLAND) == State(YES)


def test_bank_holiday_of_which_nobody_said_anything_is_unsure():
    hours = Hours("rows", rows((WEEKDAYS, "10:00", "16:00")))
    assert state_at(hours, london("2026-12-28 11:00"), ENGLAND) == State(PERHAPS, opens=london("2026-12-29 10:00"))
    assert state_at(hours, london("2026-12-28 17:00"), ENGLAND).answers == NO


def test_bank_holiday_can_be_a_day_like_others():
    hours = Hours("rows", rows((WEEKDAYS, "10:00", "16:00")), on_bank_holidays=True)
    assert state_at(hours, london("2026-12-28 11:00"), ENGLAND).answers == YES


@pytest.mark.parametrize(
    ("at", "office", "outside"),
    [
        ("2026-11-24 07:59", NO, YES),
        ("2026-11-24 08:00", PERHAPS, PERHAPS),
        ("2026-11-24 09:59", PERHAPS, PERHAPS),
        ("2026-11-24 10:00", YES, NO),
        ("2026-11-24 15:59", YES, NO),
        ("2026-11-24 16:00", PERHAPS, PERHAPS),
        ("2026-11-24 17:59", PERHAPS, PERHAPS),
        ("2026-11-24 18:00", NO, YES),
        ("2026-11-25 00:00", NO, YES),
        ("2026-11-22 11:00", NO, YES),
        ("2026-12-28 11:00", NO, YES),
    ],
)
def test_office_hours_of_unknown_extent(at, office, outside):
    states = [state_at(Hours(known), london(at), ENGLAND) for known in ("office-hours", "outside-office-hours")]
    # Times that we do not know are never told.
    assert states == [State(office), State(outside)]


# --- Several numbers ------------------------------------------------------------------------------------


@pytest.fixture
def council(db):
    return factories.day_and_night(factories.authority())


def in_order(phones, at, calendar=ENGLAND):
    return [(line.phone, line.state.answers) for line in who_answers(phones, london(at), calendar)]


def test_number_that_answers_comes_first(council):
    day, night = council
    assert in_order(council, "2026-11-24 11:00") == [(day, YES), (night, NO)]
    assert in_order(council, "2026-11-24 20:00") == [(night, YES), (day, NO)]
    assert in_order(council, "2026-12-25 11:00") == [(night, YES), (day, NO)]


def test_unsure_numbers_keep_their_order_day_before_the_other(db):
    edition = factories.contact_edition()
    day = factories.phone(edition, answers="office-hours")
    night = factories.phone(edition, "01632 960002", answers="outside-office-hours")
    assert in_order([day, night], "2026-11-24 08:30") == [(day, PERHAPS), (night, PERHAPS)]
    assert in_order([day, night], "2026-11-24 17:00") == [(day, PERHAPS), (night, PERHAPS)]


def test_sure_number_comes_before_one_that_may_answer(db):
    edition = factories.contact_edition()
    unknown, always = factories.phone(edition), factories.phone(edition, "01632 960002", answers="always")
    assert in_order([unknown, always], "2026-11-24 08:30") == [(always, YES), (unknown, PERHAPS)]


def test_of_closed_numbers_the_next_to_open_comes_first(db):
    edition = factories.contact_edition()
    afternoon = factories.phone(edition, rows=[(WEEKDAYS, "13:00", "17:00")])
    morning = factories.phone(edition, "01632 960002", rows=[(WEEKDAYS, "09:00", "12:00")])
    assert in_order([afternoon, morning], "2026-11-24 07:00") == [(morning, NO), (afternoon, NO)]
    assert in_order([afternoon, morning], "2026-11-24 12:30") == [(afternoon, NO), (morning, NO)]


def test_one_of_the_two_numbers_answers_at_every_minute_of_two_weeks():
    """Christmas 2026 with its run of holidays, minute by minute: never both, never neither."""
    start = london("2026-12-20 00:00").astimezone(UTC)
    for each in range(0, 15 * 24 * 60, 7):
        at = start + MINUTE * each
        assert {state_at(hours, at, ENGLAND).answers for hours in (DAY, NIGHT)} == {YES, NO}, at


@settings(max_examples=60, deadline=None)
@given(
    at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC)),
    opens=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    closes=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    days=st.sets(st.integers(0, 7), min_size=1),
)
def test_state_changes_exactly_when_it_says(at, opens, closes, days):
    hours = Hours("rows", tuple(Row(day, opens, closes) for day in days), on_bank_holidays=True)
    state = state_at(hours, at, ENGLAND)
    moment = state.until if state.answers == YES else state.opens
    if moment:
        assert moment > at
        before, after = ((moment.astimezone(UTC) + shift) for shift in (-MINUTE, timedelta(0)))
        assert state_at(hours, max(before, at), ENGLAND).answers == state.answers
        assert state_at(hours, after, ENGLAND).answers != state.answers
