"""Bank holidays by nation, from the table beside this file.

The table is the ``holidays`` package's (MIT licence), written down by ``manage.py write_bank_holidays``: the package
costs each process 20 megabytes, the table next to none. A test compares the two, so that a holiday proclaimed later
comes in with the package's next release. Other years are the package's own.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path

from reporting.models import Nation

TABLE = Path(__file__).with_name("bank_holidays.csv")
YEARS = range(2024, 2041)

_SUBDIVISIONS = {
    Nation.ENGLAND: "ENG",
    Nation.SCOTLAND: "SCT",
    Nation.WALES: "WLS",
    Nation.NORTHERN_IRELAND: "NIR",
}


def bank_holidays(nation: str, year: int) -> dict[date, str]:
    """The bank holidays of a nation in a calendar year, with their names.

    Where a holiday falls on a weekend, that day is here as well as its substitute on a weekday: offices that
    open on Saturdays are shut on a Christmas Saturday too.
    """
    return _written_down()[nation, year] if year in YEARS else reckoned(nation, year)


@cache
def _written_down() -> dict[tuple[str, int], dict[date, str]]:
    days = defaultdict(dict)
    with TABLE.open(encoding="utf-8", newline="") as file:
        for nation, day, name in list(csv.reader(file))[1:]:
            day = date.fromisoformat(day)
            days[nation, day.year][day] = name
    return dict(days)


@cache
def reckoned(nation: str, year: int) -> dict[date, str]:
    """The same as the package reckons it."""
    # Its calendars of all countries come with it: 20 megabytes, which no process needs for the years of the table.
    import holidays  # noqa: PLC0415

    days = holidays.country_holidays("GB", subdiv=_SUBDIVISIONS[Nation(nation)], years=year)
    return dict(sorted(days.items()))


def rows(years: Iterable[int] = YEARS) -> list[tuple[str, str, str]]:
    """The table: nation, day, name."""
    return [
        (nation, day.isoformat(), name)
        for nation in Nation.values
        for year in years
        for day, name in reckoned(nation, year).items()
    ]
