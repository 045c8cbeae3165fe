"""Sheets in the admin: what comes out goes in again, what is wrong is told by row, and nothing is live by itself."""

import csv
import hashlib
import io
import json
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.serializers import serialize
from django.utils import timezone

from guidance.models import UsefulLink
from reporting.models import Authority, ContactEdition, OpeningHours, OtherWay, Phone, ReportingContact
from safety_site.models import SearchEntry, SearchSynonym, SuggestedChange, WaitingImport, WorryWords
from safety_site.models.imports import KEPT_FOR
from safety_site.newsroom.cells import guarded, unguarded
from safety_site.newsroom.sheet_files import MOST_BYTES
from safety_site.newsroom.suggestions import accept
from tests import factories
from tests.reporting import factories as reporting
from tests.safety_site.newsroom.test_suggestions import staff

pytestmark = pytest.mark.django_db

LINKS, SYNONYMS, WORRIES = "guidance/usefullink", "safety_site/searchsynonym", "safety_site/worrywords"
CONTACTS, AUTHORITIES = "reporting/contactedition", "reporting/authority"
WATCHED = (
    UsefulLink, SearchSynonym, WorryWords, Authority, ReportingContact, ContactEdition, Phone, OpeningHours, OtherWay,
    SuggestedChange, SearchEntry,
)  # fmt: skip


@pytest.fixture
def importer(client):
    """A writer's browser."""
    client.force_login(writer())
    return client


def writer():
    rows = ["guidance.view_usefullink", "safety_site.view_searchsynonym", "safety_site.view_worrywords"]
    rows += ["reporting.view_authority", "reporting.view_contactedition", "reporting.add_contactedition"]
    return staff(*rows, "safety_site.add_suggestedchange", "safety_site.view_suggestedchange")


def everything() -> str:
    """A digest of every row that an import could touch."""
    rows = "".join(serialize("json", model.objects.order_by("pk")) for model in WATCHED)
    return hashlib.sha256(rows.encode()).hexdigest()


def sheet(*rows: list[str]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    return stream.getvalue()


def look(client, what: str, content: str | bytes, name: str = "sheet.csv"):
    data = content if isinstance(content, bytes) else content.encode()
    return client.post(f"/admin/{what}/import/", {"import_file": SimpleUploadedFile(name, data)})


def do_import(client, what: str, content: str | bytes, name: str = "sheet.csv"):
    page = look(client, what, content, name)
    assert (page.status_code, page.context["form"].errors, page.context["faults"]) == (200, {}, [])
    return client.post(f"/admin/{what}/process_import/", {"waiting": page.context["waiting"].pk}, follow=True)


def exported(client, what: str, number: str = "0") -> bytes:
    return client.post(f"/admin/{what}/export/", {"format": number, "resource": "0"}).content


def rows_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def file_faults(page) -> str:
    return " ".join(page.context["form"].errors.get("import_file", []))


# --- Out and in again -----------------------------------------------------------------------------------


def make_some() -> None:
    """Rows with everything that could be lost on the way."""
    essex = reporting.authority("essex-like", name="Essex", gss_code="E10000012", name_cy="’")
    reporting.authority("old-one", ended_on="2020-01-01", succeeded_by=essex)
    factories.useful_link(title='A "quoted", and ; title', phone="+44 1632 960001", editor_note="one\r\n\ntwo\n")
    factories.useful_link(title="=1+1", provider="@here", description="-5 is cold", checked_on=None, checked_by="",
                          review_by=None)  # fmt: skip
    factories.useful_link(title="'=quoted", provider="''+x", description=" blanks ")
    SearchSynonym.objects.create(typed="finsta", means="instagram", is_in_use=False)
    factories.worry_words()
    edition = reporting.contact_edition(authorities=[essex], name="Front door")
    reporting.phone(
        edition, "+44 1632 960001", purpose="Priority | line \\ n", hours_are_about=True, is_text=True,
        rows=[(range(5), "09:00", "17:30"), ([1], "18:00", "00:00", False), ([7], "00:00", "00:00")],
    )  # fmt: skip
    reporting.phone(edition, "999", answers="always", open_on_bank_holidays=True)
    reporting.way(edition, detail="First line\nsecond | line")
    reporting.way(edition, "email", url="", detail="help@charity.example")
    reporting.contact_edition(nations=["wales", "england"], audiences=("professionals", "parents"))
    reporting.contact_edition(state="draft", publish_at=None, name="Never live")


@pytest.mark.parametrize("what", [LINKS, SYNONYMS, WORRIES, CONTACTS, AUTHORITIES])
@pytest.mark.parametrize(("number", "ending"), [("0", "csv"), ("1", "tsv"), ("2", "json")])
def test_export_goes_in_again_unchanged(importer, what, number, ending):
    make_some()
    before = everything()
    page = look(importer, what, exported(importer, what, number), f"sheet.{ending}")
    assert (page.context["form"].errors, page.context["faults"]) == ({}, [])
    assert (page.context["new_count"], page.context["changed_count"]) == (0, 0)
    assert page.context["skipped_count"] > 0
    assert page.context["waiting"] is None
    assert everything() == before


def test_export_has_no_cell_that_a_spreadsheet_runs(importer):
    make_some()
    for what in (LINKS, CONTACTS, AUTHORITIES):
        cells = [cell for row in rows_of(exported(importer, what)) for cell in row]
        assert [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")] == []
    assert "'+44 1632 960001" in [cell for row in rows_of(exported(importer, LINKS)) for cell in row]


@pytest.mark.parametrize("text", ["=1+1", "+44 1632", "-", "@x", "'", "'=x", "''@", "'s", "it’s", "", "a=b"])
def test_guard_comes_off_again(text):
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", ["+44 (0)1632 960-001", "-5", "+1.5", "01632 960001", "'=words"])
def test_number_is_no_formula(text):
    assert unguarded(text) in (text, text[1:])


FORMULAS = ["=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)", "+cmd|'/C'!A0", "-2+3+cmd|x", "+1+cmd|' /C calc'!A0", "\t=1",
            "  =1", "\r=1", '=HYPERLINK("https://bad.example")', "+A1", "-A1"]  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS)
def test_formula_is_refused_by_row_and_column(importer, formula):
    before = everything()
    page = look(importer, SYNONYMS, sheet(["typed", "means"], ["fine", "nudes"], ["insta", formula]))
    [(row, column, words)] = page.context["faults"]
    assert (row, column) == (3, "means")
    assert "formula" in words
    assert everything() == before


HOSTILE = ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>', "{{ 7|add:7 }}",
           "javascript:alert(1)", "<b style='x'>b</b>", "</td></table><h1>big"]  # fmt: skip


@pytest.mark.parametrize("cell", HOSTILE)
def test_hostile_cell_is_only_words(importer, cell):
    long = f"{cell} {'and many more words ' * 4}"
    SearchSynonym.objects.create(typed="insta", means="instagram", note=long)
    rows = [["typed", "means", "note"], ["insta", cell, f"{long}more"], [cell, "y", ""], [cell, "y", ""]]
    for content in (sheet(*rows), sheet(*rows[:3])):  # with a fault, and without
        page = look(importer, SYNONYMS, content)
        words = page.content.decode()
        assert cell not in words or "<" not in cell
        assert "<script>alert" not in words
        assert not re.search(r"<[^>]*\sstyle=", words)
    do_import(importer, SYNONYMS, sheet(*rows[:3]))
    suggested = SuggestedChange.objects.get(title__startswith=cell[:30], object_id=None)
    words = importer.get(f"/admin/safety_site/suggestedchange/{suggested.pk}/change/").content.decode()
    assert cell not in words or "<" not in cell


# --- What becomes of a sheet ----------------------------------------------------------------------------


def test_changed_and_new_rows_wait_and_untouched_ones_are_skipped(importer):
    SearchSynonym.objects.create(typed="insta", means="instagram")
    SearchSynonym.objects.create(typed="snap", means="snapchat")
    content = sheet(["typed", "means"], ["insta", "instagram photo"], ["snap", "snapchat"], ["finsta", "instagram"])
    page = do_import(importer, SYNONYMS, content, "words.csv")
    assert "2 suggestions from your sheet wait" in page.content.decode()
    assert sorted(SearchSynonym.objects.values_list("means", flat=True)) == ["instagram", "snapchat"]
    changed, new = SuggestedChange.objects.order_by("-object_id")
    changed, new = (changed, new) if changed.object_id else (new, changed)
    assert (changed.before, changed.after) == ({"means": "instagram"}, {"means": "instagram photo"})
    assert new.after == {"typed": "finsta", "means": "instagram", "note": "", "is_in_use": "yes"}
    assert changed.source == new.source
    assert changed.source.startswith("words.csv, ")
    for each in (changed, new):
        accept(each, factories.editor())
    assert sorted(SearchSynonym.objects.values_list("typed", "means")) == [
        ("finsta", "instagram"), ("insta", "instagram photo"), ("snap", "snapchat"),
    ]  # fmt: skip


def test_same_sheet_again_adds_nothing(importer):
    content = sheet(["typed", "means"], ["finsta", "instagram"])
    do_import(importer, SYNONYMS, content)
    page = look(importer, SYNONYMS, content)
    assert (page.context["new_count"], page.context["waiting"]) == (0, None)


def test_yes_and_labels_are_understood(importer):
    factories.useful_link(url="https://charity.example/x", is_published=True, group="talk")
    content = sheet(["audience", "url", "is_published", "group"],
                    ["Parents and carers", "https://charity.example/x", "TRUE", "Talk to someone"])  # fmt: skip
    page = look(importer, LINKS, content)
    # The key must be written as it is, “parents”: this row is taken for a new one, and there is one already.
    assert [column for _, column, _ in page.context["faults"]] == ["", "description", "provider", "title"]
    content = content.replace("Parents and carers", "parents")
    assert look(importer, LINKS, content).context["skipped_count"] == 1


def test_contact_becomes_a_draft_beside_the_live_edition(importer):
    live = reporting.contact_edition(name="Helpline", cost="Free")
    reporting.phone(live, "01632 960001", rows=[(range(5), "09:00", "17:00")])
    reporting.phone(live, "01632 960002")
    slug = live.contact.slug
    before = serialize("json", [live, *live.phones.all()])
    line = "01632 960009 | for: New line | hours: Mon-Wed 09:00-17:00, Sat 10:00-12:00?"
    page = do_import(importer, CONTACTS, sheet(["slug", "cost", "phones"], [slug, "10p a minute", line]), "c.csv")
    assert "1 draft made from your sheet" in page.content.decode()
    live.refresh_from_db()
    assert serialize("json", [live, *live.phones.all()]) == before
    draft = ContactEdition.objects.get(state="draft")
    assert (draft.contact, draft.name, draft.cost, draft.based_on) == (live.contact, "Helpline", "10p a minute", 1)
    assert draft.approved_by is None
    assert draft.checked_on is None
    assert draft.author.pk == int(importer.session["_auth_user_id"])
    assert draft.change_note.startswith("Imported from c.csv")
    [phone] = draft.phones.all()
    assert (phone.number, phone.purpose, phone.answers) == ("01632 960009", "New line", "rows")
    assert [(row.weekday, row.is_sure) for row in phone.hours.all()] == [(0, True), (1, True), (2, True), (5, False)]
    assert [row.audience for row in draft.audiences.all()] == ["parents"]
    assert list(ContactEdition.objects.live()) == [live]
    # The same sheet once more: that draft says it already.
    page = look(importer, CONTACTS, sheet(["slug", "cost", "phones"], [slug, "10p a minute", line]))
    assert (page.context["skipped_count"], page.context["waiting"]) == (1, None)


def test_new_contact_becomes_a_thing_with_a_draft(importer):
    reporting.authority("essex-like")
    head = ["slug", "name", "kind", "what_for", "coverage", "authorities", "source", "phones", "ways", "audiences"]
    row = ["new-door", "New door", "front-door", "A worry.", "authorities", "essex-like", "Its page.",
           "'+44 1632 960001 | answers: always",
           "form | https://council.example/form | The form\nemail | | a@b.example",
           "parents | professionals"]  # fmt: skip
    do_import(importer, CONTACTS, sheet(head, row))
    draft = ContactEdition.objects.get()
    assert (draft.contact.slug, draft.state, draft.number) == ("new-door", "draft", 1)
    assert [phone.number for phone in draft.phones.all()] == ["+44 1632 960001"]
    assert [(way.kind, way.url, way.detail) for way in draft.ways.all()] == [
        ("form", "https://council.example/form", "The form"), ("email", "", "a@b.example"),
    ]  # fmt: skip
    assert [area.slug for area in draft.authorities.all()] == ["essex-like"]
    assert [row.audience for row in draft.audiences.all()] == ["parents", "professionals"]
    assert not ContactEdition.objects.live().exists()


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("phones", "none", "no number"),
        ("phones", "01632 960001 | hours: Mun 09:00-17:00", "Mon-Fri 09:00-17:30"),
        ("phones", "01632 960001 | hours: Fri-Mon 09:00-17:00", "cannot be read"),
        ("phones", "01632 960001 | hours: Mon 09:00-25:00", "no clock shows"),
        ("phones", "01632 960001 | hours: Mon 09:00-10:00, Mon-Tue 09:00-12:00", "stands twice"),
        ("phones", "01632 960001 | answers: perhaps", "cannot be read"),
        ("phones", "01632 960001 | for: a | for: b", "stands twice"),
        ("phones", "0" * 40, "at most 20"),
        ("ways", "pigeon | https://a.example/", "not a valid choice"),
        ("ways", "form | http://a.example/", "valid URL"),
        ("ways", "form | a | b | c", "more than three parts"),
        ("audiences", "parents | dogs", "“dogs” is not one of"),
        ("nations", "france", "“france” is not one of"),
        ("authorities", "atlantis", "no authority “atlantis”"),
        ("coverage", "authorities", "name at least one"),
        ("website", "http://a.example/", "valid URL"),
        ("kind", "", "cannot be blank"),
        ("name", "x" * 121, "at most 120"),
        ("slug", "two words", ""),
    ],
)
def test_fault_of_a_contact_is_told_by_row_and_column(importer, column, cell, words):
    live = reporting.contact_edition()
    before = everything()
    row = {"slug": live.contact.slug, "cost": "Free", column: cell}
    page = look(importer, CONTACTS, sheet(list(row), [live.contact.slug + "-2", "Free", "x"][: len(row)], row.values()))
    told = [(number, name, text) for number, name, text in page.context["faults"] if number == 3]
    if column == "slug":
        assert "Enter a valid" in " ".join(text for _, name, text in told if name == "slug")
    else:
        assert words in " ".join(text for _, name, text in told if name in (column, "authorities"))
    assert page.context["waiting"] is None
    assert everything() == before


def test_ended_council_is_suggested_with_its_successor(importer):
    reporting.authority("new-one")
    old = reporting.authority("old-one")
    do_import(importer, AUTHORITIES, sheet(["slug", "ended_on", "succeeded_by"], ["old-one", "2026-03-31", "new-one"]))
    accept(SuggestedChange.objects.get(), factories.editor())
    old.refresh_from_db()
    assert (str(old.ended_on), old.succeeded_by.slug) == ("2026-03-31", "new-one")
    page = look(importer, AUTHORITIES, sheet(["slug", "ended_on", "succeeded_by"], ["new-one", "2026-03-31", ""]))
    assert page.context["faults"] == [(2, "", "An authority that ended needs the one that took its place.")]


# --- One fault, and nothing happens ---------------------------------------------------------------------


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


# --- The file between look and import -------------------------------------------------------------------


def test_nobody_imports_the_file_of_somebody_else(importer, client):
    page = look(importer, SYNONYMS, sheet(["typed", "means"], ["finsta", "instagram"]))
    waiting = page.context["waiting"].pk
    client.force_login(writer())
    answer = client.post(f"/admin/{SYNONYMS}/process_import/", {"waiting": waiting}, follow=True)
    assert "does not wait any more" in answer.content.decode()
    assert not SuggestedChange.objects.exists()
    assert WaitingImport.objects.filter(pk=waiting).exists()


def test_file_of_one_kind_is_not_imported_as_another(importer):
    page = look(importer, SYNONYMS, sheet(["typed", "means"], ["finsta", "instagram"]))
    answer = importer.post(f"/admin/{WORRIES}/process_import/", {"waiting": page.context["waiting"].pk}, follow=True)
    assert "does not wait any more" in answer.content.decode()
    assert not SuggestedChange.objects.exists()


def test_file_is_imported_once_and_gone(importer):
    page = look(importer, SYNONYMS, sheet(["typed", "means"], ["finsta", "instagram"]))
    for _ in range(2):
        importer.post(f"/admin/{SYNONYMS}/process_import/", {"waiting": page.context["waiting"].pk})
    assert SuggestedChange.objects.count() == 1
    assert not WaitingImport.objects.exists()


def test_newer_file_takes_the_place_of_an_older_one(importer):
    first = look(importer, SYNONYMS, sheet(["typed", "means"], ["first", "games"])).context["waiting"].pk
    second = look(importer, SYNONYMS, sheet(["typed", "means"], ["second", "games"])).context["waiting"].pk
    importer.post(f"/admin/{SYNONYMS}/process_import/", {"waiting": first})
    assert not SuggestedChange.objects.exists()
    importer.post(f"/admin/{SYNONYMS}/process_import/", {"waiting": second})
    assert SuggestedChange.objects.get().after["typed"] == "second"


def test_old_file_is_not_imported_and_is_cleared_away(importer):
    look(importer, SYNONYMS, sheet(["typed", "means"], ["first", "games"]))
    WaitingImport.objects.update(made_at=timezone.now() - KEPT_FOR)
    stale = WaitingImport.objects.get().pk
    importer.post(f"/admin/{SYNONYMS}/process_import/", {"waiting": stale})
    assert not SuggestedChange.objects.exists()
    look(importer, WORRIES, sheet(["words", "concern"], ["child afraid", "grooming"]))
    assert not WaitingImport.objects.filter(pk=stale).exists()


@pytest.mark.parametrize("waiting", ["", "0", "x", "-1", "²", "9" * 30, "\x00", "1 OR 1"])
def test_odd_number_of_a_file_is_told_in_words(importer, waiting):
    answer = importer.post(f"/admin/{SYNONYMS}/process_import/", {"waiting": waiting}, follow=True)
    assert "does not wait any more" in answer.content.decode()


# --- Many rows, and who may -----------------------------------------------------------------------------


def test_ten_thousand_rows(importer):
    rows = [[f"word number {number}", "games", f"why {number}"] for number in range(10_000)]
    page = look(importer, SYNONYMS, sheet(["typed", "means", "note"], *rows))
    assert (page.context["new_count"], page.context["more_changes"]) == (10_000, 9_900)
    assert len(page.content) < 200_000
    importer.post(f"/admin/{SYNONYMS}/process_import/", {"waiting": page.context["waiting"].pk})
    assert SuggestedChange.objects.count() == 10_000
    assert not SearchSynonym.objects.exists()


def test_contacts_over_their_cap_are_refused(importer):
    content = "slug,name\n" + "a,b\n" * 2_001
    assert "more than 2,000 rows" in file_faults(look(importer, CONTACTS, content))


# Who may import links, import contacts, export.
ROLES = {
    "stranger": (None, 302, 302, 302),
    "plain staff": ([], 403, 403, 403),
    "reader of the admin": (["guidance.view_usefullink", "reporting.view_contactedition"], 403, 403, 200),
    "writer": (["guidance.view_usefullink", "reporting.view_contactedition", "reporting.add_contactedition",
                "safety_site.add_suggestedchange"], 200, 200, 200),
    "contact checker": (["reporting.view_contactedition", "reporting.approve_contactedition",
                         "guidance.view_usefullink"], 403, 403, 200),
    "moderator": (["guidance.change_feedback"], 403, 403, 403),
    "administrator": ("all", 200, 200, 200),
}  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_who_may(client, role):
    permissions, links, contacts, exports = ROLES[role]
    if permissions is not None:
        client.force_login(factories.editor(is_superuser=True) if permissions == "all" else staff(*permissions))
    gets = {f"/admin/{LINKS}/import/": links, f"/admin/{CONTACTS}/import/": contacts,
            f"/admin/{LINKS}/export/": exports, f"/admin/{CONTACTS}/export/": exports}  # fmt: skip
    assert {address: client.get(address).status_code for address in gets} == gets
    assert look(client, LINKS, "audience,url\n").status_code == links
    assert client.post(f"/admin/{LINKS}/export/", {"format": "0", "resource": "0"}).status_code == exports
    confirm = client.post(f"/admin/{LINKS}/process_import/", {"waiting": "1"}).status_code
    assert confirm == (302 if links == 200 else links)
    assert client.get(f"/admin/{LINKS}/process_import/").status_code in (302, 405)
    assert not WaitingImport.objects.exists()


def test_export_of_a_filtered_list_and_of_an_odd_one(importer):
    factories.useful_link("parents", title="For parents")
    factories.useful_link("professionals", title="For others")
    address = f"/admin/{LINKS}/export/?audience__exact=parents"
    rows = rows_of(importer.post(address, {"format": "0", "resource": "0"}).content)
    assert [row[rows[0].index("title")] for row in rows[1:]] == ["For parents"]
    answer = importer.post(f"/admin/{LINKS}/export/?nonsense=1", {"format": "0", "resource": "0"})
    assert answer.status_code == 200
    for odd in ({"format": "9"}, {"format": "x", "resource": "9"}, {"format": "0", "export_items": ["x", "9" * 30]}):
        assert importer.post(f"/admin/{LINKS}/export/", odd).status_code == 200


def test_export_tells_nothing_of_a_person(importer):
    owner = factories.editor(username="ada-owns")
    reporting.authority("essex-like", owner=owner)
    reporting.contact_edition(author=owner)
    for what in (AUTHORITIES, CONTACTS):
        assert b"ada-owns" not in exported(importer, what)
