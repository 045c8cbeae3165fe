"""Pages that moved: their old addresses lead on, in one step, for ever."""

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from guidance.models import AppProfile, Feedback, Section, Topic, TopicEdition
from reporting.models import ReportingContact
from safety_site.management.commands.load_content import load_missing
from safety_site.models import FormerSlug, SearchEntry
from safety_site.search_index import index_edition
from tests import factories
from tests.reporting import factories as directory

pytestmark = pytest.mark.django_db

MAKE = {
    "topic": (factories.topic_edition, "topic", "guidance:topic"),
    "appprofile": (factories.app_edition, "profile", "guidance:app"),
    "controlguide": (factories.control_edition, "guide", "guidance:control"),
}


def give_slug(client, thing, slug: str):
    name = f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change"
    return client.post(reverse(name, args=[thing.pk]), {"slug": slug, "owner": ""})


@pytest.fixture
def publisher(client):
    user = factories.member("publisher")
    client.force_login(user)
    return user


@pytest.mark.parametrize("kind", MAKE)
def test_old_address_leads_to_the_new_one_in_one_step(client, publisher, kind):
    make, thing_field, view = MAKE[kind]
    thing = getattr(make(), thing_field)
    first = thing.slug
    for slug in ("second", "third", "fourth"):
        assert give_slug(client, thing, slug).status_code == 302
    for old in (first, "second", "third"):
        response = client.get(reverse(view, args=[old]) + "?age=teen&a=b")
        assert (response.status_code, response["Location"]) == (301, reverse(view, args=["fourth"]) + "?age=teen&a=b")
    assert client.get(reverse(view, args=["fourth"])).status_code == 200
    assert client.get(reverse(view, args=["never"])).status_code == 404
    assert {row.changed_by for row in FormerSlug.objects.all()} == {publisher}


def test_sub_page_leads_to_the_sub_page(client, publisher):
    topic = factories.topic_edition(factories.topic("before")).topic
    give_slug(client, topic, "after")
    response = client.get("/topics/before/handout/?council=essex")
    assert (response.status_code, response["Location"]) == (301, "/topics/after/handout/?council=essex")


def test_going_back_to_an_old_slug_leaves_no_loop(client, publisher):
    topic = factories.topic_edition(factories.topic("first")).topic
    give_slug(client, topic, "second")
    give_slug(client, topic, "first")
    assert list(FormerSlug.objects.values_list("slug", flat=True)) == ["second"]
    assert client.get("/topics/first/").status_code == 200
    assert client.get("/topics/second/")["Location"] == "/topics/first/"


def test_nobody_takes_a_former_slug_of_another_thing(client, publisher):
    moved, other = factories.topic("first"), factories.topic("other")
    give_slug(client, moved, "second")
    with pytest.raises(ValidationError, match="leads to a page that was renamed"):
        Topic(slug="first").full_clean()
    response = give_slug(client, other, "first")
    assert "leads to a page that was renamed" in response.content.decode()
    other.refresh_from_db()
    assert other.slug == "other"
    AppProfile(slug="first").full_clean()  # another kind of page has another address


def test_address_of_another_page_is_refused(client, publisher):
    assert "already" in give_slug(client, factories.topic(), factories.topic("taken").slug).content.decode()
    assert "choose another" in give_slug(client, factories.app_profile(), "compare").content.decode()
    assert FormerSlug.objects.count() == 0


def test_withdrawn_page_that_moved_still_says_why(client, publisher):
    edition = factories.topic_edition(factories.topic("before"))
    factories.withdrawal(edition, reason="It is over.")
    give_slug(client, edition.topic, "after")
    response = client.get("/topics/before/", follow=True)
    assert (response.redirect_chain, response.status_code) == ([("/topics/after/", 301)], 410)


def test_search_finds_the_new_address(client, publisher):
    edition = factories.topic_edition(factories.topic("before"))
    index_edition(edition)
    give_slug(client, edition.topic, "after")
    assert list(SearchEntry.objects.values_list("url", flat=True)) == ["/topics/after/"]


def test_what_readers_said_goes_with_the_page(client, publisher):
    edition = factories.topic_edition(factories.topic("before"))
    factories.feedback("/topics/before/", public_words="It helped.")
    factories.closed_comments("/topics/before/")
    give_slug(client, edition.topic, "after")
    assert Feedback.objects.get().path == "/topics/after/"
    assert "It helped." in client.get("/topics/after/").content.decode()


def test_found_page_asks_nothing_of_former_slugs(client):
    edition = factories.topic_edition()
    with CaptureQueriesContext(connection) as asked:
        client.get(edition.get_absolute_url())
    assert not [query for query in asked.captured_queries if "formerslug" in query["sql"]]


def test_shipped_content_does_not_bring_the_old_page_back(client, publisher, tmp_path: Path):
    (tmp_path / "topic.yaml").write_text(
        """
- model: guidance.topic
  fields: {slug: before}
- model: guidance.topicedition
  fields:
    topic: [before]
    number: 1
    state: approved
    publish_at: 2026-01-01T00:00:00Z
    imported_from: "a test"
    title: A title
    summary: A summary
    area: risk
- model: guidance.section
  fields: {edition: [before, en-GB, 1], position: 1, kind: text, heading: One, body: "<p>One</p>"}
"""
    )
    assert load_missing(tmp_path) == (3, 0, [])
    topic = Topic.objects.get()
    assert give_slug(client, topic, "after").status_code == 302
    assert load_missing(tmp_path) == (0, 3, [])
    assert (Topic.objects.get().slug, TopicEdition.objects.count(), Section.objects.count()) == ("after", 1, 1)
    # What comes new in a later version of the site goes to the renamed page.
    Section.objects.all().delete()
    assert load_missing(tmp_path) == (1, 2, [])
    assert Section.objects.get().edition.topic == topic


def test_slug_of_a_worry_is_a_word_of_the_code(client, publisher):
    concern = directory.concern_edition("grooming").concern
    give_slug(client, concern, "something-else")
    concern.refresh_from_db()
    assert concern.slug == "grooming"


ROLES = {"plain": 403, "writer": 403, "publisher": 302, "contact checker": 403, "moderator": 403, "administrator": 302}


@pytest.mark.parametrize("role", ROLES)
def test_slug_is_changed_by_some_roles(client, role):
    client.force_login(factories.editor() if role == "plain" else factories.member(role))
    for thing in (factories.topic(), directory.contact()):
        assert give_slug(client, thing, "after").status_code == ROLES[role]
    assert FormerSlug.objects.count() == (2 if ROLES[role] == 302 else 0)
    assert ReportingContact.objects.filter(slug="after").exists() == (ROLES[role] == 302)


@pytest.mark.parametrize("slug", ["", "a b", "a/b", "é", "x" * 81, "nul\x00", "x" * 10_000])
def test_slug_that_is_none_is_refused_in_words(client, publisher, slug):
    topic = factories.topic("before")
    response = give_slug(client, topic, slug)
    assert response.status_code == 200
    topic.refresh_from_db()
    assert topic.slug == "before"
