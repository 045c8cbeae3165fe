"""How many queries each kind of page makes in a serving process: the same with one row of everything as with three."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guidance.feedback import takes_answers
from tests import factories

pytestmark = pytest.mark.django_db

# What a page may cost once what pages share is known: a higher number needs a reason, a lower one is welcome.
# One for what is kept of its edition, one for what readers said of it; none for a list.
QUERIES = {
    "/age/pre-school/": 1,
    "/topics/": 1,
    "/topics/?age=pre-school&for=parents&area=online": 1,
    "/topics/the-topic/": 2,
    "/topics/the-topic/?age=pre-school": 2,
    "/topics/the-withdrawn-topic/": 1,
    "/apps/": 1,
    "/apps/?age=pre-school&minimum=13&kind=social&without=livestream&without=loot-boxes": 1,
    "/apps/compare/": 0,
    "/apps/compare/?app=the-app&app=no-such-app": 0,
    "/apps/the-app/": 2,
    "/apps/the-withdrawn-app/": 1,
    "/parental-controls/": 1,
    "/parental-controls/the-control/": 2,
    "/parental-controls/the-withdrawn-control/": 1,
    "/talk/": 1,
    "/talk/?age=pre-school": 1,
    "/for/parents/": 1,
    "/feedback/": 0,
    "/feedback/?page=/topics/the-topic/": 1,
    "/feedback/?page=/talk/": 1,
    "/feedback/?page=/no/such/page/": 0,
    "/law/": 0,
    "/figures/": 0,
    "/old-names/": 0,
    "/leaving-no-trace/": 0,
    "/leaving-no-trace/tried/": 0,
    "/about/": 0,
    "/privacy/": 0,
    "/accessibility/": 0,
    "/exit/": 0,
    "/robots.txt": 0,
    "/.well-known/security.txt": 0,
    "/health/live": 0,
    "/sitemap.xml": 0,
    "/no/such/page/": 0,
}
# The same where the version of the content is not known, and nothing is kept of any edition.
UNKEPT = {
    "/topics/the-topic/": 18,
    "/apps/the-app/": 23,
    "/parental-controls/the-control/": 8,
    "/talk/": 14,
    "/law/": 4,
    "/figures/": 6,
}
# These show contacts as well, which the other app reads.
WITH_CONTACTS = ("/", "/topics/the-topic/handout/")
MOST = 4


def make_site(rows: int) -> None:
    """So many of everything: things, their parts, the links between them."""
    bands = factories.age_bands()[:rows]
    for band in bands:
        for position in range(1, rows + 1):
            factories.age_band_fact(band, position)
    topics = [factories.topic("the-topic"), *(factories.topic() for _ in range(rows))]
    profiles = [factories.app_profile("the-app"), *(factories.app_profile() for _ in range(rows))]
    guides = [factories.control_guide("the-control"), *(factories.control_guide() for _ in range(rows))]
    for topic in topics:
        edition = factories.topic_edition(topic, age_bands=bands, audiences=("parents", "young-people")[:rows])
        edition.related_topics.set(topics[1:])
        edition.related_apps.set(profiles)
        factories.topic_parts(edition, rows, bands)
    for number, profile in enumerate(profiles):
        closed = {"status": "closed", "status_since": "May 2020"} if number == rows else {}
        edition = factories.app_edition(profile, age_bands=bands, description="<p>Words.</p>", **closed)
        edition.related_apps.set(profiles[1:])
        factories.app_parts(edition, rows)
    for guide in guides:
        edition = factories.control_edition(guide)
        edition.related_guides.set(guides[1:])
        factories.control_parts(edition, rows)
    for _ in range(rows):
        factories.useful_link("parents")
        for address in filter(takes_answers, {address.partition("?")[0] for address in QUERIES}):
            factories.feedback(address, public_words="Words of a reader.", reply="Words of ours.")
        factories.law_note().topics.set(topics)
        factories.old_name().topics.set(topics)
    factories.withdrawal(factories.topic_edition(factories.topic("the-withdrawn-topic")))
    factories.withdrawal(factories.app_edition(factories.app_profile("the-withdrawn-app")))
    factories.withdrawal(factories.control_edition(factories.control_guide("the-withdrawn-control")))


def count(client, address: str) -> int:
    """Of a page that was asked for before."""
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return len(captured)


@pytest.mark.parametrize("rows", [1, 3])
def test_each_page_makes_this_many_queries(client, rows, warm):
    make_site(rows)
    warm()
    assert {address: count(client, address) for address in QUERIES} == QUERIES
    assert {address: each for address in WITH_CONTACTS if (each := count(client, address)) > MOST} == {}


@pytest.mark.parametrize("rows", [1, 3])
def test_where_nothing_is_kept_queries_do_not_grow_with_the_rows(client, rows):
    """A command, or a worker that does not know the version yet: everything is read and rendered for the request."""
    make_site(rows)
    assert {address: count(client, address) for address in UNKEPT} == UNKEPT


def test_pages_tested_here_show_their_rows(client):
    make_site(3)
    topic = client.get("/topics/the-topic/?age=pre-school").content.decode()
    assert {words: topic.count(words) for words in ('class="fact"', 'class="words"', 'class="resource-title"')} == {
        'class="fact"': 3, 'class="words"': 3, 'class="resource-title"': 3,
    }  # fmt: skip
    assert topic.count("Words of a reader.") == topic.count("Words of ours.") == 3
    assert client.get("/apps/the-app/").content.decode().count("<details>") == 3
    assert client.get("/for/parents/").content.decode().count('class="card"') == 3 + 4
