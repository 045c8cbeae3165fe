"""What readers say of a page: a vote or a comment, with nothing of who they are."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from guidance import feedback
from guidance.models import Feedback, FeedbackDay, FeedbackSender
from guidance.models.feedback import LONGEST_COMMENT
from tests import factories
from tests.guidance.feedback_forms import SAY, TALK, URGENT, State, heading, send, the_answer, token_of, words

pytestmark = pytest.mark.django_db


# --- A vote ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("useful", ["yes", "no"])
def test_vote_from_the_page_is_kept_and_thanked_for(client, useful):
    response = client.post(SAY, {"page": TALK, "useful": useful})
    assert (response.status_code, heading(response)) == (200, "Thank you")
    answer = the_answer()
    assert (answer.path, answer.page_title, answer.useful, answer.comment, answer.state) == (
        TALK, "Words to begin a talk", useful, "", State.VOTE,
    )  # fmt: skip


def test_thanks_for_a_vote_offer_the_form_for_that_page(client):
    response = client.post(SAY, {"page": TALK, "useful": "no"})
    with time_machine.travel(timezone.now() + timedelta(seconds=30)):
        again = client.post(SAY, {"page": TALK, "token": token_of(response), "comment": "Too long."})
    assert heading(again) == "Thank you"
    assert list(Feedback.objects.order_by("pk").values_list("useful", "comment")) == [("no", ""), ("", "Too long.")]
    assert "<textarea" not in again.content.decode()


@pytest.mark.parametrize("useful", ["", "maybe", "yes "])
def test_vote_that_is_none_asks_again(client, useful):
    response = client.post(SAY, {"page": TALK, "useful": useful})
    assert (response.status_code, heading(response)) == (422, "Have your say")
    assert "Choose yes or no, or write something." in words(response)
    assert not Feedback.objects.exists()


# --- A comment ------------------------------------------------------------------------------------------


def test_comment_waits_for_an_editor_and_is_on_no_page(client):
    response = send(client, "The words for teenagers helped.", useful="yes")
    assert (response.status_code, heading(response)) == (200, "Thank you")
    assert (the_answer().comment, the_answer().useful, the_answer().state) == (
        "The words for teenagers helped.", "yes", State.WAITING,
    )  # fmt: skip
    assert "for teenagers helped" not in client.get(TALK).content.decode()


def test_answer_says_nothing_in_an_address_and_is_for_no_search_engine(client):
    for response in (client.get(SAY, {"page": TALK}), send(client, "Good."), send(client, URGENT)):
        assert response.status_code == 200
        assert response.headers["X-Robots-Tag"] == "noindex"
        assert response.headers["Cache-Control"] == "no-store"
        assert not response.cookies


def test_row_holds_nothing_of_who_sent_it(client):
    client.post(
        SAY, {"page": TALK, "useful": "yes"}, REMOTE_ADDR="192.0.2.77", headers={"user-agent": "Odd/1", "referer": "x"}
    )
    kept = {field.name for field in Feedback._meta.fields}
    assert kept == {
        "id", "path", "page_title", "useful", "comment", "state", "is_urgent", "concern", "public_words", "reply",
        "moderated_by", "moderated_at", "sent_at",
    }  # fmt: skip
    rows = [list(model.objects.values()) for model in (Feedback, FeedbackDay, FeedbackSender)]
    assert "192.0.2" not in str(rows)
    assert "Odd" not in str(rows)


def test_form_warns_before_anybody_writes(client):
    said = words(client.get(SAY, {"page": TALK}))
    assert "Do not write your name, your child’s name, a phone number or an address." in said
    assert "We cannot answer you here." in said
    assert "Is a child in danger? Do not write here. Call 999" in said
    assert "About our page Words to begin a talk" in said


@pytest.mark.parametrize(("length", "status"), [(LONGEST_COMMENT, 200), (LONGEST_COMMENT + 1, 422), (9_000, 422)])
def test_comment_has_room_for_so_much_and_loses_nothing(client, length, status):
    response = send(client, "a" * length)
    assert response.status_code == status
    assert Feedback.objects.count() == (status == 200)
    if status == 422:
        assert "a" * length in response.content.decode()
        assert "Please write less. There is room for 2,000 characters." in words(response)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  One.\r\nTwo.\rThree. ", "One.\nTwo.\nThree."),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("tab\there, bell\x07, del\x7f, c1\x9f", "tab here, bell, del, c1"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("Thanks 👩‍👧 🎉, diolch â, شكرا\u200f.", "Thanks 👩‍👧 🎉, diolch â, شكرا\u200f."),
        ("a\u2028b", "a\nb"),
    ],
)
def test_words_are_tidied(typed, kept):
    assert feedback.tidy(typed) == kept


def test_comment_of_spaces_only_is_none(client):
    assert send(client, " \r\n\t ").status_code == 422
    assert send(client, " \r\n ", useful="yes").status_code == 200
    assert the_answer().state == State.VOTE


def test_nul_is_refused_and_the_rest_kept_in_the_box(client):
    response = send(client, "Good\0 page")
    assert response.status_code == 400
    assert ">\nGood page</textarea>" in response.content.decode()
    assert not Feedback.objects.exists()


@pytest.mark.parametrize("field", ["page", "useful", "token", "website", "comment"])
def test_nul_anywhere_is_no_server_error(client, field):
    assert send(client, **{"comment": "Good.", field: "/talk/\0"}).status_code < 500
    assert client.get(SAY, {"page": "/talk/\0"}).status_code == 400


def test_what_was_typed_is_shown_as_plain_text(client):
    typed = "</textarea><script>alert(1)</script> & <b>bold</b>"
    answer = send(client, typed, after=0).content.decode()
    assert "<script>alert" not in answer
    assert "&lt;/textarea&gt;&lt;script&gt;" in answer


# --- Which page -----------------------------------------------------------------------------------------


def test_pages_that_take_answers():
    factories.age_band("teen")
    factories.topic_edition(factories.topic("games"), title="Games")
    factories.app_edition(factories.app_profile("chat"), name="Chat")
    factories.control_edition(factories.control_guide("isp"), provider="ISP")
    pages = {
        "/topics/": "Topics", "/topics/games/": "Games", "/apps/": "Apps and games", "/apps/chat/": "Chat",
        "/parental-controls/": "Parental controls", "/parental-controls/isp/": "ISP: parental controls",
        "/age/teen/": "Teen", "/talk/": "Words to begin a talk", "/for/young-people/": "For young people",
        "/report/grooming/": "Sexual messages or grooming",
        "/report/platforms/": "How to report on each app or game",
    }  # fmt: skip
    assert {path: feedback.page_at(path).title for path in pages} == pages


NO_PAGES = [
    "", "/", "talk", "talk/", "/talk", "/talk/?age=teen", "/talk/#x", "//elsewhere.example/talk/", "https://x.example/",
    "/topics/unborn/", "/topics/draft/", "/topics/gone/", "/report/no-worry/", "/age/adult/", "/for/everybody/",
    "/feedback/", "/leaving-no-trace/", "/about/", "/contacts/find/", "/exit/", "/admin/", "/no/such/page/",
    "/topics/a\nb/", "/topics/" + "a" * 300 + "/", "javascript:alert(1)", "/talk/\u202e",
]  # fmt: skip


@pytest.mark.parametrize("path", NO_PAGES)
def test_page_that_is_none_of_ours_gets_a_plain_page_and_loses_nothing(client, path):
    factories.topic("unborn")
    factories.topic_edition(factories.topic("draft"), state="draft")
    factories.withdrawal(factories.topic_edition(factories.topic("gone")))
    response = send(client, "My words.", page=path)
    assert (response.status_code, heading(response)) == (400, "We could not take that")
    assert ">\nMy words.</textarea>" in response.content.decode()
    assert client.get(SAY, {"page": path}).status_code == (400 if path else 200)
    assert not Feedback.objects.exists()


def test_form_without_a_page_says_where_to_begin(client):
    response = client.get(SAY)
    assert (response.status_code, heading(response)) == (200, "Have your say")
    assert "open the page and go to its end" in words(response)


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_get_405(client, method):
    assert getattr(client, method)(SAY).status_code == 405
