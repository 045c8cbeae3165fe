"""Emergency banners: who writes, approves and ends them, and where and when readers see them."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from reporting.models import Outcode
from safety_site.banners import showing
from safety_site.models import BannedPhrase, EmergencyBanner
from safety_site.newsroom_admin import what_is_approved
from tests import factories
from tests.reporting import factories as reporting

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def banner(words: str = "Lock your doors.", **fields) -> EmergencyBanner:
    """A banner of the whole site, approved and showing since 2020."""
    author, approver = fields.pop("author", None) or factories.editor(), factories.editor()
    approved = {"approved_by": approver, "approved_at": factories.PUBLISHED_AT}
    if not fields.pop("is_approved", True):
        approved = {}
    values = {"words": words, "author": author, "starts_at": factories.PUBLISHED_AT, **approved, **fields}
    return EmergencyBanner.objects.create(**values)


def member(*actions: str):
    """A member of staff with these rights on banners."""
    user = factories.editor()
    user.user_permissions.set(Permission.objects.filter(codename__in=[f"{a}_emergencybanner" for a in actions]))
    return user


def page(client, address: str = "/about/") -> str:
    return client.get(address).content.decode()


# --- What readers see -------------------------------------------------------------------------------------


def test_banner_stands_below_the_exit_as_escaped_text(client, fresh_banners):
    banner("<b>Run</b> & hide", level="danger", link="/talk/", link_words="Talk <now>")
    text = page(client)
    assert "<strong>Danger: act now</strong> &lt;b&gt;Run&lt;/b&gt; &amp; hide" in text
    assert '<a href="/talk/">Talk &lt;now&gt;</a>' in text
    assert text.index('id="quick-exit"') < text.index('class="banners"') < text.index('class="masthead"')
    assert '<section class="banners" aria-label="Important now">' in text
    assert 'role="alert"' not in text


def test_page_without_a_banner_has_no_region(client, fresh_banners):
    assert "banners" not in page(client)


def test_most_urgent_comes_first_then_the_newest_and_three_at_most(fresh_banners):
    for hour, level in enumerate(["news", "warning", "danger", "warning", "news"]):
        banner(f"{level} {hour}", level=level, starts_at=factories.PUBLISHED_AT + timedelta(hours=hour))
    assert [each.words for each in showing()] == ["danger 2", "warning 3", "warning 1"]


def test_only_approved_banners_show(client, fresh_banners):
    banner("NOTYET", is_approved=False)
    assert "NOTYET" not in page(client)


def test_banner_begins_and_ends_on_the_second_without_reading_again(fresh_banners):
    banner(starts_at=NOON, ends_at=NOON + timedelta(hours=1))
    second = timedelta(seconds=1)
    with time_machine.travel(NOON - timedelta(days=1), tick=False):
        fresh_banners.keep(EmergencyBanner.objects.all())
    moments = [NOON - second, NOON, NOON + timedelta(hours=1) - second, NOON + timedelta(hours=1)]
    assert [len(showing(at=moment)) for moment in moments] == [0, 1, 1, 0]


def test_council_banner_shows_on_pages_of_the_council_and_of_its_districts_only(client, fresh_banners):
    county = reporting.authority("the-county", tier="county")
    reporting.authority("the-district", county=county)
    reporting.authority("elsewhere")
    banner("COUNTY WORDS", council="the-county")
    banner("DISTRICT WORDS", council="the-district")
    banner("SITE WORDS")
    pages = {
        "/contacts/the-county/": {"COUNTY", "SITE"},
        "/contacts/the-county/?matched=1": {"COUNTY", "SITE"},
        "/contacts/the-district/": {"COUNTY", "DISTRICT", "SITE"},
        "/contacts/elsewhere/": {"SITE"},
        "/contacts/the-county/card/": {"SITE"},
        "/contacts/the-county/poster/": {"SITE"},
        "/contacts/the-county/contact.vcf": set(),
        "/": {"SITE"},
        "/contacts/": {"SITE"},
    }
    found = {
        address: {word for word in ("COUNTY", "DISTRICT", "SITE") if f"{word} WORDS" in page(client, address)}
        for address in pages
    }
    assert found == pages


def test_answer_to_a_postcode_shows_the_banner_of_its_council(client, fresh_banners):
    council = reporting.authority("the-place")
    Outcode.objects.create(outcode="M1", authority=council, live_postcodes=5)
    banner("PLACE WORDS", council="the-place")
    answer = client.post("/contacts/find/", {"postcode": "M1 1AA"})
    assert (answer.status_code, "PLACE WORDS" in answer.content.decode()) == (200, True)
    led_on = client.post("/contacts/find/", {"postcode": "M1"})
    assert led_on.status_code == 303
    assert "PLACE WORDS" in page(client, led_on["Location"])
    elsewhere = client.post("/contacts/find/", {"postcode": "JE2 3AB"})
    assert "PLACE WORDS" not in elsewhere.content.decode()


def test_error_pages_have_no_banner_and_ask_no_database(client, fresh_banners):
    banner("SITE WORDS")
    client.raise_request_exception = False
    asked = {
        404: lambda: client.get("/no/such/page/"),
        400: lambda: client.get("/", headers={"host": "elsewhere.example"}),
        405: lambda: client.post("/about/"),
        414: lambda: client.get("/", {"q": "x" * 4_000}),
    }
    for status, ask in asked.items():
        with CaptureQueriesContext(connection) as queries:
            response = ask()
        assert (response.status_code, len(queries)) == (status, 0)
        assert "SITE WORDS" not in response.content.decode()


def refuse(*args):
    raise OperationalError("the database has gone away")


def test_page_is_shown_when_the_banners_cannot_be_read(client, fresh_banners):
    client.raise_request_exception = False
    with connection.execute_wrapper(refuse):
        assert client.get("/about/").status_code == 200
        assert client.get("/").status_code == 500  # its own rows
    fresh_banners.forget()
    banner("KNOWN BEFORE")
    assert "KNOWN BEFORE" in page(client)
    fresh_banners.keep(fresh_banners.rows(), seconds=-1)
    with connection.execute_wrapper(refuse):
        assert "KNOWN BEFORE" in page(client)


@pytest.mark.django_db(transaction=True)
def test_page_is_shown_when_the_table_is_not_there(client, fresh_banners):
    table = EmergencyBanner._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO put_aside")
    try:
        response = client.get("/privacy/")
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE put_aside RENAME TO {table}")
    assert response.status_code == 200


def test_banners_cost_one_query_in_two_seconds(client, fresh_banners):
    banner()
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as queries:
            page(client)
        counts.append(len(queries))
    assert counts == [1, 0, 0]
    fresh_banners.keep(fresh_banners.rows(), seconds=-1)
    with CaptureQueriesContext(connection) as queries:
        page(client)
    assert len(queries) == 1


def test_failing_database_is_not_asked_on_every_page(client, fresh_banners):
    asked = []

    def count_and_refuse(*args):
        asked.append(1)
        refuse()

    with connection.execute_wrapper(count_and_refuse):
        for _ in range(3):
            assert client.get("/about/").status_code == 200
    assert len(asked) == 1


# --- What the database holds ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "good"),
    [
        ({}, True),
        ({"ends_at": factories.PUBLISHED_AT + timedelta(hours=1)}, True),
        ({"ends_at": factories.PUBLISHED_AT}, False),
        ({"link": "/talk/", "link_words": "Talk"}, True),
        ({"link": "/talk/"}, False),
        ({"link": "//a.example/", "link_words": "Away"}, False),
        ({"link": "https://a.example/", "link_words": "Away"}, False),
    ],
)
def test_database_holds_the_rules(fields, good):
    if good:
        assert banner(**fields).pk
    else:
        with pytest.raises(IntegrityError), transaction.atomic():
            banner(**fields)


def test_author_is_never_the_approver():
    author = factories.editor()
    with pytest.raises(IntegrityError), transaction.atomic():
        banner(author=author, approved_by=author)


# --- The editors' pages -----------------------------------------------------------------------------------

LIST = "/admin/safety_site/emergencybanner/"
WORDS = {"level": "warning", "words": "Take care.", "link": "", "link_words": "", "council": ""}
TIMES = {"starts_at_0": "2026-12-01", "starts_at_1": "12:00", "ends_at_0": "", "ends_at_1": ""}


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
