"""The edit screen: parts in reading order, faults with their places, where an edition stands."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from guidance.models import ConversationStarter, Section, TopicEdition
from reporting.models import ContactEdition
from safety_site.admin_editions import EditionAdmin
from safety_site.editions import EditionPart, copy_as_draft
from safety_site.models import EditionEvent
from safety_site.newsroom.parts import make_positions_distinct
from safety_site.newsroom.writing import standing
from tests import factories
from tests.reporting import factories as reporting
from tests.safety_site.newsroom.forms import form_data

pytestmark = pytest.mark.django_db

SCREENS = [page for page in admin.site._registry.values() if isinstance(page, EditionAdmin)]


@pytest.fixture
def writer(client):
    user = factories.editor(is_superuser=True)
    client.force_login(user)
    return user


def address_of(edition) -> str:
    return reverse(f"admin:{edition._meta.app_label}_{edition._meta.model_name}_change", args=[edition.pk])


def topic_draft(rows: int = 2, **fields) -> TopicEdition:
    edition = factories.topic_edition(state="draft", imported_from="", publish_at=None, **fields)
    factories.topic_parts(edition, rows, age_bands=factories.age_bands())
    return edition


# --- What stands on the screen ------------------------------------------------------------------------------


@pytest.mark.parametrize("page", SCREENS, ids=lambda page: page.model.__name__)
def test_screen_shows_every_part_and_every_field_of_the_page_once(page):
    parts = {
        relation.related_model
        for relation in page.model._meta.related_objects
        if issubclass(relation.related_model, EditionPart)
    }
    assert {piece.model for piece in page.inlines} == parts
    shown = [name for _title, options in page.get_fieldsets(None) for name in _flat(options["fields"])]
    assert len(shown) == len(set(shown))
    editable = {field.name for field in (*page.model._meta.fields, *page.model._meta.many_to_many) if field.editable}
    assert editable - set(shown) == {"id", "state"} - ({"id"} - editable)


def _flat(fields) -> list[str]:
    return [name for field in fields for name in ([field] if isinstance(field, str) else field)]


@pytest.mark.parametrize("page", SCREENS, ids=lambda page: page.model.__name__)
def test_every_kind_of_part_says_what_readers_see_of_it(page):
    assert all(piece.readers_see.endswith(".") for piece in page.inlines)


@pytest.mark.parametrize("page", SCREENS, ids=lambda page: page.model.__name__)
def test_help_and_labels_name_fields_that_exist(page):
    for piece in (page, *page.inlines):
        names = {field.name for field in (*piece.model._meta.fields, *piece.model._meta.many_to_many)}
        assert {*piece.help_texts, *piece.labels} <= names


def test_parts_stand_in_the_order_of_the_public_page(client, writer):
    response = client.get(address_of(topic_draft()))
    assert [piece["title"] for piece in response.context["screen_pieces"]] == [
        "At the top of the page", "who it is for", "sections", "did you know?", "words to begin with", "Get help now",
        "watch, listen, play, read", "Read next", "Checked", "Publishing", "Take the page down",
    ]  # fmt: skip
    page = response.content.decode()
    anchors = [page.index(f'id="{piece["anchor"]}"') for piece in response.context["screen_pieces"]]
    assert anchors == sorted(anchors)
    assert all(f'href="#{piece["anchor"]}"' in page for piece in response.context["screen_pieces"])


def test_page_for_a_new_edition_opens_with_its_parts(client, writer):
    page = client.get(reverse("admin:guidance_topicedition_add")).content.decode()
    assert "Readers see nothing of it until it is approved" in page
    assert 'id="sections-group"' in page


def test_number_of_queries_does_not_grow_with_the_parts(client, writer):
    def queries(edition) -> int:
        client.get(address_of(edition))
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address_of(edition)).status_code == 200
        return len(asked)

    assert queries(topic_draft(rows=1)) == queries(topic_draft(rows=3))

    def contact(numbers: int):
        edition = reporting.contact_edition(state="draft", imported_from="")
        for _number in range(numbers):
            reporting.phone(edition, rows=[(range(numbers), "09:00", "17:00")])
            reporting.way(edition)
        return edition

    assert queries(contact(1)) == queries(contact(3))

    def concern(slug: str, contacts: int):
        names = [reporting.contact() for _number in range(contacts)]
        edition = reporting.concern_edition(slug, contacts=names)
        type(edition).objects.filter(pk=edition.pk).update(state="draft")
        return edition

    few, many = concern("grooming", 1), concern("blackmail", 4)
    assert queries(few) == queries(many)


@pytest.mark.parametrize("who", ["stranger", "plain staff", "reader of drafts"])
def test_who_may_not_change_a_draft_cannot_save_it(client, who):
    draft = topic_draft(title="As it was")
    address = address_of(draft)
    expected = {"stranger": 302, "plain staff": 403, "reader of drafts": 200}[who]
    if who != "stranger":
        user = factories.editor()
        if who == "reader of drafts":
            _allow(user, "view_topicedition")
        client.force_login(user)
    response = client.get(address)
    assert response.status_code == expected
    if who == "reader of drafts":
        assert b'name="title"' not in response.content
    assert client.post(address, {"title": "Changed"}).status_code in (302, 403)
    draft.refresh_from_db()
    assert draft.title == "As it was"


def _allow(user, codename: str) -> None:
    user.user_permissions.add(Permission.objects.get(codename=codename))


# --- Order --------------------------------------------------------------------------------------------------


def test_positions_are_made_distinct_in_the_order_that_was_asked_for():
    edition = factories.topic_edition()
    for heading, position in (("C", 2), ("A", 1), ("B", 1)):
        Section.objects.create(edition=edition, heading=heading, body="<p>a</p>", position=position)
    make_positions_distinct(Section, edition)
    assert list(edition.sections.values_list("heading", "position")) == [("A", 1), ("B", 2), ("C", 3)]


def test_distinct_positions_are_left_alone():
    edition = factories.topic_edition()
    for position in (2, 5):
        Section.objects.create(edition=edition, heading="A part", body="<p>a</p>", position=position)
    make_positions_distinct(Section, edition)
    assert list(edition.sections.values_list("position", flat=True)) == [2, 5]


def test_order_that_is_typed_is_saved_and_comes_out_distinct(client, writer):
    draft = topic_draft(rows=3)
    data = form_data(client.get(address_of(draft)))
    first, second, third = draft.starters.values_list("pk", flat=True)
    response = client.post(address_of(draft), {**data, "starters-0-position": "3", "starters-1-position": "1"})
    assert response.status_code == 302, response.context["faults"]
    assert list(draft.starters.values_list("pk", "position")) == [(second, 1), (first, 2), (third, 3)]


def test_new_part_in_which_only_the_place_is_set_is_left_out(client, writer):
    draft = topic_draft(rows=1)
    data = form_data(client.get(address_of(draft)))
    count = ConversationStarter.objects.count()
    more = {"starters-TOTAL_FORMS": "2", "starters-1-position": "2", "starters-1-words": "", "starters-1-tip": ""}
    assert client.post(address_of(draft), {**data, **more}).status_code == 302
    assert ConversationStarter.objects.count() == count


# --- Faults -------------------------------------------------------------------------------------------------


def test_faults_are_counted_with_their_places_and_nothing_is_lost(client, writer):
    draft = topic_draft(rows=2)
    data = form_data(client.get(address_of(draft)))
    too_long = "long " * 30
    wrong = {
        "title": too_long,
        "sections-1-heading": "",
        "starters-0-words": "kept words",
        "facts-0-link": "http://a.b",
    }
    response = client.post(address_of(draft), {**data, **wrong})
    assert response.status_code == 200
    found = [(fault.where, fault.anchor) for fault in response.context["faults"]]
    assert found == [
        ("Title", "id_title"),
        ("Sections, 2: Heading", "id_sections-1-heading"),
        ("Did you know?, 1: Link", "id_facts-0-link"),
    ]
    page = response.content.decode()
    assert "3 things keep this from being saved" in page
    assert too_long.strip() in page
    assert "kept words" in page
    for _where, anchor in found:
        assert f'id="{anchor}"' in page


@pytest.mark.parametrize("name", ["title", "sections-0-body", "resources-0-transcript"])
def test_megabyte_is_refused_in_words_and_is_still_on_the_page(client, writer, name):
    draft = topic_draft(rows=1)
    data = form_data(client.get(address_of(draft)))
    response = client.post(address_of(draft), {**data, name: "<p>" + "long " * 200_000 + "end</p>"})
    assert response.status_code == 200
    [fault] = response.context["faults"]
    assert fault.anchor == f"id_{name}"
    assert "1000010" in fault.what
    assert "long end" in response.content.decode()


@pytest.mark.parametrize("name", ["title", "sections-0-heading", "sections-0-position", "starters-0-age_bands", "area"])
@pytest.mark.parametrize("value", ["\0", "a\0b", "9" * 30, "-1", "x" * 10_000])
def test_odd_values_are_answered_with_a_page(client, writer, name, value):
    draft = topic_draft(rows=1)
    data = form_data(client.get(address_of(draft)))
    assert client.post(address_of(draft), {**data, name: value}).status_code in (200, 302)


def test_no_box_cuts_off_what_is_pasted(client, writer):
    for edition in (topic_draft(), reporting.contact_edition(state="draft", imported_from="")):
        page = client.get(address_of(edition)).content.decode()
        assert "maxlength" not in page
        assert "data-most" in page
        assert 'name="words"' in page  # the panel beside the form has a box too


# --- Where an edition stands --------------------------------------------------------------------------------


def test_draft_beside_a_live_page_knows_what_readers_see():
    live = factories.topic_edition()
    draft = copy_as_draft(live)
    where = standing(draft)
    assert (where.in_force, where.is_in_force, where.was_overtaken, where.scheduled) == (live, False, False, [])
    assert standing(live).is_in_force


def test_draft_is_overtaken_when_a_newer_edition_goes_live_after_it_was_copied():
    live = factories.topic_edition()
    draft = copy_as_draft(live)
    newer = factories.topic_edition(live.topic, publish_at=timezone.now())
    assert standing(draft).was_overtaken
    assert standing(draft).in_force == newer
    assert not standing(copy_as_draft(newer)).was_overtaken
    assert not standing(newer).was_overtaken


def test_what_goes_live_later_is_named_soonest_first():
    live = factories.topic_edition()
    later = factories.topic_edition(live.topic, publish_at=timezone.now() + timedelta(days=9))
    sooner = factories.topic_edition(live.topic, publish_at=timezone.now() + timedelta(days=2))
    factories.topic_edition(publish_at=timezone.now() + timedelta(days=1))
    assert standing(live).scheduled == [sooner, later]


def test_panel_says_who_and_when_and_what_is_live(client, writer):
    live = factories.topic_edition()
    draft = copy_as_draft(live, writer)
    EditionEvent.objects.create(about=draft, kind="sent", by=writer, words="Look at <the> law.")
    factories.topic_edition(live.topic, publish_at=timezone.now())
    page = client.get(address_of(draft)).content.decode()
    for words in (
        "Edition 2", "Draft", f"by {writer.username}", "Sent for review", "“Look at &lt;the&gt; law.”", "Copied from",
        "Edition 3 went live after this draft was copied", f'href="{live.get_absolute_url()}"',
    ):  # fmt: skip
        assert words in page, words


def test_panel_of_a_page_that_was_taken_down_says_so(client, writer):
    live = factories.topic_edition()
    factories.withdrawal(live)
    assert "The page is taken down since" in client.get(address_of(live)).content.decode()


def test_panel_of_a_first_draft_says_that_readers_see_nothing(client, writer):
    draft = reporting.contact_edition(state="draft", imported_from="")
    assert ContactEdition.objects.live().count() == 0
    assert "Nothing yet: no edition is live" in client.get(address_of(draft)).content.decode()


# --- Forms that come back, and text that is only read -------------------------------------------------------


def count_of_starters(response) -> int:
    return next(piece["count"] for piece in response.context["screen_pieces"] if piece["anchor"] == "starters-group")


def test_counts_of_a_form_that_came_back_are_of_the_parts_that_stand_there(client, writer):
    draft = topic_draft(rows=2)
    page = client.get(address_of(draft))
    data = form_data(page)
    assert count_of_starters(page) == 2
    wrong = {
        "title": "",
        "starters-TOTAL_FORMS": "5",
        "starters-0-DELETE": "on",
        "starters-2-words": "One more",
        "starters-3-words": "And one",
        "starters-4-position": "5",  # nothing else: left out
    }
    response = client.post(address_of(draft), {**data, **wrong})
    assert response.status_code == 200
    assert count_of_starters(response) == 3
    assert '<span class="part-count">(3)</span>' in response.content.decode()


@pytest.mark.parametrize("has_file", [True, False])
def test_form_that_came_back_says_that_files_must_be_chosen_again(client, writer, has_file):
    draft = topic_draft(rows=1)
    data = form_data(client.get(address_of(draft)))
    files = {"resources-0-file": SimpleUploadedFile("a.pdf", b"%PDF-1.4")} if has_file else {}
    response = client.post(address_of(draft), {**data, "title": "", **files})
    assert ("Files must be chosen again" in response.content.decode()) == has_file


def test_form_of_a_live_edition_that_came_back_says_that_files_must_be_chosen_again(client, writer):
    live = factories.topic_edition()
    factories.topic_parts(live, 1, age_bands=factories.age_bands())
    data = form_data(client.get(address_of(live)))
    files = {"resources-0-file": SimpleUploadedFile("a.pdf", b"%PDF-1.4")}
    response = client.post(address_of(live), {**data, "title": "", **files})
    page = response.content.decode()
    assert "Files must be chosen again" in page
    assert "One thing keeps this from being saved" in page  # that it is held is no second one
    assert [fault.where for fault in response.context["faults"]] == ["Title"]


@pytest.mark.parametrize("state", ["in-review", "approved"])
def test_rich_text_that_may_only_be_read_is_shown_as_readers_see_it(client, state):
    edition = topic_draft(rows=2)
    body = '<p>One <strong>two</strong></p>\n<ul><li>Three</li></ul><script>alert(1)</script><p onclick="x()">4</p>'
    edition.sections.update(body=body)
    values = {"approved_by": factories.editor(), "publish_at": timezone.now()} if state == "approved" else {}
    TopicEdition.objects.filter(pk=edition.pk).update(state=state, **values)
    user = factories.editor()
    for model in ("topicedition", "section"):
        _allow(user, f"view_{model}")
    client.force_login(user)
    page = client.get(address_of(edition)).content.decode()
    assert page.count("<p>One <strong>two</strong></p> <ul><li>Three</li></ul><p>4</p>") == edition.sections.count() > 0
    assert "&lt;p&gt;" not in page
    assert "alert(1)" not in page
    with CaptureQueriesContext(connection) as few:
        client.get(address_of(edition))
    edition.sections.create(heading="More", body=body, position=9)
    with CaptureQueriesContext(connection) as more:
        client.get(address_of(edition))
    assert len(few) == len(more)


def test_contacts_of_a_worry_are_chosen_by_the_name_that_readers_know(client, writer):
    named = reporting.contact_edition(name="Childline").contact
    unseen = reporting.contact()
    edition = reporting.concern_edition("grooming", contacts=[named])
    type(edition).objects.filter(pk=edition.pk).update(state="draft")
    page = client.get(address_of(edition)).content.decode()
    assert f'<option value="{named.pk}" selected>Childline</option>' in page
    assert f'<option value="{unseen.pk}">{unseen.slug} (readers do not see it)</option>' in page
