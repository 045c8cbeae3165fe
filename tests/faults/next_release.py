"""A release that comes after this one: the same code with one more migration, run while this one serves.

It does to the largest tables what releases do: a new column, an index, a new kind of row. The site that serves knows
nothing of it, as in an upgrade that begins with ``manage.py migrate``. A new column may be left out, since the old
code writes rows without it.
"""

import os
import shutil
import sqlite3
from pathlib import Path

import psycopg

from tests.faults.servers import ROOT, manage

MIGRATION = """
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("guidance", "{last}")]
    operations = [
        migrations.AddField("topicedition", "next_word", models.CharField(max_length=20, null=True)),
        migrations.AddIndex("topicedition", models.Index(fields=["title"], name="next_release_title")),
        migrations.CreateModel("NextRelease", [("id", models.BigAutoField(primary_key=True))]),
    ]
"""
SETTINGS = """
from safety_site.settings import *
MIGRATION_MODULES = {"guidance": "next_guidance"}
"""


def migrate_to_the_next_release(folder: Path, environment: dict[str, str]) -> None:
    """``manage.py migrate`` of that release; ``folder`` is made for its code."""
    folder.mkdir()
    shutil.copytree(ROOT / "guidance" / "migrations", folder / "next_guidance")
    last = max(each.stem for each in (folder / "next_guidance").glob("0*.py"))
    (folder / "next_guidance" / "9999_next_release.py").write_text(MIGRATION.replace("{last}", last))
    (folder / "next_settings.py").write_text(SETTINGS)
    path = os.pathsep.join([str(folder), str(ROOT)])
    told = manage("migrate", environment={**environment, "PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "next_settings"})
    assert "Applying guidance.9999_next_release... OK" in told


def triggers_on_postgresql(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname").fetchall()
    return [row[0] for row in rows]


def triggers_on_sqlite(file: Path) -> list[str]:
    connection = sqlite3.connect(file)
    try:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name").fetchall()
    finally:
        connection.close()
    return [row[0] for row in rows]
