"""Which number answers at a moment, until when, and which next.

Pure functions over plain values: no query, no clock. A moment is any aware datetime; every moment that comes
back is in Europe/London. Hours of opening are times on a London wall clock: "9am" stays 9am when the clocks
change. A time that the spring change leaves out (01:00 to 02:00) is read by the clock before the change, and
one that the autumn change has twice is the first of the two.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

from reporting.bank_holidays import bank_holidays
from reporting.models import Nation, OpeningHours, Phone

LONDON = ZoneInfo("Europe/London")
MIDNIGHT = time(0)

# How far ahead we look for the next opening: two weeks hold every run of bank holidays, Christmas included.
HORIZON = timedelta(days=15)

# "Office hours" that no source tells exactly. In the core every office is open, before and after the widest
# none is; in between we are not sure, and say so.
OFFICE_CORE = (time(10), time(16))
OFFICE_WIDEST = (time(8), time(18))

BANK_HOLIDAY = OpeningHours.Weekday.BANK_HOLIDAY


@dataclass(frozen=True)
class Calendar:
    """The days on which offices are shut: a nation's bank holidays, and days that editors added."""

    nation: str = Nation.ENGLAND
    closed_days: frozenset[date] = frozenset()

    def is_bank_holiday(self, day: date) -> bool:
        return day in self.closed_days or day in bank_holidays(self.nation, day.year)


@dataclass(frozen=True)
class Row:
    """Opening hours of one weekday (0 Monday to 6 Sunday, 7 bank holidays), London wall clock.

    Closing at or before opening is on the next day; 00:00 to 00:00 is the whole day.
    """

    weekday: int
    opens_at: time
    closes_at: time
    is_sure: bool = True


@dataclass(frozen=True)
class Hours:
    """When one phone answers: a value of ``Phone.HoursKnown``, with rows where there are any."""

    known: str
    rows: tuple[Row, ...] = ()
    on_bank_holidays: bool | None = None  # None: nobody has said
    are_about: bool = False  # from one source, or an old one

    @classmethod
    def of(cls, phone: Phone) -> "Hours":
        """The hours of a phone; no query where ``hours`` is prefetched."""
        rows = tuple(Row(row.weekday, row.opens_at, row.closes_at, row.is_sure) for row in phone.hours.all())
        return cls(phone.answers, rows, phone.open_on_bank_holidays, phone.hours_are_about)

    @property
    def are_exact(self) -> bool:
        """Whether a time of opening or closing may be told at all."""
        return self.known in (Phone.HoursKnown.ALWAYS, Phone.HoursKnown.ROWS)


_FAR = datetime.max.replace(tzinfo=UTC)


class Answers(IntEnum):
    """Whether a number answers; the best first, so that sorting puts the number to call on top."""

    YES = 1
    PERHAPS = 2
    NO = 3


@dataclass(frozen=True)
class State:
    """What we can say of one phone at one moment. Both moments are in Europe/London."""

    answers: Answers
    until: datetime | None = None  # when YES ends; None: never, or we do not know
    opens: datetime | None = None  # when it next surely answers, unless it does; None: we do not know
    is_about: bool = False  # the times are approximate
    # Until when all of this stays true, and so do words that tell the day as "today"; None: for ever.
    changes_at: datetime | None = field(default=None, compare=False)

    @property
    def order(self) -> tuple:
        """Sorts the number to call first on top: those that answer, those that may, then the next to open."""
        # A number that may answer now is no better for opening surely an hour sooner than another.
        opens = self.opens if self.answers == Answers.NO else None
        return (self.answers, opens.astimezone(UTC) if opens else _FAR)


@dataclass(frozen=True, order=True)
class _Span:
    """A stretch of time in UTC: London datetimes of one zone compare by wall clock, which lies in autumn."""

    start: datetime
    end: datetime
    is_sure: bool = field(default=True, compare=False)


def _instant(day: date, at: time) -> datetime:
    return datetime.combine(day, at, LONDON).astimezone(UTC)


def _span(day: date, opens: time, closes: time, is_sure: bool = True) -> _Span:
    last_day = day if closes > opens else day + timedelta(days=1)
    return _Span(_instant(day, opens), _instant(last_day, closes), is_sure)


def _whole_day(day: date, is_sure: bool = True) -> _Span:
    return _span(day, MIDNIGHT, MIDNIGHT, is_sure)


def _rows_of(hours: Hours, calendar: Calendar, day: date) -> list[Row]:
    """The rows that count for one day: a bank holiday has its own, or the phone says what happens."""
    usual = [row for row in hours.rows if row.weekday == day.weekday()]
    if not calendar.is_bank_holiday(day):
        return usual
    special = [row for row in hours.rows if row.weekday == BANK_HOLIDAY]
    if special or hours.on_bank_holidays is False:
        return special
    if hours.on_bank_holidays is None:
        return [replace(row, is_sure=False) for row in usual]
    return usual


def _office_spans(day: date) -> list[_Span]:
    """Office hours of unknown extent on a working day: perhaps, surely, perhaps."""
    return [
        _span(day, OFFICE_WIDEST[0], OFFICE_CORE[0], is_sure=False),
        _span(day, *OFFICE_CORE),
        _span(day, OFFICE_CORE[1], OFFICE_WIDEST[1], is_sure=False),
    ]


def _outside_office_spans(day: date) -> list[_Span]:
    """The other side of the same: surely before and after the widest office hours, not in their core."""
    return [
        _span(day, MIDNIGHT, OFFICE_WIDEST[0]),
        _span(day, OFFICE_WIDEST[0], OFFICE_CORE[0], is_sure=False),
        _span(day, OFFICE_CORE[1], OFFICE_WIDEST[1], is_sure=False),
        _span(day, OFFICE_WIDEST[1], MIDNIGHT),
    ]


def _spans(hours: Hours, calendar: Calendar, day: date) -> list[_Span]:
    """The stretches that begin on one day."""
    is_working_day = day.weekday() < 5 and not calendar.is_bank_holiday(day)
    match hours.known:
        case Phone.HoursKnown.ALWAYS:
            return [_whole_day(day)]
        case Phone.HoursKnown.ROWS:
            rows = _rows_of(hours, calendar, day)
            return [_span(day, row.opens_at, row.closes_at, row.is_sure) for row in rows]
        case Phone.HoursKnown.OFFICE_HOURS:
            return _office_spans(day) if is_working_day else []
        case Phone.HoursKnown.OUTSIDE_OFFICE_HOURS:
            return _outside_office_spans(day) if is_working_day else [_whole_day(day)]
        case _:
            return [_whole_day(day, is_sure=False)]


def _merged(days: Iterable[list[_Span]]) -> Iterator[_Span]:
    """Stretches that touch or overlap become one, in order of time. Days come in their order, and no more than needed.

    A stretch begins on its day, so none of a later day begins before it.
    """
    merged = None
    for spans in days:
        for span in sorted(spans):
            if merged is None or span.start > merged.end:
                if merged is not None:
                    yield merged
                merged = span
            elif span.end > merged.end:
                merged = _Span(merged.start, span.end)
    if merged is not None:
        yield merged


def state_at(hours: Hours, at: datetime, calendar: Calendar) -> State:
    """What we can say of a phone at a moment. It answers from its opening on, and no more at its closing."""
    if hours.known == Phone.HoursKnown.ALWAYS:
        return State(Answers.YES, is_about=hours.are_about)
    if hours.known == Phone.HoursKnown.UNKNOWN:
        return State(Answers.PERHAPS, is_about=hours.are_about)
    at = at.astimezone(UTC)
    today = at.astimezone(LONDON).date()
    # From yesterday: a stretch over midnight began then.
    days = [today + timedelta(days=ahead) for ahead in range(-1, HORIZON.days + 1)]
    sure = _merged([span for span in _spans(hours, calendar, day) if span.is_sure] for day in days)
    now = following = None
    for span in sure:
        if span.start > at:
            following = span
            break
        if at < span.end:
            now = span
            break
    # Only exact hours are told with their day.
    midnight = next_midnight(at) if hours.are_exact else None
    if now:
        is_near = now.end < _instant(days[-1], MIDNIGHT)
        return State(
            Answers.YES,
            until=_london(now.end) if hours.are_exact and is_near else None,
            is_about=hours.are_about,
            changes_at=first_change([now.end if is_near else None, midnight]),
        )
    may_answer, edge = _perhaps(hours, calendar, days, at)
    return State(
        Answers.PERHAPS if may_answer else Answers.NO,
        # Where sources differ the later opening is the safe one to tell.
        opens=_london(following.start) if following and hours.are_exact else None,
        is_about=hours.are_about,
        changes_at=first_change([following and following.start, edge, midnight]),
    )


def _perhaps(hours: Hours, calendar: Calendar, days: list[date], at: datetime) -> tuple[bool, datetime | None]:
    """Whether a phone may answer, sure or not; and when that ends or begins, None where it does neither in our days."""
    for span in _merged(_spans(hours, calendar, day) for day in days):
        if span.start > at:
            return False, span.start
        if at < span.end:
            return True, span.end if span.end < _instant(days[-1], MIDNIGHT) else None
    return False, None


def first_change(moments: Iterable[datetime | None]) -> datetime | None:
    """The first of some moments; None, which stands for never, where there is none."""
    return _london(min((moment.astimezone(UTC) for moment in moments if moment), default=None))


def next_midnight(at: datetime) -> datetime:
    """When the day ends, in London."""
    return datetime.combine(at.astimezone(LONDON).date() + timedelta(days=1), MIDNIGHT, LONDON)


def _london(moment: datetime | None) -> datetime | None:
    return moment and moment.astimezone(LONDON)


@dataclass(frozen=True)
class Line:
    """One phone with what we can say of it at a moment."""

    phone: Phone
    state: State


def who_answers(phones: Iterable[Phone], at: datetime, calendar: Calendar) -> list[Line]:
    """The phones in the order in which to try them at a moment.

    First those that answer, then those that may, then the closed ones, the next to open first. Otherwise they
    stay as given: give the day number before the others ("try the day number, then the other").
    """
    lines = [Line(phone, state_at(Hours.of(phone), at, calendar)) for phone in phones]
    return sorted(lines, key=lambda line: line.state.order)
