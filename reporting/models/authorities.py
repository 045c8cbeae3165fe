"""Authorities, and the postcodes that lead to them."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from safety_site import viewing
from safety_site.fields import SluggedModel, SlugManager
from safety_site.search_index import SearchDocument
from safety_site.vocabulary import FoundKind


class Nation(models.TextChoices):
    """In the order in which most readers come; we do not say region."""

    ENGLAND = "england", "England"
    SCOTLAND = "scotland", "Scotland"
    WALES = "wales", "Wales"
    NORTHERN_IRELAND = "northern-ireland", "Northern Ireland"


class Tier(models.TextChoices):
    """The kinds of local authority; those that run children's services first."""

    COUNTY = "county", "County council"
    UNITARY = "unitary", "Unitary authority"
    METROPOLITAN = "metropolitan-district", "Metropolitan district"
    LONDON_BOROUGH = "london-borough", "London borough"
    CITY_OF_LONDON = "city-of-london", "City of London"
    WELSH = "welsh-unitary", "Welsh principal area"
    SCOTTISH = "scottish-council", "Scottish council area"
    HEALTH_TRUST = "health-trust", "Health and social care trust"
    DISTRICT = "district", "District council"
    NI_DISTRICT = "ni-district", "Northern Ireland district"


class AuthorityQuerySet(models.QuerySet):
    def in_force(self) -> Self:
        """Those that exist today."""
        today = viewing.day()
        return self.filter(
            Q(started_on__isnull=True) | Q(started_on__lte=today), Q(ended_on__isnull=True) | Q(ended_on__gte=today)
        )

    def ended(self) -> Self:
        """Those that are no more."""
        return self.filter(ended_on__lt=viewing.day())

    def named(self, words: str) -> Self:
        """Those whose name holds these words, in English or Welsh; ended ones too, since people still use theirs."""
        return self.filter(Q(name__icontains=words) | Q(council_name__icontains=words) | Q(name_cy__icontains=words))

    def in_nation(self, nation: str) -> Self:
        return self.filter(nation=nation)

    def with_childrens_services(self) -> Self:
        """Those that are answerable for children's social care themselves."""
        return self.filter(children_services=F("pk"))


class AuthorityManager(SlugManager.from_queryset(AuthorityQuerySet)):
    pass


class Authority(SluggedModel):
    """A council of any tier, or in Northern Ireland a health and social care trust; ended ones are kept."""

    gss_code = models.CharField(
        max_length=9, unique=True, null=True, blank=True, help_text="Official area code; health trusts have none here."
    )
    name = models.CharField(max_length=80)
    name_cy = models.CharField("Welsh name", max_length=80, blank=True)
    council_name = models.CharField(max_length=120, help_text="The body, for example “Essex County Council”.")
    nation = models.CharField(max_length=20, choices=Nation)
    tier = models.CharField(max_length=24, choices=Tier)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="districts", help_text="The county of a district."
    )
    children_services = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="serves_children_of",
        help_text="Who runs children's social care here: the county for a district, else itself; "
        "empty for a council in Northern Ireland, where the trusts do.",
    )
    started_on = models.DateField(null=True, blank=True, help_text="Empty: it was there before our records begin.")
    ended_on = models.DateField(null=True, blank=True, help_text="Its last day.")
    succeeded_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="predecessors")
    also_succeeded_by = models.ManyToManyField(
        "self",
        symmetrical=False,
        blank=True,
        related_name="also_predecessors",
        help_text="The others, where it was split: Cumbria became two councils.",
    )

    objects = AuthorityManager()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "authorities"
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(succeeded_by__isnull=False),
                name="authority_ended_has_successor",
                violation_error_message="An authority that ended needs the one that took its place.",
            ),
            models.CheckConstraint(
                condition=Q(started_on__isnull=True) | Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="authority_ends_after_start",
                violation_error_message="An authority cannot end before it starts.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("reporting:authority", args=[self.slug])

    def search_document(self) -> SearchDocument | None:
        if self.has_ended:
            return None
        return SearchDocument(
            kind=FoundKind.CONTACT,
            title=f"Who to call in {self.name}",
            url=self.get_absolute_url(),
            summary=f"The numbers for worries about a child in {self.name}, and which one answers now.",
            keywords=[self.council_name, self.name_cy, "MASH front door social services children’s social care"],
            hidden_words=["night evening weekend 3am out of hours emergency duty team safeguarding referral council"],
        )

    @property
    def has_ended(self) -> bool:
        return self.ended_on is not None and self.ended_on < viewing.day()


class FormerCodeManager(models.Manager):
    def get_by_natural_key(self, code: str, slug: str):
        return self.get(code=code, authority__slug=slug)


class FormerCode(models.Model):
    """A GSS code that an authority, or one that it took the place of, used to have; old data still says it.

    The code of a county that was split has a row for each council that took its place.
    """

    code = models.CharField(max_length=9)
    name = models.CharField(max_length=80)
    authority = models.ForeignKey(Authority, models.CASCADE, related_name="former_codes")
    change = models.CharField(max_length=20, choices=[("abolished", "Abolished"), ("recoded", "Recoded")])
    ended_on = models.DateField(null=True, blank=True)

    objects = FormerCodeManager()

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["code", "authority"], name="former_code_authority_once")]

    def __str__(self) -> str:
        return f"{self.code} ({self.name})"

    def natural_key(self) -> tuple[str, str]:
        return (self.code, self.authority.slug)


class Postcode(models.Model):
    """One full postcode and the authority it lies in; some 2.7 million rows, read one at a time by key.

    ``key`` is the postcode as a number (``reporting.postcodes.key_of``), so that the table is its own index.
    The table is loaded beside the old one and swapped (``reporting.importing``); hence no foreign key
    constraint and no index but the key.
    """

    class Status(models.IntegerChoices):
        """What the source says of the postcode itself."""

        LIVE = 0, "In use"
        NOT_LIVE = 1, "No longer in use, or newer than our list of those in use"
        LARGE_USER = 2, "A business or a post office box"
        LARGE_USER_NOT_LIVE = 3, "A business or a post office box, no longer in use"

    class Place(models.IntegerChoices):
        """Where it is when no authority covers it."""

        UK = 0, "United Kingdom"
        CHANNEL_ISLANDS = 1, "Channel Islands"
        ISLE_OF_MAN = 2, "Isle of Man"

    key = models.BigIntegerField(primary_key=True)
    authority = models.ForeignKey(
        Authority, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    status = models.PositiveSmallIntegerField(choices=Status, default=Status.LIVE)
    place = models.PositiveSmallIntegerField(choices=Place, default=Place.UK)

    def __str__(self) -> str:
        return str(self.key)


class Outcode(models.Model):
    """One authority that an outward code ("SS9") reaches into; a shared outward code has several rows."""

    outcode = models.CharField(max_length=4)
    authority = models.ForeignKey(Authority, models.CASCADE, related_name="outcodes")
    live_postcodes = models.PositiveIntegerField(help_text="How many in use lie in this authority; 0: none any more.")

    class Meta:
        ordering = ["outcode", "-live_postcodes"]
        constraints = [models.UniqueConstraint(fields=["outcode", "authority"], name="outcode_authority_once")]

    def __str__(self) -> str:
        return f"{self.outcode}: {self.authority}"


class DataSource(models.Model):
    """Which file the postcodes came from, for the page and for the next import."""

    name = models.CharField(max_length=120, help_text="For example “ONSPD November 2025”.")
    imported_at = models.DateTimeField(default=timezone.now)
    rows = models.PositiveIntegerField()
    is_whole = models.BooleanField(default=False, help_text="Every postcode, not only those that ship with the site.")
    year = models.PositiveSmallIntegerField(help_text="Of the data, for the copyright lines.")
    shipped_version = models.CharField(
        max_length=64,
        blank=True,
        help_text="The files under fixtures/data/ that were there, so that they are not loaded again.",
    )

    class Meta:
        ordering = ["-imported_at"]

    def __str__(self) -> str:
        return self.name
