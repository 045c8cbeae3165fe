"""Opening hours as people say them: "Monday to Thursday 5.30pm to 9am, Friday 4.30pm to Monday 9am".

Rows are cut at midnight, people's days are not: rows that touch are one stretch here. Pure; times are London time.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, time
from itertools import groupby

from reporting.models import OpeningHours, Phone
from reporting.open_hours import bank_holidays_in_words

Weekday = OpeningHours.Weekday
DAY = 24 * 60
WEEK = 7 * DAY


def clock(moment: datetime | time) -> str:
    """A time of day as people say it: 9am, 5.30pm, noon, midnight."""
    if (moment.hour, moment.minute) in ((0, 0), (12, 0)):
        return "noon" if moment.hour else "midnight"
    minutes = f".{moment:%M}" if moment.minute else ""
    return f"{moment.hour % 12 or 12}{minutes}{'am' if moment.hour < 12 else 'pm'}"


def answers_when(phone: Phone) -> str:
    """When a phone with rows answers, in one to three sentences that are true at any moment."""
    rows = list(phone.hours.all())
    weekdays = [row for row in rows if row.weekday != Weekday.BANK_HOLIDAY]
    own = [row for row in rows if row.weekday == Weekday.BANK_HOLIDAY]
    sure, perhaps = weekly([row for row in weekdays if row.is_sure]), _perhaps(weekdays)
    about = "at about these hours: " if phone.hours_are_about else ""
    all_holiday = any(row.is_sure and _length(row) == DAY and row.opens_at == time(0) for row in own)
    with_holidays = ", and all day on bank holidays" if sure and all_holiday else ""
    sentences = []
    if sure:
        sentences.append(f"Answers {about}{sure}{with_holidays}.")
    if perhaps:
        sentences.append(f"{'It may also answer' if sure else 'We are not sure. It may answer'} {perhaps}.")
    if not weekdays and not own:
        sentences.append("Answers at no hours that we know.")
    if own and not with_holidays:
        sentences.append(f"On bank holidays {_of_holidays(own)}.")
    elif not own:
        sentences.append(f"{bank_holidays_in_words(phone)}.")
    return " ".join(sentences)


def weekly(rows: Iterable[OpeningHours]) -> str:
    """The hours of a week; empty without any."""
    return _in_words(_open_minutes(rows))


def _perhaps(rows: Iterable[OpeningHours]) -> str:
    """When it may answer beyond the hours that are sure."""
    rows = list(rows)
    sure = _open_minutes(row for row in rows if row.is_sure)
    unsure = _open_minutes(row for row in rows if not row.is_sure)
    return _in_words(bytearray(maybe and not known for maybe, known in zip(unsure, sure, strict=True)))


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def _length(row: OpeningHours) -> int:
    """In minutes; closing at or before opening is on the next day."""
    return (_minute(row.closes_at) - _minute(row.opens_at)) % DAY or DAY


def _open_minutes(rows: Iterable[OpeningHours]) -> bytearray:
    """Each minute of the week, from Monday: 1 where a row has it."""
    week = bytearray(WEEK)
    for row in rows:
        start = row.weekday * DAY + _minute(row.opens_at)
        end = start + _length(row)
        week[start : min(end, WEEK)] = b"\1" * (min(end, WEEK) - start)
        if end > WEEK:  # Sunday night is the beginning of Monday
            week[: end - WEEK] = b"\1" * (end - WEEK)
    return week


def _stretches(week: bytearray) -> Iterator[tuple[int, int]]:
    """From and to which minute it is open without a break; the last may end beyond the week. Not for a full week."""
    shift = week.index(0)
    turned = week[shift:] + week[:shift]
    at = turned.find(1)
    while at >= 0:
        end = turned.find(0, at)
        end = WEEK if end < 0 else end
        start = (at + shift) % WEEK
        yield start, start + end - at
        at = turned.find(1, end)


def _in_words(week: bytearray) -> str:
    if 0 not in week:
        return "day and night, every day"
    # By day: what happens within a day and its night; and what goes on for longer, which is told with both its ends.
    of_day: dict[int, list[tuple[int, str]]] = {}
    longer: list[tuple[int, str]] = []
    for start, end in sorted(_stretches(week)):
        while start % DAY == 0 and end - start >= DAY:
            of_day.setdefault(start // DAY % 7, []).append((0, "all day"))
            start += DAY
        if start == end:
            continue
        if end - start < DAY:
            words = f"{_clock(start)} to {_clock(end)}"
            of_day.setdefault(start // DAY % 7, []).append((start % DAY, words))
        else:
            longer.append((start % WEEK, f"{_day(start)} {_clock(start)} to {_end_of_longer(end)}"))
    days_of: dict[tuple[str, ...], list[int]] = {}
    for day in sorted(of_day):
        days_of.setdefault(tuple(words for _, words in sorted(of_day[day])), []).append(day)
    told = [(days[0] * DAY, f"{_days(days)} {' and '.join(times)}") for times, days in days_of.items()]
    return ", ".join(words for _, words in sorted([*told, *longer]))


def _day(minute: int) -> str:
    return Weekday(minute // DAY % 7).label


def _clock(minute: int) -> str:
    return clock(time(minute // 60 % 24, minute % 60))


def _end_of_longer(end: int) -> str:
    """The midnight that ends a Sunday is Sunday's to people."""
    return f"the end of {_day(end - 1)}" if end % DAY == 0 else f"{_day(end)} {_clock(end)}"


def _days(days: list[int]) -> str:
    """Monday to Thursday; Saturday and Sunday; Monday, Wednesday and Friday: days in a row are told as one."""
    if len(days) == 7:
        return "every day"
    runs = [list(run) for _, run in groupby(days, key=lambda day: day - days.index(day))]
    names = []
    for run in runs:
        if len(run) > 2:
            names.append(f"{Weekday(run[0]).label} to {Weekday(run[-1]).label}")
        else:
            names.extend(Weekday(day).label for day in run)
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _of_holidays(rows: Iterable[OpeningHours]) -> str:
    """The times of bank holidays, without a day."""
    return " and ".join(map(_of_holiday, sorted(rows, key=lambda row: row.opens_at)))


def _of_holiday(row: OpeningHours) -> str:
    is_whole_day = _length(row) == DAY and row.opens_at == time(0)
    times = "all day" if is_whole_day else f"{clock(row.opens_at)} to {clock(row.closes_at)}"
    return times if row.is_sure else f"perhaps {times}"
