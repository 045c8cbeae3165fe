"""The database refuses to change or delete an entry of the audit list.

Should a later release of django-auditlog rebuild its table on SQLite, the triggers go with the old one: a test
notices, and ``lock`` is then run again by a new migration.
"""

from django.db import migrations

from safety_site.doors.audit_lock import lock, lift


class Migration(migrations.Migration):
    dependencies = [
        ("auditlog", "0017_add_actor_email"),
        ("safety_site", "0003_newsroom"),
    ]

    operations = [
        migrations.RunPython(
            lambda apps, schema_editor: lock(schema_editor.connection),
            lambda apps, schema_editor: lift(schema_editor.connection),
        ),
    ]
