"""Sheets in the admin: what comes out goes in again, however much it is, and who may take one out or in."""

import re

import pytest

from safety_site.models import SearchSynonym, SuggestedChange, WaitingImport
from safety_site.newsroom.cells import guarded, unguarded
from tests import factories
from tests.reporting import factories as reporting
from tests.safety_site.newsroom.roles import with_rights
from tests.safety_site.newsroom.sheets import (
    AUTHORITIES,
    CONTACTS,
    LINKS,
    SYNONYMS,
    WORRIES,
    do_import,
    everything,
    exported,
    file_faults,
    look,
    rows_of,
    sheet,
)

pytestmark = pytest.mark.django_db


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
        client.force_login(factories.editor(is_superuser=True) if permissions == "all" else with_rights(*permissions))
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
