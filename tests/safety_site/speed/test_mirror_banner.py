"""A banner that is put on every page of the mirror by hand, with Python alone."""

import shutil
import subprocess
import sys
from pathlib import Path

import html5lib
import pytest
from django.core.management import CommandError, call_command

from safety_site.mirror import export, put_banner
from tests.safety_site.speed.mirrors import page

pytestmark = pytest.mark.usefixtures("answers_to_its_name")


def written(path: Path, words: str) -> Path:
    path.write_text(words, "utf-8")
    return path


def test_a_banner_stands_on_every_page_and_goes_again_without_a_database(small, tmp_path, django_db_blocker):
    before = {path: path.read_bytes() for path in (small / "current/").rglob("*") if path.is_file()}
    file = written(tmp_path / "b.txt", "Danger\nStay in. <b>Call</b> 999 & wait.\n\nA < B <script>alert(1)</script>")
    with django_db_blocker.block():
        call_command("export_mirror", str(small), banner=str(file))
    call = '<a class="phone" href="tel:999">999</a>'
    said = f"<p><strong>Danger: act now</strong> Stay in. Call {call} &amp; wait.</p><p>A &lt; B</p>"
    pages = [path for path in (small / "current/").rglob("*.html") if path.parent.name != "exit"]
    assert [path for path in pages if said not in path.read_text("utf-8")] == []
    assert "alert(1)" not in page(small)
    parser = html5lib.HTMLParser()
    parser.parse(page(small))
    assert parser.errors == []
    with django_db_blocker.block():
        call_command("export_mirror", str(small), no_banner=True)
    assert {path: path.read_bytes() for path in (small / "current/").rglob("*") if path.is_file()} == before


def test_a_banner_stays_through_the_next_exports_until_it_is_taken_away(small, tmp_path):
    put_banner.put_on_mirror(small, "No phones in Essex.")
    export.export(small)
    assert "No phones in Essex." in page(small)
    assert export.export(small, anew=True).changed == 0
    assert "No phones in Essex." in page(small)
    (small / "banner.txt").unlink()
    export.export(small)
    assert "No phones in Essex." not in page(small)


def test_a_banner_needs_python_alone(small, tmp_path):
    """The program lies beside the mirror, and nothing of the site is there to help it."""
    file = written(tmp_path / "banner.txt", "Our phones are down.")
    code, said = alone(small, str(file))
    assert (code, said.startswith("The banner stands on ")) == (0, True)
    assert "Our phones are down." in page(small)
    assert alone(small, "--remove")[0] == 0
    assert "Our phones are down." not in page(small)
    copy = tmp_path / "uploaded"
    shutil.copytree(small / "current", copy)
    assert alone(small, str(file), str(copy))[0] == 0
    assert "Our phones are down." in (copy / "index.html").read_text()


def alone(folder: Path, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-I", "-S", str(folder / "put_banner.py"), *arguments]
    done = subprocess.run(command, env={}, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (b"", "has no words for readers"),
        (b"Danger\n\n", "has no words for readers"),
        (b"<p></p>", "has no words for readers"),
        (b"\xff\xfe", "not plain text in UTF-8"),
        (b"x" * 601, "has 601 characters; a banner has 600 at most"),
    ],
)
def test_a_file_that_is_no_banner_changes_nothing(small, tmp_path, words, sentence):
    (tmp_path / "b.txt").write_bytes(words)
    before = page(small)
    with pytest.raises(CommandError, match=sentence):
        call_command("export_mirror", str(small), banner=str(tmp_path / "b.txt"))
    assert page(small) == before
