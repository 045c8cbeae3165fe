"""A draft beside what is live: what saving a live edition makes, and what it never touches."""

import pytest
from django.contrib.auth.models import Permission
from django.core import serializers

from guidance.models import AppProfileEdition, ControlGuideEdition, Section, TopicEdition
from reporting.models import ContactEdition, OpeningHours, Phone
from safety_site.editions import EditionPart, copy_as_draft
from safety_site.models import AutoSave, EditionEvent
from tests import factories
from tests.safety_site.newsroom.editing import FULL, WORDS, address, full_topic, only_draft, opened, save
from tests.safety_site.newsroom.page_forms import sent_by_page

pytestmark = pytest.mark.django_db


def all_rows(edition) -> str:
    """An edition and everything below it as text, keys included: equal means that nothing changed at all."""
    rows, waiting = [], [edition]
    while waiting:
        row = waiting.pop()
        rows.append(type(row)._base_manager.get(pk=row.pk))
        for relation in row._meta.related_objects:
            if issubclass(relation.related_model, EditionPart) or relation.related_model is OpeningHours:
                waiting += relation.related_model._base_manager.filter(**{relation.field.name: row})
    rows.sort(key=lambda row: (row._meta.label, row.pk))
    return serializers.serialize("json", rows)


@pytest.mark.parametrize("kind", FULL)
def test_saving_a_live_edition_makes_a_draft_beside_it_and_leaves_every_byte_of_it(ana, kind):
    live = FULL[kind]()
    before = all_rows(live)
    fields = opened(ana, live)
    response = save(ana, live, fields, **{WORDS[kind]: "New words."})
    draft = only_draft(live)
    assert response.url == address(type(live), "change", draft.pk)
    assert all_rows(live) == before
    assert getattr(draft, WORDS[kind]) == "New words."
    assert (draft.number, draft.author, draft.based_on, draft.revision) == (2, ana.user, 1, 1)
    assert (draft.checked_on, draft.review_by, draft.publish_at, draft.state) == (None, None, None, "draft")
    assert draft.change_note == "Copied from edition 1"
    assert EditionEvent.objects.of(draft).get().kind == "made"
    # Everything else came along, hours included, and each part is a row of its own.
    type(live).objects.filter(pk=draft.pk).update(**{WORDS[kind]: getattr(live, WORDS[kind])})
    for relation in live._meta.related_objects:
        if issubclass(relation.related_model, EditionPart):
            name = relation.get_accessor_name()
            assert getattr(draft, name).count() == getattr(live, name).count()
    if kind == "contact":
        assert [phone.hours.count() for phone in draft.phones.all()] == [2, 1]


def test_parts_changed_added_ordered_and_taken_away_go_to_the_draft(ana):
    live = full_topic()
    before = all_rows(live)
    fields = opened(ana, live)
    sections = list(live.sections.all())
    place = {fields[f"sections-{index}-id"]: index for index in range(len(sections))}
    first, second, third = (place[str(section.pk)] for section in sections[:3])
    count = int(fields["sections-TOTAL_FORMS"])
    new = {
        f"sections-{first}-heading": "Changed heading",
        f"sections-{second}-DELETE": "on",
        f"sections-{third}-position": "9",
        "sections-TOTAL_FORMS": str(count + 1),
        f"sections-{count}-kind": "text",
        f"sections-{count}-heading": "A new one",
        f"sections-{count}-body": "<p>New.</p>",
        f"sections-{count}-position": "5",
    }
    save(ana, live, fields, **new)
    draft = only_draft(live)
    headings = [section.heading for section in draft.sections.all()]
    expected = [section.heading for section in sections]
    expected[0] = "Changed heading"
    moved = expected[2]
    expected = [heading for index, heading in enumerate(expected) if index not in (1, 2)]
    assert sorted(headings) == sorted([*expected, "A new one", moved])
    assert headings[-2:] == ["A new one", moved]
    assert all_rows(live) == before
    assert not {part.pk for part in draft.sections.all()} & {part.pk for part in sections}
    assert list(draft.starters.first().age_bands.all()) == list(live.starters.first().age_bands.all())


def test_saving_a_live_edition_unchanged_makes_no_draft_and_says_so(ana):
    # Texts that came from files end with a line end, which Django cleans off.
    live = full_topic(summary="Two lines\nof words.", editor_note="Check this.\n")
    Section.objects.update(body="<p>Words</p>\n")
    response = ana.post(address(TopicEdition, "change", live.pk), {**dict(opened(ana, live).lists())}, follow=True)
    assert "Nothing was changed, so there is no new draft." in response.content.decode()
    assert TopicEdition.objects.count() == 1


def test_saving_a_live_edition_with_a_fault_makes_no_draft_and_shows_every_word(ana):
    live = full_topic()
    before = all_rows(live)
    response = save(ana, live, opened(ana, live), title="", summary="Typed <b>words</b>")
    page = response.content.decode()
    assert response.status_code == 200
    assert "This field is required." in page
    assert "Typed &lt;b&gt;words&lt;/b&gt;" in page
    assert TopicEdition.objects.count() == 1
    assert all_rows(live) == before


def test_fault_that_shows_only_on_the_draft_takes_it_back(ana):
    # The check of a draft starts empty; a date alone breaks a rule of the database.
    live = full_topic()
    response = save(ana, live, opened(ana, live), checked_on="2026-11-02", summary="Typed")
    assert "A check needs its date" in response.content.decode()
    assert TopicEdition.objects.count() == 1


def test_open_draft_is_offered_on_opening_the_live_edition(ana):
    live = full_topic()
    draft = copy_as_draft(live, ana.user)
    page = ana.get(address(TopicEdition, "change", live.pk)).content.decode()
    assert "There is a draft of this already" in page
    assert address(TopicEdition, "change", draft.pk) in page


def test_second_save_of_the_same_live_form_makes_no_second_draft_unasked(ana):
    live = full_topic()
    stale = opened(ana, live)
    save(ana, live, stale, summary="First")
    response = save(ana, live, stale, summary="Second")
    assert response.status_code == 409
    page = response.content.decode()
    assert "There is a draft of this already" in page
    assert only_draft(live).summary == "First"
    assert "Second" in AutoSave.objects.get().form
    # Told once, saving again is an answer.
    save(ana, live, sent_by_page(response, "topicedition_form"))
    assert {draft.summary for draft in TopicEdition.objects.exclude(pk=live.pk)} == {"First", "Second"}
    assert not AutoSave.objects.exists()


def test_new_edition_of_a_thing_with_a_draft_is_told_first(ana):
    draft = copy_as_draft(full_topic(), ana.user)
    page = ana.get(address(TopicEdition, "add"))
    fields = sent_by_page(page, "topicedition_form")
    words = {"topic": draft.topic.pk, "language": "en-GB", "title": "One more", "summary": "New", "area": "risk"}
    sent = {**dict(fields.lists()), **words}
    response = ana.post(address(TopicEdition, "add"), sent)
    assert response.status_code == 409
    assert address(TopicEdition, "change", draft.pk) in response.content.decode()
    again = sent_by_page(response, "topicedition_form")
    assert again["title"] == "One more"
    response = ana.post(address(TopicEdition, "add"), dict(again.lists()))
    assert response.status_code == 302
    assert TopicEdition.objects.filter(title="One more").exists()
    assert not AutoSave.objects.exists()


@pytest.mark.parametrize("trick", [{}, {"_saveasnew": "1"}, {"_state": "draft"}, {"_revision": "0", "_state": "x"}])
def test_approved_edition_cannot_be_changed_by_any_field(ana, trick):
    live = full_topic()
    before = all_rows(live)
    fields = opened(ana, live)
    save(ana, live, fields, **{"title": "Changed", "state": "draft", "number": "7", **trick})
    assert all_rows(live) == before
    assert ana.post(address(TopicEdition, "delete", live.pk), {"post": "yes"}).status_code == 403


def test_who_may_only_look_gets_no_form_of_a_live_edition(client):
    live = full_topic()
    user = factories.editor()
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_topicedition"]))
    client.force_login(user)
    response = client.get(address(TopicEdition, "change", live.pk))
    assert (response.status_code, b'name="title"' in response.content) == (200, False)
    assert client.post(address(TopicEdition, "change", live.pk), {"title": "x"}).status_code == 403
    assert TopicEdition.objects.count() == 1


def test_every_kind_of_edition_saves_from_its_own_form(ana):
    for make in FULL.values():
        draft = copy_as_draft(make(), ana.user)
        response = save(ana, draft, opened(ana, draft))
        assert response.status_code == 302, type(draft)
    assert {AppProfileEdition, ControlGuideEdition, ContactEdition} <= {type(make()) for make in FULL.values()}
    assert Phone.objects.exists()
    assert Section.objects.exists()
