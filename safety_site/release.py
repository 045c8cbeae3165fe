"""Which release of the site runs: what was kept by another one is made anew."""

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings

FOLDERS = ("safety_site", "guidance", "reporting", "templates", "static")
SUFFIXES = {".py", ".html", ".svg", ".js", ".css", ".csv", ".txt"}
# Settings whose value stands on pages or in their headers.
SHOWN_SETTINGS = (
    "SITE_URL",
    "SITE_CONTACT",
    "SECURITY_CONTACT",
    "QUICK_EXIT_URL",
    "HTTPS_ONLY",
    "OPEN_DATA_PER_MINUTE",
)


@cache
def release() -> str:
    """A hash of every file that pages are made from, and of the settings that they show."""
    digest = hashlib.sha256()
    for folder in FOLDERS:
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.suffix in SUFFIXES and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(settings.BASE_DIR)).encode())
                digest.update(path.read_bytes())
    manifest = Path(settings.STATIC_ROOT or "") / "staticfiles.json"
    digest.update(manifest.read_bytes() if manifest.is_file() else b"")
    for name in SHOWN_SETTINGS:
        digest.update(f"{name}={getattr(settings, name, '')!r}".encode())
    return digest.hexdigest()[:32]


@cache
def release_on_database() -> str:
    """The same with the place of the database, for what is kept outside of it.

    Two databases may have the same version: their pages are not the same. What is kept inside needs no such thing, and
    several machines may each have a name of their own for it.
    """
    return hashlib.sha256(f"{release()} {database_place()}".encode()).hexdigest()[:32]


def database_place() -> str:
    """Where the database is, as this machine calls it."""
    database = settings.DATABASES["default"]
    return f"{database.get('HOST')}/{database.get('PORT')}/{database.get('NAME')}"
