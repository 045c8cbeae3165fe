"""Emergency banners as readers and editors meet them; for the tests of both."""

from datetime import UTC, datetime

from safety_site.models import EmergencyBanner
from tests import factories

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def banner(words: str = "Lock your doors.", **fields) -> EmergencyBanner:
    """A banner of the whole site, approved and showing since 2020."""
    author, approver = fields.pop("author", None) or factories.editor(), factories.editor()
    approved = {"approved_by": approver, "approved_at": factories.PUBLISHED_AT}
    if not fields.pop("is_approved", True):
        approved = {}
    values = {"words": words, "author": author, "starts_at": factories.PUBLISHED_AT, **approved, **fields}
    return EmergencyBanner.objects.create(**values)


def page(client, address: str = "/about/") -> str:
    return client.get(address).content.decode()
