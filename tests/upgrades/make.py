"""Keep the database of a release, for the test that the next one loses no page of it.

``python -m tests.upgrades.make COMMIT`` takes the code of a commit from this repository, fills an empty SQLite and
an empty PostgreSQL with what that release ships and a little that editors do, notes what every page shows, and writes
all of it to ``tests/upgrades/COMMIT.tar.xz``. Postcodes are left out: they are the same file in each release. Then
name the commit in ``test_upgrade_and_restore.py`` and delete the file of the release before.
"""

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from tests.faults.postgres import PROGRAMS, Postgres

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def environment(code: Path, database: str, media: Path) -> dict[str, str]:
    """What a process of the site needs, with the code of one release."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{code}{os.pathsep}{HERE}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "DJANGO_SETTINGS_MODULE": "upgrade_settings",
        "TEST_DATABASE_URL": database,
        "MEDIA_ROOT": str(media),
        "PG_BIN_DIR": str(PROGRAMS),
    }


def python(code: Path, environment: dict[str, str], *arguments: str | Path) -> None:
    subprocess.run([sys.executable, *map(str, arguments)], cwd=code, env=environment, check=True)


def fill(code: Path, environment: dict[str, str], pages: Path, nth: int = 1) -> dict[str, list]:
    python(code, environment, "-W", "ignore", "manage.py", "migrate", "-v0", "--skip-checks")
    python(code, environment, HERE / "filling.py")
    python(code, environment, HERE / "words.py", pages, str(nth))
    return json.loads(pages.read_text())


def main(commit: str) -> None:
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory(prefix="postgresql-") as data:
        folder, code = Path(name), Path(name) / "code"
        code.mkdir()
        packed = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
        subprocess.run(["tar", "x"], cwd=code, input=packed, check=True)
        on_sqlite = environment(code, f"sqlite:///{folder}/database.sqlite3", folder / "media")
        shown = fill(code, on_sqlite, folder / "pages.json")
        os.chmod(data, 0o755)
        server = Postgres(Path(data) / "data").make()
        try:
            server.start().wait()
            other = fill(code, environment(code, server.url, folder / "media-too"), folder / "pages-too.json", nth=10)
            if different := [each for each in other if other[each] and other[each][:3] != shown[each][:3]]:
                sys.exit(f"The two databases show different pages, so nothing was kept: {different}")
            dump = [PROGRAMS / "pg_dump", "--format=custom", "--compress=0", "--no-owner", "--no-privileges"]
            subprocess.run([*dump, f"--file={folder}/database.dump", server.url], check=True)
        finally:
            server.remove()
        kept = HERE / f"{commit}.tar.xz"
        with tarfile.open(kept, "w:xz", preset=9) as archive:
            for each in ("database.sqlite3", "database.dump", "pages.json", "media"):
                archive.add(folder / each, each)
        print(f"Wrote {kept.name}: {kept.stat().st_size // 1024} kB.")


if __name__ == "__main__":
    main(sys.argv[1])
