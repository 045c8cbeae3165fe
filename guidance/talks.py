"""Which subjects have words to begin a talk with, by age; and the words of some of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from guidance import presenters, shelf
from guidance.models import AppProfileEdition, AppStarter, ConversationStarter, TopicEdition
from safety_site.editions import Edition
from safety_site.unchanged import while_unchanged

TOPIC, APP = "topic", "app"


@dataclass(frozen=True, slots=True)
class Subject:
    """A page with words for an age; ``kind`` is empty for an age that has no words at all."""

    band: shelf.Band
    kind: str = ""
    pk: int = 0  # of the edition

    @property
    def key(self) -> tuple[str, int]:
        return self.kind, self.pk


@while_unchanged
def subjects(age: str = "") -> tuple[Subject, ...]:
    """Everything that there is to talk about, at one age or at every age: topics by title, then open apps by name."""
    shown = [band for band in shelf.bands() if age in ("", band.slug)]
    link = ConversationStarter.age_bands.through.objects.order_by()
    pairs = set(link.values_list("ageband_id", "conversationstarter__edition_id").distinct())
    with_words = set(AppStarter.objects.order_by().values_list("edition_id", flat=True).distinct())
    apps = [app.pk for app in shelf.apps() if app.is_open and app.pk in with_words]
    ages, found = shelf.app_ages(), []
    for band in shown:
        mine = [Subject(band, TOPIC, topic.pk) for topic in shelf.topics() if (band.pk, topic.pk) in pairs]
        mine += [Subject(band, APP, app) for app in apps if band.pk in ages.get(app, ())]
        found += mine or [Subject(band)]
    return tuple(found)


def topics_of(age: str) -> tuple[Subject, ...]:
    """The topics among the subjects of one age."""
    return tuple(each for each in subjects(age) if each.kind == TOPIC)


def words_of(chosen: Sequence[Subject]) -> list[tuple[shelf.Band, list[presenters.Group]]]:
    """The words of some subjects, by age; as many queries however many there are."""
    topics = _by_key(
        chosen, TOPIC, TopicEdition.objects.select_related("topic").prefetch_related("starters__age_bands")
    )
    apps = _by_key(
        chosen, APP, AppProfileEdition.objects.select_related("profile").prefetch_related("starters", "age_bands")
    )
    by_age: dict[shelf.Band, list[Subject]] = {}
    for each in chosen:
        by_age.setdefault(each.band, []).append(each)
    return [
        found
        for band, mine in by_age.items()
        for found in presenters.talk_by_age(
            [band],
            [topics[each.pk] for each in mine if each.kind == TOPIC and each.pk in topics],
            [apps[each.pk] for each in mine if each.kind == APP and each.pk in apps],
        )
    ]


def _by_key(chosen: Sequence[Subject], kind: str, editions: QuerySet) -> dict[int, Edition]:
    return editions.in_bulk({each.pk for each in chosen if each.kind == kind})
