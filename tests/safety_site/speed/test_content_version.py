"""One version of all that readers can see: what changes it, what does not, and what passes by itself."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from guidance.models import Feedback, PageComments, Section, Topic, TopicEdition
from safety_site import content_version
from safety_site.editions import EditionState, approve
from safety_site.models import AutoSave, ContentChange, EmergencyBanner, KeptPart
from tests import factories

pytestmark = pytest.mark.django_db


def changes() -> int:
    """What is counted now. A transaction counts once on PostgreSQL, and a test is one: each read begins another."""
    counted = content_version.read().changes
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('hearthside.changed_in', '', true)")
    return counted


def test_every_table_that_readers_see_has_its_triggers():
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        there = {row[0] for row in cursor.fetchall()}
    wanted = [name for name, _table, _statement in content_version.triggers(connection.vendor)]
    assert set(wanted) <= there
    assert len(wanted) == len(set(wanted)) == 3 * len(content_version.shown_models())
    labels = {model._meta.label_lower for model in content_version.shown_models()}
    assert {"guidance.topicedition", "reporting.authority", "guidance.sharednote_topics"} <= labels
    assert not labels & {"guidance.section", "reporting.phone", "reporting.openinghours", "safety_site.autosave"}


def test_a_draft_changes_nothing_and_its_approval_does():
    draft = factories.topic_edition(state=EditionState.DRAFT, publish_at=None)
    before = changes()
    draft.title = "Another"
    draft.save()
    Section.objects.create(edition=draft, heading="A", body="<p>B</p>")
    assert changes() == before
    approve(draft, factories.editor())
    assert changes() > before


def test_update_delete_and_bulk_create_count_too():
    edition = factories.topic_edition()
    seen = [changes()]
    TopicEdition.objects.filter(pk=edition.pk).update(summary="New")
    seen.append(changes())
    factories.useful_link("parents")
    seen.append(changes())
    TopicEdition.objects.filter(pk=edition.pk).delete()
    seen.append(changes())
    Topic.objects.bulk_create([Topic(slug="a"), Topic(slug="b")])
    seen.append(changes())
    assert seen == sorted(set(seen))


def test_same_count_at_another_time_is_another_version():
    """As after a copy of the database was put back by hand, and other words were saved."""
    factories.useful_link("parents")
    before = content_version.read()
    last = ContentChange.objects.order_by("pk").last()
    ContentChange.objects.filter(pk=last.pk).update(at=last.at + timedelta(milliseconds=1))
    after = content_version.read(before)
    assert (after.changes, str(after) == str(before)) == (before.changes, False)


def test_triggers_write_the_time_to_the_millisecond():
    times = []
    for _ in range(3):
        factories.useful_link("parents")
        times.append(ContentChange.objects.order_by("pk").last().at)
        time.sleep(0.002)
    assert any(each.microsecond for each in times)
    if connection.vendor == "sqlite":  # of PostgreSQL all are of the time at which the transaction began
        assert times == sorted(set(times))


def test_triggers_of_a_release_before_are_made_anew():
    name, table, statement = next(content_version.triggers(connection.vendor))
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f'DROP TRIGGER "{name}"')
            cursor.execute(f'CREATE TRIGGER "{name}" AFTER INSERT ON "{table}" BEGIN SELECT 1; END')
        content_version.install()
        if connection.vendor == "sqlite":
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [name])
            assert cursor.fetchone() == (statement,)
        else:
            cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = %s", [content_version.FUNCTION])
            assert cursor.fetchone()[0].strip() in content_version.POSTGRESQL_FUNCTION


def test_what_readers_send_counts_only_when_it_is_public():
    before = changes()
    said = factories.feedback("/topics/", comment="Hello", state="waiting")
    Feedback.objects.filter(pk=said.pk).update(state="spam")
    AutoSave.objects.all().delete()
    KeptPart.objects.create(model="m", edition_id=1, name="n", release="r", html="h")
    assert changes() == before
    PageComments.objects.create(path="/topics/", note="Closed.")
    assert changes() > before


def test_a_change_that_is_rolled_back_leaves_the_version():
    before = changes()
    with transaction.atomic():
        factories.useful_link("parents")
        transaction.set_rollback(True)
    assert changes() == before
    factories.useful_link("parents")
    assert changes() > before


def test_publishing_times_banners_and_days_pass_by_themselves(time_machine):
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    time_machine.move_to(noon, tick=False)
    factories.topic_edition(publish_at=noon + timedelta(hours=1))
    EmergencyBanner.objects.create(
        author=factories.editor(), approved_by=factories.editor(), words="Now", level="news",
        starts_at=noon + timedelta(hours=2), ends_at=noon + timedelta(hours=3),
    )  # fmt: skip
    seen = [content_version.read()]
    assert seen[0].next_moment == noon + timedelta(hours=1)
    for hours in (1, 2, 3, 12):
        time_machine.move_to(noon + timedelta(hours=hours), tick=False)
        seen.append(content_version.read(seen[-1]))
    assert len({str(version) for version in seen}) == 5
    assert seen[-1].next_moment is None
    # A clock that is set back is noticed as well.
    time_machine.move_to(noon, tick=False)
    assert str(content_version.read(seen[-1])) == str(seen[0])


def test_an_unchanged_version_costs_one_query(django_assert_num_queries):
    known = content_version.read()
    with django_assert_num_queries(1):
        assert str(content_version.read(known)) == str(known)
    ContentChange.objects.create(at=timezone.now())
    with django_assert_num_queries(2):
        content_version.read(known)
