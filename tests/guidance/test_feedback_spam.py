"""What keeps spam out of what readers say: time, a box for programs, links, and how often one address may write."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from guidance import feedback
from guidance.models import Feedback, FeedbackDay, FeedbackSender
from tests.guidance.feedback_forms import NOON, SAY, TALK, State, heading, send, the_answer, token_of, vote, words

pytestmark = pytest.mark.django_db


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
