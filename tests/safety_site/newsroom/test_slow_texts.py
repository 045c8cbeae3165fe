"""Texts that are made to keep a server busy are read in less time than a reader would notice."""

import time

import pytest
from django.core.exceptions import ValidationError

from guidance.models import Section
from safety_site.fields import RichTextField
from safety_site.newsroom.gate import inspect
from safety_site.newsroom.pieces import blocks
from safety_site.reading_age import plain_text
from safety_site.rich_text import MOST_CHARACTERS, clean_to_store
from safety_site.search_index import plain
from tests import factories

SLOW = {
    "open brackets": "<",
    "comments": "<!--",
    "open tags": "<p ",
    "quotes in quotes": "<blockquote>",
    "declarations": "<![x]>",
    "links": '<a href="',
    "entities": "&amp",
    "headings": "<h3>",
}


@pytest.mark.parametrize("case", SLOW)
@pytest.mark.parametrize("read", [blocks, plain_text, plain, clean_to_store], ids=lambda read: read.__name__)
def test_longest_text_is_read_at_once(case, read):
    text = SLOW[case] * (MOST_CHARACTERS // len(SLOW[case]))
    began = time.process_time()
    read(text)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("case", SLOW)
def test_text_of_a_megabyte_is_refused_in_words_before_anything_reads_it(case):
    field = RichTextField()
    text = SLOW[case] * (1_000_000 // len(SLOW[case]))
    began = time.process_time()
    assert field.formfield().clean(text) == text.strip()  # it goes back into its box as it came
    with pytest.raises(ValidationError, match="too long"):
        field.clean(text, None)
    assert time.process_time() - began < 1


@pytest.mark.django_db
def test_gate_reads_the_longest_of_plain_words_at_once():
    edition = factories.topic_edition(state="draft")
    Section.objects.create(edition=edition, position=1, heading="What to do", body="<p>Talk often.</p>")
    factories.store_raw(edition, summary="<" * 300)
    factories.store_raw(edition.sections.get(), source="<" * 300)
    began = time.process_time()
    inspect(edition)
    assert time.process_time() - began < 2
