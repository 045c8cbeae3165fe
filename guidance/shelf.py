"""Every live page of the guidance in a few plain words each: what lists, cards and links to other pages are made of.

Read once for each version of the content in each process (``safety_site/unchanged.py``); where nothing is kept
(commands, staff who look at another moment or at a draft), read when it is asked for. A row has no more of an edition
than lists show: its page has the rest.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date

from django.db import models
from django.urls import reverse

from guidance.models import AgeBand, AppProfileEdition, ControlGuideEdition, OldName, TopicEdition
from guidance.models.apps import AppKind, AppStatus
from guidance.models.controls import ControlFamily
from safety_site import viewing
from safety_site.checks import Check, oldest_check
from safety_site.unchanged import while_unchanged


@dataclass(frozen=True, slots=True)
class Band:
    """One range of ages."""

    pk: int
    slug: str
    name: str
    age_from: int
    age_to: int
    summary: str

    @property
    def ages(self) -> str:
        """For example "5 to 12"."""
        return f"{self.age_from} to {self.age_to}"

    def get_absolute_url(self) -> str:
        return reverse("guidance:age-band", args=[self.slug])


@dataclass(frozen=True, slots=True)
class Row:
    """A live edition as a list shows it."""

    pk: int  # of the edition
    thing_id: int
    slug: str
    checked_on: date | None
    checked_by: str
    review_by: date | None
    place: int  # in the order of all rows of its kind
    url: str

    @property
    def is_overdue(self) -> bool:
        return self.review_by is not None and self.review_by < viewing.day()

    def get_absolute_url(self) -> str:
        return self.url


@dataclass(frozen=True, slots=True)
class TopicRow(Row):
    title: str
    summary: str
    area: str
    concern: str


@dataclass(frozen=True, slots=True)
class AppRow(Row):
    name: str
    summary: str
    kind: str
    status: str
    status_since: str
    status_note: str
    minimum_age: int | None
    family_tool_name: str

    @property
    def is_open(self) -> bool:
        return self.status == AppStatus.OPEN

    @property
    def is_closed(self) -> bool:
        return self.status == AppStatus.CLOSED

    @property
    def get_kind_display(self) -> str:
        return AppKind(self.kind).label


@dataclass(frozen=True, slots=True)
class GuideRow(Row):
    provider: str
    summary: str
    family: str


class Rows(tuple):
    """Rows of one kind in their order, to be found by slug and by thing."""

    def __init__(self, rows: Iterable[Row]):
        self.by_slug = {row.slug: row for row in self}
        self.by_thing = {row.thing_id: row for row in self}
        self.by_pk = {row.pk: row for row in self}

    def of_things(self, things: Iterable[int]) -> list:
        """Those of some things that are live, in the order of all."""
        return self._in_order(self.by_thing[thing] for thing in things if thing in self.by_thing)

    def of_editions(self, keys: Iterable[int]) -> list:
        return self._in_order(self.by_pk[key] for key in keys if key in self.by_pk)

    @staticmethod
    def _in_order(rows: Iterable[Row]) -> list:
        return sorted(rows, key=lambda row: row.place)


_SLUG = "a-slug"


def _read(row_class: type[Row], model: type[models.Model], address: str, order=None) -> Rows:
    """The live rows of a model, in the order of the model or by ``order``; one query."""
    thing = model.thing_field
    names = [field.name for field in fields(row_class) if field.name not in ("thing_id", "slug", "place", "url")]
    found = model.objects.live().values_list(f"{thing}_id", f"{thing}__slug", *names)
    found = sorted(found, key=lambda row: order(dict(zip(names, row[2:], strict=True)))) if order else list(found)
    before, after = reverse(address, args=[_SLUG]).split(_SLUG)
    return Rows(
        row_class(thing_id=row[0], slug=row[1], place=place, url=f"{before}{row[1]}{after}",
                  **dict(zip(names, row[2:], strict=True)))
        for place, row in enumerate(found)
    )  # fmt: skip


@while_unchanged
def bands() -> tuple[Band, ...]:
    """In the order of ages."""
    return tuple(Band(*row) for row in AgeBand.objects.values_list(*(field.name for field in fields(Band))))


def band_of(slug: str) -> Band | None:
    """The band of a value in an address; one that is none of ours counts as no choice."""
    return next((band for band in bands() if band.slug == slug), None) if slug else None


@while_unchanged
def topics() -> Rows:
    """By title."""
    return _read(TopicRow, TopicEdition, "guidance:topic")


@while_unchanged
def apps() -> Rows:
    """By name as people look for it."""
    return _read(AppRow, AppProfileEdition, "guidance:app", lambda row: row["name"].casefold())


@while_unchanged
def guides() -> Rows:
    """By provider."""
    return _read(GuideRow, ControlGuideEdition, "guidance:control")


@while_unchanged
def guides_by_family() -> tuple[GuideRow, ...]:
    """In the order of families, then by provider."""
    return tuple(sorted(guides(), key=lambda row: ControlFamily.values.index(row.family)))


@while_unchanged
def check_of(*kinds: str) -> Check | None:
    """The check of a page that is made of all rows of some kinds: "topics", "apps", "open apps", "guides"."""
    shown = {
        "topics": topics,
        "apps": apps,
        "open apps": lambda: [app for app in apps() if app.is_open],
        "guides": guides,
    }
    return oldest_check(row for kind in kinds for row in shown[kind]())


# --- What belongs to them ---------------------------------------------------------------------------------


def _links(model: type[models.Model], field: str, shown: Rows) -> dict[int, tuple[int, ...]]:
    """For the key of each of these editions that has any: the keys of the rows that a link to many leads to."""
    link = model._meta.get_field(field)
    own, other = link.m2m_column_name(), link.m2m_reverse_name()
    found: dict[int, list[int]] = {}
    for edition, to in link.remote_field.through.objects.order_by("pk").values_list(own, other):
        if edition in shown.by_pk:
            found.setdefault(edition, []).append(to)
    return {edition: tuple(to) for edition, to in found.items()}


def _turned(links: dict[int, tuple[int, ...]]) -> dict[int, tuple[int, ...]]:
    """The same links, from the other end."""
    found: dict[int, list[int]] = {}
    for start, ends in links.items():
        for end in ends:
            found.setdefault(end, []).append(start)
    return {end: tuple(starts) for end, starts in found.items()}


def _in_order_of_ages(found: dict[int, tuple[int, ...]]) -> dict[int, tuple[int, ...]]:
    order = {band.pk: place for place, band in enumerate(bands())}
    return {edition: tuple(sorted(ages, key=order.__getitem__)) for edition, ages in found.items()}


@while_unchanged
def topic_ages() -> dict[int, tuple[int, ...]]:
    """Edition → keys of its age bands, youngest first."""
    return _in_order_of_ages(_links(TopicEdition, "age_bands", topics()))


@while_unchanged
def app_ages() -> dict[int, tuple[int, ...]]:
    return _in_order_of_ages(_links(AppProfileEdition, "age_bands", apps()))


@while_unchanged
def topics_of_topics() -> dict[int, tuple[int, ...]]:
    """Edition of a topic → keys of the topics that it leads on to."""
    return _links(TopicEdition, "related_topics", topics())


@while_unchanged
def apps_of_topics() -> dict[int, tuple[int, ...]]:
    """Edition of a topic → keys of the apps that it tells of."""
    return _links(TopicEdition, "related_apps", topics())


@while_unchanged
def topics_of_apps() -> dict[int, tuple[int, ...]]:
    """App → keys of the editions of topics that tell of it."""
    return _turned(apps_of_topics())


@while_unchanged
def topics_that_lead_to() -> dict[int, tuple[int, ...]]:
    """Topic → keys of the editions of topics that lead on to it."""
    return _turned(topics_of_topics())


@while_unchanged
def apps_of_apps() -> dict[int, tuple[int, ...]]:
    return _links(AppProfileEdition, "related_apps", apps())


@while_unchanged
def notes_of_apps() -> dict[int, tuple[int, ...]]:
    return _links(AppProfileEdition, "shared_notes", apps())


@while_unchanged
def guides_of_guides() -> dict[int, tuple[int, ...]]:
    return _links(ControlGuideEdition, "related_guides", guides())


@while_unchanged
def guides_that_lead_to() -> dict[int, tuple[int, ...]]:
    """Guide → keys of the editions of guides that lead on to it."""
    return _turned(guides_of_guides())


@while_unchanged
def audiences_of_topics() -> dict[int, frozenset[str]]:
    """Edition → values of Audience."""
    shown, found = topics().by_pk, {}
    rows = TopicEdition._meta.get_field("audiences").related_model.objects.order_by()
    for edition, audience in rows.values_list("edition_id", "audience"):
        if edition in shown:
            found.setdefault(edition, set()).add(audience)
    return {edition: frozenset(audiences) for edition, audiences in found.items()}


@dataclass(frozen=True, slots=True)
class NameRow:
    """An old name, to lead to."""

    name: str
    slug: str
    became: str

    @property
    def get_became_display(self) -> str:
        return OldName.Became(self.became).label

    def get_absolute_url(self) -> str:
        return f"{reverse('guidance:old-names')}#{self.slug}"


@while_unchanged
def names_of_topics() -> dict[int, tuple[NameRow, ...]]:
    """Topic → the old names that it tells of, by name."""
    found: dict[int, list[NameRow]] = {}
    for topic, *row in (
        OldName.objects.live().filter(topics__isnull=False).values_list("topics", "name", "slug", "became")
    ):
        found.setdefault(topic, []).append(NameRow(*row))
    return {topic: tuple(names) for topic, names in found.items()}
