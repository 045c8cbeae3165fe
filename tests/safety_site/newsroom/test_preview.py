"""Previews: readers' own pages, for staff who may view an edition, marked and kept by nobody."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpResponseRedirect
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from safety_site.admin_site import editors_policy
from safety_site.newsroom import showing
from safety_site.security_policy import public_policy
from tests import factories
from tests.reporting import factories as reporting
from tests.safety_site.newsroom.roles import logged_in

pytestmark = pytest.mark.django_db
NOBODY = 9_999_999_999_999_999_999_999
MADE = {"topic": factories.topic_edition, "profile": factories.app_edition, "guide": factories.control_edition}
ROLES = ("stranger", "stale session", "plain staff", "moderator", "contact checker", "onlooker", "writer", "publisher",
         "administrator")  # fmt: skip


def page(edition, kind: str, *args) -> str:
    opts = edition._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{kind}", args=[edition.pk, *args])


def draft(make=factories.topic_edition, thing=None, **fields):
    return make(thing, **{"state": "draft", "publish_at": None, "imported_from": "", **fields})


@pytest.fixture
def staff_client(client):
    logged_in(client, "administrator")
    return client


# --- Who may --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["preview", "widths", "compare"])
@pytest.mark.parametrize(
    ("role", "status"),
    list(zip(ROLES, (302, 302, 403, 403, 403, 200, 200, 200, 200), strict=True)),
)
def test_who_may_see_a_draft(client, role, status, kind):
    edition = draft(title="Not for readers")
    logged_in(client, role)
    response = client.get(page(edition, kind))
    assert response.status_code == status
    assert (b"Not for readers" in response.content) == (status == 200 and kind == "preview")
    if status == 302:
        assert "/login/" in response["Location"]


@pytest.mark.parametrize(("role", "status"), [("contact checker", 200), ("writer", 200), ("moderator", 403)])
def test_a_right_counts_for_its_own_kind_of_edition(client, role, status):
    logged_in(client, role)
    assert client.get(page(reporting.contact_edition(state="draft"), "preview")).status_code == status


@pytest.mark.parametrize("kind", ["preview", "widths", "compare", "links"])
def test_edition_that_does_not_exist_is_not_found(staff_client, kind):
    edition = draft()
    for key in (edition.pk + 1, 0, NOBODY):
        address = page(edition, kind).replace(f"/{edition.pk}/", f"/{key}/")
        assert staff_client.get(address).status_code == 404, address


@pytest.mark.parametrize("kind", ["preview", "widths", "compare"])
def test_pages_to_look_at_take_no_post(staff_client, kind):
    assert staff_client.post(page(draft(), kind)).status_code == 405


# --- What is shown --------------------------------------------------------------------------------------


@pytest.mark.parametrize("thing", MADE)
def test_draft_is_shown_on_the_page_of_its_thing(staff_client, thing):
    name = {"topic": "title", "profile": "name", "guide": "provider"}[thing]
    live = MADE[thing](**{name: "Words of today"})
    edition = draft(MADE[thing], live.thing, **{name: "Words of tomorrow"})
    shown = staff_client.get(page(edition, "preview")).content.decode()
    assert "Words of tomorrow" in shown
    assert "Words of today" not in shown
    assert "Preview: readers do not see this." in shown
    public = staff_client.get(live.get_absolute_url()).content.decode()
    assert "Words of today" in public
    assert "Words of tomorrow" not in public
    assert "Preview" not in public


def test_preview_is_the_readers_page_but_for_its_marks(staff_client):
    edition = factories.topic_edition()
    factories.topic_parts(edition)
    public = main_of(staff_client.get(edition.get_absolute_url()))
    assert main_of(staff_client.get(page(edition, "preview"))) == public


def main_of(response) -> str:
    """What stands in <main>, without what readers said."""
    html = response.content.decode()
    return html[html.index("<main") : html.index("</main>")].split('<div class="wrap say">')[0].strip()


@pytest.mark.parametrize("state", ["draft", "in-review", "scheduled", "old"])
def test_every_state_can_be_seen(staff_client, state):
    live = factories.topic_edition(title="Live")
    fields = {
        "draft": {"state": "draft", "publish_at": None},
        "in-review": {"state": "in-review", "publish_at": None},
        "scheduled": {"publish_at": timezone.now() + timedelta(days=1)},
        "old": {"publish_at": factories.PUBLISHED_AT - timedelta(days=1)},
    }[state]
    edition = factories.topic_edition(live.topic, title="The words in question", **fields)
    assert "The words in question" in staff_client.get(page(edition, "preview")).content.decode()
    assert "The words in question" not in staff_client.get(live.get_absolute_url()).content.decode()


def test_live_edition_says_that_readers_see_it(staff_client):
    shown = staff_client.get(page(factories.topic_edition(), "preview")).content.decode()
    assert "Preview: readers see this now." in shown


@pytest.mark.parametrize("leads_on", [False, True])
def test_withdrawal_shows_its_reason(staff_client, leads_on):
    live = factories.topic_edition()
    edition = draft(
        thing=live.topic, is_withdrawal=True, withdrawal_reason="It is out of date.", withdrawal_instead="/topics/",
        withdrawal_redirects=leads_on,
    )  # fmt: skip
    response = staff_client.get(page(edition, "preview"))
    assert response.status_code == 200
    assert "It is out of date." in response.content.decode()
    assert "readers do not see this" in response.content.decode()
    assert staff_client.get(live.get_absolute_url()).status_code == 200


def test_withdrawal_that_sends_readers_on_shows_its_reason_instead(staff_client, monkeypatch):
    edition = draft(is_withdrawal=True, withdrawal_reason="It is out of date.", withdrawal_instead="/topics/")
    monkeypatch.setattr(showing, "view_at", lambda path: lambda request: HttpResponseRedirect("/topics/"))
    response = staff_client.get(page(edition, "preview"))
    assert response.status_code == 200
    assert "It is out of date." in response.content.decode()
    assert "readers do not see this" in response.content.decode()


def test_concern_is_shown(staff_client):
    edition = reporting.concern_edition(title="A new worry", state="draft", publish_at=None)
    assert "A new worry" in staff_client.get(page(edition, "preview")).content.decode()
    assert staff_client.get(edition.get_absolute_url()).status_code == 404


def test_national_contact_is_shown_among_the_others(staff_client):
    edition = reporting.contact_edition(name="A new helpline", state="draft", publish_at=None)
    reporting.phone(edition, "01632 960077")
    assert "01632 960077" in staff_client.get(page(edition, "preview")).content.decode()
    assert b"01632 960077" not in staff_client.get("/contacts/national/").content
    for kind in ("change", "widths"):
        assert (
            f"/preview/{'?framed=1' * (kind == 'widths')}#{edition.contact.slug}"
            in staff_client.get(page(edition, kind)).content.decode()
        )


def test_contact_of_councils_is_shown_on_the_page_of_each(staff_client):
    places = [reporting.authority(name="First place"), reporting.authority(name="Second place")]
    edition = reporting.contact_edition(
        authorities=places, kind="front-door", name="New team", state="draft", publish_at=None
    )
    reporting.phone(edition, "01632 960078")
    names = []
    for on in (0, 1):
        shown = staff_client.get(f"{page(edition, 'preview')}?on={on}").content.decode()
        assert "01632 960078" in shown
        names.append(re.search("First place|Second place", shown)[0])
    assert sorted(names) == ["First place", "Second place"]
    for typed in ("2", "-1", "x", "1" * 40, "²"):
        assert staff_client.get(page(edition, "preview"), {"on": typed}).status_code == 404, typed
        assert staff_client.get(page(edition, "widths"), {"on": typed}).status_code in (200, 404), typed


def test_contact_without_any_council_says_so(staff_client):
    edition = reporting.contact_edition(state="draft", coverage="authorities")
    response = staff_client.get(page(edition, "preview"))
    assert response.status_code == 200
    assert "This stands on no page yet" in response.content.decode()


def test_answers_of_readers_are_not_taken_on_a_preview(staff_client):
    live = factories.topic_edition()
    assert 'action="/feedback/"' in staff_client.get(live.get_absolute_url()).content.decode()
    shown = staff_client.get(page(live, "preview")).content.decode()
    assert "/feedback/" not in shown
    assert [
        form for form in re.findall(r"<form[^>]*>", shown) if "post" in form and "/contacts/find/" not in form
    ] == []


def test_words_of_editors_are_escaped(staff_client):
    shown = staff_client.get(page(draft(title="<script>alert(1)</script>"), "preview")).content.decode()
    assert "<script>alert(1)" not in shown


def test_sitemap_knows_no_preview(staff_client):
    edition = draft()
    assert edition.topic.slug not in staff_client.get("/sitemap.xml").content.decode()


# --- Headers --------------------------------------------------------------------------------------------


def policy(response) -> dict[str, str]:
    return dict(part.split(" ", 1) for part in response["Content-Security-Policy"].split("; "))


def told(policy: dict[str, list[str]]) -> dict[str, str]:
    return {name: " ".join(sources) for name, sources in policy.items()}


def test_preview_has_the_headers_of_a_readers_page_and_more(staff_client):
    response = staff_client.get(page(draft(), "preview"))
    assert policy(response) == told(public_policy())
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"].startswith("noindex")
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "no-referrer"
    html = response.content.decode()
    assert 'id="quick-exit"' in html
    assert "data-ask" in html  # the guard


def test_framed_preview_may_stand_in_our_own_page_only(staff_client):
    response = staff_client.get(f"{page(draft(), 'preview')}?framed=1")
    assert policy(response) == told({**public_policy(), "frame-ancestors": ["'self'"]})
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    html = response.content.decode()
    assert '<base target="_top">' in html
    assert 'id="quick-exit"' in html


def test_page_of_widths_frames_three_previews(staff_client):
    edition = draft()
    response = staff_client.get(page(edition, "widths"))
    assert policy(response) == told({**editors_policy(), "frame-src": ["'self'"]})
    assert response["X-Frame-Options"] == "DENY"
    frames = re.findall(r'<iframe src="([^"]*)" title="([^"]*)"', response.content.decode())
    assert [address for address, _title in frames] == [f"{page(edition, 'preview')}?framed=1"] * 3
    assert [re.search(r"\d+", title)[0] for _address, title in frames] == ["360", "768", "1280"]


def test_other_pages_of_editors_frame_nothing(staff_client):
    response = staff_client.get(page(draft(), "change"))
    assert policy(response) == told(editors_policy())


def test_nobody_else_gets_the_framed_variant(client):
    assert "frame-ancestors 'none'" in client.get("/topics/?framed=1")["Content-Security-Policy"]


def test_preview_makes_as_many_queries_for_many_parts_as_for_one(staff_client):
    counts = []
    staff_client.get(page(draft(), "preview"))  # what Django asks once: content types, the time of the session
    for rows in (1, 3):
        edition = draft()
        factories.topic_parts(edition, rows)
        with CaptureQueriesContext(connection) as made:
            staff_client.get(page(edition, "preview"))
        counts.append(len(made))
    assert counts[0] == counts[1]


def test_edit_screen_leads_to_all_of_it(staff_client):
    edition = draft()
    html = staff_client.get(page(edition, "change")).content.decode()
    for kind in ("preview", "widths", "links"):
        assert page(edition, kind) in html
