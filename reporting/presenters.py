"""Plain functions that shape contacts for a page, where a template cannot."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Generic, Protocol, TypeVar

from reporting.hours import LONDON, Answers, Calendar, Hours, State, first_change, next_midnight, state_at
from reporting.models import Authority, Kind, Nation, Phone, Tier
from reporting.spoken_hours import answers_when, clock

# --- Times in words -------------------------------------------------------------------------------------


def day_in_words(day: date, today: date) -> str:
    """today, tomorrow, on Monday; with the date where a weekday alone could be either of two."""
    ahead = (day - today).days
    if ahead in (0, 1):
        return ("today", "tomorrow")[ahead]
    return f"on {day:%A}" if ahead < 7 else f"on {day:%A} {day.day} {day:%B}"


def moment_in_words(moment: datetime, at: datetime) -> str:
    """A coming moment as seen from another: "9am tomorrow", "midnight tonight"."""
    moment, at = moment.astimezone(LONDON), at.astimezone(LONDON)
    if clock(moment) == "midnight":
        # The midnight that begins a day is, to people, the end of the day before.
        evening = moment.date() - timedelta(days=1)
        day = "tonight" if evening == at.date() else day_in_words(evening, at.date())
    else:
        day = day_in_words(moment.date(), at.date())
    return f"{clock(moment)} {day}"


def now_in_words(at: datetime, calendar: Calendar, *, says_clock: bool = True) -> str:
    """ "It is Sunday 21:40", and that it is a bank holiday where it is one; "It is Sunday" without the clock."""
    at = at.astimezone(LONDON)
    holiday = ", a bank holiday" if calendar.is_bank_holiday(at.date()) else ""
    return f"It is {at:%A %H:%M}{holiday}" if says_clock else f"It is {at:%A}{holiday}"


def _when(state: State, moment: datetime, at: datetime) -> str:
    return ("about " if state.is_about else "") + moment_in_words(moment, at)


def answering(hours: Hours, state: State, at: datetime) -> str:
    """What we can say at a moment of a phone with these hours, in one or two short sentences."""
    known, is_exact = hours.known, hours.are_exact
    if known == Phone.HoursKnown.ALWAYS:
        return "Answers now: day and night, every day."
    if known == Phone.HoursKnown.UNKNOWN:
        return "We do not know its hours. Try it."
    if state.answers == Answers.YES:
        if not is_exact:
            return "Should answer now. We do not know its exact hours."
        return f"Answers now, until {_when(state, state.until, at)}." if state.until else "Answers now."
    if state.answers == Answers.PERHAPS:
        if not is_exact:
            return "May answer now. We do not know its exact hours."
        return "May answer now: we are not sure." + (
            f" It should from {_when(state, state.opens, at)}." if state.opens else ""
        )
    if state.opens:
        return f"Closed now. Opens at {_when(state, state.opens, at)}."
    if known == Phone.HoursKnown.OUTSIDE_OFFICE_HOURS:
        return "Answers in the evening, at night, at weekends and on bank holidays."
    return "Closed now. Answers in office hours."


def always(phone: Phone) -> str:
    """When a phone answers, in words that are true at any moment; for pages that are read later than they were made."""
    match phone.answers:
        case Phone.HoursKnown.ALWAYS:
            return "Answers day and night, every day."
        case Phone.HoursKnown.UNKNOWN:
            return "We do not know its hours. Try it."
        case Phone.HoursKnown.OFFICE_HOURS:
            return "Answers in office hours. We do not know exactly when those are. Closed on bank holidays."
        case Phone.HoursKnown.OUTSIDE_OFFICE_HOURS:
            return "Answers in the evening, at night, at weekends and on bank holidays. We do not know its exact hours."
    return answers_when(phone)


# --- Whom to call now -----------------------------------------------------------------------------------


class HasHours(Protocol):
    """Anything that can be called at some hours."""

    hours: Hours


class TeamNumber(HasHours, Protocol):
    """One number of children's services; its kind is one of ``TO_CALL``."""

    kind: str


Called = TypeVar("Called", bound=HasHours)


@dataclass(frozen=True)
class Call(Generic[Called]):
    """One number, with whether it answers now."""

    of: Called
    state: State
    when: str

    @property
    def answers_now(self) -> bool:
        return self.state.answers == Answers.YES


@dataclass(frozen=True)
class CallPlan(Generic[Called]):
    """Which number to call now, why, and which others there are; empty where we know none."""

    why: str
    calls: tuple[Call[Called], ...]
    changes_at: datetime | None = None  # until when it is true; None where there is nothing to call

    @property
    def first(self) -> Call[Called] | None:
        return self.calls[0] if self.calls else None

    @property
    def others(self) -> tuple[Call[Called], ...]:
        return self.calls[1:]


# The day number before the other: that is the order in which to try them when we are not sure.
TO_CALL = (Kind.FRONT_DOOR, Kind.OUT_OF_HOURS)


def call_plan(team: Sequence[TeamNumber], at: datetime, calendar: Calendar, *, says_clock: bool = True) -> CallPlan:
    """The numbers of children's services in the order in which to try them at a moment, with the reason.

    They are given in the order of the day: see ``TO_CALL``.
    """
    if not team:
        return CallPlan("", ())
    states = [(number, state_at(number.hours, at, calendar)) for number in team]
    states.sort(key=lambda pair: pair[1].order)
    calls = tuple(Call(number, state, answering(number.hours, state, at)) for number, state in states)
    # The reason tells the day, which ends at midnight.
    changes_at = first_change([next_midnight(at), *(state.changes_at for _, state in states)])
    return CallPlan(_why(calls, at, now_in_words(at, calendar, says_clock=says_clock)), calls, changes_at)


def _why(calls: Sequence[Call[TeamNumber]], at: datetime, now: str) -> str:
    """Why the first number is the one to call now; ``now`` is how the sentence begins."""
    first = calls[0]
    state, until = first.state, first.state.until
    if state.answers == Answers.PERHAPS:
        if len(calls) == 1:
            return f"{now}. We are not sure that this number answers now. Try it."
        return f"{now}. We are not sure which number answers now: try the day number, then the other."
    if state.answers == Answers.NO:
        opens = f" until {_when(state, state.opens, at)}" if state.opens else ""
        return f"{now}. This number is closed{opens}, and we know of no other. If it cannot wait, call 101."
    if first.of.hours.known == Phone.HoursKnown.ALWAYS:
        return f"{now}. This number answers day and night."
    if first.of.kind == Kind.OUT_OF_HOURS:
        return f"{now}: out of hours{f' until {_when(state, until, at)}' if until else ''}."
    if until:
        return f"{now}: the daytime team answers until {_when(state, until, at)}."
    other = " No answer? Try the other number." if len(calls) > 1 else ""
    return f"{now}: office hours. We do not know exactly when they end.{other}"


# --- Pages ----------------------------------------------------------------------------------------------


class HasKind(Protocol):
    """A contact, or what stands for one in a list."""

    kind: str
    name: str


Kinded = TypeVar("Kinded", bound=HasKind)


@dataclass(frozen=True)
class Group(Generic[Kinded]):
    """Contacts of one kind under one heading."""

    kind: str
    heading: str
    contacts: list[Kinded]


_HEADINGS = {
    Kind.REPORTING_SERVICE: "Report it",
    Kind.TAKEDOWN: "Get an image taken down",
    Kind.HELPLINE: "Talk to someone",
    Kind.ADVICE: "Advice and support",
}


def by_kind(contacts: Iterable[Kinded], kinds: Iterable[str] = Kind.values) -> list[Group[Kinded]]:
    """Contacts in the order of their kinds, each by name, without empty groups."""
    contacts = sorted(contacts, key=lambda contact: contact.name.casefold())
    groups = ((Kind(kind), [each for each in contacts if each.kind == kind]) for kind in kinds)
    return [Group(kind, _HEADINGS.get(kind, kind.label), rows) for kind, rows in groups if rows]


# What a nation calls the people who answer for children; in the middle of a sentence.
_TEAMS = {
    Nation.ENGLAND: "children’s services",
    Nation.SCOTLAND: "children’s social work",
    Nation.WALES: "children’s social services",
    Nation.NORTHERN_IRELAND: "the health and social care trust",
}


def team_of(authority: Authority) -> str:
    """What an authority's nation calls those who look after children at risk."""
    return _TEAMS[Nation(authority.nation)]


def is_context_only(authority: Authority) -> bool:
    """A council that exists but is not answerable for children's social care."""
    return authority.children_services_id not in (None, authority.pk)


def is_northern_irish_council(authority: Authority) -> bool:
    return authority.tier == Tier.NI_DISTRICT
