"""The calendar of what is coming."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from guidance.models import AppProfileEdition
from reporting.models import ClosedDay
from safety_site.models import EmergencyBanner
from safety_site.newsroom.coming import days
from tests import factories
from tests.reporting import factories as directory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)
ROLES = ("stranger", "plain", "writer", "publisher", "contact checker", "moderator", "administrator")


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


def something_of_each_kind() -> None:
    never_due = {"checked_on": None, "checked_by": "", "review_by": None}
    edition = factories.topic_edition(title="Gaming", review_by=TODAY + DAY)
    factories.topic_edition(edition.topic, title="Gaming anew", publish_at=NOW + DAY, **never_due)
    factories.withdrawal(factories.app_edition(name="Old app", **never_due), publish_at=NOW + 2 * DAY, **never_due)
    directory.contact_edition(name="A helpline", review_by=TODAY + 3 * DAY)
    factories.useful_link(title="A link", review_by=TODAY + 3 * DAY)
    ClosedDay.objects.create(on=TODAY + 4 * DAY, reason="A storm", nation="wales")
    EmergencyBanner.objects.create(
        words="Lines are down",
        starts_at=NOW + 5 * DAY,
        ends_at=NOW + 6 * DAY,
        author=factories.editor(),
        approved_by=factories.editor(),
        approved_at=NOW,
    )
    EmergencyBanner.objects.create(words="Not approved", starts_at=NOW + 5 * DAY)


def seen(role: str) -> list[tuple]:
    user = factories.editor() if role == "plain" else factories.member(role)
    return [
        ((day.on - TODAY).days, event.what, event.name)
        for day in days(user, TODAY, TODAY + 90 * DAY)
        for event in (*day.events, *day.checks)
    ]


def test_everything_that_comes_is_told_by_day():
    something_of_each_kind()
    check = "Check again by the end of this day"
    assert seen("publisher") == [
        (1, "Goes live", "Gaming anew (edition 2)"),
        (1, check, "Gaming (edition 1)"),
        (2, "Page is taken down", f"{name_of_app()} (edition 2)"),
        (3, check, "A helpline (edition 1)"),
        (3, check, "A link (Parents and carers)"),
        (4, "Closed day", "A storm: Wales"),
        (5, "Banner begins", "Lines are down"),
        (6, "Banner ends", "Lines are down"),
    ]


def name_of_app() -> str:
    return AppProfileEdition.objects.get(is_withdrawal=True).name


def test_everybody_sees_what_they_may_see():
    something_of_each_kind()
    assert seen("plain") == seen("moderator") == []
    assert [name for _, _, name in seen("contact checker")] == ["A helpline (edition 1)", "A storm: Wales"]
    assert seen("writer") == seen("administrator")


def test_day_is_a_london_day():
    factories.topic_edition(title="Late", publish_at=datetime(2027, 6, 30, 23, 30, tzinfo=UTC), review_by="2027-12-01")
    user = factories.member("writer")
    assert [str(day.on) for day in days(user, date(2027, 7, 1), date(2027, 7, 31))] == ["2027-07-01"]
    assert days(user, date(2027, 6, 1), date(2027, 6, 30)) == []


def test_many_checks_of_one_day_are_a_number():
    for _ in range(13):
        factories.useful_link(review_by=TODAY)
    [day] = days(factories.member("writer"), TODAY, TODAY)
    assert (len(day.shown_checks), day.more_checks) == (10, 3)


@pytest.mark.parametrize("role", ROLES)
def test_page_by_role(client, role):
    something_of_each_kind()
    if role != "stranger":
        client.force_login(factories.editor() if role == "plain" else factories.member(role))
    response = client.get(reverse("admin:newsroom-calendar"))
    assert response.status_code == (302 if role == "stranger" else 200)
    sees = role in ("writer", "publisher", "administrator")
    assert ("Gaming anew" in response.content.decode()) == sees
    if role in ("plain", "moderator"):
        assert "Nothing is coming" in response.content.decode()


@pytest.mark.parametrize(
    ("asked", "heading"),
    [
        ("2026-12", "December 2026"),
        ("2028-11", "November 2028"),
        ("", "The next 90 days"),
        ("2928-11", "The next 90 days"),
        ("0001-01", "The next 90 days"),
        ("9999-12", "The next 90 days"),
        ("2026-13", "The next 90 days"),
        ("%00", "The next 90 days"),
        ("x" * 500, "The next 90 days"),
    ],
)
def test_page_of_a_month(client, asked, heading):
    client.force_login(factories.member("writer"))
    response = client.get(reverse("admin:newsroom-calendar") + f"?month={asked}")
    assert response.status_code == 200
    assert heading in response.content.decode()


def test_page_takes_no_post(client):
    client.force_login(factories.member("administrator"))
    assert client.post(reverse("admin:newsroom-calendar")).status_code == 405


def test_page_asks_as_often_for_three_rows_as_for_one(client, django_assert_max_num_queries):
    user = factories.member("administrator")
    something_of_each_kind()

    def count() -> int:
        with django_assert_max_num_queries(200) as asked:
            days(user, TODAY, TODAY + 90 * DAY)
        return len(asked)

    days(user, TODAY, TODAY)  # the rights of the user are read once
    first = count()
    something_of_each_kind_again()
    assert count() == first


def something_of_each_kind_again() -> None:
    for _ in range(2):
        edition = factories.topic_edition(review_by=TODAY + DAY)
        factories.topic_edition(edition.topic, publish_at=NOW + DAY)
        directory.contact_edition(review_by=TODAY + 3 * DAY)
        factories.useful_link(review_by=TODAY + 3 * DAY)
        ClosedDay.objects.create(on=TODAY + 4 * DAY, reason="A storm", authority=directory.authority())
