"""After a restore a database has the triggers of this release, whatever the backup had under their names."""

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, transaction

from safety_site import content_version
from safety_site.backup import triggers
from safety_site.backup.archive import BackupError
from safety_site.doors import audit, audit_lock
from tests import factories

pytestmark = pytest.mark.django_db

# Under our names, what a backup that was tampered with may hold.
ON_SQLITE = [
    "DROP TRIGGER audit_no_update",
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON auditlog_logentry BEGIN SELECT 1; END",
    "DROP TRIGGER audit_no_delete",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON auditlog_logentry WHEN 0 BEGIN SELECT RAISE(ABORT, 'No.'); END",
    "DROP TRIGGER changed_update_guidance_topic",
    "CREATE TRIGGER changed_update_guidance_topic AFTER UPDATE ON guidance_topic BEGIN DELETE FROM auth_group; END",
]
ON_POSTGRESQL = [
    "ALTER TABLE auditlog_logentry ENABLE REPLICA TRIGGER audit_no_change",
    "ALTER TABLE auditlog_logentry DISABLE TRIGGER audit_no_truncate",
    "CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM auth_group; RETURN NULL; END $$",
    "CREATE OR REPLACE TRIGGER changed_update_guidance_topic AFTER UPDATE ON guidance_topic "
    "FOR EACH STATEMENT EXECUTE FUNCTION other()",
    f"CREATE OR REPLACE FUNCTION {content_version.FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RETURN NULL; END $$",
]


def execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for each in statements:
            cursor.execute(each)


def put_ours_back() -> None:
    triggers.remove_ours()
    triggers.make_anew()


@pytest.fixture
def locked():
    audit_lock.lock(connection)  # a test with real transactions may have lifted it


def test_what_has_our_name_and_does_something_else_is_made_anew(locked):
    topic, editor = factories.topic(), factories.editor()
    connection.check_constraints()  # PostgreSQL changes no table while it still has to look at what was written
    execute(*(ON_POSTGRESQL if connection.vendor == "postgresql" else ON_SQLITE))
    put_ours_back()
    if connection.vendor == "postgresql":  # a transaction counts once, and a test is one
        execute("SELECT set_config('hearthside.changed_in', '', true)")
    groups, before = Group.objects.count(), content_version.read().changes
    type(topic).objects.update(slug="another")
    assert (Group.objects.count(), content_version.read().changes > before) == (groups, True)
    entry = audit.record("signed-in", editor)
    for change in (LogEntry.objects.filter(pk=entry.pk).delete, lambda: LogEntry.objects.update(object_repr="x")):
        with pytest.raises(DatabaseError, match="The audit list cannot be changed"), transaction.atomic():
            change()


def hidden(name: str) -> list[str]:
    """A trigger of SQLite that is not listed as one, and that it runs all the same."""
    return [
        f"CREATE TRIGGER {name} AFTER INSERT ON guidance_topic BEGIN SELECT 1; END",
        "PRAGMA writable_schema = ON",
        f"UPDATE sqlite_master SET type = 'Trigger' WHERE name = '{name}'",  # noqa: S608
        "PRAGMA writable_schema = OFF",
    ]


STRANGERS = {
    "sqlite": [
        ["CREATE TRIGGER stranger AFTER INSERT ON guidance_topic BEGIN SELECT 1; END"],
        ["CREATE VIEW stranger AS SELECT 1"],
        hidden("stranger"),
        hidden("audit_no_stranger"),
    ],
    "postgresql": [
        ["CREATE TRIGGER stranger AFTER INSERT ON guidance_topic EXECUTE FUNCTION audit_is_final()"],
        ["CREATE RULE stranger AS ON INSERT TO auditlog_logentry DO INSTEAD NOTHING"],
        ["CREATE RULE audit_no_stranger AS ON UPDATE TO auth_user DO INSTEAD NOTHING"],
        ["CREATE VIEW seen AS SELECT 1 AS one", "CREATE RULE stranger AS ON INSERT TO seen DO INSTEAD NOTHING"],
    ],
}


@pytest.mark.parametrize("which", range(4))
def test_what_is_not_ours_is_refused(locked, which):
    execute(*STRANGERS[connection.vendor][which])
    with pytest.raises(BackupError, match=r"a trigger, a rule or a view '\w*stranger' that is not this site's"):
        put_ours_back()
