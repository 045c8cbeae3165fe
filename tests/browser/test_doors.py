"""The doors as an editor meets them: a phone is set up, lost, and not needed; no page breaks the policy."""

import base64
import sqlite3

import pytest
from django_otp.oath import totp

from tests.browser import eyes
from tests.browser.real_site import _environment, _free_port, _manage, _served

PASSWORD = "lantern-gravel-otter-plum"
MAKE = f"""
from django.contrib.auth import get_user_model
get_user_model().objects.create_superuser("door-keeper", password="{PASSWORD}")
"""


@pytest.fixture(scope="module")
def strict_site(prepared, tmp_path_factory):
    """The site with second factors on and a database of its own, with one administrator."""
    database = tmp_path_factory.mktemp("doors") / "db.sqlite3"
    with sqlite3.connect(prepared / "db.sqlite3") as source, sqlite3.connect(database) as copy:
        source.backup(copy)
    environment = {**_environment(prepared, database, _free_port()), "SECOND_FACTOR": "on"}
    _manage("shell", "-v0", "-c", MAKE, environment=environment)
    with _served(environment) as address:
        yield address


def code_of(secret: str, steps: int = 0) -> str:
    return f"{totp(base64.b32decode(secret.replace(' ', '')), drift=steps):06}"


def faults(page) -> list[str]:
    """What is wrong with the page as it stands, light at 200 % zoom and dark on a tablet."""
    found = []
    for scheme, width in (("light", 640), ("dark", 768)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(400)  # the admin's colours fade from one scheme to the other
        found += [(page.url, scheme, width, fault) for fault in (*eyes.axe_faults(page), *eyes.sideways_faults(page))]
    return found


def sign_in(page, site: str) -> None:
    page.goto(f"{site}/admin/guidance/topic/")
    page.get_by_label("Username").fill("door-keeper")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.timeout(400)  # axe looks at ten pages twice
def test_phone_is_set_up_and_lost(strict_site, new_context):
    page = new_context(viewport={"width": 768, "height": 900}).new_page()
    broken = []
    found = []
    # axe writes styles of its own on some pages, which the policy refuses as well: what it does does not count.
    page.on("console", lambda said: broken.append(said.text) if "Content Security Policy" in said.text else None)

    def look() -> None:
        before = len(broken)
        found.extend(faults(page))
        del broken[before:]

    asked = []
    page.on("request", lambda request: asked.append(request.url))

    sign_in(page, strict_site)
    assert page.url.startswith(f"{strict_site}/admin/door/set-up/")
    assert (page.get_by_role("img", name="QR code").bounding_box() or {"width": 0})["width"] > 150
    secret = page.locator("#secret").inner_text()
    page.get_by_label("Code that the app shows").fill(code_of(secret))
    page.get_by_role("button", name="Set up").click()
    codes = page.get_by_role("list", name="Recovery codes").get_by_role("listitem").all_inner_texts()
    assert len(codes) == 10
    look()
    page.get_by_role("link", name="I have kept them").click()
    assert page.url == f"{strict_site}/admin/"
    for path in ("door/", "door/set-up/", "door/recovery-codes/", "door/remove/", "auditlog/logentry/"):
        page.goto(f"{strict_site}/admin/{path}")
        look()
    page.locator("#result_list tbody th a").first.click()
    look()
    page.get_by_role("button", name="Log out").click()

    sign_in(page, strict_site)
    assert page.get_by_role("heading", name="One more step").is_visible()
    look()
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Go on").click()
    assert "This code is not right" in page.get_by_role("alert").inner_text()
    look()
    page.wait_for_timeout(1_100)
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Go on").click()
    assert page.url == f"{strict_site}/admin/guidance/topic/"
    page.get_by_role("button", name="Log out").click()

    sign_in(page, strict_site)
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Go on").click()
    assert "This code is not right" in page.get_by_role("alert").inner_text()

    assert found == []
    assert broken == []
    assert [url for url in asked if not url.startswith(f"{strict_site}/")] == []
