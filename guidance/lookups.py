"""Pages to look something up in: figures, the law, old names. Each is read a page at a time."""

from dataclasses import dataclass

from guidance import presenters, shelf
from guidance.models import AgeBandFact, Fact, OldName, SharedNote
from safety_site.checks import Check, oldest_check
from safety_site.unchanged import while_unchanged


@dataclass(frozen=True, slots=True)
class Told:
    """A figure, with what tells it from others."""

    is_of_age: bool  # of the page of an age band
    pk: int
    claim: str
    source: str
    year: str


@while_unchanged
def figures() -> tuple[presenters.FigureGroup, ...]:
    """Every "did you know" by page, each once; of a figure its key alone, since there may be thousands."""
    facts: dict[int, list[Told]] = {}
    shown, columns = shelf.topics(), ("pk", "claim", "source", "year")
    for edition, *row in Fact.objects.order_by("position", "pk").values_list("edition_id", *columns):
        if edition in shown.by_pk:
            facts.setdefault(edition, []).append(Told(False, *row))
    of_ages: dict[int, list[Told]] = {}
    for band, *row in AgeBandFact.objects.values_list("age_band_id", *columns):
        of_ages.setdefault(band, []).append(Told(True, *row))
    by_title = sorted(shown, key=lambda topic: topic.title.casefold())
    pages = [
        *((topic.slug, presenters.Place(topic.title, topic.url), facts.get(topic.pk, [])) for topic in by_title),
        *((band.slug, presenters.place_of_age(band), of_ages.get(band.pk, [])) for band in shelf.bands()),
    ]
    return tuple(
        presenters.FigureGroup(
            group.key,
            group.page,
            [presenters.Figure((figure.fact.is_of_age, figure.fact.pk), figure.also) for figure in group.figures],
        )
        for group in presenters.figures_once(pages)
    )


def with_facts(groups: list[presenters.FigureGroup]) -> list[presenters.FigureGroup]:
    """The same groups with the figures themselves; two queries."""
    wanted = [figure.fact for group in groups for figure in group.figures]
    facts = {
        **{
            (False, pk): row
            for pk, row in Fact.objects.in_bulk([pk for is_of_age, pk in wanted if not is_of_age]).items()
        },
        **{
            (True, pk): row
            for pk, row in AgeBandFact.objects.in_bulk([pk for is_of_age, pk in wanted if is_of_age]).items()
        },
    }
    return [
        presenters.FigureGroup(
            group.key,
            group.page,
            [presenters.Figure(facts[figure.fact], figure.also) for figure in group.figures if figure.fact in facts],
        )
        for group in groups
    ]


@dataclass(frozen=True)
class List:
    """The keys of a list in its order, and the check of all of it."""

    keys: tuple[int, ...]
    check: Check | None


@while_unchanged
def law() -> List:
    order = SharedNote.LawStatus.values
    notes = sorted(SharedNote.objects.law(), key=lambda note: order.index(note.law_status))
    return List(tuple(note.pk for note in notes), oldest_check(notes))


@while_unchanged
def old_names() -> List:
    names = sorted(OldName.objects.live(), key=lambda each: each.name.casefold())
    return List(tuple(name.pk for name in names), oldest_check(names))


def law_notes(keys: tuple[int, ...]) -> list[SharedNote]:
    return list(SharedNote.objects.law().filter(pk__in=keys).for_page())


def names(keys: tuple[int, ...]) -> list[OldName]:
    found = OldName.objects.live().filter(pk__in=keys).for_page()
    return sorted(found, key=lambda each: each.name.casefold())
