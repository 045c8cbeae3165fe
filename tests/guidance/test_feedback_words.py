"""What a reader is told whose answer could not be kept: what happened to it, and nothing that did not happen."""

from collections.abc import Iterator
from contextlib import contextmanager

import html5lib
import pytest
from django.db import OperationalError, connection

from guidance.models import Feedback
from tests import factories
from tests.sweep import words_of

pytestmark = pytest.mark.django_db

VOTE = "We could not count your answer just now. This is our fault. The page that you were reading is not affected."
COMMENT = "We could not keep what you wrote. This is our fault. Please copy your words and try again later."


@contextmanager
def database_refuses(beginning: str = "") -> Iterator[None]:
    """Every query that begins so: all of them, or only what would write."""

    def refuse(execute, sql, params, many, context):
        if sql.startswith(beginning):
            raise OperationalError("the database has gone away")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


def said(response) -> dict[str, object]:
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(response.text)
    main = next(tree.iter("main"))
    return {
        "status": response.status_code,
        "heading": words_of(next(main.iter("h1"))),
        "lead": next(words_of(each) for each in main.iter("p") if each.get("class") == "lead"),
        "copy": [words_of(box) for box in main.iter("textarea")],
        "links": [link.get("href") for link in main.iter("a")],
    }


@pytest.mark.parametrize("beginning", ["", "INSERT"])
@pytest.mark.parametrize("useful", ["yes", "no"])
def test_vote_that_could_not_be_counted_is_called_a_vote(client, useful, beginning):
    with database_refuses(beginning):
        response = client.post("/feedback/", {"page": "/talk/", "useful": useful})
    assert said(response) == {
        "status": 503, "heading": "Thank you for your answer", "lead": VOTE, "copy": [], "links": ["/talk/", "#help"],
    }  # fmt: skip
    assert not Feedback.objects.exists()


def test_comment_that_nobody_could_read_comes_back_under_999(client):
    with database_refuses():
        response = client.post("/feedback/", {"page": "/topics/x/", "useful": "yes", "comment": "My own words."})
    assert said(response) == {
        "status": 503, "heading": "Your words were not kept", "lead": COMMENT, "copy": ["My own words."],
        "links": ["tel:999", "/topics/x/", "#help"],
    }  # fmt: skip


def test_an_empty_form_is_neither_a_vote_nor_words(client):
    with database_refuses():
        response = client.post("/feedback/", {"page": "/talk/", "comment": " "})
    assert said(response)["lead"] == "We cannot take answers just now. Please try again later."


@pytest.mark.parametrize("page", ["", "/about/", "//elsewhere.example/talk/", "https://elsewhere.example/", "/talk/\0"])
def test_without_a_database_no_button_leads_to_an_address_that_takes_no_answers(client, page):
    factories.age_bands()
    with database_refuses():
        response = client.post("/feedback/", {"page": page, "useful": "yes"})
    assert said(response)["links"] == ["/topics/", "/apps/", "/parental-controls/", "/talk/", "#help"]
