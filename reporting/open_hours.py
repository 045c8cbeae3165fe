"""Opening hours for the open data: in words, and as the schedules of Open Referral. Pure; times are London time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time
from itertools import groupby

from reporting.models import OpeningHours, Phone

Weekday = OpeningHours.Weekday
BYDAY = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True)
class Times:
    """From when to when; closing at or before opening is on the next day."""

    opens_at: time
    closes_at: time
    is_sure: bool = True

    @property
    def is_whole_day(self) -> bool:
        return self.opens_at == self.closes_at == time(0)

    def __str__(self) -> str:
        if self.is_whole_day:
            return "all day"
        next_day = " the next day" if time(0) < self.closes_at <= self.opens_at else ""
        perhaps = "" if self.is_sure else " (perhaps)"
        return f"{self.opens_at:%H:%M} to {_end(self.closes_at)}{next_day}{perhaps}"


def _end(closes_at: time) -> str:
    return "midnight" if closes_at == time(0) else f"{closes_at:%H:%M}"


def _times(row: OpeningHours) -> Times:
    return Times(row.opens_at, row.closes_at, row.is_sure)


def _by_weekday(phone: Phone) -> dict[int, tuple[Times, ...]]:
    """What each weekday that has rows has; the times of a day in order."""
    rows = sorted(phone.hours.all(), key=lambda row: (row.weekday, row.opens_at))
    return {weekday: tuple(map(_times, of_day)) for weekday, of_day in groupby(rows, key=lambda row: row.weekday)}


def _days_in_words(days: list[int]) -> str:
    """Monday to Thursday; Monday, Wednesday: days in a row are told as one stretch."""
    stretches = [list(run) for _, run in groupby(days, key=lambda day: day - days.index(day))]
    names = [
        f"{Weekday(run[0]).label} to {Weekday(run[-1]).label}"
        if len(run) > 2
        else ", ".join(Weekday(day).label for day in run)
        for run in stretches
    ]
    return ", ".join(names)


def hours_in_words(phone: Phone) -> str:
    """When a phone answers: "Monday to Thursday 09:00 to 17:30; Friday 09:00 to 16:30"."""
    if phone.answers != Phone.HoursKnown.ROWS:
        return phone.get_answers_display()
    words = _listed_hours(phone)
    return f"About {words}" if phone.hours_are_about and words else words


def _listed_hours(phone: Phone) -> str:
    """The rows of a phone in words, those for bank holidays left out; empty without any."""
    by_weekday = _by_weekday(phone)
    by_weekday.pop(Weekday.BANK_HOLIDAY, None)
    days_of: dict[tuple[Times, ...], list[int]] = {}
    for weekday, times in by_weekday.items():
        days_of.setdefault(times, []).append(weekday)
    return "; ".join(f"{_days_in_words(days)} {_join(times)}" for times, days in days_of.items())


def _join(times: Iterable[Times]) -> str:
    return " and ".join(map(str, times))


def bank_holidays_in_words(phone: Phone) -> str:
    """What happens on bank holidays. Their own rows, where there are any, take the place of the weekday's."""
    if phone.answers == Phone.HoursKnown.ALWAYS:
        return "Open on bank holidays"
    if phone.answers == Phone.HoursKnown.OFFICE_HOURS:
        return "Closed on bank holidays"
    if phone.answers == Phone.HoursKnown.OUTSIDE_OFFICE_HOURS:
        return "Open all day on bank holidays"
    own = _by_weekday(phone).get(Weekday.BANK_HOLIDAY)
    if phone.answers == Phone.HoursKnown.ROWS and own:
        return f"Bank holidays: {_join(own)}"
    if phone.open_on_bank_holidays is None:
        return "We do not know what happens on bank holidays"
    return "Open on bank holidays as on other days" if phone.open_on_bank_holidays else "Closed on bank holidays"


@dataclass(frozen=True)
class Schedule:
    """One line of a timetable in the terms of Open Referral (which took them from iCalendar)."""

    key: str  # tells it from the others of the same phone, for its id
    description: str
    byday: str = ""
    opens_at: str = ""
    closes_at: str = ""
    on: date | None = None  # a single day; else it repeats every week


def schedules(phone: Phone, bank_holidays: Iterable[date] = ()) -> list[Schedule]:
    """When a phone answers, line by line.

    Weekdays repeat. Bank holidays on which it has hours of their own are single days, since the standard
    has no word for "every bank holiday". Hours that nobody knows, or on which sources differ, are
    words without times: a machine would read a time as a promise.
    """
    if phone.answers == Phone.HoursKnown.ALWAYS:
        # Not 00:00 to 00:00, which a simple reader takes for a day of no length at all: never open.
        return [Schedule("always", hours_in_words(phone), ",".join(BYDAY), "00:00", "23:59")]
    if phone.answers != Phone.HoursKnown.ROWS:
        return [Schedule("words", f"{hours_in_words(phone)}. {bank_holidays_in_words(phone)}.")]
    by_weekday = _by_weekday(phone)
    own = by_weekday.pop(Weekday.BANK_HOLIDAY, ())
    return [*_weekly(phone, by_weekday), *_on_bank_holidays(own, sorted(bank_holidays))]


def _weekly(phone: Phone, by_weekday: dict[int, tuple[Times, ...]]) -> Iterator[Schedule]:
    days_of: dict[Times, list[int]] = {}
    for weekday, times in by_weekday.items():
        for one in times:
            days_of.setdefault(one, []).append(weekday)
    about = "About " if phone.hours_are_about else ""
    for times, days in days_of.items():
        byday = ",".join(BYDAY[day] for day in days)
        words = f"{about}{_days_in_words(days)} {times}. {bank_holidays_in_words(phone)}."
        key = f"{byday} {times.opens_at:%H:%M} {times.closes_at:%H:%M}"
        yield Schedule(key, words, byday, *_from_to(times)) if times.is_sure else Schedule(key, words)


def _on_bank_holidays(own: tuple[Times, ...], days: list[date]) -> Iterator[Schedule]:
    for times in own:
        words, from_to = f"Bank holidays {times}", _from_to(times)
        key = f"BH {times.opens_at:%H:%M} {times.closes_at:%H:%M}"
        yield Schedule(key, f"{words}.")
        for day in days if times.is_sure else ():
            named = f"{words}: {day.day} {day:%B %Y}."
            yield Schedule(f"{key} {day}", named, BYDAY[day.weekday()], *from_to, day)


def _from_to(times: Times) -> tuple[str, str]:
    return f"{times.opens_at:%H:%M}", "23:59" if times.is_whole_day else f"{times.closes_at:%H:%M}"
