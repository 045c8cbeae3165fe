"""What machines ask for: health, robots.txt, the sitemap, security.txt."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import html5lib
import pytest
import time_machine
from django.conf import settings
from django.db.migrations.recorder import MigrationRecorder

from safety_site import readiness
from tests import factories
from tests.sweep import answer_without_database

pytestmark = pytest.mark.django_db


# --- Health ---------------------------------------------------------------------------------------------


def test_live_says_that_the_process_answers(client):
    response = client.get("/health/live")
    assert (response.status_code, response.content) == (200, b"alive\n")


def test_live_asks_no_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert answer_without_database(client, "/health/live").status_code == 200


def test_ready_with_every_migration(client):
    response = client.get("/health/ready")
    assert (response.status_code, response.content) == (200, b"ready\n")


def test_ready_is_503_while_a_migration_is_missing(client):
    MigrationRecorder.Migration.objects.filter(app="guidance").order_by("-pk").first().delete()
    response = client.get("/health/ready")
    assert (response.status_code, response.content) == (503, b"not ready\ndatabase: lacks migrations\n")


def test_ready_is_503_while_the_database_refuses(client):
    response = answer_without_database(client, "/health/ready")
    assert (response.status_code, response.content) == (503, b"not ready\ndatabase: does not answer\n")


def test_ready_names_what_does_not_work_while_pages_go_out(client, monkeypatch):
    monkeypatch.setattr(readiness, "_checks", {"mirror": lambda: "older than a day", "well": lambda: ""})
    response = client.get("/health/ready")
    assert (response.status_code, response.content) == (200, b"degraded\nmirror: older than a day\n")


def test_check_that_is_wrong_itself_takes_no_machine_out(client, monkeypatch):
    monkeypatch.setattr(readiness, "_checks", {"mirror": lambda: 1 / 0})
    response = client.get("/health/ready")
    assert (response.status_code, response.content) == (
        200, b"degraded\nmirror: its check failed (ZeroDivisionError)\n",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("has_pages", "answer"),
    [
        (True, (200, b"degraded\ndatabase: does not answer\n")),
        (False, (503, b"not ready\ndatabase: does not answer\n")),
    ],
)
def test_without_the_database_a_machine_is_ready_while_it_keeps_pages(client, monkeypatch, has_pages, answer):
    monkeypatch.setattr(readiness, "_keepers", [lambda: has_pages])
    response = answer_without_database(client, "/health/ready")
    assert (response.status_code, response.content) == answer


def test_missing_migration_is_not_ready_whatever_is_kept(client, monkeypatch):
    monkeypatch.setattr(readiness, "_keepers", [lambda: True])
    MigrationRecorder.Migration.objects.filter(app="guidance").order_by("-pk").first().delete()
    assert client.get("/health/ready").status_code == 503


ASK_A_SITE = """
import sys
import django
from django.test import Client
django.setup()
client = Client(raise_request_exception=False)
for address in sys.argv[1:]:
    response = client.get(address)
    print(response.status_code, address, "has the exit" if 'id="quick-exit"' in response.content.decode() else "")
"""


def ask_with_database(database: str, *addresses: str) -> list[str]:
    """What a whole new process answers whose database is this one."""
    environment = {**os.environ, "TEST_DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-c", ASK_A_SITE, *addresses]
    run = subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert "/topics/" not in run.stderr
    return [line.strip() for line in run.stdout.splitlines()]


def test_site_whose_database_file_cannot_be_opened_still_answers():
    addresses = ["/health/live", "/health/ready", "/topics/", "/about/"]
    assert ask_with_database("sqlite:////no/such/folder/db.sqlite3", *addresses) == [
        "200 /health/live",
        "503 /health/ready",
        "503 /topics/ has the exit",
        "200 /about/ has the exit",
    ]


def test_site_whose_database_server_is_down_still_answers():
    database = "postgres://nobody:nothing@127.0.0.1:1/nothing"
    assert ask_with_database(database, "/health/live", "/topics/") == [
        "200 /health/live",
        "503 /topics/ has the exit",
    ]


# --- For search engines ---------------------------------------------------------------------------------


def test_robots_keeps_the_exit_out_and_names_the_sitemap(client):
    response = client.get("/robots.txt")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == (
        "User-agent: *\nDisallow: /exit/\nSitemap: https://families.example/sitemap.xml\n"
    )


def locations(client) -> list[str]:
    tree = html5lib.parse(client.get("/sitemap.xml").content.decode(), namespaceHTMLElements=False)
    return [element.text for element in tree.iter() if element.tag == "loc"]


OWN_PAGES = [
    "/", "/finder/", "/plan/", "/topics/", "/apps/", "/apps/compare/", "/parental-controls/", "/talk/", "/law/",
    "/figures/", "/old-names/", "/report/", "/report/platforms/",
    "/contacts/", "/contacts/find/", "/contacts/national/", "/contacts/data/",
    "/for/parents/", "/for/young-people/", "/for/professionals/", "/leaving-no-trace/", "/about/", "/privacy/",
    "/accessibility/",
]  # fmt: skip


def test_sitemap_of_an_empty_site_lists_its_own_pages(client):
    assert locations(client) == [f"https://families.example{page}" for page in OWN_PAGES]


def test_sitemap_lists_exactly_what_is_live(client):
    factories.age_band("teen")
    topic, app, control = factories.topic_edition(), factories.app_edition(), factories.control_edition()
    closed = factories.app_edition(status="closed", status_since="May 2020")
    factories.topic_edition(state="draft")
    factories.app_edition(state="in-review")
    factories.control_edition(publish_at=datetime(2099, 1, 1, tzinfo=UTC))
    factories.withdrawal(factories.topic_edition())
    factories.topic_edition(language="cy")
    pages = ["/age/teen/", *(e.get_absolute_url() for e in (topic, app, closed, control))]
    assert sorted(locations(client)) == sorted(f"https://families.example{page}" for page in [*OWN_PAGES, *pages])


def test_sitemap_names_the_public_address_whatever_host_was_asked(client):
    assert {re.match(r"https?://[^/]+", location)[0] for location in locations(client)} == {"https://families.example"}


def test_sitemap_follows_the_schedule(client):
    edition = factories.topic_edition(publish_at=datetime(2026, 12, 1, 9, tzinfo=UTC))
    address = f"https://families.example{edition.get_absolute_url()}"
    with time_machine.travel(datetime(2026, 12, 1, 8, 59, 59, tzinfo=UTC), tick=False):
        assert address not in locations(client)
    with time_machine.travel(datetime(2026, 12, 1, 9, tzinfo=UTC), tick=False):
        assert address in locations(client)


# --- For those who find a weakness ----------------------------------------------------------------------


def test_security_txt_has_the_fields_of_rfc_9116(client):
    with time_machine.travel(datetime(2026, 12, 1, 12, 30, 15, 999, tzinfo=UTC), tick=False):
        response = client.get("/.well-known/security.txt")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().splitlines() == [
        "Contact: mailto:security@families.example",
        "Expires: 2027-05-30T00:00:00+00:00",
        "Preferred-Languages: en",
        "Canonical: https://families.example/.well-known/security.txt",
    ]


def test_security_txt_is_never_out_of_date(client):
    now = datetime(2030, 6, 1, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        text = client.get("/.well-known/security.txt").content.decode()
    expires = datetime.fromisoformat(re.search(r"^Expires: (.+)$", text, re.MULTILINE)[1])
    assert timedelta(days=30) < expires - now < timedelta(days=365)
