"""What readers see now beside what an edition would show: each part, each digit."""

import pytest

from reporting.models import OtherWay, Phone
from safety_site.newsroom.side_by_side import marked_apart, parts_beside
from tests.reporting import factories as directory

pytestmark = pytest.mark.django_db


def told(pieces) -> str:
    marks = {"same": "{}", "added": "+{}+", "removed": "-{}-"}
    return "".join(marks[piece.kind].format(piece.text) for piece in pieces)


@pytest.mark.parametrize(
    ("old", "new", "now", "then"),
    [
        ("0345 052 0333", "0345 052 0333", "0345 052 0333", "0345 052 0333"),
        ("0345 052 0333", "0345 052 0334", "0345 052 033-3-", "0345 052 033+4+"),
        ("0345 052 0333", "0354 052 0333", "03-45- 052 0333", "03+54+ 052 0333"),
        ("0345 052 0333", "0345 052 033", "0345 052 033-3-", "0345 052 033"),
        ("01632 960001", "020 7946 0999", "-01632 960001-", "+020 7946 0999+"),
        ("help@a.example", "help@b.example", "help@-a-.example", "help@+b+.example"),
        ("", "01632 960001", "", "+01632 960001+"),
        ("Out of hours only", "Out of office only", "Out of -hours- only", "Out of +office+ only"),
    ],
)
def test_each_sign_that_differs_is_marked_in_its_column(old, new, now, then):
    assert tuple(map(told, marked_apart(old, new))) == (now, then)


def rows(live, edition, part=Phone) -> list[tuple[str, str]]:
    return [(row.title, row.said) for row in parts_beside(live, edition, part).rows]


def test_each_part_is_new_changed_taken_out_or_the_same():
    live, edition = directory.contact_edition(), directory.contact_edition()
    for number, purpose in (("01632 960001", "Daytime"), ("01632 960002", "Nights"), ("01632 960003", "Fax")):
        directory.phone(live, number, purpose=purpose)
    for number, purpose in (("01632 960002", "Nights"), ("01632 960009", "Daytime")):
        directory.phone(edition, number, purpose=purpose)
    assert rows(live, edition) == [
        ("01632 960002", "The same"), ("01632 960009", "Changed"), ("01632 960003", "Taken out"),
    ]  # fmt: skip
    assert rows(live, edition, OtherWay) == []
    assert rows(None, edition) == [("01632 960002", "New"), ("01632 960009", "New")]


def test_one_number_for_another_is_a_change_of_it():
    live, edition = directory.contact_edition(), directory.contact_edition()
    directory.phone(live, "01632 960001", purpose="Daytime")
    directory.phone(edition, "020 7946 0999", purpose="For families", answers="always")
    assert rows(live, edition) == [("020 7946 0999", "Changed")]
    lines = parts_beside(live, edition, Phone).rows[0].lines
    assert [(line.label, told(line.now), told(line.new)) for line in lines if line.is_changed][:2] == [
        ("Number", "-01632 960001-", "+020 7946 0999+"),
        ("Purpose", "-Daytime-", "+For families+"),
    ]


def test_change_of_hours_alone_is_a_change():
    live, edition = directory.contact_edition(), directory.contact_edition()
    for each, weekdays in ((live, 5), (edition, 6)):
        directory.phone(each, "01632 960001", rows=[(range(weekdays), "09:00", "17:00")])
    assert rows(live, edition) == [("01632 960001", "Changed")]
    [hours] = [line for line in parts_beside(live, edition, Phone).rows[0].lines if line.is_changed]
    assert "Saturday" in told(hours.new)
    assert "Saturday" not in told(hours.now)
