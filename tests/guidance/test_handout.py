"""/topics/<slug>/handout/: one sheet on a topic, in whole sentences, for professionals to hand out."""

import pytest

from guidance.models import ConversationStarter, Fact, Section
from guidance.presenters import handout
from guidance.rich_text import list_items
from tests import factories
from tests.guidance.test_queries import count
from tests.reporting import factories as reporting
from tests.sweep import Page, words_of

pytestmark = pytest.mark.django_db


def make_topic(points: list[str], *, signs=(), starters=(), facts=(), slug: str = "", **fields):
    edition = factories.topic_edition(factories.topic(slug), **fields)
    body = "<ol>" + "".join(f"<li>{point}</li>" for point in points) + "</ol>"
    Section.objects.create(edition=edition, position=1, kind="steps", heading="What to do first", body=body)
    if signs:
        body = "<ul>" + "".join(f"<li>{sign}</li>" for sign in signs) + "</ul>"
        Section.objects.create(edition=edition, position=2, heading="Signs to notice", body=body)
    for position, words in enumerate(starters, 1):
        ConversationStarter.objects.create(edition=edition, position=position, words=words)
    for position, claim in enumerate(facts, 1):
        Fact.objects.create(edition=edition, position=position, claim=claim, source="Ofcom", year="2025")
    return edition


def get(client, address: str, status: int = 200) -> Page:
    page = Page(address, client.get(address))
    assert page.status == status
    return page


def main(page: Page) -> str:
    return words_of(page.all("main")[0])


# --- List items -----------------------------------------------------------------------------------------


def test_list_items_are_plain_words_in_one_line():
    html = '<p>No.</p><ol><li><strong>Call</strong> <a href="tel:999">999</a>\n now.</li><li><p>A</p><p>B</p></li></ol>'
    assert list_items(html) == ["Call 999 now.", "A B"]


def test_list_inside_an_item_is_part_of_it():
    assert list_items("<ul><li>Ask: <ul><li>who</li><li> where</li></ul></li><li>Then</li></ul>") == [
        "Ask: who where", "Then",
    ]  # fmt: skip


@pytest.mark.parametrize("html", ["", "<p>No list.</p>", "<ul><li> </li></ul>", "<li", "</li></ul>"])
def test_text_without_items_has_none(html):
    assert list_items(html) == []


# --- What fits ------------------------------------------------------------------------------------------


def test_handout_has_five_points_four_signs_three_starters_and_a_fact_where_there_is_room():
    numbers = range(1, 10)
    edition = make_topic(
        [f"Point {n}" for n in numbers],
        signs=[f"Sign {n}" for n in numbers],
        starters=[f"Words {n}?" for n in numbers],
        facts=["First.", "Second."],
    )
    sheet = handout(edition)
    assert (sheet.heading, sheet.signs_heading) == ("What to do first", "Signs to notice")
    assert sheet.points == [f"Point {n}" for n in range(1, 6)]
    assert sheet.has_more_points
    assert sheet.signs == [f"Sign {n}" for n in range(1, 5)]
    assert [row.words for row in sheet.starters] == ["Words 1?", "Words 2?", "Words 3?"]
    assert sheet.fact.claim == "First."


def test_long_topic_has_fewer_points_and_every_one_is_whole():
    points = [f"Point {n} " + "long " * 120 for n in range(8)]
    sheet = handout(make_topic(points, signs=["s" * 400] * 4, starters=["w" * 250] * 4, facts=["f" * 300]))
    assert 1 <= len(sheet.points) < 5
    assert all(" ".join(point.split()) in [" ".join(p.split()) for p in points] for point in sheet.points)


def test_point_that_no_sheet_holds_gives_way_to_the_next():
    sheet = handout(make_topic(["endless " * 2_000, "Short."]))
    assert sheet.points == ["Short."]
    assert sheet.has_more_points


def test_topic_without_steps_uses_its_first_list_and_one_without_lists_has_no_points():
    edition = factories.topic_edition()
    Section.objects.create(edition=edition, position=1, heading="Words", body="<p>Words.</p>")
    assert handout(edition).points == []
    Section.objects.create(edition=edition, position=2, heading="List", body="<ul><li>One</li></ul>")
    assert (handout(edition).heading, handout(edition).points) == ("List", ["One"])


def test_steps_for_everyone_come_before_those_for_one_age():
    edition = factories.topic_edition()
    for position, band in ((1, factories.age_band("teen")), (2, None)):
        Section.objects.create(
            edition=edition, position=position, kind="steps", age_band=band, heading=f"Steps {position}",
            body=f"<ol><li>Step {position}</li></ol>",
        )  # fmt: skip
    assert handout(edition).points == ["Step 2"]


# --- The page -------------------------------------------------------------------------------------------


def test_handout_shows_the_topic_its_date_and_its_address(client, settings):
    settings.SITE_URL = "https://families.example"
    make_topic(
        ["Call <b>999</b>."], starters=["How was it?"], facts=["Three in four."], slug="a-topic", title="A topic",
        summary="What it is about.",
    )  # fmt: skip
    page = get(client, "/topics/a-topic/handout/")
    text = main(page)
    for words in (
        "A topic", "What it is about.", "Call 999.", "How was it?", "Three in four.", "Source: Ofcom, 2025",
        "families.example/topics/a-topic", "Checked on 1 November 2026.", "Hand this out freely.", "Local number",
    ):  # fmt: skip
        assert words in text
    assert words_of(page.all("title")[0]) == "Hand-out: A topic - Hearthside"


def test_handout_escapes_what_stands_in_a_list(client):
    make_topic(["&lt;script&gt;alert(1)&lt;/script&gt;"], slug="a-topic")
    assert "<script>alert" not in get(client, "/topics/a-topic/handout/").text


def test_handout_is_no_page_for_search_engines(client):
    make_topic(["One."], slug="a-topic")
    response = client.get("/topics/a-topic/handout/")
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in response.content.decode()


def test_handout_with_a_council_has_its_numbers(client):
    make_topic(["One."], slug="a-topic")
    reporting.day_and_night(reporting.authority("barset", name="Barset"))
    page = get(client, "/topics/a-topic/handout/?council=barset")
    assert "Who to call in Barset" in main(page)
    assert "01632 960001" in main(page)
    assert "Local number" not in [words_of(label) for label in page.all("dt")]


@pytest.mark.parametrize("council", ["nowhere", "%00", "<b>", "x" * 3_000])
def test_handout_with_a_council_that_is_none_of_ours_leaves_a_line(client, council):
    make_topic(["One."], slug="a-topic")
    page = get(client, f"/topics/a-topic/handout/?council={council}")
    assert "Local number" in [words_of(label) for label in page.all("dt")]


def test_withdrawn_topic_has_no_handout_and_says_why(client):
    factories.withdrawal(make_topic(["One."], slug="a-topic"), reason="It was out of date.")
    assert "It was out of date." in main(get(client, "/topics/a-topic/handout/", 410))


def test_unknown_and_unpublished_topics_have_no_handout(client):
    make_topic(["One."], slug="a-draft", state="draft", publish_at=None)
    for slug in ("a-draft", "no-topic"):
        assert client.get(f"/topics/{slug}/handout/").status_code == 404


def test_topic_and_professionals_lead_to_the_handout_and_other_audiences_do_not(client):
    make_topic(["One."], slug="a-topic")
    address = "http://testserver/topics/a-topic/handout/"
    assert address in get(client, "/topics/a-topic/").links
    assert address in get(client, "/for/professionals/").links
    assert address not in get(client, "/for/parents/").links


@pytest.mark.parametrize("rows", [1, 3])
def test_handout_makes_this_many_queries(client, rows, warm):
    words = [f"Words {n}" for n in range(rows)]
    make_topic(words, signs=words, starters=words, facts=words, slug="a-topic")
    for number in range(rows):
        reporting.day_and_night(reporting.authority(f"place{number}"))
        reporting.phone(reporting.contact_edition(), "01632 960003")
    warm()
    asked = {query: count(client, f"/topics/a-topic/handout/{query}") for query in ("", "?council=place0")}
    assert asked == {"": 1, "?council=place0": 1}
