"""A sheet with a fault changes nothing, and the fault is told by row and column, in words."""

import io
import json
import zipfile

import pytest

from reporting.models import Authority
from safety_site.models import SearchSynonym, SuggestedChange, WaitingImport
from safety_site.newsroom.sheet_files import MOST_BYTES
from tests.reporting import factories as reporting
from tests.safety_site.newsroom.sheets import (
    CONTACTS,
    SYNONYMS,
    do_import,
    everything,
    file_faults,
    look,
    sheet,
)

pytestmark = pytest.mark.django_db


def test_bad_import_changes_nothing(importer):
    SearchSynonym.objects.create(typed="insta", means="instagram")
    good = [["insta", "photo app"], *([f"word {number}", "games"] for number in range(50))]
    before = everything()
    page = look(importer, SYNONYMS, sheet(["typed", "means"], *good, ["no meaning", ""], *good[:1]))
    assert page.context["faults"] == [
        (53, "means", "This field cannot be blank."), (54, "typed", "Row 2 is about the same typed."),
    ]  # fmt: skip
    assert page.context["waiting"] is None
    assert everything() == before


def test_bad_contact_among_good_ones_changes_nothing(importer):
    live = reporting.contact_edition()
    before = everything()
    content = sheet(["slug", "cost", "kind"], [live.contact.slug, "New", "helpline"], ["other", "x", "nonsense"])
    assert look(importer, CONTACTS, content).context["fault_count"] > 0
    assert everything() == before


def test_looking_changes_nothing(importer):
    live = reporting.contact_edition()
    before = everything()
    page = look(importer, CONTACTS, sheet(["slug", "cost"], [live.contact.slug, "New price"]))
    assert page.context["changed_count"] == 1
    assert everything() == before


def test_fault_that_comes_between_look_and_import_stops_it(importer):
    reporting.authority("essex-like")
    live = reporting.contact_edition()
    row = ["slug", "cost", "coverage", "authorities"], [live.contact.slug, "New", "authorities", "essex-like"]
    page = look(importer, CONTACTS, sheet(*row))
    Authority.objects.filter(slug="essex-like").update(slug="renamed")
    before = everything()
    answer = importer.post(f"/admin/{CONTACTS}/process_import/", {"waiting": page.context["waiting"].pk})
    assert answer.status_code == 200
    assert answer.context["faults"] == [(2, "authorities", "There is no authority “essex-like”.")]
    assert everything() == before


def workbook_bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    return stream.getvalue()


FILES = {
    "empty": (b"", "is empty"),
    "blank lines": (b"\n \n\r\n", "is empty"),
    "headings only": (b"typed,means\n", "no rows"),
    "wrong headings": (b"word,meaning\na,b\n", "“word”, “meaning”"),
    "no headings": (b"insta,instagram\n", "headings that we do not know"),
    "key missing": (b"means\nb\n", "needs the heading typed"),
    "heading twice": (b"typed,means,means\na,b,c\n", "stands twice"),
    "too many cells": (b"typed,means\na,b,c\n", "Row 2 has 3 cells"),
    "open quote": (b'typed,means\na,"b\n', "quotation mark"),
    "NUL": (b"typed,means\na\x00,b\n", "no text has"),
    "picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "no text has"),
    "odd bytes": (b"typed,means\n\x81\x8d\xff,b\n", "not a text file"),
    "half UTF-16": (b"\xff\xfet", "not a text file"),
    "PDF": (b"%PDF-1.7 x", "a PDF"),
    "workbook": (workbook_bomb(), "Excel or LibreOffice workbook"),
    "old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel"),
    "long cell": (b"typed,means\na," + b"x" * 25_000 + b"\n", "more than 20,000 signs"),
    "endless cell": (b"typed,means\na," + b"x" * 200_000 + b"\n", "cannot be read"),
    "too large": (b"typed,means\n" + b"a,b\n" * (MOST_BYTES // 4), "larger than 5 MB"),
    "too many rows": (b"typed,means\n" + b"a,b\n" * 20_001, "more than 20,000 rows"),
    "a thousand columns": (b",".join(b"c%d" % number for number in range(1_000)) + b"\na\n", "“c0”"),
}


@pytest.mark.parametrize("kind", FILES)
def test_unfit_file_is_told_in_words(importer, kind):
    content, words = FILES[kind]
    page = look(importer, SYNONYMS, content)
    assert page.status_code == 200
    assert words in file_faults(page)
    assert not WaitingImport.objects.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"typed": "a"}', "must be a list"),
        ("[1, 2]", "must be a list"),
        ('[{"typed": "a", "means": ["b"]}]', "has a list"),
        ('[{"typed": "a", "means": "b"}, {"typed": "c"}]', "other columns"),
        ('[{"typed": "a\\u0000", "means": "b"}]', "no text has"),
        ('[{"typed": "a\\ud800", "means": "b"}]', "no text has"),
        ("[]", "headings"),
    ],
)
def test_unfit_json_is_told_in_words(importer, content, words):
    page = look(importer, SYNONYMS, content, "sheet.json")
    assert page.status_code == 200
    assert words in (file_faults(page) or "headings")
    assert not WaitingImport.objects.exists()


def test_json_columns_in_another_order_are_understood(importer):
    content = json.dumps([{"typed": "a1", "means": "b", "is_in_use": False}, {"is_in_use": True, "means": "d",
                                                                             "typed": "c1"}])  # fmt: skip
    do_import(importer, SYNONYMS, content, "sheet.json")
    afters = {each.title: each.after["is_in_use"] for each in SuggestedChange.objects.all()}
    assert afters == {"a1 → b": "no", "c1 → d": "yes"}


def test_no_file_is_told(importer):
    page = importer.post(f"/admin/{SYNONYMS}/import/")
    assert file_faults(page) == "Choose a file first."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_text_of_every_common_kind_is_read(importer, encoding, separator):
    content = f"typed{separator}means{separator}note\r\ncafé{separator}photo{separator}It’s £5 – “yes”\r\n"
    page = look(importer, SYNONYMS, content.encode(encoding))
    assert bool(page.context["notes"]) == (encoding == "cp1252")
    do_import(importer, SYNONYMS, content.encode(encoding))
    assert SuggestedChange.objects.get().after["note"] == "It’s £5 – “yes”"


def test_row_numbers_are_those_of_the_spreadsheet(importer):
    page = look(importer, SYNONYMS, "Typed , MEANS,\n\na,\n,,\nb,c\n")
    assert page.context["faults"] == [(3, "means", "This field cannot be blank.")]
