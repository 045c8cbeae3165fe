"""The pages for the steps of an edition, in Chromium: by keyboard, at every width, in light and dark."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from safety_site.models import EditionEvent
from safety_site.newsroom import workflow
from tests import factories
from tests.browser import eyes
from tests.reporting import factories as directory

pytestmark = pytest.mark.django_db(transaction=True)

WIDTHS = (640, 768, 1280)  # 640: a laptop at 200 %
NEW = {"imported_from": "", "publish_at": None, "checked_on": None, "checked_by": "", "review_by": None}


@pytest.fixture
def sign_in(browser, client, live_server):
    """A function that gives the page of somebody who is signed in, and what the browser complained of."""
    contexts = []

    def as_(role: str):
        client.force_login(factories.member(role))
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        contexts.append(context)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        page = context.new_page()
        complaints = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda fault: complaints.append(str(fault)))
        return page, complaints

    yield as_
    for context in contexts:
        context.close()


def address(live_server, edition, step: str) -> str:
    opts = edition._meta
    return live_server.url + reverse(f"admin:{opts.app_label}_{opts.model_name}_{step}", args=[edition.pk])


def faults(page, url: str) -> dict:
    found = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(url)
            # Django's own frame around the page is not ours to number: its headings begin at our h1.
            found[scheme, width] = [
                *eyes.axe_faults(page, without=("region", "landmark-unique", "heading-order")),
                *eyes.sideways_faults(page),
            ]
    return {look: what for look, what in found.items() if what}


@pytest.mark.parametrize("step", ["approve", "send_back", "withdraw", "discard", "calendar"])
def test_page_is_accessible(sign_in, live_server, step):
    page, complaints = sign_in("publisher")
    live = factories.topic_edition()
    factories.topic_edition(live.topic, publish_at=timezone.now() + timedelta(days=1))
    state = "draft" if step == "discard" else "in-review"
    edition = live if step == "withdraw" else factories.topic_edition(live.topic, state=state, **NEW)
    where = f"{live_server.url}/admin/coming/" if step == "calendar" else address(live_server, edition, step)
    assert faults(page, where) == {}
    assert complaints == []


def test_form_that_comes_back_is_accessible(sign_in, live_server):
    page, _ = sign_in("contact checker")
    edition = directory.contact_edition(state="in-review", **NEW)
    directory.phone(edition)
    where = address(live_server, edition, "approve")
    assert faults(page, where) == {}
    page.get_by_label("From this day and time").check()
    page.get_by_label("Rang the number").check()
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("alert").get_by_text("Choose the day, or choose “Now”.").wait_for()
    assert eyes.axe_faults(page, without=("region", "landmark-unique", "heading-order")) == []
    assert page.get_by_label("Rang the number").is_checked()


def test_keyboard_alone_approves_a_number(sign_in, live_server):
    page, _ = sign_in("contact checker")
    edition = directory.contact_edition(state="in-review", **NEW)
    directory.phone(edition)
    page.goto(address(live_server, edition, "approve"))
    page.get_by_label("Rang the number").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Approve").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Published. Readers see this edition now.").wait_for()
    edition.refresh_from_db()
    assert (edition.state, edition.checked_how) == ("approved", "rang")


def test_steps_wait_for_words_that_are_not_saved(sign_in, live_server):
    page, _ = sign_in("publisher")
    edition = factories.topic_edition(state="draft", title="As saved", **NEW)
    page.goto(address(live_server, edition, "change"))
    page.locator("#id_title").fill("As typed")
    page.get_by_role("button", name="Send for review").click()
    page.get_by_text("You have changed something: save it first.").wait_for()
    page.get_by_role("link", name="Approve…").click()
    assert page.locator("#id_title").input_value() == "As typed"
    assert not EditionEvent.objects.filter(kind="sent").exists()


def test_publisher_sends_back_and_the_author_reads_it_first(sign_in, live_server):
    page, _ = sign_in("publisher")
    edition = factories.topic_edition(state="in-review", author=factories.member("writer"), **NEW)
    page.goto(address(live_server, edition, "change"))
    page.get_by_role("link", name="Send back to be mended…").click()
    page.get_by_label("What is to be mended?").fill("The figure has no source.")
    page.get_by_role("button", name="Send back").click()
    page.get_by_role("heading", name="Sent back by").wait_for()
    edition.refresh_from_db()
    assert workflow.sent_back_with(edition).words == "The figure has no source."
