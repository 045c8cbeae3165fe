"""One version of everything that readers can see: when it changes, kept pages are out of date.

It has three parts. *Changes* are counted by triggers in the database, so that none is missed, whoever makes it: the
editors' pages, a sheet, a command, plain SQL. A draft is seen by no reader and changes nothing; parts of an edition
(its sections, its phones) count through the edition, since they are final once it is approved. *The moment* is the
last publishing time that has come, or the last beginning or end of a banner. *The day*, in London: a late check is
told from the day after. What holds for a shorter time (which number answers now) says so itself: ``freshness.py``.

Read the version before the words, and from the same database: then words are never older than their version says.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import Max, Min, Q, Sum
from django.utils import timezone

from safety_site.editions import Edition, EditionState, edition_models
from safety_site.models import ContentChange, EmergencyBanner

OUR_APPS = ("guidance", "reporting", "safety_site")
# Rows that stand on no page that is kept: what editors see, what counts readers' requests. What search makes of others
# does count, with synonyms and words of worries: each process keeps some of it (search_matches.py, worries.py).
NOT_SHOWN = frozenset(
    {
        "guidance.feedbackday", "guidance.feedbacksender",
        "reporting.outcode", "reporting.postcode",
        "safety_site.autosave", "safety_site.bannedphrase", "safety_site.contentchange", "safety_site.editionevent",
        "safety_site.keptpart", "safety_site.linkcheck", "safety_site.previewlink", "safety_site.searchstem",
        "safety_site.searchword", "safety_site.suggestedchange", "safety_site.waitingimport",
    }
)  # fmt: skip
# Readers write these rows, and must not be able to make every page anew: only those that are public count.
ONLY_WHEN = {"guidance.feedback": ("state", "published")}

CHANGES = ContentChange._meta.db_table


@dataclass(frozen=True)
class Version:
    """Equal versions show equal pages, but for what tells the time of day."""

    changes: int
    changed_at: datetime | None  # a database that was put back counts the same numbers again, at another time
    moment: datetime | None
    day: date
    next_moment: datetime | None = None  # when the version changes by itself, if not at midnight

    def __str__(self) -> str:
        changed_at, moment = (each.timestamp() if each else 0 for each in (self.changed_at, self.moment))
        return f"{self.changes}/{changed_at:.6f}/{moment:.0f}/{self.day.isoformat()}"


def read(known: Version | None = None, using: str = DEFAULT_DB_ALIAS) -> Version:
    """The version now. One cheap query where nothing changed since ``known``, two otherwise."""
    now = timezone.now()
    told = ContentChange.objects.using(using).aggregate(changes=Sum("pk"), at=Max("at"))
    changes = int(told["changes"] or 0), told["at"]
    day = timezone.localdate(now)
    is_known = known is not None and (known.changes, known.changed_at) == changes
    if is_known and _is_between(now, known.moment, known.next_moment):
        return Version(*changes, known.moment, day, known.next_moment)
    return Version(*changes, *_moments(now, using, day))


def _is_between(now: datetime, last: datetime | None, following: datetime | None) -> bool:
    """Both ends are asked: a clock that is set back must be noticed too."""
    return (last is None or last <= now) and (following is None or now < following)


def _moments(now: datetime, using: str, day: date) -> tuple[datetime | None, date, datetime | None]:
    """The last moment at which something began or ended to show, the day, and the next such moment; one query."""
    times = [(model._base_manager.filter(state=EditionState.APPROVED), "publish_at") for model in edition_models()] + [
        (EmergencyBanner.objects.filter(approved_by__isnull=False), name) for name in ("starts_at", "ends_at")
    ]
    queries = [
        rows.using(using)
        .order_by()
        .values(constant=models.Value(1))
        .annotate(past=Max(name, filter=Q(**{f"{name}__lte": now})), coming=Min(name, filter=Q(**{f"{name}__gt": now})))
        .values_list("past", "coming")
        for rows, name in times
    ]
    found = list(queries[0].union(*queries[1:], all=True))
    past = [each for each, _ in found if each]
    coming = [each for _, each in found if each]
    return max(past, default=None), day, min(coming, default=None)


# --- Which tables tell --------------------------------------------------------------------------------------


def _belongs_to_edition(model: type[models.Model]) -> bool:
    """Whether rows of a model go when an edition goes: its parts, their own rows, and the links of all."""
    owners = [
        each.related_model
        for each in model._meta.fields
        if each.is_relation and each.remote_field.on_delete is models.CASCADE
    ]
    return any(issubclass(owner, Edition) or _belongs_to_edition(owner) for owner in owners if owner is not model)


@cache
def shown_models() -> list[type[models.Model]]:
    """Every model whose rows stand on pages that are kept, parts of editions left out."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in OUR_APPS
        and model._meta.managed
        and model._meta.label_lower not in NOT_SHOWN
        and not _belongs_to_edition(model)
    ]


def _condition(model: type[models.Model]) -> tuple[str, str] | None:
    """Column and value that a row must have, before or after, for its change to count."""
    if issubclass(model, Edition):
        return "state", EditionState.APPROVED.value
    return ONLY_WHEN.get(model._meta.label_lower)


# --- Triggers -----------------------------------------------------------------------------------------------


# To the millisecond, as Django writes moments.
NOW_OF_SQLITE = "strftime('%Y-%m-%d %H:%M:%f', 'now')"


def triggers(vendor: str) -> Iterator[tuple[str, str, str]]:
    """Every trigger that must be there: its name, its table, and the statement that makes it."""
    for model in shown_models():
        table, condition = model._meta.db_table, _condition(model)
        for event, rows in (("INSERT", ("NEW",)), ("UPDATE", ("OLD", "NEW")), ("DELETE", ("OLD",))):
            name = f"changed_{event.lower()}_{table}"[:63]
            when = " OR ".join(f"{row}.{condition[0]} = '{condition[1]}'" for row in rows) if condition else ""
            if vendor == "postgresql":
                each = f"FOR EACH ROW WHEN ({when})" if when else "FOR EACH STATEMENT"
                yield (
                    name,
                    table,
                    f'CREATE TRIGGER "{name}" AFTER {event} ON "{table}" {each} EXECUTE FUNCTION {FUNCTION}()',
                )
            else:
                yield (
                    name,
                    table,
                    f'CREATE TRIGGER "{name}" AFTER {event} ON "{table}" {f"WHEN {when} " if when else ""}BEGIN '
                    # One row is enough: its key only ever grows.
                    f"DELETE FROM {CHANGES}; INSERT INTO {CHANGES} (at) VALUES ({NOW_OF_SQLITE}); END",
                )


FUNCTION = "hearthside_content_changed"
# One row for each transaction, and never an update of a shared row: two editors who save do not wait for each other.
# The sum of all keys grows with each transaction that ends, also with one that ends after another with a higher key;
# so at most one old row may go with each, whose key is lower.
POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('hearthside.changed_in', true) IS DISTINCT FROM txid_current()::text THEN
    INSERT INTO {CHANGES} (at) VALUES (now());
    DELETE FROM {CHANGES} WHERE id IN (
      SELECT id FROM {CHANGES} WHERE at < now() - interval '7 days' LIMIT 1 FOR UPDATE SKIP LOCKED);
    PERFORM set_config('hearthside.changed_in', txid_current()::text, true);
  END IF;
  RETURN NULL;
END $$
"""


def install(using: str = DEFAULT_DB_ALIAS) -> None:
    """Make the triggers that are missing, and those of an earlier release anew."""
    connection = connections[using]
    wanted = list(triggers(connection.vendor))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Triggers of PostgreSQL say only when; what is done then stands in the function.
            cursor.execute(POSTGRESQL_FUNCTION)
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
            there = {row[0]: None for row in cursor.fetchall()}
        else:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            there = dict(cursor.fetchall())
        for name, _table, statement in wanted:
            if there.get(name, statement) not in (statement, None):
                cursor.execute(f'DROP TRIGGER "{name}"')
                del there[name]
            if name not in there:
                cursor.execute(statement)


def after_migrations(sender, using: str, plan=(), **_more) -> None:
    """Told by Django after ``migrate``; half-way through the migrations the tables may not be there yet."""
    tables = connections[using].introspection.table_names()
    if all(model._meta.db_table in tables for model in [*shown_models(), ContentChange]):
        install(using)
