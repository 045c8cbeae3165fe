"""Two to four apps side by side: what differs first, and said in words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from guidance import presenters, shelf
from guidance.models import AppFeature, AppProfileEdition, AppRating
from guidance.shelf import AppRow

FEWEST, MOST = 2, 4
MOST_OPTIONS = 60  # in a box
NOT_CONFIRMED = "We could not confirm"


@dataclass(frozen=True)
class Asked:
    """What an address asks to compare."""

    apps: list[AppRow]  # those with a page, at most MOST, in the order asked for
    had_unknown: bool
    had_too_many: bool

    @property
    def is_enough(self) -> bool:
        return len(self.apps) >= FEWEST

    @property
    def key(self) -> str:
        """The same for the same apps in the same order."""
        return " ".join(app.slug for app in self.apps)


def asked_for(slugs: Iterable[str], by_slug: Mapping[str, AppRow]) -> Asked:
    """Each app once; an empty value is a box left alone, not an unknown app."""
    wanted = [slug for slug in dict.fromkeys(slugs) if slug]
    apps = [by_slug[slug] for slug in wanted if slug in by_slug]
    return Asked(apps[:MOST], len(apps) < len(wanted), len(apps) > MOST)


@dataclass(frozen=True)
class Box:
    """One of the boxes in which an app is chosen."""

    label: str
    chosen: str  # a slug, or empty


def boxes(asked: Asked) -> list[Box]:
    slugs = [app.slug for app in asked.apps]
    labels = ("First app or game", "Second", "Third, if you like", "Fourth, if you like")
    return [Box(label, slug) for label, slug in zip(labels, [*slugs, *[""] * (MOST - len(slugs))], strict=True)]


def offered(asked: Asked) -> list[AppRow]:
    """The apps of the boxes: of very many, those that most topics name, and those that were asked for."""
    most = presenters.most_told_of(shelf.apps(), shelf.topics_of_apps(), MOST_OPTIONS)
    return sorted({*most, *asked.apps}, key=lambda app: app.place)


@dataclass(frozen=True)
class Cell:
    """What one app has to say in one row."""

    app: str
    words: str
    detail: str = ""


@dataclass(frozen=True)
class Row:
    """One question, with an answer by each app in the order of the columns."""

    heading: str
    cells: list[Cell]

    @property
    def differs(self) -> bool:
        return len({cell.words for cell in self.cells}) > 1


@dataclass(frozen=True)
class Comparison:
    """Everything that stands side by side."""

    facts: list[Row]
    different: list[Row]  # features
    same: list[Row]  # features on which all of them agree


def _row(heading: str, apps: Iterable[AppProfileEdition], answer: Callable[..., tuple]) -> Row:
    return Row(heading, [Cell(app.name, *answer(app)) for app in apps])


def _minimum_age(app: AppProfileEdition) -> tuple[str, str]:
    if app.minimum_age is None:
        return (NOT_CONFIRMED, "")
    return (str(app.minimum_age), f"as of {app.minimum_age_as_of}" if app.minimum_age_as_of else "")


def _rating(scheme: str):
    def answer(app: AppProfileEdition) -> tuple[str, str]:
        row = next((rating for rating in app.ratings.all() if rating.scheme == scheme), None)
        if row and row.rating:
            return (row.rating, row.as_of or "We could not confirm the date")
        # A note in place of a rating says why there is none: PEGI rates games only.
        return (row.note if row and row.note else NOT_CONFIRMED, "")

    return answer


def _feature(feature: str):
    def answer(app: AppProfileEdition) -> tuple[str]:
        row = next((row for row in app.features.all() if row.feature == feature), None)
        return (row.get_value_display() if row else NOT_CONFIRMED,)

    return answer


def _status(app: AppProfileEdition) -> tuple[str, str]:
    if app.is_closed:
        return ("No: closed", f"Since {app.status_since}")
    return ("Yes" if app.is_open else "We could not confirm that it still works", "")


def _privacy(app: AppProfileEdition) -> tuple[str]:
    said = "; ".join(f"{row.age_group}: {row.setting.lower()}" for row in app.defaults.all())
    return (said or NOT_CONFIRMED,)


def _family_tool(app: AppProfileEdition) -> tuple[str]:
    return (app.family_tool_name or "None that we know of",)


def _first_setting(app: AppProfileEdition) -> tuple[str, str]:
    first = next(iter(app.setting_steps.all()), None)
    return (first.setting, first.path) if first else ("We have no settings for it", "")


def compare_asked(asked: Asked) -> Comparison:
    """What the apps asked for say, in their order; as many queries for two as for four."""
    editions = AppProfileEdition.objects.for_comparison().in_bulk([app.pk for app in asked.apps])
    return compare([editions[app.pk] for app in asked.apps if app.pk in editions])


def compare(apps: list[AppProfileEdition]) -> Comparison:
    """Takes editions with ratings, features, defaults and setting steps prefetched."""
    strangers = AppFeature.Feature.MESSAGES_FROM_STRANGERS
    facts = [
        *([] if all(app.is_open for app in apps) else [_row("Can you still get it?", apps, _status)]),
        _row("Minimum age in its own terms", apps, _minimum_age),
        *(_row(f"Rating: {scheme.label}", apps, _rating(scheme)) for scheme in AppRating.Scheme),
        _row(strangers.label, apps, _feature(strangers)),
        _row("How private at the start", apps, _privacy),
        _row("Family tool", apps, _family_tool),
        _row("Setting to change first", apps, _first_setting),
    ]
    features = [_row(feature.label, apps, _feature(feature)) for feature in AppFeature.Feature if feature != strangers]
    return Comparison(facts, [row for row in features if row.differs], [row for row in features if not row.differs])
