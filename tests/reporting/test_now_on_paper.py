"""A sheet hangs on the fridge for months: what a page says of now is not printed, the hours of each number are."""

import re
from html import unescape

import pytest
from django.template import Context, Template

from reporting import presenters
from reporting.models import Phone
from reporting.said import pieces
from safety_site.freshness import Mode, on_screen_and_paper, rendering, split
from tests.reporting import factories
from tests.safety_site.speed.words_of_now import DAY, NIGHT, WORDS_OF_NOW, read
from tests.safety_site.speed.words_of_now import pages as addresses

OF_NOW = re.compile(r'<(span|p) class="(?:why )?of-now">.*?</\1>', re.DOTALL)


def words(text: str) -> str:
    """What a page says in its body, without what only programs read."""
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", text.partition("<body")[2], flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def on_paper(text: str) -> str:
    """What a print shows of a page."""
    return words(OF_NOW.sub("", text))


def test_words_of_now_have_those_for_paper_beside_them_hidden_from_screens():
    assert on_screen_and_paper("Open", "Nine to five") == (
        '<span class="of-now">Open</span><span class="on-paper" hidden>Nine to five</span>'
    )
    assert on_screen_and_paper("Try it.", "Try it.") == "Try it."


def test_no_printed_page_says_what_was_true_when_it_was_read(client, loaded, db):
    for path in addresses():
        assert WORDS_OF_NOW.findall(on_paper(read(client, path, NIGHT)[0].now)) == [], path


@pytest.mark.parametrize("path", ["/contacts/southend-on-sea/", "/contacts/national/", "/report/grooming/", "/"])
def test_printed_page_has_the_hours_of_each_number_that_the_screen_tells_of(client, loaded, db, path):
    shown = read(client, path, DAY)[0].now
    assert 'class="of-now"' in shown
    paper = on_paper(shown)
    assert "Answers " in paper or "We do not know its hours" in paper
    assert shown.count('class="of-now"') <= shown.count('class="on-paper" hidden') + 1


def test_council_on_paper_gives_each_number_with_its_hours(client, loaded, db):
    by_day, by_night = (on_paper(read(client, "/contacts/southend-on-sea/", at)[0].now) for at in (DAY, NIGHT))
    for paper in (by_day, by_night):
        assert "Numbers to call Each number says when it answers." in paper
        phones = Phone.objects.filter(edition__authorities__slug="southend-on-sea", is_text=False)
        for phone in phones.filter(edition__kind__in=presenters.TO_CALL).prefetch_related("hours"):
            assert presenters.always(phone) in paper


def test_paper_names_what_an_editor_wrote_as_text(db):
    """Hours are ours, but words around them are escaped as ever."""
    phone = factories.phone(factories.contact_edition(), rows=[(range(5), "09:00", "17:30")])
    page = Template("{% load reporting_tags %}{% answers_mark phone %}").render(Context({"phone": phone}))
    with rendering(Mode.BOTH):
        both = pieces(page).filled(NIGHT)
    assert split(both).without_now() == presenters.always(phone)
    assert f'<span class="on-paper" hidden>{presenters.always(phone)}</span>' in split(both).now
