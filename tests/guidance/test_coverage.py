"""Everything of the topic map is on the site. ``topic_map.yaml`` says what the map asks for, in keys of our own."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from tests.guidance.shipped import fields_of
from tests.reading_age import grade, plain_text

MAP = yaml.safe_load(Path(__file__).with_name("topic_map.yaml").read_text(encoding="utf-8"))

each_topic = pytest.mark.parametrize("slug", MAP["topics"])


def parts(model: str, slug: str) -> list[dict]:
    """Parts of the edition of one topic."""
    return [fields for fields in fields_of(f"guidance.{model}") if fields["edition"][0] == slug]


def edition(slug: str) -> dict:
    found = [fields for fields in fields_of("guidance.topicedition") if fields["topic"] == [slug]]
    assert found, f"no page for {slug}"
    return found[-1]


def words_of_topic(slug: str) -> str:
    """Everything that a visitor reads on the page of a topic."""
    about = edition(slug)
    words = [about["title"], about["summary"]]
    words += [f"{section['heading']}. {plain_text(section['body'])}" for section in parts("section", slug)]
    words += [fact["claim"] for fact in parts("fact", slug)]
    words += [f"{resource['title']}. {resource['description']}" for resource in parts("resource", slug)]
    words += [old["name"] for old in fields_of("guidance.oldname") if [slug] in old["topics"]]
    return " ".join(words)


def missing(wanted: list[list[str]], text: str) -> list[list[str]]:
    """The rows of which no word stands in a text."""
    return [row for row in wanted if not any(word.casefold() in text.casefold() for word in row)]


def claims() -> list[str]:
    return [fields["claim"] for model in ("fact", "agebandfact") for fields in fields_of(f"guidance.{model}")]


# --- How much there is ----------------------------------------------------------------------------------


def test_topic_map_has_all_that_the_issue_counts():
    assert {key: len(MAP[key]) for key in ("topics", "apps", "controls", "platforms", "law")} == {
        "topics": 27, "apps": 38, "controls": 45, "platforms": 28, "law": 37,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("key", "model", "thing"),
    [
        ("topics", "guidance.topicedition", "topic"),
        ("apps", "guidance.appprofileedition", "profile"),
        ("controls", "guidance.controlguideedition", "guide"),
    ],
)
def test_every_page_of_the_map_is_written_and_approved(key, model, thing):
    written = {fields[thing][0] for fields in fields_of(model) if fields["state"] == "approved"}
    assert sorted(set(MAP[key]) - written) == []


def test_every_platform_says_how_to_report():
    assert sorted(set(MAP["platforms"]) - {fields["slug"] for fields in fields_of("reporting.platformroute")}) == []


# --- Topics ---------------------------------------------------------------------------------------------


@each_topic
def test_topic_is_for_the_people_and_ages_of_the_map(slug):
    wanted = MAP["topics"][slug]
    assert sorted(age for (age,) in edition(slug)["age_bands"]) == sorted(wanted["ages"])
    audiences = {fields["audience"] for fields in parts("topicaudience", slug)}
    assert set(wanted.get("audiences", [])) - audiences == set()
    assert audiences


@each_topic
def test_topic_names_what_the_map_asks_of_it(slug):
    assert missing(MAP["topics"][slug]["names"], words_of_topic(slug)) == []


@each_topic
def test_topic_has_a_fact_a_starter_and_a_link_for_every_resource(slug):
    assert parts("fact", slug)
    assert parts("conversationstarter", slug)
    makers = " ".join(f"{r['title']} {r['provider']}" for r in parts("resource", slug) if r["link"])
    assert makers
    assert [maker for maker in MAP["topics"][slug].get("makers", []) if maker not in makers] == []


@pytest.mark.parametrize("slug", MAP["starters"])
def test_starters_of_the_map_are_there(slug):
    starters = " ".join(starter["words"] for starter in parts("conversationstarter", slug))
    assert missing(MAP["starters"][slug], starters) == []


@pytest.mark.parametrize("slug", MAP["campaign_figures"])
def test_campaign_figure_is_told_as_a_campaigns_and_without_a_year(slug):
    told = [fact for fact in parts("fact", slug) if MAP["campaign_figures"][slug] in fact["claim"]]
    (figure,) = [fact for fact in told if "local safeguarding campaign reports" in fact["claim"]]
    assert figure["year"] == ""


def test_every_age_has_its_own_words_and_facts():
    bands = {fields["slug"] for fields in fields_of("guidance.ageband")}
    assert bands == {"pre-school", "pre-teen", "teen"}
    assert {fields["age_band"][0] for fields in fields_of("guidance.agebandfact")} == bands


# --- Law and figures ------------------------------------------------------------------------------------


def law_notes() -> dict[str, dict]:
    return {note["slug"]: note for note in fields_of("guidance.sharednote") if note.get("kind") == "law"}


def test_every_item_of_the_law_has_its_note_and_every_note_its_item():
    assert set(MAP["law"].values()) == set(law_notes())


def test_every_law_note_has_a_status_a_source_and_its_topics():
    lacking = [
        (slug, field)
        for slug, note in law_notes().items()
        for field in ("law_status", "source", "topics", "as_of", "checked_on", "review_by")
        if not note[field]
    ]
    assert lacking == []
    assert {topic for note in law_notes().values() for (topic,) in note["topics"]} <= set(MAP["topics"])


def test_law_reads_at_about_fourteen_years_at_most():
    grades = {slug: grade([note["body"]]) for slug, note in law_notes().items()}
    assert {slug: found for slug, found in grades.items() if found > 9} == {}


@pytest.mark.parametrize(
    ("status", "ids"),
    [
        ("planned", {"under16"}),
        ("passed", {"ai-csam", "grooming-agg", "cpa-99", "ncii-48h", "cwsa", "mandatory"}),
        ("guidance", {"outcome-21", "npcc", "ukcis-nudes", "wt", "kcsie", "rshe", "screen-u5", "filtering"}),
    ],
)
def test_law_that_is_not_plainly_in_force_says_so(status, ids):
    notes = law_notes()
    assert {item for item, slug in MAP["law"].items() if notes[slug]["law_status"] == status} == ids


def test_law_that_was_passed_says_that_its_start_is_not_confirmed():
    unsure = re.compile(r"could not confirm|have not read|Do not count on it yet", re.IGNORECASE)
    passed = {slug: note for slug, note in law_notes().items() if note["law_status"] == "passed"}
    assert [slug for slug, note in passed.items() if not unsure.search(note["body"])] == []
    assert [slug for slug, note in passed.items() if not note.get("editor_note")] == []


@pytest.mark.parametrize("item", MAP["figures"])
def test_figure_that_may_be_used_is_told(item):
    numbers = MAP["figures"][item]
    assert [claim for claim in claims() if all(number.casefold() in claim.casefold() for number in numbers)] != []


def test_every_figure_that_is_held_back_has_its_reason():
    assert [item for item, reason in MAP["figures_not_offered"].items() if not reason] == []
    told = " ".join(claims())
    assert [number for number in ("91%", "19%", "95%", "Year 8") if number in told] == []


# --- Old names ------------------------------------------------------------------------------------------


def old_names() -> dict[str, dict]:
    return {fields["slug"]: fields for fields in fields_of("guidance.oldname")}


def test_every_old_name_is_explained():
    assert sorted(set(MAP["old_names"]) - set(old_names())) == []


@pytest.mark.parametrize("slug", MAP["unconfirmed_resources"])
def test_resource_that_nobody_could_confirm_is_told_on_its_topics(slug):
    name = old_names()[slug]
    assert name["became"] == "unconfirmed"
    assert [topic for topic in MAP["unconfirmed_resources"][slug] if [topic] not in name["topics"]] == []
    assert "could not confirm" in name["now"] or "no proof" in name["now"]


def test_every_old_name_says_what_to_use_now():
    assert [slug for slug, name in old_names().items() if not (name["instead_label"] and name["instead_url"])] == []


# --- Services and links ---------------------------------------------------------------------------------


def contacts(state: str) -> dict[str, dict]:
    every = fields_of("reporting.contactedition")
    return {fields["contact"][0]: fields for fields in every if fields["state"] == state}


def test_every_service_is_a_contact_and_a_useful_link():
    approved = contacts("approved")
    linked = {urlsplit(link["url"]).netloc for link in fields_of("guidance.usefullink") if link["is_published"]}
    assert [service for service, ours in MAP["services"].items() if ours["contact"] not in approved] == []
    assert [service for service, ours in MAP["services"].items() if ours["host"] not in linked] == []


def test_every_local_and_emergency_contact_is_there():
    assert sorted(set(MAP["local_contacts"].values()) - set(contacts("approved"))) == []


def test_what_closed_is_told_as_closed():
    approved = contacts("approved")
    assert {slug for slug, fields in approved.items() if fields["kind"] == "closed"} == set(MAP["closed_contacts"])


def test_what_nobody_has_rung_stays_a_draft():
    assert set(contacts("draft")) == set(MAP["draft_contacts"])
    assert set(contacts("draft")) & set(contacts("approved")) == set()
