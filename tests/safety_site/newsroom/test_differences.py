"""What differs between two texts, lists of parts and editions: told whole, word by word, and in good time."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safety_site.newsroom.differences import (
    ADDED,
    REMOVED,
    SAME,
    Piece,
    Row,
    Value,
    compare_rows,
    compare_texts,
    compare_values,
    match_rows,
)
from safety_site.newsroom.reading import marked, rich_words


def told(old: str, new: str) -> list[tuple[str, str]]:
    return [(piece.kind, piece.text) for piece in compare_texts(old, new)]


def sides(pieces) -> tuple[str, str]:
    """Both texts, put together again."""
    return tuple("".join(piece.text for piece in pieces if piece.kind != other) for other in (ADDED, REMOVED))


# --- Texts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", []),
        ("The same.", "The same.", [(SAME, "The same.")]),
        ("", "New.", [(ADDED, "New.")]),
        ("Old.", "", [(REMOVED, "Old.")]),
        (
            "Ring 01632 960001 now.",
            "Ring 01632 960002 now.",
            [(SAME, "Ring 01632 "), (REMOVED, "960001"), (ADDED, "960002"), (SAME, " now.")],
        ),
        ("Do pay them.", "Do not pay them.", [(SAME, "Do "), (ADDED, "not "), (SAME, "pay them.")]),
        ("First.\nSecond.", "First.\nNew.\nSecond.", [(SAME, "First.\n"), (ADDED, "New.\n"), (SAME, "Second.")]),
    ],
)
def test_words_that_came_and_went(old, new, expected):
    assert told(old, new) == expected


def test_sentence_written_anew_is_told_one_after_the_other():
    kinds = [kind for kind, _text in told("Tell a teacher at once.", "Nobody should have to cope alone.")]
    assert kinds.count(SAME) <= 1


@given(st.text(alphabet="ab .\n’1", max_size=80), st.text(alphabet="ab .\n’1", max_size=80))
@settings(max_examples=300, deadline=None)
def test_nothing_is_lost_or_made_up(old, new):
    assert sides(compare_texts(old, new)) == (old, new)


def _long(seed: int, size: int = 100_000) -> str:
    chance = random.Random(seed)  # noqa: S311 - text to compare
    words, length = [], 0
    while length < size:
        words.append(f"word{chance.randrange(2_000)}" + chance.choice([" "] * 12 + [". ", ".\n"]))
        length += len(words[-1])
    return "".join(words)


def _without_stops(text: str) -> str:
    return text.replace(".", "").replace("\n", " ")


def _every_second_longer(text: str) -> str:
    return " ".join(word + "x" * (place % 2) for place, word in enumerate(text.split(" ")))


LONG = {
    "a word changed here and there": lambda: (_long(1), _long(1).replace("word77 ", "other ")),
    "every second word changed": lambda: (_long(1), _every_second_longer(_long(1))),
    "written anew": lambda: (_long(1), _long(2)),
    "one sentence": lambda: (_without_stops(_long(1)), _without_stops(_long(3))),
    "the same line over and over": lambda: ("a\n" * 50_000, "b\n" + "a\n" * 40_000 + "b\n" * 10_000),
    "two words over and over": lambda: ("a b " * 25_000, "b a " * 25_000),
    "two lines in any order": lambda: tuple(
        "".join(random.Random(seed).choices(["a\n", "b\n"], k=50_000)) for seed in (1, 2)  # noqa: S311
    ),
    "every second line changed": lambda: tuple(
        "".join(f"{'x' * (i % 2) * new}line {i}\n" for i in range(9_000)) for new in (0, 1)
    ),
    "no spaces": lambda: ("a" * 100_000, "a" * 99_999 + "b"),
    "only full stops": lambda: ("." * 100_000, "!." * 50_000),
}  # fmt: skip


@pytest.mark.parametrize("case", LONG)
def test_two_long_texts_take_less_than_two_seconds(case):
    old, new = LONG[case]()
    begun = time.process_time()
    pieces = compare_texts(old, new)
    assert time.process_time() - begun < 2
    assert sides(pieces) == (old, new)


def test_long_text_with_small_changes_is_told_by_words():
    old = _long(1)
    pieces = compare_texts(old, old.replace("word77 ", "other "))
    assert sum(len(piece.text) for piece in pieces if piece.kind == SAME) > 99_000


# --- Fields ---------------------------------------------------------------------------------------------


def test_only_fields_that_differ_are_told():
    old = [Value("Title", "One", is_words=True), Value("Age", "13"), Value("Note", "")]
    new = [Value("Title", "One", is_words=True), Value("Age", "16"), Value("Note", "")]
    changes, same = compare_values(old, new)
    assert [(change.label, change.pieces) for change in changes] == [
        ("Age", [Piece(REMOVED, "13"), Piece(ADDED, "16")])
    ]
    assert same == ["Title"]


def test_names_are_told_one_by_one():
    changes, _same = compare_values([Value("Ages", "", items=("A", "B"))], [Value("Ages", "", items=("B", "C"))])
    assert [(piece.kind, piece.text) for piece in changes[0].pieces] == [
        (REMOVED, "A\n"),
        (SAME, "B\n"),
        (ADDED, "C\n"),
    ]


def test_same_words_with_another_look_are_no_change_of_words_but_are_told():
    old, new = "<p>Tell <strong>us</strong></p>", "<p>Tell us</p>"
    values = [[Value("Body", rich_words(html), is_words=True, source=html)] for html in (old, new)]
    [change] = compare_values(*values)[0]
    assert "look" in change.note
    assert [piece.kind for piece in change.pieces] == [SAME]


# --- Parts ----------------------------------------------------------------------------------------------


def row(words: str, identity: str = "") -> Row:
    return Row(words[:20], (Value("Words", words, is_words=True),), identity)


A, B, C = row("Talk to your child calmly"), row("Keep the messages as proof"), row("Report it to the platform")


def kinds(old, new) -> list[tuple[str, str]]:
    return [(each.kind, each.title) for each in compare_rows("Parts", old, new).rows]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([A, B, C], [A, B, C], []),
        ([A, B], [A, B, C], [(ADDED, C.title)]),
        ([A, B, C], [A, C], [(REMOVED, B.title)]),
        ([A, B, C], [B, C, A], [("moved", A.title)]),
        ([], [], []),
        ([A, A], [A], [(REMOVED, A.title)]),
    ],
)
def test_parts_that_came_went_or_moved(old, new, expected):
    assert kinds(old, new) == expected


def test_part_that_reads_differently_is_found_wherever_it_stands():
    changed = row("Talk to your child very calmly tonight")
    group = compare_rows("Parts", [A, B, C], [B, C, changed])
    assert [(each.kind, each.has_moved) for each in group.rows] == [("changed", True)]
    assert group.same == 2


def test_part_put_in_first_leaves_the_others_matched():
    assert kinds([A, B, C], [row("Something else entirely new"), A, B, C]) == [(ADDED, "Something else entir")]


def test_parts_that_stand_once_are_matched_by_what_they_are():
    old, new = [row("Yes", "location"), row("No", "chat")], [row("No", "location"), row("Yes", "chat")]
    assert match_rows(old, new) in ({0: 0, 1: 1}, {0: 1, 1: 0})
    assert len(kinds([row("Yes", "chat")], [row("Depends on settings", "chat")])) == 1


def test_parts_with_little_in_common_are_two():
    assert kinds([A], [row("Dogs bark at night")]) == [(ADDED, "Dogs bark at night"), (REMOVED, A.title)]


def test_very_many_parts_take_less_than_two_seconds():
    old = [row(f"step {i} of this guide number {i * 7}") for i in range(400)]
    new = [row(f"step {i} of that guide number {i * 7}") for i in reversed(range(400))]
    begun = time.process_time()
    compare_rows("Parts", old, new)
    assert time.process_time() - begun < 2


# --- As HTML --------------------------------------------------------------------------------------------


def test_both_texts_are_escaped():
    html = marked(compare_texts("<script>alert(1)</script>", "<img src=x onerror=alert(2)>"))
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;" in html


def test_changes_are_told_without_colour():
    html = marked(compare_texts("Ring now.", "Ring today."))
    assert html.startswith("Ring <del><span")
    assert "[taken out: </span>now" in html
    assert "[added: </span>today" in html


def test_new_paragraph_can_be_seen():
    assert "¶" in marked([Piece(SAME, "a"), Piece(ADDED, "\n"), Piece(SAME, "b")])


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("", ""),
        ("plain", "plain"),
        ("<h3>Head</h3><p>One <em>two</em></p>", "Head\nOne two"),
        ("<ul><li><p>One</p></li><li>Two</li></ul><p>End</p>", "• One\n• Two\nEnd"),
        ('<p>Read <a href="https://a.example/">this</a>.</p>', "Read this (https://a.example/)."),
        ("<p>a<br>b &amp; c</p>", "a\nb & c"),
    ],
)
def test_rich_text_is_read_as_lines_of_words(html, words):
    assert rich_words(html) == words
