"""What waits for an editor: each list with what belongs on it and what does not, for whoever has the rights."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from safety_site import work_list
from safety_site.editions import copy_as_draft
from safety_site.models import EditionEvent, EmergencyBanner, LinkCheck, SuggestedChange
from safety_site.work_desk import Desk
from tests import factories
from tests.reporting import factories as reporting

pytestmark = pytest.mark.django_db

EDITIONS = {
    "guidance": ["topicedition", "appprofileedition", "controlguideedition"],
    "reporting": ["contactedition", "concernedition"],
}
WRITES = [
    f"{app}.{action}_{model}"
    for app, models in EDITIONS.items()
    for model in models
    for action in ("add", "change", "view")
]
APPROVES = [
    "guidance.approve_topicedition", "guidance.approve_appprofileedition", "guidance.approve_controlguideedition",
    "reporting.approve_concernedition", "safety_site.approve_emergencybanner", "safety_site.approve_suggestedchange",
]  # fmt: skip
ROLES = {
    "staff": [],
    "writer": WRITES,
    "publisher": [*WRITES, *APPROVES],
    "contact checker": ["reporting.view_contactedition", "reporting.approve_contactedition"],
    "moderator": ["guidance.view_feedback", "guidance.change_feedback"],
}


def person(role: str = "publisher", **fields):
    """Somebody with the rights of a role; an administrator has all of them."""
    if role == "administrator":
        return factories.editor(is_superuser=True, **fields)
    user = factories.editor(**fields)
    rights = [right.split(".") for right in ROLES[role]]
    found = [Permission.objects.get(content_type__app_label=app, codename=name) for app, name in rights]
    user.user_permissions.set(found)
    return user


def titles(slug: str, user, only_mine: bool = False) -> list[str]:
    return [row.title for row in rows(slug, user, only_mine)]


def rows(slug: str, user, only_mine: bool = False) -> list[work_list.Row]:
    [about] = [each for each in work_list.LISTS if each.slug == slug]
    return list(about.rows(Desk(user, only_mine)))


def in_review(make=factories.topic_edition, **fields):
    return make(state="in-review", publish_at=None, imported_from="", **fields)


def draft(make=factories.topic_edition, **fields):
    return make(state="draft", publish_at=None, imported_from="", **fields)


def event(edition, kind: str, by, words: str = "", minutes: int = 0) -> EditionEvent:
    at = timezone.now() + timedelta(minutes=minutes)
    return EditionEvent.objects.create(about=edition, kind=kind, by=by, words=words, at=at)


# --- For me -----------------------------------------------------------------------------------------------


def test_what_is_in_review_waits_for_whoever_may_approve_it():
    in_review(title="Gaming", author=factories.editor(first_name="Sam", last_name="Okafor"))
    draft(title="Not sent")
    factories.topic_edition(title="Live")
    reviewed = rows("waiting", person())
    assert [(row.title, row.kind, row.what) for row in reviewed] == [
        ("Gaming · edition 1", "Topic", "In review, by Sam Okafor: approve it, or send it back.")
    ]
    assert titles("waiting", person("writer")) == []


def test_contact_waits_for_a_second_person_alone():
    author, changer, checker = person("contact checker"), person("contact checker"), person("contact checker")
    in_review(reporting.contact_edition, name="Helpline", author=author, changed_by=changer)
    assert titles("waiting", checker) == ["Helpline · edition 1"]
    assert titles("waiting", author) == titles("waiting", changer) == []
    assert titles("waiting", person("publisher")) == []


def test_own_text_that_is_no_contact_waits_for_its_author_too():
    publisher = person()
    in_review(title="Mine", author=publisher)
    assert titles("waiting", publisher) == ["Mine · edition 1"]


def test_what_was_sent_back_waits_for_author_and_sender_until_it_is_sent_again():
    author, sender, other = person("writer"), person("writer"), person("writer")
    edition = draft(title="Gaming", author=author)
    event(edition, "sent", sender)
    assert titles("waiting", author) == []
    event(edition, "sent-back", person(), "No year.", minutes=1)
    assert [row.what for row in rows("waiting", author)] == ["Sent back to you: “No year.”"]
    assert titles("waiting", sender) == ["Gaming · edition 1"]
    assert titles("waiting", other) == []
    assert titles("drafts", author) == []  # once is enough
    event(edition, "sent", author, minutes=2)
    assert titles("waiting", author) == []


def test_events_of_another_model_with_the_same_key_do_not_count():
    author = person("writer")
    topic = draft(title="Gaming", author=author)
    app = draft(factories.app_edition, name="App")
    EditionEvent.objects.create(about=app, kind="sent-back", by=author)
    EditionEvent.objects.update(object_id=topic.pk)
    assert titles("waiting", author) == []


def test_banners_and_suggestions_wait_for_whoever_decides():
    publisher = person()
    SuggestedChange.objects.create(content_type_id=1, title="A link")
    SuggestedChange.objects.create(content_type_id=1, title="Refused", state="refused")
    EmergencyBanner.objects.create(words="Ring 101.", author=factories.editor())
    EmergencyBanner.objects.create(words="My own.", author=publisher)
    EmergencyBanner.objects.create(words="Nobody's.")
    ended = {"starts_at": datetime(2026, 1, 1, tzinfo=UTC), "ends_at": datetime(2026, 1, 2, tzinfo=UTC)}
    EmergencyBanner.objects.create(words="Over.", **ended)
    EmergencyBanner.objects.create(words="Approved.", approved_by=publisher)
    assert sorted(titles("waiting", publisher)) == ["A link", "Nobody's.", "Ring 101."]
    assert titles("waiting", person("writer")) == []


def test_drafts_of_mine_are_those_that_i_began_or_changed_last():
    me = person("writer")
    draft(title="Begun", author=me)
    draft(title="Changed", author=factories.editor(), changed_by=me)
    draft(title="Theirs", author=factories.editor())
    in_review(title="Sent", author=me)
    factories.topic_edition(title="Live", author=me)
    assert sorted(titles("drafts", me)) == ["Begun · edition 1", "Changed · edition 1"]


def test_my_pages_are_the_live_ones_that_i_own():
    me = person("writer")
    mine, theirs, unpublished = (factories.topic_edition(title=title) for title in ("Mine", "Theirs", "Down"))
    for edition, owner in ((mine, me), (theirs, factories.editor()), (unpublished, me)):
        edition.topic.owner = owner
        edition.topic.save()
    factories.withdrawal(unpublished)
    assert titles("my-pages", me) == ["Mine"]


# --- Out of date ------------------------------------------------------------------------------------------


def checked(review_by: date) -> dict:
    return {"checked_on": date(2026, 1, 1), "checked_by": "us", "review_by": review_by}


def test_overdue_and_due_by_the_day(time_machine):
    time_machine.move_to(datetime(2026, 11, 22, 12, tzinfo=UTC))
    for title, review_by in (
        ("long ago", date(2026, 6, 1)), ("yesterday", date(2026, 11, 21)), ("today", date(2026, 11, 22)),
        ("in 30 days", date(2026, 12, 22)), ("in 31 days", date(2026, 12, 23)),
    ):  # fmt: skip
        factories.topic_edition(title=title, **checked(review_by))
    me = person("writer")
    assert [(row.title, row.what) for row in rows("overdue", me)] == [
        ("long ago", "Overdue for 174 days."), ("yesterday", "Overdue for 1 day."),
    ]  # fmt: skip
    assert [(row.title, row.what) for row in rows("review-due", me)] == [
        ("today", "Due today."), ("in 30 days", "Due in 30 days."),
    ]  # fmt: skip


def test_overdue_counts_what_is_live_and_nothing_else(time_machine):
    late = checked(date(2026, 6, 1))
    factories.topic_edition(title="Topic", **late)
    factories.app_edition(name="App", **late)
    factories.control_edition(provider="Control", **late)
    reporting.contact_edition(name="Contact", **late)
    reporting.concern_edition(title="Worry", **late)
    factories.useful_link(title="Link", **late)
    factories.shared_note(title="Note", **late)
    factories.old_name(name="Old", **late)
    factories.useful_link(title="Hidden", is_published=False, **late)
    draft(title="Draft", **late)
    replaced = factories.topic_edition(title="Replaced", **late)
    factories.topic_edition(replaced.topic, title="New", publish_at=datetime(2021, 1, 1, tzinfo=UTC))
    factories.topic_edition(title="Never checked", checked_on=None, checked_by="", review_by=None)
    everything = ["App", "Contact", "Control", "Link", "Note", "Old", "Topic", "Worry"]
    assert sorted(titles("overdue", person("administrator"))) == everything
    # A writer has rights on editions alone, a checker on contacts alone.
    assert sorted(titles("overdue", person("writer"))) == ["App", "Contact", "Control", "Topic", "Worry"]
    assert titles("overdue", person("contact checker")) == ["Contact"]


def test_overdue_page_says_that_a_new_edition_is_begun():
    edition = factories.topic_edition(**checked(date(2026, 6, 1)))
    copy_as_draft(edition)
    assert rows("overdue", person("writer"))[0].what.endswith(" A new edition is begun.")


def test_only_mine_leaves_the_pages_that_i_own():
    me = person("writer", first_name="Sam", last_name="Okafor")
    mine = factories.topic_edition(title="Mine", **checked(date(2026, 6, 1)))
    factories.topic_edition(title="Theirs", **checked(date(2026, 6, 1)))
    mine.topic.owner = me
    mine.topic.save()
    assert sorted(titles("overdue", me)) == ["Mine", "Theirs"]
    assert [(row.title, row.owner) for row in rows("overdue", me, only_mine=True)] == [("Mine", "Sam Okafor")]


def test_numbers_to_ring_are_those_never_rung_or_long_ago(time_machine):
    time_machine.move_to(datetime(2026, 11, 22, 12, tzinfo=UTC))

    def contact(name, days=None, how="rang", **fields):
        check = checked(date(2099, 1, 1)) | ({"checked_on": date(2026, 11, 22) - timedelta(days)} if days else {})
        edition = reporting.contact_edition(name=name, checked_how=how if days else "", **{**check, **fields})
        reporting.phone(edition, "01632 960001")
        return edition

    contact("Never")
    contact("Long ago", 91)
    contact("Lately", 90)
    contact("Read only", 1, "official-page")
    contact("Emergency", kind="emergency")
    contact("Closed", kind="closed")
    contact("Draft", state="draft", publish_at=None)
    reporting.contact_edition(name="Without a number")
    reporting.phone(reporting.contact_edition(name="Text only"), is_text=True)
    assert [(row.title, row.what) for row in rows("numbers", person("contact checker"))] == [
        ("Never", "01632 960001: never rung."),
        ("Read only", "01632 960001: never rung."),
        ("Long ago", "01632 960001: last rung 23 August 2026."),
    ]
    mine = contact("Mine")
    me = person("contact checker")
    mine.contact.owner = me
    mine.contact.save()
    assert titles("numbers", me, only_mine=True) == ["Mine"]


def test_broken_links_name_the_pages_that_readers_can_see():
    def check(url, state):
        LinkCheck.objects.create(url=url, state=state, reason="The page is gone (404).", checked_at=timezone.now())

    app = factories.app_edition(name="Chat", description='<p><a href="https://gone.example/">x</a></p>')
    factories.control_edition(provider="BT", official_page="https://gone.example/")
    factories.control_edition(provider="Sky", official_page="https://inside.example/")
    factories.control_edition(provider="EE", official_page="https://unsure.example/")
    draft(factories.control_edition, provider="Draft", official_page="https://gone.example/")
    check("https://gone.example/", "broken")
    check("https://inside.example/", "refused")
    check("https://unsure.example/", "unsure")
    check("https://nobody-names-it.example/", "broken")
    found = rows("broken-links", person("writer"))
    assert [(row.title, [place.title for place in row.places]) for row in found] == [
        ("https://gone.example/", ["App profile: Chat", "Control guide: BT"]),
        ("https://inside.example/", ["Control guide: Sky"]),
    ]
    assert found[0].places[0].url == f"/admin/guidance/appprofileedition/{app.pk}/change/"
    assert titles("broken-links", person("contact checker")) == []  # no rights on these pages


def test_page_that_names_what_closed_is_found_unless_it_explains_it():
    closed = factories.app_edition(
        name="Houseparty", status="closed", status_since="October 2021", summary="Houseparty was."
    )
    told = factories.topic_edition(title="Told", summary="Net Aware has closed.")
    named = factories.old_name(name="Net Aware", became="closed", now="The NSPCC closed it.")
    named.topics.add(told.topic)
    factories.old_name(name="Unsure Tool", became="unconfirmed")
    factories.old_name(name="Pace", became="renamed")
    factories.topic_edition(title="Joining in", summary="On Houseparty, strangers join.")
    factories.topic_edition(title="In small letters", summary="Look at HOUSEPARTY.")
    part = factories.topic_edition(title="In a section")
    factories.topic_parts(part, words="Ask Net Aware about it")
    factories.topic_edition(title="Not a whole word", summary="Houseparty2 and Subhouseparty are no names.")
    factories.topic_edition(title="Only a word", summary="Go at a slower pace.")
    factories.topic_edition(title="Explained", summary="The NSPCC page (formerly Net Aware) helps.")
    factories.topic_edition(title="Unsure", summary="Try Unsure Tool.")
    reporting.contact_edition(name="Closed contact", kind="closed", what_for="Net Aware is no more.")
    reporting.contact_edition(name="Renamed", old_names="Net Aware", what_for="It was Net Aware.")
    draft(title="Draft", summary="Houseparty is great.")
    found = rows("old-names", person("administrator"))
    assert [row.title for row in found] == ["In small letters", "Joining in", "In a section"]
    assert "“Houseparty” (closed October 2021). summary: …On Houseparty, strangers join.…" in found[1].what
    assert closed.name not in [row.title for row in found]


@pytest.mark.parametrize(("status", "found"), [("open", []), ("closed", ["Talk"])])
def test_app_is_a_dead_name_once_it_closed(status, found):
    factories.app_edition(name="Zaptalk", status=status, status_since="2025")
    factories.topic_edition(title="Talk", summary="Zaptalk is fun.")
    assert titles("old-names", person("writer")) == found


# --- Hard to use ------------------------------------------------------------------------------------------


def test_what_is_spoken_needs_words_to_read():
    edition = factories.topic_edition(title="Gaming")
    for number, (kind, transcript) in enumerate(
        [
            ("video", ""),
            ("animation", ""),
            ("podcast", ""),
            ("podcast", "They say hello."),
            ("website", ""),
            ("game", ""),
        ]
    ):
        edition.resources.create(
            kind=kind, transcript=transcript, title=f"{kind} {number}", provider="BBC", position=number
        )
    draft(title="Draft").resources.create(kind="video", title="Not live", provider="BBC")
    assert [row.what for row in rows("transcripts", person("writer"))] == [
        "Video: “video 0”, by BBC.", "Animation: “animation 1”, by BBC.", "Podcast: “podcast 2”, by BBC.",
    ]  # fmt: skip


HARD = (
    "<p>Notwithstanding considerable organisational heterogeneity, multidisciplinary safeguarding practitioners "
    "demonstrate increasingly sophisticated understandings of technologically facilitated exploitation.</p>"
)
EASY = "<p>Talk to your child. Ask what they like. Look at the game with them.</p>"


def test_hard_topics_for_families_are_found():
    for title, body, audiences, kind in (
        ("Hard", HARD, ["parents"], "text"), ("Easy", EASY, ["parents"], "text"), ("Law", HARD, ["parents"], "law"),
        ("For teachers", HARD, ["professionals"], "text"),
        ("For both", HARD, ["professionals", "young-people"], "text"),
    ):  # fmt: skip
        factories.topic_edition(title=title, audiences=audiences).sections.create(kind=kind, heading="x", body=body)
    factories.topic_edition(title="No words")
    found = rows("reading-age", person("writer"))
    assert sorted(row.title for row in found) == ["For both", "Hard"]
    assert found[0].what.startswith("Reading age about ")


def test_shipped_topics_can_be_read(shipped_content):
    assert titles("reading-age", person("writer")) == []


# --- Readers ----------------------------------------------------------------------------------------------


def test_feedback_that_tells_of_danger_is_a_list_of_its_own():
    factories.feedback("/a/", page_title="Urgent", is_urgent=True, concern="meeting", comment="My secret words")
    factories.feedback("/a/", page_title="Urgent spam", is_urgent=True, state="spam")
    factories.feedback("/a/", page_title="Urgent, decided", is_urgent=True, state="not-published")
    factories.feedback("/a/", page_title="Waiting")
    factories.feedback("/a/", page_title="Vote", state="vote", useful="yes")
    moderator = person("moderator")
    assert titles("urgent", moderator) == ["Urgent", "Urgent spam"]
    assert titles("feedback", moderator) == ["Urgent", "Waiting"]
    assert not any("secret" in str(row) for slug in ("urgent", "feedback") for row in rows(slug, moderator))


# --- Pages ------------------------------------------------------------------------------------------------


PAGES_LISTS = {"overdue", "review-due", "broken-links", "old-names", "my-pages"}
LISTS_OF = {
    "staff": set(),
    "writer": {*PAGES_LISTS, "waiting", "drafts", "numbers", "transcripts", "reading-age"},
    "publisher": {*PAGES_LISTS, "waiting", "drafts", "numbers", "transcripts", "reading-age"},
    "contact checker": {*PAGES_LISTS, "waiting", "numbers"},
    "moderator": {"urgent", "feedback"},
    "administrator": {each.slug for each in work_list.LISTS},
}


@pytest.mark.parametrize("role", LISTS_OF)
def test_each_role_gets_its_lists(client, role):
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


def something_on_every_list(user) -> None:
    topic = factories.topic_edition(summary="On Houseparty", **checked(date(2026, 6, 1)))
    topic.topic.owner = user
    topic.topic.save()
    factories.topic_parts(topic)
    topic.resources.create(kind="video", title="Film", provider="BBC")
    topic.sections.create(kind="text", heading="x", body=HARD)
    factories.app_edition(**checked(timezone.localdate() + timedelta(days=3)))
    reporting.phone(reporting.contact_edition())
    in_review()
    event(draft(author=user), "sent-back", factories.editor())
    draft(author=user)
    link = factories.useful_link()
    LinkCheck.objects.create(url=link.url, state="broken", checked_at=timezone.now())
    factories.feedback("/a/", is_urgent=True)
    SuggestedChange.objects.create(content_type_id=1, title="A link", author=factories.editor())
    EmergencyBanner.objects.create(words="Ring 101.", author=factories.editor())


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
    client.post(address, {"owner": owner.pk})
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
