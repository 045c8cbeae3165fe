"""From a clone to a site: the settings of this machine, the database, the first editor."""

import io
import os
import re
import stat

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.management import call_command
from django.db import transaction
from django.test import RequestFactory, override_settings

from guidance.models import TopicEdition, UsefulLink
from safety_site.local_setup import make_env
from safety_site.management.commands.prepare import make_first_editor
from safety_site.newsroom import roles
from tests import factories

# --- .env -----------------------------------------------------------------------------------------------


def test_env_is_written_once_and_kept(tmp_path):
    path = tmp_path / ".env"
    assert make_env(path) is True
    words = path.read_text()
    assert make_env(path) is False
    assert path.read_text() == words


def test_env_of_ones_own_is_kept(tmp_path):
    path = tmp_path / ".env"
    path.write_text("SECRET_KEY=mine\n")
    assert make_env(path) is False
    assert path.read_text() == "SECRET_KEY=mine\n"


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_env_can_be_read_by_its_owner_only(tmp_path, umask):
    path = tmp_path / ".env"
    before = os.umask(umask)
    try:
        make_env(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_env_holds_a_long_secret_of_its_own_and_is_for_this_machine(tmp_path):
    texts = []
    for name in ("one", "two"):
        make_env(tmp_path / name)
        texts.append((tmp_path / name).read_text().splitlines())
    secrets = [re.fullmatch(r"SECRET_KEY=([\w-]{50,})", lines[1])[1] for lines in texts]
    assert secrets[0] != secrets[1]
    assert [lines[2:] for lines in texts] == [["HTTPS_ONLY=off"]] * 2


# --- The first editor -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_first_editor_is_made_once():
    roles.bring_up_to_date()  # as prepare does before
    password = make_first_editor()
    assert make_first_editor() is None
    (user,) = get_user_model().objects.all()
    assert (user.username, user.is_staff, user.is_superuser) == ("editor", True, True)
    assert [group.name for group in user.groups.all()] == ["administrator"]
    request = RequestFactory().post("/admin/login/")
    assert authenticate(request, username="editor", password=password) == user


@pytest.mark.django_db
def test_first_editor_has_a_password_that_nobody_could_guess():
    passwords = []
    for _ in range(2):
        passwords.append(make_first_editor())
        get_user_model().objects.all().delete()
    assert passwords[0] != passwords[1]
    assert min(map(len, passwords)) >= 12


@pytest.mark.django_db
def test_no_first_editor_where_there_is_anybody():
    factories.editor(is_staff=False)
    assert make_first_editor() is None


# --- prepare --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def prepared(django_db_setup, django_db_blocker, tmp_path_factory):
    """What the command printed, run once for all tests of a site that it made; taken back at the end of the file."""
    static, media = tmp_path_factory.mktemp("prepared") / "staticfiles", tmp_path_factory.mktemp("media")
    media.chmod(0o755)  # as an earlier release left it
    with (
        django_db_blocker.unblock(),
        override_settings(STATIC_ROOT=static, MEDIA_ROOT=media),
        transaction.atomic(),
    ):
        printed = io.StringIO()
        call_command("prepare", port=8123, stdout=printed)
        yield printed.getvalue()
        transaction.set_rollback(True)


def test_prepare_makes_a_site_that_answers(prepared, db, client, settings):
    assert client.get("/topics/sending-nudes/").status_code == 200
    assert (settings.STATIC_ROOT / "css" / "site.css").exists()
    assert re.findall(r"http:\S+", prepared) == ["http://127.0.0.1:8123/", "http://127.0.0.1:8123/admin/"]


def test_prepare_closes_the_uploads_to_others_and_says_so(prepared, db, settings):
    assert stat.S_IMODE(settings.MEDIA_ROOT.stat().st_mode) == 0o700
    assert f"Other users of this machine could read {settings.MEDIA_ROOT}: now they cannot." in prepared.splitlines()


def test_prepare_prints_a_login_that_works(prepared, db, client):
    name, password = re.search(r"name (\S+) +password (\S+)", prepared).groups()
    response = client.post("/admin/login/?next=/admin/", {"username": name, "password": password})
    assert (response.status_code, response.headers["Location"]) == (302, "/admin/")


def test_prepare_again_keeps_edits_and_prints_no_login(prepared, db):
    TopicEdition.objects.filter(topic__slug="sending-nudes").update(title="Changed by an editor")
    link = UsefulLink.objects.first()
    UsefulLink.objects.filter(pk=link.pk).update(title="Changed too", is_published=False)
    user = get_user_model().objects.get()
    user.set_password("a new and better password")
    user.save()
    rows = TopicEdition.objects.count(), UsefulLink.objects.count()

    printed = io.StringIO()
    call_command("prepare", stdout=printed)

    assert "password" not in printed.getvalue()
    assert TopicEdition.objects.get(topic__slug="sending-nudes").title == "Changed by an editor"
    link.refresh_from_db()
    assert (link.title, link.is_published) == ("Changed too", False)
    assert get_user_model().objects.get().check_password("a new and better password")
    assert (TopicEdition.objects.count(), UsefulLink.objects.count()) == rows
