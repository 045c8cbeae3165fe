"""Editions: whole versions of a thing, of which the latest one approved and due is live.

An edition is one whole version of a thing (a topic, an app profile, a contact) with its children. It goes
from draft to in review to approved. **The live edition of a thing at time T is its approved edition with the
latest ``publish_at`` not after T.** So scheduling needs no job, going back is copying an old edition to a new
draft, and the site can be shown as it stood on any day. An approved edition is never edited again.
Withdrawing is an edition too: it says why, and where to go instead.

A concrete edition names its thing by a foreign key and says which one in ``thing_field``::

    class TopicEdition(Edition):
        thing_field = "topic"
        topic = models.ForeignKey(Topic, models.PROTECT, related_name="editions")

        class Meta(Edition.Meta):
            constraints = edition_constraints("topic", "topic_edition")
"""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import ClassVar, Self

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from safety_site import natural_keys, viewing
from safety_site.checks import CheckedModel

DEFAULT_LANGUAGE = "en-GB"


class EditionState(models.TextChoices):
    """In the order in which an edition passes through them."""

    DRAFT = "draft", "Draft"
    IN_REVIEW = "in-review", "In review"
    APPROVED = "approved", "Approved"


class EditionQuerySet(models.QuerySet):
    def in_force(self, at: datetime | None = None, language: str = DEFAULT_LANGUAGE) -> Self:
        """The edition that counts for each thing at a moment (default: now), withdrawals included.

        At most one row for a thing, held by a unique constraint on (thing, language, publish_at) of approved
        editions and by the strict "later than" here. Without a moment of its own it follows
        ``safety_site.viewing``: staff see a page as of a day, or with a draft in the place of its thing.
        """
        stand_in = None if at else viewing.current().stand_in(self.model)
        at = at or viewing.moment()
        thing = self.model.thing_field
        due = Q(state=EditionState.APPROVED, publish_at__lte=at, language=language)
        later = self.model._base_manager.filter(due, publish_at__gt=OuterRef("publish_at")).filter(
            **{thing: OuterRef(thing)}
        )
        in_force = due & ~Exists(later)
        if stand_in is not None:
            return self.filter(Q(pk=stand_in.pk) | (in_force & ~Q(**{thing: stand_in.thing})))
        return self.filter(in_force)

    def live(self, at: datetime | None = None, language: str = DEFAULT_LANGUAGE) -> Self:
        """What a reader may see at a moment (default: now): in force and not withdrawn. The one way in."""
        return self.in_force(at, language).filter(is_withdrawal=False)

    def withdrawn(self, at: datetime | None = None, language: str = DEFAULT_LANGUAGE) -> Self:
        """The withdrawals in force at a moment: each says why, and where to go instead."""
        return self.in_force(at, language).filter(is_withdrawal=True)

    def approved(self) -> Self:
        """Every edition that was, is or will be in force; for what must know of those to come, not for readers."""
        return self.filter(state=EditionState.APPROVED)

    def review_due(self, on: date | None = None) -> Self:
        """Live editions whose review date is past on a day (default: today)."""
        return self.live().filter(review_by__lt=on or timezone.localdate())


class EditionManager(models.Manager.from_queryset(EditionQuerySet)):
    def get_by_natural_key(self, slug: str, language: str, number: int):
        """The edition by its thing's slug, or by one that its thing had before it was renamed."""
        return natural_keys.row(
            self.model, (slug, language, number), lambda: self._by_natural_key(slug, language, number)
        )

    def _by_natural_key(self, slug: str, language: str, number: int):
        thing_field = self.model.thing_field
        try:
            return self.get(**{f"{thing_field}__slug": slug}, language=language, number=number)
        except self.model.DoesNotExist:
            thing_model = self.model._meta.get_field(thing_field).related_model
            try:
                thing = thing_model._default_manager.get_by_natural_key(slug)
            except thing_model.DoesNotExist:
                raise self.model.DoesNotExist from None
            return self.get(**{thing_field: thing}, language=language, number=number)


class Edition(CheckedModel):
    """One whole version of a thing in one language."""

    thing_field: str  # name of the foreign key to the thing
    kept_parts: ClassVar[dict[str, str]] = {}  # names of parts whose HTML is kept, with their templates: ``kept.py``
    needs_second_person = False  # whether somebody must approve it who neither wrote it nor changed it last

    language = models.CharField(max_length=10, default=DEFAULT_LANGUAGE)
    number = models.PositiveIntegerField(
        editable=False, help_text="Counts the editions of this thing in this language, from 1."
    )
    state = models.CharField(max_length=10, choices=EditionState, default=EditionState.DRAFT)
    publish_at = models.DateTimeField(
        null=True, blank=True, help_text="London time. Once approved, readers see this edition from then on."
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    imported_from = models.CharField(
        max_length=200,
        blank=True,
        editable=False,
        help_text="For content that came with the site: the source and its date, in place of an approver.",
    )
    change_note = models.CharField(max_length=300, blank=True, help_text="What changed and why, for editors.")
    editor_note = models.TextField(
        blank=True, help_text="Check this: what is not yet certain. Editors see it, readers do not."
    )
    is_withdrawal = models.BooleanField(
        default=False, help_text="Take the page down from the publishing time. Readers see the reason."
    )
    withdrawal_reason = models.CharField(max_length=300, blank=True)
    withdrawal_instead = models.CharField(
        max_length=200, blank=True, help_text="Address on this site to go to instead, for example /topics/."
    )
    withdrawal_redirects = models.BooleanField(
        "send readers there at once",
        default=False,
        help_text="On: the old address leads straight to the other page. Off: readers see the reason first.",
    )
    based_on = models.PositiveIntegerField(
        null=True, blank=True, editable=False, help_text="The number of the edition that this one was copied from."
    )
    revision = models.PositiveIntegerField(
        default=0, editable=False, help_text="Counts the saves, so that two people in one draft are noticed."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

    objects = EditionManager()

    class Meta:
        abstract = True
        # Who writes and who approves are different rights.
        default_permissions = ("add", "change", "delete", "view", "approve")

    def __str__(self) -> str:
        return f"{self.thing} · edition {self.number} ({self.get_state_display().lower()})"

    @property
    def thing(self) -> models.Model:
        return getattr(self, self.thing_field)

    def pages(self) -> list[str]:
        """Addresses of the pages on which readers would find this edition; the one that is most its own first."""
        return [self.get_absolute_url()]

    @property
    def is_approved(self) -> bool:
        return self.state == EditionState.APPROVED

    def natural_key(self) -> tuple[str, str, int]:
        return (self.thing.slug, self.language, self.number)

    def on_approval(self) -> None:
        """What else changes in the moment in which this edition is approved; nothing by itself."""

    def clean(self) -> None:
        super().clean()
        # "//elsewhere.example/" begins with a slash too, and leads to another site.
        instead = self.withdrawal_instead
        stays_here = instead.startswith("/") and url_has_allowed_host_and_scheme(instead, allowed_hosts=None)
        if self.is_withdrawal and instead and not stays_here:
            raise ValidationError({"withdrawal_instead": "Start with a slash: an address on this site."})


@cache
def edition_models() -> tuple[type[Edition], ...]:
    """Every kind of edition there is."""
    return tuple(model for model in apps.get_models() if issubclass(model, Edition))


class EditionPartManager(models.Manager):
    def get_by_natural_key(self, slug: str, language: str, number: int, position: int):
        editions = self.model._meta.get_field("edition").related_model
        try:
            edition = editions._default_manager.get_by_natural_key(slug, language, number)
        except editions.DoesNotExist:
            raise self.model.DoesNotExist from None
        return self.get(edition=edition, position=position)


class EditionPart(models.Model):
    """A row that belongs to one edition and is shown in order: a section, a step, a starter.

    A concrete part names its edition by a foreign key called ``edition``. Positions are not unique by
    constraint, since swapping two of them would break it half-way; shipped content keeps them distinct,
    for the natural key.
    """

    position = models.PositiveSmallIntegerField(default=1, help_text="Lowest first.")

    objects = EditionPartManager()

    class Meta:
        abstract = True
        ordering = ["position", "pk"]

    def natural_key(self) -> tuple[str, str, int, int]:
        return (*natural_keys.key_of_related(self, "edition"), self.position)


def edition_constraints(thing_field: str, prefix: str) -> list[models.BaseConstraint]:
    """The rules that the database holds for every kind of edition.

    ``prefix`` makes their names unique, as both databases ask for.
    """
    approved = Q(state=EditionState.APPROVED)
    return [
        models.UniqueConstraint(
            fields=[thing_field, "language", "number"],
            name=f"{prefix}_number_unique",
            violation_error_message="There is an edition with this number already.",
        ),
        models.UniqueConstraint(
            fields=[thing_field, "language", "publish_at"],
            condition=approved,
            name=f"{prefix}_one_live",
            violation_error_message="Another approved edition starts at exactly this time: choose another minute.",
        ),
        models.CheckConstraint(
            condition=Q(state__in=EditionState.values),
            name=f"{prefix}_state_known",
            violation_error_message="An edition is a draft, in review or approved.",
        ),
        models.CheckConstraint(
            condition=~approved | Q(publish_at__isnull=False),
            name=f"{prefix}_approved_has_time",
            violation_error_message="An approved edition needs the time from which readers see it.",
        ),
        models.CheckConstraint(
            condition=~approved | Q(approved_by__isnull=False) | ~Q(imported_from=""),
            name=f"{prefix}_approved_by_someone",
            violation_error_message="An approved edition needs the person who approved it.",
        ),
        models.CheckConstraint(
            condition=Q(is_withdrawal=False) | ~Q(withdrawal_reason=""),
            name=f"{prefix}_withdrawal_says_why",
            violation_error_message="Say why this is withdrawn: readers will see it.",
        ),
        models.CheckConstraint(
            condition=Q(checked_on__isnull=True)
            | (~Q(checked_by="") & Q(review_by__isnull=False) & Q(review_by__gt=F("checked_on"))),
            name=f"{prefix}_checked_whole",
            violation_error_message="A check needs its date, who did it, and a later date for the next one.",
        ),
    ]


class ApprovedEditionIsFinal(Exception):
    """Raised on an attempt to change an approved edition: make a new draft instead."""


def next_number(edition_model: type[Edition], thing: models.Model, language: str = DEFAULT_LANGUAGE) -> int:
    """The number for a new edition of a thing, from 1."""
    of_thing = edition_model._base_manager.filter(**{edition_model.thing_field: thing}, language=language)
    return (of_thing.aggregate(last=models.Max("number"))["last"] or 0) + 1


def _copy_row(row: models.Model, **owner) -> None:
    """Copy one row to a new owner, with its links and with the rows that belong to it (a phone's hours)."""
    links = {field.name: list(getattr(row, field.name).all()) for field in row._meta.many_to_many}
    own = [
        (
            relation.field.name,
            list(relation.related_model._base_manager.filter(**{relation.field.name: row}).order_by("pk")),
        )
        for relation in row._meta.related_objects
        if relation.on_delete is models.CASCADE
    ]
    row.pk = None
    row._state.adding = True
    for name, value in owner.items():
        setattr(row, name, value)
    row.save()
    for name, rows in links.items():
        getattr(row, name).set(rows)
    for name, rows in own:
        for each in rows:
            _copy_row(each, **{name: row})


@transaction.atomic
def copy_as_draft(edition: Edition, author=None, change_note: str = "") -> Edition:
    """A new draft with everything of ``edition``: its fields, its parts with their own rows, the links of all.

    The draft is by ``author``, not approved, not scheduled and not checked: those are said of words that a
    person has read, and these words are about to change.
    """
    model = type(edition)
    many_to_many = {field.name: list(getattr(edition, field.name).all()) for field in model._meta.many_to_many}
    parts = [
        part
        for relation in model._meta.related_objects
        if issubclass(relation.related_model, EditionPart)
        for part in relation.related_model._base_manager.filter(edition=edition).order_by("pk")
    ]
    draft = model._base_manager.get(pk=edition.pk)
    draft.pk = None
    draft._state.adding = True
    draft.number = next_number(model, edition.thing, edition.language)
    draft.state = EditionState.DRAFT
    draft.author, draft.approved_by, draft.imported_from = author, None, ""
    draft.publish_at = None
    draft.forget_check()
    draft.is_withdrawal, draft.withdrawal_reason, draft.withdrawal_instead = False, "", ""
    draft.withdrawal_redirects = False
    draft.change_note = change_note or f"Copied from edition {edition.number}"
    draft.based_on, draft.revision = edition.number, 0
    draft.created_at = draft.changed_at = timezone.now()
    draft.changed_by = author
    draft.save()
    for name, rows in many_to_many.items():
        getattr(draft, name).set(rows)
    for part in parts:
        _copy_row(part, edition=draft)
    return draft


@transaction.atomic
def approve(edition: Edition, approver, publish_at: datetime | None = None) -> Edition:
    """Make an edition live from ``publish_at`` (default: its own time, or now). It is final from here on."""
    edition = type(edition)._base_manager.select_for_update().get(pk=edition.pk)
    if edition.is_approved:
        raise ApprovedEditionIsFinal(f"{edition} is approved already.")
    edition.state = EditionState.APPROVED
    edition.approved_by = approver
    edition.publish_at = publish_at or edition.publish_at or timezone.now()
    edition.full_clean()
    edition.save()
    edition.on_approval()
    return edition
