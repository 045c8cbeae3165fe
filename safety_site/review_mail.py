"""Which pages are due for review, as plain text and as one email for each owner: ``manage.py review_due``."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from safety_site.live_pages import LivePage, live_pages
from safety_site.work_rows import SOON, day


@dataclass(frozen=True)
class Due:
    """Live pages whose review date is past, and those whose date comes within 30 days; each first come first."""

    overdue: list[LivePage]
    soon: list[LivePage]

    def __len__(self) -> int:
        return len(self.overdue) + len(self.soon)


def due(pages: Iterable[LivePage] | None = None) -> Due:
    """Of some pages (default: all that are live) those that are due."""
    today = timezone.localdate()
    dated = [page for page in (live_pages() if pages is None else pages) if page.review_by]
    dated.sort(key=lambda page: (page.review_by, page.kind, page.title))
    return Due(
        [page for page in dated if page.review_by < today],
        [page for page in dated if today <= page.review_by <= today + SOON],
    )


def absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def as_text(found: Due) -> str:
    """Both lists as plain text, each page with the address at which it is edited; empty for nothing."""
    parts = []
    for heading, pages, was in (
        ("Overdue", found.overdue, "was due on"),
        ("Due in the next 30 days", found.soon, "due on"),
    ):
        if pages:
            lines = [f"{heading}: {len(pages)}", ""]
            for page in pages:
                title = " ".join(page.title.split())
                lines += [f"- {page.kind}: {title}, {was} {day(page.review_by)}", f"  {absolute(page.edit_url)}"]
            parts.append("\n".join(lines))
    return "\n\n".join(parts)


@dataclass(frozen=True)
class Mails:
    """What is to be sent, and how many pages nobody can be written to about."""

    messages: list[EmailMessage]
    without_reader: int


def mails() -> Mails:
    """One mail for each owner with something due, and one for what has no owner who can be written to.

    An owner who has left, or has no address, counts as none. Nobody gets an empty mail.
    """
    found = due()
    addresses = {
        user.pk: user.email
        for user in get_user_model().objects.filter(is_active=True, is_staff=True).exclude(email="").order_by("pk")
    }
    of_owner: dict[int | None, list[LivePage]] = defaultdict(list)
    for page in [*found.overdue, *found.soon]:
        of_owner[page.owner_id if page.owner_id in addresses else None].append(page)
    messages = [
        _message(addresses[owner], due(of_owner[owner]), "You are the owner of these pages.", "?mine=1")
        for owner in addresses
        if of_owner.get(owner)
    ]
    nobodys = of_owner.get(None, [])
    if nobodys and settings.REVIEW_EMAIL:
        messages.append(_message(settings.REVIEW_EMAIL, due(nobodys), "Nobody owns these pages yet.", ""))
    return Mails(messages, 0 if settings.REVIEW_EMAIL else len(nobodys))


def _message(to: str, found: Due, why: str, question: str) -> EmailMessage:
    count = "1 page" if len(found) == 1 else f"{len(found)} pages"
    body = (
        f"Hello,\n\n{why} Please read each against its sources. Then make a draft with what is true now and the day on "
        f"which you checked it.\n\n{as_text(found)}\n\nEverything that waits for you:\n"
        f"{absolute(reverse('admin:index'))}{question}\n"
    )
    return EmailMessage(f"Hearthside: {count} to review", body, settings.DEFAULT_FROM_EMAIL, [to])
