"""What the newsroom keeps beside the content: who did what, words not yet saved, links for reviewers, and the like.

Rows about an edition or any other row name it by its content type and key; ``safety_site`` knows no model of
the apps above it.
"""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from safety_site.viewing import moment


class AboutRow(models.Model):
    """Something that is told of one row of any model."""

    content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    about = GenericForeignKey("content_type", "object_id")

    class Meta:
        abstract = True


class EditionEventQuerySet(models.QuerySet):
    def of(self, edition: models.Model) -> Self:
        return self.filter(content_type=ContentType.objects.get_for_model(edition), object_id=edition.pk)

    def steps(self) -> Self:
        """Without the notes of who wrote in it on the way."""
        return self.exclude(kind=EditionEvent.Kind.CHANGED)


class EditionEvent(AboutRow):
    """One step of an edition from draft to live, with who took it, when, and what they said."""

    class Kind(models.TextChoices):
        """In the order in which they come."""

        MADE = "made", "Made"
        CHANGED = "changed", "Changed"
        SENT = "sent", "Sent for review"
        SENT_BACK = "sent-back", "Sent back"
        TAKEN_BACK = "taken-back", "Taken back to draft"
        APPROVED = "approved", "Approved"

    kind = models.CharField(max_length=12, choices=Kind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    words = models.TextField(blank=True, help_text="What to look at, or what to mend.")

    objects = EditionEventQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["content_type", "object_id"], name="edition_event_about")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%d %B %Y %H:%M}"


class AutoSave(models.Model):
    """The form of one editor as it stood half a minute ago, so that a crash or a lost session loses no words.

    Each opening of a form is a page of its own: what was kept of an earlier one is not overwritten by a new one
    before the editor has seen it, nor by a second tab.
    """

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    model = models.CharField(max_length=80, help_text="For example “guidance.topicedition”.")
    object_id = models.PositiveBigIntegerField(default=0, help_text="0: a page that was never saved.")
    page = models.CharField(max_length=32, default="", help_text="Which opening of the form: a random word.")
    form = models.TextField(help_text="The fields of the form, as a browser sends them.")
    revision = models.PositiveIntegerField(default=0, help_text="Of the row, when the form was opened.")
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["by", "model", "object_id", "page"], name="auto_save_once")]

    def __str__(self) -> str:
        return f"{self.model} {self.object_id}, {self.saved_at:%d %B %Y %H:%M}"


class PreviewLinkQuerySet(models.QuerySet):
    def usable(self, at: datetime | None = None) -> Self:
        """Neither expired nor revoked at a moment (default: now)."""
        return self.filter(expires_at__gt=at or timezone.now(), revoked_at=None)


class PreviewLink(AboutRow):
    """A signed link by which one reviewer without an account may read one edition, for some days."""

    for_whom = models.CharField(
        "for", max_length=120, help_text="Who gets the link, for example “Dr Shah, paediatrics”."
    )
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

    objects = PreviewLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        indexes = [models.Index(fields=["content_type", "object_id"], name="preview_link_about")]

    def __str__(self) -> str:
        return f"For {self.for_whom}, until {self.expires_at:%d %B %Y %H:%M}"


class FormerSlugQuerySet(models.QuerySet):
    def of(self, model: type[models.Model]) -> Self:
        return self.filter(model=model._meta.label_lower)


class FormerSlugManager(models.Manager.from_queryset(FormerSlugQuerySet)):
    def get_by_natural_key(self, model: str, slug: str):
        return self.get(model=model, slug=slug)


class FormerSlug(models.Model):
    """A slug that a thing had before: its old address leads to the new one, in one step, for ever."""

    model = models.CharField(max_length=80, help_text="Of the thing, for example “guidance.topic”.")
    slug = models.SlugField(max_length=80)
    thing_id = models.PositiveBigIntegerField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = FormerSlugManager()

    class Meta:
        ordering = ["model", "slug"]
        constraints = [models.UniqueConstraint(fields=["model", "slug"], name="former_slug_once")]

    def __str__(self) -> str:
        return f"{self.model}: {self.slug}"

    def natural_key(self) -> tuple[str, str]:
        return (self.model, self.slug)


class LinkCheck(models.Model):
    """What became of one outside address when ``check_links`` last asked for it."""

    class State(models.TextChoices):
        """Best first."""

        WORKS = "works", "Works"
        UNSURE = "unsure", "Unsure: it does not answer programs, or failed for the first time"
        BROKEN = "broken", "Broken: it failed on several days"
        REFUSED = "refused", "Not asked: it leads to a private network"

    url = models.URLField(max_length=500, unique=True)
    state = models.CharField(max_length=10, choices=State)
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="The answer's number, for example 404.")
    reason = models.CharField(max_length=200, blank=True, help_text="In words: what went wrong.")
    leads_to = models.URLField(max_length=500, blank=True, help_text="Where it ended after redirects.")
    failed_days = models.PositiveSmallIntegerField(default=0, help_text="On how many days in a row it failed.")
    last_failed_on = models.DateField(null=True, blank=True)
    checked_at = models.DateTimeField()

    class Meta:
        ordering = ["url"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["works", "unsure", "broken", "refused"]), name="link_check_state_known"
            )
        ]

    def __str__(self) -> str:
        return self.url


class BannedPhraseQuerySet(models.QuerySet):
    def in_use(self) -> Self:
        return self.filter(is_in_use=True)


class ByPhraseManager(models.Manager.from_queryset(BannedPhraseQuerySet)):
    def get_by_natural_key(self, phrase: str):
        return self.get(phrase=phrase)


class BannedPhrase(models.Model):
    """Words that harm, blame or mislead: no edition with them can be approved."""

    phrase = models.CharField(max_length=80, unique=True, help_text="In any case, as whole words.")
    why = models.CharField(max_length=200)
    say_instead = models.CharField(max_length=120, blank=True)
    is_in_use = models.BooleanField("in use", default=True, help_text="Off: these words are allowed.")

    objects = ByPhraseManager()

    class Meta:
        ordering = ["phrase"]

    def __str__(self) -> str:
        return self.phrase

    def natural_key(self) -> tuple[str]:
        return (self.phrase,)


class EmergencyBannerQuerySet(models.QuerySet):
    def live(self, at: datetime | None = None) -> Self:
        """What readers see at a moment (default: now, or the moment that staff view)."""
        at = at or moment()
        begun = Q(approved_by__isnull=False, starts_at__lte=at)
        return self.filter(begun).filter(Q(ends_at=None) | Q(ends_at__gt=at))


class EmergencyBannerManager(models.Manager.from_queryset(EmergencyBannerQuerySet)):
    def get_by_natural_key(self, starts_at: datetime, words: str):
        return self.get(starts_at=starts_at, words=words)


class EmergencyBanner(models.Model):
    """A few words at the top of every page, or of one council's pages, for some hours or days."""

    class Level(models.TextChoices):
        """Most urgent first."""

        DANGER = "danger", "Danger: act now"
        WARNING = "warning", "Warning"
        NEWS = "news", "Good to know"

    level = models.CharField(max_length=8, choices=Level, default=Level.WARNING)
    words = models.CharField(max_length=300, help_text="What readers see. Say what to do.")
    link = models.CharField(
        max_length=200, blank=True, help_text="Address on this site that tells more, for example /contacts/national/."
    )
    link_words = models.CharField(max_length=80, blank=True, help_text="For example “National helplines”.")
    council = models.SlugField(
        max_length=80, blank=True, help_text="The slug of one council; empty: every page of the site."
    )
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, blank=True, help_text="Empty: until somebody ends it.")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    approved_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = EmergencyBannerManager()

    class Meta:
        ordering = ["-starts_at"]
        default_permissions = ("add", "change", "delete", "view", "approve")
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None) | Q(author=None) | ~Q(approved_by=F("author")),
                name="emergency_banner_two_people",
                violation_error_message="A second person must approve a banner: not its author.",
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="emergency_banner_ends_later",
                violation_error_message="A banner ends after it starts.",
            ),
            models.CheckConstraint(
                condition=Q(link="") | (Q(link__startswith="/") & ~Q(link__startswith="//") & ~Q(link_words="")),
                name="emergency_banner_link_here",
                violation_error_message="Its link starts with a slash, stays on this site, and has words.",
            ),
        ]

    def __str__(self) -> str:
        return self.words

    def natural_key(self) -> tuple[datetime, str]:
        return (self.starts_at, self.words)


class SuggestedChangeQuerySet(models.QuerySet):
    def waiting(self) -> Self:
        return self.filter(state=SuggestedChange.State.WAITING)


class SuggestedChange(models.Model):
    """A change to a row that has no editions (a link, a synonym, a council): it waits until somebody accepts it."""

    class State(models.TextChoices):
        """In the order in which it passes through them."""

        WAITING = "waiting", "Waiting"
        ACCEPTED = "accepted", "Accepted"
        REFUSED = "refused", "Refused"

    content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+", editable=False)
    object_id = models.PositiveBigIntegerField(null=True, blank=True, editable=False, help_text="Empty: a new row.")
    title = models.CharField(max_length=200, editable=False, help_text="The row, as editors know it.")
    before = models.JSONField(default=dict, editable=False, help_text="Its fields when this was suggested.")
    after = models.JSONField(default=dict, editable=False, help_text="Its fields as suggested.")
    source = models.CharField(max_length=200, blank=True, editable=False, help_text="The file that it came in.")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SuggestedChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "pk"]
        default_permissions = ("add", "change", "delete", "view", "approve")
        indexes = [models.Index(fields=["content_type", "object_id"], name="suggested_change_about")]

    def __str__(self) -> str:
        return self.title
