"""What editors do with what readers said, and when it is forgotten."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from guidance import feedback
from guidance.models import Feedback, FeedbackDay, FeedbackSender, PageComments
from tests import factories
from tests.guidance.feedback_forms import NOON, TALK, State

pytestmark = pytest.mark.django_db


# --- Editors --------------------------------------------------------------------------------------------

LIST = "/admin/guidance/feedback/"


def decide(client, answer: Feedback, **fields):
    values = {"state": "published", "public_words": "", "reply": "", **fields}
    return client.post(reverse("admin:guidance_feedback_change", args=[answer.pk]), values)


def test_editor_publishes_other_words_than_those_that_came(editor_client, client):
    answer = factories.feedback(TALK, comment="Anna from Southend says thanks.")
    with time_machine.travel(NOON, tick=False):
        assert decide(editor_client, answer, public_words="Thanks.", reply="Thank you.").status_code == 302
    answer.refresh_from_db()
    assert (answer.state, answer.moderated_by.username, answer.moderated_at) == ("published", "an-editor", NOON)
    assert answer.comment == "Anna from Southend says thanks."
    client.logout()
    text = client.get(TALK).content.decode()
    assert "<p>Thanks.</p>" in text
    assert "Anna" not in text


def test_editor_cannot_publish_without_words_for_readers(editor_client):
    answer = factories.feedback(TALK)
    response = decide(editor_client, answer)
    assert response.status_code == 200
    assert "To publish, write what readers see." in response.content.decode()
    answer.refresh_from_db()
    assert answer.state == State.WAITING


def test_words_that_came_cannot_be_changed(editor_client):
    answer = factories.feedback(TALK, comment="As it came.", is_urgent=True, concern="meeting")
    decide(editor_client, answer, state="waiting", comment="CHANGED", is_urgent="", concern="", path="/apps/")
    answer.refresh_from_db()
    assert (answer.comment, answer.is_urgent, answer.concern, answer.path) == ("As it came.", True, "meeting", TALK)
    assert (answer.state, answer.moderated_by, answer.moderated_at) == ("waiting", None, None)


def test_list_has_danger_first_then_worries_then_the_oldest(editor_client):
    days = [NOON + timedelta(days=number) for number in range(6)]
    factories.feedback(TALK, page_title="decided danger", is_urgent=True, state="not-published", sent_at=days[0])
    factories.feedback(TALK, page_title="older", sent_at=days[0])
    factories.feedback(TALK, page_title="newer", sent_at=days[1])
    factories.feedback(TALK, page_title="a worry", concern="bullying", sent_at=days[2])
    factories.feedback(TALK, page_title="danger", is_urgent=True, concern="meeting", sent_at=days[3])
    factories.feedback(TALK, page_title="danger as spam", is_urgent=True, state="spam", sent_at=days[4])
    factories.feedback(TALK, page_title="a vote", comment="", useful="yes", state="vote", sent_at=days[5])
    text = editor_client.get(LIST).content.decode()
    assert re.findall(r"change/[^>]*>“([\w ]+)”", text) == [
        "danger", "danger as spam", "a worry", "older", "newer", "decided danger", "a vote",
    ]  # fmt: skip
    assert "URGENT: a child may be in danger." in text
    assert editor_client.get(LIST, {"risk": "urgent"}).content.decode().count("URGENT:") == 3
    assert editor_client.get(LIST, {"risk": "worry"}).content.decode().count("A worry:") == 1


@pytest.mark.parametrize(("action", "state"), [("do_not_publish", "not-published"), ("mark_as_spam", "spam")])
def test_editor_decides_about_many_at_once(editor_client, action, state):
    chosen, other = factories.feedback(TALK), factories.feedback(TALK)
    editor_client.post(LIST, {"action": action, "_selected_action": [chosen.pk]})
    assert Feedback.objects.get(pk=chosen.pk).state == state
    assert Feedback.objects.get(pk=chosen.pk).moderated_by.username == "an-editor"
    assert Feedback.objects.get(pk=other.pk).state == "waiting"


def test_editor_deletes_an_answer_and_no_word_of_it_is_left(editor_client):
    answer = factories.feedback(TALK, comment="SECRETWORD", is_urgent=True)
    editor_client.post(reverse("admin:guidance_feedback_delete", args=[answer.pk]), {"post": "yes"})
    assert not Feedback.objects.exists()
    assert "SECRETWORD" not in editor_client.get("/admin/").content.decode()


def test_what_came_is_escaped_for_editors_too(editor_client):
    answer = factories.feedback(TALK, comment="<script>x</script>", page_title="<b>y</b>")
    for address in (LIST, reverse("admin:guidance_feedback_change", args=[answer.pk])):
        text = editor_client.get(address).content.decode()
        assert "<script>x" not in text
        assert "<b>y" not in text


def test_editor_closes_a_page_of_ours_only(editor_client, client):
    address = "/admin/guidance/pagecomments/add/"
    assert editor_client.post(address, {"path": "/no/such/page/"}).status_code == 200
    assert not PageComments.objects.exists()
    assert editor_client.post(address, {"path": TALK}).status_code == 302
    assert "Comments are closed on this page." in client.get(TALK).content.decode()


# --- Forgetting -----------------------------------------------------------------------------------------


def test_what_was_not_published_is_forgotten_after_twelve_months(capsys):
    old, young = NOON - timedelta(days=366), NOON - timedelta(days=364)
    for state in ("waiting", "not-published", "spam", "vote"):
        factories.feedback(TALK, state=state, useful="yes", sent_at=old)
        factories.feedback(TALK, state=state, useful="yes", sent_at=young)
    published = factories.feedback(TALK, public_words="Words.", sent_at=old)
    recent = factories.feedback(TALK, public_words="Words.", sent_at=young)
    feedback.seconds_to_wait("192.0.2.1", NOON - timedelta(days=1))
    with time_machine.travel(NOON, tick=False):
        call_command("forget_feedback")
    assert Feedback.objects.exclude(state="published").filter(sent_at=young).count() == 4
    assert Feedback.objects.filter(sent_at=old).get() == published
    published.refresh_from_db()
    recent.refresh_from_db()
    assert (published.comment, published.public_words, recent.comment) == ("", "Words.", "As it came.")
    assert not FeedbackDay.objects.exists()
    assert capsys.readouterr().out == "Feedback: 4 answers deleted, the original words of 1 published ones too.\n"


def test_counts_of_today_are_not_forgotten():
    feedback.seconds_to_wait("192.0.2.1", NOON)
    feedback.forget(NOON)
    assert FeedbackSender.objects.count() == 1
