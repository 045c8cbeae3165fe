"""Who is locked out after wrong passwords, for how long, and who is not."""

import time

import pytest
import time_machine
from django.test import Client

from safety_site.doors import lockout
from tests import factories
from tests.doors import sign_in

pytestmark = pytest.mark.django_db


def fail(name: str, address: str = "192.0.2.1", times: int = 1, **headers):
    answers = [
        Client(REMOTE_ADDR=address, headers=headers).post("/admin/login/", {"username": name, "password": "wrong"})
        for _ in range(times)
    ]
    return answers[-1].status_code


def test_five_wrong_passwords_lock_one_name_at_one_address_for_fifteen_minutes(writer, publisher):
    with time_machine.travel(time.time(), tick=False) as clock:
        assert fail(writer.username, times=4) == 200
        clock.shift(14 * 60)
        assert fail(writer.username) == 429
        assert sign_in(Client(REMOTE_ADDR="192.0.2.1"), writer).status_code == 429
        # Others there, and the same name elsewhere, go on.
        assert sign_in(Client(REMOTE_ADDR="192.0.2.1"), publisher).status_code == 302
        assert sign_in(Client(REMOTE_ADDR="192.0.2.2"), writer).status_code == 302
        clock.shift(14 * 60)
        assert fail(writer.username) == 429  # does not make it longer
        clock.shift(61)
        assert sign_in(Client(REMOTE_ADDR="192.0.2.1"), writer).status_code == 302


def test_slow_guess_at_one_name_from_many_addresses_is_stopped_but_not_its_owner(writer):
    sign_in(Client(REMOTE_ADDR="198.51.100.7"), writer)
    for number in range(49):
        assert fail(writer.username, f"192.0.2.{number}") == 200
    assert fail(writer.username, "192.0.2.200") == 429
    assert sign_in(Client(REMOTE_ADDR="192.0.2.201"), writer).status_code == 429
    assert sign_in(Client(REMOTE_ADDR="198.51.100.7"), writer).status_code == 302


def test_office_behind_one_proxy_is_not_locked_out_by_one_person(writer, publisher):
    sign_in(Client(REMOTE_ADDR="192.0.2.1"), writer)
    for number in range(99):
        assert fail(f"guess-{number}") == 200
    assert fail("guess-100") == 429
    assert fail("guess-101") == 429
    assert sign_in(Client(REMOTE_ADDR="192.0.2.1"), writer).status_code == 302
    assert sign_in(Client(REMOTE_ADDR="192.0.2.1"), publisher).status_code == 429  # never signed in there


@pytest.mark.parametrize("count", [1, 2])
def test_header_that_a_visitor_writes_neither_evades_nor_frames(writer, settings, count):
    settings.SECURE_PROXY_SSL_HEADER, settings.TRUSTED_PROXIES = ("HTTP_X_FORWARDED_PROTO", "https"), count
    own = ", 10.0.0.9" * (count - 1)
    for number in range(5):
        last = fail(writer.username, "10.0.0.1", **{"x-forwarded-for": f"198.51.100.{number}, 192.0.2.1{own}"})
    assert last == 429
    framed = {"x-forwarded-for": f"198.51.100.1{own}"}
    assert sign_in(Client(REMOTE_ADDR="10.0.0.1", headers=framed), writer).status_code == 302


def test_header_counts_for_nothing_without_a_proxy(writer):
    for number in range(5):
        last = fail(writer.username, **{"x-forwarded-for": f"198.51.100.{number}"})
    assert last == 429


def test_request_around_a_proxy_counts_under_its_own_address(rf, settings):
    settings.SECURE_PROXY_SSL_HEADER, settings.TRUSTED_PROXIES = ("HTTP_X_FORWARDED_PROTO", "https"), 2
    request = rf.get("/", REMOTE_ADDR="10.0.0.9", headers={"x-forwarded-for": "198.51.100.1"})
    assert lockout.client_address(request) == "10.0.0.9"
    request = rf.get("/", REMOTE_ADDR="10.0.0.9", headers={"x-forwarded-for": "2001:db8:1:2:3::4, 10.0.0.1"})
    assert lockout.client_address(request) == "2001:db8:1:2::"


def test_name_that_nobody_has_gets_the_same_words_and_the_same_lock(writer):
    for name in (writer.username, "nobody-is-called-this", factories.editor(is_active=False).username):
        client = Client(REMOTE_ADDR="192.0.2.9")
        answers = [client.post("/admin/login/", {"username": name, "password": "wrong"}) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429, 429]
        text = answers[0].content.decode()
        assert "That name and password do not go together" in text
        assert text.count(name) == 1  # in the field


def test_lock_page_says_when_to_try_again(writer):
    with time_machine.travel("2026-11-22 10:00:00+00:00", tick=False):
        fail(writer.username, times=5)
        response = sign_in(Client(REMOTE_ADDR="192.0.2.1"), writer)
    assert "Please wait until 10:15" in response.content.decode()
    assert response["Retry-After"] == "900"


def test_sign_in_forgets_own_mistakes(writer):
    fail(writer.username, times=4)
    sign_in(Client(REMOTE_ADDR="192.0.2.1"), writer)
    assert fail(writer.username, times=4) == 200
