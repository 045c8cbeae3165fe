"""What readers say about a page, what editors let others read of it, and how often one address may write."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.timezone import localtime

from safety_site.vocabulary import Concern

LONGEST_COMMENT = 2_000
LONGEST_PUBLIC_WORDS = 600  # shorter: a page must stay small with all that it shows


class FeedbackQuerySet(models.QuerySet):
    def published(self) -> Self:
        """What a reader may see: only ``public_words`` and ``reply``, never the comment."""
        return self.filter(state=Feedback.State.PUBLISHED)

    def urgent(self) -> Self:
        """What reads as if a child may be in danger."""
        return self.filter(is_urgent=True)

    def about(self, path: str) -> Self:
        return self.filter(path=path)


class Feedback(models.Model):
    """One visitor's answer about one page. Nothing in it tells who the visitor is, unless they wrote it themselves."""

    class Useful(models.TextChoices):
        """The answer to "Was this page useful?"; empty where it was not given."""

        YES = "yes", "Yes"
        NO = "no", "No"

    class State(models.TextChoices):
        """What became of it; what needs an editor first. A vote has no words, so there is nothing to decide."""

        WAITING = "waiting", "Waiting for an editor"
        PUBLISHED = "published", "Published"
        NOT_PUBLISHED = "not-published", "Not published"
        SPAM = "spam", "Spam"
        VOTE = "vote", "Yes or no, without words"

    path = models.CharField("page", max_length=200, db_index=True, help_text="The address, from the first slash.")
    page_title = models.CharField(max_length=200)
    useful = models.CharField("found the page useful", max_length=3, choices=Useful, blank=True)
    comment = models.CharField(
        max_length=LONGEST_COMMENT, blank=True, help_text="As it was written. Readers never see this."
    )
    state = models.CharField(max_length=13, choices=State, default=State.WAITING)
    is_urgent = models.BooleanField("a child may be in danger", default=False)
    concern = models.CharField("reads like", max_length=30, choices=Concern, blank=True)
    public_words = models.CharField(
        "what readers see",
        max_length=LONGEST_PUBLIC_WORDS,
        blank=True,
        help_text="Copy the comment here and take out every name, place, school, number and anything else that could "
        "tell who wrote it or whom it is about.",
    )
    reply = models.CharField("our reply", max_length=LONGEST_PUBLIC_WORDS, blank=True, help_text="Readers see this.")
    moderated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    moderated_at = models.DateTimeField(null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(editable=False)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_at"]
        verbose_name = "answer from a reader"
        verbose_name_plural = "answers from readers"
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="published")
                | (~Q(public_words="") & Q(moderated_by__isnull=False) & Q(moderated_at__isnull=False)),
                name="feedback_published_by_someone",
                violation_error_message="To publish, say what readers see, and be the editor who does it.",
            ),
            models.CheckConstraint(
                condition=~Q(comment="") | ~Q(useful="") | ~Q(public_words=""),
                name="feedback_says_something",
                violation_error_message="An answer has words, or a yes or a no.",
            ),
        ]

    def __str__(self) -> str:
        # Without a word of the comment: the log of editors' changes keeps this after the answer is deleted.
        return f"“{self.page_title}”, {date_format(localtime(self.sent_at), 'j F Y')}"


class PageCommentsQuerySet(models.QuerySet):
    def closed(self) -> Self:
        return self.filter(is_open=False)


class PageCommentsManager(models.Manager.from_queryset(PageCommentsQuerySet)):
    def get_by_natural_key(self, path: str):
        return self.get(path=path)


class PageComments(models.Model):
    """Whether readers may answer about one page; a page without a row is open."""

    path = models.CharField(
        "page", max_length=200, unique=True, help_text="The address from the first slash, for example /topics/gaming/."
    )
    is_open = models.BooleanField("open", default=False, help_text="Off: the page says that comments are closed.")
    note = models.CharField(max_length=200, blank=True, help_text="Why they are closed. Readers see this.")

    objects = PageCommentsManager()

    class Meta:
        ordering = ["path"]
        verbose_name = "page with comments open or closed"
        verbose_name_plural = "pages with comments open or closed"

    def __str__(self) -> str:
        return f"{self.path} ({'open' if self.is_open else 'closed'})"

    def natural_key(self) -> tuple[str]:
        return (self.path,)


class FeedbackDay(models.Model):
    """A day on which feedback came, with the random salt of its addresses. Gone with another day's first answer."""

    day = models.DateField(unique=True)
    salt = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.day}"


class FeedbackSender(models.Model):
    """How often one scrambled address wrote on one day, and in the latest ten minutes in which it did."""

    day = models.ForeignKey(FeedbackDay, models.CASCADE, related_name="senders")
    digest = models.CharField(max_length=64)
    count = models.PositiveSmallIntegerField(default=0)
    window = models.PositiveBigIntegerField(default=0)
    window_count = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "digest"],
                name="feedback_sender_once_a_day",
                violation_error_message="This address is counted already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.count} on {self.day}"
