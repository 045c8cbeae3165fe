"""What the site keeps on disk is closed to other users of the machine."""

import os
import stat
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.db import connections

from safety_site import private
from safety_site import settings as of_the_site
from safety_site.databases.health import health
from safety_site.databases.sqlite.base import DatabaseWrapper


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request):
    """Whatever those who start the site have in theirs."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_database_that_is_made_is_for_its_owner_alone(umask, tmp_path, monkeypatch):
    monkeypatch.setattr(health, "serves", False)  # a process that serves never makes one
    path = tmp_path / "db.sqlite3"
    options = {"init_command": "PRAGMA journal_mode=WAL;"}
    database = DatabaseWrapper({**connections.settings["default"], "NAME": str(path), "OPTIONS": options}, "another")
    params = database.get_connection_params()
    opened = database.get_new_connection(params)
    try:
        opened.execute("CREATE TABLE a (b)")
        assert {each.name: mode(each) for each in tmp_path.iterdir()} == {
            "db.sqlite3": 0o600, "db.sqlite3-shm": 0o600, "db.sqlite3-wal": 0o600,
        }  # fmt: skip
    finally:
        opened.close()


def test_uploads_are_for_their_owner_alone_and_static_files_for_nginx_too(umask, tmp_path):
    uploads = FileSystemStorage(location=tmp_path / "media", **of_the_site.STORAGES["default"]["OPTIONS"])
    uploads.save("resources/a.txt", ContentFile(b"words"))
    made = {each: mode(tmp_path / each) for each in ("media", "media/resources", "media/resources/a.txt")}
    assert made == {"media": 0o700, "media/resources": 0o700, "media/resources/a.txt": 0o600}
    StaticFilesStorage(location=tmp_path / "static").save("a.css", ContentFile(b"words"))
    assert mode(tmp_path / "static" / "a.css") == 0o644


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (0o644, 0o600, "could read"),
        (0o640, 0o600, "could read"),
        (0o666, 0o660, "could read"),
        (0o664, 0o660, "could read"),
        (0o660, 0o660, ""),
        (0o600, 0o600, ""),
        (0o400, 0o400, ""),
        (0o755, 0o700, "could read"),
    ],
)
def test_what_is_there_is_closed(tmp_path, before, after, says):
    """But for a group that may write: then two of its users run the site together."""
    path = tmp_path / "db.sqlite3"
    path.touch()
    path.chmod(before)
    said = private.close(path)
    assert (mode(path), says in said, bool(said)) == (after, True, bool(says))
    assert private.close(path) == ""


def test_what_is_not_there_or_not_ours_stops_nothing(tmp_path, monkeypatch):
    assert private.close(tmp_path / "none") == ""

    def refuses(*_arguments):
        raise PermissionError

    monkeypatch.setattr(Path, "chmod", refuses)
    (tmp_path / "theirs").mkdir()
    os.chmod(tmp_path / "theirs", 0o755)
    assert "its owner should close it" in private.close(tmp_path / "theirs")
