"""The doors: who needs a second factor, and what every page of the editors says to whoever stands outside."""

import re

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver

from safety_site.doors import factors
from safety_site.models import AutoSave
from tests import factories
from tests.doors import person, sign_in, with_phone

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("rights", "needs"),
    [
        ((), False), (("change_topicedition", "add_topicedition", "view_user"), False),
        (("approve_topicedition",), True), (("approve_contactedition",), True), (("approve_emergencybanner",), True),
        (("change_user",), True), (("add_group",), True), (("change_permission",), True),
    ],
)  # fmt: skip
def test_whoever_may_publish_or_change_people_needs_a_second_factor(rights, needs, settings):
    user = person(*rights)
    assert factors.must_have_factor(user) is needs
    settings.SECOND_FACTOR = False
    assert factors.must_have_factor(user) is False


def test_rights_of_a_group_and_of_a_superuser_count(publisher):
    group = publisher.groups.create(name="those who approve")
    group.permissions.set(publisher.user_permissions.all())
    publisher.user_permissions.clear()
    assert factors.must_have_factor(publisher)
    assert factors.must_have_factor(factories.editor(is_superuser=True))


def all_admin_addresses() -> list[str]:
    """Every address of the admin, with numbers and names filled in that exist nowhere."""

    def walk(patterns, before):
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, before + str(pattern.pattern))
            elif isinstance(pattern, URLPattern):
                yield before + str(pattern.pattern)

    found = set()
    for pattern in walk(admin.site.urls[0], "/admin/"):
        text = re.sub(r"<int:\w+>", "4", pattern)
        text = re.sub(r"<(?:\w+:)?\w+>", "4", text)
        text = text.replace("^(?P<app_label>", "(").replace("(?P<url>.*)$", "nowhere/")
        text = re.sub(r"\((\w+)[^)]*\)/\$", r"\1/", text)
        found.add(text)
    return sorted(found)


DOORS = ("/admin/door/", "/admin/login/", "/admin/logout/", "/admin/password_change/")
# Open without a session to the signed key of a form, and to nothing else: see newsroom/saving_pages.py.
BY_KEY = "/admin/kept/"


def test_every_admin_page_leads_a_stranger_to_the_login():
    addresses = all_admin_addresses()
    assert len(addresses) > 100
    for address in addresses:
        for method in ("get", "post"):
            response = getattr(Client(), method)(address)
            if address == BY_KEY:
                assert response.status_code == {"get": 405, "post": 403}[method]
            elif address == "/admin/login/":
                assert response.status_code == 200
            else:
                assert response.status_code in (302, 405), address
                assert response.status_code == 405 or response["Location"].startswith("/admin/login/"), address


@pytest.mark.one_database
def test_every_admin_page_leads_an_unverified_publisher_to_the_set_up(publisher):
    client = Client()
    client.force_login(publisher)
    for address in all_admin_addresses():
        if address.startswith((*DOORS, BY_KEY)):
            continue
        for method in ("get", "post"):
            response = getattr(client, method)(address)
            if not response.headers.get("Location", "").startswith("/admin/door/set-up/"):
                response = client.get(response.headers["Location"])  # some pages lead to another one first
            led_to = response.headers["Location"]
            assert (response.status_code, led_to.startswith("/admin/door/set-up/")) == (302, True), address
    # Where all of them lead: opened once, since it is drawn anew each time.
    assert client.get(led_to).status_code == 200


def test_every_admin_page_asks_whoever_has_a_phone_for_its_code(writer):
    client = Client()
    client.force_login(with_phone(writer))
    for address in all_admin_addresses():
        if address in ("/admin/login/", "/admin/logout/", "/admin/door/code/", BY_KEY):
            continue
        response = client.get(address, follow=True)
        assert response.redirect_chain[-1][0].startswith("/admin/door/code/"), address


@pytest.mark.parametrize("who", ["stranger", "publisher without a factor", "writer before the code"])
def test_address_of_kept_words_gives_nothing_to_whoever_has_no_key(who, publisher, writer, client):
    if who != "stranger":
        client.force_login(publisher if who.startswith("publisher") else with_phone(writer))
    for key in ("", "x", "WzEsInRvcGljIiwxLCJhIl0:1xV2pa:made-up"):
        response = client.post(BY_KEY, {"_kept_key": key, "title": "My words"})
        assert (response.status_code, list(response.json())) == (403, ["said"])
    assert client.get(BY_KEY).status_code == 405
    assert not AutoSave.objects.exists()


def test_nothing_of_the_admin_shows_around_a_door(publisher, client):
    client.force_login(publisher)
    text = client.get("/admin/door/set-up/", follow=True).content.decode()
    assert "/admin/guidance/" not in text


def test_writer_comes_in_by_password_alone_and_is_offered_a_factor(writer, client):
    assert sign_in(client, writer)["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200
    assert "Set up a second factor" in client.get("/admin/door/").content.decode()


def test_login_page_says_when_second_factors_are_off(client, settings):
    assert "Second factors are off" not in client.get("/admin/login/").content.decode()
    settings.SECOND_FACTOR = False
    assert "Second factors are off" in client.get("/admin/login/").content.decode()
