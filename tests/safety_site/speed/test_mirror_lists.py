"""What a copy has in place of the search, and the words that only a copy says."""

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from reporting.directory import note_of
from reporting.models import Authority
from safety_site.freshness import Mode, rendering
from safety_site.mirror import pages, put_banner
from safety_site.mirror.pages import OLD_NAME, Entry, in_letters
from safety_site.search_index import plain
from tests.safety_site.speed.words_of_now import WORDS_OF_NOW


def entry(title: str, kind: str = "Topic") -> Entry:
    return Entry(title, f"/{title.lower()}/", kind)


def test_titles_stand_under_their_first_word_that_counts():
    titles = ("The law", "A child is missing", "An app", "Apple", "Android", "1 page", "A", "Éire")
    found = {each.letter: [one.title for one in each.entries] for each in in_letters(map(entry, titles))}
    assert found == {
        "#": ["1 page"],
        "A": ["A", "Android", "An app", "Apple"],
        "C": ["A child is missing"],
        "E": ["Éire"],
        "L": ["The law"],
    }


def test_old_name_gives_way_to_what_has_the_same_name():
    listed = [entry("CEOP", OLD_NAME), entry("Ceop", "Service"), entry("ACPO", OLD_NAME)]
    found = [(one.title, one.kind) for letter in in_letters(listed) for one in letter.entries]
    assert found == [("ACPO", OLD_NAME), ("Ceop", "Service")]


@pytest.fixture
def copy_of(loaded, db, settings):
    settings.ROOT_URLCONF = "safety_site.mirror.urls"

    def made(view, path="/search/"):
        with rendering(Mode.WITHOUT_NOW):
            return view(RequestFactory().get(path)).content.decode()

    return made


def test_list_of_all_pages_begins_with_999_and_what_has_happened(copy_of):
    text = copy_of(pages.all_pages)
    main = text.partition("<main")[2]
    order = [
        "Call 999",
        "What has happened?</h2>",
        'id="letters"',
        'id="letter-',
        "Back to the letters",
        'id="councils"',
    ]
    places = [main.index(each) for each in order]
    assert places == sorted(places)
    assert main.count('href="#letters"') == main.count('<h2 id="letter-')
    assert WORDS_OF_NOW.findall(text) == []


def test_copy_claims_of_itself_only_what_it_can_keep(copy_of):
    text = copy_of(pages.councils, "/contacts/find/")
    foot = text.partition('<footer class="foot"')[2] or text.rpartition("<footer")[2]
    assert "This copy sets no cookies." in foot
    assert "/copy/#private" in foot
    assert "keeps nothing that says who you are" not in text
    assert "printed on your council tax bill" in text


def test_copy_offers_a_list_without_an_or_before_it(db):
    with rendering(Mode.WITHOUT_NOW):
        copy = render_to_string("reporting/_find_lists.html", {"nations": []})
    assert "<p>Choose your council from a list</p>" in copy
    assert "<p>Or choose your council from a list</p>" in render_to_string(
        "reporting/_find_lists.html", {"nations": []}
    )


def test_councils_of_northern_ireland_name_their_trusts(loaded, db):
    councils = {each.slug: note_of(each) for each in Authority.objects.in_force().filter(tier="ni-district")}
    assert len(councils) == 11
    assert councils["antrim-newtownabbey"] == "The Northern Trust looks after children here"
    assert councils["mid-ulster"] == "The Northern Trust or the Southern Trust looks after children here"
    trusts = set(Authority.objects.in_force().filter(tier="health-trust").values_list("name", flat=True))
    for note in councils.values():
        named = note.removeprefix("The ").removesuffix(" looks after children here").split(" or the ")
        assert set(named) <= trusts, note


def test_a_link_before_a_full_stop_leaves_no_space_in_what_search_shows():
    html = '<p>Use <a href="/x/">Report <b>Remove</b></a>. Then <em>tell</em>, or <i>ask</i> us</p>'
    assert plain(html) == "Use Report Remove. Then tell, or ask us."


# --- The banner by file -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "links"),
    [
        ("Call 999, 101, 105 or 111.", ["999", "101", "105", "111"]),
        ("Childline 0800 1111 24 hours a day", ["08001111"]),
        ("Crimestoppers: 0800 555 111 24 hours; Essex 0345 606 1212.", ["0800555111", "03456061212"]),
        ("01702215007 or 01702 215 007 (office)", ["01702215007", "01702215007"]),
        ("From abroad +44 20 7946 0000. Missing People 116 000", ["+442079460000", "116000"]),
        # What is no number to call.
        ("It costs £999 or 999,000 or 1.101 in 2026, 105% of 1999; on 01 02 2026; page 0123; A101; 101.5 FM", []),
    ],
)
def test_numbers_of_a_banner_are_links_of_digits(words, links):
    html = put_banner.as_html(words)
    assert [piece.partition('"')[0] for piece in html.split('href="tel:')[1:]] == links


def test_banner_has_paragraphs_and_all_of_it_is_escaped():
    html = put_banner.as_html('Danger\nStay "in" & call 999.\n\n<b>Now</b>\n\nThen 0800 1111')
    assert html.partition('<div class="wrap">')[2] == (
        "<div><p><strong>Danger: act now</strong> Stay &quot;in&quot; &amp; call "
        '<a class="phone" href="tel:999">999</a>.</p><p>&lt;b&gt;Now&lt;/b&gt;</p>'
        '<p>Then <a class="phone" href="tel:08001111">0800 1111</a></p></div></div></div></section>'
    )
