"""What a visitor finds on the pages to look something up: the law, figures, old names."""

import re

import pytest

from tests import factories
from tests.guidance.page_text import headings, main_part, page, words

pytestmark = pytest.mark.django_db


def test_law_note_says_its_status_its_day_and_its_source(client):
    factories.law_note("planned", slug="law-one", source="The Act, section 1", link="https://law.example/1")
    text = words(main_part(page(client, "/law/")))
    assert "Planned, not law" in text
    assert "Source: The Act, section 1. This was last true on 1 November 2026, as far as we could confirm." in text
    assert '<article class="entry" id="law-one"' in page(client, "/law/")
    assert '<a href="https://law.example/1" rel="noreferrer">' in page(client, "/law/")


def test_law_groups_stand_in_the_order_of_how_sure_they_are(client):
    for status in ("guidance", "planned", "passed", "in-force"):
        factories.law_note(status)
    assert headings(page(client, "/law/")) == [
        "In force", "Passed; we could not confirm that it has started", "Planned, not law", "Official guidance",
    ]  # fmt: skip


def test_law_is_not_told_among_other_notes_nor_other_notes_as_law(client):
    factories.shared_note(title="GOODTOKNOW")
    factories.law_note(title="LAWONLY")
    factories.topic_edition(factories.topic("the-topic"))
    factories.app_edition(factories.app_profile("the-app"))
    assert "GOODTOKNOW" not in page(client, "/law/")
    others = ("/", "/topics/", "/topics/the-topic/", "/apps/the-app/", "/figures/", "/old-names/", "/for/parents/")
    assert [address for address in others if "LAWONLY" in page(client, address)] == []


def test_law_note_leads_to_live_topics_only(client):
    live = factories.topic_edition(title="Open page")
    draft = factories.topic_edition(title="Hidden page", state="draft", publish_at=None)
    factories.law_note().topics.set([draft.topic, live.topic])
    text = main_part(page(client, "/law/"))
    assert re.findall(r"It matters for: (.*?)</p>", text) == [f'<a href="{live.get_absolute_url()}">Open page</a>']


def test_law_note_of_no_topic_promises_none(client):
    factories.law_note()
    assert "It matters for" not in page(client, "/law/")


@pytest.mark.parametrize("address", ["/law/", "/figures/", "/old-names/"])
def test_page_to_look_up_without_rows_says_so_and_has_help(client, address):
    text = page(client, address)
    assert "are being checked. The help below is open now." in text
    assert 'id="help"' in text


def test_figures_show_source_year_and_page(client):
    edition = factories.topic_edition(title="Gaming")
    edition.facts.create(position=1, claim="Nine in ten play.", source="Ofcom", year="2025", link="https://o.example/")
    edition.facts.create(position=2, claim="A campaign reports twice.", source="A campaign")
    text = words(main_part(page(client, "/figures/")))
    assert "Nine in ten play. Source: Ofcom, 2025." in text
    assert "A campaign reports twice. Source: A campaign, undated. Say so if you quote it." in text
    assert "You may quote these with their source" in text


def test_figures_of_a_topic_that_is_not_live_are_not_told(client):
    draft = factories.topic_edition(state="draft", publish_at=None)
    draft.facts.create(position=1, claim="DRAFTFIGURE", source="Ofcom", year="2025")
    assert "DRAFTFIGURE" not in page(client, "/figures/")


def test_old_name_says_what_it_was_and_what_to_use_now(client):
    factories.old_name(
        slug="net-aware", name="Net Aware", became="closed", what="A guide.", now="It closed.",
        instead_label="The hub", instead_url="https://hub.example/x",
    )  # fmt: skip
    text = main_part(page(client, "/old-names/"))
    assert '<section class="entry" id="net-aware"' in text
    assert "Net Aware Closed A guide. It closed. Use now: The hub, on hub.example Source: GOV.UK" in words(text)
    assert '<a href="https://hub.example/x" rel="noreferrer">The hub</a>' in text


def test_old_name_may_lead_to_a_page_of_ours_or_to_none(client):
    factories.old_name(instead_label="Our page", instead_url="/topics/")
    factories.old_name(instead_label="Only words")
    text = main_part(page(client, "/old-names/"))
    assert '<strong>Use now:</strong> <a href="/topics/">Our page</a></p>' in text
    assert "<strong>Use now:</strong> Only words</p>" in text


def test_old_names_stand_by_name_whatever_their_case(client):
    for name in ("zipit", "ACPO", "Pace", "fearless.org"):
        factories.old_name(name=name)
    assert headings(page(client, "/old-names/")) == ["Choose a name", "ACPO", "fearless.org", "Pace", "zipit"]


def test_topic_shows_its_old_names_with_a_link_to_their_words(client):
    edition, other = factories.topic_edition(), factories.topic_edition()
    factories.old_name(slug="zipit", name="Zipit", became="unconfirmed").topics.add(edition.topic)
    text = page(client, edition.get_absolute_url())
    assert headings(text) == ["You may have heard of"]
    assert '<a href="/old-names/#zipit">Zipit</a>' in text
    assert "We could not confirm where it is now" in text
    assert headings(page(client, other.get_absolute_url())) == []


def test_professionals_find_the_pages_to_look_something_up(client):
    links = [f'href="{address}"' for address in ("/law/", "/figures/", "/old-names/")]
    assert [link for link in links if link not in main_part(page(client, "/for/professionals/"))] == []
    assert [link for link in links if link not in main_part(page(client, "/topics/"))] == []


@pytest.mark.django_db
def test_note_and_old_name_that_are_not_published_are_on_no_page(client):
    edition = factories.topic_edition()
    factories.law_note(title="HIDDENLAW", is_published=False)
    factories.old_name(name="HIDDENNAME", is_published=False).topics.set([edition.topic])
    app = factories.app_edition()
    app.shared_notes.add(factories.law_note(kind="note", law_status="", title="HIDDENLAW", is_published=False))
    pages = ("/law/", "/old-names/", edition.get_absolute_url(), app.get_absolute_url())
    assert [page for page in pages if "HIDDEN" in client.get(page).content.decode()] == []
