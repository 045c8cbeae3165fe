"""How long a sign-in lasts, and when the password is asked again."""

import importlib

import pytest
from django.conf import settings as real_settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.test import Client

from safety_site import settings as settings_file
from safety_site.doors import factors, sessions
from tests import factories
from tests.doors import PASSWORD, code_of, events, later, person, sign_in, with_phone

pytestmark = pytest.mark.django_db


def enter(client, user):
    """Sign in whole: password, then a code that is not used yet."""
    sign_in(client, user)
    return client.post("/admin/door/code/", {"code": code_of(steps=1)})


# --- How long a sign-in lasts ---------------------------------------------------------------------------


def test_idle_sign_in_ends_after_two_hours(writer, client):
    sign_in(client, writer)
    with later(hours=1, minutes=59):
        assert client.get("/admin/").status_code == 200
    with later(hours=3, minutes=57):
        assert client.get("/admin/").status_code == 200
    with later(hours=6):
        response = client.get("/admin/", follow=True)
        assert response.redirect_chain[0][0].startswith("/admin/login/")
        assert "You were signed out" in response.content.decode()


def test_busy_sign_in_ends_after_twelve_hours(writer, client):
    sign_in(client, writer)
    for hour in range(1, 12):
        with later(hours=hour):
            assert client.get("/admin/").status_code == 200
    with later(hours=12, minutes=1):
        assert client.get("/admin/").status_code == 302


def test_sign_in_gives_a_new_key_and_log_out_ends_it(writer, client):
    client.get("/admin/login/")
    sign_in(client, writer)
    key = client.session.session_key
    client.post("/admin/logout/")
    assert not Session.objects.filter(pk=key).exists()
    stale = Client()
    stale.cookies[real_settings.SESSION_COOKIE_NAME] = key
    assert stale.get("/admin/").status_code == 302
    assert events(writer) == ["signed-in", "signed-out"]


def change_password(client, old=PASSWORD, new="lantern-gravel-otter-plum"):
    return client.post("/admin/password_change/", {"old_password": old, "new_password1": new, "new_password2": new})


def test_new_password_signs_out_every_other_browser(writer, client):
    other = Client()
    for each in (client, other):
        sign_in(each, writer)
    key = client.session.session_key
    assert change_password(client)["Location"] == "/admin/password_change/done/"
    assert client.session.session_key != key
    assert client.get("/admin/").status_code == 200
    assert other.get("/admin/").status_code == 302
    assert "password-changed" in events(writer)


def test_switched_off_account_is_out_at_once_and_stays_out(writer, client):
    sign_in(client, writer)
    boss = Client()
    boss.force_login(with_phone(factories.editor(is_superuser=True)))
    boss.post("/admin/door/code/", {"code": code_of(steps=1)})
    address = f"/admin/auth/user/{writer.pk}/change/"
    assert boss.post(address, {"username": writer.username, "is_staff": "on"}).status_code == 302
    assert client.get("/admin/").status_code == 302
    get_user_model().objects.filter(pk=writer.pk).update(is_active=True)
    assert client.get("/admin/").status_code == 302


def test_change_of_rights_gives_the_session_a_new_key(writer, client):
    sign_in(client, writer)
    client.get("/admin/")
    key = client.session.session_key
    client.get("/admin/")
    assert client.session.session_key == key
    writer.user_permissions.add(*factors.permissions_of(person("view_useful_link", "view_usefullink")))
    client.get("/admin/")
    assert client.session.session_key != key


def test_cookies_are_for_this_host_alone_in_production(monkeypatch):
    monkeypatch.setenv("HTTPS_ONLY", "on")
    try:
        fresh = importlib.reload(settings_file)
        assert (fresh.SESSION_COOKIE_NAME, fresh.CSRF_COOKIE_NAME) == ("__Host-sessionid", "__Host-csrftoken")
        assert fresh.SESSION_COOKIE_SECURE
        assert fresh.SECOND_FACTOR
        assert not hasattr(fresh, "SESSION_COOKIE_DOMAIN")
    finally:
        monkeypatch.setenv("HTTPS_ONLY", "off")
        importlib.reload(settings_file)


def test_host_cookie_has_all_that_a_browser_asks_for(writer, client, settings):
    settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE = "__Host-sessionid", True
    cookie = sign_in(client, writer, secure=True).cookies["__Host-sessionid"]
    assert (cookie["secure"], cookie["path"], cookie["domain"], cookie["httponly"]) == (True, "/", "", True)
    assert (cookie["samesite"], cookie["max-age"]) == ("Strict", "")


# --- Asking again ---------------------------------------------------------------------------------------


def test_password_is_asked_again_after_ten_minutes(writer, client):
    sign_in(client, writer)
    assert "once more" not in client.get("/admin/door/set-up/").content.decode()
    with later(minutes=11):
        text = client.get("/admin/door/set-up/").content.decode()
        assert "Your password once more" in text
        assert 'id="secret"' not in text
        wrong = client.post("/admin/door/set-up/", {"confirm_then": "open", "confirm_password": "wrong"})
        assert "This is not your password." in wrong.content.decode()
        right = client.post("/admin/door/set-up/", {"confirm_then": "open", "confirm_password": PASSWORD})
        assert right["Location"] == "/admin/door/set-up/"
        assert 'id="secret"' in client.get("/admin/door/set-up/").content.decode()
    assert events(writer) == ["signed-in", "wrong-password", "confirmed"]


def test_code_is_asked_again_too_where_there_is_a_phone(publisher, client):
    with_phone(publisher)
    enter(client, publisher)
    with later(minutes=11):
        answer = {"confirm_then": "open", "confirm_password": PASSWORD}
        assert "Type the code." in client.post("/admin/door/remove/", answer).content.decode()
        wrong = client.post("/admin/door/remove/", {**answer, "confirm_code": "000000"})
        assert "This code is not right" in wrong.content.decode()
    with later(minutes=12):
        assert client.post("/admin/door/remove/", {**answer, "confirm_code": code_of()}).status_code == 302


def test_wrong_password_once_more_counts_towards_the_lock(writer, client):
    sign_in(client, writer)
    with later(minutes=11):
        answers = [
            client.post("/admin/door/set-up/", {"confirm_then": "open", "confirm_password": "wrong"}).status_code
            for _ in range(6)
        ]
    assert answers == [200, 200, 200, 200, 429, 429]


def test_form_sent_too_late_goes_on_after_the_password(client):
    boss = factories.editor(is_superuser=True)
    with_phone(boss)
    enter(client, boss)
    form = {"name": "Night shift <b>", "permissions": []}
    with later(minutes=11):
        asked = client.post("/admin/auth/group/add/", form)
        text = asked.content.decode()
        assert '<input type="hidden" name="name" value="Night shift &lt;b&gt;">' in text
        answer = {"confirm_then": "send", "confirm_password": PASSWORD, "confirm_code": code_of()}
        assert client.post("/admin/auth/group/add/", {**form, **answer}).status_code == 302
    assert boss.groups.model.objects.filter(name="Night shift <b>").exists()


def test_passwords_are_not_carried_along(client):
    boss = with_phone(factories.editor(is_superuser=True))
    enter(client, boss)
    with later(minutes=11):
        text = client.post("/admin/auth/user/add/", {"username": "new", "password1": "kept-nowhere"}).content.decode()
    assert 'value="new"' in text
    assert "kept-nowhere" not in text


def test_sessions_module_confirms_for_ten_minutes(rf):
    request = rf.get("/")
    request.session = {}
    assert not sessions.is_confirmed(request)
    sessions.confirm(request)
    assert sessions.is_confirmed(request)
