"""Who is told of what is due for review, and that nobody gets an empty mail."""

from datetime import UTC, date, datetime

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from safety_site.review_mail import due
from tests import factories
from tests.reporting import factories as reporting

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(time_machine):
    time_machine.move_to(datetime(2026, 11, 22, 12, tzinfo=UTC))


@pytest.fixture
def posted(settings):
    """The site can send mail, and what it sends is kept in ``mail.outbox``."""
    settings.EMAIL_URL = "smtp+tls://mail.example:587"
    settings.DEFAULT_FROM_EMAIL = "site@families.example"
    settings.REVIEW_EMAIL = "team@families.example"
    return settings


def page(title: str, review_by: date, owner=None):
    check = {"checked_on": date(2026, 1, 1), "checked_by": "us", "review_by": review_by}
    edition = factories.topic_edition(title=title, **check)
    edition.topic.owner = owner
    edition.topic.save()
    return edition


LATE, SOON, LATER = date(2026, 10, 1), date(2026, 12, 1), date(2027, 6, 1)


def test_each_owner_gets_their_own_pages_and_the_team_the_rest(posted):
    sam, alex = (factories.editor(username=name, email=f"{name}@families.example") for name in ("sam", "alex"))
    late = page("Gaming", LATE, sam)
    page("Chat", SOON, sam)
    page("Mine too", LATE, alex)
    page("Nobody’s", LATE)
    page("Later", LATER, sam)
    call_command("review_due", "--email", verbosity=0)
    assert {(message.to[0], message.subject) for message in mail.outbox} == {
        ("sam@families.example", "Hearthside: 2 pages to review"),
        ("alex@families.example", "Hearthside: 1 page to review"),
        ("team@families.example", "Hearthside: 1 page to review"),
    }
    [to_sam] = [message for message in mail.outbox if message.to == ["sam@families.example"]]
    assert to_sam.from_email == "site@families.example"
    assert to_sam.body == (
        "Hello,\n\nYou are the owner of these pages. Please read each against its sources. Then make a draft with what "
        "is true now and the day on which you checked it.\n\n"
        "Overdue: 1\n\n"
        "- Topic: Gaming, was due on 1 October 2026\n"
        f"  https://families.example/admin/guidance/topicedition/{late.pk}/change/\n\n"
        "Due in the next 30 days: 1\n\n"
        "- Topic: Chat, due on 1 December 2026\n"
        f"  https://families.example/admin/guidance/topicedition/{late.pk + 1}/change/\n\n"
        "Everything that waits for you:\nhttps://families.example/admin/?mine=1\n"
    )


def test_nobody_gets_an_empty_mail(posted):
    page("Later", LATER, factories.editor(email="sam@families.example"))
    call_command("review_due", "--email", verbosity=0)
    assert mail.outbox == []


@pytest.mark.parametrize("gone", [{"is_active": False}, {"is_staff": False}, {"email": ""}])
def test_owner_who_cannot_be_written_to_counts_as_none(posted, gone):
    page("Gaming", LATE, factories.editor(**{"email": "sam@families.example", **gone}))
    call_command("review_due", "--email", verbosity=0)
    assert [message.to for message in mail.outbox] == [["team@families.example"]]


def test_pages_of_nobody_without_a_team_to_tell_are_said_after_the_mails_are_sent(posted):
    posted.REVIEW_EMAIL = ""
    page("Gaming", LATE, factories.editor(email="sam@families.example"))
    page("Nobody’s", LATE)
    with pytest.raises(
        CommandError, match="1 due pages have no owner who can be written to: set REVIEW_EMAIL"
    ) as stopped:
        call_command("review_due", "--email", verbosity=0)
    assert stopped.value.returncode == 1
    assert len(mail.outbox) == 1


def test_without_a_mail_server_it_stops_with_one_sentence():
    page("Gaming", LATE)
    with pytest.raises(CommandError, match="EMAIL_URL is not set"):
        call_command("review_due", "--email")


def test_one_address_that_fails_keeps_nobody_from_their_mail(posted):
    page("Gaming", LATE, factories.editor(email="sam@families.example\nBcc: all@families.example"))
    page("Chat", LATE, factories.editor(email="alex@families.example"))
    with pytest.raises(CommandError, match="1 of 2 mails could not be sent"):
        call_command("review_due", "--email", verbosity=0)
    assert [message.to for message in mail.outbox] == [["alex@families.example"]]


def test_server_that_does_not_answer_is_said_in_one_sentence(posted):
    posted.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    posted.EMAIL_HOST, posted.EMAIL_PORT = "127.0.0.1", 1
    page("Gaming", LATE, factories.editor(email="sam@families.example"))
    with pytest.raises(CommandError, match="1 of 1 mails could not be sent: check EMAIL_URL"):
        call_command("review_due", "--email", verbosity=0)


def test_without_email_it_prints(capsys):
    call_command("review_due")
    assert capsys.readouterr().out == "Nothing is due for review.\n"
    page("Gaming\nTwo lines", LATE)
    call_command("review_due")
    assert "- Topic: Gaming Two lines, was due on 1 October 2026\n" in capsys.readouterr().out
    assert mail.outbox == []


def test_every_kind_of_page_is_due():
    check = {"checked_on": date(2026, 1, 1), "checked_by": "us", "review_by": LATE}
    factories.useful_link(**check)
    factories.app_edition(**check)
    reporting.contact_edition(**check)
    factories.useful_link(is_published=False, **check)
    assert [found.kind for found in due().overdue] == [
        "App profile", "Reporting contact", "Useful link for parents and carers",
    ]  # fmt: skip
