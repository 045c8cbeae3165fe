"""App profiles: what families need to know about one app or game, in editions with their parts."""

from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse

from safety_site.editions import Edition, EditionManager, EditionPart, EditionQuerySet, edition_constraints
from safety_site.fields import HttpsURLField, RichTextField, SluggedModel
from safety_site.kept import KeepsParts
from safety_site.search_index import Findable, SearchDocument
from safety_site.vocabulary import FoundKind

from .ages import AgeBand
from .links import SharedNote

# Addresses under /apps/ that are no app's.
RESERVED_SLUGS = frozenset({"compare"})


class AppProfile(SluggedModel):
    """An app or game that we have a page on, for ever; what the page says is in its editions."""

    class Meta:
        ordering = ["slug"]

    def get_absolute_url(self) -> str:
        return reverse("guidance:app", args=[self.slug])

    def clean(self) -> None:
        super().clean()
        if self.slug in RESERVED_SLUGS:
            raise ValidationError({"slug": "That address is a page of its own: choose another."})


class AppKind(models.TextChoices):
    """What an app is mainly for; the commonest first."""

    SOCIAL = "social", "Social media"
    MESSAGING = "messaging", "Messaging"
    VIDEO = "video", "Video"
    LIVE = "livestreaming", "Livestreaming"
    GAME = "game", "Game"
    AI = "ai-companion", "AI chat or companion"
    SAFETY = "safety-tool", "Safety tool"


class AppStatus(models.TextChoices):
    """Whether it can still be had; unknown is said, not guessed."""

    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"
    UNCONFIRMED = "unconfirmed", "We could not confirm that it still works"


class AppProfileEditionQuerySet(EditionQuerySet):
    def open(self) -> Self:
        return self.filter(status=AppStatus.OPEN)

    def for_comparison(self) -> Self:
        """With what stands in the columns side by side."""
        return self.select_related("profile").prefetch_related("ratings", "features", "defaults", "setting_steps")

    def for_plan(self) -> Self:
        """With what a family's plan shows of each."""
        return self.select_related("profile").prefetch_related("age_bands", "setting_steps", "starters")

    def for_page(self) -> Self:
        """With everything that the page of one app shows, in a fixed number of queries."""
        return self.select_related("profile").prefetch_related(
            "age_bands",
            "ratings",
            "features",
            "defaults",
            "risks",
            "setting_steps",
            "steps",
            "links",
            "starters",
            "updates",
            "confidences",
            models.Prefetch("shared_notes", SharedNote.objects.live()),
        )


class AppProfileEdition(KeepsParts, Findable, Edition):
    """One whole version of an app's or game's page."""

    thing_field = "profile"
    kept_parts = {"article": "guidance/_app_article.html", "more": "guidance/_app_more.html"}

    profile = models.ForeignKey(AppProfile, models.PROTECT, related_name="editions")
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, choices=AppKind)
    owner = models.CharField(max_length=100, blank=True)
    summary = models.CharField(max_length=250, help_text="What it is, in one or two sentences.")
    description = RichTextField(
        blank=True, help_text="What children do there. For a closed app: what to look out for now."
    )
    status = models.CharField(max_length=12, choices=AppStatus, default=AppStatus.OPEN)
    status_since = models.CharField(max_length=40, blank=True, help_text="For example “October 2021”.")
    status_note = models.CharField(max_length=300, blank=True)
    minimum_age = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="In years, as its own terms require. Empty: we could not confirm."
    )
    minimum_age_note = models.CharField(max_length=300, blank=True)
    minimum_age_as_of = models.CharField(max_length=20, blank=True)
    features_note = models.CharField(max_length=300, blank=True)
    family_tool_name = models.CharField(max_length=80, blank=True)
    family_tool_does = models.TextField(blank=True)
    age_bands = models.ManyToManyField(AgeBand, related_name="app_editions", blank=True)
    related_apps = models.ManyToManyField(AppProfile, related_name="+", blank=True)
    shared_notes = models.ManyToManyField(SharedNote, related_name="+", blank=True)

    objects = EditionManager.from_queryset(AppProfileEditionQuerySet)()

    class Meta(Edition.Meta):
        ordering = ["name", "number"]
        constraints = [
            *edition_constraints("profile", "app_edition"),
            models.CheckConstraint(
                condition=~Q(status=AppStatus.CLOSED) | ~Q(status_since=""),
                name="app_edition_closed_since",
                violation_error_message="A closed app needs the date since which it is closed.",
            ),
        ]
        indexes = [models.Index(fields=["profile", "language", "publish_at"], name="app_edition_live")]

    def get_absolute_url(self) -> str:
        return self.profile.get_absolute_url()

    def search_document(self) -> SearchDocument:
        settings = list(self.setting_steps.all())
        return SearchDocument(
            kind=FoundKind.APP,
            title=self.name,
            url=self.get_absolute_url(),
            summary=self.summary,
            keywords=[self.profile.slug, self.family_tool_name],
            headings=[step.setting for step in settings],
            body=[
                self.description,
                *(risk.words for risk in self.risks.all()),
                *(f"{step.setting}. {step.note}" for step in settings),
                *(step.words for step in self.steps.all()),
                self.family_tool_does,
                *(update.words for update in self.updates.all()),
                self.status_note,
            ],
            hidden_words=[
                self.get_kind_display(),
                self.owner,
                "minimum age rating settings report block private",
                *(row.get_feature_display() for row in self.features.all() if row.value != AppFeature.Value.NO),
            ],
        )

    @property
    def is_closed(self) -> bool:
        return self.status == AppStatus.CLOSED

    @property
    def is_open(self) -> bool:
        return self.status == AppStatus.OPEN


class AppRating(EditionPart):
    """A classification of an app by others; never the minimum age of its own terms."""

    class Scheme(models.TextChoices):
        """The stores on a phone first, then games."""

        APPLE = "apple", "Apple App Store"
        GOOGLE = "google-play", "Google Play"
        PEGI = "pegi", "PEGI"

    edition = models.ForeignKey(AppProfileEdition, models.CASCADE, related_name="ratings")
    scheme = models.CharField(max_length=12, choices=Scheme)
    rating = models.CharField(max_length=60, blank=True, help_text="Empty: we could not confirm.")
    as_of = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta(EditionPart.Meta):
        constraints = [models.UniqueConstraint(fields=["edition", "scheme"], name="app_rating_once")]

    def __str__(self) -> str:
        return f"{self.get_scheme_display()}: {self.rating or 'not confirmed'}"


class AppFeature(EditionPart):
    """Whether an app has one of the features that matter for safety."""

    class Feature(models.TextChoices):
        """What a parent asks first: strangers, then being seen, then money. Labels complete "On this app…"."""

        MESSAGES_FROM_STRANGERS = "messages-from-strangers", "Strangers can message"
        DIRECT_MESSAGES = "direct-messages", "Private messages"
        GROUP_CHAT = "group-chat", "Group chat"
        VOICE_CHAT = "voice-chat", "Live voice chat"
        VIDEO_CHAT = "video-chat", "Live video chat"
        LIVESTREAM = "livestream", "Livestreaming"
        PUBLIC_PROFILE = "public-profile", "Strangers can see a profile"
        FRIEND_SUGGESTIONS = "friend-suggestions", "Suggests people to add"
        LOCATION_SHARING = "location-sharing", "Can show where someone is"
        DISAPPEARING_MESSAGES = "disappearing-messages", "Messages that vanish"
        SCREEN_RECORDING_RISK = "screen-recording-risk", "Others can copy what is shown"
        USER_CONTENT = "user-generated-content", "Content made by users"
        ANONYMOUS_USE = "anonymous-use", "Can be used without a real name"
        AI_CHATBOT = "ai-chatbot", "Built-in AI chat"
        PURCHASES = "in-app-purchases", "Costs money inside"
        LOOT_BOXES = "loot-boxes", "Paid random items"

    class Value(models.TextChoices):
        """Worst first."""

        YES = "yes", "Yes"
        VARIES = "varies", "Depends on age or settings"
        NO = "no", "No"

    edition = models.ForeignKey(AppProfileEdition, models.CASCADE, related_name="features")
    feature = models.CharField(max_length=30, choices=Feature)
    value = models.CharField(max_length=6, choices=Value)

    class Meta(EditionPart.Meta):
        constraints = [models.UniqueConstraint(fields=["edition", "feature"], name="app_feature_once")]

    def __str__(self) -> str:
        return f"{self.get_feature_display()}: {self.get_value_display().lower()}"


class AppDefault(EditionPart):
    """How private an account of one age group is on arrival."""

    edition = models.ForeignKey(AppProfileEdition, models.CASCADE, related_name="defaults")
    age_group = models.CharField(max_length=60, help_text="For example “Under 16”.")
    setting = models.CharField(max_length=60, help_text="For example “Private”, “Public” or “Mixed”.")
    what = models.CharField(max_length=400, blank=True)

    def __str__(self) -> str:
        return f"{self.age_group}: {self.setting}"


class AppRisk(EditionPart):
    """One thing to worry about, most serious first."""

    edition = models.ForeignKey(AppProfileEdition, models.CASCADE, related_name="risks")
    words = models.CharField(max_length=250)

    def __str__(self) -> str:
        return self.words


class SettingStep(EditionPart):
    """A setting to change, in order of use to a family; menus move, hence the date."""

    edition = models.ForeignKey(AppProfileEdition, models.CASCADE, related_name="setting_steps")
    setting = models.CharField(max_length=150)
    path = models.CharField(max_length=400, blank=True, help_text="Menu by menu, with > between.")
    as_of = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.setting


class AppStep(EditionPart):
    """A step of reporting or of blocking inside the app."""

    class Kind(models.TextChoices):
        """Report first: a block alone tells nobody."""

        REPORT = "report", "Report"
        BLOCK = "block", "Block"

    edition = models.ForeignKey(AppProfileEdition, models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind)
    words = models.CharField(max_length=400)

    def __str__(self) -> str:
        return self.words


class AppLink(EditionPart):
    """An official page of the app's makers."""

    class Kind(models.TextChoices):
        """In the order in which a parent needs them."""

        PARENTS_GUIDE = "parents-guide", "Guide for parents"
        REPORTING = "reporting", "How to report"
        PRIVACY = "privacy-settings", "Privacy settings"
        SAFETY_CENTRE = "safety-centre", "Safety centre"

    edition = models.ForeignKey(AppProfileEdition, models.CASCADE, related_name="links")
    kind = models.CharField(max_length=20, choices=Kind)
    url = HttpsURLField()
    is_confirmed = models.BooleanField(default=False, help_text="A person or a stored copy has shown it to exist.")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.url}"


class AppStarter(EditionPart):
    """Words with which to begin a talk about an app."""

    edition = models.ForeignKey(AppProfileEdition, models.CASCADE, related_name="starters")
    words = models.CharField(max_length=250)

    def __str__(self) -> str:
        return self.words


class AppUpdate(EditionPart):
    """Something that changed in the UK, with its date."""

    edition = models.ForeignKey(AppProfileEdition, models.CASCADE, related_name="updates")
    when = models.CharField(max_length=20, help_text="For example “September 2025”.")
    words = models.CharField(max_length=400)

    def __str__(self) -> str:
        return f"{self.when}: {self.words}"


class AppConfidence(EditionPart):
    """How sure we are of one part of the page. Editors see all; readers see only what is low."""

    class Part(models.TextChoices):
        """In the order of the page."""

        MINIMUM_AGE = "minimum-age", "Minimum age"
        RATINGS = "ratings", "Age ratings"
        DEFAULTS = "defaults", "Privacy on arrival"
        STEPS = "steps", "Steps in the menus"

    class Level(models.TextChoices):
        """Surest first."""

        HIGH = "high", "High"
        MEDIUM = "medium", "Medium"
        LOW = "low", "Low"

    edition = models.ForeignKey(AppProfileEdition, models.CASCADE, related_name="confidences")
    part = models.CharField(max_length=20, choices=Part)
    level = models.CharField(max_length=10, choices=Level)

    class Meta(EditionPart.Meta):
        constraints = [models.UniqueConstraint(fields=["edition", "part"], name="app_confidence_once")]

    def __str__(self) -> str:
        return f"{self.get_part_display()}: {self.get_level_display().lower()}"
