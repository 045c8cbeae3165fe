"""Editions in each state, and somebody who takes the next step; for the tests of the pages of review."""

from datetime import UTC, datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from guidance.models import Section
from tests import factories
from tests.reporting import factories as directory

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NEW = {"imported_from": "", "publish_at": None, "checked_on": None, "checked_by": "", "review_by": None}
ROLES = ("stranger", "plain", "writer", "publisher", "contact checker", "moderator", "administrator")
CHECKED = {
    "checked_how": "rang",
    "checked_on": "2026-11-22",
    "checked_by": "Duty team",
    "review_by": "2027-02-20",
}


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
