"""Bank holidays, on which offices are shut."""

from datetime import date

import pytest
from django.core.management import call_command

from reporting import bank_holidays as module
from reporting.bank_holidays import TABLE, YEARS, bank_holidays, reckoned, rows
from reporting.models import Nation

# The official list (GOV.UK, read 25 February 2026; Scotland's 15 June 2026 was proclaimed later).
IN_ALL = {"2026-01-01", "2026-04-03", "2026-05-04", "2026-05-25", "2026-12-25", "2026-12-28",
          "2027-01-01", "2027-03-26", "2027-05-03", "2027-05-31", "2027-12-27", "2027-12-28"}  # fmt: skip
ENGLAND_AND_WALES = {"2026-04-06", "2026-08-31", "2027-03-29", "2027-08-30"}
OFFICIAL = {
    "england": IN_ALL | ENGLAND_AND_WALES,
    "wales": IN_ALL | ENGLAND_AND_WALES,
    "northern-ireland": IN_ALL | ENGLAND_AND_WALES | {"2026-03-17", "2026-07-13", "2027-03-17", "2027-07-12"},
    "scotland": IN_ALL
    | {"2026-01-02", "2026-06-15", "2026-08-03", "2026-11-30", "2027-01-04", "2027-08-02", "2027-11-30"},
}


@pytest.mark.parametrize("nation", Nation.values)
def test_bank_holidays_of_2026_and_2027_are_the_official_ones(nation):
    ours = {day.isoformat() for year in (2026, 2027) for day in bank_holidays(nation, year) if day.weekday() < 5}
    assert ours == OFFICIAL[nation]


@pytest.mark.parametrize("nation", Nation.values)
def test_the_table_is_what_the_package_reckons(nation):
    """Run ``manage.py write_bank_holidays`` where an update of the package fails this."""
    assert {year: bank_holidays(nation, year) for year in YEARS} == {year: reckoned(nation, year) for year in YEARS}


@pytest.mark.parametrize("year", [YEARS[0] - 1, YEARS[-1] + 1])
def test_other_years_are_reckoned(year):
    days = bank_holidays("scotland", year)
    assert any("Andrew" in name for name in days.values())
    assert {day.year for day in days} == {year}


def test_the_command_writes_the_table(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(module, "TABLE", tmp_path / "table.csv")
    call_command("write_bank_holidays")
    assert f"{len(rows())} days of {YEARS[0]} to {YEARS[-1]}" in capsys.readouterr().out
    assert module.TABLE.read_bytes() == TABLE.read_bytes()


def test_the_years_ahead_are_in_the_table():
    """So that no process loads the package for the years that pages tell of."""
    assert date.today().year + 2 in YEARS
