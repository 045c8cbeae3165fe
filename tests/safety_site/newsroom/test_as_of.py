"""The site as of a moment: what staff see is what readers saw then."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponseRedirect
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from safety_site.newsroom import as_of
from safety_site.newsroom.as_of import stay
from tests import factories
from tests.reporting import factories as reporting
from tests.safety_site.newsroom.roles import logged_in
from tests.safety_site.newsroom.test_preview import main_of

pytestmark = pytest.mark.django_db
THEN = datetime(2026, 10, 14, 13, 30, tzinfo=UTC)  # half past two in London
STAMP = "2026-10-14T1430"
AS_OF = f"/admin/as-of/{STAMP}"


@pytest.fixture
def staff_client(client):
    logged_in(client, "administrator")
    return client


def test_what_is_to_come_is_for_those_who_may_see_every_kind_of_page(client):
    """A contact checker sees contacts, and no draft of a topic: nor one that is approved for tomorrow."""
    ahead = "/admin/as-of/2099-01-01T0900/topics/"
    for role, status in (("contact checker", 403), ("moderator", 403), ("writer", 200), ("publisher", 200)):
        client.force_login(factories.member(role))
        assert client.get(ahead).status_code == status, role


def at_home(html: str) -> str:
    """The HTML with links that lead where readers' links lead."""
    return html.replace(AS_OF, "")


# --- Who may --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/admin/as-of/", f"{AS_OF}/", f"{AS_OF}/topics/"])
@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("stranger", 302),
        ("stale session", 302),
        ("plain staff", 403),
        ("moderator", 403),
        ("contact checker", 200),
        ("onlooker", 200),
        ("writer", 200),
        ("publisher", 200),
        ("administrator", 200),
    ],
)
def test_who_may_look(client, role, status, path):
    logged_in(client, role)
    response = client.get(path)
    assert response.status_code == status
    if status == 302:
        assert response["Location"].startswith("/admin/login/")


def test_it_is_only_for_looking(staff_client):
    assert staff_client.post(f"{AS_OF}/topics/").status_code == 405
    assert staff_client.post("/admin/as-of/").status_code == 405


# --- What is shown --------------------------------------------------------------------------------------


def test_pages_are_what_readers_saw_then(staff_client):
    topic, app, guide = factories.topic_edition(), factories.app_edition(), factories.control_edition()
    factories.topic_parts(topic)
    factories.app_parts(app)
    topic.related_apps.add(app.profile)
    place = reporting.authority(name="Riverton")
    reporting.day_and_night(place)
    worry = reporting.concern_edition(contacts=[reporting.contact_edition(name="A helpline").contact])
    things = [topic, app, guide, worry, place]
    paths = [
        *(thing.get_absolute_url() for thing in things),
        "/",
        "/topics/",
        "/apps/",
        "/talk/",
        "/contacts/national/",
    ]
    paths += ["/report/", "/parental-controls/", "/figures/", "/age/pre-teen/", "/apps/compare/", "/plan/"]
    factories.age_bands()

    with time_machine.travel(THEN):
        then = {path: main_of(staff_client.get(path)) for path in paths}
    later = THEN + timedelta(days=1)
    factories.topic_edition(topic.topic, title="Changed since", publish_at=later)
    factories.app_edition(app.profile, publish_at=later, is_withdrawal=True, withdrawal_reason="Closed.")
    factories.control_edition(guide.guide, provider="Renamed", publish_at=later)
    factories.topic_edition(title="New since", publish_at=later)
    reporting.concern_edition(publish_at=later, title="Reworded")
    assert "Changed since" in staff_client.get("/topics/").content.decode()

    for path in paths:
        response = staff_client.get(f"{AS_OF}{path}")
        assert response.status_code == 200, path
        assert at_home(main_of(response)) == then[path], path


def test_page_that_came_later_was_not_there(staff_client):
    new = factories.topic_edition(publish_at=THEN + timedelta(minutes=1))
    assert staff_client.get(new.get_absolute_url()).status_code == 200
    response = staff_client.get(AS_OF + new.get_absolute_url())
    assert response.status_code == 404
    assert "as it stood on 14 October 2026, 14:30" in response.content.decode()


def test_page_that_is_gone_is_there(staff_client):
    old = factories.topic_edition(title="Once here")
    factories.withdrawal(old, publish_at=THEN + timedelta(days=1))
    assert staff_client.get(old.get_absolute_url()).status_code == 410
    assert "Once here" in staff_client.get(AS_OF + old.get_absolute_url()).content.decode()


def test_what_is_to_come_can_be_seen_and_drafts_cannot(staff_client):
    live = factories.topic_edition(title="Of today")
    factories.topic_edition(live.topic, title="Of tomorrow", publish_at=timezone.now() + timedelta(days=1))
    factories.topic_edition(live.topic, title="A draft", state="draft", publish_at=None)
    stamp = (timezone.localtime() + timedelta(days=2)).strftime("%Y-%m-%dT%H%M")
    html = staff_client.get(f"/admin/as-of/{stamp}{live.get_absolute_url()}").content.decode()
    assert "Of tomorrow" in html
    assert "as it will stand on" in html
    assert "A draft" not in html


def test_bar_says_what_is_not_of_that_day(staff_client):
    html = staff_client.get(f"{AS_OF}/").content.decode()
    assert "This is the site as it stood on 14 October 2026, 14:30." in html
    assert "As they are today:" in html


def test_readers_see_today_afterwards(staff_client):
    old = factories.topic_edition(title="Old")
    factories.topic_edition(old.topic, title="New", publish_at=THEN + timedelta(days=1))
    staff_client.get(AS_OF + old.get_absolute_url())
    assert "New" in staff_client.get(old.get_absolute_url()).content.decode()


def test_headers_are_those_of_a_preview(staff_client):
    response = staff_client.get(f"{AS_OF}/topics/")
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert 'id="quick-exit"' in response.content.decode()


def test_more_topics_make_no_more_queries(staff_client):
    counts = []
    staff_client.get(f"{AS_OF}/topics/")  # what Django asks once: content types, the time of the session
    for _ in range(2):
        factories.topic_edition()
        with CaptureQueriesContext(connection) as made:
            staff_client.get(f"{AS_OF}/topics/")
        counts.append(len(made))
    assert counts[0] == counts[1]


# --- Links ----------------------------------------------------------------------------------------------


def test_links_stay_in_that_moment(staff_client):
    topic = factories.topic_edition()
    html = staff_client.get(f"{AS_OF}/topics/").content.decode()
    assert f'href="{AS_OF}{topic.get_absolute_url()}"' in html
    away = [
        address
        for address in re.findall(r'<a\b[^>]* href="(/[^"]*)"', html)
        if not address.startswith((f"{AS_OF}/", "/admin/as-of/"))
    ]
    assert away == []
    assert re.search(r'id="quick-exit" href="https://', html)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<a href="/topics/">x</a>', '<a href="P/topics/">x</a>'),
        ('<a class="y" href="/">x</a>', '<a class="y" href="P/">x</a>'),
        ('<a href="/topics/a/?age=teen#b">', '<a href="P/topics/a/?age=teen#b">'),
        ('<form method="get" action="/finder/">', '<form method="get" action="P/finder/">'),
        ('<form method="post" action="/contacts/find/">', '<form method="post" action="/contacts/find/">'),
        ('<form action="/search/">', '<form action="/search/">'),
        ('<a href="/exit/">', '<a href="/exit/">'),
        ('<a href="//elsewhere.example/">', '<a href="//elsewhere.example/">'),
        ('<a href="https://elsewhere.example/">', '<a href="https://elsewhere.example/">'),
        ('<a href="#help">', '<a href="#help">'),
        ('<a href="?age=teen">', '<a href="?age=teen">'),
        ('<a href="/contacts.csv">', '<a href="/contacts.csv">'),
        ('<a href="/media/leaflet.pdf">', '<a href="/media/leaflet.pdf">'),
        ('<a href="/admin/as-of/">', '<a href="/admin/as-of/">'),
        ('<link rel="stylesheet" href="/static/css/site.css">', '<link rel="stylesheet" href="/static/css/site.css">'),
        ("<p>href=&quot;/topics/&quot;</p>", "<p>href=&quot;/topics/&quot;</p>"),
    ],
)
def test_addresses_that_lead_on(html, expected):
    assert stay(html, THEN) == expected.replace("P/", f"{AS_OF}/")


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("/topics/", f"{AS_OF}/topics/"),
        ("https://elsewhere.example/", "https://elsewhere.example/"),
        ("//elsewhere.example/", "//elsewhere.example/"),
    ],
)
def test_an_answer_that_sends_on_stays_in_that_moment(staff_client, monkeypatch, to, expected):
    monkeypatch.setattr(as_of, "_view", lambda address: lambda request: HttpResponseRedirect(to))
    assert staff_client.get(f"{AS_OF}/old/")["Location"] == expected


# --- What is no page ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["/contacts.csv", "/sitemap.xml", "/robots.txt", "/api/oruk/services", "/exit/", "/search/?q=x", "/feedback/",
     "/preview/1.x/", "/media/x.pdf", "/health/ready", "/leaving-no-trace/tried/"],
)  # fmt: skip
def test_files_feeds_forms_and_the_way_out_are_refused_in_words(staff_client, path):
    response = staff_client.get(AS_OF + path)
    assert response.status_code == 404
    assert "no page to read as of a day" in response.content.decode()


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/guidance/topicedition/", "/admin/as-of/", "/no/such/page/", "/topics/nothing/", "//x/"]
)
def test_editors_pages_and_unknown_ones_are_not_there(staff_client, path):
    response = staff_client.get(AS_OF + path)
    assert response.status_code == 404
    assert "as it stood on" in response.content.decode()


@pytest.mark.parametrize(
    "stamp", ["2026-02-30T1000", "2026-10-14T2460", "0001-01-01T0000", "9999-12-31T2359", "1999-12-31T2359", "today"]
)
def test_moment_that_is_none_is_not_found(staff_client, stamp):
    assert staff_client.get(f"/admin/as-of/{stamp}/").status_code == 404


# --- Choosing -------------------------------------------------------------------------------------------


def test_chooser_leads_to_the_moment(staff_client):
    asked = {"day": "2026-10-14", "time": "14:30", "page": "/topics/"}
    response = staff_client.get("/admin/as-of/", asked)
    assert (response.status_code, response["Location"]) == (302, f"{AS_OF}/topics/")
    response = staff_client.get("/admin/as-of/", {**asked, "page": ""})
    assert response["Location"] == f"{AS_OF}/"


@pytest.mark.parametrize(
    "wrong",
    [{"day": "x"}, {"day": "0001-01-01"}, {"day": "9999-12-31"}, {"time": ""}, {"time": "25:00"}, {"page": "a\0b"},
     {"page": "https://elsewhere.example/"}, {"page": "x" * 300}, {"page": "/topics/?a=b"}],
)  # fmt: skip
def test_chooser_says_what_is_wrong(staff_client, wrong):
    asked = {"day": "2026-10-14", "time": "14:30", "page": "/topics/", **wrong}
    response = staff_client.get("/admin/as-of/", asked)
    assert response.status_code == 200
    assert "Please correct" in response.content.decode()


@pytest.mark.parametrize("page", ["//elsewhere.example/", "/\\elsewhere.example", "\\\\elsewhere.example"])
def test_chooser_never_leads_away(staff_client, page):
    response = staff_client.get("/admin/as-of/", {"day": "2026-10-14", "time": "14:30", "page": page})
    assert response.status_code == 200 or response["Location"].startswith(f"{AS_OF}/")


def test_times_are_london_summer_and_winter(staff_client):
    topic = factories.topic_edition(publish_at=datetime(2026, 7, 1, 12, 0, tzinfo=UTC))
    page = topic.get_absolute_url()
    assert staff_client.get(f"/admin/as-of/2026-07-01T1259{page}").status_code == 404
    assert staff_client.get(f"/admin/as-of/2026-07-01T1300{page}").status_code == 200
