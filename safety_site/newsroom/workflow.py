"""The steps of an edition from draft to live and back, with who may take each.

Each step is one function in one transaction that locks the edition, asks who takes it (``PermissionDenied``) and
whether it can be taken now (``ValidationError`` in words for the editor), and writes an ``EditionEvent``.

While an edition is in review only people who may approve it change it: what they read is what they approve. Its
writer takes it back first.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from safety_site import editions
from safety_site.editions import Edition, EditionState
from safety_site.models import EditionEvent
from safety_site.newsroom import gate, takedown
from safety_site.newsroom.rights import may
from safety_site.newsroom.times import in_words

REVIEW_AFTER = timedelta(days=90)
FURTHEST = timedelta(days=2 * 365)  # ahead that an edition can be approved for

Kind = EditionEvent.Kind


@dataclass(frozen=True)
class Checked:
    """What an approver says of how the words or numbers were checked; ``how`` is of contacts only."""

    on: date
    by: str
    review_by: date
    how: str = ""


# --- Who may --------------------------------------------------------------------------------------------


def may_change(user, edition: Edition) -> bool:
    """Whether a user may write in an edition now."""
    if edition.is_approved or not may(user, "change", edition):
        return False
    return edition.state == EditionState.DRAFT or may(user, "approve", edition)


def may_discard(user, edition: Edition) -> bool:
    """Whether a user may throw a draft away: their own; any draft for whoever may approve its kind."""
    if edition.state != EditionState.DRAFT or not may(user, "delete", edition):
        return False
    return edition.author_id == user.pk or may(user, "approve", edition)


def objection(user, edition: Edition) -> str:
    """Why a user who has the right to approve this kind may not approve this edition; empty if they may."""
    if not edition.needs_second_person:
        return ""
    if user.pk == edition.author_id:
        return f"A second person must approve a {edition.thing_field}: not its author."
    has_written = EditionEvent.objects.of(edition).filter(by=user, kind__in=[Kind.MADE, Kind.CHANGED])
    if user.pk == edition.changed_by_id or has_written.exists():
        return f"A second person must approve a {edition.thing_field}: not somebody who changed it."
    return ""


def _ask(user, action: str, edition: Edition) -> None:
    if not may(user, action, edition):
        raise PermissionDenied


# --- What happened --------------------------------------------------------------------------------------


def record(edition: Edition, kind: str, by, words: str = "") -> EditionEvent:
    return EditionEvent.objects.create(about=edition, kind=kind, by=by, words=words)


def wrote(edition: Edition, by) -> None:
    """Note, once, that somebody else than its author wrote in an edition: they cannot be its second person any more."""
    if by.pk != edition.author_id and not EditionEvent.objects.of(edition).filter(by=by, kind=Kind.CHANGED).exists():
        record(edition, Kind.CHANGED, by)


def sent_back_with(edition: Edition) -> EditionEvent | None:
    """What its author must mend: the last step of a draft, if that was to send it back."""
    if edition.state != EditionState.DRAFT:
        return None
    last = EditionEvent.objects.of(edition).steps().select_related("by").last()
    return last if last and last.kind == Kind.SENT_BACK else None


def others_to_come(edition: Edition, at: datetime) -> list[Edition]:
    """The approved editions of the same thing that take over after a moment, soonest first."""
    of_thing = (
        type(edition)
        .objects.approved()
        .filter(**{edition.thing_field: edition.thing}, language=edition.language, publish_at__gt=at)
    )
    return list(of_thing.exclude(pk=edition.pk).order_by("publish_at"))


def title_of(edition: Edition) -> str:
    """What editors call it: each kind has its own field for that."""
    words = (getattr(edition, name, "") for name in ("title", "name", "provider"))
    return next(filter(None, words), str(edition.thing))


# --- The steps ------------------------------------------------------------------------------------------


def _locked(edition: Edition) -> Edition:
    try:
        return type(edition)._base_manager.select_for_update().get(pk=edition.pk)
    except type(edition).DoesNotExist:
        raise ValidationError("Somebody has discarded this draft in the meantime.") from None


def _must_be(edition: Edition, *states: str) -> None:
    """Raise ValidationError, saying what the edition is now, unless it is in one of some states."""
    if edition.state not in states:
        now = {
            EditionState.DRAFT: "a draft",
            EditionState.IN_REVIEW: "in review",
            EditionState.APPROVED: "approved",
        }[edition.state]
        raise ValidationError(f"Nothing was done: this edition is {now} already. Perhaps somebody else was quicker.")


def _move(edition: Edition, state: str, kind: str, by, words: str) -> Edition:
    edition.state = state
    edition.save(update_fields=["state"])
    record(edition, kind, by, words)
    return edition


@transaction.atomic
def make_draft(edition: Edition, by) -> Edition:
    """Copy an edition, old or live, parts and all, to a new draft."""
    _ask(by, "add", edition)
    draft = editions.copy_as_draft(edition, by)
    record(draft, Kind.MADE, by, draft.change_note)
    if not edition.is_approved:
        for writer in _writers(edition):
            wrote(draft, writer)  # their words are in it still: nobody has approved them
    return draft


def _writers(edition: Edition) -> list:
    """Everybody whose words may stand in an edition."""
    noted = EditionEvent.objects.of(edition).filter(kind__in=[Kind.MADE, Kind.CHANGED]).select_related("by")
    found = {each.pk: each for each in (edition.author, edition.changed_by, *(event.by for event in noted)) if each}
    return list(found.values())


def seen(edition: Edition) -> str:
    """A short sign of an edition as it stands, so that nobody approves other words than they read."""
    return f"{edition.pk}.{edition.revision}.{edition.state}"


@transaction.atomic
def send_for_review(edition: Edition, by, words: str = "") -> Edition:
    _ask(by, "change", edition)
    edition = _locked(edition)
    _must_be(edition, EditionState.DRAFT)
    return _move(edition, EditionState.IN_REVIEW, Kind.SENT, by, words)


@transaction.atomic
def take_back(edition: Edition, by) -> Edition:
    """Go on writing in an edition that was sent for review."""
    _ask(by, "change", edition)
    edition = _locked(edition)
    _must_be(edition, EditionState.IN_REVIEW)
    return _move(edition, EditionState.DRAFT, Kind.TAKEN_BACK, by, "")


@transaction.atomic
def send_back(edition: Edition, by, words: str) -> Edition:
    """Return an edition to its author with what to mend."""
    _ask(by, "approve", edition)
    if not words.strip():
        raise ValidationError("Say what to mend: its author sees these words first.")
    edition = _locked(edition)
    _must_be(edition, EditionState.IN_REVIEW)
    return _move(edition, EditionState.DRAFT, Kind.SENT_BACK, by, words)


@transaction.atomic
def approve(
    edition: Edition,
    by,
    at: datetime | None = None,
    checked: Checked | None = None,
    others_are_known: bool = False,
    as_seen: str = "",
) -> Edition:
    """Make an edition live now, or from a moment to come; a moment that is past means now.

    ``as_seen`` is the sign of the edition that the approver read (``seen``); what was changed since is not approved.

    Where another edition is approved for later, that one takes over then: whoever approves must know it.
    """
    _ask(by, "approve", edition)
    edition = _locked(edition)
    _must_be(edition, EditionState.DRAFT, EditionState.IN_REVIEW)
    if as_seen and as_seen != seen(edition):
        raise ValidationError("Somebody changed this edition after you opened this page. Read it again, then approve.")
    if problem := objection(by, edition):
        raise ValidationError(problem)
    now = timezone.now()
    at = max(at or now, now)
    _check_time(edition, at, now, others_are_known)
    if edition.is_withdrawal and (problem := takedown.problem(edition)):
        raise ValidationError(problem)
    faults = gate.inspect(edition).faults
    if faults:
        raise ValidationError([f"{fault.where}: {fault.wrong} {fault.do}".strip() for fault in faults])
    _note_check(edition, checked)
    edition.save()
    edition = editions.approve(edition, by, at)
    record(edition, Kind.APPROVED, by, f"From {in_words(at)}." if at > now else "From now on.")
    return edition


def _check_time(edition: Edition, at: datetime, now: datetime, others_are_known: bool) -> None:
    if at > now + FURTHEST:
        raise ValidationError("Choose a day in the next two years.")
    of_thing = (
        type(edition).objects.approved().filter(**{edition.thing_field: edition.thing}, language=edition.language)
    )
    same = of_thing.filter(publish_at=at).first()
    if same:
        raise ValidationError(f"Edition {same.number} is approved for {in_words(at)} too. Choose another minute.")
    others = others_to_come(edition, at)
    if others and not others_are_known:
        first = others[0]
        raise ValidationError(
            f"Edition {first.number} is approved for {in_words(first.publish_at)} and takes over then. "
            "Tick the box that says so, or call that edition back first."
        )


def _note_check(edition: Edition, checked: Checked | None) -> None:
    """Keep what the approver says was checked. A contact is not approved without, unless it is taken down."""
    if checked is None:
        if edition.needs_second_person and not edition.is_withdrawal:
            raise ValidationError("Say how the number was checked, and on which day.")
        return
    today = timezone.localdate()
    if checked.on > today:
        raise ValidationError("The day of the check is in the future.")
    if checked.review_by <= today:
        raise ValidationError("The next check must be on a day to come.")
    if edition.needs_second_person and not checked.how:
        raise ValidationError("Say how the number was checked.")
    edition.checked_on, edition.checked_by, edition.review_by = checked.on, checked.by, checked.review_by
    if edition.needs_second_person:
        edition.checked_how = checked.how


@transaction.atomic
def call_back(edition: Edition, by) -> Edition:
    """Make a draft again of an edition that is approved for a time to come: no reader has seen it yet.

    The approved edition itself is not changed, as no approved edition is: its words go on in a copy, and it goes
    away. Once its time has come it is final.
    """
    _ask(by, "approve", edition)
    edition = _locked(edition)
    _must_be(edition, EditionState.APPROVED)
    if edition.publish_at <= timezone.now():
        raise ValidationError("Too late: readers see this edition already. Make a new draft, or take the page down.")
    draft = editions.copy_as_draft(edition, edition.author, edition.change_note)
    draft.is_withdrawal, draft.withdrawal_reason = edition.is_withdrawal, edition.withdrawal_reason
    draft.withdrawal_instead, draft.withdrawal_redirects = edition.withdrawal_instead, edition.withdrawal_redirects
    draft.changed_by = edition.changed_by
    draft.save()
    for each in EditionEvent.objects.of(edition):
        EditionEvent.objects.create(about=draft, kind=each.kind, by=each.by, at=each.at, words=each.words)
    record(draft, Kind.TAKEN_BACK, by, "Called back before its time.")
    edition.delete()
    # Whatever approving changed beside the edition (the search) is made anew from what is approved now.
    draft.on_approval()
    return draft


@transaction.atomic
def make_withdrawal(
    edition: Edition, by, *, reason: str, instead: str = "", redirects: bool = False, at: datetime | None = None
) -> Edition:
    """A draft that takes the page of a live edition down once it is approved."""
    _ask(by, "add", edition)
    if not type(edition).objects.live(language=edition.language).filter(pk=edition.pk).exists():
        raise ValidationError("This edition is not live, so there is nothing to take down. Open the live one.")
    draft = editions.copy_as_draft(edition, by, "Takes the page down")
    draft.is_withdrawal, draft.withdrawal_reason = True, reason
    draft.withdrawal_instead, draft.withdrawal_redirects = instead, redirects
    draft.publish_at = at
    if problem := takedown.problem(draft):
        raise ValidationError(problem)
    draft.full_clean()
    draft.save()
    record(draft, Kind.MADE, by, "To take the page down.")
    return draft


@transaction.atomic
def discard(edition: Edition, by) -> None:
    """Throw a draft away, with its parts. Its events stay, as everything does that says who did what."""
    edition = _locked(edition)
    if edition.state == EditionState.DRAFT and not may_discard(by, edition):
        raise PermissionDenied
    _ask(by, "delete", edition)
    _must_be(edition, EditionState.DRAFT)
    edition.delete()
