"""What waits for an editor: each list with what belongs on it and what does not, for whoever has the rights."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from safety_site.editions import copy_as_draft
from safety_site.models import AutoSave, EditionEvent, EmergencyBanner, LinkCheck, SuggestedChange
from tests import factories
from tests.reporting import factories as reporting
from tests.safety_site.newsroom.work import HARD, checked, draft, event, in_review, kind_of_links, person, rows, titles

pytestmark = pytest.mark.django_db

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
    SuggestedChange.objects.create(content_type=kind_of_links(), title="A link")
    SuggestedChange.objects.create(content_type=kind_of_links(), title="Refused", state="refused")
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


# --- Words that were kept ---------------------------------------------------------------------------------


def keep(user, edition=None, model: str = "guidance.topicedition", key: int = 0, page: str = "a") -> AutoSave:
    key = edition.pk if edition else key
    return AutoSave.objects.create(by=user, model=model, object_id=key, page=page)


def test_words_of_mine_that_were_kept_lead_to_their_form_once():
    user = person("writer")
    edition = factories.topic_edition(title="Grooming")
    keep(user, edition)
    keep(user, edition, page="b")
    keep(factories.editor(), draft(title="Theirs"))
    [row] = rows("kept", user)
    assert row.title == f"Grooming · edition {edition.number}"
    assert row.url == f"/admin/guidance/topicedition/{edition.pk}/change/"
    assert row.on == timezone.localdate()


def test_words_of_a_new_page_or_of_a_draft_that_is_gone_lead_to_the_page_for_a_new_one():
    user = person("writer")
    keep(user)
    keep(user, key=987_654)
    assert [row.url for row in rows("kept", user)] == ["/admin/guidance/topicedition/add/"]


def test_words_of_what_i_may_not_open_any_more_are_not_offered():
    user = person("contact checker")
    keep(user)
    keep(user, factories.topic_edition())
    keep(user, model="no.such")
    assert rows("kept", user) == []
