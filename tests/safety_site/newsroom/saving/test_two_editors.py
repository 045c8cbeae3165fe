"""Two people in one draft: the second to save is told, sees both, and loses nothing."""

import pytest
from django.test import Client
from django.urls import reverse

from guidance.models import TopicEdition
from safety_site.editions import copy_as_draft
from safety_site.models import AutoSave
from tests import factories
from tests.safety_site.newsroom.editing import address, full_topic, opened, save, writer
from tests.safety_site.newsroom.page_forms import sent_by_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def ben():
    client = Client()
    client.user = writer(username="ben")
    client.force_login(client.user)
    return client


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
