"""Links for reviewers: signed, for some days, revocable, and good for one edition only."""

from datetime import timedelta

import pytest
import time_machine
from django.core.signing import Signer
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from safety_site.editions import approve
from safety_site.models import PreviewLink
from safety_site.newsroom.preview_links import address_of, token_of
from tests import factories
from tests.reporting import factories as reporting
from tests.safety_site.newsroom.roles import logged_in, staff
from tests.safety_site.newsroom.test_preview import draft, page

pytestmark = pytest.mark.django_db


def link_to(edition, by=None, **fields) -> PreviewLink:
    values = {"for_whom": "Dr Shah", "expires_at": timezone.now() + timedelta(days=7), **fields}
    return PreviewLink.objects.create(about=edition, made_by=by or staff("writer"), **values)


def opened(client, link, **extra):
    return client.get(reverse("preview-by-link", args=[token_of(link)]), **extra)


# --- What a reviewer sees --------------------------------------------------------------------------------


def test_link_shows_its_edition_to_somebody_without_an_account(client):
    live = factories.topic_edition(title="Live words")
    response = opened(client, link_to(draft(thing=live.topic, title="Words to review")))
    html = response.content.decode()
    assert response.status_code == 200
    assert "Words to review" in html
    assert "Live words" not in html
    assert "Preview: readers do not see this." in html
    assert 'id="quick-exit"' in html


def test_link_is_kept_by_nobody(client):
    response = opened(client, link_to(draft()))
    assert response["Cache-Control"] == "no-store"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Frame-Options"] == "DENY"
    assert response.cookies == {}


def test_link_to_one_contact_among_many_leads_to_its_place(client):
    edition = reporting.contact_edition(state="draft", publish_at=None)
    assert f'href="#{edition.contact.slug}"' in opened(client, link_to(edition)).content.decode()


def test_link_is_never_framed(client):
    address = reverse("preview-by-link", args=[token_of(link_to(draft()))])
    assert "frame-ancestors 'none'" in client.get(f"{address}?framed=1")["Content-Security-Policy"]


def test_link_shows_nothing_else_that_is_not_live(client):
    mine, other = draft(title="Mine"), draft(title="Another draft")
    mine.related_topics.add(other.topic)
    assert "Another draft" not in opened(client, link_to(mine)).content.decode()


def test_link_goes_on_after_approval_with_the_same_edition(client):
    mine = draft(title="Approved words")
    link = link_to(mine)
    approve(mine, factories.editor())
    factories.topic_edition(mine.topic, title="Later words", publish_at=timezone.now() + timedelta(seconds=1))
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        html = opened(client, link).content.decode()
    assert "Approved words" in html
    assert "Later words" not in html


def test_head_is_answered_and_post_is_not(client):
    address = reverse("preview-by-link", args=[token_of(link_to(draft()))])
    assert client.head(address).status_code == 200
    assert client.post(address).status_code == 405


# --- Links that do not work ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "token",
    ["1", "1.", ".", "1.AAAA", "x" * 3_000, "1.\u2603", "1%00.a", "9999999999999999999999.x", "-1.x", "..", "1:abc"],
)
def test_forged_link_is_not_found(client, token):
    link_to(draft(title="Not for readers"))
    response = client.get(f"/preview/{token}/")
    assert response.status_code == 404
    assert b"Not for readers" not in response.content
    assert b'id="quick-exit"' in response.content


def test_signature_of_another_link_or_purpose_does_not_help(client):
    mine, other = link_to(draft()), link_to(draft())
    key, _, signature = token_of(mine).partition(".")
    for token in (
        f"{other.pk}.{signature}",
        f"{key}.{signature[:-1]}",
        Signer(sep=".").sign(key),
        f"{key}.{signature}A",
    ):
        assert client.get(f"/preview/{token}/").status_code == 404, token


def _expired(link):
    PreviewLink.objects.filter(pk=link.pk).update(expires_at=timezone.now())


def _revoked(link):
    PreviewLink.objects.filter(pk=link.pk).update(revoked_at=timezone.now())


def _edition_deleted(link):
    link.about.delete()


def _row_deleted(link):
    PreviewLink.objects.filter(pk=link.pk).delete()


def _maker_gone(link):
    link.made_by.is_active = False
    link.made_by.save()


def _maker_no_longer_staff(link):
    link.made_by.is_staff = False
    link.made_by.save()


def _maker_without_right(link):
    link.made_by.user_permissions.clear()


@pytest.mark.parametrize(
    "over",
    [_expired, _revoked, _edition_deleted, _row_deleted, _maker_gone, _maker_no_longer_staff, _maker_without_right],
)
def test_link_that_is_over_says_so(client, over):
    link = link_to(draft(title="Not for readers"))
    token = token_of(link)
    assert opened(client, link).status_code == 200
    over(link)
    response = client.get(f"/preview/{token}/")
    html = response.content.decode()
    assert response.status_code == 410
    assert "This link no longer works" in html
    assert "Not for readers" not in html
    assert 'id="quick-exit"' in html
    assert response["X-Robots-Tag"] == "noindex, nofollow"


def test_link_to_what_is_no_edition_shows_nothing(client):
    link = link_to(factories.useful_link(title="A link"), by=staff("administrator"))
    assert opened(client, link).status_code == 410


# --- Making and revoking ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("stranger", 302),
        ("stale session", 302),
        ("plain staff", 403),
        ("moderator", 403),
        ("contact checker", 403),
        ("onlooker", 403),
        ("writer", 302),
        ("publisher", 302),
        ("administrator", 302),
    ],
)
def test_who_may_make_a_link(client, role, status):
    edition = draft()
    user = logged_in(client, role)
    response = client.post(page(edition, "links"), {"link-for_whom": "Dr Shah", "link-days": "3"})
    assert response.status_code == status
    made = role in ("writer", "publisher", "administrator")
    assert PreviewLink.objects.filter(made_by=user).exists() == made
    assert response.get("Location", "").startswith("/admin/login/") == (role in ("stranger", "stale session"))
    if made:
        link = PreviewLink.objects.get()
        assert link.about == edition
        assert timedelta(days=3) - timedelta(minutes=5) < link.expires_at - timezone.now() <= timedelta(days=3)
        html = client.get(page(edition, "links")).content.decode()
        assert address_of(link) in html
        assert address_of(link).startswith("https://families.example/preview/")


@pytest.mark.parametrize(
    "typed",
    [
        {"link-for_whom": "", "link-days": "7"},
        {"link-for_whom": "x" * 121, "link-days": "7"},
        {"link-for_whom": "a\0b", "link-days": "7"},
        {"link-for_whom": "Dr Shah", "link-days": "0"},
        {"link-for_whom": "Dr Shah", "link-days": "31"},
        {"link-for_whom": "Dr Shah", "link-days": "9" * 400},
        {"link-for_whom": "Dr Shah", "link-days": "soon"},
        {"link-for_whom": "Dr Shah"},
    ],
)
def test_link_with_a_fault_is_not_made_and_keeps_what_was_typed(client, typed):
    logged_in(client, "writer")
    response = client.post(page(draft(), "links"), typed)
    assert response.status_code == 200
    assert "No link was made" in response.content.decode()
    if typed["link-for_whom"] == "Dr Shah":
        assert 'value="Dr Shah"' in response.content.decode()
    assert not PreviewLink.objects.exists()


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("stranger", 302),
        ("stale session", 302),
        ("plain staff", 403),
        ("moderator", 403),
        ("contact checker", 403),
        ("onlooker", 403),
        ("writer", 403),
        ("publisher", 302),
        ("administrator", 302),
    ],
)
def test_who_may_revoke_a_link_of_somebody_else(client, role, status):
    edition = draft()
    link = link_to(edition)
    user = logged_in(client, role)
    assert client.post(page(edition, "revoke", link.pk)).status_code == status
    link.refresh_from_db()
    ended = role in ("publisher", "administrator")
    assert (link.revoked_at is not None, link.revoked_by) == (ended, user if ended else None)
    assert opened(client, link).status_code == (410 if ended else 200)


def test_maker_revokes_a_link_once(client):
    edition = draft()
    link = link_to(edition, by=logged_in(client, "writer"))
    assert client.get(page(edition, "revoke", link.pk)).status_code == 405
    assert client.post(page(edition, "revoke", link.pk)).status_code == 302
    assert client.post(page(edition, "revoke", link.pk)).status_code == 404


def test_link_is_revoked_only_at_its_own_edition(client):
    logged_in(client, "administrator")
    link, other = link_to(draft()), draft()
    app = draft(factories.app_edition)
    for address in (page(other, "revoke", link.pk), page(app, "revoke", link.pk), page(other, "revoke", link.pk + 1)):
        assert client.post(address).status_code == 404
    link.refresh_from_db()
    assert link.revoked_at is None


def test_onlooker_sees_no_address(client):
    edition = draft()
    link = link_to(edition)
    logged_in(client, "onlooker")
    html = client.get(page(edition, "change")).content.decode()
    assert "Dr Shah" in html
    assert token_of(link) not in html


def test_form_is_refused_without_its_token():
    strict = Client(enforce_csrf_checks=True)
    logged_in(strict, "writer")
    assert strict.post(page(draft(), "links"), {"link-for_whom": "x", "link-days": "1"}).status_code == 403
