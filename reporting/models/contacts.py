"""Reporting contacts: ways to reach a service, in editions with their phones, hours and coverage.

On this site a contact is a way to reach a service; in social work it is an approach to the front door, and in
online safety a kind of risk. Hence ``ReportingContact``, and no class called Contact.
"""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from safety_site.editions import Edition, EditionManager, EditionPart, EditionQuerySet, edition_constraints
from safety_site.fields import HttpsURLField, SluggedModel
from safety_site.kept import KeepsParts
from safety_site.search_index import Findable, SearchDocument
from safety_site.vocabulary import Audience, FoundKind

from .authorities import Authority, Nation


class Kind(models.TextChoices):
    """What a contact is for, in the order in which a page shows them."""

    EMERGENCY = "emergency", "Emergency"
    FRONT_DOOR = "front-door", "Children’s services, daytime"
    OUT_OF_HOURS = "out-of-hours", "Children’s services, out of hours"
    POLICE = "police", "Police, not an emergency"
    REPORTING_SERVICE = "reporting-service", "Reporting service"
    TAKEDOWN = "takedown", "Takes images down"
    HELPLINE = "helpline", "Helpline"
    LADO = "lado", "Allegations about adults who work with children"
    EARLY_HELP = "early-help", "Early help"
    ADVICE = "advice", "Advice and support"
    CLOSED = "closed", "Closed or renamed"


class Coverage(models.TextChoices):
    """Where a contact helps; widest first."""

    NATIONAL = "national", "All of the UK"
    NATIONS = "nations", "Some nations"
    AUTHORITIES = "authorities", "Some councils"


class Means(models.TextChoices):
    """How a reader can get in touch; the kinds of ``OtherWay`` that readers ask for are among them."""

    PHONE = "phone", "By phone"
    TEXT = "text", "By text message"
    WEBCHAT = "webchat", "By web chat"
    FORM = "form", "With a form on the web"
    EMAIL = "email", "By email"
    BSL = "bsl", "In British Sign Language"


class ReportingContact(SluggedModel):
    """A way to reach a service, for ever; numbers and hours are in its editions."""

    class Meta:
        ordering = ["slug"]


def _helps_in(nation: str) -> Q:
    names_it = Exists(ContactNation.objects.filter(edition=OuterRef("pk"), nation=nation))
    return Q(coverage=Coverage.NATIONAL) | Q(names_it, coverage=Coverage.NATIONS)


def _serves(authority: Authority) -> Q:
    # Keys, not a question asked of each row: so a database begins with those few that name the council.
    places = [authority.pk, authority.children_services_id]
    named = ContactEdition.authorities.through.objects.filter(authority__in=places).values("contactedition")
    return Q(pk__in=named, coverage=Coverage.AUTHORITIES)


class ContactEditionQuerySet(EditionQuerySet):
    def national(self) -> Self:
        return self.filter(coverage=Coverage.NATIONAL)

    def for_nation(self, nation: str) -> Self:
        """Those that help in a nation: national ones, and those that name it."""
        return self.filter(_helps_in(nation))

    def beyond_councils(self) -> Self:
        """Those for the whole country or for whole nations."""
        # Named, not left out: so the index finds them among a hundred thousand of councils.
        return self.filter(coverage__in=[Coverage.NATIONAL, Coverage.NATIONS])

    def for_audience(self, audience: str) -> Self:
        return self.filter(Exists(ContactAudience.objects.filter(edition=OuterRef("pk"), audience=audience)))

    def reachable_by(self, means: str) -> Self:
        """Those that can be reached in one way, a value of ``Means``."""
        if means in (Means.PHONE, Means.TEXT):
            rows = Phone.objects.filter(is_text=means == Means.TEXT)
        else:
            rows = OtherWay.objects.filter(kind=means)
        return self.filter(Exists(rows.filter(edition=OuterRef("pk"))))

    def open_services(self) -> Self:
        """Without the explanations of what closed or changed its name."""
        return self.exclude(kind=Kind.CLOSED)

    def for_authority(self, authority: Authority) -> Self:
        """Those that name an authority, or the one that runs its children's services."""
        return self.filter(_serves(authority))

    def for_place(self, authority: Authority) -> Self:
        """Everything that helps in an authority's area: local, its nation's, national."""
        return self.filter(_serves(authority) | _helps_in(authority.nation))

    def for_page(self) -> Self:
        """With everything that a contact shows, in a fixed number of queries."""
        return self.select_related("contact").prefetch_related(
            "phones__hours", "audiences", "nations", "ways", "authorities"
        )


class ContactEdition(KeepsParts, Findable, Edition):
    """One whole version of a contact. The database holds that its approver is not its author."""

    class CheckedHow(models.TextChoices):
        """Surest first."""

        RANG = "rang", "Rang the number"
        OFFICIAL_PAGE = "official-page", "Read it on the service’s own page"
        LETTER = "letter", "A letter or email from the service"

    thing_field = "contact"
    kept_parts: ClassVar = {"shown": "reporting/_kept_contact.html"}
    needs_second_person = True

    contact = models.ForeignKey(ReportingContact, models.PROTECT, related_name="editions")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind)
    what_for = models.TextField(help_text="What to use it for, in plain words.")
    not_for = models.TextField(blank=True, help_text="What it cannot do.")
    who_answers = models.CharField(max_length=250, blank=True)
    what_happens = models.TextField(blank=True, help_text="What happens after you get in touch.")
    anonymity = models.CharField(max_length=250, blank=True, help_text="Whether you can stay anonymous.")
    cost = models.CharField(max_length=120, blank=True)
    languages = models.CharField(max_length=150, blank=True)
    for_professionals = models.TextField(blank=True, help_text="Consultation lines, thresholds, written referrals.")
    old_names = models.CharField(max_length=200, blank=True, help_text="Names it had; people still look for them.")
    website = HttpsURLField(blank=True)
    hours_text = models.CharField(max_length=300, blank=True, help_text="Hours as the source tells them.")
    coverage = models.CharField(max_length=12, choices=Coverage)
    authorities = models.ManyToManyField(Authority, related_name="contact_editions", blank=True)
    source = models.CharField(max_length=300, help_text="Where the number was read, with its date.")
    checked_how = models.CharField(
        max_length=14,
        choices=CheckedHow,
        blank=True,
        editable=False,
        help_text="How its approver checked it, on the day in “checked on”.",
    )

    objects = EditionManager.from_queryset(ContactEditionQuerySet)()

    class Meta(Edition.Meta):
        ordering = ["name", "number"]
        constraints = [
            *edition_constraints("contact", "contact_edition"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | Q(author__isnull=True) | ~Q(approved_by=F("author")),
                name="contact_edition_two_people",
                violation_error_message="A second person must approve a contact: not its author.",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | Q(changed_by__isnull=True) | ~Q(approved_by=F("changed_by")),
                name="contact_edition_not_last_changer",
                violation_error_message="A second person must approve a contact: not whoever changed it last.",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | ~Q(source=""),
                name="contact_edition_has_source",
                violation_error_message="Say where the number was read.",
            ),
        ]
        indexes = [
            models.Index(fields=["contact", "language", "publish_at"], name="contact_edition_live"),
            models.Index(fields=["coverage", "kind"], name="contact_edition_coverage"),
        ]

    def get_absolute_url(self) -> str:
        """Where a reader finds it: a council's own number stands on the pages of its councils."""
        if self.coverage == Coverage.AUTHORITIES:
            return reverse("reporting:find")
        return f"{reverse('reporting:national')}#{self.contact.slug}"

    def pages(self) -> list[str]:
        """The pages of its councils; the page of national services for one of any wider coverage."""
        if self.coverage == Coverage.AUTHORITIES:
            return [place.get_absolute_url() for place in self.authorities.all()]
        return [self.get_absolute_url()]

    def serves(self, audience: str) -> bool:
        """A contact that names no audience is for everyone."""
        named = [row.audience for row in self.audiences.all()]
        return not named or audience in named

    def forget_check(self) -> None:
        super().forget_check()
        self.checked_how = ""

    def search_document(self) -> SearchDocument:
        areas, is_closed = list(self.authorities.all()), self.kind == Kind.CLOSED
        return SearchDocument(
            # What closed is never shown as somebody to call.
            kind=FoundKind.NAME if is_closed else FoundKind.CONTACT,
            title=self.name,
            # A number of one council's stands on that council's page; one of several is found by postcode.
            url=areas[0].get_absolute_url() if len(areas) == 1 else self.get_absolute_url(),
            summary=self.what_for,
            keywords=[self.old_names],
            body=[self.not_for, self.who_answers, self.what_happens, self.hours_text],
            hidden_words=[
                self.contact.slug,
                self.get_kind_display(),
                "" if is_closed else "call phone number helpline report",
                *(phone.number for phone in self.phones.all()),
                *(area.name for area in areas),
            ],
        )


class ContactAudience(EditionPart):
    """One audience that may use a contact."""

    edition = models.ForeignKey(ContactEdition, models.CASCADE, related_name="audiences")
    audience = models.CharField(max_length=20, choices=Audience)

    class Meta(EditionPart.Meta):
        constraints = [models.UniqueConstraint(fields=["edition", "audience"], name="contact_audience_once")]


class ContactNation(EditionPart):
    """One nation in which a contact helps, where it does not help in all."""

    edition = models.ForeignKey(ContactEdition, models.CASCADE, related_name="nations")
    nation = models.CharField(max_length=20, choices=Nation)

    class Meta(EditionPart.Meta):
        constraints = [models.UniqueConstraint(fields=["edition", "nation"], name="contact_nation_once")]


class Phone(EditionPart):
    """One number of a contact, with its purpose; its hours are rows."""

    class HoursKnown(models.TextChoices):
        """How sure we are of when it answers."""

        ALWAYS = "always", "Day and night, every day"
        ROWS = "rows", "At the hours listed"
        OFFICE_HOURS = "office-hours", "In office hours, which we do not know exactly"
        OUTSIDE_OFFICE_HOURS = "outside-office-hours", "Outside office hours, which we do not know exactly"
        UNKNOWN = "unknown", "We do not know"

    edition = models.ForeignKey(ContactEdition, models.CASCADE, related_name="phones")
    number = models.CharField(max_length=20, help_text="As published, spaces included; it is dialled as digits.")
    purpose = models.CharField(max_length=120, blank=True, help_text="For example “Priority line”.")
    is_text = models.BooleanField("text messages", default=False, help_text="A number to text, not to ring.")
    answers = models.CharField(max_length=20, choices=HoursKnown, default=HoursKnown.UNKNOWN)
    hours_are_about = models.BooleanField(
        "hours are approximate", default=False, help_text="One source only, or an old copy: readers see “about”."
    )
    open_on_bank_holidays = models.BooleanField(null=True, help_text="Unknown if nobody has said.")

    def __str__(self) -> str:
        return self.number


class OpeningHoursManager(models.Manager):
    def get_by_natural_key(self, slug: str, language: str, number: int, position: int, weekday: int, opens_at):
        phone = Phone.objects.get_by_natural_key(slug, language, number, position)
        return self.get(phone=phone, weekday=weekday, opens_at=opens_at)


class OpeningHours(models.Model):
    """When a phone answers on one weekday, London time. Closing at or before opening means the day after.

    Rows of one day may touch or overlap: they count as one stretch. Rows for bank holidays take the place of
    the weekday's own; without any, ``Phone.open_on_bank_holidays`` says what happens.
    """

    class Weekday(models.IntegerChoices):
        """As Python counts them; bank holidays are a day of their own kind."""

        MONDAY = 0, "Monday"
        TUESDAY = 1, "Tuesday"
        WEDNESDAY = 2, "Wednesday"
        THURSDAY = 3, "Thursday"
        FRIDAY = 4, "Friday"
        SATURDAY = 5, "Saturday"
        SUNDAY = 6, "Sunday"
        BANK_HOLIDAY = 7, "Bank holidays"

    phone = models.ForeignKey(Phone, models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    opens_at = models.TimeField()
    closes_at = models.TimeField(help_text="At or before the opening time: on the next day. 00:00: midnight.")
    is_sure = models.BooleanField(
        default=True, help_text="Off where sources differ: readers are told that it may answer in this time."
    )

    objects = OpeningHoursManager()

    class Meta:
        ordering = ["weekday", "opens_at"]
        verbose_name_plural = "opening hours"
        constraints = [
            models.UniqueConstraint(fields=["phone", "weekday", "opens_at"], name="opening_hours_once"),
            models.CheckConstraint(
                condition=Q(weekday__gte=0, weekday__lte=7),
                name="opening_hours_weekday",
                violation_error_message="Choose a day of the week, or bank holidays.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens_at:%H:%M} to {self.closes_at:%H:%M}"

    def natural_key(self) -> tuple:
        return (*self.phone.natural_key(), self.weekday, self.opens_at)


class OtherWay(EditionPart):
    """A way to reach a contact other than a phone."""

    class Kind(models.TextChoices):
        """Quickest first."""

        WEBCHAT = "webchat", "Web chat"
        FORM = "form", "Form on the web"
        EMAIL = "email", "Email"
        BSL = "bsl", "British Sign Language"
        TEXTPHONE = "textphone", "Text relay"
        OTHER = "other", "Other"

    edition = models.ForeignKey(ContactEdition, models.CASCADE, related_name="ways")
    kind = models.CharField(max_length=12, choices=Kind)
    url = HttpsURLField(blank=True)
    detail = models.CharField(max_length=300, blank=True)

    class Meta(EditionPart.Meta):
        pass


class ClosedDayQuerySet(models.QuerySet):
    def for_authority(self, authority: Authority) -> Self:
        """The closed days that count for an authority: everywhere, in its nation, its own, its county's."""
        who = Q(authority=None) | Q(authority__in=[authority.pk, authority.children_services_id])
        return self.filter(who, nation__in=["", authority.nation])


class ClosedDayManager(models.Manager.from_queryset(ClosedDayQuerySet)):
    def get_by_natural_key(self, on, nation: str, slug: str):
        return self.get(on=on, nation=nation, **({"authority__slug": slug} if slug else {"authority": None}))


class ClosedDay(models.Model):
    """A day that counts as a bank holiday for some authorities though the calendar does not know it."""

    on = models.DateField()
    nation = models.CharField(max_length=20, choices=Nation, blank=True, help_text="Empty: everywhere.")
    authority = models.ForeignKey(
        Authority, models.CASCADE, null=True, blank=True, help_text="Empty: all of the nation."
    )
    reason = models.CharField(max_length=120)

    objects = ClosedDayManager()

    class Meta:
        ordering = ["on"]
        constraints = [
            models.UniqueConstraint(fields=["on", "nation", "authority"], name="closed_day_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.on}: {self.reason}"

    def natural_key(self) -> tuple:
        return (self.on, self.nation, self.authority.slug if self.authority else "")
