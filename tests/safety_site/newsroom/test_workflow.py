"""The steps of an edition: who may take each, when, and what they change."""

from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from guidance.models import Section, TopicEdition
from reporting.models import ContactEdition
from safety_site.editions import EditionState
from safety_site.models import EditionEvent
from safety_site.newsroom import gate, workflow
from safety_site.newsroom.times import comes_twice, london
from tests import factories
from tests.reporting import factories as directory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ROLES = ("plain", "writer", "publisher", "contact checker", "moderator", "administrator")
NEW = {"imported_from": "", "publish_at": None, "checked_on": None, "checked_by": "", "review_by": None}


def person(role: str):
    return factories.editor() if role == "plain" else factories.member(role)


def topic_in(state: str, **fields) -> TopicEdition:
    """With a section: the gate lets nothing empty through."""
    approved = {"publish_at": timezone.now() + DAY} if state == "approved" else NEW
    edition = factories.topic_edition(state=state, **{**approved, **fields})
    Section.objects.create(edition=edition, position=1, heading="What to do", body="<p>Talk often.</p>")
    return edition


def contact_in(state: str, **fields) -> ContactEdition:
    """With a number: the gate lets nobody through who cannot be reached."""
    approved = {"publish_at": timezone.now() + DAY} if state == "approved" else NEW
    edition = directory.contact_edition(state=state, **{**approved, **fields})
    directory.phone(edition)
    return edition


def check(**fields) -> workflow.Checked:
    today = timezone.localdate()
    values = {"on": today, "by": "Duty team", "review_by": today + 90 * DAY, "how": "rang", **fields}
    return workflow.Checked(**values)


def events(edition) -> list[tuple]:
    return [(event.kind, event.by, event.words) for event in EditionEvent.objects.of(edition)]


# --- Every step, every role -----------------------------------------------------------------------------

WRITES = {"writer", "publisher", "administrator"}
STEPS = {
    # The step, from which state, who may for a page, who may for a contact.
    "send": (workflow.send_for_review, "draft", WRITES, WRITES | {"contact checker"}),
    "take back": (workflow.take_back, "in-review", WRITES, WRITES | {"contact checker"}),
    "send back": (
        lambda edition, by: workflow.send_back(edition, by, "Mend it."),
        "in-review",
        {"publisher", "administrator"},
        {"contact checker", "administrator"},
    ),
    "approve": (
        lambda edition, by: workflow.approve(edition, by, checked=check()),
        "in-review",
        {"publisher", "administrator"},
        {"contact checker", "administrator"},
    ),
    "call back": (
        workflow.call_back, "approved", {"publisher", "administrator"}, {"contact checker", "administrator"}
    ),
    "copy": (workflow.make_draft, "approved", WRITES, WRITES),
    "discard another's": (workflow.discard, "draft", {"publisher", "administrator"}, {"administrator"}),
}  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("step", STEPS)
def test_step_is_for_some_roles(step, role):
    take, state, for_pages, for_contacts = STEPS[step]
    for edition, allowed in ((topic_in(state), for_pages), (contact_in(state), for_contacts)):
        try:
            take(edition, person(role))
        except PermissionDenied:
            assert role not in allowed, edition
        else:
            assert role in allowed, edition


@pytest.mark.parametrize("state", EditionState.values)
@pytest.mark.parametrize("step", STEPS)
def test_step_is_for_one_state(step, state):
    take, wanted, _, _ = STEPS[step]
    edition, boss = topic_in(state), factories.member("administrator")
    fits = state == wanted or step == "copy" or (step, state) == ("approve", "draft")
    if fits:
        take(edition, boss)
    else:
        with pytest.raises(ValidationError, match="already"):
            take(edition, boss)
        edition.refresh_from_db()
        assert edition.state == state
        assert events(edition) == []


def test_somebody_who_left_may_do_nothing():
    left = factories.member("administrator", is_active=False)
    with pytest.raises(PermissionDenied):
        workflow.send_for_review(topic_in("draft"), left)


# --- One after the other --------------------------------------------------------------------------------


def test_steps_are_told_in_their_order():
    writer, publisher = factories.member("writer"), factories.member("publisher")
    draft = workflow.make_draft(topic_in("approved"), writer)
    workflow.send_for_review(draft, writer, "Look at the law.")
    workflow.take_back(draft, writer)
    workflow.send_for_review(draft, writer)
    workflow.send_back(draft, publisher, "No source.")
    draft.refresh_from_db()
    assert workflow.sent_back_with(draft).words == "No source."
    workflow.send_for_review(draft, writer)
    draft.refresh_from_db()
    assert workflow.sent_back_with(draft) is None
    approved = workflow.approve(draft, publisher, others_are_known=True)
    assert (approved.state, approved.approved_by, approved.author) == ("approved", publisher, writer)
    assert [(kind, by) for kind, by, _ in events(draft)] == [
        ("made", writer), ("sent", writer), ("taken-back", writer), ("sent", writer),
        ("sent-back", publisher), ("sent", writer), ("approved", publisher),
    ]  # fmt: skip
    assert events(draft)[1][2] == "Look at the law."


@pytest.mark.parametrize("words", ["", "   ", "\n"])
def test_sending_back_needs_words(words):
    edition = topic_in("in-review")
    with pytest.raises(ValidationError, match="Say what to mend"):
        workflow.send_back(edition, factories.member("publisher"), words)


def test_edition_in_review_is_changed_by_approvers_only():
    edition = topic_in("in-review")
    assert not workflow.may_change(factories.member("writer"), edition)
    assert workflow.may_change(factories.member("publisher"), edition)
    assert workflow.may_change(factories.member("writer"), topic_in("draft"))
    assert not workflow.may_change(factories.member("administrator"), topic_in("approved"))


def test_writer_discards_their_own_draft_only():
    writer = factories.member("writer")
    own, other, sent = topic_in("draft", author=writer), topic_in("draft"), topic_in("in-review", author=writer)
    assert [workflow.may_discard(writer, each) for each in (own, other, sent)] == [True, False, False]
    workflow.discard(own, writer)
    assert not TopicEdition.objects.filter(pk=own.pk).exists()
    with pytest.raises(ValidationError, match="discarded this draft"):
        workflow.discard(own, writer)


# --- Approving ------------------------------------------------------------------------------------------


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(("asked", "given"), [(None, NOW), (NOW - DAY, NOW), (NOW + DAY, NOW + DAY)])
def test_time_that_is_past_means_now(asked, given):
    assert workflow.approve(topic_in("draft"), factories.member("publisher"), asked).publish_at == given


@time_machine.travel(NOW, tick=False)
def test_edition_approved_for_later_must_be_known():
    publisher = factories.member("publisher")
    later = factories.topic_edition(publish_at=NOW + DAY)
    draft = topic_in("draft", topic=later.topic)
    with pytest.raises(ValidationError, match=r"Edition 1 is approved for Monday 23 November 2026, 12:00"):
        workflow.approve(draft, publisher)
    assert workflow.approve(draft, publisher, others_are_known=True).publish_at == NOW
    assert workflow.approve(topic_in("draft", topic=later.topic), publisher, NOW + 2 * DAY).is_approved


@time_machine.travel(NOW, tick=False)
def test_minute_that_is_taken_is_told_in_words():
    later = factories.topic_edition(publish_at=NOW + DAY)
    with pytest.raises(ValidationError, match=r"Edition 1 is approved for .* too\. Choose"):
        workflow.approve(topic_in("draft", topic=later.topic), factories.member("publisher"), NOW + DAY)


def test_time_too_far_away_is_refused():
    with pytest.raises(ValidationError, match="next two years"):
        workflow.approve(topic_in("draft"), factories.member("publisher"), timezone.now() + 1000 * DAY)


def test_faults_stop_an_approval(monkeypatch):
    fault = gate.Finding(where="Section 2", field="id_sections-1-body", wrong="A link has no words.", do="Write some.")
    monkeypatch.setattr(gate, "inspect", lambda edition: gate.Findings(faults=[fault], warnings=[]))
    edition = topic_in("in-review")
    with pytest.raises(ValidationError, match=r"Section 2: A link has no words\. Write some\."):
        workflow.approve(edition, factories.member("administrator"))
    edition.refresh_from_db()
    assert edition.state == "in-review"


def test_check_of_a_page_is_kept_only_where_somebody_read_it():
    publisher = factories.member("publisher")
    before = {"checked_on": date(2026, 10, 1), "checked_by": "A team", "review_by": date(2027, 10, 1)}
    kept = workflow.approve(topic_in("draft", **before), publisher)
    assert {name: getattr(kept, name) for name in before} == before
    read = workflow.approve(topic_in("draft", **before), publisher, checked=check(how=""))
    assert (read.checked_on, read.checked_by) == (timezone.localdate(), "Duty team")


def test_contact_needs_to_say_how_its_number_was_checked():
    checker = factories.member("contact checker")
    today = timezone.localdate()
    for wrong in (None, check(how=""), check(on=today + DAY), check(review_by=today)):
        with pytest.raises(ValidationError):
            workflow.approve(contact_in("in-review"), checker, checked=wrong)
    done = workflow.approve(contact_in("in-review"), checker, checked=check(how="letter"))
    assert (done.checked_how, done.checked_on, done.checked_by) == ("letter", today, "Duty team")


@pytest.mark.parametrize("field", ["author", "changed_by"])
@pytest.mark.parametrize("role", ["contact checker", "administrator"])
def test_second_person_is_neither_author_nor_last_to_change(role, field):
    checker = factories.member(role)
    with pytest.raises(ValidationError, match="A second person must approve a contact"):
        workflow.approve(contact_in("in-review", **{field: checker}), checker, checked=check())


def test_superuser_is_no_second_person_either():
    boss = factories.editor(is_superuser=True)
    with pytest.raises(ValidationError, match="not its author"):
        workflow.approve(contact_in("draft", author=boss), boss, checked=check())


def test_publisher_may_approve_a_page_of_their_own():
    publisher = factories.member("publisher")
    assert workflow.approve(topic_in("draft", author=publisher, changed_by=publisher), publisher).is_approved


@pytest.mark.django_db(transaction=True)
def test_two_approvals_at_once_make_one():
    edition, barrier, outcomes = topic_in("in-review"), Barrier(2), []
    people = [factories.member("publisher") for _ in range(2)]

    def take(who):
        barrier.wait()
        try:
            workflow.approve(edition, who)
            outcomes.append("approved")
        except ValidationError:
            outcomes.append("refused")
        finally:
            connection.close()

    if connection.vendor == "sqlite":  # its database in memory belongs to one thread: one after the other
        for who in people:
            try:
                workflow.approve(edition, who)
                outcomes.append("approved")
            except ValidationError:
                outcomes.append("refused")
    else:
        threads = [Thread(target=take, args=[who]) for who in people]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
    assert sorted(outcomes) == ["approved", "refused"]
    assert [kind for kind, _, _ in events(edition)] == ["approved"]


# --- Before its time ------------------------------------------------------------------------------------


def test_approved_for_tomorrow_appears_at_its_minute_with_no_job_running(client):
    with time_machine.travel(NOW, tick=False):
        old = factories.topic_edition(title="The old words")
        draft = topic_in("draft", topic=old.topic, title="The new words")
        workflow.approve(draft, factories.member("publisher"), NOW + DAY)
    page = old.get_absolute_url()
    for moment, title in ((NOW + DAY - HOUR / 3600, "The old words"), (NOW + DAY, "The new words")):
        with time_machine.travel(moment, tick=False):
            assert title in client.get(page).content.decode()


def test_copy_of_a_draft_keeps_who_wrote_in_it():
    """Somebody who typed a number into a draft does not become its second person by way of a copy."""
    writer, checker, other = factories.member("writer"), *(factories.member("contact checker") for _ in "ab")
    draft = contact_in("draft", author=writer)
    workflow.wrote(draft, checker)
    copy = workflow.make_draft(draft, writer)
    with pytest.raises(ValidationError, match="A second person must approve"):
        workflow.approve(copy, checker, checked=check())
    assert workflow.approve(copy, other, checked=check()).is_approved


def test_copy_of_what_was_approved_may_be_approved_by_whoever_wrote_that():
    writer, checker = factories.member("writer"), factories.member("contact checker")
    live = contact_in("approved", author=checker, approved_by=factories.editor(), publish_at=NOW - DAY)
    assert workflow.approve(workflow.make_draft(live, writer), checker, checked=check()).is_approved


def test_whoever_wrote_once_and_was_followed_by_others_is_not_the_second_person():
    writer, checker = factories.member("writer"), factories.member("contact checker")
    draft = contact_in("draft", author=writer)
    workflow.wrote(draft, checker)
    workflow.wrote(draft, factories.member("writer"))
    with pytest.raises(ValidationError, match="not somebody who changed it"):
        workflow.approve(draft, checker, checked=check())


def test_what_was_changed_after_it_was_read_is_not_approved():
    publisher = factories.member("publisher")
    draft = topic_in("in-review")
    as_read = workflow.seen(draft)
    type(draft).objects.filter(pk=draft.pk).update(revision=1)
    with pytest.raises(ValidationError, match="Somebody changed this edition"):
        workflow.approve(draft, publisher, as_seen=as_read)
    draft.refresh_from_db()
    assert workflow.approve(draft, publisher, as_seen=workflow.seen(draft)).is_approved


def test_called_back_before_its_time_it_never_appears(client):
    publisher = factories.member("publisher")
    with time_machine.travel(NOW, tick=False):
        old = factories.topic_edition(title="The old words")
        draft = workflow.approve(topic_in("draft", topic=old.topic, title="The new words"), publisher, NOW + DAY)
        called = workflow.call_back(draft, publisher)
    assert (called.state, called.approved_by, called.publish_at, called.checked_on) == ("draft", None, None, None)
    assert (called.title, called.author) == ("The new words", draft.author)
    assert called.pk != draft.pk  # an approved edition is never edited: this is another, with its words
    assert not TopicEdition.objects.filter(pk=draft.pk).exists()
    with time_machine.travel(NOW + 2 * DAY, tick=False):
        assert "The old words" in client.get(old.get_absolute_url()).content.decode()
        assert "The new words" not in client.get("/search/?q=new+words").content.decode()


@time_machine.travel(NOW, tick=False)
def test_what_readers_see_cannot_be_called_back():
    publisher = factories.member("publisher")
    live = workflow.approve(topic_in("draft"), publisher)
    with pytest.raises(ValidationError, match="Too late"):
        workflow.call_back(live, publisher)


# --- London time ----------------------------------------------------------------------------------------


def test_time_that_clocks_skip_is_refused_in_words():
    with pytest.raises(ValidationError, match="the clocks go forward and skip 01:30"):
        london(date(2027, 3, 28), time(1, 30))
    assert london(date(2027, 3, 28), time(2, 0)) == datetime(2027, 3, 28, 1, tzinfo=UTC)


def test_time_that_clocks_show_twice_is_the_first():
    moment = london(date(2027, 10, 31), time(1, 30))
    assert moment == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert comes_twice(moment)
    assert not comes_twice(london(date(2027, 10, 31), time(2, 30)))
    assert not comes_twice(london(date(2027, 3, 28), time(2, 30)))
