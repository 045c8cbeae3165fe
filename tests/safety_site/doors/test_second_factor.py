"""The second factor: setting it up, the code after the password, recovery codes, and removing it."""

import base64
import re
import time
from datetime import timedelta

import pytest
import segno
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from safety_site.doors import factors
from tests.doors import KEY, code_of, events, later, sign_in, with_phone

pytestmark = pytest.mark.django_db


def secret_on(response) -> str:
    """The secret of the set-up page, as typed into an app, in hex."""
    letters = re.search(r'id="secret"[^>]*>([A-Z2-7 ]+)<', response.content.decode())[1].replace(" ", "")
    return base64.b32decode(letters).hex()


# --- Setting it up --------------------------------------------------------------------------------------


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


# --- The code after the password ------------------------------------------------------------------------


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


# --- Recovery codes -------------------------------------------------------------------------------------


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


# --- Removing -------------------------------------------------------------------------------------------


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
