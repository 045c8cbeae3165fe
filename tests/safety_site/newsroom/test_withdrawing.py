"""Taking a page down: with a reason, or leading readers on to a page that is there."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from guidance.models import TopicEdition
from reporting.models import ContactEdition
from tests import factories
from tests.reporting import factories as directory
from tests.safety_site.newsroom.steps import DAY, address, sign_in, topic_in

pytestmark = pytest.mark.django_db


def test_page_is_taken_down_with_the_reason(client):
    sign_in(client, "publisher")
    live = factories.topic_edition()
    sent = {"reason": "It was wrong.", "instead": "/topics/", "approve": "yes"}
    assert client.post(address(live, "withdraw"), sent).status_code == 302
    response = client.get(live.get_absolute_url())
    assert response.status_code == 410
    assert "It was wrong." in response.content.decode()
    assert 'href="/topics/"' in response.content.decode()


def test_page_that_is_taken_down_may_send_readers_on_at_once(client):
    sign_in(client, "publisher")
    live = factories.topic_edition()
    sent = {"reason": "Two became one.", "instead": "/topics/", "redirects": "yes", "approve": "yes"}
    client.post(address(live, "withdraw"), sent)
    for page in (live.get_absolute_url(), f"{live.get_absolute_url()}handout/"):
        response = client.get(page)
        assert (response.status_code, response["Location"]) == (302, "/topics/")


def test_worry_that_is_taken_down_may_send_readers_on_at_once(client):
    sign_in(client, "publisher")
    live = directory.concern_edition("grooming")
    sent = {"reason": "Two became one.", "instead": "/report/", "redirects": "yes", "approve": "yes"}
    client.post(address(live, "withdraw"), sent)
    assert client.get(live.get_absolute_url())["Location"] == "/report/"


def test_writer_makes_a_draft_that_takes_the_page_down(client):
    sign_in(client, "writer")
    live = topic_in("approved", publish_at=factories.PUBLISHED_AT)
    client.post(address(live, "withdraw"), {"reason": "It was wrong.", "approve": "yes"})
    draft = TopicEdition.objects.get(is_withdrawal=True)
    assert (draft.state, draft.withdrawal_reason) == ("draft", "It was wrong.")
    assert client.get(live.get_absolute_url()).status_code == 200
    sign_in(client, "publisher")
    client.post(address(draft, "approve"))
    assert client.get(live.get_absolute_url()).status_code == 410


def test_contact_is_taken_down_by_two_people_without_ringing_it(client):
    publisher = sign_in(client, "publisher")
    live = directory.contact_edition()
    client.post(address(live, "withdraw"), {"reason": "The line was shut.", "approve": "yes"})
    draft = ContactEdition.objects.get(is_withdrawal=True)
    assert (draft.state, draft.author) == ("draft", publisher)
    sign_in(client, "contact checker")
    client.post(address(draft, "approve"))
    assert not ContactEdition.objects.live().exists()


def test_page_that_is_taken_down_comes_back_with_a_new_edition(client):
    sign_in(client, "publisher")
    live = topic_in("approved", publish_at=factories.PUBLISHED_AT)
    client.post(address(live, "withdraw"), {"reason": "It was wrong.", "approve": "yes"})
    client.post(address(TopicEdition.objects.get(is_withdrawal=True), "draft"))
    client.post(address(TopicEdition.objects.get(state="draft"), "approve"))
    assert client.get(live.get_absolute_url()).status_code == 200


def wrong_places() -> dict[str, str]:
    gone = factories.topic_edition(factories.topic("gone"))
    factories.withdrawal(gone)
    going = factories.topic_edition(factories.topic("going"))
    factories.withdrawal(going, publish_at=timezone.now() + DAY)
    return {
        "/topics/gone/": "no page",
        "/topics/going/": "is to be taken down too",
        "/topics/going/?age=teen#x": "is to be taken down too",
        "/topics/never/": "no page",
        "/topics": "no page",
        "/nothing/": "no page",
        "/topics/self/": "this page itself",
        "//elsewhere.example/": "Start with a slash",
        "https://elsewhere.example/": "Start with a slash",
        "topics/": "Start with a slash",
        "/admin/": "no page",
        "/admin/login/": "no page",
        "/exit/": "no page",
        "/contacts.csv": "no page",
        "/api/oruk/": "no page",
        "/robots.txt": "no page",
        "/topics/\x00/": "Null",
        "/" + "x" * 10_000: "at most 200",
        "/topics/%00/": "no page",
        "": "say where",
    }


def test_readers_are_sent_only_to_a_page_that_is_there(client):
    sign_in(client, "publisher")
    live = factories.topic_edition(factories.topic("self"))
    for place, words in wrong_places().items():
        sent = {"reason": "Wrong.", "instead": place, "redirects": "yes", "approve": "yes"}
        response = client.post(address(live, "withdraw"), sent)
        assert response.status_code == 422, place[:50]
        assert words in response.content.decode(), place[:50]
    assert not TopicEdition.objects.filter(topic=live.topic, is_withdrawal=True).exists()
    for place in ("/topics/?age=teen", "/report/#now", "/contacts/national/", "/plan/", "/"):
        sent = {"reason": "Wrong.", "instead": place, "redirects": "yes"}
        assert client.post(address(live, "withdraw"), sent).status_code == 302, place


def test_two_pages_never_send_readers_round_in_a_circle(client):
    sign_in(client, "publisher")
    one, two = factories.topic_edition(factories.topic("one")), factories.topic_edition(factories.topic("two"))
    for live, instead in ((one, "/topics/two/"), (two, "/topics/one/")):
        client.post(address(live, "withdraw"), {"reason": "Merged.", "instead": instead, "redirects": "yes"})
    first, second = TopicEdition.objects.filter(is_withdrawal=True).order_by("pk")
    assert client.post(address(first, "approve")).status_code == 302
    response = client.post(address(second, "approve"))
    assert response.status_code == 422
    assert client.get("/topics/one/", follow=True).status_code == 200


@pytest.mark.parametrize("state", ["draft", "in-review", "old"])
def test_only_the_live_edition_is_taken_down(client, state):
    sign_in(client, "publisher")
    edition = factories.topic_edition() if state == "old" else topic_in(state)
    factories.topic_edition(edition.topic, publish_at=datetime(2021, 1, 1, tzinfo=UTC))
    response = client.post(address(edition, "withdraw"), {"reason": "Wrong.", "approve": "yes"})
    assert response.status_code == 422
    assert "not live" in response.content.decode()


def test_words_of_any_kind_break_nothing(client):
    sign_in(client, "administrator")
    edition = topic_in("draft")
    for words in ("\x00", "x" * 10_000, "<script>alert(1)</script>", "é" * 2000, "\r\n" * 50):
        assert client.post(address(edition, "send"), {"words": words}).status_code in (302, 422)
        client.post(address(edition, "take_back"))
        response = client.post(address(edition, "send_back"), {"words": words})
        assert response.status_code in (302, 422)
        assert "<script>alert" not in response.content.decode()
    live = factories.topic_edition()
    for words in ("\x00", "x" * 10_000):
        assert client.post(address(live, "withdraw"), {"reason": words}).status_code == 422
