"""The lock on the audit list, in the database itself: what is written there is neither changed nor deleted."""

REFUSAL = "The audit list cannot be changed."
TABLE = "auditlog_logentry"

SQLITE = [
    f"CREATE TRIGGER IF NOT EXISTS audit_no_{what} BEFORE {what} ON {TABLE} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    for what in ("update", "delete")
]
POSTGRESQL = [
    "CREATE OR REPLACE FUNCTION audit_is_final() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
    f"CREATE OR REPLACE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON {TABLE} "
    "FOR EACH ROW EXECUTE FUNCTION audit_is_final()",
    f"CREATE OR REPLACE TRIGGER audit_no_truncate BEFORE TRUNCATE ON {TABLE} "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_final()",
]


def lock(connection) -> None:
    """Put the triggers in place, if they are not."""
    with connection.cursor() as cursor:
        for statement in POSTGRESQL if connection.vendor == "postgresql" else SQLITE:
            cursor.execute(statement)


def lift(connection) -> None:
    """Take them away: to undo the migration, and for tests that empty every table."""
    on_table = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in ("change", "truncate") if connection.vendor == "postgresql" else ("update", "delete"):
            cursor.execute(f"DROP TRIGGER IF EXISTS audit_no_{name}{on_table}")
