"""Loading postcodes: what ships, and files as the Office for National Statistics publishes them."""

import csv
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.db import connection

from reporting import importing, shipped
from reporting.importing import Columns, WrongFile, edition_of, import_postcodes
from reporting.models import Authority, DataSource, Outcode, Postcode
from reporting.postcodes import Outcome, find, key_of
from reporting.shipped import load_authorities, load_places
from tests.reporting.commands import say

DATA = Path(__file__).parent / "data"
AUG_2026 = DATA / "onspd_aug2026_layout_fixture.csv"
NOV_2025 = DATA / "onspd_nov2025_real_rows.csv"
YEAR_2024 = DATA / "onspd_2024_real_rows.csv"
NSPL = DATA / "nspl_nov2025_real_rows.csv"


@pytest.fixture
def authorities(db):
    load_authorities()


def where(postcode: str) -> tuple[str | None, str, str]:
    row = Postcode.objects.select_related("authority").get(key=key_of(postcode))
    return row.authority and row.authority.gss_code, row.get_status_display(), row.get_place_display()


def changed_copy(tmp_path: Path, change, source: Path = AUG_2026) -> Path:
    """A real file with something wrong in it: ``change`` gets its lines and returns others."""
    target = tmp_path / "ONSPD_AUG_2026_UK.csv"
    target.write_text("\n".join(change(source.read_text().splitlines())) + "\n")
    return target


def table_names() -> set[str]:
    return {name for name in connection.introspection.table_names() if name.startswith("reporting_postcode")}


# --- What ships -----------------------------------------------------------------------------------------


def test_shipped_places_load_once(db, django_assert_max_num_queries):
    assert "96,299 postcodes loaded" in say("load_places")
    assert (Postcode.objects.count(), Outcode.objects.count()) == (96_299, 5_465)
    with django_assert_max_num_queries(2):
        assert "there already" in say("load_places")
    assert DataSource.objects.count() == 1


def test_shipped_places_are_loaded_again_when_their_files_change(db, monkeypatch):
    load_places()
    monkeypatch.setattr(shipped, "version", lambda: "newer")
    assert load_places().shipped_version == "newer"
    assert Postcode.objects.count() == 96_299


def test_shipped_places_never_replace_all_postcodes(authorities, monkeypatch):
    DataSource.objects.create(name="ONSPD August 2026", rows=1, year=2026, is_whole=True)
    Postcode.objects.create(key=key_of("M1 1AD"), authority=Authority.objects.get(name="Manchester"))
    assert "the postcodes of ONSPD August 2026 kept" in say("load_places")
    assert Postcode.objects.count() == 1
    assert "there already" in say("load_places")


def test_correction_of_an_authority_by_an_editor_outlives_the_next_start(db):
    load_places()
    Authority.objects.filter(slug="essex").update(council_name="Changed by an editor")
    load_places()
    assert Authority.objects.get(slug="essex").council_name == "Changed by an editor"


# --- Files as published ---------------------------------------------------------------------------------


def test_newest_layout_is_read(authorities):
    report = import_postcodes(AUG_2026, is_part=True)
    assert report.changes.rows == Postcode.objects.count() == 136
    assert where("SS14 1TD") == ("E07000066", "In use", "United Kingdom")
    assert where("AB1 0AA")[:2] == ("S12000033", "No longer in use, or newer than our list of those in use")
    assert where("JE2 4WD") == (None, "In use", "Channel Islands")
    assert where("M1 1AD")[0] == "E08000003"  # its 7-character form has two spaces
    assert where("SE1P 5ZZ")[0] == "E09000028"  # and this one none
    assert where("IM1 1AA")[1:] == ("A business or a post office box, no longer in use", "Isle of Man")


@pytest.mark.parametrize(
    ("file", "rows", "postcode", "code"),
    [(YEAR_2024, 6, "SE1 9ZZ", "E09000028"), (NOV_2025, 4, "AB1 0AA", "S12000033"), (NSPL, 3, "BR8 7QP", "E09000006"),
     (DATA / "onspd_aug2024_real_rows.csv", 4, "AL1 1AA", "E07000240")],
)  # fmt: skip
def test_real_rows_of_other_editions_and_products_are_read(authorities, file, rows, postcode, code):
    assert import_postcodes(file, is_part=True).changes.rows == rows
    assert where(postcode)[0] == code


def test_columns_are_found_by_name_and_the_newest_year_wins():
    header = ["lad24cd", "x", "\ufeffPCDS", "lad26cd", "usrtypind", "doterm", "oslaua"]
    assert Columns.of(header) == Columns(postcode=2, authority=3, ended=5, user=4)
    assert Columns.of(["pcd", "oslaua", "usertype", "doterm"]) == Columns(postcode=0, authority=1, ended=3, user=2)


@pytest.mark.parametrize("missing", ["pcds", "lad26cd", "usrtypind", "doterm"])
def test_file_without_a_needed_column_is_named(missing):
    header = [name for name in ("pcds", "lad26cd", "usrtypind", "doterm") if name != missing]
    with pytest.raises(WrongFile, match=f"no column for .*{missing}"):
        Columns.of(header)


def test_old_code_in_an_old_edition_leads_to_todays_council(authorities, tmp_path):
    file = changed_copy(tmp_path, lambda lines: [line.replace("E08000003", "E07000026") for line in lines], YEAR_2024)
    import_postcodes(file, is_part=True)
    assert where("M1 1AD")[0] == "E06000063"


@pytest.mark.parametrize(
    ("name", "edition"),
    [("ONSPD_NOV_2025_UK", ("ONSPD November 2025", 2025)), ("NSPL_AUG_2026_UK", ("NSPL August 2026", 2026)),
     ("NSPL21_FEB_2024_UK", ("NSPL21 February 2024", 2024))],
)  # fmt: skip
def test_edition_is_read_from_the_name(name, edition):
    assert edition_of(name) == edition


def zipped(tmp_path: Path, members: dict[str, str]) -> Path:
    target = tmp_path / "ONSPD_AUG_2026.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return target


def test_zip_as_published_is_read_from_its_one_big_table(authorities, tmp_path):
    text = AUG_2026.read_text()
    file = zipped(tmp_path, {
        "Documents/LAD (Local Authority District) names and codes UK.csv": "LAD26CD,LAD26NM\n" + "E,x\n" * 9_999,
        "Data/multi_csv/ONSPD_AUG_2026_UK_SS.csv": text,
        "Data/ONSPD_AUG_2026_UK.csv": text,
    })  # fmt: skip
    report = import_postcodes(file, is_part=True)
    assert (report.name, report.changes.rows) == ("ONSPD August 2026", 136)


def test_zip_with_only_parts_by_area_is_read_whole(authorities, tmp_path):
    header, *lines = AUG_2026.read_text().splitlines(keepends=True)
    file = zipped(tmp_path, {
        "Data/multi_csv/ONSPD_AUG_2026_UK_A.csv": header + "".join(lines[:50]),
        "Data/multi_csv/ONSPD_AUG_2026_UK_B.csv": header + "".join(lines[50:]),
    })  # fmt: skip
    assert import_postcodes(file, is_part=True).changes.rows == 136


def test_northern_ireland_is_left_out_and_counted(authorities, tmp_path):
    file = changed_copy(tmp_path, lambda lines: [*lines, lines[1].replace("SS14 1TD", "BT1 1AA")])
    report = import_postcodes(file, is_part=True)
    assert (report.changes.rows, report.census.northern_ireland) == (136, 1)


def test_import_replaces_what_was_there_and_reports_the_change(db):
    load_places()
    say("import_postcodes", NOV_2025, part=True)
    said = say("import_postcodes", AUG_2026, part=True)
    assert "136 postcodes in" in said
    assert "132 new, 0 gone, 0 in another authority, 0 came into use" in said
    assert Postcode.objects.count() == 136
    assert find("M1 1AD").outcome == Outcome.FOUND
    assert Outcode.objects.get(outcode="M1", authority__name="Manchester").live_postcodes == 1
    assert Outcode.objects.get(outcode="AB1", authority__name="Aberdeen City").live_postcodes == 0
    assert DataSource.objects.first().is_whole is False


def test_import_shows_its_progress(authorities, monkeypatch):
    monkeypatch.setattr(importing, "PROGRESS_EVERY", 50)
    assert say("import_postcodes", AUG_2026, part=True).count("rows read") == 2


def test_table_keeps_its_name_and_its_key(authorities):
    import_postcodes(AUG_2026, is_part=True)
    import_postcodes(AUG_2026, is_part=True)
    assert table_names() == {"reporting_postcode"}
    with connection.cursor() as cursor:
        assert connection.introspection.get_primary_key_column(cursor, "reporting_postcode") == "key"
    assert "reporting_postcode_pkey" in find_plan() or "INTEGER PRIMARY KEY" in find_plan()


def find_plan() -> str:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # in so small a table it would not use the key
    return Postcode.objects.filter(key=key_of("M1 1AD")).explain()


# --- Wrong files ----------------------------------------------------------------------------------------

WRONG = {
    "no column for the postcode": lambda lines: [
        lines[0].replace("pcds", "x").replace("pcd7", "y").replace("pcd8", "z"),
        *lines[1:],
    ],
    "no column for the local authority": lambda lines: [lines[0].replace("lad26cd", "place"), *lines[1:]],
    "is cut short": lambda lines: [*lines, '"SS14"'],
    "Line 138 of the file holds no postcode": lambda lines: [*lines, lines[1].replace("SS14 1TD", "NONSENSE!")],
    "a postcode twice": lambda lines: [*lines, lines[1]],
    "names 1 authorities that we do not know (E06000999)": lambda lines: [
        *lines,
        lines[1].replace("E07000066", "E06000999").replace("SS14 1TD", "SS14 1ZZ"),
    ],
}


@pytest.mark.parametrize("sentence", WRONG)
def test_wrong_file_leaves_the_old_data_working(authorities, tmp_path, sentence):
    import_postcodes(NOV_2025, is_part=True)
    with pytest.raises(CommandError) as problem:
        say("import_postcodes", changed_copy(tmp_path, WRONG[sentence]), part=True)
    assert sentence in str(problem.value)
    assert "Nothing was changed." in str(problem.value)
    assert (Postcode.objects.count(), DataSource.objects.count()) == (4, 1)
    assert find("AB1 0AA").outcome == Outcome.NOT_LIVE
    assert table_names() == {"reporting_postcode"}


def without_councils(lines: list[str]) -> list[str]:
    place = lines[0].split(",").index("lad26cd")
    rows = [next(csv.reader([line])) for line in lines]
    return [
        ",".join([*row[:place], row[place] if number < 100 else "", *row[place + 1 :]])
        for number, row in enumerate(rows)
    ]


def test_file_with_many_postcodes_without_a_council_is_refused(authorities, tmp_path):
    with pytest.raises(WrongFile, match="have no authority, which is too many"):
        import_postcodes(changed_copy(tmp_path, without_councils), is_part=True)
    assert Postcode.objects.count() == 0


@pytest.mark.parametrize(
    "content",
    [b"", b"\x89PNG\r\n\x1a\n\x00\xff", b"PK\x03\x04broken", b"<html><body>Not found</body></html>", b"\n\n\n"],
)
def test_file_that_is_no_table_is_refused_in_one_sentence(authorities, tmp_path, content):
    (tmp_path / "file.csv").write_bytes(content)
    with pytest.raises(CommandError, match=r"Nothing was changed\.$"):
        say("import_postcodes", tmp_path / "file.csv")


def test_zip_that_is_broken_or_empty_is_refused(authorities, tmp_path):
    whole = zipped(tmp_path, {"Data/ONSPD_AUG_2026_UK.csv": AUG_2026.read_text() * 20}).read_bytes()
    broken = bytearray(whole)
    broken[200:260] = b"\0" * 60
    for content in (bytes(broken), zipped(tmp_path, {"readme.txt": "nothing"}).read_bytes()):
        (tmp_path / "x.zip").write_bytes(content)
        with pytest.raises(CommandError, match=r"Nothing was changed\.$"):
            say("import_postcodes", tmp_path / "x.zip", part=True)
    with pytest.raises(CommandError, match="There is no file nowhere"):
        say("import_postcodes", tmp_path / "nowhere.zip")


def test_part_of_the_country_is_refused_unless_it_is_said_to_be_one(authorities):
    with pytest.raises(CommandError, match="has only 136 postcodes"):
        say("import_postcodes", AUG_2026)
    assert Postcode.objects.count() == 0


def test_whole_file_must_hold_known_postcodes_in_their_nation(authorities, monkeypatch):
    monkeypatch.setattr(importing, "FEWEST_OF_A_WHOLE_FILE", 100)
    report = import_postcodes(AUG_2026)
    assert report.changes.rows == 136
    assert DataSource.objects.first().is_whole
    monkeypatch.setattr(importing, "FEWEST_OF_A_WHOLE_FILE", 1)
    with pytest.raises(WrongFile, match="lacks 132 postcodes that we have"):
        import_postcodes(NOV_2025)
    Postcode.objects.all().delete()
    with pytest.raises(WrongFile, match="does not have SS14 1TD in England"):
        import_postcodes(NOV_2025)


def test_postcodes_need_authorities_first(db):
    with pytest.raises(CommandError, match="run load_places or import_authorities first"):
        say("import_postcodes", AUG_2026)
