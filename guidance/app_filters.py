"""What the list of apps and games is narrowed down by."""

from collections.abc import Iterable
from dataclasses import dataclass

from guidance import shelf
from guidance.filters import Choices, Filter, Index, Option, options_of, options_of_ages
from guidance.models import AppFeature
from guidance.models.apps import AppKind, AppStatus
from safety_site.unchanged import while_unchanged

# What parents ask to be without, the gravest first; each in words that stand alone.
WITHOUT = (
    (AppFeature.Feature.MESSAGES_FROM_STRANGERS, "No messages from strangers"),
    (AppFeature.Feature.PUBLIC_PROFILE, "No profile that strangers can see"),
    (AppFeature.Feature.LOCATION_SHARING, "No sharing of location"),
    (AppFeature.Feature.LIVESTREAM, "No livestreaming"),
    (AppFeature.Feature.VIDEO_CHAT, "No live video chat"),
    (AppFeature.Feature.DISAPPEARING_MESSAGES, "No messages that vanish"),
    (AppFeature.Feature.AI_CHATBOT, "No AI chat"),
    (AppFeature.Feature.PURCHASES, "No spending inside"),
    (AppFeature.Feature.LOOT_BOXES, "No paid random items"),
)
CHILD_AGES = range(4, 18)


@dataclass(frozen=True)
class AppFacts:
    """An app with what the filters ask of it, read once."""

    row: shelf.AppRow
    ages: frozenset[str]
    features: dict[str, str]


def _is_without(app: AppFacts, feature: str, choices: Choices) -> bool | None:
    value = app.features.get(feature)
    if value is None:
        return None
    return value == AppFeature.Value.NO or (value == AppFeature.Value.VARIES and bool(choices.of("depends")))


def _is_old_enough(app: AppFacts, age: str, choices: Choices) -> bool | None:
    minimum = app.row.minimum_age
    return None if minimum is None else minimum <= int(age)


def _filters(bands: Iterable[shelf.Band]) -> list[Filter]:
    return [
        Filter("age", "Show apps that matter at", options_of_ages(bands), lambda app, slug, _: slug in app.ages),
        Filter(
            "minimum",
            "How old is your child?",
            tuple(Option(str(age), f"{age}", f"Minimum age {age} or under") for age in CHILD_AGES),
            _is_old_enough,
            hint="We leave out apps whose own terms ask for someone older.",
        ),
        Filter("kind", "What kind?", options_of(AppKind.choices), lambda app, kind, _: app.row.kind == kind),
        Filter(
            "status",
            "Can you still get it?",
            (
                Option(AppStatus.OPEN, "Yes, it is open", "Open"),
                Option(AppStatus.CLOSED, "No, it is closed", "Closed"),
                Option(AppStatus.UNCONFIRMED, "We could not confirm", "Could not confirm that it works"),
            ),
            lambda app, status, _: app.row.status == status,
        ),
        Filter("without", "Show only apps with", options_of(WITHOUT), _is_without, is_many=True, minds="depends"),
        Filter(
            "depends",
            "When it depends",
            (Option("include", "Show those too", "Or it depends on settings"),),
            lambda app, value, _: True,
            is_many=True,
            hint="Some apps do a thing at some ages only, or until you change a setting. We leave them out unless "
            "you ask for them. If you do, check the setting on the app’s page.",
        ),
    ]


@while_unchanged
def index() -> Index:
    """Every live app, by name."""
    rows, ages, features = shelf.apps(), shelf.app_ages(), {}
    slugs = {band.pk: band.slug for band in shelf.bands()}
    for edition, feature, value in AppFeature.objects.order_by().values_list("edition_id", "feature", "value"):
        if edition in rows.by_pk:
            features.setdefault(edition, {})[feature] = value
    facts = (
        AppFacts(row, frozenset(slugs[age] for age in ages.get(row.pk, ())), features.get(row.pk, {})) for row in rows
    )
    return Index(facts, _filters(shelf.bands()), rows)
