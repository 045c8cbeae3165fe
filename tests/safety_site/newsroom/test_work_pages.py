"""The pages of the work list: who gets which, what they show, the same as CSV, and how often they ask the database."""

import csv
import io
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from safety_site import work_list
from safety_site.mirror.folder import Contents, Folder
from safety_site.models import LinkCheck
from safety_site.work_desk import Desk
from tests import factories
from tests.safety_site.newsroom.work import (
    checked,
    person,
    something_on_every_list,
    titles,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mirror_is_wanted(settings, tmp_path):
    """And there is none yet, so that its list has a row."""
    settings.MIRROR_DIR = str(tmp_path / "mirror")


PAGES_LISTS = {"overdue", "review-due", "broken-links", "old-names", "my-pages"}
LISTS_OF = {
    "staff": set(),
    "writer": {*PAGES_LISTS, "waiting", "drafts", "kept", "numbers", "transcripts", "reading-age"},
    "publisher": {*PAGES_LISTS, "waiting", "drafts", "kept", "numbers", "transcripts", "reading-age", "mirror"},
    "contact checker": {*PAGES_LISTS, "waiting", "numbers"},
    "moderator": {"urgent", "feedback"},
    "administrator": {each.slug for each in work_list.LISTS},
}


@pytest.mark.parametrize("role", LISTS_OF)
def test_each_role_gets_its_lists(client, role, settings):
    folder, now = Folder(settings.MIRROR_DIR), timezone.now()
    with folder.locked():
        folder.show(folder.begin(now), Contents(now, made_from="", files=[]))
    client.force_login(person(role))
    front = client.get("/admin/").content.decode()
    for about in work_list.LISTS:
        expected = 200 if about.slug in LISTS_OF[role] else 403
        page, table = reverse("admin:work-list", args=[about.slug]), reverse("admin:work-list-csv", args=[about.slug])
        assert [client.get(page).status_code, client.get(table).status_code] == [expected, expected], about.slug
        assert (about.nothing in front) == (expected == 200), about.slug


@pytest.mark.parametrize("user", [None, {"is_staff": False}, {"is_active": False}])
def test_stranger_gets_no_list(client, user):
    if user is not None:
        client.force_login(factories.editor(**user))
    for about in work_list.LISTS:
        for name in ("admin:work-list", "admin:work-list-csv"):
            answer = client.get(reverse(name, args=[about.slug]))
            assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/")


def test_list_that_does_not_exist_is_not_found(client):
    client.force_login(person("administrator"))
    assert client.get("/admin/work/nonsense/").status_code == 404
    assert client.get("/admin/work/nonsense.csv").status_code == 404
    assert client.post("/admin/work/overdue/").status_code == 405


def test_front_page_counts_and_links_and_says_what_is_done(client):
    factories.topic_edition(title="Late", **checked(date(2026, 6, 1)))
    factories.feedback("/a/", is_urgent=True)
    client.force_login(person("administrator"))
    page = client.get("/admin/").content.decode()
    assert '<a class="work-count" href="/admin/work/overdue/"><span class="work-number">1</span>' in page
    assert page.index("A child may be in danger") < page.index("Overdue for review")
    assert "Nothing waits for your decision." in page
    assert "Topic editions" in page  # Django's own list stays below
    mine = client.get("/admin/?mine=1").content.decode()
    assert "Every page was reviewed in time." in mine
    assert 'href="/admin/work/urgent/?mine=1"' in mine


def test_front_page_without_any_work_is_kind(client):
    client.force_login(person("moderator"))
    assert "All done. Nothing needs you now." in client.get("/admin/").content.decode()


def test_list_says_what_to_do_and_links_to_each_page(client):
    edition = factories.topic_edition(title="Late <b>", **checked(date(2026, 6, 1)))
    client.force_login(person("writer"))
    page = client.get("/admin/work/overdue/").content.decode()
    assert f'<a href="/admin/guidance/topicedition/{edition.pk}/change/">Late &lt;b&gt;</a>' in page
    assert "Read the page against its sources." in page
    assert "1 Jun 2026" in page


def test_empty_list_says_so(client):
    client.force_login(person("writer"))
    page = client.get("/admin/work/overdue/").content.decode()
    assert "Every page was reviewed in time." in page
    assert "CSV" not in page


def test_list_has_fifty_rows_to_a_page(client):
    for number in range(51):
        factories.feedback("/a/", page_title=f"Page {number}")
    client.force_login(person("moderator"))

    def count(question):
        return client.get(f"/admin/work/feedback/{question}").content.decode().count('<th scope="row">')

    assert [count(question) for question in ("", "?p=2", "?p=99", "?p=0", "?p=x", "?p=%00", "?p=" + "9" * 300)] == [
        50, 1, 1, 1, 50, 50, 1,
    ]  # fmt: skip
    assert "Page 1 of 2" in client.get("/admin/work/feedback/").content.decode()


def test_csv_has_every_row_and_no_formula(client):
    wild = ["=1+1", "+44 20", "-2", "@SUM(A1)", "\t=1", "\r=1", "plain, “quoted” and\nbroken"]
    for title in wild:
        factories.topic_edition(title=title, **checked(date(2026, 6, 1)))
    client.force_login(person("writer"))
    answer = client.get("/admin/work/overdue.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="overdue-')
    text = answer.content.decode()
    assert text.startswith("\ufeff")
    header, *found = csv.reader(io.StringIO(text[1:]))
    assert header == ["list", "kind", "title", "what", "owner", "date", "pages", "address"]
    assert sorted(row[2] for row in found) == sorted(
        ["'=1+1", "'+44 20", "'-2", "'@SUM(A1)", "'=1", "'=1", "plain, “quoted” and broken"]
    )
    assert {row[5] for row in found} == {"2026-06-01"}
    assert all(row[7].startswith("http://testserver/admin/guidance/topicedition/") for row in found)
    assert not any(cell[:1] in tuple("=+-@\t\r") for row in found for cell in row)


def test_csv_has_only_mine_where_that_was_asked(client):
    factories.topic_edition(title="Theirs", **checked(date(2026, 6, 1)))
    client.force_login(person("writer"))
    assert client.get("/admin/work/overdue.csv").content.decode().count("\n") == 2
    assert client.get("/admin/work/overdue.csv?mine=1").content.decode().count("\n") == 1


@pytest.mark.parametrize("role", ["administrator", "publisher"])
def test_front_page_asks_the_database_as_often_for_three_rows_as_for_one(
    client, role, django_assert_num_queries, django_assert_max_num_queries
):
    user = person(role)
    client.force_login(user)
    factories.app_edition(name="Houseparty", status="closed", status_since="2021")
    something_on_every_list(user)
    client.get("/admin/")  # what this process remembers of the words of editions
    with django_assert_max_num_queries(25) as first:
        counts = client.get("/admin/").context["work_now"]
    count = len(first)
    assert role == "publisher" or len(counts) == len(work_list.LISTS)
    something_on_every_list(user)
    something_on_every_list(user)
    client.get("/admin/")
    with django_assert_num_queries(count):
        client.get("/admin/")


@pytest.mark.parametrize("slug", [each.slug for each in work_list.LISTS])
def test_list_asks_the_database_as_often_for_three_rows_as_for_one(client, slug, django_assert_num_queries):
    user = person("administrator")
    client.force_login(user)
    factories.app_edition(name="Houseparty", status="closed", status_since="2021")
    address = reverse("admin:work-list", args=[slug])
    something_on_every_list(user)
    client.get(address)
    with CaptureQueriesContext(connection) as first:
        client.get(address)
    count = len(first)  # the next request empties the log
    something_on_every_list(user)
    something_on_every_list(user)
    client.get(address)
    with django_assert_num_queries(count):
        assert client.get(address).status_code == 200


def test_words_of_an_edition_are_read_once(django_assert_num_queries):
    factories.topic_edition(title="Talk", summary="Zaptalk is fun.")
    factories.app_edition(name="Zaptalk", status="closed", status_since="2025")
    me = person("writer")
    assert titles("old-names", me) == ["Talk"]
    desk = Desk(me)
    desk.pages  # noqa: B018 - read before the count begins
    with django_assert_num_queries(0):
        assert len(desk.words) == 2


def test_words_of_a_row_are_read_anew():
    link = factories.useful_link(title="Link", description="Ask Houseparty.")
    factories.app_edition(name="Houseparty", status="closed", status_since="2021")
    me = person("administrator")
    assert titles("old-names", me) == ["Link"]
    link.description = "Ask somebody."
    link.save()
    assert titles("old-names", me) == []


# --- Owners and links in the admin ------------------------------------------------------------------------


def test_owner_is_set_on_the_thing_and_is_somebody_who_may_log_in(client):
    client.force_login(person("administrator"))
    topic = factories.topic_edition().topic
    owner = factories.editor(username="sam")
    factories.editor(username="left", is_active=False)
    factories.editor(username="reader", is_staff=False)
    address = reverse("admin:guidance_topic_change", args=[topic.pk])
    page = client.get(address).content.decode()
    assert ">sam<" in page
    assert ">left<" not in page
    assert ">reader<" not in page
    assert client.post(address, {"slug": topic.slug, "owner": owner.pk}).status_code == 302
    topic.refresh_from_db()
    assert topic.owner == owner
    assert "sam" in client.get(reverse("admin:guidance_topic_changelist")).content.decode()


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("staff", 403),
        ("moderator", 403),
        ("writer", 200),
        ("publisher", 200),
        ("contact checker", 200),
        ("administrator", 200),
    ],
)
def test_link_checks_are_looked_at_and_never_changed(client, role, status):
    client.force_login(person(role))
    control = factories.control_edition(provider="BT", official_page="https://a.example/")
    check = LinkCheck.objects.create(
        url="https://a.example/", state="works", leads_to="https://b.example/", checked_at=timezone.now()
    )
    change = reverse("admin:safety_site_linkcheck_change", args=[check.pk])
    assert client.get(reverse("admin:safety_site_linkcheck_changelist")).status_code == status
    assert client.get(reverse("admin:safety_site_linkcheck_changelist") + "?moved=yes").status_code == status
    assert client.get(change).status_code == status
    if status == 200:
        assert f"/admin/guidance/controlguideedition/{control.pk}/change/" in client.get(change).content.decode()
    assert client.post(change, {"state": "broken"}).status_code == 403
    assert client.get(reverse("admin:safety_site_linkcheck_add")).status_code == 403
    assert (
        client.post(reverse("admin:safety_site_linkcheck_delete", args=[check.pk]), {"post": "yes"}).status_code == 403
    )
