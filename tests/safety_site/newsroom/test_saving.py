"""A draft beside what is live, and two people in one draft."""

import pytest
from django.contrib.auth.models import Permission
from django.core import serializers
from django.urls import reverse

from guidance.models import AppProfileEdition, ControlGuideEdition, Section, TopicEdition
from reporting.models import ContactEdition, OpeningHours, Phone
from safety_site.editions import EditionPart, EditionState, copy_as_draft
from safety_site.models import AutoSave, EditionEvent
from tests import factories
from tests.reporting import factories as reporting
from tests.safety_site.newsroom.page_forms import sent_by_page

pytestmark = pytest.mark.django_db


def address(model, kind="change", *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}", args=args)


def writer(**fields):
    """Staff who may add, change and look at editions, their parts and things; and approve nothing."""
    user = factories.editor(**fields)
    kinds = ("add", "change", "view", "delete")
    user.user_permissions.set(
        Permission.objects.filter(content_type__app_label__in=["guidance", "reporting"]).filter(
            codename__regex=f"^({'|'.join(kinds)})_"
        )
    )
    return user


@pytest.fixture
def ana(client):
    client.user = writer(username="ana")
    client.force_login(client.user)
    return client


@pytest.fixture
def ben(django_client):
    return django_client("ben")


@pytest.fixture
def django_client():
    """A function that makes a browser of its own for a writer."""
    from django.test import Client  # noqa: PLC0415

    def make(name: str):
        client = Client()
        client.user = writer(username=name)
        client.force_login(client.user)
        return client

    return make


def opened(client, edition):
    model = type(edition)
    response = client.get(address(model, "change", edition.pk))
    assert response.status_code == 200
    return sent_by_page(response, f"{model._meta.model_name}_form")


def save(client, edition, fields, **more):
    data = {**dict(fields.lists()), **more}
    return client.post(address(type(edition), "change", edition.pk), data)


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


def full_topic(**fields):
    band = factories.age_band()
    edition = factories.topic_edition(age_bands=[band], **fields)
    factories.topic_parts(edition, rows=2, age_bands=[band])
    return edition


def full_app():
    edition = factories.app_edition()
    factories.app_parts(edition, rows=2)
    return edition


def full_control():
    edition = factories.control_edition()
    factories.control_parts(edition, rows=2)
    return edition


def full_contact():
    edition = reporting.contact_edition()
    reporting.phone(edition, rows=[([0, 1], "09:00", "17:00")])
    reporting.phone(edition, "01632 960002", rows=[([2], "10:00", "12:00")], purpose="At night")
    return edition


FULL = {"topic": full_topic, "app": full_app, "control": full_control, "contact": full_contact}
WORDS = {"topic": "summary", "app": "summary", "control": "summary", "contact": "what_for"}


def only_draft(edition):
    model = type(edition)
    return model.objects.exclude(state=EditionState.APPROVED).get(**{model.thing_field: edition.thing})


# --- A draft beside what is live ---------------------------------------------------------------------------


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


# --- Two people in one draft ---------------------------------------------------------------------------------


@pytest.fixture
def draft(ana):
    return copy_as_draft(full_topic(title="The title", summary="As it was."), ana.user)


def test_each_save_is_counted_with_who_and_when(ana, draft):
    save(ana, draft, opened(ana, draft), summary="Saved")
    draft.refresh_from_db()
    assert (draft.revision, draft.changed_by, draft.summary) == (1, ana.user, "Saved")
    section = draft.sections.first()
    fields = opened(ana, draft)
    index = next(n for n in range(20) if fields.get(f"sections-{n}-id") == str(section.pk))
    save(ana, draft, fields, **{f"sections-{index}-heading": "Only a part"})
    draft.refresh_from_db()
    assert draft.revision == 2


def test_second_to_save_is_told_sees_both_and_loses_nothing(ana, ben, draft):
    of_ana, of_ben = opened(ana, draft), opened(ben, draft)
    save(ana, draft, of_ana, summary="Ana wrote <script>this</script> here.")
    response = save(ben, draft, of_ben, summary="Ben wrote that here.", title="Title of Ben")
    page = response.content.decode()
    assert response.status_code == 409
    assert "Somebody saved this while you were writing" in page
    assert "saved by ana" in page
    assert "<del>Ana</del>" in page
    assert "<ins>Ben</ins>" in page
    assert "<script>this" not in page
    draft.refresh_from_db()
    assert draft.summary.startswith("Ana wrote")
    kept = AutoSave.objects.get()
    assert (kept.by, kept.object_id) == (ben.user, draft.pk)
    again = sent_by_page(response, "topicedition_form")
    assert (again["summary"], again["title"]) == ("Ben wrote that here.", "Title of Ben")
    assert save(ben, draft, again).status_code == 302
    draft.refresh_from_db()
    assert (draft.summary, draft.title, draft.changed_by) == ("Ben wrote that here.", "Title of Ben", ben.user)
    assert not AutoSave.objects.exists()


def test_a_third_save_between_is_told_again(ana, ben, draft):
    stale = opened(ben, draft)
    save(ana, draft, opened(ana, draft), summary="First")
    told = save(ben, draft, stale, summary="Mine")
    save(ana, draft, opened(ana, draft), summary="Second")
    assert save(ben, draft, sent_by_page(told, "topicedition_form")).status_code == 409
    draft.refresh_from_db()
    assert draft.summary == "Second"


def test_parts_of_both_are_there_after_a_collision(ana, ben, draft):
    stale = opened(ben, draft)
    first, _second = draft.facts.all()
    by_ana = opened(ana, draft)
    count = int(by_ana["facts-TOTAL_FORMS"])
    gone = next(n for n in range(count) if by_ana[f"facts-{n}-id"] == str(first.pk))
    new = {"claim": "Added by Ana", "source": "Ofcom", "year": "2025", "position": "8"}
    added = {f"facts-{count}-{name}": value for name, value in new.items()}
    save(ana, draft, by_ana, **{f"facts-{gone}-DELETE": "on", "facts-TOTAL_FORMS": str(count + 1), **added})
    mine = next(n for n in range(count) if stale[f"facts-{n}-id"] == str(first.pk))
    response = save(ben, draft, stale, **{f"facts-{mine}-claim": "Words of Ben on a fact that went"})
    page = response.content.decode()
    assert "Taken away while you were writing" in page
    assert "Added while you were writing" in page
    save(ben, draft, sent_by_page(response, "topicedition_form"))
    claims = sorted(fact.claim for fact in draft.facts.all())
    assert claims == ["A part", "Added by Ana", "Words of Ben on a fact that went"]


def test_same_words_saved_twice_are_no_collision(ana, ben, draft):
    of_ana, of_ben = opened(ana, draft), opened(ben, draft)
    save(ana, draft, of_ana, summary="The same")
    response = ben.post(
        address(TopicEdition, "change", draft.pk), {**dict(of_ben.lists()), "summary": "The same"}, follow=True
    )
    assert "says the same as yours" in response.content.decode()
    draft.refresh_from_db()
    assert (draft.revision, draft.changed_by) == (1, ana.user)


def test_places_that_saving_numbered_anew_are_no_difference_and_others_are(ana, ben, draft):
    """Each kind of section of this draft counts from 1, until the first save gives each a place of its own."""
    untouched, moved = opened(ben, draft), opened(ben, draft)
    save(ana, draft, opened(ana, draft), summary="Words of Ana")
    places = list(draft.sections.values_list("position", flat=True))
    assert places == list(range(1, len(places) + 1))
    response = save(ben, draft, untouched, summary="Words of Ben")
    assert [part.title for part in response.context["saving"].differences] == ["The page itself"]
    moved["sections-0-position"] = "99"
    response = save(ben, draft, moved, summary="Words of Ana")
    first, *_others = response.context["saving"].differences
    assert [(field.label, field.mine[0].words) for field in first.fields] == [("Position", "99")]


@pytest.mark.parametrize("state", ["in-review", "approved"])
def test_draft_that_went_a_step_further_meanwhile_is_told(ana, ben, draft, state):
    stale = opened(ben, draft)
    as_it_was = {"publish_at": factories.PUBLISHED_AT.replace(year=2021), "imported_from": "a test"}
    TopicEdition.objects.filter(pk=draft.pk).update(state=state, **as_it_was)
    response = save(ben, draft, stale, summary="Words of Ben", follow=True)
    assert response.status_code in (409, 302)
    draft.refresh_from_db()
    assert draft.summary == "As it was."
    assert "Words+of+Ben" in AutoSave.objects.get().form


@pytest.mark.parametrize("revision", ["", "x", "99999999999999999999", "-1", "1\0", "٣"])
def test_odd_revision_is_a_collision_not_an_error(ana, draft, revision):
    response = save(ana, draft, opened(ana, draft), _revision=revision, summary="Mine")
    assert response.status_code == 409


def test_words_of_a_draft_that_was_thrown_away_wait_on_the_page_for_a_new_one(ana, ben, draft):
    stale = opened(ben, draft)
    thing = draft.topic
    draft.delete()
    response = ben.post(
        reverse("admin:guidance_topicedition_change", args=[int(stale["sections-0-edition"])]),
        {**dict(stale.lists()), "summary": "Not lost"},
    )
    assert response.url == address(TopicEdition, "add")
    page = ben.get(response.url).content.decode()
    kept = AutoSave.objects.get()
    assert f"?kept={kept.page}" in page
    shown = sent_by_page(ben.get(f"{response.url}?kept={kept.page}"), "topicedition_form")
    assert (shown["summary"], shown["topic"]) == ("Not lost", str(thing.pk))
    ben.post(response.url, dict(shown.lists()))
    again = TopicEdition.objects.get(summary="Not lost")
    assert again.sections.count() == int(shown["sections-TOTAL_FORMS"]) > 1


def test_every_kind_of_edition_saves_from_its_own_form(ana):
    for make in FULL.values():
        draft = copy_as_draft(make(), ana.user)
        response = save(ana, draft, opened(ana, draft))
        assert response.status_code == 302, type(draft)
    assert {AppProfileEdition, ControlGuideEdition, ContactEdition} <= {type(make()) for make in FULL.values()}
    assert Phone.objects.exists()
    assert Section.objects.exists()
