"""What readers say where a child may be at risk: help first, before any thanks, whatever else is wrong."""

import pytest
import time_machine
from django.db import OperationalError, connection

from guidance import feedback
from guidance.models import Feedback
from guidance.models.feedback import LONGEST_COMMENT
from tests import factories
from tests.guidance.feedback_forms import NOON, URGENT, State, heading, send, the_answer, words
from tests.reporting import factories as reporting_factories

pytestmark = pytest.mark.django_db


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
