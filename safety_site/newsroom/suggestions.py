"""Changes that wait for somebody: to rows that have no editions (links, synonyms, councils), and new rows of those.

A suggestion holds the changed fields only, as cells (``safety_site.newsroom.cells``): what stood there, what should.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from safety_site.models import SuggestedChange
from safety_site.newsroom.cells import Cells, cells_of, label_of
from safety_site.search_index import index_row

LONGEST_TITLE = SuggestedChange._meta.get_field("title").max_length
LONGEST_SOURCE = SuggestedChange._meta.get_field("source").max_length
State = SuggestedChange.State


@dataclass(frozen=True)
class ChangedField:
    """One line of the page of a suggestion. ``now`` is set where the row changed after it was suggested."""

    label: str
    before: str
    after: str
    now: str | None = None


def changed_cells(before: dict[str, str], after: dict[str, str]) -> dict[str, str]:
    return {name: cell for name, cell in after.items() if before.get(name) != cell}


def _without_nul(cells: dict[str, str]) -> dict[str, str]:
    # PostgreSQL's JSON refuses it; no text of ours has it.
    return {name: cell.replace("\x00", "") for name, cell in cells.items()}


def suggestion(model, row, before: dict[str, str], after: dict[str, str], author, source: str = "", title: str = ""):
    """An unsaved suggestion; ``row`` is None for a new one. None if nothing would change."""
    after = _without_nul(changed_cells(before, after) if row else after)
    if row and not after:
        return None
    return SuggestedChange(
        content_type=ContentType.objects.get_for_model(model),
        object_id=row.pk if row else None,
        title=(title or str(row))[:LONGEST_TITLE],
        before={name: before.get(name, "") for name in after} if row else {},
        after=after,
        source=source[:LONGEST_SOURCE],
        author=author,
    )


def suggest(model, row, before: dict[str, str], after: dict[str, str], author, source: str = "", title: str = ""):
    """Keep a change for somebody to decide on. The same one that waits already is not kept twice."""
    new = suggestion(model, row, before, after, author, source, title)
    if new is None:
        return None
    same = SuggestedChange.objects.waiting().filter(content_type=new.content_type, object_id=new.object_id)
    for old in same:
        if old.after == new.after and old.before == new.before:
            return old
    new.save()
    return new


def row_of(suggested: SuggestedChange) -> models.Model | None:
    """The row as it is today; None for a new one, and where it is gone."""
    model = suggested.content_type.model_class()
    if model is None or suggested.object_id is None:
        return None
    return model._base_manager.filter(pk=suggested.object_id).first()


def changed_fields(suggested: SuggestedChange) -> list[ChangedField]:
    """What a suggestion would change, line by line, in the order of the form."""
    model = suggested.content_type.model_class()
    if model is None:
        return []
    row = row_of(suggested) if suggested.state == State.WAITING else None
    now = cells_of(row, suggested.before) if row else {}
    order = [*cells_of(model()), *suggested.after]
    lines = []
    for name in dict.fromkeys(each for each in order if each in suggested.after):
        before, after = suggested.before.get(name, ""), suggested.after[name]
        if suggested.object_id is None and not after:
            continue
        stale = now[name] if name in now and now[name] != before else None
        lines.append(ChangedField(label_of(model, name), before, after, stale))
    return lines


def _decide(suggested: SuggestedChange, state: str, by) -> None:
    suggested.state, suggested.decided_by, suggested.decided_at = state, by, timezone.now()
    suggested.save(update_fields=["state", "decided_by", "decided_at"])


def _locked(suggested: SuggestedChange) -> SuggestedChange:
    suggested = SuggestedChange.objects.select_for_update().get(pk=suggested.pk)
    if suggested.state != State.WAITING:
        raise ValidationError(f"Somebody decided on this already: {suggested.get_state_display().lower()}.")
    return suggested


def _in_words(problem: ValidationError, model) -> ValidationError:
    """The same problem with the fields as editors know them."""
    if not hasattr(problem, "error_dict"):
        return problem
    words = []
    for name, texts in problem.message_dict.items():
        where = "" if name == "__all__" else f"{label_of(model, name)}: "
        words += [f"{where}{text}" for text in texts]
    return ValidationError(words)


@transaction.atomic
def accept(suggested: SuggestedChange, by) -> models.Model:
    """Do what was suggested: readers see it at once. Refused in words if the row changed meanwhile, or is gone."""
    suggested = _locked(suggested)
    model = suggested.content_type.model_class()
    if model is None:
        raise ValidationError("This site has no such rows any more.")
    if suggested.object_id is None:
        row = model()
    else:
        row = model._base_manager.select_for_update().filter(pk=suggested.object_id).first()
        if row is None:
            raise ValidationError("The row is not there any more.")
        now = cells_of(row, suggested.before)
        stale = [label_of(model, name) for name, cell in suggested.before.items() if now.get(name) != cell]
        if stale:
            raise ValidationError(
                f"Somebody changed this meanwhile: {', '.join(stale)}. Refuse it, or make the change by hand."
            )
    try:
        many = Cells(model).put(row, suggested.after)
        row.full_clean()
    except ValidationError as problem:
        raise _in_words(problem, model) from None
    row.save()
    for name, rows in many.items():
        getattr(row, name).set(rows)
    if hasattr(row, "search_document"):
        index_row(row)
    suggested.object_id = row.pk
    suggested.save(update_fields=["object_id"])
    _decide(suggested, State.ACCEPTED, by)
    return row


@transaction.atomic
def refuse(suggested: SuggestedChange, by) -> None:
    """Leave the row as it is."""
    _decide(_locked(suggested), State.REFUSED, by)


def of_same_import(suggested: SuggestedChange):
    """What still waits of one file of one editor, in the order of its rows."""
    return (
        SuggestedChange.objects.waiting()
        .filter(source=suggested.source, author=suggested.author, content_type=suggested.content_type)
        .exclude(source="")
        .order_by("pk")
    )


def accept_all(waiting: Iterable[SuggestedChange], by, is_over) -> tuple[int, list[str]]:
    """Accept one after the other until ``is_over()``. Returns how many, and what stood in the way of others."""
    done, problems = 0, []
    for each in waiting:
        if is_over():
            break
        try:
            accept(each, by)
        except ValidationError as problem:
            problems.append(f"{each.title}: {' '.join(problem.messages)}")
        else:
            done += 1
    return done, problems
