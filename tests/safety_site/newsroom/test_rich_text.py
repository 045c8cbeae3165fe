"""Hostile HTML, by a list: cleaned whichever way it is saved, and once more when it is shown."""

from pathlib import Path

import html5lib
import pytest
import yaml
from django.core import serializers
from django.forms import modelform_factory
from django.template import Context, Template

from guidance.models import Section
from safety_site.rich_text import MOST_CHARACTERS, clean, clean_to_store, has_words, safe_address
from tests import factories

VECTORS = [
    html
    for group in yaml.safe_load(Path(__file__).with_name("hostile_html.yaml").read_text(encoding="utf-8")).values()
    for html in group
]
ALLOWED = {
    "a": {"href", "rel"}, "ol": {"start"}, "p": set(), "h3": set(), "h4": set(), "ul": set(), "li": set(),
    "strong": set(), "em": set(), "br": set(), "blockquote": set(),
}  # fmt: skip


def faults(html: str) -> list[str]:
    """What a browser would find in some HTML that is not on the allow-list."""
    tree = html5lib.parseFragment(html, namespaceHTMLElements=False)
    found = []
    for element in list(tree.iter())[1:]:
        if element.tag not in ALLOWED:
            found.append(str(element.tag))
            continue
        found += sorted(set(element.attrib) - ALLOWED[element.tag])
        if "href" in element.attrib and safe_address(element.attrib["href"]) != element.attrib["href"]:
            found.append(element.attrib["href"])
    return found + ["a control character"] * any(ord(letter) < 9 for letter in html)


def test_list_is_long_and_each_vector_is_another():
    assert len(VECTORS) == len(set(VECTORS)) >= 150


def test_faults_are_seen_where_there_are_some():
    assert faults("<p onclick=x>a</p><script></script><a href=//x.example>b</a>") == [
        "onclick",
        "script",
        "//x.example",
    ]
    assert faults("<p>a</p>") == []


@pytest.mark.parametrize("html", VECTORS)
@pytest.mark.parametrize("cleaned_by", [clean, clean_to_store])
def test_hostile_html_is_made_harmless_and_stays_so(html, cleaned_by):
    cleaned = cleaned_by(html)
    assert faults(cleaned) == []
    assert cleaned_by(cleaned) == cleaned
    assert faults(clean(clean_to_store(html))) == []


@pytest.mark.django_db
def test_hostile_html_is_cleaned_on_every_way_into_the_database():
    edition = factories.topic_edition()
    form_class = modelform_factory(Section, fields=["edition", "kind", "heading", "body", "position"])
    for html in VECTORS:
        created = Section.objects.create(edition=edition, heading="A part", body=html)
        form = form_class({"edition": edition.pk, "kind": "text", "heading": "By form", "body": html, "position": 1})
        by_form = form.save() if form.is_valid() else created
        Section.objects.filter(pk=created.pk).update(body=html)
        updated = Section.objects.get(pk=created.pk)
        updated.body = html
        Section.objects.bulk_update([updated], ["body"])
        bulk = Section.objects.bulk_create([Section(edition=edition, heading="In bulk", body=html)])[0]
        saved = serializers.serialize("json", [Section(edition=edition, pk=bulk.pk, heading="Fixture", body=html)])
        for row in serializers.deserialize("json", saved):
            row.save()
        for row in (created, by_form, bulk):
            row.refresh_from_db()
            assert faults(row.body) == [], html


@pytest.mark.django_db
def test_hostile_html_that_was_stored_raw_is_cleaned_when_it_is_shown():
    row = Section.objects.create(edition=factories.topic_edition(), heading="A part", body="<p>a</p>")
    template = Template("{% load guidance_tags %}{{ row.body|rich }}")
    for html in VECTORS:
        factories.store_raw(row, body=html.replace("\0", ""))  # PostgreSQL keeps no NUL
        row.refresh_from_db()
        assert faults(template.render(Context({"row": row}))) == [], html


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/topics/", "/topics/"), (" /topics/ ", "/topics/"), ("/", "/"), ("/a?b=c#d", "/a?b=c#d"),
        ("tel:999", "tel:999"),
        ("https://a.example/", "https://a.example/"), ("HTTPS://a.example/", "HTTPS://a.example/"),
        ("mailto:a@b.example", "mailto:a@b.example"), ("//a.example", None), ("/\\a.example", None), ("", None),
        ("javascript:x", None), ("http://a.example/", None), ("topics/", None), ("#top", None), ("/\t/a.example", None),
    ],
)  # fmt: skip
def test_link_leads_to_https_a_phone_a_mailbox_or_a_path_of_this_site(address, kept):
    assert safe_address(address) == kept
    assert clean_to_store(f'<a href="{address}">a</a>') == (f'<a href="{kept}">a</a>' if kept else "<a>a</a>")


@pytest.mark.parametrize(
    "html", ["", "<p></p>", "<p> </p><p><br></p>", "<p>&nbsp;</p>", "<!-- a -->", "<script>a</script>"]
)
def test_text_that_shows_nothing_is_stored_as_nothing(html):
    assert clean_to_store(html) == ""


def test_text_with_words_has_words():
    assert has_words("<p>&lt;</p>")
    assert not has_words("<p> <br></p>")


def section_form(body: str):
    return modelform_factory(Section, fields=["body"])({"body": body})


def test_megabyte_is_refused_in_words_and_not_lost():
    words = "<p>" + "long " * 200_000 + "</p>"
    form = section_form(words)
    assert not form.is_valid()
    assert form.errors == {
        "body": [
            "This text is too long: it has 1000007 characters with its formatting, and may have 100000. "
            "Nothing is lost. Divide it into two parts, or shorten it, and save again."
        ]
    }
    assert words.replace("<", "&lt;").replace(">", "&gt;") in str(form["body"])


def test_longest_text_is_taken():
    frame = len("<p></p>")
    assert section_form(f"<p>{'a' * (MOST_CHARACTERS - frame)}</p>").is_valid()
    assert not section_form(f"<p>{'a' * (MOST_CHARACTERS - frame + 1)}</p>").is_valid()


def test_nul_in_a_paste_is_left_out():
    form = section_form("<p>Before\0after\x0b</p>")
    assert form.is_valid()
    assert form.cleaned_data["body"] == "<p>Beforeafter</p>"


def test_required_text_that_shows_nothing_is_missed():
    assert section_form("<p> </p>").errors == {"body": ["This field is required."]}
