"""Where the shipped content links to, and that no sentence of it was copied.

That every link on every rendered page leads to a page, and every fragment to a place on it, is held by
``tests/test_pages.py``. Here the files themselves are held against what was read when they were written.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import Resolver404, resolve

from tests.guidance import source_runs
from tests.guidance.shipped import TEMPLATES, fields_of, rows

# Every https address of the facts files; the files themselves do not ship.
READ = set(Path(__file__).with_name("source_addresses.txt").read_text(encoding="utf-8").splitlines()[1:])

# Addresses that stand in no facts file as they are, each with its reason.
NOT_READ = {
    "https://www.gov.uk/government/publications/sharing-nudes-and-semi-nudes-advice-for-education-settings-working-"
    "with-children-and-young-people": "The facts have a page below it, by http; this is the publication itself.",
    "https://openreferral.org/": "The standard that the open data follows, not a source of advice.",
    "https://www.gov.gg/": "The government of Guernsey, for a postcode from there; common knowledge.",
    "https://www.gov.im/": "The government of the Isle of Man, the same.",
    "https://www.gov.je/": "The government of Jersey, the same.",
}

# What editors read and visitors do not.
FOR_EDITORS = {"editor_note", "imported_from", "change_note"}

# Our own address of a page: where the thing that it names must be.
THINGS = {
    "/topics/": ("guidance.topic", "slug"),
    "/apps/": ("guidance.appprofile", "slug"),
    "/parental-controls/": ("guidance.controlguide", "slug"),
}


def read_by_visitors() -> Iterator[tuple[str, str, str]]:
    """File, field and text of every string that a visitor may read."""
    for path, row in rows():
        for field, value in row["fields"].items():
            if field not in FOR_EDITORS:
                yield from ((path.name, field, text) for text in source_runs.strings_in(value))


def words_in_template(path: Path) -> str:
    text = re.sub(r"{% comment %}.*?{% endcomment %}|{#.*?#}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"{%.*?%}|{{.*?}}", " ", text, flags=re.DOTALL)


def templates() -> Iterator[tuple[str, str, str]]:
    for path in sorted(TEMPLATES.rglob("*.html")):
        yield str(path.relative_to(settings.BASE_DIR)), "words", words_in_template(path)


def addresses_in(text: str) -> list[str]:
    return [address.rstrip(".") for address in re.findall(r"https?://[^\s\"'<>;,)|]+", text)]


# --- Links to other sites -------------------------------------------------------------------------------


def test_addresses_read_are_sorted_and_https():
    lines = Path(__file__).with_name("source_addresses.txt").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# ")
    assert lines[1:] == sorted(set(lines[1:]))
    assert [line for line in lines[1:] if not line.startswith("https://")] == []


def test_every_address_was_read_in_a_source():
    found = [(file, address) for file, _, text in [*read_by_visitors(), *templates()] for address in addresses_in(text)]
    assert len(found) > 300
    assert sorted({pair for pair in found if pair[1] not in READ and pair[1] not in NOT_READ}) == []


def test_every_exception_is_used():
    used = {address for _, _, text in [*read_by_visitors(), *templates()] for address in addresses_in(text)}
    assert sorted(set(NOT_READ) - used) == []


# --- Links inside the site ------------------------------------------------------------------------------


def internal_addresses() -> list[tuple[str, str]]:
    """Addresses of ours that stand in the content: in a field for them, or in a link of a text."""
    written = []
    for file, field, text in read_by_visitors():
        if field in {"instead_url", "withdrawal_instead"} and text.startswith("/"):
            written.append((file, text))
        written += [(file, address) for address in re.findall(r'href="(/[^"]*)"', text)]
    return written


def leads_nowhere(address: str) -> bool:
    """Whether no page of ours stands at an address, or no row bears the name that it ends in."""
    path, _, fragment = address.partition("#")
    try:
        resolve(path)
    except Resolver404:
        return True
    for start, (model, field) in THINGS.items():
        if path.startswith(start) and path != start:
            return path.removeprefix(start).strip("/") not in {fields[field] for fields in fields_of(model)}
    if path == "/law/" and fragment:
        return fragment not in {fields["slug"] for fields in fields_of("guidance.sharednote")}
    return False


def test_every_address_of_ours_in_the_content_leads_somewhere():
    assert len(internal_addresses()) > 10
    assert [pair for pair in internal_addresses() if leads_nowhere(pair[1])] == []


@pytest.mark.parametrize("address", ["/nowhere/", "/topics/nowhere/", "/law/#nowhere", "/apps/tiktok"])
def test_address_that_leads_nowhere_is_noticed(address):
    assert leads_nowhere(address)


# --- Sentences of others --------------------------------------------------------------------------------

# Menu by menu, the words are the app's own; and some names of official documents have eight words.
NOT_COMPARED = {"path"}
OFFICIAL_TITLES = [
    "Sharing nudes and semi-nudes: advice for education settings working with children and young people",
    "UKCIS with NPCC: Sharing nudes and semi-nudes, advice for education settings",
    "Planned regulations under the Children's Wellbeing and Schools Act 2026",
    "UK GDPR Article 8; Data Protection Act 2018 s9",
    "Online Safety Act 2023, section 10(3A), added by the Crime and Policing Act 2026",
    "Southend, Essex and Thurrock (SET) child protection procedures",
]
# What a family tool calls itself.
TOOLS = ["Epic Games parental controls (with Cabined Accounts for under-13s)"]
# The title of our own page, as the map of topics names it.
OUR_TITLES = ["Parental controls: what they can and cannot do"]


@pytest.fixture(scope="module")
def copied() -> frozenset[bytes]:
    allowed = {
        source_runs.digest(run)
        for title in [*OFFICIAL_TITLES, *TOOLS, *OUR_TITLES]
        for run in source_runs.runs_of(title)
    }
    return source_runs.read() - allowed


def first_copied_run(text: str, copied: frozenset[bytes]) -> str | None:
    return next((run for run in source_runs.runs_of(text) if source_runs.digest(run) in copied), None)


def test_no_eight_words_of_a_source_stand_in_the_content(copied):
    compared = [(file, field, text) for file, field, text in read_by_visitors() if field not in NOT_COMPARED]
    assert len(compared) > 5_000
    found = {(file, field, first_copied_run(text, copied)) for file, field, text in compared}
    assert sorted(row for row in found if row[2]) == []


def test_no_eight_words_of_a_source_stand_in_a_template(copied):
    found = {(file, first_copied_run(text, copied)) for file, _, text in templates()}
    assert sorted(row for row in found if row[1]) == []


def test_copied_run_is_noticed_whatever_its_case_and_its_tags(tmp_path):
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "facts.yaml").write_text("a: {b: [The owl’s nest stands in the oldest tree of all]}\n", encoding="utf-8")
    assert source_runs.write(sources, tmp_path / "runs.bin") == 3
    runs = source_runs.read(tmp_path / "runs.bin")
    text = "<p>We saw: the <strong>Owl's nest</strong> stands in the OLDEST tree.</p>"
    assert first_copied_run(text, runs) == "the owl's nest stands in the oldest tree"
    assert first_copied_run("<p>The owl’s nest is in the oldest tree of all.</p>", runs) is None


def test_file_of_runs_is_sorted_digests_and_nothing_else():
    data = source_runs.RUNS_FILE.read_bytes()
    digests = [data[start : start + source_runs.SIZE] for start in range(0, len(data), source_runs.SIZE)]
    assert len(data) % source_runs.SIZE == 0
    assert digests == sorted(set(digests))
    assert len(digests) > 5_000
