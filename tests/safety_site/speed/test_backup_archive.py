"""The file that a backup is: what is not as it was written is refused, and so is what would leave its folder.

Whole backups of real sites are made and put back in ``tests/faults/test_upgrade_and_restore.py``.
"""

import hashlib
import json
import os
import socket
import time
import zipfile
from contextlib import suppress
from dataclasses import asdict, fields
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from safety_site.backup import databases, making, restoring
from safety_site.backup.archive import CHECKSUM, MANIFEST, BackupError, Kept, Manifest, Writer, opened
from safety_site.backup.restoring import check
from safety_site.management.commands.restore import _in_words


def nothing(_size: int) -> None:
    """A progress that nobody watches."""


def begin(_size: int):
    return nothing


def archive_at(path: Path, files: dict[str, bytes] | None = None, **said) -> Path:
    """A whole archive with such files."""
    with path.open("w+b") as stream, Writer(stream, nothing) as writer:
        for name, content in (files or {"database.sqlite3": b"rows" * 100, "media/resources/a.txt": b"words"}).items():
            source = path.with_suffix(".part")
            source.write_bytes(content)
            writer.add(name, source, is_packed=name.startswith("database"))
        given_words = {"migrations": [], "rows": {}, "vendor": "sqlite", "made_with": 0, "files": writer.files}
        writer.finish(Manifest(made_at="2026-11-22T00:00:00+00:00", release="x", **(given_words | said)))
    return path


def changed(path: Path, change) -> Path:
    """The same archive with another manifest, whose own checksum is right."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    said = json.loads(content[MANIFEST])
    change(said)
    content[MANIFEST] = json.dumps(said).encode()
    content[CHECKSUM] = hashlib.sha256(content[MANIFEST]).hexdigest().encode()
    other = path.with_name("changed.zip")
    with zipfile.ZipFile(other, "w") as archive:
        for name, words in content.items():
            archive.writestr(name, words)
    return other


# --- Reading ------------------------------------------------------------------------------------------------


def test_whole_archive_is_read_and_told(tmp_path):
    manifest = check(archive_at(tmp_path / "a.zip"), begin)
    assert [(each.name, each.size) for each in manifest.files] == [
        ("database.sqlite3", 400),
        ("media/resources/a.txt", 5),
    ]
    assert (manifest.database.size, len(manifest.media), manifest.bytes) == (400, 1, 405)


@hypothesis_settings(deadline=None, max_examples=80)
@given(place=st.floats(0, 0.999), bit=st.integers(0, 7))
def test_archive_with_one_bit_changed_is_refused_or_as_it_was(tmp_path_factory, place, bit):
    folder = tmp_path_factory.mktemp("bit")
    path = archive_at(folder / "a.zip")
    with opened(path) as archive:
        before = asdict(archive.manifest)
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    path.write_bytes(content)
    try:
        after = check(path, begin)
    except BackupError:
        return
    assert asdict(after) == before


@pytest.mark.parametrize("part", [0, 1, 30, 200, 0.5, 0.9, 0.99])
def test_archive_that_was_cut_off_is_refused(tmp_path, part):
    path = archive_at(tmp_path / "a.zip")
    content = path.read_bytes()
    path.write_bytes(content[: int(part * len(content)) if part < 1 else part])
    with pytest.raises(BackupError, match="is not a whole backup"):
        check(path, begin)


@pytest.mark.parametrize(
    "name",
    [
        "../etc/passwd", "media/../../x", "media/..", "/etc/passwd", "media//x", "media/./x", "media/.hidden", "media/",
        "media/a/../b", "media\\..\\x", "media/C:x", "media/a\nb", "media/" + "x" * 300, "media/" + "a/" * 30 + "x",
        "other/x", "database.other", "media/a\u202eb", "Media/x",
    ],
)  # fmt: skip
def test_name_that_leads_elsewhere_is_refused(tmp_path, name):
    path = archive_at(tmp_path / "a.zip", {"database.sqlite3": b"x", name: b"y"})
    with pytest.raises(BackupError, match="damaged"):
        check(path, begin)


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said["files"].pop(),
        lambda said: said["files"].append(said["files"][1]),
        lambda said: said["files"][1].update(sha256="0" * 64),
        lambda said: said["files"][1].update(sha256="x"),
        lambda said: said["files"][1].update(size=4),
        lambda said: said["files"][1].update(size=-1),
        lambda said: said.update(vendor="other"),
        lambda said: said.update(vendor="postgresql"),
        lambda said: said.update(more=1),
        lambda said: said.pop("rows"),
        lambda said: said.update(format="x"),
        lambda said: said.update(files=[]),
        lambda said: said["files"][1].update(changed_at=float("nan")),
        lambda said: said["files"][1].update(changed_at=1e300),
        lambda said: said["files"][1].update(changed_at="x"),
        lambda said: said["files"][1].update(changed_at=True),
        lambda said: said["files"][1].update(size=5.0),
        lambda said: said["files"][1].update(name=5),
        lambda said: said.update(rows={"guidance_topic": "x"}),
        lambda said: said.update(rows=[]),
        lambda said: said.update(rows={"a\x1b[2Jb": 1}),
        lambda said: said.update(migrations=[5]),
        lambda said: said.update(migrations="guidance.0001_initial"),
        lambda said: said.update(missing=None),
        lambda said: said.update(made_at=5),
        lambda said: said.update(made_at="\ud800"),
        lambda said: said.update(release=[]),
        lambda said: said.update(made_with="15"),
        lambda said: said.update(made_with=-1),
        lambda said: said.update(format=float("nan")),
        lambda said: said.update(format=0),
    ],
)
def test_manifest_that_does_not_fit_the_archive_is_refused(tmp_path, change):
    with pytest.raises(BackupError, match="damaged"):
        check(changed(archive_at(tmp_path / "a.zip"), change), begin)


# What JSON may hold where something else should be; floats that are no numbers too, as Python writes them.
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from([10**30, 1e300, -1]), st.text(max_size=20),
    st.lists(st.integers() | st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers() | st.floats(), max_size=2),
)  # fmt: skip
FIELDS = [*(each.name for each in fields(Manifest)), *(f"files.{each.name}" for each in fields(Kept))]


@hypothesis_settings(deadline=None, max_examples=100)
@given(changes=st.dictionaries(st.sampled_from(FIELDS), ODD, min_size=1, max_size=2))
def test_whatever_a_manifest_says_it_is_refused_in_a_sentence_or_put_back(tmp_path_factory, changes):
    folder = tmp_path_factory.mktemp("odd")

    def change(said: dict) -> None:
        file = said["files"][1]
        for name, odd in changes.items():
            (file if name.startswith("files.") else said)[name.removeprefix("files.")] = odd

    path = changed(archive_at(folder / "a.zip", rows={"a": 1}), change)
    with suppress(BackupError), opened(path) as archive:
        assert _in_words(archive.manifest).isprintable()
        restoring._refuse_what_does_not_fit(archive.manifest)
        archive.verify(nothing)
        restoring._unpack_media(archive, folder / "media", nothing)


def test_time_of_a_file_that_no_calendar_has_is_brought_into_one(tmp_path):
    """Whatever the disk says: what was backed up can be put back."""
    (tmp_path / "old.txt").write_text("words")
    os.utime(tmp_path / "old.txt", (-1, -1))
    with (tmp_path / "a.zip").open("w+b") as stream, Writer(stream, nothing) as writer:
        writer.add("media/old.txt", tmp_path / "old.txt")
    assert [each.changed_at for each in writer.files] == [0]


def test_archive_of_a_later_format_is_refused(tmp_path):
    with pytest.raises(BackupError, match="newer release"):
        check(changed(archive_at(tmp_path / "a.zip"), lambda said: said.update(format=2)), begin)


def test_file_that_is_none_is_refused(tmp_path):
    with pytest.raises(BackupError, match="There is no file"):
        check(tmp_path / "none.zip", begin)
    (tmp_path / "text.zip").write_text("hello")
    with pytest.raises(BackupError, match="is not a whole backup"):
        check(tmp_path / "text.zip", begin)


def test_link_where_a_file_would_be_written_is_not_followed(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "out.txt").symlink_to(elsewhere)
    with opened(archive_at(tmp_path / "a.zip")) as archive, pytest.raises(FileExistsError):
        archive.extract("media/resources/a.txt", tmp_path / "out.txt", nothing)
    assert not elsewhere.exists()


# --- What fits ----------------------------------------------------------------------------------------------


def manifest_of(**said) -> Manifest:
    plain = {"migrations": [], "rows": {}, "vendor": connection.vendor, "made_with": 0}
    return Manifest(made_at="", release="", **(plain | said))


def test_backup_of_the_other_database_is_refused():
    other = "postgresql" if connection.vendor == "sqlite" else "sqlite"
    with pytest.raises(BackupError, match="restore it into a database of its own kind"):
        restoring._refuse_what_does_not_fit(manifest_of(vendor=other))


def test_backup_of_a_newer_release_is_refused():
    with pytest.raises(BackupError, match=r"made by a newer release \(it has guidance.9999_later\)"):
        restoring._refuse_what_does_not_fit(manifest_of(migrations=["guidance.9999_later", "guidance.0001_initial"]))


@pytest.mark.parametrize(
    ("program", "words"),
    [("", "The program pg_dump was not found"), ("#!/bin/sh\necho pg_dump\n", "does not tell its version")],
)
def test_program_that_is_missing_is_told_in_one_sentence(settings, tmp_path, program, words):
    settings.PG_BIN_DIR = str(tmp_path)
    if program:
        (tmp_path / "pg_dump").write_text(program)
        (tmp_path / "pg_dump").chmod(0o700)
    with pytest.raises(BackupError, match=words):
        databases.tool("pg_dump")


@pytest.mark.django_db
def test_program_older_than_the_server_is_told_in_one_sentence(settings, tmp_path):
    if connection.vendor == "postgresql":
        settings.PG_BIN_DIR = str(tmp_path)
        (tmp_path / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
        (tmp_path / "pg_dump").chmod(0o700)
        with pytest.raises(BackupError, match="pg_dump is of version 9, older than the server's"):
            databases._copy_postgresql(tmp_path / "copy", nothing)
    else:
        with pytest.raises(BackupError, match="in memory only"):
            databases.sqlite_path()


# --- A folder of backups --------------------------------------------------------------------------------------


def test_only_the_oldest_finished_backups_are_removed(tmp_path):
    names = [f"hearthside-2026-11-{day:02}T02-00-00Z.zip" for day in range(1, 6)]
    for name in (*names, "hearthside-notes.zip", "mine.zip"):
        (tmp_path / name).touch()
    removed = making._remove_old(tmp_path, 2)
    assert [path.name for path in removed] == names[:3]
    assert {path.name for path in tmp_path.iterdir()} == {*names[3:], "hearthside-notes.zip", "mine.zip"}


def test_file_that_is_there_is_not_written_over(tmp_path):
    (tmp_path / "a.zip").write_text("mine")
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", str(tmp_path / "a.zip"), verbosity=0)
    assert (tmp_path / "a.zip").read_text() == "mine"
    (tmp_path / "new").write_text("new")
    with pytest.raises(BackupError, match="is there already"):
        making._put_in_place(tmp_path / "new", tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_text() == "mine"


def test_folders_that_are_made_for_backups_are_for_their_owner_alone(tmp_path):
    before = os.umask(0)
    try:
        with pytest.raises(BackupError, match="in memory only"):
            making.back_up(tmp_path / "a" / "b", None, nothing)
    finally:
        os.umask(before)
    assert [(tmp_path / each).stat().st_mode & 0o777 for each in ("a", "a/b")] == [0o700, 0o700]


def test_second_backup_at_the_same_time_is_refused_and_a_killed_one_leaves_nothing(tmp_path):
    left = tmp_path / f"{making.UNFINISHED}x"
    left.mkdir()
    (left / "archive").write_text("half")
    with making._alone(tmp_path):
        assert not left.exists()
        with pytest.raises(BackupError, match="Another backup"), making._alone(tmp_path):
            pytest.fail("two at once")


def test_folder_that_is_a_link_is_refused_among_uploads(tmp_path):
    (tmp_path / "media").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "media" / "resources").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BackupError, match="is a link to another folder"):
        list(making.uploads(tmp_path / "media"))


def socket_at(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:  # its name may have 108 bytes, so it is told from its own folder
        made.bind(path.name)


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.symlink_to(path.parent.parent / "secret"), "is a link to another file"),
        (lambda path: path.symlink_to("nowhere"), "is a link to another file"),
        (os.mkfifo, "is no plain file"),
        (socket_at, "is no plain file"),
    ],
    ids=["link", "link to nothing", "pipe", "socket"],
)
def test_what_is_no_plain_file_is_refused_among_uploads(settings, monkeypatch, tmp_path, make, words):
    """A link would bring a file from elsewhere into the backup; a pipe would be waited for without an end."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    (tmp_path / "media").mkdir()
    (tmp_path / "secret").write_text("secret")
    monkeypatch.chdir(tmp_path / "media")
    make(tmp_path / "media" / "a.txt")
    with (tmp_path / "a.zip").open("w+b") as stream, Writer(stream, nothing) as writer:
        with pytest.raises(BackupError, match=words):
            making._add_media(writer, databases.Snapshot({}, [], ["a.txt"], 0), began=time.time() + 60)
        # The same for what took the place of a file after the folder was read.
        with pytest.raises(BackupError, match="is no plain file"):
            writer.add("media/a.txt", tmp_path / "media" / "a.txt")
        assert writer.files == []


def test_upload_that_is_missing_is_told_and_one_that_came_later_is_left_out(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    (tmp_path / "media" / "resources").mkdir(parents=True)
    for name, age in (("old.txt", -100), ("named.txt", 100), ("later.txt", 100), (".half.txt", -100)):
        path = tmp_path / "media" / "resources" / name
        path.write_text(name)
        os.utime(path, (1_000_000 + age, 1_000_000 + age))
    snapshot = databases.Snapshot({}, [], ["resources/named.txt", "resources/gone.txt"], 0)
    with (tmp_path / "a.zip").open("w+b") as stream, Writer(stream, nothing) as writer:
        missing = making._add_media(writer, snapshot, began=1_000_000)
    assert missing == ["resources/gone.txt"]
    assert [each.name for each in writer.files] == ["media/resources/named.txt", "media/resources/old.txt"]


def test_uploads_that_were_there_are_kept_beside(settings, tmp_path):
    root, ready = tmp_path / "media", tmp_path / "media" / ".restoring-x"
    for path in (root / "resources" / "old.txt", ready / "resources" / "new.txt"):
        path.parent.mkdir(parents=True)
        path.write_text("x")
    (kept,) = restoring._put_media_in_place(ready, root)
    assert [path.name for path in (root / "resources").iterdir()] == ["new.txt"]
    assert [path.name for path in (kept / "resources").iterdir()] == ["old.txt"]
    assert kept.name.startswith(".before-restore-")
