"""What the search knows: what can be found, the words that people use instead of ours, and what worries sound like."""

from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone
from modelsearch import index

from safety_site.vocabulary import Concern, FoundKind


class SearchEntryQuerySet(models.QuerySet):
    def live(self, at: datetime | None = None) -> Self:
        """What a reader may find at a moment (default: now)."""
        at = at or timezone.now()
        return self.filter(valid_from__lte=at, valid_until__gt=at)


class SearchEntry(index.Indexed, models.Model):
    """One edition (or link) that can be found in a stretch of time, with its words flattened for the search.

    Made from what is approved, by ``safety_site.search_index``; never edited by hand. A page that will be
    live from tomorrow has its entry today, so that nothing needs to run at that moment.
    """

    # Indexing is told, not guessed: the parts of an edition are saved after the edition itself.
    search_auto_update = False

    thing = models.CharField(max_length=120, help_text="What it is an edition of, for example “topicedition:12”.")
    kind = models.CharField(max_length=12, choices=FoundKind)
    # Before the long texts: every search reads these two of each row that it finds.
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    title = models.CharField(max_length=200)
    url = models.CharField(max_length=300, help_text="On this site, or https elsewhere for a useful link.")
    summary = models.TextField(blank=True)
    body = models.TextField(blank=True, help_text="All its words, for the extract.")
    concern = models.CharField(max_length=30, choices=Concern, blank=True)
    title_stems = models.TextField()
    keyword_stems = models.TextField(blank=True)
    heading_stems = models.TextField(blank=True)
    stems = models.TextField(help_text="Every stem of the page once, marked so that no database stems it again.")

    objects = SearchEntryQuerySet.as_manager()

    search_fields = [
        index.SearchField("stems"),
        index.FilterField("valid_from"),
        index.FilterField("valid_until"),
    ]

    class Meta:
        indexes = [models.Index(fields=["thing"], name="search_entry_thing")]
        verbose_name_plural = "search entries"

    def __str__(self) -> str:
        return self.title

    @property
    def leads_away(self) -> bool:
        return self.url.startswith("https://")


class SearchWord(models.Model):
    """A word that stands on the site, for spelling help; not what anybody typed."""

    word = models.CharField(max_length=40, unique=True)
    stem = models.CharField(max_length=40, db_index=True)
    is_common = models.BooleanField(default=False, help_text="Stands on so many pages that it tells little.")

    def __str__(self) -> str:
        return self.word


class SearchStem(models.Model):
    """A stem by which a page can be found: a word whose stem has no row stands on no page.

    The row without a stem says up to which entry that is sure. Where it is missing, or entries are newer (a release
    before this table wrote them), nobody can say, and the index itself is asked.
    """

    stem = models.CharField(max_length=40, unique=True)
    newest = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return self.stem


class InUseQuerySet(models.QuerySet):
    def in_use(self) -> Self:
        """What the search reads; the rest an editor has switched off."""
        return self.filter(is_in_use=True)


class ByTypedManager(models.Manager.from_queryset(InUseQuerySet)):
    def get_by_natural_key(self, typed: str):
        return self.get(typed=typed)


class SearchSynonym(models.Model):
    """Words that people type, and the words that our pages use for it."""

    typed = models.CharField(
        max_length=80, unique=True, help_text="What people type, for example “sexting” or “insta”. One or more words."
    )
    means = models.CharField(max_length=120, help_text="The words of our pages, for example “nudes”.")
    note = models.CharField(max_length=200, blank=True, help_text="Why, for other editors.")
    is_in_use = models.BooleanField("in use", default=True, help_text="Off: the search does not know it.")

    objects = ByTypedManager()

    class Meta:
        ordering = ["typed"]

    def __str__(self) -> str:
        return f"{self.typed} → {self.means}"

    def natural_key(self) -> tuple[str]:
        return (self.typed,)


class ByWordsManager(models.Manager.from_queryset(InUseQuerySet)):
    def get_by_natural_key(self, words: str):
        return self.get(words=words)


class WorryWords(models.Model):
    """Plain words in which people tell of a worry: they lead to the right page, or to help at once.

    They count wherever all of them stand near each other in what somebody wrote, in any order and form.
    """

    words = models.CharField(
        max_length=120, unique=True, help_text="The few words that matter, for example “daughter sent photo”."
    )
    concern = models.CharField(max_length=30, choices=Concern)
    is_urgent = models.BooleanField(
        "a child may be in danger", default=False, help_text="Help is shown before anything else."
    )
    is_in_use = models.BooleanField("in use", default=True, help_text="Off: these words lead nowhere.")

    objects = ByWordsManager()

    class Meta:
        ordering = ["concern", "words"]
        verbose_name = "words of a worry"
        verbose_name_plural = "words of worries"

    def __str__(self) -> str:
        return self.words

    def natural_key(self) -> tuple[str]:
        return (self.words,)
