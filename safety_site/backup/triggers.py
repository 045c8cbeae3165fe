"""The triggers of a database that is put back: those of this release, and no others.

A name proves nothing: an ``audit_no_update`` may do nothing. So whatever bears a name of ours is removed before
anything else is done, and made anew from this release's own words. Any other is refused before it can do a thing.
"""

import re
from collections.abc import Iterator

from django.db import connection
from django.db.migrations import RunSQL, SeparateDatabaseAndState
from django.db.migrations.loader import MigrationLoader

from safety_site import content_version
from safety_site.backup.archive import BackupError
from safety_site.doors import audit_lock

# An older release may have had some on tables that are gone since.
NAME = re.compile(r"(audit_no|changed_(insert|update|delete))_\w+")

# Name, table, and on SQLite the words that made it; on PostgreSQL whether it is on.
# Not asked for by type: SQLite runs what is written down as a "Trigger" too. It writes the first words of each itself.
ON_SQLITE = """
SELECT name, tbl_name, sql FROM sqlite_master
WHERE sql NOT GLOB 'CREATE TABLE *' AND sql NOT GLOB 'CREATE VIRTUAL TABLE *'
  AND sql NOT GLOB 'CREATE INDEX *' AND sql NOT GLOB 'CREATE UNIQUE INDEX *'
"""
# A rule can do what a trigger does.
ON_POSTGRESQL = """
SELECT tgname, relname, CASE tgenabled WHEN 'O' THEN 'on' ELSE 'off' END
FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE NOT tgisinternal AND nspname = ANY (current_schemas(false))
UNION ALL
SELECT rulename, tablename, 'rule' FROM pg_rules WHERE schemaname = ANY (current_schemas(false))
"""


def remove_ours() -> None:
    """BackupError if there is one that is not ours. To be called before anything is written into the database."""
    others = set(_of_migrations())
    for name, table, words in _found():
        if words in others:
            continue
        if words == "rule" or not NAME.fullmatch(name) or not re.fullmatch(r"\w+", table):
            raise BackupError(_refused(name))
        with connection.cursor() as cursor:
            cursor.execute(f'DROP TRIGGER "{name}"' + (f' ON "{table}"' if _is_postgresql() else ""))


def make_anew() -> None:
    """To be called when the tables are those of this release. BackupError if then not all is as it should be."""
    audit_lock.lock(connection)
    content_version.install()
    found, wanted = set(_found()), set(_wanted())
    if strange := sorted(found - wanted):
        raise BackupError(_refused(strange[0][0]))
    if missing := sorted(wanted - found):
        raise BackupError(
            f"The database does not have all its triggers ({missing[0][0]}): the site must not be served."
        )


def _refused(name: str) -> str:
    return (
        f"The database of this backup holds a trigger, a rule or a view {name!r} that is not this site's: "
        "use another backup, and do not serve this one."
    )


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def _found() -> list[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(ON_POSTGRESQL if _is_postgresql() else ON_SQLITE)
        # As text: in a file of somebody else's even a name may be anything.
        return [tuple(map(str, row)) for row in cursor.fetchall()]


def _wanted() -> Iterator[tuple[str, str, str]]:
    if _is_postgresql():
        yield from ((name, table, "on") for name, table, _words in content_version.triggers("postgresql"))
        yield from ((name, audit_lock.TABLE, "on") for name in ("audit_no_change", "audit_no_truncate"))
        return
    yield from content_version.triggers("sqlite")
    for words in (*audit_lock.SQLITE, *_of_migrations()):
        # SQLite keeps the words as they were, but for these.
        name, table = re.match(r"CREATE TRIGGER (?:IF NOT EXISTS )?(\w+) .*? ON (\w+) ", words).groups()
        yield name, table, words.replace("IF NOT EXISTS ", "")


def _of_migrations() -> list[str]:
    """Those that migrations of other packages make, on SQLite: the search index is kept by three."""
    operations = [each for one in MigrationLoader(None).disk_migrations.values() for each in one.operations]
    for each in operations:
        if isinstance(each, SeparateDatabaseAndState):
            operations += each.database_operations
    statements = [each.sql for each in operations if isinstance(each, RunSQL)]
    return [each for each in statements if isinstance(each, str) and each.startswith("CREATE TRIGGER ")]
