"""What readers see of what readers said: nothing unread, and never the comment itself."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from guidance import feedback
from guidance.models import Feedback, PageComments
from tests import factories
from tests.guidance.feedback_forms import NOON, SAY, TALK, State, heading, send, vote, words

pytestmark = pytest.mark.django_db


# --- Open and closed ------------------------------------------------------------------------------------


def test_open_page_asks_and_leads_to_the_form(client):
    text = client.get(TALK).content.decode()
    assert "Was this page useful?" in text
    assert f'<input type="hidden" name="page" value="{TALK}">' in text
    assert f'href="/feedback/?page={TALK}"' in text


def test_page_without_a_row_or_with_an_open_one_is_open(client):
    PageComments.objects.create(path=TALK, is_open=True, note="OPENNOTE")
    text = client.get(TALK).content.decode()
    assert "Was this page useful?" in text
    assert "OPENNOTE" not in text
    assert vote(client).status_code == 200


def test_closed_page_says_so_and_keeps_what_was_published(client):
    factories.closed_comments(TALK, note="We are <rewriting> it.")
    factories.feedback(TALK, public_words="It helped us.")
    text = client.get(TALK).content.decode()
    assert "Comments are closed on this page. We are &lt;rewriting&gt; it." in text
    assert "It helped us." in text
    assert "Was this page useful?" not in text
    assert "/feedback/" not in text
    assert "Was this page useful?" in client.get("/topics/").content.decode()


def test_closed_page_takes_no_answer_and_loses_nothing(client):
    factories.closed_comments(TALK)
    form = client.get(SAY, {"page": TALK})
    assert (form.status_code, heading(form)) == (200, "Comments are closed")
    assert '<form method="post"' not in form.content.decode()
    response = send(client, "My words.")
    assert response.status_code == 409
    assert "Comments are closed on this page." in words(response)
    assert ">\nMy words.</textarea>" in response.content.decode()
    assert not Feedback.objects.exists()


# --- What is public -------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [state for state in State if state != State.PUBLISHED])
def test_nothing_but_what_was_published_is_public(client, state):
    factories.feedback(TALK, comment="HIDDENONE", public_words="HIDDENTWO", reply="HIDDENTHREE", state=state)
    text = client.get(TALK).content.decode()
    assert "HIDDEN" not in text
    assert "What readers said" not in text


def test_published_words_and_reply_stand_on_their_page_only_and_never_the_original(client):
    factories.feedback(TALK, comment="ORIGINAL", public_words="It <b>helped</b>.\n\nA lot.", reply="Thank you.")
    said = client.get(TALK).content.decode()
    assert "<p>It &lt;b&gt;helped&lt;/b&gt;.</p>\n\n<p>A lot.</p>" in said
    assert "What readers said" in said
    assert "Our reply" in said
    assert "<p>Thank you.</p>" in said
    assert "ORIGINAL" not in said
    assert "A lot." not in client.get("/topics/").content.decode()


def test_newest_words_come_first_and_not_too_many(client):
    for number in range(feedback.MOST_SHOWN + 2):
        factories.feedback(TALK, public_words=f"Words {number}.", sent_at=NOON + timedelta(days=number))
    shown = re.findall(r"Words (\d+)\.", client.get(TALK).content.decode())
    assert list(map(int, shown)) == list(range(feedback.MOST_SHOWN + 1, 1, -1))
    factories.closed_comments(TALK)
    assert re.findall(r"Words (\d+)\.", client.get(TALK).content.decode()) == shown


def test_pages_of_refusal_and_pages_about_the_site_do_not_ask(client):
    for address in ("/no/such/page/", "/about/", "/privacy/", "/leaving-no-trace/", "/contacts/", "/report/", "/"):
        assert "Was this page useful?" not in client.get(address).content.decode(), address


def test_published_needs_words_and_an_editor():
    editor = factories.editor()
    whole = {"public_words": "Words.", "state": "published", "moderated_by": editor, "moderated_at": NOON}
    factories.feedback(TALK, **whole)
    for missing in ({"public_words": ""}, {"moderated_by": None}, {"moderated_at": None}):
        with pytest.raises(IntegrityError, match="feedback_published_by_someone"), transaction.atomic():
            factories.feedback(TALK, **{**whole, **missing})


def test_answer_says_something():
    factories.feedback(TALK, comment="", useful="no")
    with pytest.raises(IntegrityError, match="feedback_says_something"), transaction.atomic():
        factories.feedback(TALK, comment="", useful="")
