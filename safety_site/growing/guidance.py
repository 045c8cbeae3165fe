"""Made-up topics, apps and control guides, each with as many parts as the real ones have."""

from collections.abc import Iterator

from guidance.models import (
    AgeBand,
    AppConfidence,
    AppDefault,
    AppFeature,
    AppLink,
    AppProfile,
    AppProfileEdition,
    AppRating,
    AppRisk,
    AppStarter,
    AppStep,
    AppUpdate,
    ControlGuide,
    ControlGuideEdition,
    ControlStep,
    ControlUse,
    ConversationStarter,
    Fact,
    Resource,
    Section,
    SettingStep,
    SharedNote,
    Topic,
    TopicAudience,
    TopicEdition,
)
from guidance.models.apps import AppKind
from guidance.models.controls import ControlFamily
from guidance.models.topics import Area
from safety_site.growing.rows import OneThing, linked, numbered
from safety_site.growing.words import Words, as_approved
from safety_site.vocabulary import Audience, Concern


def guidance(topics: int, apps: int, guides: int, seed: int) -> Iterator[Iterator[OneThing]]:
    """The things themselves are written at once, since they name each other; then come the rows of their editions."""
    new_topics, new_apps, new_guides = (
        model.objects.bulk_create(model(slug=f"made-up-{name}-{number}") for number in range(1, count + 1))
        for model, name, count in ((Topic, "topic", topics), (AppProfile, "app", apps), (ControlGuide, "guide", guides))
    )
    bands, notes = list(AgeBand.objects.all()), list(SharedNote.objects.all())
    yield _topics(new_topics, new_apps, bands, Words(seed, "topics"))
    yield _apps(new_apps, bands, notes, Words(seed, "apps"))
    yield _guides(new_guides, Words(seed, "guides"))


def _topics(topics: list[Topic], apps: list[AppProfile], bands: list[AgeBand], words: Words) -> Iterator[OneThing]:
    choice = words.chance.choice
    for number, topic in enumerate(topics, 1):
        edition = TopicEdition(
            topic=topic,
            title=words.title(number),
            summary=words.text(140),
            area=choice(Area.values),
            concern=choice(["", *Concern.values]),
            **as_approved(number),
        )
        starters = [ConversationStarter(words=words.text(90), tip=words.text(60)) for _ in range(words.count(6))]
        yield [
            edition,
            *linked(
                edition,
                age_bands=words.some(bands, 2),
                related_topics=words.some(topics, 5),
                related_apps=words.some(apps, 5),
            ),
            *numbered(edition, (TopicAudience(audience=each) for each in words.some(Audience.values, 2))),
            *numbered(
                edition,
                (
                    Section(
                        kind=choice(Section.Kind.values),
                        age_band=choice([None, None, *bands]),
                        heading=words.phrase(4),
                        body=words.html(660),
                        source=words.text(60),
                    )
                    for _ in range(words.count(9))
                ),
            ),
            *numbered(
                edition,
                (Fact(claim=words.text(110), source=words.phrase(4), year="2024", link=words.link()) for _ in range(2)),
            ),
            *numbered(edition, starters),
            *(row for each in starters for row in linked(each, age_bands=[choice(bands)])),
            *numbered(
                edition,
                (
                    Resource(
                        kind=choice(Resource.Kind.values),
                        title=words.phrase(4),
                        provider=words.phrase(2),
                        description=words.text(160),
                        link=words.link(),
                        length="12 minutes",
                    )
                    for _ in range(words.count(4))
                ),
            ),
        ]


def _apps(apps: list[AppProfile], bands: list[AgeBand], notes: list[SharedNote], words: Words) -> Iterator[OneThing]:
    choice = words.chance.choice
    for number, app in enumerate(apps, 1):
        edition = AppProfileEdition(
            profile=app,
            name=words.title(number),
            kind=choice(AppKind.values),
            owner=words.phrase(2),
            summary=words.text(110),
            description=words.html(800),
            minimum_age=choice((None, 13, 13, 16, 18)),
            minimum_age_as_of="2025",
            family_tool_name=words.phrase(2),
            family_tool_does=words.text(125),
            **as_approved(number),
        )
        yield [
            edition,
            *linked(
                edition,
                age_bands=words.some(bands, 2),
                related_apps=words.some(apps, 3),
                shared_notes=words.some(notes, 4),
            ),
            *numbered(
                edition, (AppRating(scheme=each, rating="12+", as_of="2025") for each in AppRating.Scheme.values)
            ),
            *numbered(
                edition,
                (AppFeature(feature=each, value=choice(AppFeature.Value.values)) for each in AppFeature.Feature.values),
            ),
            *numbered(
                edition,
                (
                    AppDefault(age_group=group, setting=choice(("Private", "Public")), what=words.text(90))
                    for group in ("Under 16", "16 and over")
                ),
            ),
            *numbered(edition, (AppRisk(words=words.text(90)) for _ in range(words.count(4)))),
            *numbered(
                edition,
                (
                    SettingStep(
                        setting=words.phrase(4), path=" > ".join(words.phrase(1) for _ in range(4)), as_of="2025"
                    )
                    for _ in range(words.count(4))
                ),
            ),
            *numbered(edition, (AppStep(kind=choice(AppStep.Kind.values), words=words.text(120)) for _ in range(3))),
            *numbered(edition, (AppLink(kind=each, url=words.link()) for each in words.some(AppLink.Kind.values, 3))),
            *numbered(edition, (AppStarter(words=words.text(80)) for _ in range(words.count(2)))),
            *numbered(edition, (AppUpdate(when="May 2025", words=words.text(160)) for _ in range(2))),
            *numbered(
                edition,
                (
                    AppConfidence(part=each, level=choice(AppConfidence.Level.values))
                    for each in AppConfidence.Part.values
                ),
            ),
        ]


def _guides(guides: list[ControlGuide], words: Words) -> Iterator[OneThing]:
    for number, guide in enumerate(guides, 1):
        edition = ControlGuideEdition(
            guide=guide,
            provider=words.title(number),
            control=words.phrase(3),
            family=words.chance.choice(ControlFamily.values),
            summary=words.text(156),
            where_set=words.text(80),
            limits=words.html(1_860),
            official_page=words.link(),
            **as_approved(number),
        )
        yield [
            edition,
            *linked(edition, related_guides=words.some(guides, 4)),
            *numbered(edition, (ControlUse(use=each) for each in words.some(ControlUse.Use.values, 3))),
            *numbered(edition, (ControlStep(words=words.text(110)) for _ in range(words.count(7)))),
        ]
