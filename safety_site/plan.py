"""The family's own plan: what a visitor chose, and what of it fits on two sheets of paper.

Plain functions over rows that the view fetched. Nothing is kept: the choice stands in the address, and only there.
The form that asks for it is made in ``plan_form.py``.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from math import ceil
from urllib.parse import urlencode

from django.http import QueryDict

from guidance import shelf, talks
from guidance.models import AgeBand, AgreementLine, AppProfileEdition, ControlGuideEdition, TopicEdition
from guidance.models.apps import SettingStep
from guidance.models.controls import ControlFamily, ControlStep
from guidance.models.topics import Area
from safety_site.unchanged import while_unchanged
from safety_site.vocabulary import Concern

# What a family can do in a month, and what fits on two sheets.
MOST_APPS, MOST_DEVICES, WEEKS = 8, 6, 4
MOST_LINES = {AgreementLine.Who.CHILD: 3, AgreementLine.Who.ADULT: 3, AgreementLine.Who.BOTH: 2}

# "Not sure" leads to help, but there is no talk to plan about it.
WORRIES = [(value, label) for value, label in Concern.choices if value != Concern.NOT_SURE]
EVERYDAY_AREAS = (Area.ONLINE, Area.RISK)
FILLED_FROM = (Area.AGE, Area.ONLINE, Area.RISK, Area.CONTROLS)
MOST_SUBJECTS = 60  # whose words are looked at for one plan, of worries and of everyday ones each


# --- What was chosen ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """What the address says, as far as it could be a name of ours; the rows say whether it is one."""

    ages: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    worries: tuple[str, ...] = ()
    council: str = ""
    wants_form: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether nothing was asked that could make a plan; a council alone is none."""
        return not (self.ages or self.apps or self.devices or self.worries)

    @property
    def query(self) -> str:
        """The choice as an address says it, to change it."""
        lists = (("age", self.ages), ("app", self.apps), ("device", self.devices), ("worry", self.worries))
        pairs = [(name, value) for name, values in lists for value in values]
        return urlencode([*pairs, *([("council", self.council)] if self.council else [])])


def read_choice(asked: QueryDict) -> Choice:
    """What of an address could be a choice. Anything else in it, whatever its length or bytes, is no choice."""

    def slugs(name: str) -> tuple[str, ...]:
        found = [value for value in asked.getlist(name) if re.fullmatch(r"[a-zA-Z0-9_-]{1,80}", value)]
        return tuple(dict.fromkeys(found))

    return Choice(
        slugs("age"), slugs("app"), slugs("device"), slugs("worry"), "".join(slugs("council")[:1]), "change" in asked
    )


@while_unchanged
def _worries_of_ours() -> frozenset[str]:
    return frozenset({value for value, _label in WORRIES} | {topic.slug for topic in everyday_topics(shelf.topics())})


def of_ours(choice: Choice) -> Choice:
    """The choice without names that are none of ours, or no more. A council is whatever was typed."""
    worries = _worries_of_ours()
    apps, guides, ages = shelf.apps().by_slug, shelf.guides().by_slug, {band.slug for band in shelf.bands()}
    return replace(
        choice,
        ages=tuple(value for value in choice.ages if value in ages),
        apps=tuple(value for value in choice.apps if value in apps and apps[value].is_open),
        devices=tuple(value for value in choice.devices if value in guides),
        worries=tuple(value for value in choice.worries if value in worries),
    )


def everyday_topics(topics: Iterable[shelf.TopicRow]) -> list[shelf.TopicRow]:
    """Topics that a family may choose as a worry of its own; a worry that has a name already is not said twice."""
    named = {value for value, _label in WORRIES}
    return [topic for topic in topics if topic.area in EVERYDAY_AREAS and topic.slug not in named]


# --- The plan -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ToDo:
    """One app or device with the first things to change there."""

    name: str
    url: str
    steps: list[SettingStep] | list[ControlStep]
    has_more: bool


@dataclass(frozen=True)
class Talk:
    """One talk of the month."""

    words: str
    tip: str
    source: TopicEdition | AppProfileEdition
    ages: str  # whom it is for, where the plan is for several ages and it is not for all of them

    @property
    def subject(self) -> str:
        return self.source.name if isinstance(self.source, AppProfileEdition) else self.source.title

    @property
    def url(self) -> str:
        return self.source.get_absolute_url()


@dataclass(frozen=True)
class Promises:
    """What one side promises."""

    who: str
    heading: str
    lines: list[AgreementLine]


@dataclass(frozen=True)
class Plan:
    """Everything that the plan shows."""

    ages: str  # "ages 5 to 12 and 13 to 17"; empty where none was chosen
    apps: list[ToDo]
    devices: list[ToDo]
    left_out: list[ToDo]
    talks: list[Talk]
    promises: list[Promises]
    worry_topics: list[shelf.TopicRow]
    has_trouble: bool  # one of the worries may have happened already
    rows: list  # what it was made from, for the note of its check


# Stands in the HTML of a plan for what its address says, council included: the plan is the same for each.
QUERY = "<!--query-->"


def ages_of(choice: Choice) -> str:
    """ "ages 5 to 12 and 13 to 17"; empty where none was chosen."""
    bands = [band for band in shelf.bands() if band.slug in choice.ages]
    return f"ages {_ages_in_words(bands)}" if bands else ""


def _ages_in_words(bands: Iterable[AgeBand]) -> str:
    ages = [band.ages for band in bands]
    return " and ".join([", ".join(ages[:-1]), ages[-1]] if len(ages) > 1 else ages)


def make_plan(
    choice: Choice,
    bands: Iterable[AgeBand],
    apps: Iterable[AppProfileEdition],
    guides: Iterable[ControlGuideEdition],
    topics: Iterable[TopicEdition],
    lines: Iterable[AgreementLine],
) -> Plan:
    """The plan for a choice. Bands and lines that were not chosen may be among those given.

    Topics are those of ``subjects_for``, with their starters.
    """
    bands, lines, editions = list(bands), list(lines), {topic.pk: topic for topic in topics}
    chosen = [band for band in bands if band.slug in choice.ages]
    apps = _apps_in_order(apps, chosen)
    families = ControlFamily.values
    guides = sorted(guides, key=lambda guide: (families.index(guide.family), guide.provider.casefold()))
    left_out = [*apps[MOST_APPS:], *guides[MOST_DEVICES:]]
    apps, guides = apps[:MOST_APPS], guides[:MOST_DEVICES]
    worries, everyday = subjects_for(choice)
    has_trouble = any(value in choice.worries for value, _label in WORRIES)
    month = choose_talks(
        [editions[topic.pk] for topic in worries if topic.pk in editions],
        apps,
        [editions[topic.pk] for topic in everyday if topic.pk in editions],
        chosen,
    )
    settings_each, steps_each = fit_to_paper(apps, guides, month)
    promises = choose_lines(lines, chosen or bands)
    return Plan(
        ages=ages_of(choice),
        apps=[_to_do(app, app.setting_steps.all(), settings_each) for app in apps],
        devices=[_to_do(guide, guide.steps.all(), steps_each) for guide in guides],
        left_out=[_to_do(row, [], 0) for row in left_out],
        talks=month,
        promises=promises,
        worry_topics=worries,
        has_trouble=has_trouble,
        rows=[
            *apps,
            *guides,
            *worries,
            *(talk.source for talk in month),
            *chain.from_iterable(side.lines for side in promises),
        ],
    )


def _apps_in_order(apps: Iterable[AppProfileEdition], bands: list[AgeBand]) -> list[AppProfileEdition]:
    """Those that matter at the ages chosen first, each by name."""
    return sorted(apps, key=lambda app: (not set(app.age_bands.all()) & set(bands), app.name.casefold()))


def _to_do(row: AppProfileEdition | ControlGuideEdition, steps: Iterable, most: int) -> ToDo:
    steps = list(steps)
    name = row.name if isinstance(row, AppProfileEdition) else row.provider
    return ToDo(name, row.get_absolute_url(), steps[:most], len(steps) > most)


def subjects_for(choice: Choice) -> tuple[list[shelf.TopicRow], list[shelf.TopicRow]]:
    """What there is to read on the worries chosen, what is about the trouble itself first; and everyday subjects.

    A plan has room for few talks, so of everyday subjects only the first that have words for these ages are looked at.
    """
    topics = shelf.topics()
    everyday = {topic.pk for topic in everyday_topics(topics)}
    found = [
        topic
        for topic in topics
        if (topic.concern in choice.worries and topic.concern != Concern.NOT_SURE)
        or (topic.pk in everyday and topic.slug in choice.worries)
    ]
    worries = sorted(found, key=lambda topic: (topic.area != Area.WRONG, topic.title.casefold()))
    with_words = {each.pk for age in choice.ages or ("",) for each in talks.topics_of(age)}
    rest = [topic for topic in topics if topic.area in FILLED_FROM and topic.pk in with_words]
    rest.sort(key=lambda topic: (FILLED_FROM.index(topic.area), topic.title.casefold()))
    return worries[:MOST_SUBJECTS], rest[:MOST_SUBJECTS]


# Lines of a column that two sheets hold of settings and talks, and letters in one, with the agreement and the numbers
# to call beside them; measured on paper, with some to spare.
COLUMN_LINES, COLUMN_LETTERS = 137, 46


def fit_to_paper(
    apps: Iterable[AppProfileEdition], guides: Iterable[ControlGuideEdition], talks: Iterable[Talk] = ()
) -> tuple[int, int]:
    """How many settings of each app and steps of each device fit: three, or as many as two sheets hold.

    Fewer are shown instead of cutting off a sentence or making the letters small.
    """
    apps, guides, talks = list(apps), list(guides), list(talks)
    talk_lines = [_lines(talk.words) + _lines(talk.tip) for talk in talks]
    # Two talks stand side by side, so that a row of them takes its lines from both columns.
    room = COLUMN_LINES - 2 * sum(max(talk_lines[first : first + 2]) for first in range(0, len(talk_lines), 2))
    for settings_each, steps_each in ((3, 3), (3, 2), (3, 1), (2, 1), (1, 1), (1, 0), (0, 0)):
        texts = [f"{step.setting} {step.path} {step.as_of}" for app in apps
                 for step in list(app.setting_steps.all())[:settings_each]]  # fmt: skip
        texts += [step.words for guide in guides for step in list(guide.steps.all())[:steps_each]]
        if sum(map(_lines, texts)) + 2 * (len(apps) + len(guides)) <= room:
            break
    return settings_each, steps_each


def _lines(words: str) -> int:
    return ceil(len(words) / COLUMN_LETTERS)


def choose_talks(
    worries: Iterable[TopicEdition],
    apps: Iterable[AppProfileEdition],
    everyday: Iterable[TopicEdition],
    bands: list[AgeBand],
) -> list[Talk]:
    """One talk for each week: of the worries and the apps in turn, one of each before a second of any.

    What is left is filled with everyday subjects; a family that named no trouble is not made to talk of any.
    """
    of_worries = [_topic_talks(topic, bands) for topic in worries]
    of_apps = [[Talk(row.words, "", app, "") for row in app.starters.all()] for app in apps]
    first = [talks for pair in zip_longest(of_worries, of_apps) for talks in pair if talks]
    rest = [talks for topic in everyday if (talks := _topic_talks(topic, bands))]
    in_turn = chain(chain.from_iterable(zip_longest(*first)), chain.from_iterable(zip_longest(*rest)))
    different: dict[str, Talk] = {}
    for talk in filter(None, in_turn):
        different.setdefault(talk.words, talk)
    return list(different.values())[:WEEKS]


def _topic_talks(topic: TopicEdition, bands: list[AgeBand]) -> list[Talk]:
    """The starters of a topic that fit one of these ages; all of them where no age was chosen."""
    talks = []
    for row in topic.starters.all():
        fits = [band for band in bands if band in row.age_bands.all()]
        if fits or not bands:
            ages = _ages_in_words(fits) if 0 < len(fits) < len(bands) else ""
            talks.append(Talk(row.words, row.tip, topic, ages))
    return talks


def choose_lines(lines: Iterable[AgreementLine], bands: list[AgeBand]) -> list[Promises]:
    """The sentences of the agreement: for each side those that fit most of these ages, in their own order."""
    lines = list(lines)

    def fits(line: AgreementLine) -> int:
        return sum(band in bands for band in line.age_bands.all())

    sides = []
    for who, most in MOST_LINES.items():
        of_side = [line for line in lines if line.who == who and fits(line)]
        best = sorted(of_side, key=lambda line: (-fits(line), line.position))[:most]
        if best:
            sides.append(Promises(who.value, _SIDES[who], sorted(best, key=lambda line: (line.position, line.slug))))
    return sides


_SIDES = {
    AgreementLine.Who.CHILD: "The child’s part",
    AgreementLine.Who.ADULT: "The grown-up’s part",
    AgreementLine.Who.BOTH: "All of us",
}
