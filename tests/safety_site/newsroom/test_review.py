"""What an editor reads and does on the pages of review, and what an approver compares."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.utils import timezone

from guidance.models import TopicEdition
from safety_site.models import EditionEvent
from safety_site.newsroom import gate
from tests import factories
from tests.reporting import factories as directory
from tests.safety_site.newsroom.steps import CHECKED, DAY, NEW, NOW, ROLES, address, contact_in, sign_in, told, topic_in

pytestmark = pytest.mark.django_db


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
