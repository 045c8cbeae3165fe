"""Words that keep themselves: written, shown again, thrown away; with a session and without one."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from guidance.models import ControlGuideEdition, TopicEdition
from safety_site.editions import copy_as_draft
from safety_site.models import AutoSave
from safety_site.newsroom import auto_saves
from tests.safety_site.newsroom.editing import address, full_topic, opened, save, writer
from tests.safety_site.newsroom.kept_words import KEEP, browser_of, kept_page, typed
from tests.safety_site.newsroom.page_forms import sent_by_page

pytestmark = pytest.mark.django_db


# --- Keeping and showing again --------------------------------------------------------------------------


def test_words_are_kept_offered_shown_saved_and_forgotten(ana, draft):
    fields = opened(ana, draft)
    response = ana.post(KEEP, typed(fields, summary="Half a sentence"))
    kept = AutoSave.objects.get()
    assert response.json() == {"said": f"Kept at {timezone.localtime(kept.saved_at):%H:%M}", "is_signed_in": True}
    assert (kept.by, kept.model, kept.object_id, kept.revision) == (ana.user, "guidance.topicedition", draft.pk, 0)
    assert "csrfmiddlewaretoken" not in kept.form
    assert "_kept_key" not in kept.form

    assert "were kept, and not saved" in kept_page(ana, draft)
    response = ana.get(f"{address(TopicEdition, 'change', draft.pk)}?kept={kept.page}")
    shown = sent_by_page(response, "topicedition_form")
    assert shown["summary"] == "Half a sentence"
    assert "These are your words from" in response.content.decode()
    draft.refresh_from_db()
    assert draft.summary == "As it was."

    assert save(ana, draft, shown).status_code == 302
    draft.refresh_from_db()
    assert draft.summary == "Half a sentence"
    assert not AutoSave.objects.exists()
    assert "were kept, and not saved" not in kept_page(ana, draft)


def test_parts_added_and_taken_away_are_shown_again(ana, draft):
    fields = opened(ana, draft)
    count = int(fields["facts-TOTAL_FORMS"])
    ana.post(
        KEEP,
        typed(
            fields,
            **{"facts-0-DELETE": "on", "facts-TOTAL_FORMS": count + 1, f"facts-{count}-claim": "A new claim"},
        ),
    )
    response = ana.get(f"{address(TopicEdition, 'change', draft.pk)}?kept={AutoSave.objects.get().page}")
    shown = sent_by_page(response, "topicedition_form")
    assert shown["facts-0-DELETE"] == "on"
    assert shown[f"facts-{count}-claim"] == "A new claim"


def test_words_of_a_page_that_was_never_saved_are_offered_there(ana):
    fields = sent_by_page(ana.get(address(ControlGuideEdition, "add")), "controlguideedition_form")
    ana.post(KEEP, typed(fields, provider="A provider", summary="Begun"))
    page = ana.get(address(ControlGuideEdition, "add"))
    kept = AutoSave.objects.get()
    assert kept.object_id == 0
    assert f"?kept={kept.page}" in page.content.decode()
    shown = sent_by_page(ana.get(f"{address(ControlGuideEdition, 'add')}?kept={kept.page}"), "controlguideedition_form")
    assert (shown["provider"], shown["summary"]) == ("A provider", "Begun")


def test_words_over_a_row_that_changed_since_are_shown_as_a_collision(ana, draft):
    ana.post(KEEP, typed(opened(ana, draft), summary="Mine"))
    other = browser_of(writer(username="ben"))
    save_checked(other, draft, summary="Theirs")
    response = ana.get(f"{address(TopicEdition, 'change', draft.pk)}?kept={AutoSave.objects.get().page}")
    page = response.content.decode()
    assert "Somebody saved this while you were writing" in page
    assert "saved by ben" in page
    assert sent_by_page(response, "topicedition_form")["summary"] == "Mine"


def save_checked(client, edition, **words):
    response = client.post(address(type(edition), "change", edition.pk), typed(opened(client, edition), **words))
    assert response.status_code == 302


def test_words_that_are_saved_by_now_are_not_offered(ana, draft):
    fields = opened(ana, draft)
    ana.post(KEEP, typed(fields))
    assert "were kept, and not saved" not in kept_page(ana, draft)
    assert not AutoSave.objects.exists()


def test_new_page_does_not_overwrite_words_of_an_earlier_one(ana, draft):
    ana.post(KEEP, typed(opened(ana, draft), summary="Before the crash"))
    later = opened(ana, draft)
    ana.post(KEEP, typed(later, summary="After the crash"))
    ana.post(KEEP, typed(later, summary="After the crash, more"))
    assert sorted("Before" in kept.form for kept in AutoSave.objects.all()) == [False, True]
    # Saving the later one forgets that one alone.
    save(ana, draft, later, summary="After the crash, more")
    assert "Before" in AutoSave.objects.get().form


def test_thrown_away_words_are_gone(ana, draft):
    ana.post(KEEP, typed(opened(ana, draft), summary="Mine"))
    kept = AutoSave.objects.get()
    page = ana.get(address(TopicEdition, "change", draft.pk))
    token = sent_by_page(page, f"throw-away-{kept.pk}")
    response = ana.post(address(TopicEdition, "throw_away", kept.pk), dict(token.lists()))
    assert response.url == address(TopicEdition, "change", draft.pk)
    assert not AutoSave.objects.exists()
    assert ana.post(address(TopicEdition, "throw_away", kept.pk), dict(token.lists())).status_code == 404


def test_line_ends_alone_are_no_change(ana):
    draft = copy_as_draft(full_topic(editor_note="One\nTwo"))
    ana.post(KEEP, typed(opened(ana, draft)))
    assert "were kept, and not saved" not in kept_page(ana, draft)


def test_old_words_are_forgotten_on_the_way(ana, draft):
    ana.post(KEEP, typed(opened(ana, draft), summary="Old"))
    AutoSave.objects.update(saved_at=timezone.now() - timedelta(days=31))
    ana.post(KEEP, typed(opened(ana, draft), summary="New"))
    assert "New" in AutoSave.objects.get().form


def test_of_many_pages_the_latest_are_kept(ana, draft, monkeypatch):
    monkeypatch.setattr(auto_saves, "MOST_PAGES", 2)
    for number in range(4):
        ana.post(KEEP, typed(opened(ana, draft), summary=f"Words{number}"))
    assert AutoSave.objects.count() == 2
    assert not AutoSave.objects.filter(form__contains="Words0").exists()


# --- Without a session ----------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["expired", "logged out", "password changed"])
def test_words_are_kept_and_offered_after_login_when_the_session_ended(ana, draft, ending):
    fields = opened(ana, draft)
    if ending == "expired":
        del ana.cookies["sessionid"]
    elif ending == "logged out":
        ana.session.flush()
    else:
        ana.user.set_password("another-horse")
        ana.user.save()
    answer = ana.post(KEEP, typed(fields, summary="Kept by the key")).json()
    assert answer["is_signed_in"] is False
    assert "signed out" in answer["said"]

    change = address(TopicEdition, "change", draft.pk)
    response = ana.post(change, typed(fields, summary="Sent too late"))
    assert response.url == f"/admin/login/?next={change}"
    assert "Your words are kept" in ana.get(response.url).content.decode()
    assert "Sent+too+late" in AutoSave.objects.get().form
    draft.refresh_from_db()
    assert draft.summary == "As it was."

    again = browser_of(ana.user)
    response = again.get(f"{change}?kept={AutoSave.objects.get().page}")
    assert sent_by_page(response, "topicedition_form")["summary"] == "Sent too late"


def test_token_of_an_old_login_keeps_the_words_and_opens_the_form(ana, draft):
    fields = opened(ana, draft)
    again = browser_of(ana.user)
    opened(again, draft)
    change = address(TopicEdition, "change", draft.pk)
    response = again.post(change, typed(fields, summary="Old token"))
    assert (response.status_code, response.url) == (302, change)
    page = again.get(change).content.decode()
    assert "Your words are kept" in page
    assert "were kept, and not saved" in page


def test_no_cookies_at_all_keep_the_words_too(ana, draft):
    fields = opened(ana, draft)
    stranger = Client(enforce_csrf_checks=True)
    response = stranger.post(address(TopicEdition, "change", draft.pk), typed(fields, summary="No cookie"))
    assert response.status_code == 302
    assert AutoSave.objects.get().by == ana.user


def test_another_editor_who_signed_in_meanwhile_gets_nothing_of_it(ana, draft):
    fields = opened(ana, draft)
    ben = browser_of(writer(username="ben"))
    ben.post(KEEP, typed(fields, summary="Secret words"))
    kept = AutoSave.objects.get()
    assert kept.by == ana.user
    change = address(TopicEdition, "change", draft.pk)
    for page in (change, f"{change}?kept={kept.page}"):
        assert "Secret words" not in ben.get(page).content.decode()
    assert "were kept, and not saved" not in ben.get(change).content.decode()


def test_form_refused_for_its_token_without_a_key_gets_the_page_that_says_so(ana, draft):
    assert ana.post(address(TopicEdition, "change", draft.pk), {"summary": "x"}).status_code == 403
