"""The doors: sign-in with a second factor, lock-out, how long a sign-in lasts, asking again."""

import base64
import importlib
import re
import time
from datetime import timedelta

import pytest
import segno
import time_machine
from django.conf import settings as real_settings
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import URLPattern, URLResolver
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from safety_site import settings as settings_file
from safety_site.doors import factors, lockout, sessions
from safety_site.models import AutoSave
from tests import factories
from tests.doors import KEY, PASSWORD, code_of, events, later, person, sign_in, with_phone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def as_in_production(settings):
    settings.SECOND_FACTOR = True
    settings.SESSION_COOKIE_AGE, settings.SESSION_IDLE_SECONDS = 12 * 60 * 60, 2 * 60 * 60


@pytest.fixture
def publisher():
    return person("approve_topicedition", "view_topicedition")


@pytest.fixture
def writer():
    return person("view_topicedition", "change_topicedition")


def secret_on(response) -> str:
    """The secret of the set-up page, as typed into an app, in hex."""
    letters = re.search(r'id="secret"[^>]*>([A-Z2-7 ]+)<', response.content.decode())[1].replace(" ", "")
    return base64.b32decode(letters).hex()


def enter(client, user, **later_by):
    """Sign in whole: password, then a code that is not used yet."""
    sign_in(client, user)
    return client.post("/admin/door/code/", {"code": code_of(steps=1)})


# --- Who needs a second factor ----------------------------------------------------------------------------


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


# --- Setting it up ----------------------------------------------------------------------------------------


def set_up(client, user) -> tuple[str, str]:
    """Sign in, scan and confirm. Returns the key and the page with the recovery codes."""
    sign_in(client, user)
    key = secret_on(client.get("/admin/door/set-up/"))
    response = client.post("/admin/door/set-up/", {"code": code_of(key)})
    assert response.status_code == 200
    return key, response.content.decode()


def codes_on(page: str) -> list[str]:
    return re.findall(r"<li><code>([a-z2-9]{5}-[a-z2-9]{5})</code></li>", page)


def test_publisher_sets_up_a_phone_and_is_in(publisher, client):
    _key, page = set_up(client, publisher)
    assert len(set(codes_on(page))) == 10
    assert client.get("/admin/").status_code == 200
    assert events(publisher) == ["signed-in", "factor-set-up", "recovery-codes-made"]


def test_set_up_page_draws_what_its_key_says(publisher, client):
    sign_in(client, publisher)
    response = client.get("/admin/door/set-up/")
    text = response.content.decode()
    key = secret_on(response)
    device = TOTPDevice(user=publisher, key=key)
    assert device.config_url.startswith(f"otpauth://totp/Hearthside%3A{publisher.username}?secret=")
    expected = segno.make(device.config_url, error="m", micro=False)
    drawing = re.search(r"<svg.*?</svg>", text, re.DOTALL)[0]
    assert drawing == expected.svg_inline(scale=5, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None)
    assert "style=" not in drawing
    assert "data:" not in drawing
    assert 'src="data:' not in text
    # The same key until the code is right, another one for another sign-in.
    assert secret_on(client.get("/admin/door/set-up/")) == key
    other = Client()
    sign_in(other, publisher)
    assert secret_on(other.get("/admin/door/set-up/")) != key


@pytest.mark.parametrize("code", ["", "000000", "abcdef", "12345", "1234567", "\x00", "１２３", "9" * 5_000, "-1"])
def test_wrong_first_code_sets_up_nothing(publisher, client, code):
    sign_in(client, publisher)
    key = secret_on(client.get("/admin/door/set-up/"))
    if code == code_of(key):
        code = "111111"
    response = client.post("/admin/door/set-up/", {"code": code})
    assert response.status_code == 200
    assert "errornote" in response.content.decode()
    assert not TOTPDevice.objects.exists()
    assert secret_on(response) == key


def test_first_code_is_not_taken_again_at_the_next_sign_in(publisher, client):
    key, _page = set_up(client, publisher)
    other = Client()
    sign_in(other, publisher)
    assert other.post("/admin/door/code/", {"code": code_of(key)}).status_code == 200
    assert other.get("/admin/").status_code == 302


# --- The code after the password --------------------------------------------------------------------------


def test_code_lets_in_and_gives_the_session_a_new_key(publisher, client):
    with_phone(publisher)
    sign_in(client, publisher)
    before = client.session.session_key
    response = client.post(
        "/admin/door/code/", {"code": f" {code_of(steps=1)[:3]} {code_of(steps=1)[3:]} ", "next": "/admin/auth/"}
    )
    assert response["Location"] == "/admin/auth/"
    assert client.session.session_key != before
    assert client.get("/admin/").status_code == 200
    assert events(publisher)[-1] == "second-step"


@pytest.mark.parametrize(("steps", "passes"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_code_may_be_one_half_minute_early_or_late(publisher, client, steps, passes):
    TOTPDevice.objects.create(user=publisher, name="Phone", key=KEY)
    with time_machine.travel(time.time(), tick=False):
        sign_in(client, publisher)
        client.post("/admin/door/code/", {"code": code_of(steps=steps)})
    assert (client.get("/admin/").status_code == 200) is passes


def test_code_is_taken_once(publisher):
    TOTPDevice.objects.create(user=publisher, name="Phone", key=KEY)
    code = code_of()
    first, second = Client(), Client()
    for client, status in ((first, 200), (second, 302)):
        sign_in(client, publisher)
        client.post("/admin/door/code/", {"code": code})
        assert client.get("/admin/").status_code == status


def test_wrong_codes_make_wait_and_then_lock(publisher, client):
    with_phone(publisher)
    with time_machine.travel(time.time(), tick=False) as clock:
        sign_in(client, publisher)
        statuses = []
        for _ in range(5):
            statuses.append(client.post("/admin/door/code/", {"code": "000000"}).status_code)
            too_soon = client.post("/admin/door/code/", {"code": code_of(steps=1)})
            if statuses[-1] == 200:
                assert "Please wait" in too_soon.content.decode()
            clock.shift(17)
        assert statuses == [200, 200, 200, 200, 429]
        # The right code does not help now, nor does the password from the start.
        assert client.post("/admin/door/code/", {"code": code_of()}).status_code == 429
        assert sign_in(Client(), publisher).status_code == 429
        assert events(publisher)[-1] == "locked-out"


def test_guessing_codes_keeps_nobody_out_for_long_and_leaves_the_recovery_codes_open(publisher):
    phone = TOTPDevice.objects.create(user=publisher, name="Phone", key=KEY)
    recovery = factors.make_recovery_codes(publisher)
    with time_machine.travel(time.time(), tick=False) as clock:
        for _ in range(20):
            assert factors.accept_code(publisher, "000000") is None
            assert factors.wait_of(publisher, recovery[0]) is None
            wait = factors.wait_of(publisher, "000000") - timezone.now()
            clock.shift(wait + timedelta(seconds=1))
        assert wait == timedelta(seconds=512)
        assert factors.accept_code(publisher, code_of()) == phone


def test_password_given_again_does_not_forget_wrong_codes(publisher):
    with_phone(publisher)
    with time_machine.travel(time.time(), tick=False) as clock:
        for _ in range(4):
            client = Client()
            sign_in(client, publisher)
            client.post("/admin/door/code/", {"code": "000000"})
            clock.shift(20)
        sign_in(client, publisher)
        assert client.post("/admin/door/code/", {"code": "000000"}).status_code == 429


@pytest.mark.parametrize(
    "going", ["https://elsewhere.example/", "//elsewhere.example/", "/topics/", "javascript:x", "\x00"]
)
def test_code_leads_nowhere_but_to_the_admin(publisher, client, going):
    with_phone(publisher)
    sign_in(client, publisher)
    response = client.post("/admin/door/code/", {"code": code_of(steps=1), "next": going})
    assert response["Location"] == "/admin/"


def test_stranger_gets_no_door(client):
    for door in ("", "code/", "set-up/", "recovery-codes/", "remove/"):
        assert client.get(f"/admin/door/{door}")["Location"] == "/admin/login/"
        assert client.post(f"/admin/door/{door}")["Location"] == "/admin/login/"


def test_doors_need_the_token_against_forged_forms(publisher):
    client = Client(enforce_csrf_checks=True)
    client.force_login(with_phone(publisher))
    for door in ("code/", "set-up/", "recovery-codes/", "remove/"):
        assert client.post(f"/admin/door/{door}", {"code": code_of(steps=1)}).status_code == 403


# --- Recovery codes ---------------------------------------------------------------------------------------


def test_recovery_code_lets_in_once_however_it_is_typed(publisher, client):
    _key, page = set_up(client, publisher)
    code = codes_on(page)[3]
    for attempt, passes in ((f" {code.upper()} ", True), (code, False)):
        other = Client()
        sign_in(other, publisher)
        other.post("/admin/door/code/", {"code": attempt})
        assert (other.get("/admin/").status_code == 200) is passes
    assert factors.recovery_codes_left(publisher) == 9
    assert "recovery-code-used" in events(publisher)


def test_recovery_codes_are_kept_as_hashes_and_shown_once(publisher, client):
    _key, page = set_up(client, publisher)
    codes = codes_on(page)
    kept = set(StaticToken.objects.values_list("token", flat=True))
    assert kept.isdisjoint({factors.tidy(code) for code in codes})
    shown = client.get("/admin/door/").content.decode() + client.get("/admin/door/recovery-codes/").content.decode()
    assert [code for code in codes if code in shown] == []


def test_new_recovery_codes_end_the_old_ones(publisher, client):
    _key, page = set_up(client, publisher)
    new = codes_on(client.post("/admin/door/recovery-codes/").content.decode())
    assert len(new) == 10
    assert factors.accept_code(publisher, codes_on(page)[0]) is None
    with later(seconds=5):
        assert factors.accept_code(publisher, new[0]) is not None


def test_recovery_code_of_somebody_else_is_no_use(publisher, writer):
    with_phone(writer)
    [code, *_] = factors.make_recovery_codes(publisher)
    factors.make_recovery_codes(writer)
    assert factors.accept_code(writer, code) is None


def test_no_recovery_codes_without_a_phone(writer, client):
    sign_in(client, writer)
    assert client.post("/admin/door/recovery-codes/")["Location"] == "/admin/door/set-up/"


# --- Removing ---------------------------------------------------------------------------------------------


def test_removed_factor_asks_a_publisher_for_a_new_one(publisher, client):
    set_up(client, publisher)
    assert client.get("/admin/door/remove/").status_code == 200
    assert TOTPDevice.objects.exists()
    client.post("/admin/door/remove/")
    assert not TOTPDevice.objects.exists()
    assert not StaticToken.objects.exists()
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/admin/door/set-up/")


@pytest.mark.parametrize("page", ["set-up", "recovery-codes", "remove"])
def test_password_alone_changes_nothing_of_a_factor(publisher, client, page):
    with_phone(publisher)
    sign_in(client, publisher)
    for response in (client.get(f"/admin/door/{page}/"), client.post(f"/admin/door/{page}/", {"code": "123456"})):
        assert response["Location"] == "/admin/door/code/"
    assert client.get("/admin/password_change/")["Location"] == "/admin/door/code/"
    assert TOTPDevice.objects.get().key == KEY


def test_command_forgets_a_factor(publisher, capsys):
    with_phone(publisher)
    call_command("forget_factor", publisher.username)
    assert factors.device_of(publisher) is None
    with pytest.raises(CommandError):
        call_command("forget_factor", "nobody")


# --- Lock-out ---------------------------------------------------------------------------------------------


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


# --- How long a sign-in lasts -----------------------------------------------------------------------------


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


# --- Asking again -----------------------------------------------------------------------------------------


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
