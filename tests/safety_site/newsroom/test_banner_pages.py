"""Emergency banners: who writes, approves and ends them, on the editors’ pages."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from safety_site.models import BannedPhrase, EmergencyBanner
from safety_site.newsroom_admin import what_is_approved
from tests import factories
from tests.reporting import factories as reporting
from tests.safety_site.newsroom.banner_rows import NOON, banner, page

pytestmark = pytest.mark.django_db

LIST = "/admin/safety_site/emergencybanner/"
WORDS = {"level": "warning", "words": "Take care.", "link": "", "link_words": "", "council": ""}
TIMES = {"starts_at_0": "2026-12-01", "starts_at_1": "12:00", "ends_at_0": "", "ends_at_1": ""}


def member(*actions: str):
    """A member of staff with these rights on banners."""
    user = factories.editor()
    user.user_permissions.set(Permission.objects.filter(codename__in=[f"{a}_emergencybanner" for a in actions]))
    return user


def address(row, kind: str) -> str:
    return reverse(f"admin:safety_site_emergencybanner_{kind}", args=[row.pk])


def seen(row) -> dict[str, str]:
    row.refresh_from_db()
    return {"seen": what_is_approved(row)}


def test_two_people_bring_a_banner_to_readers_and_one_ends_it(client, fresh_banners):
    reporting.authority("the-place")
    writer, approver = member("add", "change", "view"), member("view", "approve")
    client.force_login(writer)
    assert client.post(f"{LIST}add/", {**WORDS, **TIMES, "council": "the-place"}).status_code == 302
    row = EmergencyBanner.objects.get()
    assert (row.author, row.approved_by, row.council) == (writer, None, "the-place")
    assert row.starts_at == NOON  # London keeps Greenwich time in December
    assert client.post(address(row, "approve"), seen(row)).status_code == 403

    client.force_login(approver)
    EmergencyBanner.objects.update(starts_at=factories.PUBLISHED_AT)
    text = page(client, address(row, "change"))
    assert "Approve what was last saved" in text
    assert "End it now" not in text
    assert "Take care." not in page(client, "/contacts/the-place/")
    client.post(address(row, "approve"), seen(row))
    row.refresh_from_db()
    assert row.approved_by == approver
    assert "Take care." in page(client, "/contacts/the-place/")
    client.post(address(row, "end"))
    assert "Take care." not in page(client, "/contacts/the-place/")
    row.refresh_from_db()
    assert row.ends_at <= timezone.now()


def test_nobody_approves_their_own_words_whoever_began_them(client):
    both = member("add", "change", "view", "approve")
    row = banner(is_approved=False)
    client.force_login(both)
    times = {"starts_at_0": "2020-01-01", "starts_at_1": "00:00", "ends_at_0": "", "ends_at_1": ""}
    assert client.post(address(row, "change"), {**WORDS, **times}).status_code == 302
    row.refresh_from_db()
    assert row.author == both
    text = client.post(address(row, "approve"), seen(row), follow=True).content.decode()
    assert "A second person must approve a banner: you wrote this one." in text
    assert "Approve what was last saved" not in text
    row.refresh_from_db()
    assert row.approved_by is None


def test_words_changed_since_they_were_read_are_not_approved(client):
    row = banner(is_approved=False)
    form = seen(row)
    EmergencyBanner.objects.update(words="Other words.")
    client.force_login(member("view", "approve"))
    text = client.post(address(row, "approve"), form, follow=True).content.decode()
    assert "read it again" in text
    assert client.post(address(row, "approve")).status_code == 302  # a form without the sign
    row.refresh_from_db()
    assert row.approved_by is None


def test_banner_whose_time_is_over_is_not_approved(client):
    row = banner(is_approved=False, ends_at=factories.PUBLISHED_AT + timedelta(days=1))
    client.force_login(member("view", "approve"))
    assert "Its time is over" in client.post(address(row, "approve"), seen(row), follow=True).content.decode()
    row.refresh_from_db()
    assert row.approved_by is None


def test_approved_banner_is_final(client):
    row = banner("As approved")
    client.force_login(factories.editor(is_superuser=True))
    assert 'name="words"' not in page(client, address(row, "change"))
    assert client.post(address(row, "change"), {**WORDS, **TIMES}).status_code == 403
    assert client.post(address(row, "delete"), {"post": "yes"}).status_code == 403
    approver = row.approved_by
    client.post(address(row, "approve"), seen(row))
    row.refresh_from_db()
    assert (row.words, row.approved_by) == ("As approved", approver)


def test_banner_that_has_not_begun_is_called_off(client):
    row = banner(starts_at=timezone.now() + timedelta(days=1))
    client.force_login(member("view", "approve"))
    assert "Called off before it began" in client.post(address(row, "end"), follow=True).content.decode()
    row.refresh_from_db()
    assert (row.approved_by, row.approved_at) == (None, None)
    assert "nothing to end" in client.post(address(row, "end"), follow=True).content.decode()


def test_look_shows_the_banner_on_a_page_of_the_site(client):
    row = banner("Words to see", is_approved=False, level="danger")
    client.force_login(member("view"))
    response = client.get(address(row, "look"))
    text = response.content.decode()
    assert 'class="banner banner-danger"' in text
    assert "Words to see" in text
    assert 'id="quick-exit"' in text
    assert "<script data-to" not in text  # the policy of these pages knows no inline guard
    assert response["Cache-Control"].count("no-store") == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"words": ""}, "This field is required."),
        ({"words": "x" * 301}, "at most 300 characters"),
        ({"words": "No revenge porn."}, "is not for our pages"),
        ({"words": "a\0b"}, "Null characters are not allowed."),
        ({"link": "/no/such/", "link_words": "x"}, "No page of ours"),
        ({"link": "/talk/"}, "Its link starts with a slash"),
        ({"link": "https://a.example/", "link_words": "x"}, "Its link starts with a slash"),
        ({"link": "//a.example/", "link_words": "x"}, "Its link starts with a slash"),
        ({"council": "nowhere"}, "Select a valid choice"),
        ({"level": "panic"}, "Select a valid choice"),
        ({"ends_at_0": "2026-12-01", "ends_at_1": "11:00"}, "A banner ends after it starts."),
        ({"starts_at_0": "tomorrow"}, "Enter a valid date."),
    ],
)
def test_form_says_what_is_wrong(client, fields, said):
    BannedPhrase.objects.create(phrase="revenge porn", why="It blames.")
    client.force_login(member("add", "view", "change"))
    response = client.post(f"{LIST}add/", {**WORDS, **TIMES, **fields})
    assert response.status_code == 200
    assert said in response.content.decode()
    assert EmergencyBanner.objects.count() == 0


ROLES = {
    "stranger": None,
    "plain staff": (),
    "writer": ("add", "change", "view"),
    "onlooker": ("view",),
    "publisher": ("add", "change", "view", "approve"),
}
EXPECTED = {  # list, add, change, look, approve, end, delete
    "stranger": (302, 302, 302, 302, 302, 302, 302),
    "plain staff": (403, 403, 403, 403, 403, 403, 403),
    "writer": (200, 200, 200, 200, 403, 403, 403),
    "onlooker": (200, 403, 200, 200, 403, 403, 403),
    "publisher": (200, 200, 200, 200, 302, 302, 403),
}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_it_may(client, role):
    row = banner(is_approved=False)
    if ROLES[role] is not None:
        client.force_login(member(*ROLES[role]))
    answers = (
        client.get(LIST),
        client.get(f"{LIST}add/"),
        client.get(address(row, "change")),
        client.get(address(row, "look")),
        client.post(address(row, "approve"), seen(row)),
        client.post(address(row, "end")),
        client.post(address(row, "delete"), {"post": "yes"}),
    )
    assert tuple(answer.status_code for answer in answers) == EXPECTED[role]
    assert EmergencyBanner.objects.count() == 1


@pytest.mark.parametrize("key", ["999999", "9" * 30])
def test_banner_that_does_not_exist_is_404_to_who_may_and_403_to_others(client, key):
    client.force_login(member("view", "approve"))
    answers = [client.post(f"{LIST}{key}/{kind}/").status_code for kind in ("approve", "end")]
    assert [client.get(f"{LIST}{key}/look/").status_code, *answers] == [404, 404, 404]
    client.force_login(member())
    answers = [client.post(f"{LIST}{key}/{kind}/").status_code for kind in ("approve", "end")]
    assert [client.get(f"{LIST}{key}/look/").status_code, *answers] == [403, 403, 403]


def test_steps_need_a_post(client):
    row = banner(is_approved=False)
    client.force_login(factories.editor(is_superuser=True))
    assert [client.get(address(row, kind)).status_code for kind in ("approve", "end")] == [405, 405]


def test_banned_phrases_are_kept_by_who_may_and_never_deleted(client):
    row = BannedPhrase.objects.create(phrase="some words", why="They hurt.")
    base = "/admin/safety_site/bannedphrase/"
    client.force_login(factories.editor())
    assert client.get(base).status_code == 403
    client.force_login(factories.editor(is_superuser=True))
    assert [client.get(f"{base}{tail}").status_code for tail in ("", "add/", f"{row.pk}/change/")] == [200, 200, 200]
    assert client.post(f"{base}{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_box_for_the_words_cuts_nothing_off_and_too_many_are_refused_in_words(client):
    client.force_login(member("add", "view"))
    address = reverse("admin:safety_site_emergencybanner_add")
    form = page(client, address)
    assert "maxlength" not in form
    assert 'data-most="300"' in form
    assert "js/writing" in form
    sent = {"level": "danger", "words": "x" * 301, "starts_at_0": "2026-12-01", "starts_at_1": "12:00"}
    answer = client.post(address, sent).content.decode()
    assert "Ensure this value has at most 300 characters (it has 301)." in answer
    assert "x" * 301 in answer
    assert not EmergencyBanner.objects.exists()
