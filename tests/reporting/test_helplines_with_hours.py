"""The list of helplines where now is not known: who surely answers first, each number once."""

import re

from reporting.national import helplines_with_hours
from tests.reporting import factories
from tests.safety_site.speed.words_of_now import DAY, read


def line(name: str, number: str, **fields):
    return factories.phone(factories.contact_edition(name=name), number, **fields)


def numbers(items: str) -> list[str]:
    return re.findall(r'href="tel:(\d+)"', items)


def test_lines_that_always_answer_come_first_then_known_hours_then_the_rest(db):
    line("A line of no known hours", "01632 960001")
    line("Blue", "01632 960002", rows=[(range(5), "09:00", "17:00")], open_on_bank_holidays=False)
    line("An always line", "01632 960003", answers="always")
    line("Samaritans", "116 123", answers="always")
    line("Childline", "0800 1111", answers="always")
    found = helplines_with_hours()
    assert numbers(found.known) == ["08001111", "116123", "01632960003", "01632960002"]
    assert "Answers Monday to Friday 9am to 5pm. Closed on bank holidays." in found.known
    assert numbers(found.unknown) == ["01632960001"]


def test_each_number_stands_there_once_by_the_first_of_its_names(db):
    line("Runaways", "116 000")
    line("Missing", "116000")
    found = helplines_with_hours()
    assert numbers(found.unknown) == ["116000"]
    assert "Missing" in found.unknown


def test_home_without_now_says_of_which_lines_the_hours_are_unknown(client, loaded, db):
    page = read(client, "/", DAY)[0].without_now()
    lines = page.partition("National lines, with their hours:")[2].partition("All national services")[0]
    known, said, unknown = lines.partition("We do not know these hours: try them.")
    assert said
    assert numbers(known)[:2] == ["08001111", "116123"]
    assert known.count("<li>") == known.count("Answers ")
    assert "We do not know" not in unknown
    assert len(numbers(lines)) == len(set(numbers(lines)))
