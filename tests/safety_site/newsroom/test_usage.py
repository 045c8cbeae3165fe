"""Where a thing is used: what names it, links to its page or leads to the same address."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from guidance.models import Resource, Section
from safety_site.models import EmergencyBanner
from safety_site.newsroom.usage import used_in
from tests import factories
from tests.reporting import factories as reporting

pytestmark = pytest.mark.django_db


def told(thing) -> list[tuple[str, str, str]]:
    return [(use.title, use.how, use.state) for use in used_in(thing)]


def test_thing_that_nothing_names_has_no_uses():
    edition = factories.topic_edition()
    Section.objects.create(edition=edition, heading="Own", body=f'<a href="{edition.get_absolute_url()}">Me</a>')
    assert used_in(edition.topic) == used_in(edition) == []
    assert used_in(type(edition.topic)(slug="not-saved")) == []


def test_topic_knows_who_names_it_live_ones_first():
    topic = factories.topic_edition().topic
    other = factories.topic("other")
    rows = {
        "Was here once": {"number": 1},
        "Live": {"publish_at": timezone.now() - timedelta(days=1)},
        "To come": {"publish_at": timezone.now() + timedelta(days=400)},
        "A draft": {"state": "draft", "publish_at": None},
    }
    for title, fields in rows.items():
        factories.topic_edition(other, title=title, **fields).related_topics.add(topic)
    later = timezone.localtime(rows["To come"]["publish_at"])
    assert told(topic) == [
        ("Live", "names it", "live"),
        ("A draft", "names it", "draft"),
        ("To come", "names it", f"from {later:%-d %B %Y}"),
    ]
    first = used_in(topic)[0]
    assert (first.is_now, first.kind) == (True, "topic")
    assert first.url == reverse("admin:guidance_topicedition_change", args=[other.editions.get(title="Live").pk])


def test_links_to_its_page_are_found_in_rich_text_and_as_the_page_to_go_to_instead():
    edition = factories.topic_edition(factories.topic("our-page"))
    address = edition.get_absolute_url()
    words = {
        "Plain": address,
        "Fragment": f"{address}#x",
        "Question": f"{address}?age=teen",
        "No slash": address.rstrip("/"),
        "Another": f"{address.rstrip('/')}-and-more/",
        "Elsewhere": f"https://a.example{address}",
    }
    for title, href in words.items():
        holder = factories.topic_edition(title=title)
        Section.objects.create(edition=holder, heading="Part", body=f'<p><a href="{href}">Words</a></p>')
    factories.app_edition(name="An app", description=f'<p><a href="{address}">Words</a></p>')
    factories.shared_note(title="A note", body=f'<p><a href="{address}">Words</a></p>')
    factories.old_name(name="An old name", instead_url=address)
    factories.withdrawal(factories.topic_edition(), title="Gone", withdrawal_instead=address)
    EmergencyBanner.objects.create(words="A banner", link=address, link_words="See")
    assert {title for title, _how, _state in told(edition.topic)} - {"Elsewhere"} == {
        "Plain", "Fragment", "Question", "No slash", "An app", "A note", "An old name", "Gone", "A banner",
    }  # fmt: skip
    assert ("A banner", "links to its page", "not published") in told(edition.topic)


def test_page_that_does_both_is_listed_once():
    edition = factories.topic_edition()
    other = factories.topic_edition(title="Both")
    other.related_topics.add(edition.topic)
    Section.objects.create(edition=other, heading="P", body=f'<a href="{edition.get_absolute_url()}">W</a>')
    assert told(edition.topic) == [("Both", "names it, links to its page", "live")]


def test_contact_knows_its_worries_links_and_others_with_its_address():
    contact = reporting.contact_edition(website="https://charity.example/", name="Itself")
    reporting.way(contact, url="https://charity.example/form")
    reporting.concern_edition(contacts=[contact.contact], title="A worry")
    factories.useful_link(title="A link", url="https://charity.example/form")
    listed = factories.topic_edition(title="A film")
    Resource.objects.create(
        edition=listed, kind="website", title="x", provider="x", description="x", link="https://charity.example/"
    )
    section = factories.topic_edition(title="A section")
    body = f'<a href="https://charity.example/form">F</a><a href="/contacts/national/#{contact.contact.slug}">G</a>'
    Section.objects.create(edition=section, heading="x", body=body)
    assert set(told(contact.contact)) == {
        ("A worry", "names it", "live"),
        ("A link (Parents and carers)", "leads to the same address", "live"),
        ("A film", "leads to the same address", "live"),
        ("A section", "links to its page, leads to the same address", "live"),
    }


def test_link_note_council_and_age_know_where_they_are_used():
    link = factories.useful_link("parents", url="https://charity.example/same")
    factories.useful_link("professionals", title="Twin", url="https://charity.example/same", is_published=False)
    assert told(link) == [("Twin (Professionals)", "leads to the same address", "not published")]
    note = factories.shared_note()
    factories.app_edition(name="Tells it").shared_notes.add(note)
    assert told(note) == [("Tells it", "names it", "live")]
    council = reporting.authority()
    reporting.contact_edition(name="Front door", authorities=[council])
    assert told(council) == [("Front door", "names it", "live")]
    band = factories.age_band()
    factories.topic_edition(title="For them", age_bands=[band])
    assert told(band) == [("For them", "names it", "live")]


def test_number_of_queries_does_not_grow_with_the_uses():
    counts = []
    for rows in (1, 4):
        topic = factories.topic_edition().topic
        for _ in range(rows):
            factories.topic_edition().related_topics.add(topic)
        used_in(topic)
        with CaptureQueriesContext(connection) as queries:
            assert len(used_in(topic)) == rows
        counts.append(len(queries))
    assert counts[0] == counts[1] < 50


def test_panel_stands_on_edit_screens_of_editions_things_and_rows(client):
    edition = factories.topic_edition()
    namer = factories.topic_edition(title="The one that names it")
    namer.related_topics.add(edition.topic)
    contact, link = reporting.contact_edition(), factories.useful_link()
    client.force_login(factories.editor(is_superuser=True))
    shown = {
        row: client.get(reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk]))
        for row in (edition, edition.topic, contact, contact.contact, link, factories.shared_note())
    }
    for row, response in shown.items():
        page = response.content.decode()
        assert page.count("Where this is used") == 1, row
        expected = row in (edition, edition.topic)
        assert ("The one that names it" in page.split("Where this is used")[1].split("</section>")[0]) is expected, row
        assert ("No other page names it" in page) is not expected, row


@pytest.mark.parametrize("key", ["999999", "x", "9" * 30])
def test_row_that_does_not_exist_leads_to_the_list(client, key):
    client.force_login(factories.editor(is_superuser=True))
    assert client.get(f"/admin/guidance/topic/{key}/change/").status_code == 302
