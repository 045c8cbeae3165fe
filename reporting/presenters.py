"""Plain functions that shape contacts for a page, where a template cannot."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from reporting.hours import (
    LONDON,
    Answers,
    Calendar,
    Hours,
    Line,
    State,
    first_change,
    next_midnight,
    state_at,
    who_answers,
)
from reporting.models import Authority, ContactEdition, Coverage, Kind, Nation, Phone, Tier
from reporting.open_hours import bank_holidays_in_words, listed_hours

# --- Times in words -------------------------------------------------------------------------------------


def clock(moment: datetime) -> str:
    """A time of day as people say it: 9am, 5.30pm, noon, midnight."""
    if (moment.hour, moment.minute) in ((0, 0), (12, 0)):
        return "noon" if moment.hour else "midnight"
    minutes = f".{moment:%M}" if moment.minute else ""
    return f"{moment.hour % 12 or 12}{minutes}{'am' if moment.hour < 12 else 'pm'}"


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


def answering(phone: Phone, state: State, at: datetime) -> str:
    """What we can say of one phone at a moment, in one or two short sentences."""
    known, is_exact = phone.answers, Hours.of(phone).are_exact
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
    listed = listed_hours(phone) or "at no hours that we know"
    about = "at about these hours: " if phone.hours_are_about else ""
    return f"Answers {about}{listed}. {bank_holidays_in_words(phone)}."


# --- Whom to call now -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Call:
    """One number of a contact, with whether it answers now."""

    contact: ContactEdition
    phone: Phone
    state: State
    when: str
    always: str = ""  # the same at any moment

    @property
    def answers_now(self) -> bool:
        return self.state.answers == Answers.YES


@dataclass(frozen=True)
class CallPlan:
    """Which number to call now, why, and which others there are; empty where we know none."""

    why: str
    calls: tuple[Call, ...]
    changes_at: datetime | None = None  # until when it is true; None where there is nothing to call

    @property
    def first(self) -> Call | None:
        return self.calls[0] if self.calls else None

    @property
    def others(self) -> tuple[Call, ...]:
        return self.calls[1:]

    @property
    def in_order_of_day(self) -> list[Call]:
        """Day before night, for paper: it does not know the time."""
        return sorted(self.calls, key=lambda call: (_TO_CALL.index(call.contact.kind), call.phone.pk))


# The day number before the other: that is the order in which to try them when we are not sure.
_TO_CALL = (Kind.FRONT_DOOR, Kind.OUT_OF_HOURS)


def call_plan(
    editions: Iterable[ContactEdition], at: datetime, calendar: Calendar, *, says_clock: bool = True
) -> CallPlan:
    """The numbers of children's services in the order in which to try them at a moment, with the reason."""
    team = sorted((e for e in editions if e.kind in _TO_CALL), key=lambda edition: _TO_CALL.index(edition.kind))
    of_phone = {phone: edition for edition in team for phone in edition.phones.all() if not phone.is_text}
    lines = who_answers(of_phone, at, calendar)
    if not lines:
        return CallPlan("", ())
    calls = tuple(
        Call(of_phone[line.phone], line.phone, line.state, answering(line.phone, line.state, at), always(line.phone))
        for line in lines
    )
    # The reason tells the day, which ends at midnight.
    changes_at = first_change([next_midnight(at), *(line.state.changes_at for line in lines)])
    return CallPlan(_why(lines, of_phone, at, now_in_words(at, calendar, says_clock=says_clock)), calls, changes_at)


def _why(lines: list[Line], of_phone: dict[Phone, ContactEdition], at: datetime, now: str) -> str:
    """Why the first number is the one to call now; ``now`` is how the sentence begins."""
    first = lines[0]
    state, until = first.state, first.state.until
    if state.answers == Answers.PERHAPS:
        if len(lines) == 1:
            return f"{now}. We are not sure that this number answers now. Try it."
        return f"{now}. We are not sure which number answers now: try the day number, then the other."
    if state.answers == Answers.NO:
        opens = f" until {_when(state, state.opens, at)}" if state.opens else ""
        return f"{now}. This number is closed{opens}, and we know of no other. If it cannot wait, call 101."
    if first.phone.answers == Phone.HoursKnown.ALWAYS:
        return f"{now}. This number answers day and night."
    if of_phone[first.phone].kind == Kind.OUT_OF_HOURS:
        return f"{now}: out of hours{f' until {_when(state, until, at)}' if until else ''}."
    if until:
        return f"{now}: the daytime team answers until {_when(state, until, at)}."
    other = " No answer? Try the other number." if len(lines) > 1 else ""
    return f"{now}: office hours. We do not know exactly when they end.{other}"


def phone_now(phone: Phone, at: datetime, nation: str = Nation.ENGLAND) -> tuple[str, datetime | None]:
    """Whether a phone answers, by a nation's bank holidays, and until when that is true; for national services."""
    state = state_at(Hours.of(phone), at, Calendar(nation))
    return answering(phone, state, at), state.changes_at


@dataclass(frozen=True)
class Helplines:
    """The helplines by phone, by name; one number each, none to text."""

    calls: list[Call]
    changes_at: datetime | None  # until when what answers stays the same

    @property
    def answering_now(self) -> list[Call]:
        """Those that surely answer."""
        return [call for call in self.calls if call.answers_now]


def helplines(editions: Iterable[ContactEdition], at: datetime) -> Helplines:
    """The helplines, with what can be said of each at a moment."""
    calendar = Calendar(Nation.ENGLAND)
    first = [(e, next((phone for phone in e.phones.all() if not phone.is_text), None)) for e in editions]
    states = [(e, phone, state_at(Hours.of(phone), at, calendar)) for e, phone in first if phone]
    calls = [Call(e, phone, state, answering(phone, state, at), always(phone)) for e, phone, state in states]
    calls.sort(key=lambda call: call.contact.name.casefold())
    return Helplines(calls, first_change(state.changes_at for _, _, state in states))


# --- Pages ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Group:
    """Contacts of one kind under one heading."""

    kind: str
    heading: str
    contacts: list[ContactEdition]


_HEADINGS = {
    Kind.REPORTING_SERVICE: "Report it",
    Kind.TAKEDOWN: "Get an image taken down",
    Kind.HELPLINE: "Talk to someone",
    Kind.ADVICE: "Advice and support",
}


def by_kind(editions: Iterable[ContactEdition], kinds: Iterable[str] = Kind.values) -> list[Group]:
    """Contacts in the order of their kinds, each by name, without empty groups."""
    editions = sorted(editions, key=lambda edition: edition.name.casefold())
    groups = ((Kind(kind), [e for e in editions if e.kind == kind]) for kind in kinds)
    return [Group(kind, _HEADINGS.get(kind, kind.label), rows) for kind, rows in groups if rows]


# What a nation calls the people who answer for children; in the middle of a sentence.
_TEAMS = {
    Nation.ENGLAND: "children’s services",
    Nation.SCOTLAND: "children’s social work",
    Nation.WALES: "children’s social services",
    Nation.NORTHERN_IRELAND: "the health and social care trust",
}


@dataclass(frozen=True)
class LocalHelp:
    """Everything that the page of one authority shows besides its name."""

    plan: CallPlan
    police: list[ContactEdition]
    for_professionals: list[ContactEdition]  # front door's notes, LADO, early help
    websites: list[ContactEdition]
    local_advice: list[ContactEdition]
    national: list[Group]
    team: str

    @property
    def knows_numbers(self) -> bool:
        return bool(self.plan.calls)

    @property
    def knows_lado(self) -> bool:
        return any(edition.kind == Kind.LADO for edition in self.for_professionals)


def local_help(
    authority: Authority,
    editions: Iterable[ContactEdition],
    at: datetime,
    calendar: Calendar,
    *,
    says_clock: bool = True,
) -> LocalHelp:
    """Sort what helps in an authority's area into the parts of its page."""
    editions = [edition for edition in editions if edition.kind != Kind.CLOSED]
    local = [edition for edition in editions if edition.coverage == Coverage.AUTHORITIES]
    wider = [edition for edition in editions if edition.coverage != Coverage.AUTHORITIES]
    own_kinds = (Kind.LADO, Kind.EARLY_HELP)
    return LocalHelp(
        plan=call_plan(local, at, calendar, says_clock=says_clock),
        police=[edition for edition in (*wider, *local) if edition.kind == Kind.POLICE],
        for_professionals=[e for e in local if e.kind in own_kinds or e.for_professionals],
        websites=[e for e in local if e.kind in _TO_CALL and (e.website or e.ways.all())],
        local_advice=[e for e in local if e.kind in (Kind.ADVICE, Kind.HELPLINE, Kind.REPORTING_SERVICE)],
        national=by_kind(wider, (Kind.REPORTING_SERVICE, Kind.TAKEDOWN, Kind.HELPLINE)),
        team=_TEAMS[Nation(authority.nation)],
    )


def is_context_only(authority: Authority) -> bool:
    """A council that exists but is not answerable for children's social care."""
    return authority.children_services_id not in (None, authority.pk)


def is_northern_irish_council(authority: Authority) -> bool:
    return authority.tier == Tier.NI_DISTRICT
