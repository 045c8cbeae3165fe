"""What the search remembers while nothing changes: words of the site's own pages, and where they stand."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from safety_site import content_version, search_index, search_matches, search_results, stems, unchanged
from safety_site.models import SearchEntry, SearchStem
from safety_site.search import search
from safety_site.search_index import index_everything, index_row
from safety_site.search_sources import reindex
from safety_site.unchanged import Kept
from safety_site.worries import read_worry
from tests import factories
from tests.safety_site.test_search import JUDGED, first_addresses


@pytest.fixture(scope="module")
def shipped(loaded, django_db_blocker):
    """The shipped content, indexed once."""
    with django_db_blocker.unblock():
        reindex()
        yield


@pytest.fixture
def serving(monkeypatch):
    """As in a process that serves: what the content shows is kept for each version of it."""
    own = Kept()
    own.known = str(content_version.read())
    for module in (unchanged, search_matches, search_results):
        monkeypatch.setattr(module, "kept", own)

    def read_version() -> None:
        own.known = str(content_version.read())

    return read_version


@pytest.fixture
def shipped_index(db):
    """An index as ``index_search`` leaves it: every stem is known."""
    index_everything([], [factories.useful_link(title="Hedgehogs", url="https://hedgehogs.example/")], [])


def queries_of(words: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        search(words)
    return len(queries)


def test_second_who_asks_costs_one_query_and_a_word_of_no_page_none(shipped, serving):
    first = search("i want to die on snapchat")
    assert queries_of("i want to die on snapchat") == 1
    assert search("i want to die on snapchat") == first
    search("zqxwvk")
    assert queries_of("zqxwvk and hjklzx") == 0


def test_what_is_remembered_answers_as_the_database_does(shipped, serving):
    asked = [each["q"] for each in JUDGED]
    remembered = [first_addresses(search(words)) for _ in range(2) for words in asked]
    unchanged.kept.known = None
    assert remembered == [first_addresses(search(words)) for words in asked] * 2


def test_only_words_of_the_site_are_remembered(shipped, serving):
    for words in ("my daughter zqxwvk", "nudes", "pleasehelpme"):
        search(words)
    kept_ways = [key[1] for key in unchanged.kept._values if key[0] == search_matches.__name__]
    remembered = {each for ways in kept_ways for way in ways for each in way}
    assert "nude" in remembered
    assert not remembered & {"zqxwvk", "pleasehelpm"}


@pytest.mark.django_db(transaction=True)  # PostgreSQL counts one change for each transaction
def test_page_that_is_approved_or_indexed_anew_is_found_at_once(serving):
    index_row(factories.useful_link(title="Hedgehogs", url="https://hedgehogs.example/"))
    serving()
    assert (search("hedgehog").total, search("badger").total) == (1, 0)
    index_row(factories.useful_link(title="Badgers and hedgehogs", url="https://badgers.example/"))
    serving()
    assert (search("hedgehog").total, search("badger").total) == (2, 1)
    SearchEntry.objects.all().delete()
    serving()
    assert (search("hedgehog").total, search("badger").total) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_page_that_was_indexed_anew_a_moment_ago_is_never_missing(serving):
    link = factories.useful_link(title="Hedgehogs", url="https://hedgehogs.example/")
    index_row(link)
    serving()
    assert search("hedgehog").total == 1
    index_row(link)  # and the process has not read the version since
    assert [row.entry.title for row in search("hedgehog").best] == ["Hedgehogs"]
    index_row(link)
    for key in [key for key in unchanged.kept._values if key[1] == "rated"]:
        del unchanged.kept._values[key]  # as when only the pages of the word were remembered
    assert [row.entry.title for row in search("hedgehog").best] == ["Hedgehogs"]
    link.is_published = False
    index_row(link)
    assert search("hedgehog").total == 0


@pytest.mark.django_db
def test_word_that_stands_on_no_page_is_found_and_never_suggested(serving, shipped_index):
    topic = factories.topic_edition(title="Pictures")
    document = replace(topic.search_document(), hidden_words=["zorbing 7 xy"])
    search_index._add([search_index._entry("topicedition:1", document, search_index.ALWAYS, search_index.NEVER)])
    serving()
    for words in ("zorbing", "7", "xy"):
        assert search(words).total == 1, words
    assert search("zorbinh").did_you_mean == ""


@pytest.mark.django_db
def test_index_of_the_release_before_is_asked_for_every_word_also_after_a_page_is_published(serving):
    index_row(factories.useful_link(title="Hedgehogs: call 999", url="https://hedgehogs.example/"))
    SearchStem.objects.all().delete()  # as migrated: the table is new
    index_row(factories.useful_link(title="Badgers", url="https://badgers.example/"))
    serving()
    assert (search_matches.words_of_site().stems, search("hedgehog").total, search("999").total) == (None, 1, 1)


@pytest.mark.django_db
def test_page_that_the_release_before_published_meanwhile_is_found(serving, shipped_index):
    """Its code knows of no table of stems: it wrote an entry, and nothing else."""
    link = factories.useful_link(title="Zorbing", url="https://zorbing.example/")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(search_index.SearchStem.objects, "bulk_create", lambda *_rows, **_options: None)
        patched.setattr(search_index, "_newest_entry", lambda: 2**40)
        index_row(link)
    serving()
    assert (search_matches.words_of_site().stems, search("zorbing").total) == (None, 1)


@pytest.mark.django_db
def test_every_stem_of_the_index_is_known_after_each_change(serving, shipped_index):
    """A keyword whose stem has another stem ("pulse": "puls": "pul") too."""
    index_row(factories.useful_link(title="A club", provider="Pulse", url="https://club.example/"))
    serving()
    entries = SearchEntry.objects.values_list("stems", flat=True)
    in_index = {each for marked in entries for each in search_index._stems_in(marked)}
    assert search_matches.words_of_site().stems >= in_index >= {"puls", "club"}
    assert search("pulse").total == 1


def test_nothing_that_is_typed_is_remembered_as_a_stem(shipped, serving):
    search("my daughter zqxwvk")
    read_worry("zqxwvk was sent a photo by zqxwvl")
    assert not {"zqxwvk", "zqxwvl"} & stems._remembered.keys()


@pytest.mark.django_db
def test_after_a_while_without_a_version_the_database_is_asked(serving, shipped_index, monkeypatch):
    search("club")
    monkeypatch.setattr(unchanged, "RECENT_SECONDS", -1)
    with CaptureQueriesContext(connection) as queries:
        search("club")
    assert any("modelsearch" in query["sql"] for query in queries)
