"""The gate: each rule with what it stops and with what it lets pass."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from guidance.gate_rules import claim_without_source
from guidance.models import AgeBandFact, ConversationStarter, Fact, Resource, Section
from reporting.models import ConcernPoint
from safety_site.models import BannedPhrase, FormerSlug, LinkCheck
from safety_site.newsroom.addresses import dead_ends, edition_models
from safety_site.newsroom.gate import inspect
from safety_site.newsroom.gate_rules import even, figures
from safety_site.newsroom.pieces import Marks, blocks, read
from tests import factories
from tests.reporting import factories as reporting

pytestmark = pytest.mark.django_db


def draft(body: str = "<p>Talk often.</p>", **fields):
    """A draft of a topic with one section, whose text nobody has cleaned."""
    edition = factories.topic_edition(state="draft", publish_at=None, **fields)
    section = Section.objects.create(edition=edition, position=1, heading="What to do", body="<p>Words.</p>")
    factories.store_raw(section, body=body)
    return edition


def faults(edition) -> list[str]:
    return [finding.wrong for finding in inspect(edition).faults]


def warnings(edition) -> list[str]:
    """Without what each draft of a few words gets."""
    usual = ("Nobody has said", "It has only")
    return [each.wrong for each in inspect(edition).warnings if not each.wrong.startswith(usual)]


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
    ("link", "stops", "warns"),
    [
        ('<a href="https://a.example/"></a>', 1, 0),
        ('<a href="https://a.example/"> \xa0<strong></strong></a>', 1, 0),
        ('<a href="https://a.example/">Click <em>here</em></a>', 0, 1),
        ('<a href="https://a.example/">Read more…</a>', 0, 1),
        ('<a href="https://a.example/">https://a.example/</a>', 0, 1),
        ('<a href="https://a.example/">www.a.example</a>', 0, 1),
        ('<a href="https://a.example/">Here to listen: Childline</a>', 0, 0),
        ('<a href="">Childline</a>', 1, 0),
        ("<a>Childline</a>", 1, 0),
        ('<a href="http://a.example/">Childline</a>', 1, 0),
        ('<a href="//a.example/">Childline</a>', 1, 0),
        ('<a href="javascript:alert(1)">Childline</a>', 1, 0),
        ('<a href="tel:">Childline</a>', 1, 0),
        ('<a href="tel:08001111">0800 1111</a>', 0, 0),
        ('<a href="mailto:help@a.example">Write to us</a>', 0, 0),
    ],
)
def test_links_say_and_lead_somewhere(link, stops, warns):
    edition = draft(f"<p>Words {link} words.</p>")
    assert (len(faults(edition)), len(warnings(edition))) == (stops, warns)


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


def recording(edition, **fields):
    values = {"kind": "video", "title": "A film", "provider": "Us", "description": "See.", **fields}
    return Resource.objects.create(edition=edition, position=1, **values)


OURS, THEIRS = {"file": "resources/film.mp4"}, {"link": "https://a.example/film"}


@pytest.mark.parametrize(
    ("fields", "stops", "warns"),
    [
        ({**OURS}, 2, 0),
        ({**OURS, "transcript": "Said."}, 1, 0),
        ({**OURS, "transcript": "Said.", "has_captions": True}, 0, 0),
        ({**OURS, "kind": "podcast"}, 1, 0),
        ({**OURS, "kind": "podcast", "transcript": "Said."}, 0, 0),
        ({**OURS, "kind": "printable"}, 0, 0),
        ({**THEIRS}, 0, 2),
        ({**THEIRS, "has_captions": False}, 0, 1),
        ({**THEIRS, "transcript": "Said.", "has_captions": True}, 0, 0),
        ({**THEIRS, "kind": "website"}, 0, 0),
        ({"kind": "website"}, 1, 0),  # it leads nowhere
    ],
)
def test_resource_leads_somewhere_and_a_recording_of_ours_has_its_words_and_captions(fields, stops, warns):
    edition = draft()
    recording(edition, **fields)
    assert (len(faults(edition)), len(warnings(edition))) == (stops, warns)


def test_addresses_of_ours_lead_to_live_pages(settings):
    live, only_a_draft = factories.topic_edition(), draft()
    gone = factories.topic_edition()
    factories.withdrawal(gone)
    place = reporting.authority()
    FormerSlug.objects.create(model="guidance.topic", slug="old-slug", thing_id=live.topic.pk)
    FormerSlug.objects.create(model="guidance.topic", slug="old-gone", thing_id=gone.topic.pk)
    good = [
        "/",
        "/talk/?age=teen#x",
        "/topics",
        live.get_absolute_url(),
        f"{live.get_absolute_url()}handout/",
        place.get_absolute_url(),
        f"{place.get_absolute_url()}card/",
        "/topics/old-slug/",
        "/contacts/national/#ceop",
        "/for/parents/",
    ]
    bad = [
        "/no/such/",
        "/for/nobody/",
        "/topics/nothing/",
        only_a_draft.get_absolute_url(),
        gone.get_absolute_url(),
        "/topics/old-gone/",
        "/contacts/nowhere/",
        "/contacts/nowhere/card/",
        "/age/nobody/",
        "/%00",
    ]
    assert sorted(dead_ends(good + bad)) == sorted(bad)
    edition = draft(f'<p><a href="/no/such/">One</a> and <a href="{settings.SITE_URL}/no/such/">two</a></p>')
    assert [each.split(" is broken")[0] for each in faults(edition)] == ["The link to “/no/such/”"]
    assert faults(draft('<p><a href="/talk/">Talk</a></p>')) == []


def test_link_to_a_page_that_goes_live_together_is_no_fault():
    tomorrow = timezone.now() + timedelta(days=1)
    later = factories.topic_edition(publish_at=tomorrow)
    edition = draft(f'<p><a href="{later.get_absolute_url()}">The new page</a></p>')
    edition.related_topics.add(later.topic)
    assert len(faults(edition)) == len(warnings(edition)) == 1
    edition.publish_at = tomorrow
    assert faults(edition) == warnings(edition) == []


def test_withdrawal_leads_to_another_live_page():
    edition = factories.topic_edition()
    taken_down = {"is_withdrawal": True, "withdrawal_reason": "Old.", "state": "draft", "publish_at": None}
    cases = {"": 0, "/talk/": 0, "/no/such/": 1, edition.get_absolute_url(): 1, f"{edition.get_absolute_url()}?a=1": 1}
    for instead, count in cases.items():
        tombstone = factories.topic_edition(edition.topic, withdrawal_instead=instead, audiences=(), **taken_down)
        assert len(faults(tombstone)) == count, instead


def banned(phrase="commit suicide", **fields):
    return BannedPhrase.objects.create(phrase=phrase, why="It hurts.", say_instead="die by suicide", **fields)


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("<p>They may commit suicide.</p>", 1),
        ("<p>They may COMMIT\n <b>sui</b>cide.</p>", 1),
        ("<p>commit&nbsp;suicide and commit-suicide</p>", 1),
        ("<p>recommit suicides</p>", 0),
        ("<p>They commit</p><p>suicide is</p>", 0),
    ],
)
def test_banned_phrase_is_found_as_whole_words_across_tags(body, count):
    banned()
    assert len(faults(draft(body))) == count


def test_banned_phrase_is_found_in_every_text_that_a_reader_sees():
    banned("it's her fault")
    edition = draft("<p>It’s her fault</p>", title="IT'S HER FAULT", summary="So it‘s her fault.")
    ConversationStarter.objects.create(edition=edition, position=1, words="Say: it’s her fault")
    where = [finding.where for finding in inspect(edition).faults]
    assert where == [
        "Title",
        "Summary",
        "Section 1 (“What to do”), body",
        "Conversation starter 1 (“Say: it’s her fault”), words",
    ]
    [finding] = {(finding.wrong, finding.do) for finding in inspect(edition).faults}
    assert finding == ("“it's her fault” is not for our pages. It hurts.", "Say “die by suicide” instead.")


def test_banned_phrase_may_stand_in_the_name_of_a_service_and_when_it_is_switched_off():
    row = banned("revenge porn")
    reporting.contact_edition(name="Revenge Porn Helpline")
    assert faults(draft("<p>Call the revenge porn helpline.</p>")) == []
    assert len(faults(draft("<p>Revenge porn is a crime. Call the Revenge Porn Helpline.</p>"))) == 1
    row.is_in_use = False
    row.save()
    assert faults(draft("<p>Revenge porn is a crime.</p>")) == []


def test_banned_phrase_in_the_reason_of_a_withdrawal_is_stopped():
    banned()
    taken_down = {"is_withdrawal": True, "state": "draft", "audiences": ()}
    edition = factories.topic_edition(withdrawal_reason="Some commit suicide.", **taken_down)
    assert [each.field for each in inspect(edition).faults] == ["id_withdrawal_reason"]
    assert faults(factories.topic_edition(withdrawal_reason="Out of date.", **taken_down)) == []


def test_contact_can_be_reached_and_its_numbers_dialled():
    edition = reporting.contact_edition(state="draft")
    assert faults(edition) == ["Nobody can be reached: there is no number and no other way."]
    phone = reporting.phone(edition, "01632 960001")
    assert faults(edition) == []
    for number, good in {
        "999": 1, "116 123": 1, "+44 1632 960001": 1, "(01632) 960001": 1, "85258": 1,
        "ring us": 0, "0800 CHILD": 0, "12": 0, "01632 960001 ext 2": 0, "44+1632": 0, "0" * 14: 0, "": 0,
    }.items():  # fmt: skip
        type(phone).objects.filter(pk=phone.pk).update(number=number)
        assert len(faults(edition)) == 1 - good, number


def test_contact_that_closed_needs_no_number_and_another_way_is_enough():
    assert faults(reporting.contact_edition(state="draft", kind="closed")) == []
    assert faults(reporting.contact_edition(state="draft", website="https://charity.example/")) == []
    edition = reporting.contact_edition(state="draft")
    reporting.way(edition)
    assert faults(edition) == []


def test_contact_for_some_places_names_them():
    reach = {"state": "draft", "website": "https://charity.example/"}
    for coverage, more in (
        ("authorities", {"authorities": [reporting.authority()]}),
        ("nations", {"nations": ["wales"]}),
    ):
        assert len(faults(reporting.contact_edition(**reach, coverage=coverage))) == 1
        assert faults(reporting.contact_edition(**reach, **more)) == []


def test_contact_needs_a_source():
    edition = reporting.contact_edition(state="draft", website="https://charity.example/", source="  ")
    assert faults(edition) == ["A number without a source."]


def test_worry_says_what_to_do_and_whom_to_contact():
    edition = reporting.concern_edition(state="draft")
    ConcernPoint.objects.create(edition=edition, position=1, kind="sign", words="A sign.")
    assert faults(edition) == ["It does not say what to do now.", "It names nobody to contact."]
    contact = reporting.contact_edition().contact
    edition = reporting.concern_edition("bullying", state="draft", contacts=[contact])
    ConcernPoint.objects.create(edition=edition, position=1, kind="do", words="Listen.")
    assert faults(edition) == []


def test_related_page_that_is_not_live_is_a_warning():
    edition, gone = draft(), factories.topic_edition()
    factories.withdrawal(gone)
    edition.related_topics.add(factories.topic_edition().topic, gone.topic)
    edition.related_apps.add(factories.app_edition().profile, factories.app_profile("unborn"))
    assert warnings(edition) == [
        f"It names “{gone.topic.slug}”, which is not live.",
        "It names “unborn”, which is not live.",
    ]
    worry = reporting.concern_edition(state="draft", contacts=[reporting.contact("never-live")])
    assert "It names “never-live”, which is not live." in warnings(worry)


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


@pytest.mark.parametrize(("state", "count"), [("works", 0), ("unsure", 1), ("broken", 1), ("refused", 1)])
def test_what_the_check_of_links_found_is_a_warning(state, count):
    LinkCheck.objects.create(url="https://a.example/x", state=state, checked_at=timezone.now())
    edition = draft('<p><a href="https://a.example/x">A charity</a></p>')
    assert len(warnings(edition)) == count
    edition = draft()
    recording(edition, kind="website", link="https://a.example/x")
    assert len(warnings(edition)) == count


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
