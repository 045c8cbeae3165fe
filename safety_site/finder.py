"""The finder: a child's age, a worry or a subject, an app or a device; any of them, together.

Plain functions. ``read_question`` makes a Question of an address, ``answer`` what the page shows. A value in the
address is a kind and a slug, "worry-grooming" beside "topic-grooming", since both may bear one name.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from django.urls import reverse

from guidance import presenters, shelf, talks
from guidance.models import ControlStep, SettingStep
from guidance.models.topics import Area
from reporting import cards
from reporting.concern_presenters import Suggestion, contacts_for
from reporting.models import ConcernEdition, ContactEdition
from reporting.said import Pieces, pieces
from safety_site.unchanged import while_unchanged
from safety_site.vocabulary import Audience, Concern

MOST_TOPICS, MOST_APPS, MOST_WORDS, MOST_STEPS = 6, 12, 6, 3
# So many subjects are looked at for words to begin with, and so many things of a kind stand in a box.
MOST_SUBJECTS = MOST_OPTIONS = 60


@dataclass(frozen=True)
class Question:
    """What somebody asks; None or empty for what they did not say."""

    band: shelf.Band | None = None
    worry: str = ""  # a value of Concern
    topic: shelf.TopicRow | None = None
    app: shelf.AppRow | None = None
    guide: shelf.GuideRow | None = None

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
    def values(self) -> list[tuple[str, str]]:
        """The values of the form's boxes, each with its label."""
        return [
            *([(self.band.slug, _label_of(self.band))] if self.band else []),
            *([(f"worry-{self.worry}", Concern(self.worry).label)] if self.worry else []),
            *([(f"topic-{self.topic.slug}", self.topic.title)] if self.topic else []),
            *([(f"app-{self.app.slug}", self.app.name)] if self.app else []),
            *([(f"controls-{self.guide.slug}", self.guide.provider)] if self.guide else []),
        ]

    @property
    def key(self) -> str:
        """The same for the same question."""
        return " ".join(value for value, _label in self.values)

    @property
    def chosen(self) -> set[str]:
        return {value for value, _label in self.values}


def read_question(age: str, about: str, where: str) -> Question:
    """What is none of ours counts as not said."""
    worry = about.removeprefix("worry-") if about.startswith("worry-") else ""
    return Question(
        shelf.band_of(age),
        worry if worry in Concern.values else "",
        shelf.topics().by_slug.get(about.removeprefix("topic-")) if about.startswith("topic-") else None,
        shelf.apps().by_slug.get(where.removeprefix("app-")) if where.startswith("app-") else None,
        shelf.guides().by_slug.get(where.removeprefix("controls-")) if where.startswith("controls-") else None,
    )


# --- The form -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Box:
    """One of the three questions: groups of (value, label) pairs under headings, as a select shows them."""

    name: str
    question: str
    anything: str
    groups: list[tuple[str, list[tuple[str, str]]]]
    rest: tuple[str, str] | None = None  # words and address for what the box has no room for


def _label_of(band: shelf.Band) -> str:
    return f"{band.name}, {band.ages}"


def boxes(question: Question | None = None, has_closed: bool = True) -> list[Box]:
    """Harm comes before subjects, apps before devices.

    Of very many, a box has those that other pages tell of most, and what a question names. Without ``has_closed``
    only apps that can be had.
    """
    ages = [(band.slug, _label_of(band)) for band in shelf.bands()]
    worries = [(f"worry-{value}", label) for value, label in Concern.choices]
    shown_topics = presenters.most_told_of(shelf.topics(), shelf.topics_that_lead_to(), MOST_OPTIONS)
    apps_to_show = [app for app in shelf.apps() if has_closed or app.is_open]
    shown_apps = presenters.most_told_of(apps_to_show, shelf.topics_of_apps(), MOST_OPTIONS)
    shown_guides = presenters.most_told_of(shelf.guides(), shelf.guides_that_lead_to(), MOST_OPTIONS)
    topics = [
        (group.heading, [(f"topic-{topic.slug}", topic.title) for topic in group.rows])
        for group in presenters.topics_by_area(shown_topics)
    ]
    open_apps, other_apps = presenters.apps_in_lists(shown_apps)
    apps = [
        (heading, [(f"app-{app.slug}", app.name) for app in rows])
        for heading, rows in (("Apps and games", open_apps), ("Closed, or no longer sure", other_apps))
        if rows
    ]
    guides = [
        (group.heading, [(f"controls-{guide.slug}", guide.provider) for guide in group.rows])
        for group in presenters.controls_by_family(shown_guides)
    ]
    has_more_places = len(shelf.apps()) > MOST_OPTIONS or len(shelf.guides()) > MOST_OPTIONS
    found = [
        Box("age", "Your child’s age", "Any age", [("", ages)]),
        Box(
            "about",
            "What is it about?",
            "Anything",
            [("Something has happened", worries), *topics],
            ("These are the main ones. See all topics", reverse("guidance:topic-list"))
            if len(shelf.topics()) > MOST_OPTIONS
            else None,
        ),
        Box(
            "where",
            "Which app, game or device?",
            "Any",
            [*apps, *guides],
            ("These are the main ones. See all apps and games", reverse("guidance:app-list"))
            if has_more_places
            else None,
        ),
    ]
    return [_with_chosen(box, question.values) if question else box for box in found]


def _with_chosen(box: Box, values: list[tuple[str, str]]) -> Box:
    """A box that has what was chosen, also where it is not among those that are told of most."""
    offered = {value for _heading, options in box.groups for value, _label in options}
    kinds = {"age": (), "about": ("topic-",), "where": ("app-", "controls-")}[box.name]
    missing = [pair for pair in values if pair[0].startswith(kinds) and pair[0] not in offered] if kinds else []
    return replace(box, groups=[("You chose", missing), *box.groups]) if missing else box


# --- The answer -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HelpPage:
    """The page of a harm, as far as an answer tells of it."""

    title: str
    summary: str
    url: str
    urgency: str
    urgency_label: str
    local_first: bool
    checked_on: date | None
    checked_by: str
    review_by: date | None


@dataclass(frozen=True)
class Help:
    """Who to call first about a harm. ``page`` is None while its page is not live: 999 stands all the same."""

    page: HelpPage | None
    first: Suggestion | None
    html: Pieces | None = None  # of that contact, with places for what its numbers say now


@dataclass(frozen=True)
class Answer:
    """What the page shows; a part that was not asked for is empty, and the page says what to choose."""

    help: Help | None
    topics: list[shelf.TopicRow]
    other_age: list[shelf.TopicRow]  # the subject asked for, where it is not written for the age asked for
    app: shelf.AppRow | None
    is_too_young: bool  # the whole age band is below the app's own minimum age
    apps: list[shelf.AppRow]
    guides: list[shelf.GuideRow]
    words: Callable[[], list[presenters.TalkCard]]  # asked for where they are not kept
    settings: Callable[[], list[SettingStep]]
    steps: Callable[[], list[ControlStep]]
    boxes: Callable[[], list[Box]]

    @property
    def checked_rows(self) -> list:
        page = self.help.page if self.help else None
        return [*([page] if page else []), *self.topics, *self.other_age, *([self.app] if self.app else []),
                *self.apps, *self.guides]  # fmt: skip


@while_unchanged
def help_with(concern: str) -> Help | None:
    """Made once while the content is unchanged; None when nothing has happened."""
    if not concern:
        return None
    edition = ConcernEdition.objects.live().for_page().filter(concern__slug=concern).first()
    if edition is None:
        return Help(None, None)
    page = HelpPage(
        edition.title,
        edition.summary,
        edition.get_absolute_url(),
        edition.urgency,
        edition.get_urgency_display(),
        edition.local_first,
        edition.checked_on,
        edition.checked_by,
        edition.review_by,
    )
    routes = list(edition.routes.all())
    live = ContactEdition.objects.live().open_services().filter(contact__in=[route.contact_id for route in routes])
    found = contacts_for(routes, cards.with_audiences(cards.cards(live)), Audience.PARENTS)
    first = next(iter([*found.first, *found.others]), None)
    if first is None:
        return Help(page, None)
    html = cards.parts_of([first.contact])[first.contact.pk]["brief"]
    return Help(page, first, pieces(cards.with_why(html, first.why)))


def _is_for(ages: Mapping[int, Collection[int]], row: shelf.Row, band: shelf.Band | None) -> bool:
    """What names no age is for every age."""
    of_row = ages.get(row.pk)
    return band is None or not of_row or band.pk in of_row


@while_unchanged
def _by_area() -> tuple[shelf.TopicRow, ...]:
    order = {area: place for place, area in enumerate(Area.values)}
    return tuple(sorted(shelf.topics(), key=lambda topic: order[topic.area]))


def _about(question: Question) -> list[shelf.TopicRow]:
    """The topics of a question, whatever the age: the subject named first, then in the order of the topic map."""
    app, tells = question.app, frozenset(shelf.topics_of_apps().get(question.app.thing_id, ()) if question.app else ())
    if question.topic:
        near = set(shelf.topics_of_topics().get(question.topic.pk, ()))
        found = [topic for topic in _by_area() if topic.thing_id in near and topic != question.topic]
        return [question.topic, *(topic for topic in found if not app or topic.pk in tells)]
    if question.worry:
        found = [topic for topic in _by_area() if topic.concern == question.worry]
        # What tells of the harm itself stays; of everyday subjects that touch it, only what tells of this app.
        return [topic for topic in found if not app or topic.area in (Area.WRONG, Area.RISK) or topic.pk in tells]
    if app:
        return [topic for topic in _by_area() if topic.pk in tells]
    if question.guide:
        return [topic for topic in _by_area() if topic.area == Area.CONTROLS]
    return list(_by_area())


def _apps_for(question: Question, topics: list[shelf.TopicRow]) -> list[shelf.AppRow]:
    """Open apps that the topics found tell of; by age alone where no subject was named."""
    if question.app or question.guide:
        return []
    ages = shelf.app_ages()
    open_apps = [app for app in shelf.apps() if app.is_open and _is_for(ages, app, question.band)]
    if not question.topic and not question.worry:
        return open_apps
    of_topics = shelf.apps_of_topics()
    told_of = {app for topic in topics for app in of_topics.get(topic.pk, ())}
    return [app for app in open_apps if app.thing_id in told_of]


def _guides_for(question: Question) -> list[shelf.GuideRow]:
    """The guide asked for, or the one that bears the app's name."""
    if question.guide:
        return [question.guide]
    guide = shelf.guides().by_slug.get(question.app.slug) if question.app else None
    return [guide] if guide else []


def _words_for(question: Question, topics: list[shelf.TopicRow]) -> list[presenters.TalkCard]:
    """The app's own words first, then one of each topic before a second of any; each once."""
    app = question.app if question.app and question.app.is_open else None
    places = {(talks.TOPIC, topic.pk): place for place, topic in enumerate(topics)}
    if app:
        places[talks.APP, app.pk] = len(topics)
    found = [each for each in talks.subjects(question.band.slug if question.band else "") if each.key in places]
    found.sort(key=lambda each: (each.band.age_from, places[each.key]))
    # Each has words of its own as a rule, so that the first few fill the page; nobody reads hundreds for six.
    mine = [*(each for each in found if each.kind == talks.APP), *found][:MOST_SUBJECTS]
    by_age = talks.words_of([each for each in found if each in mine])
    groups = [group.rows for _band, groups in by_age for group in groups]
    groups.sort(key=lambda rows: not (app and rows[0].subject == app.name))
    in_turn = [rows[turn] for turn in range(MOST_WORDS) for rows in groups if turn < len(rows)]
    return list({card.words: card for card in in_turn}.values())[:MOST_WORDS]


def answer(question: Question) -> Answer | None:
    """What the page shows, or None for a form without an answer; as many queries however many rows there are."""
    if not question:
        return None
    found = _found(question)
    app, band = question.app, question.band
    return Answer(
        help=help_with(question.concern),
        topics=found.topics[:MOST_TOPICS],
        other_age=found.other_age,
        app=app,
        is_too_young=bool(app and band and app.minimum_age and app.minimum_age > band.age_to),
        apps=found.apps,
        guides=_guides_for(question),
        words=cache(lambda: _words_for(question, found.topics)),
        settings=cache(lambda: list(SettingStep.objects.filter(edition=app.pk)[:MOST_STEPS]) if app else []),
        steps=cache(
            lambda: list(ControlStep.objects.filter(edition=question.guide.pk)[:MOST_STEPS]) if question.guide else []
        ),
        boxes=lambda: boxes(question),
    )


@dataclass(frozen=True)
class _Found:
    topics: list[shelf.TopicRow]
    other_age: list[shelf.TopicRow]
    apps: list[shelf.AppRow]


@while_unchanged
def _found(question: Question) -> _Found:
    about, ages = _about(question), shelf.topic_ages()
    topics = [topic for topic in about if _is_for(ages, topic, question.band)]
    # What was asked for by name is not dropped for being written for another age; the page says so.
    named = [question.topic] if question.topic else about if question.worry and not topics else []
    return _Found(
        topics[:MOST_SUBJECTS],
        [topic for topic in named if topic not in topics][:MOST_SUBJECTS],
        _apps_for(question, topics)[:MOST_APPS],
    )
