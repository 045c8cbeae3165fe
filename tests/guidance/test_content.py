"""Rules for the content that ships with the site. They read the YAML files as an editor wrote them."""

import io
import json
import re
from functools import cache
from html import unescape
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db.models import ForeignKey

from guidance.models import AppFeature, AppRating
from reporting.shipped import load_authorities
from safety_site.vocabulary import Audience
from tests.guidance.shipped import FIXTURES, rows_of
from tests.reading_age import MAXIMUM_GRADE, grade_of_file, plain_text

FILES = sorted(FIXTURES.rglob("*.yaml"))
TOPICS = sorted((FIXTURES / "topics").glob("*.yaml"))
APPS = sorted((FIXTURES / "apps").glob("*.yaml"))
CONTROLS = sorted((FIXTURES / "controls").glob("*.yaml"))

# Every number that the site may name, as digits. Each was read in the source that is named, on 21 November 2026.
NUMBERS = {
    "999",  # the emergency number: settled common knowledge
    "101",  # police, not an emergency: southend.gov.uk/childrens-social-care/child-protection
    "18001",  # before a number, for Relay UK: the same
    "111",  # NHS 111, mental health option: 111.nhs.uk
    "08001111",  # Childline: childline.org.uk
    "08088005000",  # NSPCC Helpline: nspcc.org.uk
    "0800555111",  # Crimestoppers: crimestoppers-uk.org
    "116123",  # Samaritans: samaritans.org
    "116000",  # Missing People: missingpeople.org.uk
    "85258",  # Shout, by text: giveusashout.org
    "03456000459",  # Revenge Porn Helpline: revengepornhelpline.org.uk
    "08081000900",  # Stop It Now: stopitnow.org.uk
    "08000121700",  # Modern Slavery and Exploitation Helpline: modernslaveryhelpline.org
    "03001232040",  # Report Fraud: reportfraud.police.uk
    "08000113764",  # ACT Early support line: actearly.uk
    "03456037627",  # Essex Children and Families Hub: first source document; escb.co.uk
    "03456061212",  # Essex and Southend out of hours: first source document; southend.gov.uk
    "01702215007",  # Southend children's services: first source document; southend.gov.uk
    "01375652802",  # Thurrock MASH: first source document; thurrockccg.nhs.uk
    "01375372468",  # Thurrock out of hours: first source document; thurrockccg.nhs.uk
}

# What has ended, was renamed or could not be confirmed. It may be named, to say so; it is never linked.
NEVER_LINKED = re.compile(
    r"//(?:www\.)?(?:zipit|thinkuknow|net-aware|selfiecop|houseparty|omegle|nationalonlinesafety)\.|nspcc\.org\.uk/net-?aware"
    r"|childline\.org\.uk/[^\"]*zipit",
    re.IGNORECASE,
)


def fields_of(path: Path, model: str) -> list[dict]:
    return [row["fields"] for row in rows_of(path) if row["model"] == f"guidance.{model}"]


def texts(value) -> list[str]:
    """Every string in a value of YAML, however deep."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for part in inner for text in texts(part)]


def _key(row: dict) -> list | None:
    """The natural key of an edition; None for any other row."""
    fields = row["fields"]
    thing = next((fields[name] for name in ("topic", "profile", "guide", "contact", "concern") if name in fields), None)
    return [*thing, fields.get("language"), fields.get("number")] if isinstance(thing, list) else None


@cache
def read_by_visitors(path: Path) -> list[str]:
    """The strings of a file that a visitor can read; what is for editors only is left out."""
    hidden = {"editor_note", "imported_from", "change_note", "publish_at"}
    if path.suffix == ".html":
        return [re.sub(r"{#.*?#}", "", path.read_text(encoding="utf-8"))]
    # What people type is not what we say to them.
    rows = [row for row in rows_of(path) if not row["model"].startswith("safety_site.")]
    drafts = [_key(row) for row in rows if row["fields"].get("state", "approved") != "approved"]
    return [
        text
        for row in rows
        if row["fields"].get("is_published", True)
        and _key(row) not in drafts
        and row["fields"].get("edition") not in drafts
        for text in texts({name: value for name, value in row["fields"].items() if name not in hidden})
    ]


PAGES = [*FILES, *sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html"))]


def name(path: Path) -> str:
    return str(path.relative_to(settings.BASE_DIR))


each_topic = pytest.mark.parametrize("path", TOPICS, ids=name)
each_app = pytest.mark.parametrize("path", APPS, ids=name)
each_control = pytest.mark.parametrize("path", CONTROLS, ids=name)


# --- What there is --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "pages", "count"), [("topic", TOPICS, 27), ("appprofile", APPS, 38), ("controlguide", CONTROLS, 45)]
)
def test_every_page_that_is_named_is_written(model, pages, count):
    named = [fields["slug"] for fields in fields_of(FIXTURES / "00_identities.yaml", model)]
    assert sorted(named) == sorted(path.stem for path in pages)
    assert len(named) == count


def test_every_audience_has_links():
    links = [link for link in fields_of(FIXTURES / "links.yaml", "usefullink") if link["is_published"]]
    assert {link["audience"] for link in links} == set(Audience.values)


@pytest.mark.parametrize("path", [*TOPICS, *APPS, *CONTROLS], ids=name)
def test_file_holds_one_approved_edition_of_the_thing_that_names_it(path):
    editions = [row["fields"] for row in rows_of(path) if row["model"].endswith("edition")]
    (edition,) = editions
    thing = {"topics": "topic", "apps": "profile", "controls": "guide"}[path.parent.name]
    assert (edition[thing], edition["state"], edition["language"]) == ([path.stem], "approved", "en-GB")
    assert edition["imported_from"]
    assert edition["checked_on"] < edition["review_by"]
    assert path.read_text(encoding="utf-8").startswith("# "), "the file begins with its sources"


# --- Topics ---------------------------------------------------------------------------------------------


@each_topic
def test_topic_reads_at_about_eleven_years(path):
    assert grade_of_file(path) <= MAXIMUM_GRADE


@each_topic
def test_topic_has_500_to_1000_words_outside_law_panels(path):
    sections = [section["body"] for section in fields_of(path, "section") if section.get("kind") != "law"]
    assert 500 <= len(" ".join(map(plain_text, sections)).split()) <= 1_000


@each_topic
def test_topic_has_a_fact_and_every_fact_its_source(path):
    facts = fields_of(path, "fact")
    assert len(facts) >= 1
    assert [fact["claim"] for fact in facts if not fact["source"]] == []
    # Only a campaign's figure may have no year; the page then says "undated".
    assert [fact["claim"] for fact in facts if not fact["year"] and "campaign" not in fact["claim"]] == []
    assert [fact["link"] for fact in facts if fact["link"] and not fact["link"].startswith("https://")] == []


@each_topic
def test_topic_has_steps(path):
    steps = [section["body"] for section in fields_of(path, "section") if section["kind"] == "steps"]
    assert len(steps) >= 1
    assert [body for body in steps if "<li>" not in body] == []


@each_topic
def test_topic_has_starters_for_each_of_its_ages_and_for_no_other(path):
    (edition,) = fields_of(path, "topicedition")
    ages = {age for (age,) in edition["age_bands"]}
    assert ages
    assert {age for starter in fields_of(path, "conversationstarter") for (age,) in starter["age_bands"]} == ages


@each_topic
def test_topic_has_resources_that_say_what_and_whose(path):
    resources = fields_of(path, "resource")
    assert len(resources) >= 1
    wanted = ("kind", "title", "provider", "description", "link")
    assert [(r["title"], field) for r in resources for field in wanted if not r[field]] == []


@each_topic
def test_topic_leads_on_to_apps_and_topics(path):
    (edition,) = fields_of(path, "topicedition")
    assert edition["related_apps"]
    assert edition["related_topics"]
    assert [path.stem] not in edition["related_topics"]


@each_topic
def test_topic_has_an_audience_and_sources_under_its_law_panels(path):
    assert len(fields_of(path, "topicaudience")) >= 1
    law = [section for section in fields_of(path, "section") if section["kind"] == "law"]
    assert [section["heading"] for section in law if not section["source"]] == []


# --- Apps and controls ----------------------------------------------------------------------------------


@each_app
def test_app_has_every_rating_scheme(path):
    assert sorted(row["scheme"] for row in fields_of(path, "apprating")) == sorted(AppRating.Scheme.values)


@each_app
def test_open_app_answers_for_all_sixteen_features(path):
    (edition,) = fields_of(path, "appprofileedition")
    features = [row["feature"] for row in fields_of(path, "appfeature")]
    assert len(AppFeature.Feature.values) == 16
    assert sorted(features) == sorted(AppFeature.Feature.values) or edition["status"] != "open"


@each_app
def test_open_app_has_risks_settings_reporting_and_starters(path):
    (edition,) = fields_of(path, "appprofileedition")
    models = ("apprisk", "settingstep", "appstep", "appstarter", "applink", "appdefault")
    empty = [model for model in models if not fields_of(path, model)]
    assert empty == [] or edition["status"] != "open"


@each_app
def test_open_app_has_three_settings_to_change_first(path):
    (edition,) = fields_of(path, "appprofileedition")
    assert len(fields_of(path, "settingstep")) >= 3 or edition["status"] != "open"


@each_app
def test_age_and_rating_say_of_when_they_are(path):
    (edition,) = fields_of(path, "appprofileedition")
    assert bool(edition["minimum_age"]) <= bool(edition["minimum_age_as_of"])
    assert [row for row in fields_of(path, "apprating") if row["rating"] and not row["as_of"]] == []
    # What is not known is said to be so.
    assert [row for row in fields_of(path, "apprating") if not row["rating"] and not row["note"]] == []


def test_closed_apps_say_since_when_and_what_to_look_out_for():
    editions = [edition for path in APPS for edition in fields_of(path, "appprofileedition")]
    closed = {edition["name"]: edition for edition in editions if edition["status"] == "closed"}
    assert sorted(closed) == ["Houseparty", "Omegle"]
    assert [app for app, edition in closed.items() if not (edition["status_since"] and edition["status_note"])] == []
    assert [app for app, edition in closed.items() if not edition["description"]] == []


def test_zipit_is_told_as_unconfirmed():
    (zipit,) = fields_of(FIXTURES / "apps" / "zipit.yaml", "appprofileedition")
    assert (zipit["status"], bool(zipit["status_note"])) == ("unconfirmed", True)


@each_control
def test_control_says_what_it_does_how_and_what_it_cannot(path):
    (edition,) = fields_of(path, "controlguideedition")
    assert len(fields_of(path, "controluse")) >= 1
    assert len(fields_of(path, "controlstep")) >= 2
    assert len(plain_text(edition["limits"]).split()) >= 20


# --- All words ------------------------------------------------------------------------------------------


def numbers_to_call(text: str) -> set[str]:
    """Digits that look like something to ring or text, in words that a visitor reads."""
    text = unescape(re.sub(r"https?://\S+|tel:\S+", " ", text))
    long = re.findall(r"(?<![\d/-])(?:\+44 ?|0)\d(?:[ -]?\d){6,10}(?!\d)|\b116 ?\d{3}\b", text)
    asked = r"\b(?:call|calls|ring|rings|text|dial|phone|number|press)\b(?: (?!section)[a-z]+){0,3}"
    said = rf"{asked} (\d{{3,5}})(?!\d|[,./%]\d| ?\d)"
    short = [n for n in re.findall(said, text, re.IGNORECASE) if not 1900 <= int(n) <= 2100]
    return {re.sub(r"\D", "", number) for number in [*long, *short, *re.findall(r"\b(?:999|101|111|112)\b", text)]}


def test_every_number_to_call_is_on_the_short_list():
    found = {
        (number, name(path)) for path in PAGES for text in read_by_visitors(path) for number in numbers_to_call(text)
    }
    assert {pair for pair in found if pair[0] not in NUMBERS} == set()
    assert {"999", "101", "08001111", "0800555111", "08088005000"} <= {number for number, _ in found}


def test_numbers_are_found_however_they_are_written():
    text = "Call 0345 603 7627 or 01702 215007, ring +44 20 7946 0000, text HELP to 61818 or 116 123. Ring Bob on 110."
    assert numbers_to_call(text) == {"03456037627", "01702215007", "442079460000", "61818", "116123", "110"}
    assert (
        numbers_to_call("On 1 May 2025 there were 40,000 calls under section 127, or 160 a day, 45.5% by 2019.")
        == set()
    )


def test_screenshot_is_only_ever_mentioned_as_never():
    said = [
        (name(path), sentence.strip())
        for path in PAGES
        for text in read_by_visitors(path)
        for sentence in re.split(r"(?<=[.!?])\s|</?(?:p|li|strong)>", text)
        if re.search(r"screen-?\s?(?:shot|grab)", sentence, re.IGNORECASE)
    ]
    assert len(said) > 10
    never = re.compile(r"never screenshot, save or forward a sexual image of anyone under 18", re.IGNORECASE)
    assert [pair for pair in said if not never.search(pair[1])] == []


def test_nothing_that_ended_is_linked():
    everything = [(name(path), text) for path in PAGES for text in read_by_visitors(path)]
    assert [pair for pair in everything if NEVER_LINKED.search(pair[1])] == []
    named = " ".join(text for _, text in everything)
    assert [word for word in ("Zipit", "Houseparty", "Omegle") if word not in named] == []


def test_every_address_is_https():
    assert [(name(path), text) for path in FILES for text in read_by_visitors(path) if "http://" in text] == []


@pytest.mark.parametrize("word", ["minors", "kids'", "victim blaming", "TODO", "FIXME", "lorem", "Check this", "XXX"])
def test_no_page_says(word):
    found = [(name(path), word) for path in FILES for text in read_by_visitors(path) if word.lower() in text.lower()]
    assert found == []


# --- Loading --------------------------------------------------------------------------------------------


def everything() -> list[dict]:
    """All rows of the guidance with their keys and links, as plain data."""
    rows = []
    for model in apps.get_app_config("guidance").get_models():
        rows += json.loads(serializers.serialize("json", model.objects.order_by("pk")))
    # loaddata knows no row's own time of making but now; readers never see it.
    for row in rows:
        row["fields"].pop("created_at", None)
    return rows


@pytest.mark.django_db
@pytest.mark.one_database
def test_loaddata_twice_works_and_changes_nothing():
    load_authorities()
    call_command("loaddata", *FILES, verbosity=0, stdout=io.StringIO())
    once = everything()
    assert len(once) > 1_000
    call_command("loaddata", *FILES, verbosity=0, stdout=io.StringIO())
    assert everything() == once


def test_every_value_fits_its_field(shipped_content):
    wrong = []
    for model in apps.get_app_config("guidance").get_models():
        # The links were looked up when the rows were loaded; asking again costs a query each.
        links = [field.name for field in model._meta.get_fields() if isinstance(field, ForeignKey)]
        for row in model.objects.all():
            try:
                row.clean_fields(exclude=links)
                row.clean()
            except ValidationError as problem:
                wrong.append((str(row), problem.message_dict))
    assert wrong == []


def test_every_position_is_distinct_within_its_edition():
    for path in FILES:
        keys = [
            (r["model"], str(r["fields"]["edition"]), r["fields"]["position"])
            for r in rows_of(path)
            if "edition" in r["fields"]
        ]
        assert sorted(key for key in set(keys) if keys.count(key) > 1) == []
