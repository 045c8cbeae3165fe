"""The site at another moment, or with one edition in the place of its thing: for one block of one thread."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guidance.models import TopicEdition
from reporting.models import ContactEdition
from safety_site import viewing
from tests import factories
from tests.reporting import factories as reporting

pytestmark = pytest.mark.django_db
PAST = datetime(2020, 3, 1, tzinfo=UTC)


def draft(of=None, **fields):
    return factories.topic_edition(of and of.topic, state="draft", publish_at=None, imported_from="", **fields)


def titles(queryset):
    return sorted(edition.title for edition in queryset)


def test_draft_stands_in_for_its_thing_and_only_for_that():
    first = factories.topic_edition(title="Live words")
    factories.topic_edition(title="Another topic")
    mine = draft(first, title="Draft words")
    draft(first, title="A colleague’s draft")
    with viewing.viewing(edition=mine):
        assert titles(TopicEdition.objects.live()) == ["Another topic", "Draft words"]
        assert titles(first.topic.editions.live()) == ["Draft words"]
    assert titles(TopicEdition.objects.live()) == ["Another topic", "Live words"]


def test_draft_of_a_thing_that_was_never_live_is_shown():
    mine = draft(title="New")
    with viewing.viewing(edition=mine):
        assert titles(TopicEdition.objects.live()) == ["New"]
    assert titles(TopicEdition.objects.live()) == []


def test_withdrawal_stands_in_as_withdrawn():
    live = factories.topic_edition()
    gone = draft(live, is_withdrawal=True, withdrawal_reason="Out of date.")
    with viewing.viewing(edition=gone):
        assert (list(TopicEdition.objects.live()), list(TopicEdition.objects.withdrawn())) == ([], [gone])
    assert (list(TopicEdition.objects.live()), list(TopicEdition.objects.withdrawn())) == ([live], [])


def test_other_kinds_of_editions_are_as_readers_see_them():
    reporting.contact_edition(name="Helpline")
    with viewing.viewing(edition=draft()):
        assert [edition.name for edition in ContactEdition.objects.live()] == ["Helpline"]


def test_moment_decides_what_was_live():
    old = factories.topic_edition(title="Old")
    factories.topic_edition(old.topic, title="New", publish_at=datetime(2021, 1, 1, tzinfo=UTC))
    with viewing.viewing(at=PAST):
        assert titles(TopicEdition.objects.live()) == ["Old"]
        assert viewing.moment() == PAST
    assert titles(TopicEdition.objects.live()) == ["New"]


def test_a_moment_of_its_own_wins():
    old = factories.topic_edition(title="Old")
    new = factories.topic_edition(old.topic, title="New", publish_at=datetime(2021, 1, 1, tzinfo=UTC))
    with viewing.viewing(at=PAST, edition=draft(old)):
        assert list(TopicEdition.objects.live(at=timezone.now())) == [new]


def test_it_ends_with_the_block_also_when_that_fails():
    with pytest.raises(ZeroDivisionError), viewing.viewing(at=PAST):
        raise ZeroDivisionError
    assert viewing.current() == viewing.NOW


def test_blocks_nest():
    with viewing.viewing(at=PAST):
        with viewing.viewing(at=PAST + timedelta(1)):
            pass
        assert viewing.moment() == PAST


def test_it_does_not_reach_another_thread():
    seen = []
    with viewing.viewing(at=PAST):
        thread = threading.Thread(target=lambda: seen.append(viewing.current()))
        thread.start()
        thread.join()
    assert seen == [viewing.NOW]


def test_readers_pay_nothing_for_it():
    """The query of readers is what it was: nothing of another moment or edition in it."""
    topic = factories.topic_edition()
    with CaptureQueriesContext(
        connection,
    ) as plain:
        list(TopicEdition.objects.live())
    with CaptureQueriesContext(connection) as viewed, viewing.viewing(edition=draft(topic)):
        list(TopicEdition.objects.live())
    assert len(plain) == 1
    assert " OR " not in plain[0]["sql"]
    assert " OR " in viewed[-1]["sql"]
