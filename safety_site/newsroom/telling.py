"""What an edition is, in words for editors and reviewers."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format

from safety_site.editions import Edition, EditionState


def when(at: datetime) -> str:
    """A moment as people say it, London time: ``22 November 2026, 14:05``."""
    return date_format(timezone.localtime(at), "j F Y, H:i")


def key_in_force(edition: Edition) -> int | None:
    """The key of the edition that counts now for the same thing."""
    same_thing = {edition.thing_field: edition.thing}
    return (
        type(edition)
        .objects.in_force(language=edition.language)
        .filter(**same_thing)
        .values_list("pk", flat=True)
        .first()
    )


def stage(edition: Edition, in_force: int | None) -> str:
    """Where an edition stands, in a few words; ``in_force`` is the key of the one that counts now for its thing."""
    if not edition.is_approved:
        words = "Draft" if edition.state == EditionState.DRAFT else "In review"
        return f"{words}, last changed {when(edition.changed_at or edition.created_at)}"
    if edition.publish_at > timezone.now():
        return f"Approved, comes on {when(edition.publish_at)}"
    if edition.pk == in_force:
        return (
            f"In force since {when(edition.publish_at)}"
            if edition.is_withdrawal
            else f"Live since {when(edition.publish_at)}"
        )
    return f"Was live from {when(edition.publish_at)}; a later one took its place"


def who(edition: Edition) -> str:
    """Who wrote an edition and who approved it, as far as we know; or where it came from."""
    author, approver = (
        user and (user.get_full_name() or user.get_username()) for user in (edition.author, edition.approved_by)
    )
    said = [f"by {author}" if author else "", f"approved by {approver}" if approver else ""]
    if not any(said) and edition.imported_from:
        return edition.imported_from
    return ", ".join(filter(None, said))
