"""The form that asks for a family's plan: every box that it offers, with what was chosen ticked."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from guidance import presenters, shelf
from safety_site.plan import WORRIES, Choice, everyday_topics

MOST_OPTIONS = 60  # of a kind


@dataclass(frozen=True)
class Option:
    """One box to tick."""

    name: str
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Group:
    """Boxes under one heading."""

    key: str
    heading: str
    options: list[Option]

    @property
    def has_choice(self) -> bool:
        return any(option.is_chosen for option in self.options)


@dataclass(frozen=True)
class Form:
    """Everything that the form offers."""

    ages: list[Option]
    apps: list[Group]
    devices: list[Group]
    worries: list[Group]
    has_more: bool  # there are others, that nobody finds here


def make_form(choice: Choice) -> Form:
    """Of very many, the form has those that other pages tell of most, and what was chosen."""
    bands, ages = shelf.bands(), shelf.app_ages()
    chosen = {band.pk for band in bands if band.slug in choice.ages}
    apps = _told_of_most([app for app in shelf.apps() if app.is_open], shelf.topics_of_apps(), choice.apps)
    apps.sort(key=lambda app: not chosen & set(ages.get(app.pk, ())))
    guides = _told_of_most(shelf.guides(), shelf.guides_that_lead_to(), choice.devices)
    topics = _told_of_most(everyday_topics(shelf.topics()), shelf.topics_that_lead_to(), choice.worries)
    return Form(
        ages=[Option("age", band.slug, f"{band.name}: {band.ages}", band.pk in chosen) for band in bands],
        apps=_groups("app", presenters.apps_by_kind(apps), choice.apps),
        devices=_groups("device", presenters.controls_by_family(guides), choice.devices),
        worries=[
            Group("trouble", "When something goes wrong", [
                Option("worry", value, label, value in choice.worries) for value, label in WORRIES
            ]),
            Group("everyday", "Day to day", [
                Option("worry", topic.slug, topic.title, topic.slug in choice.worries) for topic in topics
            ]),
        ],
        has_more=max(len(shelf.apps()), len(shelf.guides()), len(shelf.topics())) > MOST_OPTIONS,
    )  # fmt: skip


def _told_of_most(rows: Iterable[shelf.Row], told: Mapping[int, Collection], chosen: Collection[str]) -> list:
    rows = list(rows)
    most = {row.pk for row in presenters.most_told_of(rows, told, MOST_OPTIONS)}
    return [row for row in rows if row.pk in most or row.slug in chosen]


def _groups(name: str, groups: Iterable[presenters.Group], chosen: tuple[str, ...]) -> list[Group]:
    """A box for each row of some groups of apps or guides."""
    return [
        Group(
            group.key,
            group.heading,
            [Option(name, row.slug, _label_of(row), row.slug in chosen) for row in group.rows],
        )
        for group in groups
    ]


def _label_of(row: shelf.AppRow | shelf.GuideRow) -> str:
    return row.name if isinstance(row, shelf.AppRow) else row.provider
