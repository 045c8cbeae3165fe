"""The finder: a child's age, a worry or a subject, an app or a device; any of them, together.

Plain functions. ``read_question`` makes a Question of an address, ``answer`` what the page shows. A value in the
address is a kind and a slug, "worry-grooming" beside "topic-grooming", since both may bear one name.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import prefetch_related_objects

from guidance import presenters
from guidance.models import AgeBand, AppProfileEdition, ControlGuideEdition, TopicEdition
from guidance.models.topics import Area
from reporting.concern_presenters import Suggestion, contacts_for
from reporting.models import ConcernEdition, ContactEdition
from safety_site.editions import CheckedModel
from safety_site.vocabulary import Audience, Concern

MOST_TOPICS, MOST_APPS, MOST_WORDS = 6, 12, 6


@dataclass(frozen=True)
class Shelf:
    """Every live row that can be chosen, fetched once. Home fills one with rows that it shows anyway."""

    bands: list[AgeBand]
    topics: list[TopicEdition]
    apps: list[AppProfileEdition]
    guides: list[ControlGuideEdition]


def stocked() -> Shelf:
    """Enough for the form; ``answer`` fetches the parts of what it shows."""
    return Shelf(
        list(AgeBand.objects.all()),
        list(TopicEdition.objects.live().select_related("topic")),
        list(AppProfileEdition.objects.live().select_related("profile")),
        list(ControlGuideEdition.objects.live().select_related("guide")),
    )


@dataclass(frozen=True)
class Question:
    """What somebody asks; None or empty for what they did not say."""

    band: AgeBand | None = None
    worry: str = ""  # a value of Concern
    topic: TopicEdition | None = None
    app: AppProfileEdition | None = None
    guide: ControlGuideEdition | None = None

    def __bool__(self) -> bool:
        return bool(self.band or self.worry or self.topic or self.app or self.guide)

    @property
    def concern(self) -> str:
        """The harm that it is about: the one named, or the topic's own."""
        return self.worry or (self.topic.concern if self.topic else "")

    @property
    def said(self) -> str:
        """What was asked, in one line."""
        parts = [
            f"Ages {self.band.ages}" if self.band else "",
            Concern(self.worry).label if self.worry else "",
            self.topic.title if self.topic else "",
            self.app.name if self.app else "",
            self.guide.provider if self.guide else "",
        ]
        return " · ".join(part for part in parts if part)

    @property
    def chosen(self) -> set[str]:
        """The values of the form's boxes."""
        return {
            *([self.band.slug] if self.band else []),
            *([f"worry-{self.worry}"] if self.worry else []),
            *([f"topic-{self.topic.topic.slug}"] if self.topic else []),
            *([f"app-{self.app.profile.slug}"] if self.app else []),
            *([f"controls-{self.guide.guide.slug}"] if self.guide else []),
        }


def read_question(age: str, about: str, where: str, shelf: Shelf) -> Question:
    """What is none of ours counts as not said."""
    worry = about.removeprefix("worry-") if about.startswith("worry-") else ""
    return Question(
        next((band for band in shelf.bands if band.slug == age), None),
        worry if worry in Concern.values else "",
        next((topic for topic in shelf.topics if f"topic-{topic.topic.slug}" == about), None),
        next((app for app in shelf.apps if f"app-{app.profile.slug}" == where), None),
        next((guide for guide in shelf.guides if f"controls-{guide.guide.slug}" == where), None),
    )


# --- The form -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Box:
    """One of the three questions: groups of (value, label) pairs under headings, as a select shows them."""

    name: str
    question: str
    anything: str
    groups: list[tuple[str, list[tuple[str, str]]]]


def boxes(shelf: Shelf) -> list[Box]:
    """Harm comes before subjects, apps before devices."""
    ages = [(band.slug, f"{band.name}, {band.ages}") for band in shelf.bands]
    worries = [(f"worry-{value}", label) for value, label in Concern.choices]
    topics = [
        (group.heading, [(f"topic-{topic.topic.slug}", topic.title) for topic in group.rows])
        for group in presenters.topics_by_area(shelf.topics)
    ]
    open_apps, other_apps = presenters.apps_in_lists(shelf.apps)
    apps = [
        (heading, [(f"app-{app.profile.slug}", app.name) for app in rows])
        for heading, rows in (("Apps and games", open_apps), ("Closed, or no longer sure", other_apps))
        if rows
    ]
    guides = [
        (group.heading, [(f"controls-{guide.guide.slug}", guide.provider) for guide in group.rows])
        for group in presenters.controls_by_family(shelf.guides)
    ]
    return [
        Box("age", "Your child’s age", "Any age", [("", ages)]),
        Box("about", "What is it about?", "Anything", [("Something has happened", worries), *topics]),
        Box("where", "Which app, game or device?", "Any", [*apps, *guides]),
    ]


# --- The answer -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Help:
    """Who to call first about a harm. ``page`` is None while its page is not live: 999 stands all the same."""

    page: ConcernEdition | None
    first: Suggestion | None


@dataclass(frozen=True)
class Answer:
    """What the page shows; a part that was not asked for is empty, and the page says what to choose."""

    help: Help | None
    topics: list[TopicEdition]
    other_age: list[TopicEdition]  # the subject asked for, where it is not written for the age asked for
    app: AppProfileEdition | None
    is_too_young: bool  # the whole age band is below the app's own minimum age
    apps: list[AppProfileEdition]
    guides: list[ControlGuideEdition]
    words: list[presenters.TalkCard]

    @property
    def checked_rows(self) -> list[CheckedModel]:
        page = self.help.page if self.help else None
        return [*([page] if page else []), *self.topics, *self.other_age, *([self.app] if self.app else []),
                *self.apps, *self.guides]  # fmt: skip


def help_with(concern: str) -> Help | None:
    """A fixed number of queries; none when nothing has happened."""
    if not concern:
        return None
    page = ConcernEdition.objects.live().for_page().filter(concern__slug=concern).first()
    if page is None:
        return Help(None, None)
    routes = list(page.routes.all())
    live = ContactEdition.objects.live().open_services().filter(contact__in=[route.contact_id for route in routes])
    found = contacts_for(routes, live.for_page(), Audience.PARENTS)
    return Help(page, next(iter([*found.first, *found.others]), None))


def is_for(row: TopicEdition | AppProfileEdition, band: AgeBand | None) -> bool:
    """What names no age is for every age."""
    ages = [each.pk for each in row.age_bands.all()]
    return band is None or not ages or band.pk in ages


def _about(question: Question, topics: Iterable[TopicEdition]) -> list[TopicEdition]:
    """The topics of a question, whatever the age: the subject named first, then in the order of the topic map."""
    by_area = sorted(topics, key=lambda topic: Area.values.index(topic.area))
    app = question.app
    if question.topic:
        near = {topic.pk for topic in question.topic.related_topics.all()}
        found = [topic for topic in by_area if topic.topic_id in near and topic != question.topic]
        return [question.topic, *(topic for topic in found if not app or _tells_of(topic, app))]
    if question.worry:
        found = [topic for topic in by_area if topic.concern == question.worry]
        # What tells of the harm itself stays; of everyday subjects that touch it, only what tells of this app.
        return [topic for topic in found if not app or topic.area in (Area.WRONG, Area.RISK) or _tells_of(topic, app)]
    if app:
        return [topic for topic in by_area if _tells_of(topic, app)]
    if question.guide:
        return [topic for topic in by_area if topic.area == Area.CONTROLS]
    return by_area


def _tells_of(topic: TopicEdition, app: AppProfileEdition) -> bool:
    return app.profile_id in {profile.pk for profile in topic.related_apps.all()}


def _apps_for(question: Question, topics: list[TopicEdition], shelf: Shelf) -> list[AppProfileEdition]:
    """Open apps that the topics found tell of; by age alone where no subject was named."""
    if question.app or question.guide:
        return []
    open_apps, _others = presenters.apps_in_lists(app for app in shelf.apps if is_for(app, question.band))
    if not question.topic and not question.worry:
        return open_apps
    told_of = {profile.pk for topic in topics for profile in topic.related_apps.all()}
    return [app for app in open_apps if app.profile_id in told_of]


def _guides_for(question: Question, guides: Iterable[ControlGuideEdition]) -> list[ControlGuideEdition]:
    """The guide asked for, or the one that bears the app's name."""
    if question.guide:
        return [question.guide]
    slug = question.app.profile.slug if question.app else None
    return [guide for guide in guides if guide.guide.slug == slug]


def _words_for(question: Question, topics: list[TopicEdition], bands: list[AgeBand]) -> list[presenters.TalkCard]:
    """The app's own words first, then one of each topic before a second of any; each once."""
    apps = [question.app] if question.app and question.app.is_open else []
    by_age = presenters.talk_by_age([question.band] if question.band else bands, topics, apps)
    groups = [group.rows for _band, groups in by_age for group in groups]
    groups.sort(key=lambda rows: not (apps and rows[0].subject == apps[0].name))
    in_turn = [rows[turn] for turn in range(MOST_WORDS) for rows in groups if turn < len(rows)]
    return list({card.words: card for card in in_turn}.values())[:MOST_WORDS]


def answer(question: Question, shelf: Shelf) -> Answer | None:
    """What the page shows, or None for a form without an answer; as many queries however many rows there are."""
    if not question:
        return None
    prefetch_related_objects(shelf.topics, "age_bands", "related_apps", "related_topics", "starters__age_bands")
    prefetch_related_objects(shelf.apps, "age_bands")
    prefetch_related_objects([question.app] if question.app else [], "setting_steps", "starters")
    prefetch_related_objects([question.guide] if question.guide else [], "steps")
    about = _about(question, shelf.topics)
    topics = [topic for topic in about if is_for(topic, question.band)]
    # What was asked for by name is not dropped for being written for another age; the page says so.
    named = [question.topic] if question.topic else about if question.worry and not topics else []
    app, band = question.app, question.band
    return Answer(
        help=help_with(question.concern),
        topics=topics[:MOST_TOPICS],
        other_age=[topic for topic in named if topic not in topics],
        app=app,
        is_too_young=bool(app and band and app.minimum_age and app.minimum_age > band.age_to),
        apps=_apps_for(question, topics, shelf)[:MOST_APPS],
        guides=_guides_for(question, shelf.guides),
        words=_words_for(question, topics, shelf.bands),
    )
