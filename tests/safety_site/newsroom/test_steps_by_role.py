"""The pages for the steps of an edition: every role, and every odd id."""

import pytest
import time_machine

from guidance.models import TopicEdition
from safety_site.models import EditionEvent
from tests import factories
from tests.safety_site.newsroom.steps import CHECKED, NOW, ROLES, address, contact_in, sign_in, topic_in

pytestmark = pytest.mark.django_db

WRITES = {"writer", "publisher", "administrator"}
# View → method, state of the edition, what is sent, who may for a page, who may for a contact.
VIEWS = {
    "draft": ("post", "approved", {}, WRITES, WRITES),
    "send": ("post", "draft", {}, WRITES, WRITES | {"contact checker"}),
    "take_back": ("post", "in-review", {}, WRITES, WRITES | {"contact checker"}),
    "call_back": (
        "post", "approved", {}, {"publisher", "administrator"}, {"contact checker", "administrator"}
    ),
    "send_back": (
        "post", "in-review", {"words": "Mend."}, {"publisher", "administrator"}, {"contact checker", "administrator"}
    ),
    "approve": ("post", "in-review", CHECKED, {"publisher", "administrator"}, {"contact checker", "administrator"}),
    "discard": ("post", "draft", {}, {"publisher", "administrator"}, {"administrator"}),
    "delete": ("post", "draft", {"post": "yes"}, {"publisher", "administrator"}, {"administrator"}),
}  # fmt: skip


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("step", VIEWS)
def test_step_by_role(client, step, role):
    _, state, sent, for_pages, for_contacts = VIEWS[step]
    sign_in(client, role)
    for edition, allowed in ((topic_in(state), for_pages), (contact_in(state), for_contacts)):
        response = client.post(address(edition, step), sent)
        if role == "stranger":
            assert (response.status_code, "/login/" in response["Location"]) == (302, True)
        else:
            assert response.status_code == (302 if role in allowed else 403), edition
        happened = (
            EditionEvent.objects.exists()
            or not type(edition).objects.filter(pk=edition.pk, state=state).exists()
        )  # fmt: skip
        assert happened == (role in allowed)
        EditionEvent.objects.all().delete()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("step", ["send_back", "approve", "discard", "withdraw"])
def test_page_of_a_step_by_role(client, step, role):
    sign_in(client, role)
    edition = {
        "discard": lambda: topic_in("draft"),
        "withdraw": factories.topic_edition,
    }.get(step, lambda: topic_in("in-review"))()
    allowed = WRITES if step == "withdraw" else {"publisher", "administrator"}
    expected = 302 if role == "stranger" else 200 if role in allowed else 403
    assert client.get(address(edition, step)).status_code == expected


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("step", [*VIEWS, "withdraw"])
@pytest.mark.parametrize("pk", [1, 987654321, 10**30])
def test_edition_that_does_not_exist_by_role(client, step, role, pk):
    sign_in(client, role)
    response = client.post(address(TopicEdition, step, pk), {})
    allowed = VIEWS[step][3] if step in VIEWS else WRITES
    if step in ("discard", "delete"):
        allowed = WRITES  # they may delete some drafts, so they are told that there is none
    assert response.status_code == (302 if role == "stranger" else 404 if role in allowed else 403)


@pytest.mark.parametrize("step", ["draft", "send", "take_back", "call_back"])
def test_step_of_one_click_needs_a_post(client, step):
    sign_in(client, "administrator")
    assert client.get(address(topic_in("draft"), step)).status_code == 405


def test_steps_need_a_token_of_the_form(client):
    client.handler.enforce_csrf_checks = True
    sign_in(client, "administrator")
    for step in VIEWS:
        assert client.post(address(topic_in(VIEWS[step][1]), step), VIEWS[step][2]).status_code == 403
