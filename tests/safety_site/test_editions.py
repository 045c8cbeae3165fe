"""Which edition is live when, when it is overdue, and what the database refuses."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from guidance.models import AppProfileEdition, ControlGuideEdition, TopicEdition
from safety_site.checks import Check, oldest_check
from safety_site.editions import EditionState
from tests import factories

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
DAY = timedelta(days=1)

KINDS = {
    "topic": (TopicEdition, factories.topic, factories.topic_edition),
    "app": (AppProfileEdition, factories.app_profile, factories.app_edition),
    "control": (ControlGuideEdition, factories.control_guide, factories.control_edition),
}


@pytest.fixture(params=KINDS)
def kind(request):
    """Each kind of edition in turn: its model, what makes a thing, what makes an edition."""
    return KINDS[request.param]


# --- Which one is live ----------------------------------------------------------------------------------


def test_live_begins_at_the_very_moment(kind):
    model, make_thing, make = kind
    edition = make(make_thing(), publish_at=NOON)
    assert list(model.objects.live(NOON - INSTANT)) == []
    assert list(model.objects.live(NOON)) == [edition]
    assert list(model.objects.live(NOON + INSTANT)) == [edition]


def test_live_changes_over_at_the_moment_of_the_next_edition(kind):
    model, make_thing, make = kind
    thing = make_thing()
    first, second = make(thing, publish_at=NOON), make(thing, publish_at=NOON + DAY)
    assert list(model.objects.live(NOON + DAY - INSTANT)) == [first]
    assert list(model.objects.live(NOON + DAY)) == [second]


def test_live_follows_the_time_not_the_number():
    thing = factories.topic()
    later = factories.topic_edition(thing, publish_at=NOON + DAY)
    factories.topic_edition(thing, publish_at=NOON)
    assert list(TopicEdition.objects.live(NOON + 2 * DAY)) == [later]


def test_live_without_a_moment_means_now():
    edition = factories.topic_edition(publish_at=NOON)
    with time_machine.travel(NOON - DAY, tick=False):
        assert list(TopicEdition.objects.live()) == []
    with time_machine.travel(NOON, tick=False):
        assert list(TopicEdition.objects.live()) == [edition]


@pytest.mark.parametrize("state", [EditionState.DRAFT, EditionState.IN_REVIEW])
def test_live_leaves_out_what_is_not_approved(kind, state):
    model, make_thing, make = kind
    thing = make_thing()
    approved = make(thing, publish_at=NOON)
    make(thing, publish_at=NOON + DAY, state=state)
    assert list(model.objects.live(NOON + 2 * DAY)) == [approved]


def test_live_of_one_thing_is_not_hidden_by_another():
    one = factories.topic_edition(publish_at=NOON)
    other = factories.topic_edition(publish_at=NOON + DAY)
    assert set(TopicEdition.objects.live(NOON + DAY)) == {one, other}


def test_live_counts_each_language_by_itself():
    thing = factories.topic()
    english = factories.topic_edition(thing, publish_at=NOON)
    welsh = factories.topic_edition(thing, publish_at=NOON + DAY, language="cy")
    assert list(TopicEdition.objects.live(NOON + DAY)) == [english]
    assert list(TopicEdition.objects.live(NOON + DAY, language="cy")) == [welsh]
    assert list(TopicEdition.objects.live(NOON, language="cy")) == []


def test_withdrawal_takes_the_page_down_from_its_moment(kind):
    model, make_thing, make = kind
    edition = make(make_thing(), publish_at=NOON)
    tombstone = factories.withdrawal(edition, publish_at=NOON + DAY)
    assert list(model.objects.live(NOON + DAY - INSTANT)) == [edition]
    assert list(model.objects.withdrawn(NOON + DAY - INSTANT)) == []
    assert list(model.objects.live(NOON + DAY)) == []
    assert list(model.objects.withdrawn(NOON + DAY)) == [tombstone]
    assert list(model.objects.in_force(NOON + DAY)) == [tombstone]


def test_withdrawal_not_approved_changes_nothing():
    edition = factories.topic_edition(publish_at=NOON)
    factories.withdrawal(edition, publish_at=NOON + DAY, state=EditionState.IN_REVIEW)
    assert list(TopicEdition.objects.live(NOON + 2 * DAY)) == [edition]
    assert list(TopicEdition.objects.withdrawn(NOON + 2 * DAY)) == []


def test_page_comes_back_with_an_edition_after_the_withdrawal():
    edition = factories.topic_edition(publish_at=NOON)
    factories.withdrawal(edition, publish_at=NOON + DAY)
    again = factories.topic_edition(edition.topic, publish_at=NOON + 2 * DAY)
    assert list(TopicEdition.objects.live(NOON + 2 * DAY)) == [again]
    assert list(TopicEdition.objects.withdrawn(NOON + 2 * DAY)) == []


# --- Checks ---------------------------------------------------------------------------------------------


def test_review_due_from_the_day_after():
    edition = factories.topic_edition(review_by=date(2026, 12, 1))
    factories.topic_edition(checked_on=None, checked_by="", review_by=None)
    assert list(TopicEdition.objects.review_due(date(2026, 12, 1))) == []
    assert list(TopicEdition.objects.review_due(date(2026, 12, 2))) == [edition]


def test_review_due_leaves_out_what_readers_do_not_see():
    old = factories.topic_edition(review_by=date(2026, 12, 1))
    factories.topic_edition(old.topic, publish_at=factories.PUBLISHED_AT + DAY)
    factories.topic_edition(review_by=date(2026, 12, 1), state=EditionState.DRAFT)
    assert list(TopicEdition.objects.review_due(date(2027, 1, 1))) == []


def test_overdue_begins_at_midnight_in_london():
    edition = factories.topic_edition(checked_on=date(2026, 6, 1), review_by=date(2026, 7, 1))
    with time_machine.travel(datetime(2026, 7, 1, 22, 59, 59, tzinfo=UTC), tick=False):
        assert not edition.is_overdue
        assert list(TopicEdition.objects.review_due()) == []
    with time_machine.travel(datetime(2026, 7, 1, 23, tzinfo=UTC), tick=False):  # midnight in British summer time
        assert edition.is_overdue
        assert list(TopicEdition.objects.review_due()) == [edition]


def test_saving_never_sets_a_check():
    edition = factories.topic_edition(checked_on=None, checked_by="", review_by=None)
    edition.title = "A new title"
    edition.save()
    edition.refresh_from_db()
    assert (edition.checked_on, edition.checked_by, edition.review_by) == (None, "", None)


def test_oldest_check_is_as_old_as_the_oldest_and_due_with_the_first():
    one = factories.topic_edition(checked_on=date(2026, 3, 1), checked_by="One", review_by=date(2026, 9, 1))
    two = factories.topic_edition(checked_on=date(2026, 4, 1), checked_by="Two", review_by=date(2026, 8, 1))
    assert oldest_check([two, one]) == Check(date(2026, 3, 1), "One", date(2026, 8, 1))


def test_oldest_check_of_no_rows_is_none():
    assert oldest_check([]) is None


def test_oldest_check_of_rows_that_nobody_checked_says_so():
    assert oldest_check([factories.topic_edition(checked_on=None, checked_by="", review_by=None)]) == Check(
        None, "", None
    )


def test_check_is_overdue_the_day_after():
    check = Check(date(2026, 1, 1), "a team", date(2026, 12, 1))
    with time_machine.travel(datetime(2026, 12, 1, 23, 59, tzinfo=UTC), tick=False):
        assert not check.is_overdue
    with time_machine.travel(datetime(2026, 12, 2, tzinfo=UTC), tick=False):
        assert check.is_overdue


# --- What the database refuses --------------------------------------------------------------------------

UNCHECKED = {"checked_on": None, "checked_by": "", "review_by": None}
CHECKED_ON = date(2026, 7, 1)
BROKEN = {
    "approved_has_time": ({"publish_at": None}, "An approved edition needs the time from which readers see it."),
    "approved_by_someone": ({"imported_from": ""}, "An approved edition needs the person who approved it."),
    "withdrawal_says_why": (
        {"is_withdrawal": True, "withdrawal_reason": ""},
        "Say why this is withdrawn: readers will see it.",
    ),
    "state_known": ({"state": "maybe"}, "An edition is a draft, in review or approved."),
}
BAD_CHECKS = [
    {"checked_on": CHECKED_ON, "checked_by": "", "review_by": CHECKED_ON + DAY},
    {"checked_on": CHECKED_ON, "checked_by": "a team", "review_by": None},
    {"checked_on": CHECKED_ON, "checked_by": "a team", "review_by": CHECKED_ON},
]
CHECK_MESSAGE = "A check needs its date, who did it, and a later date for the next one."


def assert_refused(kind, fields, name, message):
    """The database refuses the row by this constraint, and a form would say this."""
    _model, make_thing, make = kind
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make(make_thing(), **fields)
    edition = make(make_thing())
    for field, value in fields.items():
        setattr(edition, field, value)
    with pytest.raises(ValidationError) as refusal:
        edition.validate_constraints()
    assert refusal.value.messages == [message]


@pytest.mark.parametrize("name", BROKEN)
def test_constraint_refuses(kind, name):
    prefix = {TopicEdition: "topic_edition", AppProfileEdition: "app_edition"}.get(kind[0], "control_edition")
    assert_refused(kind, BROKEN[name][0], f"{prefix}_{name}", BROKEN[name][1])


@pytest.mark.parametrize("fields", BAD_CHECKS, ids=["nobody", "no next one", "next one on the same day"])
def test_half_a_check_is_refused(kind, fields):
    assert_refused(kind, fields, "checked_whole", CHECK_MESSAGE)


@pytest.mark.parametrize(
    "fields",
    [
        {"state": EditionState.DRAFT, "publish_at": None, "imported_from": ""},
        {"state": EditionState.IN_REVIEW, "publish_at": NOON, "imported_from": ""},
        {"is_withdrawal": True, "withdrawal_reason": "It was wrong."},
        {"is_withdrawal": False, "withdrawal_reason": ""},
        UNCHECKED,
        {"checked_on": CHECKED_ON, "checked_by": "a team", "review_by": CHECKED_ON + DAY},
    ],
)
def test_constraints_allow(kind, fields):
    model, make_thing, make = kind
    edition = make(make_thing(), **fields)
    edition.validate_constraints()
    assert model.objects.get(pk=edition.pk) == edition


def test_approved_edition_may_name_its_approver_instead_of_an_import(kind):
    _model, make_thing, make = kind
    edition = make(make_thing(), imported_from="", approved_by=factories.editor())
    edition.validate_constraints()


def assert_clash(kind, message, first, second):
    model, make_thing, make = kind
    thing = make_thing()
    make(thing, **first)
    with pytest.raises(IntegrityError), transaction.atomic():
        make(thing, **second)
    with pytest.raises(ValidationError) as refusal:
        model(**{model.thing_field: thing, "language": "en-GB", "number": 2, **second}).validate_constraints()
    assert message in refusal.value.messages


def test_two_approved_editions_at_one_moment_are_refused(kind):
    message = "Another approved edition starts at exactly this time: choose another minute."
    same = {"publish_at": NOON, "state": EditionState.APPROVED, "imported_from": "a test"}
    assert_clash(kind, message, same, same)


def test_same_number_twice_is_refused(kind):
    assert_clash(
        kind, "There is an edition with this number already.", {"number": 7}, {"number": 7, "publish_at": NOON}
    )


@pytest.mark.parametrize("second", [{"language": "cy"}, {"state": EditionState.DRAFT}, {"publish_at": NOON + INSTANT}])
def test_one_moment_is_shared_by_language_draft_or_the_next_instant(kind, second):
    model, make_thing, make = kind
    thing = make_thing()
    make(thing, publish_at=NOON)
    make(thing, **{"publish_at": NOON, **second})
    assert model.objects.filter(**{model.thing_field: thing}).count() == 2


def test_same_number_in_another_language_is_allowed(kind):
    _model, make_thing, make = kind
    thing = make_thing()
    assert (make(thing).number, make(thing, language="cy").number) == (1, 1)


@pytest.mark.parametrize("instead", ["https://elsewhere.example/", "topics/", "//elsewhere.example/", "/\\elsewhere"])
def test_withdrawal_sends_nobody_to_another_site(instead):
    edition = factories.withdrawal(factories.topic_edition(), withdrawal_instead=instead)
    with pytest.raises(ValidationError) as refusal:
        edition.clean()
    assert refusal.value.messages == ["Start with a slash: an address on this site."]


@pytest.mark.parametrize("instead", ["", "/topics/", "/topics/?age=teen#risk"])
def test_withdrawal_may_send_to_a_page_of_this_site(instead):
    factories.withdrawal(factories.topic_edition(), withdrawal_instead=instead).clean()
