"""One export of the mirror after another: what changed, what fails, and how old it is."""

import os
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from guidance.models import TopicEdition
from safety_site import mirror, work_list
from safety_site.mirror import export
from safety_site.mirror.folder import Folder, MirrorError
from safety_site.mirror.marks import said_of
from safety_site.readiness import readiness
from safety_site.work_desk import Desk
from tests import factories
from tests.safety_site.newsroom.work import person, rows
from tests.safety_site.speed.mirrors import dead_links, page, pages_of

# --- What changed, and what did not ---------------------------------------------------------------------

pytestmark = pytest.mark.usefixtures("answers_to_its_name")


def test_second_export_keeps_what_is_the_same_and_tells_the_new_age(small):
    # Both on one day: what is true of a day changes at midnight.
    noon = timezone.now().replace(hour=12) + timedelta(days=1)
    with time_machine.travel(noon):
        export.export(small)
    shown = Folder(small).shown()
    with time_machine.travel(noon + timedelta(hours=3)):
        counts = export.export(small)
        said = said_of(timezone.now())
    assert (counts.changed, counts.new, counts.gone) == (0, 0, 0)
    assert counts.as_before == counts.files > 30
    assert said in page(small)
    assert Folder(small).shown() != shown
    css = next((small / "current/static/css").iterdir())
    assert css.stat().st_nlink == 2


def test_changed_new_and_gone_are_counted(small):
    edition = TopicEdition.objects.get(title="Gaming")
    with time_machine.travel(timezone.now() + timedelta(seconds=2)):
        factories.topic_edition(edition.topic, title="Gaming at night", number=2, publish_at=timezone.now())
        factories.topic_edition(factories.topic("news"), title="News", publish_at=timezone.now())
        counts = export.export(small)
    assert "Gaming at night" in page(small)
    assert counts.new == 2  # the page and its hand-out
    assert counts.changed >= 4  # also the lists that name it
    with time_machine.travel(timezone.now() + timedelta(seconds=4)):
        factories.withdrawal(TopicEdition.objects.get(title="News"), publish_at=timezone.now())
        assert export.export(small, anew=True).gone == 2
    assert not (small / "current/topics/news").exists()


def test_only_this_mirror_and_the_one_before_are_kept(small):
    for _ in range(3):
        export.export(small)
    folders = [each for each in (small / "versions").iterdir() if each.is_dir()]
    assert len(folders) == 2
    assert len(list((small / "versions").glob("*.json"))) == 2


def test_files_of_the_mirror_before_stay_for_whoever_reads_it(small):
    style = next((small / "current/static/css").iterdir())
    known = Folder(small).contents()
    # A file that only the pages before used.
    old = style.with_name("site.0ld.css")
    old.write_text("body{}")
    contents = small / "versions" / f"{Folder(small).shown().name}.json"
    contents.write_text(contents.read_text().replace('"files": [', f'"files": ["static/css/{old.name}", '))
    assert len(Folder(small).contents().files) == len(known.files) + 1
    assert export.export(small, anew=True).gone == 1
    assert (small / "current/static/css" / old.name).exists()
    export.export(small, anew=True)
    assert not (small / "current/static/css" / old.name).exists()


def test_a_long_list_of_all_pages_has_a_page_for_each_letter(small, monkeypatch):
    monkeypatch.setattr("safety_site.mirror.pages.MOST_ON_ONE_PAGE", 3)
    export.export(small, anew=True)
    pages = pages_of(small / "current")
    assert dead_links(pages, small / "current") == {}
    assert "/topics/gaming/" not in pages["/search/"].text
    assert '<a href="/topics/gaming/">Gaming</a>' in pages["/search/g/"].text


# --- When something fails -------------------------------------------------------------------------------


def test_a_page_that_fails_leaves_the_mirror_as_it_was(small, monkeypatch, caplog):
    before = page(small)

    def fail(request):
        raise RuntimeError("a view is broken")

    monkeypatch.setattr("safety_site.mirror.pages.entries", lambda: fail(None))
    monkeypatch.setattr("safety_site.mirror.export.SECONDS_BEFORE_AGAIN", 0)
    with pytest.raises(CommandError, match=r"^The mirror stays as it was: the site failed on /search/ \(500\)\.$"):
        call_command("export_mirror", str(small), anew=True)
    assert page(small) == before
    assert not list((small / "versions").glob("*.part"))


def test_without_a_database_nothing_is_exported(small):
    def refuse(*args):
        raise OperationalError("the database has gone away")

    before = page(small)
    with connection.execute_wrapper(refuse), pytest.raises(CommandError, match="the database does not answer"):
        call_command("export_mirror", str(small))
    assert page(small) == before


def test_two_exports_at_once_are_one_too_many(small):
    with Folder(small).locked(), pytest.raises(MirrorError, match="Another command"):
        export.export(small)


def test_folder_is_the_one_of_the_setting_unless_another_is_named(small, settings):
    with pytest.raises(CommandError, match="Name the folder of the mirror, or set MIRROR_DIR"):
        call_command("export_mirror")
    settings.MIRROR_DIR = str(small)
    before = Folder(small).shown()
    call_command("export_mirror", verbosity=0)
    assert Folder(small).shown() != before


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path):
    (tmp_path / "current").mkdir()
    with pytest.raises(MirrorError, match="no link that this command made"):
        export.export(tmp_path)


def test_a_site_that_does_not_answer_to_its_own_name_says_what_to_set(db, tmp_path, settings):
    settings.SITE_URL = "https://another.example"
    with pytest.raises(CommandError, match=r"SITE_URL names another\.example, which is not among ALLOWED_HOSTS"):
        call_command("export_mirror", str(tmp_path))


def test_a_link_of_an_editor_that_leads_nowhere_is_told_and_leads_to_the_page_for_such(db, tmp_path, capsys):
    edition = factories.topic_edition(factories.topic("gaming"), title="Gaming", age_bands=factories.age_bands())
    links = '<a href="/topics/nothing/?age=teen#x">a</a> <a href="/topics/gaming/?age=teen">b</a>'
    body = f'<p>{links} <a href="{settings.SITE_URL}/about/">c</a></p>'
    edition.sections.create(heading="Links", body=body, position=1)
    call_command("export_mirror", str(tmp_path))
    text = page(tmp_path)
    assert '<a href="/404.html"' in text
    assert '<a href="/topics/gaming/age/teen/"' in text
    assert '<a href="/about/"' in text
    assert "Links that lead nowhere, on the site as well: " in (said := capsys.readouterr().out)
    assert "/topics/nothing/?age=teen" in said


def test_a_link_to_a_page_that_moved_leads_to_where_it_is(db, tmp_path):
    gone = factories.topic_edition(factories.topic("old"), title="Old")
    factories.withdrawal(gone, withdrawal_instead="/topics/gaming/", withdrawal_redirects=True)
    edition = factories.topic_edition(factories.topic("gaming"), title="Gaming")
    edition.sections.create(heading="Links", body='<p><a href="/topics/old/">a</a></p>', position=1)
    export.export(tmp_path)
    assert "/topics/old/" not in page(tmp_path)
    assert '<a href="/topics/gaming/"' in page(tmp_path)


# --- Its age --------------------------------------------------------------------------------------------


def test_age_of_the_mirror_is_told_to_editors_who_publish(small, settings):
    publisher = person()
    settings.MIRROR_DIR = ""
    assert mirror.age() is None
    assert not [each for each in work_lists(publisher) if each == "mirror"]
    settings.MIRROR_DIR = str(small)
    assert timedelta(0) <= mirror.age() < timedelta(minutes=1)
    assert "mirror" in work_lists(publisher)
    assert "mirror" not in work_lists(person("writer"))
    assert rows("mirror", publisher) == []
    assert degraded() == []
    with time_machine.travel(timezone.now() + timedelta(days=2, hours=1)):
        assert mirror.age() > timedelta(days=2)
        assert [row.what for row in rows("mirror", publisher)] == ["Made 2 days ago: its numbers may be wrong by now."]
        assert degraded() == ["mirror: older than a day"]
    settings.MIRROR_DIR = str(small / "elsewhere")
    assert mirror.age() is None
    assert [row.what for row in rows("mirror", publisher)] == ["There is none yet."]
    assert degraded() == ["mirror: there is none"]


def degraded() -> list[str]:
    """What /health/ready says of the mirror."""
    return [each for each in readiness().degraded if each.startswith("mirror")]


def work_lists(user) -> list[str]:
    return [each.slug for each in work_list.lists_for(Desk(user))]


def test_what_sends_the_mirror_reads_an_upload_in_it_and_not_where_it_lies(tmp_path):
    source = tmp_path / "a.pdf"
    source.touch(mode=0o600)
    os.utime(source, (1_000_000, 1_000_000))
    folder = Folder(tmp_path / "mirror")
    with folder.locked():
        writer = export.Writer(folder, None, timezone.now())
        writer.copy("media/resources/a.pdf", source)
    copy = (writer.place / "media/resources/a.pdf").stat()
    assert (copy.st_mode & 0o777, copy.st_mtime) == (0o644, 1_000_000)
