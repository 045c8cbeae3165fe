"""Users and groups in the admin: nobody rises by it, and nobody is deleted."""

import time

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from safety_site.doors import factors
from tests import factories
from tests.doors import KEY, events, person, sign_in, with_phone

pytestmark = pytest.mark.django_db

PEOPLE = ("view_user", "add_user", "change_user", "view_group", "add_group", "change_group")
USERS = "/admin/auth/user/"
GROUPS = "/admin/auth/group/"
NEW_PERSON = {
    "username": "robin",
    "usable_password": "true",
    "password1": "lantern-gravel-otter-plum",
    "password2": "lantern-gravel-otter-plum",
}


def signed_in(user) -> Client:
    """A browser of somebody who gave their password just now."""
    client = Client()
    client.force_login(user)
    session = client.session
    session["confirmed_at"] = time.time()
    session.save()
    return client


@pytest.fixture
def administrator():
    return person(*PEOPLE, "view_topicedition", "change_topicedition")


@pytest.fixture
def boss():
    return factories.editor(is_superuser=True)


def change(client, user, **fields):
    values = {"username": user.username, "is_staff": "on", "is_active": "on", **fields}
    return client.post(f"{USERS}{user.pk}/change/", {name: value for name, value in values.items() if value})


@pytest.mark.parametrize(
    "path", ["1/change/", "add/", "999/change/", "1/password/", "1/factor/remove/", "", "1/history/"]
)
@pytest.mark.parametrize("base", [USERS, GROUPS])
def test_people_are_for_administrators_only(base, path, administrator):
    writer = factories.editor()
    group = Group.objects.create(name="A group")
    path = path.replace("1/", f"{writer.pk if base == USERS else group.pk}/")
    assert Client().get(base + path)["Location"].startswith("/admin/login/")
    publisher = person("approve_topicedition", "change_topicedition")
    for other in (writer, publisher):
        # The list and the pages of no one lead to the first page, as everywhere in the admin.
        assert signed_in(other).get(base + path).status_code in (302, 403, 404)
        assert signed_in(other).post(base + path).status_code in (302, 403, 404)
    expected = 200 if "999" not in path and not (base == GROUPS and ("password" in path or "factor" in path)) else 302
    assert signed_in(administrator).get(base + path).status_code in (expected, 302 if expected != 200 else 200, 404)


def test_administrator_makes_nobody_a_superuser_not_even_themselves(administrator):
    writer = factories.editor()
    for user in (writer, administrator):
        change(signed_in(administrator), user, is_superuser="on")
        user.refresh_from_db()
        assert not user.is_superuser


def test_administrator_does_not_touch_a_superuser(administrator, boss):
    client = signed_in(administrator)
    assert change(client, boss, first_name="Taken").status_code == 403
    assert client.get(f"{USERS}{boss.pk}/password/").status_code == 403
    assert client.post(f"{USERS}{boss.pk}/factor/remove/").status_code == 403
    boss.refresh_from_db()
    assert boss.first_name == ""


@pytest.mark.parametrize("is_active", [True, False])
def test_administrator_does_not_touch_somebody_with_more_rights(administrator, is_active):
    publisher = person("approve_topicedition", is_active=is_active)
    client = signed_in(administrator)
    assert change(client, publisher, first_name="Taken").status_code == 403
    assert client.post(f"{USERS}{publisher.pk}/password/", {"password1": "x", "password2": "x"}).status_code == 403


def test_administrator_gives_only_what_they_have(administrator):
    writer = factories.editor()
    has = Permission.objects.get(codename="change_topicedition")
    lacks = Permission.objects.get(codename="approve_topicedition")
    publishers = Group.objects.create(name="those who approve")
    publishers.permissions.add(lacks)
    client = signed_in(administrator)
    response = change(client, writer, groups=publishers.pk)
    assert "You cannot give rights that you do not have yourself" in response.content.decode()
    response = client.post(f"{USERS}add/", {**NEW_PERSON, "groups": publishers.pk})
    assert "You cannot give rights that you do not have yourself" in response.content.decode()
    assert not get_user_model().objects.filter(username="robin").exists()
    assert not factors.permissions_of(writer).exists()
    writers = Group.objects.create(name="those who write")
    writers.permissions.add(has)
    assert change(client, writer, groups=writers.pk).status_code == 302
    assert list(factors.permissions_of(writer)) == [has]


def test_single_rights_are_for_superusers_only(administrator, boss):
    """A list of hundreds; groups are the way."""
    writer, right = factories.editor(), Permission.objects.get(codename="change_topicedition")
    page = f"{USERS}{writer.pk}/change/"
    client = signed_in(administrator)
    assert 'name="user_permissions"' not in client.get(page).content.decode()
    assert 'name="is_superuser"' not in client.get(page).content.decode()
    change(client, writer, user_permissions=right.pk)
    assert not factors.permissions_of(writer).exists()
    assert 'name="user_permissions"' in signed_in(boss).get(page).content.decode()
    change(signed_in(boss), writer, user_permissions=right.pk)
    assert list(factors.permissions_of(writer)) == [right]
    # Saved again by somebody who does not see them, they stay.
    change(client, writer, first_name="Robin")
    assert list(factors.permissions_of(writer)) == [right]


def test_new_person_in_a_group_signs_in_without_another_word(boss):
    writers = Group.objects.create(name="those who write")
    page = signed_in(boss).get(f"{USERS}add/").content.decode()
    assert "Whoever is in a group is an editor and may sign in." in page
    response = signed_in(boss).post(f"{USERS}add/", {**NEW_PERSON, "groups": writers.pk})
    assert response.status_code == 302, response.context["errors"]
    robin = get_user_model().objects.get(username="robin")
    assert (robin.is_staff, robin.is_superuser, list(robin.groups.all())) == (True, False, [writers])
    assert sign_in(Client(), robin, NEW_PERSON["password1"])["Location"] == "/admin/"


def test_person_without_a_group_is_told_of(boss):
    response = signed_in(boss).post(f"{USERS}add/", NEW_PERSON, follow=True)
    robin = get_user_model().objects.get(username="robin")
    warning = "“robin” cannot sign in to these pages yet: they are in no group. Tick what they do, then save."
    assert warning in map(str, response.context["messages"])
    assert not robin.is_staff
    assert "It is set by itself when you save somebody who is in a group." in response.content.decode()
    response = change(signed_in(boss), robin, is_staff="", groups=Group.objects.create(name="those who write").pk)
    robin.refresh_from_db()
    assert (robin.is_staff, robin.is_superuser) == (True, False)


def test_person_with_a_single_right_is_an_editor(boss):
    robin = get_user_model().objects.create_user("robin", is_staff=False)
    change(signed_in(boss), robin, is_staff="", user_permissions=Permission.objects.first().pk)
    robin.refresh_from_db()
    assert (robin.is_staff, robin.is_superuser) == (True, False)


def test_administrator_puts_no_right_into_a_group_that_they_lack(administrator, boss):
    lacks = Permission.objects.get(codename="approve_topicedition")
    own = Group.objects.create(name="own")
    administrator.groups.add(own)
    for path in ("add/", f"{own.pk}/change/"):
        response = signed_in(administrator).post(GROUPS + path, {"name": "own too", "permissions": lacks.pk})
        assert "You cannot give rights" in response.content.decode()
    assert (
        signed_in(boss).post(f"{GROUPS}{own.pk}/change/", {"name": "own", "permissions": lacks.pk}).status_code == 302
    )
    assert list(own.permissions.all()) == [lacks]


def test_administrator_keeps_what_others_gave(administrator):
    """Somebody with a right that the administrator lacks is not theirs to change; a group with one may be renamed."""
    lacks = Permission.objects.get(codename="approve_topicedition")
    group = Group.objects.create(name="before")
    group.permissions.add(lacks)
    signed_in(administrator).post(f"{GROUPS}{group.pk}/change/", {"name": "after", "permissions": lacks.pk})
    group.refresh_from_db()
    assert (group.name, list(group.permissions.all())) == ("after", [lacks])


def test_nobody_locks_themselves_out(boss):
    client = signed_in(boss)
    for missing in ("is_active", "is_staff", "is_superuser"):
        response = change(client, boss, **{"is_superuser": "on", missing: ""})
        assert "You would lock yourself out" in response.content.decode()
    boss.refresh_from_db()
    assert (boss.is_active, boss.is_staff, boss.is_superuser) == (True, True, True)


def test_nobody_is_deleted(boss):
    writer, group = factories.editor(), Group.objects.create(name="a group")
    client = signed_in(boss)
    assert client.post(f"{USERS}{writer.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"{GROUPS}{group.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(USERS, {"action": "delete_selected", "_selected_action": writer.pk, "post": "yes"})
    assert get_user_model().objects.filter(pk=writer.pk).exists()


def test_administrator_removes_a_lost_phone_and_never_sees_its_secret(administrator):
    writer = with_phone(factories.editor())
    factors.make_recovery_codes(writer)
    client, theirs = signed_in(administrator), Client()
    theirs.force_login(writer)
    shown = "".join(
        client.get(f"{USERS}{path}").content.decode()
        for path in ("", f"{writer.pk}/change/", f"{writer.pk}/factor/remove/", f"{writer.pk}/history/")
    )
    assert KEY not in shown
    assert factors.Offer(writer, KEY).secret not in shown
    assert client.post(f"{USERS}{writer.pk}/factor/remove/").status_code == 302
    assert not TOTPDevice.objects.exists()
    assert not StaticDevice.objects.exists()
    assert theirs.get("/admin/")["Location"].startswith("/admin/login/")
    assert events(writer)[-1] == "factor-removed"


@pytest.mark.parametrize("number", [0, 999_999, 2**31, 2**63, 10**30])
def test_phone_of_nobody_is_not_found(administrator, number):
    response = signed_in(administrator).get(f"{USERS}{number}/factor/remove/")
    assert response.status_code == 404


def test_stock_pages_that_would_show_secrets_are_gone():
    assert {
        model._meta.label for model in admin.site._registry if model._meta.app_label.startswith(("otp", "axes"))
    } == set()


def test_everything_about_people_asks_for_the_password_again(boss):
    writer, group = factories.editor(), Group.objects.create(name="a group")
    client = Client()
    client.force_login(boss)
    for address in (
        f"{USERS}add/", f"{USERS}{writer.pk}/change/", f"{USERS}{writer.pk}/password/",
        f"{USERS}{writer.pk}/factor/remove/", f"{GROUPS}add/", f"{GROUPS}{group.pk}/change/",
        "/admin/password_change/", "/admin/door/set-up/", "/admin/door/remove/", "/admin/door/recovery-codes/",
    ):  # fmt: skip
        for method in ("get", "post"):
            assert "Your password once more" in getattr(client, method)(address).content.decode(), address
