"""How a draft is made from an edition, and how it is approved."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from guidance.models import AppProfileEdition, ControlGuideEdition, TopicEdition
from safety_site.editions import (
    ApprovedEditionIsFinal,
    EditionPart,
    EditionState,
    approve,
    copy_as_draft,
    next_number,
)
from tests import factories

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
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


def full_edition(kind):
    """An edition with two rows of every part and with every link, and one field of each kind filled."""
    bands = factories.age_bands()
    model = kind[0]
    if model is TopicEdition:
        edition = factories.topic_edition(
            age_bands=bands[1:], audiences=("parents", "young-people"), concern="bullying"
        )
        edition.related_topics.set([factories.topic(), factories.topic()])
        edition.related_apps.set([factories.app_profile()])
        factories.topic_parts(edition, 2, bands[:2])
    elif model is AppProfileEdition:
        edition = factories.app_edition(age_bands=bands[:2], owner="Somebody", description="<p>Words.</p>")
        edition.related_apps.set([factories.app_profile()])
        factories.app_parts(edition, 2)
    else:
        edition = factories.control_edition(official_page="https://provider.example/")
        edition.related_guides.set([factories.control_guide()])
        factories.control_parts(edition, 2)
    return edition


def contents(row, without: set[str]) -> dict:
    """The values of a row and the keys of its links, for comparing a copy with its model."""
    values = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if f.name not in without}
    links = {f.name: sorted(getattr(row, f.name).values_list("pk", flat=True)) for f in row._meta.many_to_many}
    return values | links


def parts(edition) -> dict[str, list[dict]]:
    relations = [r for r in edition._meta.related_objects if issubclass(r.related_model, EditionPart)]
    return {
        relation.name: [
            contents(part, {"id", "edition"})
            for part in relation.related_model.objects.filter(edition=edition).order_by("position", "pk")
        ]
        for relation in relations
    }


NOT_COPIED = {
    "id", "number", "state", "publish_at", "author", "approved_by", "imported_from", "change_note",
    "created_at", "checked_on", "checked_by", "review_by", "based_on", "revision", "changed_at", "changed_by",
}  # fmt: skip


def test_copy_has_every_word_part_and_link(kind):
    edition = full_edition(kind)
    whole = contents(edition, set()), parts(edition)
    assert all(whole[1].values()), "the test must make rows of every part"
    assert all(whole[0][field.name] for field in edition._meta.many_to_many), "and links of every kind"
    draft = copy_as_draft(edition)
    draft.refresh_from_db()
    assert contents(draft, NOT_COPIED) == contents(edition, NOT_COPIED)
    assert parts(draft) == parts(edition)
    edition.refresh_from_db()
    assert (contents(edition, set()), parts(edition)) == whole


def test_copy_is_a_draft_that_nobody_has_checked_or_approved(kind):
    edition = full_edition(kind)
    author = factories.editor()
    with time_machine.travel(NOON, tick=False):
        draft = copy_as_draft(edition, author, "New figures")
    draft.refresh_from_db()
    assert {field: getattr(draft, field) for field in sorted(NOT_COPIED - {"id"})} == {
        "approved_by": None, "author": author, "change_note": "New figures", "checked_by": "",
        "checked_on": None, "created_at": NOON, "imported_from": "", "number": 2, "publish_at": None,
        "review_by": None, "state": EditionState.DRAFT,
        "based_on": 1, "revision": 0, "changed_at": NOON, "changed_by": author,
    }  # fmt: skip
    assert list(type(edition).objects.live()) == [edition]


def test_copy_says_where_it_comes_from_unless_told():
    assert copy_as_draft(factories.topic_edition()).change_note == "Copied from edition 1"


def test_copy_of_a_withdrawal_is_no_withdrawal():
    tombstone = factories.withdrawal(factories.topic_edition(), withdrawal_instead="/topics/")
    draft = copy_as_draft(tombstone)
    assert (draft.is_withdrawal, draft.withdrawal_reason, draft.withdrawal_instead) == (False, "", "")


def test_next_number_counts_by_thing_and_language():
    edition = factories.topic_edition()
    factories.topic_edition(edition.topic, number=5, publish_at=NOON)
    assert next_number(TopicEdition, edition.topic) == 6
    assert next_number(TopicEdition, edition.topic, "cy") == 1
    assert next_number(TopicEdition, factories.topic()) == 1


def test_approve_makes_live_from_now_unless_told(kind):
    model, make_thing, make = kind
    draft = make(make_thing(), state=EditionState.DRAFT, publish_at=None, imported_from="")
    approver = factories.editor()
    with time_machine.travel(NOON, tick=False):
        approved = approve(draft, approver)
    assert (approved.state, approved.publish_at, approved.approved_by) == (EditionState.APPROVED, NOON, approver)
    assert list(model.objects.live(NOON)) == [approved]


def test_approve_keeps_the_time_that_was_set():
    draft = factories.topic_edition(state=EditionState.IN_REVIEW, publish_at=NOON + DAY)
    assert approve(draft, factories.editor()).publish_at == NOON + DAY


def test_approve_takes_a_time_of_its_own():
    draft = factories.topic_edition(state=EditionState.IN_REVIEW, publish_at=NOON + DAY)
    assert approve(draft, factories.editor(), NOON).publish_at == NOON


def test_approved_edition_is_final():
    edition = factories.topic_edition(publish_at=NOON)
    before = contents(edition, set())
    with pytest.raises(ApprovedEditionIsFinal):
        approve(edition, factories.editor(), timezone.now())
    edition.refresh_from_db()
    assert contents(edition, set()) == before


def test_approve_at_a_moment_that_is_taken_changes_nothing():
    live = factories.topic_edition(publish_at=NOON)
    draft = factories.topic_edition(live.topic, state=EditionState.DRAFT, publish_at=None)
    with pytest.raises(ValidationError, match="choose another minute"):
        approve(draft, factories.editor(), NOON)
    draft.refresh_from_db()
    assert (draft.state, draft.approved_by) == (EditionState.DRAFT, None)


def test_natural_key_finds_editions_and_parts(kind):
    edition = full_edition(kind)
    assert type(edition).objects.get_by_natural_key(*edition.natural_key()) == edition
    part = edition.steps.first() if hasattr(edition, "steps") else edition.facts.first()
    found = type(part).objects.filter(position=part.position, edition=edition)
    assert part.natural_key() == (*edition.natural_key(), part.position)
    assert part in found
