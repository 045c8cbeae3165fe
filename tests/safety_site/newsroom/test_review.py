"""The pages for the steps of an edition: every role, every odd id, and what an editor reads."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from guidance.models import Section, TopicEdition
from reporting.models import ContactEdition
from safety_site.models import EditionEvent
from safety_site.newsroom import gate
from tests import factories
from tests.reporting import factories as directory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NEW = {"imported_from": "", "publish_at": None, "checked_on": None, "checked_by": "", "review_by": None}
ROLES = ("stranger", "plain", "writer", "publisher", "contact checker", "moderator", "administrator")


def sign_in(client, role: str):
    if role == "stranger":
        return None
    user = factories.editor() if role == "plain" else factories.member(role)
    client.force_login(user)
    return user


def address(edition_or_model, step: str, pk: int | None = None) -> str:
    opts = edition_or_model._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{step}", args=[pk or edition_or_model.pk])


def topic_in(state: str, **fields):
    """With a section: the gate lets nothing empty through."""
    approved = {"publish_at": timezone.now() + DAY} if state == "approved" else NEW
    edition = factories.topic_edition(state=state, **{**approved, **fields})
    Section.objects.create(edition=edition, position=1, heading="What to do", body="<p>Talk often.</p>")
    return edition


def contact_in(state: str, **fields):
    """With a number: the gate lets nobody through who cannot be reached."""
    approved = {"publish_at": timezone.now() + DAY} if state == "approved" else NEW
    edition = directory.contact_edition(state=state, **{**approved, **fields})
    directory.phone(edition)
    return edition


def told(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


# --- Roles × views --------------------------------------------------------------------------------------

WRITES = {"writer", "publisher", "administrator"}
CHECKED = {
    "checked_how": "rang",
    "checked_on": "2026-11-22",
    "checked_by": "Duty team",
    "review_by": "2027-02-20",
}
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


# --- What an editor reads -------------------------------------------------------------------------------


def test_sent_back_is_the_first_thing_that_its_author_sees(client):
    edition = topic_in("in-review", author=factories.member("writer"))
    sign_in(client, "publisher")
    client.post(address(edition, "send_back"), {"words": "The <b>figure</b> has no source."})
    client.force_login(edition.author)
    page = client.get(address(edition, "change")).content.decode()
    assert "The &lt;b&gt;figure&lt;/b&gt; has no source." in page
    assert page.index("has no source.") < page.index('name="title"')


def test_edition_in_review_is_read_only_for_its_writer(client):
    edition = topic_in("in-review")
    sign_in(client, "writer")
    page = client.get(address(edition, "change")).content.decode()
    assert 'name="title"' not in page
    assert "to change it, take it back first" in page
    assert client.post(address(edition, "change"), {"title": "Changed"}).status_code == 403
    client.post(address(edition, "take_back"))
    assert 'name="title"' in client.get(address(edition, "change")).content.decode()


def test_phone_in_review_is_read_only_for_its_writer(client):
    edition = contact_in("in-review")
    sign_in(client, "writer")
    assert 'name="phones-0-number"' not in client.get(address(edition, "change")).content.decode()
    client.post(address(edition, "change"), {"phones-TOTAL_FORMS": 1, "phones-0-answers": "always"})
    assert [phone.answers for phone in edition.phones.all()] == ["unknown"]


def test_approving_what_somebody_changed_meanwhile_is_refused_and_shows_it_anew(client):
    sign_in(client, "publisher")
    edition = topic_in("in-review")
    opened = client.get(address(edition, "approve")).context["form"]["seen"].value()
    TopicEdition.objects.filter(pk=edition.pk).update(state="draft", revision=3)
    response = client.post(address(edition, "approve"), {"seen": opened})
    assert response.status_code == 422
    assert "Somebody changed this edition after you opened this page" in response.content.decode()
    again = response.context["form"]["seen"].value()
    assert client.post(address(edition, "approve"), {"seen": again}).status_code == 302


def test_second_click_changes_nothing_and_says_so(client):
    sign_in(client, "publisher")
    edition = topic_in("in-review")
    assert told(client.post(address(edition, "approve"), follow=True)) == ["Published. Readers see this edition now."]
    assert told(client.post(address(edition, "approve"), follow=True)) == [
        "Nothing was done: this edition is approved already."
    ]
    assert "take_back" not in client.get(address(edition, "change")).content.decode()
    assert EditionEvent.objects.count() == 1


def test_approving_for_a_day_and_time(client):
    sign_in(client, "publisher")
    edition = topic_in("in-review")
    with time_machine.travel(NOW, tick=False):
        client.post(address(edition, "approve"), {"when": "at", "day": "2026-12-01", "time": "09:05"})
    edition.refresh_from_db()
    assert edition.publish_at == datetime(2026, 12, 1, 9, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"when": "at"}, "Choose the day"),
        ({"when": "at", "day": "2026-12-01"}, "Choose the time"),
        ({"when": "at", "day": "2027-03-28", "time": "01:30"}, "the clocks go forward"),
        ({"when": "at", "day": "2926-12-01", "time": "09:00"}, "next two years"),
        ({"when": "at", "day": "0001-01-01", "time": "00:00"}, "next two years"),
        ({"when": "at", "day": "tomorrow", "time": "\x00"}, "valid"),
        ({"when": "never"}, "valid choice"),
        ({"was_read": "on", "checked_on": "2026-12-24", "checked_by": "A", "review_by": "2027-02-01"}, "in the future"),
        ({"was_read": "on", "checked_on": "2026-11-20", "checked_by": "", "review_by": "2027-02-01"}, "Say who"),
        ({"was_read": "on", "checked_on": "2026-11-20", "checked_by": "A", "review_by": "2026-11-22"}, "day to come"),
        (
            {"was_read": "on", "checked_on": "x", "checked_by": "a\x00b" + "c" * 10_000, "review_by": "9999-99-99"},
            "Null",
        ),
    ],
)
@time_machine.travel(NOW, tick=False)
def test_what_cannot_be_approved_so_is_told_and_kept(client, sent, words):
    sign_in(client, "publisher")
    edition = topic_in("in-review")
    response = client.post(address(edition, "approve"), sent)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert all(f'value="{value}"' in response.content.decode() for value in sent.values() if value[:4] == "2026")
    edition.refresh_from_db()
    assert edition.state == "in-review"


def test_faults_are_listed_with_links_and_nothing_is_approved(client, monkeypatch):
    fault = gate.Finding(where="Section 2", field="id_sections-1-body", wrong="A link has no words.", do="Write some.")
    monkeypatch.setattr(gate, "inspect", lambda edition: gate.Findings(faults=[fault], warnings=[]))
    sign_in(client, "publisher")
    edition = topic_in("in-review")
    page = client.get(address(edition, "approve")).content.decode()
    assert f'href="{address(edition, "change")}#id_sections-1-body"' in page
    assert client.post(address(edition, "approve")).status_code == 422
    edition.refresh_from_db()
    assert edition.state == "in-review"


@time_machine.travel(NOW, tick=False)
def test_contact_is_approved_with_how_and_when(client):
    sign_in(client, "contact checker")
    edition = contact_in("in-review")
    directory.phone(edition, "01632 960123")
    page = client.get(address(edition, "approve")).content.decode()
    assert "01632 960123" in page
    assert 'value="Contact checker"' in page
    assert 'value="2027-02-20"' in page
    for missing in CHECKED:
        response = client.post(address(edition, "approve"), {**CHECKED, missing: ""})
        assert response.status_code == 422, missing
    client.post(address(edition, "approve"), CHECKED)
    edition.refresh_from_db()
    assert (edition.state, edition.checked_how, str(edition.checked_on)) == ("approved", "rang", "2026-11-22")


def test_old_edition_becomes_the_draft_again(client):
    writer = sign_in(client, "writer")
    old = factories.topic_edition(title="As it was")
    factories.topic_edition(old.topic, title="As it is", publish_at=datetime(2021, 1, 1, tzinfo=UTC))
    assert "Make this the draft again" in client.get(address(old, "change")).content.decode()
    client.post(address(old, "draft"))
    draft = TopicEdition.objects.get(state="draft")
    assert (draft.title, draft.author, draft.based_on) == ("As it was", writer, old.number)


def test_publisher_is_told_of_the_edition_that_takes_over(client):
    sign_in(client, "publisher")
    later = factories.topic_edition(publish_at=timezone.now() + DAY)
    draft = topic_in("draft", topic=later.topic)
    response = client.post(address(draft, "approve"), {"when": "now"})
    assert response.status_code == 422
    assert "I know that edition 1 takes over" in response.content.decode()
    assert client.post(address(draft, "approve"), {"when": "now", "others_are_known": "on"}).status_code == 302


# --- Taking a page down ---------------------------------------------------------------------------------


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


# --- What the approver compares, and who that is --------------------------------------------------------


def beside(client, edition) -> str:
    return client.get(address(edition, "approve")).content.decode()


def test_contact_checker_sees_what_readers_see_now_beside_each_number(client):
    live = directory.contact_edition()
    directory.phone(live, "0345 052 0333", purpose="Daytime")
    directory.phone(live, "01632 960002", purpose="Nights")
    directory.way(live, "email", detail="help@a.example")
    edition = directory.contact_edition(live.contact, state="in-review", **NEW)
    directory.phone(edition, "0345 052 0334", purpose="Daytime")
    directory.way(edition, "email", detail="help@b.example")
    sign_in(client, "contact checker")
    page = beside(client, edition)
    assert "Readers see now" in page
    for mark in (
        "Changed:</span> 0345 052 0334",
        "Taken out:</span> 01632 960002",
        '033<del><span class="visually-hidden"> [taken out: </span>3<',
        '033<ins><span class="visually-hidden"> [added: </span>4<',
        'help@<ins><span class="visually-hidden"> [added: </span>b<',
    ):
        assert mark in page
    assert f'{address(edition, "compare")}?with={live.pk}"' in page
    assert client.get(f"{address(edition, 'compare')}?with={live.pk}").status_code == 200


def test_contact_that_nobody_sees_yet_is_new_as_a_whole(client):
    sign_in(client, "contact checker")
    page = beside(client, contact_in("in-review"))
    assert "Readers see nothing of this contact now:" in page
    assert "Compare with what readers see now" not in page
    assert "01632 960001" in page


def test_page_is_compared_with_the_live_one_by_a_link(client):
    live = factories.topic_edition()
    edition = topic_in("in-review", topic=live.topic)
    sign_in(client, "publisher")
    page = beside(client, edition)
    assert f'<a href="{address(edition, "compare")}?with={live.pk}">Compare with what readers see now' in page
    assert "Readers see now" not in page


def test_edition_in_review_names_who_approves_it(client):
    topic, contact = topic_in("in-review"), contact_in("in-review")
    for role in ROLES[1:]:
        sign_in(client, role)
        for edition, who in ((topic, "publisher"), (contact, "contact checker")):
            response = client.get(address(edition, "change"))
            if response.status_code == 200:
                told = f"A {who} approves this." in response.content.decode()
                assert told == (role not in (who, "administrator")), (role, who)
    draft = topic_in("draft")
    sign_in(client, "writer")
    assert "approves this." not in client.get(address(draft, "change")).content.decode()


def test_author_with_the_right_is_told_that_somebody_else_approves(client):
    author = sign_in(client, "administrator")
    page = client.get(address(contact_in("draft", author=author), "change")).content.decode()
    assert "A second person must approve a contact: not its author. Send it for review." in page
    page = client.get(address(contact_in("in-review", author=author), "change")).content.decode()
    assert "A second person must approve a contact: not its author. A contact checker approves this." in page


def test_address_of_an_approval_says_who_may(client):
    sign_in(client, "writer")
    for edition, who in ((topic_in("in-review"), "publisher"), (contact_in("in-review"), "contact checker")):
        for response in (client.get(address(edition, "approve")), client.post(address(edition, "approve"), CHECKED)):
            assert response.status_code == 403
            assert f"A {who} approves this." in response.content.decode()
            assert f'href="{address(edition, "change")}"' in response.content.decode()
        edition.refresh_from_db()
        assert edition.state == "in-review"


def test_edition_with_faults_is_sent_back_from_where_they_are_read(client):
    sign_in(client, "publisher")
    edition = factories.topic_edition(state="in-review", **NEW)
    page = beside(client, edition)
    assert "This cannot be approved yet" in page
    assert f'href="{address(edition, "send_back")}">Send back to be mended…</a>' in page
    assert "Send back" not in beside(client, topic_in("draft"))


def test_draft_says_what_readers_see_until_it_is_published(client):
    sign_in(client, "writer")
    live, never = factories.topic_edition(), topic_in("draft")
    gone = factories.withdrawal(factories.topic_edition())
    for edition, words in (
        (live, "Readers see the live edition until this one is published."),
        (never, "Readers see nothing of it until this one is published."),
        (gone, "It stays taken down until this one is published."),
    ):
        messages = told(client.post(address(edition, "draft"), follow=True))
        assert messages == [f"This is a new draft. {words}"]


def test_whoever_takes_a_page_down_sees_which_pages_lead_to_it(client):
    sign_in(client, "publisher")
    live = factories.topic_edition()
    assert "No other page names it or leads to it." in client.get(address(live, "withdraw")).content.decode()
    other = factories.topic_edition(title="The page that names it")
    other.related_topics.add(live.topic)
    page = client.get(address(live, "withdraw")).content.decode()
    assert f'<a href="{address(other, "change")}">The page that names it</a>' in page
    assert "The page that names it" in client.post(address(live, "withdraw"), {"reason": ""}).content.decode()
