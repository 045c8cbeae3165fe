"""A page that is kept is read later than it was made: it must never say of a number that it answers when it does not.

Each page tells until when its words hold, to the second, and has other words that are always true.
"""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st

from reporting import places, presenters
from reporting.hours import LONDON, Calendar, Hours, Row, State, state_at
from reporting.models import ContactEdition, Nation, Phone
from safety_site import unchanged
from safety_site.kept import keep_missing
from safety_site.models import EmergencyBanner
from tests.factories import editor
from tests.reporting import factories
from tests.safety_site.speed.words_of_now import DAY, NIGHT, WORDS_OF_NOW, pages, read

SECOND = timedelta(seconds=1)
# An ordinary week, Christmas and New Year, Easter, and both nights on which the clocks change.
WEEKS = [
    datetime(*day, tzinfo=UTC) for day in ((2026, 11, 20), (2026, 12, 23), (2026, 4, 1), (2026, 3, 27), (2026, 10, 23))
]


def test_without_now_no_page_says_that_a_number_answers_and_night_and_day_are_one(client, loaded, db):
    for path in pages():
        by_day, by_night = (read(client, path, at)[0].without_now() for at in (DAY, NIGHT))
        assert by_day == by_night, path
        assert WORDS_OF_NOW.findall(by_day) == [], path


def test_kept_pages_hold_both_readings(client, loaded, db):
    for path in ("/", "/contacts/essex/", "/contacts/national/", "/report/grooming/", "/contacts/essex/card/"):
        both = read(client, path, DAY)[0]
        with time_machine.travel(DAY, tick=False):
            now = client.get(path).content.decode()
        # A kept page tells the day and leaves out the clock.
        assert both.now == now.replace("It is Tuesday 11:05", "It is Tuesday"), path


def test_council_page_without_now_has_the_day_number_first_and_hours_in_words(client, loaded, db):
    text = read(client, "/contacts/essex/", NIGHT)[0].without_now()
    section = text.partition('class="call-now"')[2].partition("</section>")[0]
    assert "<span>Numbers to call</span>" in section
    assert re.findall(r'href="tel:(\d+)"', section) == ["03456037627", "03456061212"]
    hours = re.findall(r'<p class="when">([^<]*)</p>', section)
    assert hours[0].startswith("Answers at about these hours: Monday to Thursday 9am to 5.30pm, Friday 9am to")
    assert hours[1].endswith("5.30pm to 9am, Friday 4.30pm to Monday 9am, and all day on bank holidays.")
    assert "call-first" not in section
    assert text.index("Numbers to call") < text.index("Call 999") < text.index("National services</h2>")


def test_council_page_holds_until_the_next_opening_and_a_card_for_ever(client, loaded, db):
    text, until = read(client, "/contacts/essex/", datetime(2026, 11, 24, 8, 44, 59, tzinfo=UTC))
    assert until == datetime(2026, 11, 24, 8, 45, tzinfo=UTC), text.now
    assert read(client, "/contacts/essex/card/", DAY)[1] is None
    assert read(client, "/contacts/essex/poster/", DAY)[1] is None


def test_page_holds_until_a_banner_begins_or_ends(client, db, fresh_banners):
    EmergencyBanner.objects.create(
        words="Lines are down.", level="urgent", starts_at=DAY + SECOND, ends_at=DAY + 9 * SECOND,
        approved_by=editor(), approved_at=DAY,
    )  # fmt: skip
    assert [read(client, "/about/", DAY + age * SECOND)[1] for age in (0, 1, 9)] == [
        DAY + SECOND,
        DAY + 9 * SECOND,
        None,
    ]


SHIPPED = (
    "/contacts/", "/contacts/?nation=wales", "/contacts/national/", "/contacts/national/?for=parents&by=phone",
    "/contacts/essex/", "/contacts/thurrock/", "/contacts/aberdeen/", "/contacts/belfast/", "/contacts/essex/card/",
    "/contacts/essex/poster/", "/contacts/essex/contact.vcf", "/contacts/aberdeen/contact.vcf", "/contacts/find/",
    "/contacts/data/", "/report/", "/report/grooming/", "/report/blackmail/?for=young-people", "/report/platforms/",
)  # fmt: skip


def test_pages_are_the_same_kept_remembered_and_made_anew(client, loaded, db):
    with time_machine.travel(datetime(2026, 11, 24, 16, 5, tzinfo=LONDON), tick=False):
        anew = {path: client.get(path).content for path in SHIPPED}
        assert keep_missing() > 50
        assert {path: client.get(path).content for path in SHIPPED} == anew
        unchanged.kept.known = "a version"
        try:
            assert {path: client.get(path).content for path in SHIPPED} == anew
            with CaptureQueriesContext(connection) as asked:
                assert {path: client.get(path).content for path in SHIPPED} == anew
        finally:
            unchanged.kept.known = None
    # What readers said of a page is asked for on three of them.
    assert len(asked) <= 3


# --- Every phone ------------------------------------------------------------------------------------------


def words_at(phone: Phone, hours: Hours, at: datetime, calendar: Calendar) -> tuple[str, datetime | None]:
    state = state_at(hours, at, calendar)
    return presenters.answering(hours, state, at), state.changes_at


def walk(phone: Phone, calendar: Calendar, start: datetime, days: int) -> None:
    """From change to change: the words stay the same to the second before, and those of each minute lie between."""
    hours, at, end = Hours.of(phone), start, start + timedelta(days=days)
    while at < end:
        words, until = words_at(phone, hours, at, calendar)
        last = min(until or end, end)
        assert last > at
        between = [last - SECOND, *(at + (last - at) * part / 7 for part in range(1, 7))]
        assert {words_at(phone, hours, moment, calendar)[0] for moment in between} == {words}, (phone, at, until)
        at = last


def test_words_of_every_shipped_phone_change_only_where_it_is_said(loaded, db):
    phones = list(Phone.objects.filter(edition__in=ContactEdition.objects.live()).prefetch_related("hours"))
    assert len(phones) > 15
    for phone in phones:
        for start in WEEKS:
            walk(phone, Calendar(Nation.ENGLAND), start, 6)


def test_reason_of_a_council_changes_only_where_it_is_said(db):
    council = factories.authority()
    factories.day_and_night(council)
    place = places.place(council.slug, 1)

    def plan(at):
        return presenters.call_plan(place.team, at, place.calendar, says_clock=False)

    def said(at):
        return plan(at).why, [(call.of.kind, call.when) for call in plan(at).calls]

    for start in WEEKS:
        at, changes = start, 0
        while at < start + timedelta(days=5):
            until = plan(at).changes_at
            assert said(until - SECOND) == said(at) != said(until)
            at, changes = until, changes + 1
        assert changes >= 5


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)) | st.sampled_from(
    [datetime(2026, 3, 29, 0, 59, 59), datetime(2026, 10, 25, 0, 30), datetime(2026, 10, 25, 1, 30)]
)
quarters = st.builds(
    lambda hour, quarter: datetime(2026, 1, 1, hour, quarter * 15).time(), st.integers(0, 23), st.integers(0, 3)
)
some_hours = st.builds(
    Hours,
    st.sampled_from([Phone.HoursKnown.ROWS, Phone.HoursKnown.OFFICE_HOURS, Phone.HoursKnown.OUTSIDE_OFFICE_HOURS]),
    st.lists(st.builds(Row, st.integers(0, 7), quarters, quarters, st.booleans()), max_size=9).map(tuple),
    st.sampled_from([None, True, False]),
)


def told(state: State, at: datetime) -> tuple:
    """What words are made of: a time is told with its day as seen from the day of the moment."""
    day = at.astimezone(LONDON).date() if state.until or state.opens else None
    return state.answers, state.until, state.opens, day


@tries(max_examples=300, deadline=None)
@given(some_hours, moments, st.sampled_from(Nation.values), st.floats(0, 0.999))
def test_state_of_any_hours_holds_until_it_says(hours, at, nation, part):
    at, calendar = at.replace(tzinfo=UTC), Calendar(nation)
    state = state_at(hours, at, calendar)
    # In London's own time a microsecond before two o'clock does not exist on the night the clocks go forward.
    until = state.changes_at.astimezone(UTC)
    assert until > at
    for moment in (at + (until - at) * part, until - timedelta(microseconds=1)):
        assert told(state_at(hours, moment, calendar), moment) == told(state, at)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"answers": "always"}, "Answers day and night, every day."),
        ({"answers": "unknown"}, "We do not know its hours. Try it."),
        (
            {"rows": [(range(5), "09:00", "17:00")], "open_on_bank_holidays": False},
            "Answers Monday to Friday 9am to 5pm. Closed on bank holidays.",
        ),
        (
            {"rows": [([4], "18:00", "02:00")], "hours_are_about": True},
            "Answers at about these hours: Friday 6pm to 2am. We do not know what happens on bank holidays.",
        ),
    ],
)
def test_hours_in_words_that_are_always_true(db, fields, words):
    assert presenters.always(factories.phone(factories.contact_edition(), **fields)) == words
