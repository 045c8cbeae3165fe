"""Every change of a row with its before and after, who made it and when. Nobody can change or delete an entry.

django-auditlog writes the entries by itself whenever a row is saved or deleted and when its links change; which
models it leaves out is in ``settings.py``. The database refuses to change or delete an entry (triggers, made by the
migration ``audit_is_final``). What goes past ``save()`` would go past the list: change many rows with
``change_each`` instead of ``QuerySet.update``, and tell ``note_added`` of rows made by ``bulk_create``.
"""

from collections.abc import Callable, Iterable
from functools import wraps

from auditlog.context import set_actor
from auditlog.models import LogEntry
from auditlog.receivers import log_create
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime

#: What is told of people beside changes of rows; in the order in which they come about.
EVENTS = {
    "signed-in": "Signed in",
    "wrong-password": "Wrong password or code",
    "locked-out": "Locked out after too many wrong passwords or codes",
    "signed-out": "Signed out",
    "factor-set-up": "Set up the second factor",
    "second-step": "Gave the code of the second factor",
    "recovery-code-used": "Signed in with a recovery code",
    "recovery-codes-made": "Made new recovery codes",
    "factor-removed": "Second factor removed",
    "password-changed": "Changed their password",
    "confirmed": "Gave their password again",
}


def masked(value: str) -> str:
    """What stands for a secret, however long it is."""
    return "" if value in ("", "None") else "not shown"


def record(event: str, user, by=None) -> LogEntry:
    """Write down what happened with a person's sign-in; ``by`` is who did it (default: that person)."""
    who = by or user
    return LogEntry.objects.create(
        content_type=ContentType.objects.get_for_model(user),
        object_pk=user.pk,
        object_id=user.pk,
        object_repr=str(user),
        action=LogEntry.Action.ACCESS,
        actor=who if who.is_authenticated else None,
        additional_data={"event": event},
    )


def with_actor(view: Callable) -> Callable:
    """A view whose changes are those of whoever is signed in. For the editors' pages only: it reads the session."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        # A worker's thread is used again: who asked last must not stand as the one who changed something now.
        with set_actor(request.user):
            return view(request, *args, **kwargs)

    return wrapped


@transaction.atomic
def change_each(rows: Iterable[models.Model], **values) -> int:
    """Set the same values on each row, so that each change is in the list. Returns how many rows there were."""
    count = 0
    for row in rows:
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=list(values))
        count += 1
    return count


def note_added(rows: Iterable[models.Model]) -> None:
    """Write down rows that were added many at a time."""
    for row in rows:
        log_create(sender=type(row), instance=row, created=True)


# --- What happened to one row and its parts ---------------------------------------------------------------


def _parts(model: type[models.Model]) -> list[models.ForeignKey]:
    """The foreign keys by which rows belong to a row of a model: they go when it goes."""
    return [
        relation.field
        for relation in model._meta.related_objects
        if relation.on_delete is models.CASCADE
        and relation.one_to_many
        and not relation.related_model._meta.auto_created
    ]


def _and_parts(model: type[models.Model], keys: set[int], depth: int = 2) -> Q:
    """Entries of these rows and of their parts, also of parts that were deleted since."""
    kind = ContentType.objects.get_for_model(model)
    entries = Q(content_type=kind, object_id__in=keys)
    if depth == 0 or not keys:
        return entries
    names = [str(key) for key in keys]
    for field in _parts(model):
        part = ContentType.objects.get_for_model(field.model)
        said = Q(**{f"changes__{field.name}__0__in": names}) | Q(**{f"changes__{field.name}__1__in": names})
        theirs = set(LogEntry.objects.filter(said, content_type=part).values_list("object_id", flat=True))
        theirs |= set(field.model._base_manager.filter(**{f"{field.name}__in": keys}).values_list("pk", flat=True))
        if theirs:
            entries |= _and_parts(field.model, theirs, depth - 1)
    return entries


def entries_of(row: models.Model) -> models.QuerySet:
    """Everything in the list about a row and its parts, newest first."""
    entries = LogEntry.objects.filter(_and_parts(type(row), {row.pk})) if isinstance(row.pk, int) else LogEntry.objects
    return entries.select_related("actor", "content_type").order_by("-timestamp", "-pk")


# --- In words ---------------------------------------------------------------------------------------------


def event_of(entry: LogEntry) -> str:
    """What happened, in words."""
    event = (entry.additional_data or {}).get("event")
    if event:
        return EVENTS.get(event, event)
    return {0: "Added", 1: "Changed", 2: "Deleted"}.get(entry.action, "Other")


def _value(field: models.Field | None, value) -> str:
    """One value as an editor would say it."""
    if value in (None, "None", ""):
        return ""
    if isinstance(field, models.BooleanField):
        return {"True": "yes", "False": "no"}.get(str(value), str(value))
    if field is not None and field.flatchoices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.DateTimeField):
        moment = parse_datetime(f"{value}+00:00")  # kept in UTC, without saying so
        return date_format(localtime(moment), "j F Y, H:i:s") if moment else str(value)
    if isinstance(field, models.ForeignKey) and str(value).isdecimal():
        row = field.related_model._base_manager.filter(pk=int(value)).first()
        return str(row) if row else f"number {value}, which is gone"
    return str(value)


def changes_of(entry: LogEntry) -> list[dict]:
    """What changed, field by field: its name, before and after. Links of many are what was added or taken away."""
    model = entry.content_type.model_class()
    fields = {field.name: field for field in model._meta.get_fields()} if model else {}
    found = []
    for name, change in (entry.changes or {}).items():
        field = fields.get(name)
        if isinstance(change, dict):
            words = ", ".join(change.get("objects", []))
            before, after = ("", words) if change.get("operation") == "add" else (words, "")
        elif field is not None and not field.concrete:
            continue  # the library notes the other end of each foreign key as well
        else:
            before, after = (_value(field, value) for value in change)
        if (before, after) != ("", "") and name != "id":
            words = getattr(field, "verbose_name", name.replace("_", " "))
            found.append({"name": capfirst(str(words)), "before": before, "after": after})
    return sorted(found, key=lambda change: change["name"])
