"""Cards of topics, apps and guides, as lists show them; each is rendered once for each version of the content."""

from collections.abc import Callable, Iterable

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from guidance.models import SharedNote
from guidance.shelf import AppRow, Band, GuideRow, TopicRow
from safety_site.unchanged import while_unchanged


@while_unchanged
def _made(_kind: str) -> dict:
    """The cards made so far: as many as there are rows to show, in the few ways in which they are shown."""
    return {}


def _cards(kind: str, rows: Iterable, how: tuple, template: str, context: Callable) -> SafeString:
    made, html = _made(kind), []
    for row in rows:
        card = made.get((row.pk, how))
        if card is None:
            card = made[row.pk, how] = get_template(template).render(context(row))
        html.append(card)
    return mark_safe("".join(html))  # noqa: S308 - rendered by ourselves


def topic_cards(topics: Iterable[TopicRow], age: str = "") -> SafeString:
    """Cards of topics; ``age``: the slug of the age band that they lead on with."""
    how = (age,)
    return _cards("topic", topics, how, "components/_topic_card.html", lambda row: {"topic": row, "age": age})


def app_cards(apps: Iterable[AppRow], band: Band | None = None, pick: bool = False) -> SafeString:
    """Cards of apps; ``pick``: with a box for comparing, ``band``: the age that the list is for."""
    how = (band.pk if band else None, bool(pick))
    return _cards("app", apps, how, "components/_app_card.html", lambda row: {"app": row, "band": band, "pick": pick})


def guide_cards(guides: Iterable[GuideRow]) -> SafeString:
    return _cards("guide", guides, (), "components/_guide_card.html", lambda row: {"guide": row})


@while_unchanged
def shared_notes() -> dict[int, SafeString]:
    """Every published note that pages tell in the same words, by its key, in the order of their titles."""
    template = get_template("guidance/_shared_note.html")
    return {note.pk: template.render({"note": note}) for note in SharedNote.objects.live()}
