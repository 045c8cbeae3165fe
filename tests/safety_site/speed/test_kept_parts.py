"""What parts of an approved edition render to: made once, made anew by another release, never from a draft."""

from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guidance.models import Section, TopicEdition
from safety_site import kept, moved
from safety_site.editions import EditionState, approve, copy_as_draft
from safety_site.kept import keep_missing, not_kept, parts_of
from safety_site.models import KeptPart
from safety_site.newsroom.showing import Mark, show_edition
from tests import factories

pytestmark = pytest.mark.django_db

NAMES = {"head", "sections", "words", "resources", "handout", "handout_more"}


def draft(thing=None, words: str = "Words.", **fields) -> TopicEdition:
    edition = factories.topic_edition(thing, state=EditionState.DRAFT, publish_at=None, **fields)
    Section.objects.create(edition=edition, kind="steps", heading="Do this", body=f"<ul><li>{words}</li></ul>")
    return edition


def kept_of(edition) -> dict[str, str]:
    rows = KeptPart.objects.filter(model=edition._meta.label_lower, edition_id=edition.pk)
    return dict(rows.values_list("name", "html"))


def shown(client, path: str = "/topics/the-topic/") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_approval_keeps_every_part_and_a_draft_has_none():
    edition = draft()
    assert kept_of(edition) == {}
    approve(edition, factories.editor())
    parts = kept_of(edition)
    assert set(parts) == NAMES
    assert "<li>Words.</li>" in parts["sections"]
    for make in (factories.app_edition, factories.control_edition):
        other = make(state=EditionState.DRAFT, publish_at=None)
        approve(other, factories.editor())
        assert set(kept_of(other)) == set(other.kept_parts)


def test_page_shows_what_is_kept_in_one_query(client, warm):
    edition = draft(factories.topic("the-topic"))
    approve(edition, factories.editor())
    KeptPart.objects.filter(edition_id=edition.pk, name="words").update(html="<p>As it was kept.</p>")
    warm()
    assert "As it was kept." in shown(client)
    with CaptureQueriesContext(connection) as captured:
        shown(client)
    assert len(captured) == 1


def test_page_is_the_same_whether_its_parts_are_kept_or_not(client):
    bands = factories.age_bands()
    for make, parts, path in (
        (factories.topic_edition, lambda e: factories.topic_parts(e, 2, bands), "/topics/{0.topic.slug}/"),
        (factories.topic_edition, lambda e: factories.topic_parts(e, 2, bands), "/topics/{0.topic.slug}/?age=teen"),
        (factories.topic_edition, lambda e: factories.topic_parts(e, 2, bands), "/topics/{0.topic.slug}/handout/"),
        (factories.app_edition, lambda e: factories.app_parts(e, 2), "/apps/{0.profile.slug}/"),
        (factories.control_edition, lambda e: factories.control_parts(e, 2), "/parental-controls/{0.guide.slug}/"),
    ):
        edition = make(**({} if make is factories.control_edition else {"age_bands": bands}))
        parts(edition)
        rendered = shown(client, path.format(edition))
        assert kept_of(edition) == {}  # a reader keeps nothing
        assert keep_missing() == 1
        assert shown(client, path.format(edition)) == rendered
        assert "<!--" not in rendered.partition("<main")[2]


def test_another_release_makes_parts_anew(client, monkeypatch):
    edition = approve(draft(factories.topic("the-topic")), factories.editor())
    assert keep_missing() == 0
    KeptPart.objects.filter(name="words").update(html="<p>Of an older release.</p>")
    monkeypatch.setattr(kept, "release", lambda: "another")
    assert "Of an older release." not in shown(client)
    assert list(not_kept(TopicEdition.objects.all())) == [edition]
    call_command("keep_parts", verbosity=0)
    assert set(KeptPart.objects.values_list("release", flat=True)) == {"another"}
    assert "Of an older release." not in shown(client)
    assert keep_missing() == 0


def test_preview_of_a_draft_is_rendered_and_not_kept(admin_user):
    live = approve(draft(factories.topic("the-topic"), "Words of today."), factories.editor())
    coming = copy_as_draft(live)
    coming.sections.update(body="<p>Words to come.</p>")
    request = RequestFactory().get("/topics/the-topic/")
    request.user = admin_user
    before = KeptPart.objects.count()
    page = show_edition(request, coming, Mark("Preview", "Not live.")).content.decode()
    assert ("Words to come." in page, "Words of today." in page) == (True, False)
    assert KeptPart.objects.count() == before


def test_page_as_of_a_day_shows_the_parts_of_the_edition_of_then(admin_client, warm):
    thing = factories.topic("the-topic")
    first = approve(draft(thing, "Then."), factories.editor(), datetime(2026, 1, 1, tzinfo=UTC))
    second = approve(draft(thing, "Now."), factories.editor(), datetime(2026, 6, 1, tzinfo=UTC))
    for edition, words in ((first, "Kept then."), (second, "Kept now.")):
        KeptPart.objects.filter(edition_id=edition.pk, name="words").update(html=words)
    warm()
    assert "Kept now." in shown(admin_client)
    assert "Kept then." in shown(admin_client, "/admin/as-of/2026-02-01T1200/topics/the-topic/")
    assert "Kept now." in shown(admin_client)


def test_what_may_change_later_is_not_kept(client):
    """The years of an age band, and the address of a thing."""
    band = factories.age_band("teen")
    topic = factories.topic_edition(factories.topic("the-topic"), age_bands=[band])
    factories.topic_parts(topic, 1, [band])
    app = factories.app_edition(factories.app_profile("the-app"))
    keep_missing()
    band.age_from = 12
    band.save()
    text = shown(client, "/topics/the-topic/?age=teen")
    assert ("12 to 17" in text, "13 to 17" in text) == (True, False)
    app.profile.slug = "new-name"
    app.profile.save()
    moved.rename(app.profile, "the-app")
    assert 'href="/apps/compare/?app=new-name"' in shown(client, "/apps/new-name/")


def test_a_comment_that_an_editor_writes_is_no_mark(client):
    band = factories.age_band("teen")
    edition = factories.topic_edition(factories.topic("the-topic"), title=f"<!--ages {band.pk}--><!--section-->")
    Section.objects.create(edition=edition, heading="<!--words-->", body="<p>A<!--section-->B<!--label-->C</p>")
    text = shown(client)
    assert "&lt;!--section--&gt;" in text
    assert "<p>ABC</p>" in text


def test_parts_of_what_is_withdrawn_are_not_asked_for():
    factories.withdrawal(factories.topic_edition())
    assert keep_missing() == 1
    assert not_kept(TopicEdition.objects.all()).count() == 0


def test_a_part_is_rendered_where_it_alone_is_missing():
    edition = approve(draft(), factories.editor(), timezone.now())
    KeptPart.objects.filter(name="head").delete()
    KeptPart.objects.filter(name="words").update(html="kept")
    parts = parts_of(TopicEdition, edition.pk, "head", "words")
    assert (edition.title in parts["head"], parts["words"]) == (True, "kept")
