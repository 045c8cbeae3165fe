"""What readers say: help first where a child may be at risk, nothing of who they are, nothing public unread."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import IntegrityError, OperationalError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from guidance import feedback
from guidance.models import Feedback, FeedbackDay, FeedbackSender, PageComments
from guidance.models.feedback import LONGEST_COMMENT
from tests import factories
from tests.reporting import factories as reporting_factories

pytestmark = pytest.mark.django_db

SAY = "/feedback/"
TALK = "/talk/"
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
URGENT = "A stranger from a game wants to meet my son."
State = Feedback.State


def words(response) -> str:
    main = re.search(r"<main .*?</main>", response.content.decode(), re.DOTALL)[0]
    return " ".join(strip_tags(main).split())


def heading(response) -> str:
    return strip_tags(re.findall(r"<h1>(.*?)</h1>", response.content.decode())[0])


def token_of(response) -> str:
    return re.search(r'name="token" value="([^"]+)"', response.content.decode())[1]


def send(client, comment: str = "", *, after: float = 60, page: str = TALK, **fields):
    """Fill in the form as a person does, so many seconds after it was made."""
    sent_at = timezone.now()
    with time_machine.travel(sent_at - timedelta(seconds=after), tick=False):
        token = feedback.new_token()
    with time_machine.travel(sent_at, tick=False):
        return client.post(SAY, {"page": page, "token": token, "comment": comment, "website": "", **fields})


def the_answer() -> Feedback:
    return Feedback.objects.get()


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


# --- A child at risk ------------------------------------------------------------------------------------


def test_words_of_danger_get_help_before_thanks(client):
    factories.worry_words()
    reporting_factories.concern_edition("meeting", title="Someone wants to meet a child")
    response = send(client, URGENT)
    text = response.content.decode()
    assert (response.status_code, heading(response)) == (200, "You can get help now")
    said = words(response)
    places = [said.index(part) for part in ("Call 999", "We are not an emergency service.", "Childline", "Thank you")]
    assert places == sorted(places)
    assert "Nobody reads this straight away." in said
    main = text[text.index("<main") : text.index("</main>")]
    for link in ("tel:999", "tel:08001111", "tel:08088005000", "/report/meeting/", "/report/", "/contacts/find/"):
        assert f'href="{link}"' in main, link
    assert "<textarea" not in main
    assert "<form" not in main


def test_words_of_danger_are_flagged_for_editors(client):
    factories.worry_words()
    send(client, URGENT)
    assert (the_answer().is_urgent, the_answer().concern, the_answer().state) == (True, "meeting", State.WAITING)


def test_words_of_a_lesser_worry_get_help_too(client):
    factories.worry_words("bullied school", concern="bullying", is_urgent=False)
    response = send(client, "They bullied her at school.")
    assert heading(response) == "You can get help now"
    assert (the_answer().is_urgent, the_answer().concern) == (False, "bullying")


def test_words_without_a_worry_get_thanks_only(client):
    factories.worry_words()
    response = send(client, "Clear and calm.")
    assert heading(response) == "Thank you"
    assert (the_answer().is_urgent, the_answer().concern) == (False, "")


def test_worry_without_a_live_page_leads_to_all_worries(client):
    factories.worry_words()
    text = send(client, URGENT).content.decode()
    assert 'href="/report/meeting/"' not in text
    assert "What has happened? Who to tell" in text


@pytest.mark.parametrize(
    "how", [{"after": 0}, {"after": 200_000}, {"token": "forged"}, {"website": "x"}, {"comment": URGENT + "\0"}]
)
def test_whoever_tells_of_danger_is_never_asked_to_send_it_again(client, how):
    factories.worry_words()
    response = send(client, **{"comment": URGENT, **how})
    assert (response.status_code, heading(response)) == (200, "You can get help now")
    assert (the_answer().is_urgent, the_answer().comment) == (True, URGENT)


def test_danger_in_a_long_text_is_kept_as_far_as_there_is_room(client):
    factories.worry_words()
    response = send(client, "Well. " * 600 + URGENT)
    assert (response.status_code, heading(response)) == (200, "You can get help now")
    assert len(the_answer().comment) == LONGEST_COMMENT


def test_help_is_shown_even_where_the_words_cannot_be_kept(client):
    factories.worry_words()
    factories.closed_comments("/topics/")
    for page, status in (("/topics/", 409), ("/no/such/page/", 400)):
        response = send(client, URGENT, page=page)
        assert (response.status_code, heading(response)) == (status, "You can get help now")
        assert "We could not keep what you wrote, so no editor will see it." in words(response)
        assert URGENT in words(response)
    assert not Feedback.objects.exists()


def test_help_is_shown_even_where_the_database_takes_no_row(client):
    factories.worry_words()

    def refuse(execute, sql, params, many, context):
        if sql.startswith("INSERT"):
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        response = send(client, URGENT)
    assert (response.status_code, heading(response)) == (503, "You can get help now")


@pytest.mark.parametrize("comment", ["The part on Roblox is wrong.", URGENT])
def test_words_are_there_to_copy_where_the_database_takes_no_row_and_only_that_is_logged(client, caplog, comment):
    def locked(execute, sql, params, many, context):
        if sql.startswith("INSERT"):
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(locked):
        response = send(client, comment)
    assert response.status_code == 503
    assert "We could not keep what you wrote" in words(response)
    assert comment in words(response)
    assert [record.getMessage() for record in caplog.records if record.name == "guidance.feedback_views"] == [
        "The words of a reader could not be kept: OperationalError"
    ]


def test_help_is_shown_even_over_the_limit(client):
    factories.worry_words()
    with time_machine.travel(NOON, tick=False):
        answers = [send(client, URGENT) for _ in range(feedback.MOST_IN_TEN_MINUTES + 1)]
    assert [response.status_code for response in answers] == [200] * feedback.MOST_IN_TEN_MINUTES + [429]
    assert {heading(response) for response in answers} == {"You can get help now"}


# --- Spam -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("after", "status"), [(0, 422), (2, 422), (3, 200), (600, 200), (86_400, 200), (86_401, 422)])
def test_form_takes_time_but_not_for_ever(client, after, status):
    response = send(client, "My words.", useful="no", after=after)
    assert response.status_code == status
    if status == 422:
        assert ">\nMy words.</textarea>" in response.content.decode()
        assert 'value="no" checked' in response.content.decode()
    assert Feedback.objects.count() == (status == 200)


def test_form_sent_too_quickly_is_taken_once_the_time_is_up(client):
    with time_machine.travel(NOON, tick=False) as clock:
        form = client.get(SAY, {"page": TALK})
        clock.shift(1)
        first = client.post(SAY, {"page": TALK, "token": token_of(form), "comment": "Quick."})
        assert "Please send it again." in words(first)
        clock.shift(2)
        assert client.post(SAY, {"page": TALK, "token": token_of(first), "comment": "Quick."}).status_code == 200


@pytest.mark.parametrize("token", ["", "forged", "1:2:3", "1764590400", "٣:x"])
def test_form_that_is_too_old_or_forged_comes_back_with_everything_typed(client, token):
    response = client.post(SAY, {"page": TALK, "token": token, "comment": "Slow."})
    assert response.status_code == 422
    assert "Your words are still here." in words(response)
    with time_machine.travel(timezone.now() + timedelta(seconds=5)):
        again = client.post(SAY, {"page": TALK, "token": token_of(response), "comment": "Slow."})
    assert heading(again) == "Thank you"


def test_program_that_fills_the_hidden_box_gets_the_same_thanks_and_reaches_spam_only(client):
    from_a_person, from_a_program = (
        send(client, "Nice site."),
        send(client, "Nice site.", website="https://spam.example"),
    )
    assert words(from_a_person) == words(from_a_program)
    assert list(Feedback.objects.order_by("pk").values_list("state", flat=True)) == [State.WAITING, State.SPAM]


@pytest.mark.parametrize(
    ("site", "state"),
    [("cross-site", State.SPAM), ("same-site", State.SPAM), ("same-origin", State.VOTE), ("none", State.VOTE)],
)
def test_vote_that_another_site_sends_in_a_visitor_s_name_is_spam(client, site, state):
    response = client.post(SAY, {"page": TALK, "useful": "no"}, headers={"sec-fetch-site": site})
    assert heading(response) == "Thank you"
    assert the_answer().state == state


def test_hidden_box_is_out_of_the_way_of_people(client):
    form = client.get(SAY, {"page": TALK}).content.decode()
    box = re.search(r'<div class="trap" aria-hidden="true">.*?</div>', form)[0]
    assert 'tabindex="-1" autocomplete="off"' in box


@pytest.mark.parametrize(
    ("comment", "state"),
    [
        ("See https://a.example and http://b.example", State.WAITING),
        ("https://a.example http://b.example www.c.example", State.SPAM),
        ("HTTPS://a.example\nHTTPS://b.example\nHTTPS://c.example", State.SPAM),
    ],
)
def test_many_links_are_spam(client, comment, state):
    assert heading(send(client, comment)) == "Thank you"
    assert the_answer().state == state


# --- How often ------------------------------------------------------------------------------------------


def vote(client, address: str = "192.0.2.1"):
    return client.post(SAY, {"page": TALK, "useful": "yes"}, REMOTE_ADDR=address)


def test_one_address_may_answer_so_often_in_ten_minutes(client):
    with time_machine.travel(NOON, tick=False) as clock:
        assert [vote(client).status_code for _ in range(7)] == [200] * 5 + [429] * 2
        assert vote(client, "192.0.2.2").status_code == 200
        clock.shift(9 * 60 + 59)
        assert vote(client).status_code == 429
        clock.shift(1)
        assert vote(client).status_code == 200
    assert Feedback.objects.count() == 7


def test_one_address_may_answer_so_often_in_a_day(client):
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(4):
            assert [vote(client).status_code for _ in range(5)] == [200] * 5
            clock.shift(600)
        late = vote(client)
        assert (late.status_code, late.headers["Retry-After"]) == (429, str(12 * 3600 - 4 * 600))
        assert "Try again tomorrow." in words(late)
        clock.move_to(NOON + timedelta(hours=12))
        assert vote(client).status_code == 200


def test_over_the_limit_nothing_typed_is_lost(client):
    with time_machine.travel(NOON, tick=False):
        for _ in range(5):
            vote(client, "127.0.0.1")
        response = send(client, "My words.", useful="no")
    assert (response.status_code, response.headers["Retry-After"]) == (429, "600")
    assert ">\nMy words.</textarea>" in response.content.decode()
    assert "Try again in ten minutes." in words(response)


def test_form_that_comes_back_does_not_count(client):
    with time_machine.travel(NOON, tick=False):
        for _ in range(8):
            send(client, "Quick.", after=0)
        assert send(client, "Not so quick.").status_code == 200


def test_limit_is_kept_in_the_database_under_a_salt_of_the_day():
    feedback.seconds_to_wait("192.0.2.1", NOON)
    feedback.seconds_to_wait("192.0.2.1", NOON)
    first = FeedbackSender.objects.get()
    assert (first.count, first.window_count, len(first.day.salt)) == (2, 2, 64)
    assert FeedbackSender.objects.exclude(digest=first.digest).count() == 0
    feedback.seconds_to_wait("192.0.2.1", NOON + timedelta(days=1))
    second = FeedbackSender.objects.get()
    assert second.digest != first.digest


def test_first_answer_of_a_day_deletes_what_earlier_days_counted():
    feedback.seconds_to_wait("192.0.2.1", NOON)
    feedback.seconds_to_wait("192.0.2.2", NOON + timedelta(days=1))
    assert list(FeedbackDay.objects.values_list("day", flat=True)) == [NOON.date() + timedelta(days=1)]
    assert FeedbackSender.objects.count() == 1


def test_another_secret_key_gives_another_hash(settings):
    feedback.seconds_to_wait("192.0.2.1", NOON)
    settings.SECRET_KEY = "another-secret-key"
    feedback.seconds_to_wait("192.0.2.1", NOON)
    assert FeedbackSender.objects.values("digest").distinct().count() == 2


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


# --- Editors --------------------------------------------------------------------------------------------

LIST = "/admin/guidance/feedback/"


@pytest.fixture
def editor_client(client):
    client.force_login(get_user_model().objects.create_superuser("an-editor"))
    return client


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
