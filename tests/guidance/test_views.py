"""What a visitor finds on the page of a topic and on the lists of the guidance."""

import re

import pytest

from guidance.models import Section
from tests import factories
from tests.guidance.page_text import LISTS, headings, main_part, page, words

pytestmark = pytest.mark.django_db


# --- A topic --------------------------------------------------------------------------------------------


@pytest.fixture
def topic():
    pre_school, pre_teen, teen = factories.age_bands()
    edition = factories.topic_edition(age_bands=[pre_school, pre_teen, teen])
    for position, (band, heading) in enumerate(
        [(None, "For everyone"), (pre_teen, "For the middle"), (teen, "For teens")], 1
    ):
        Section.objects.create(
            edition=edition, position=position, age_band=band, heading=heading, body=f"<p>{heading}</p>"
        )
    return edition


def test_topic_without_a_choice_reads_from_everyone_to_the_oldest(client, topic):
    assert headings(page(client, topic.get_absolute_url())) == ["For everyone", "For the middle", "For teens"]


def test_topic_has_the_part_for_the_age_chosen_first(client, topic):
    text = page(client, f"{topic.get_absolute_url()}?age=teen")
    assert headings(text) == ["For teens", "For everyone", "For the middle"]
    assert re.findall(r'<a href="\?age=([\w-]+)" aria-current="true">', text) == ["teen"]


def test_topic_with_no_part_for_the_age_chosen_leaves_nothing_out(client, topic):
    text = page(client, f"{topic.get_absolute_url()}?age=pre-school")
    assert headings(text) == ["For everyone", "For the middle", "For teens"]


@pytest.mark.parametrize("age", ["", "adult", "TEEN", "13", "teen%00", "teen%20", "%3Cscript%3E"])
def test_unknown_age_counts_as_no_choice(client, topic, age):
    plain = page(client, topic.get_absolute_url())
    assert page(client, f"{topic.get_absolute_url()}?age={age}") == plain


def test_topic_lists_its_sections_in_the_order_of_the_page(client, topic):
    text = page(client, f"{topic.get_absolute_url()}?age=teen")
    contents = re.search(r'<details class="contents">.*?</details>', text, re.DOTALL)[0]
    assert re.findall(r">([^<]+)</a>", contents) == ["For teens", "For everyone", "For the middle", "Get help now"]


def test_topic_shows_only_related_pages_that_are_live(client, topic):
    live, draft = factories.topic_edition(title="Live one"), factories.topic_edition(title="Draft", state="draft")
    app, gone = factories.app_edition(name="Live app"), factories.app_edition(name="Gone app")
    factories.withdrawal(gone)
    topic.related_topics.set([live.topic, draft.topic])
    topic.related_apps.set([app.profile, gone.profile])
    text = main_part(page(client, topic.get_absolute_url()))
    assert re.findall(r'<a href="(/(?:topics|apps)/[^"]+)"', text) == [
        app.get_absolute_url(),
        live.get_absolute_url(),
    ]


def test_fact_says_who_counted_and_when(client):
    edition = factories.topic_edition()
    factories.topic_parts(edition, 1, words="Counted")
    text = main_part(page(client, edition.get_absolute_url()))
    figure = re.search(r'<figure class="fact">.*?</figure>', text, re.DOTALL)[0]
    assert words(figure) == "Did you know? Counted Source: Counted, 2025"


def test_law_panel_names_its_source(client):
    edition = factories.topic_edition()
    Section.objects.create(edition=edition, kind="law", heading="The law", body="<p>x</p>", source="An Act of 1978")
    assert "Source: An Act of 1978" in words(page(client, edition.get_absolute_url()))


def test_nothing_plays_on_a_topic_page(client):
    edition = factories.topic_edition()
    factories.topic_parts(edition, 1)
    text = page(client, edition.get_absolute_url())
    assert re.findall(r"<(iframe|video|audio|embed|object)", text) == []


# --- Lists ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [*LISTS, "/topics/?age=teen", "/apps/?age=teen", "/talk/?age=teen"])
def test_list_of_an_empty_site_says_so_and_shows_help(client, address):
    text = page(client, address)
    assert 'class="empty"' in main_part(text)
    assert 'href="tel:999"' in text


@pytest.mark.parametrize("address", ["/topics/?age=pre-school", "/apps/?age=pre-school", "/talk/?age=pre-school"])
def test_list_with_nothing_for_the_age_chosen_says_so(client, address):
    factories.age_bands()
    factories.topic_edition(age_bands=[factories.age_band("teen")])
    assert 'class="empty"' in main_part(page(client, address))


def test_age_page_without_topics_shows_all_topics(client):
    factories.age_band("teen")
    assert "See all topics" in main_part(page(client, "/age/teen/"))


def test_list_shows_what_is_for_the_age_chosen(client):
    _, pre_teen, teen = factories.age_bands()
    both = factories.topic_edition(title="Both", age_bands=[pre_teen, teen])
    factories.topic_edition(title="Younger", age_bands=[pre_teen])
    text = main_part(page(client, "/topics/?age=teen"))
    assert re.findall(r'<li class="card"><a href="([^"]+)">', text) == [f"{both.get_absolute_url()}?age=teen"]
    assert words(re.search(r"<h1>.*?</h1>", text)[0]) == "Topics for ages 13 to 17"


@pytest.mark.parametrize(
    ("audience", "titles"), [("parents", ["A", "B"]), ("young-people", ["A"]), ("nobody", ["A", "B"])]
)
def test_topics_for_an_audience(client, audience, titles):
    factories.topic_edition(title="A", audiences=("parents", "young-people"))
    factories.topic_edition(title="B", audiences=("parents",))
    text = main_part(page(client, f"/topics/?for={audience}"))
    assert re.findall(r'<li class="card"><a [^>]*>([^<]+)</a>', text) == titles


def test_links_for_one_audience_leave_out_the_others_and_the_unpublished(client):
    factories.useful_link("parents", title="For parents only")
    factories.useful_link("young-people", title="For them")
    factories.useful_link("parents", title="Not yet", is_published=False)
    text = main_part(page(client, "/for/parents/"))
    assert re.findall(r'<li class="card"><a [^>]*>([^<]+)</a>', text) == ["For parents only"]


def test_talk_for_one_age_shows_its_starters_only(client):
    _, pre_teen, teen = factories.age_bands()
    for band, said in ((pre_teen, "Younger"), (teen, "Older")):
        factories.topic_parts(factories.topic_edition(title=f"Topic {said}"), 1, [band], words=said)
    assert re.findall(r'<p class="words">([^<]+)</p>', page(client, "/talk/?age=teen")) == ["Older?"]
    assert re.findall(r'<p class="words">([^<]+)</p>', page(client, "/talk/")) == ["Younger?", "Older?"]
