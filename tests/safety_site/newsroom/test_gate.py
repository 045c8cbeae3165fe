"""The gate: what it stops and what it lets pass of the words of a page, and how it is shown."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from guidance.gate_rules import claim_without_source
from guidance.models import AgeBandFact, Fact, Section
from safety_site.models import BannedPhrase
from safety_site.newsroom.addresses import edition_models
from safety_site.newsroom.gate import inspect
from safety_site.newsroom.gate_rules import even, figures
from safety_site.newsroom.pieces import Marks, blocks, read
from tests import factories
from tests.safety_site.newsroom.gate_drafts import banned, draft, faults, warnings

pytestmark = pytest.mark.django_db


def test_sound_draft_has_no_findings():
    assert (faults(draft()), warnings(draft())) == ([], [])


def test_edition_without_parts_is_stopped():
    edition = factories.topic_edition(state="draft", audiences=())
    assert faults(edition) == ["There is nothing in it: it has no parts.", "It has no sections."]


@pytest.mark.parametrize(
    ("claim", "source", "found"),
    [
        ("Half of all children.", "", ["“Half of all children.” has no source."]),
        ("Half of all children.", " \t ", ["“Half of all children.” has no source."]),
        (" ", "Ofcom", ["A fact has no words."]),
        ("Half of all children.", "Ofcom", []),
    ],
)
def test_fact_needs_words_and_a_source(claim, source, found):
    edition = draft()
    Fact.objects.create(edition=edition, position=1, claim=claim, source=source)
    assert faults(edition) == found
    row = AgeBandFact(age_band=factories.age_band(), claim=claim, source=source)
    assert [finding.wrong for finding in claim_without_source(row)] == found


@pytest.mark.parametrize(
    ("source", "found"), [(" ", ["It tells the law and names no source."]), ("An Act of 1978", [])]
)
def test_panel_of_the_law_needs_a_source(source, found):
    edition = draft()
    Section.objects.create(edition=edition, position=2, kind="law", heading="The law", body="<p>So.</p>", source=source)
    assert faults(edition) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("In 2025, 43% did.", ["43%"]),
        ("Some 9.5 per cent did.", ["9.5 per cent"]),
        ("One in five children, and 3 out of 10 adults", ["One in five", "3 out of 10"]),
        ("1 in every 4", ["1 in every 4"]),
        ("Be there at one in the morning. Step 1 in the list. Ages 5 to 12.", []),
    ],
)
def test_figures_are_told_from_other_numbers(words, found):
    assert figures(words) == found


@pytest.mark.parametrize(
    ("body", "source", "found"),
    [
        ("<p>One in five children.</p>", "", 1),
        ("<p>One in five children.</p>", "Ofcom, 2025", 0),
        ('<p>One in five, <a href="https://ofcom.example/">Ofcom says</a>.</p>', "", 0),
        ("<p>Half of it.</p>", "", 0),
    ],
)
def test_figure_in_running_text_without_a_source_is_a_warning(body, source, found):
    edition = draft(body)
    edition.sections.update(source=source)
    assert len(warnings(edition)) == found
    Fact.objects.create(edition=edition, position=1, claim="One in five do.", source="Ofcom")
    assert warnings(edition) == []


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("<h3>First</h3><h4>Second</h4><h3>Third</h3>", 0),
        ("<p>Words.</p>", 0),
        ("<h4>First</h4>", 1),
        ("<h3></h3>", 1),
        ("<h3> <strong>\xa0</strong></h3>", 1),
        ("<h2>First</h2>", 1),
        ("<h3>A</h3><h5>B</h5>", 1),
    ],
)
def test_headings_step_down_one_level_at_a_time(body, count):
    assert len(faults(draft(body))) == count


def test_section_with_an_empty_heading_is_stopped():
    edition = draft()
    edition.sections.update(heading="  ")
    assert faults(edition) == ["The heading is empty."]


@pytest.mark.parametrize(("alt", "count"), [('alt="A tree"', 0), ('alt=" "', 1), ("", 1)])
def test_picture_needs_text(alt, count):
    assert len(faults(draft(f'<p>Words <img src="/x.svg" {alt}></p>'))) == count


def test_old_name_and_closed_app_are_warnings_but_not_where_their_end_is_told():
    renamed = factories.old_name(name="Net Aware", now="It closed.")
    closed = factories.app_edition(name="Houseparty", status="closed", status_since="October 2021")
    words = "<p>Look at Net Aware.</p><p>Children like Houseparty.</p>"
    assert warnings(draft(words)) == [
        "It names Houseparty. It closed: October 2021.",
        "It names Net Aware. It closed.",
    ]
    assert (
        warnings(draft("<p>Net Aware has closed.</p><p>Houseparty is no longer there.</p><p>A houseparty.</p>")) == []
    )
    own_topic = draft(words)
    renamed.topics.add(own_topic.topic)
    assert len(warnings(own_topic)) == 1
    assert warnings(closed) == []


def test_hard_words_are_a_warning_that_names_the_hardest_part():
    easy = "<p>Talk with your child. Ask how their day was. Be kind and calm.</p>" * 8
    hard = (
        "<p>Notwithstanding organisational considerations, safeguarding practitioners fundamentally acknowledge "
        "interdisciplinary responsibilities regarding vulnerability, exploitation and contextual circumstances.</p>" * 8
    )
    assert warnings(draft(easy)) == []
    [finding] = [each for each in inspect(draft(hard)).warnings if "Reading age" in each.wrong]
    assert finding.field == "id_sections-0-body"
    law = draft(easy)
    law.sections.update(kind="law", source="An Act", body=hard)
    assert warnings(law) == []


def test_length_far_from_others_of_its_kind_is_a_warning():
    counts = {"<p>Short.</p>": 1, "<p>Just right so.</p>" * 200: 0, "<p>Much too long.</p>" * 2_000: 1}
    for body, count in counts.items():
        found = [each for each in inspect(draft(body)).warnings if each.where == "The whole text"]
        assert len(found) == count


def test_dates_and_notes_are_warnings():
    late = draft(checked_on=date(2026, 1, 1), checked_by="us", review_by=date(2026, 2, 1))
    assert warnings(late) == ["Its review date, 1 February 2026, is past: readers would be told."]
    unread = inspect(draft(checked_on=None, review_by=None, checked_by=""))
    assert unread.warnings[0].wrong == "Nobody has said that they checked it: readers would be told."
    assert warnings(draft(editor_note=" Check this: the hours. ")) == ["It still says “Check this: the hours.”."]
    assert warnings(draft(editor_note="  ")) == []


def test_findings_name_the_field_of_the_edit_screen(client):
    edition = draft("<h4>Low</h4>", title="x")
    Section.objects.create(edition=edition, position=2, heading=" ", body="<p>b</p>")
    client.force_login(factories.editor(is_superuser=True))
    page = client.get(reverse("admin:guidance_topicedition_change", args=[edition.pk])).content.decode()
    for finding in inspect(edition).faults:
        assert f'id="{finding.field}"' in page
        assert f'<a href="#{finding.field}" data-field="{finding.field}">' in page
    assert "2 things to put right first" in page
    assert "js/gate.js" in page


def test_approved_edition_shows_no_gate(client):
    client.force_login(factories.editor(is_superuser=True))
    address = reverse("admin:guidance_topicedition_change", args=[factories.topic_edition().pk])
    assert "Before it is published" not in client.get(address).content.decode()


@pytest.mark.parametrize("rows", [1, 4])
def test_gate_asks_as_many_queries_for_four_rows_as_for_one(rows):
    bands = factories.age_bands()
    edition = factories.topic_edition(state="draft", age_bands=bands)
    factories.topic_parts(edition, rows, bands)
    edition.sections.update(body='<p><a href="/topics/a/">A</a> <a href="https://b.example/">B</a></p>')
    edition.related_topics.set([factories.topic_edition().topic for _ in range(rows)])
    banned()
    edition = type(edition).objects.select_related("topic").get(pk=edition.pk)
    inspect(edition)
    with CaptureQueriesContext(connection) as queries:
        inspect(edition)
    assert len(queries) == 18


def test_hostile_text_breaks_nothing():
    for body in ("<a href=" * 50, "<h3><h4><a><a>", "&#0;\x00", "<" * 5_000, "x" * 100_000, '<a href="/%zz/[">x</a>'):
        edition = draft()
        section = edition.sections.get()
        section.body = body
        assert blocks(body) is not None
        assert Marks(body).links is not None
        assert read(edition).pieces
    assert faults(draft('<p><a href="/[::1/%zz">x</a> <a href="https://[">y</a></p>'))


def test_even_makes_apostrophes_hyphens_and_spaces_comparable():
    assert even("It’s a self‑harm \xa0 site\u200b") == "It's a self-harm site"


def test_every_shipped_edition_passes_without_a_fault(shipped_content):
    editions = [edition for model in edition_models() for edition in model.objects.live()]
    assert len(editions) > 150
    found = {str(edition): inspect(edition).faults for edition in editions}
    assert {name: each for name, each in found.items() if each} == {}
    assert BannedPhrase.objects.count() >= 25
    facts = [finding for fact in AgeBandFact.objects.all() for finding in claim_without_source(fact)]
    assert facts == []
