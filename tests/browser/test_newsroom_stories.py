"""The stories that the newsroom is built for, from the first word to the reader's page, each with its people.

Two of them are told elsewhere: two people in one draft, and words that survive a lost session (test_saving.py).
"""

import hashlib
import re
import sqlite3
import time
import urllib.error
import urllib.request
from contextlib import closing

import pytest

from tests.browser import eyes
from tests.browser.test_edit_screen import unfold

# The database says when it is approved for: as if the days until then had passed.
THE_DAY_HAS_COME = """
from datetime import timedelta
from django.utils import timezone
from guidance.models import TopicEdition
TopicEdition.objects.filter(topic__slug="{slug}").update(publish_at=timezone.now() + timedelta(seconds=2))
"""
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        refused.close()
        return refused.code


def reload_until(reader, words: str):
    """What was approved shows within two seconds."""
    until = time.monotonic() + 2.5
    while words not in reader.content():
        assert time.monotonic() < until, f"readers do not see {words!r}"
        reader.wait_for_timeout(100)
        reader.reload()


def press(page, name: str | re.Pattern, role: str = "button"):
    with page.expect_navigation():
        page.get_by_role(role, name=name).first.click()


def new_part(page, group: str, button: str):
    """Open one kind of parts, add one, and give the row."""
    part = page.locator(f"#{group}-group")
    if not part.get_by_role("button", name=button).is_visible():
        part.locator("summary").first.click()
    index = int(page.locator(f"#id_{group}-TOTAL_FORMS").input_value())
    part.get_by_role("button", name=button).click()
    return page.locator(f"#{group}-{index}")


def write(row, name: str, words: str):
    """Into the rich text of a part."""
    area = row.get_by_role("textbox", name=name)
    area.click()
    area.page.keyboard.insert_text(words)


def add_to_topic(page, starter_words: str):
    """Every kind of part, by the names that the screen gives them."""
    for number, kind in enumerate(("text", "steps", "warning", "law")):
        row = new_part(page, "sections", "Add another Section")
        row.locator("[name$=-kind]").select_option(kind)
        row.locator("[name$=-heading]").fill(f"A {kind} about torches")
        write(row, "Body", "Talk about it often. Stay calm.")
        if kind == "law":
            row.locator("[name$=-source]").fill("A made-up Act, for a test")
        assert page.locator("#id_sections-TOTAL_FORMS").input_value() == str(number + 1)
    fact = new_part(page, "facts", re.compile("^Add another"))
    fact.locator("[name$=-claim]").fill("Half of all torches are lost.")
    fact.locator("[name$=-source]").fill("The torch survey")
    fact.locator("[name$=-year]").fill("2026")
    starter = new_part(page, "starters", "Add another Starter")
    starter.locator("[name$=-words]").fill(starter_words)
    starter.locator("[name$=-age_bands]").first.check()
    resource = new_part(page, "resources", "Add another Resource")
    resource.locator("[name$=-kind]").select_option("printable")
    resource.locator("[name$=-title]").fill("A torch leaflet")
    resource.locator("[name$=-provider]").fill("Us")
    resource.locator("[name$=-description]").fill("One page to print.")
    resource.locator("[name$=-file]").first.set_input_files(
        {"name": "leaflet.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    audience = new_part(page, "audiences", re.compile("^Add another"))
    audience.locator("[name$=-audience]").select_option("parents")


def topic_with_every_part(newsroom, slug: str, starter_words: str):
    """What a writer does; the page of the draft, in their window."""
    page = newsroom.window("writer-1")
    page.goto(f"{newsroom.admin}guidance/topic/add/")
    page.get_by_label("Slug").fill(slug)
    press(page, "Save")
    page.goto(f"{newsroom.admin}guidance/topicedition/add/")
    page.locator("#id_topic").select_option(slug)
    page.locator("#id_title").fill("Torches and lamps")
    page.locator("#id_summary").fill("What to know about torches.")
    page.locator("#id_area").select_option("online")
    add_to_topic(page, starter_words)
    press(page, "Save and continue editing")
    assert page.locator("#edition-faults").count() == 0, page.locator("#edition-faults").inner_text()
    return page


def test_topic_from_the_first_word_to_its_reader(newsroom):
    """A writer writes, a publisher finds a fault and sends it back, approves it for tomorrow, and then it is live."""
    writer = topic_with_every_part(newsroom, "torches", starter_words="Who asked for naughty pictures?")
    draft = writer.url
    public = f"{newsroom.url}/topics/torches/"
    press(writer, "Send for review")

    publisher = newsroom.window("publisher-1")
    publisher.goto(f"{newsroom.admin}")
    assert publisher.get_by_role("link", name=re.compile("[Ww]aiting for me")).is_visible()
    publisher.goto(draft)
    press(publisher, "Approve…", role="link")
    assert publisher.get_by_role("heading", name="This cannot be approved yet").is_visible()
    assert publisher.get_by_role("button", name="Approve").count() == 0
    publisher.goto(draft)
    press(publisher, re.compile("^Send back"), role="link")
    publisher.get_by_label("What is to be mended?").fill("Say it in other words, please.")
    press(publisher, "Send back")

    writer.goto(draft)
    assert writer.get_by_text("Say it in other words, please.").first.is_visible()
    unfold(writer)
    writer.locator("#starters-group [name$=-words]").first.fill("Who lent you that torch?")
    press(writer, "Save and continue editing")
    press(writer, "Send for review")

    publisher.goto(draft)
    press(publisher, "Approve…", role="link")
    publisher.get_by_label("From this day and time").check()
    tomorrow = newsroom.run("from django.utils import timezone as t; import datetime as d; "
                            "print((t.localtime() + d.timedelta(days=1)).date())")  # fmt: skip
    publisher.locator("[name=day]").fill(tomorrow)
    publisher.locator("[name=time]").fill("06:30")
    press(publisher, "Approve")
    assert publisher.get_by_text(re.compile("^Approved. Readers see this edition from")).is_visible()
    leaflet = newsroom.run(
        "from guidance.models import Resource as R; print(R.objects.get(title='A torch leaflet').file.url)"
    )
    assert (status(public), status(newsroom.url + leaflet)) == (404, 404)
    publisher.goto(f"{newsroom.admin}coming/")
    assert publisher.get_by_role("link", name="Torches and lamps").is_visible()

    newsroom.run(THE_DAY_HAS_COME.format(slug="torches"))
    publisher.wait_for_timeout(2500)
    # Each request is a connection of its own: both workers answer some of these.
    assert {status(public) for _ in range(30)} == {200}
    assert status(newsroom.url + leaflet) == 200
    reader = newsroom.window(width=360, height=740)
    reader.goto(public)
    for kind in ("text", "steps", "warning", "law"):
        assert reader.get_by_role("heading", name=f"A {kind} about torches").is_visible()
    for words in ("Half of all torches are lost.", "The torch survey", "Who lent you that torch?", "A torch leaflet"):
        assert reader.get_by_text(words).first.is_visible()
    assert eyes.axe_faults(reader) == []
    assert eyes.exit_faults(reader) == []


def test_number_of_a_contact_changes_only_with_two_people(newsroom):
    edition = newsroom.run(
        "from reporting.models import ContactEdition as C; print(C.objects.live().get(contact__slug='childline').pk)"
    )
    public = f"{newsroom.url}/contacts/national/"
    screen = f"{newsroom.admin}reporting/contactedition/{edition}/change/"
    writer = newsroom.window("writer-2")
    writer.goto(screen)
    unfold(writer)
    old = writer.locator("#id_phones-0-number").input_value()
    writer.locator("#id_phones-0-number").fill("01632 960123")
    press(writer, "Save")
    draft = writer.url
    assert draft != screen
    reader = newsroom.window(width=360, height=740)
    reader.goto(public)
    assert "01632 960123" not in reader.content()
    assert old in reader.content()
    assert writer.get_by_role("link", name="Approve…").count() == 0
    assert status(draft.replace("change", "approve")) == 200  # the login, to a stranger
    press(writer, "Send for review")

    publisher = newsroom.window("publisher-1")
    publisher.goto(draft)
    assert publisher.get_by_role("link", name="Approve…").count() == 0

    checker = newsroom.window("checker-1")
    checker.goto(draft)
    press(checker, "Approve…", role="link")
    assert "01632 960123" in checker.get_by_role("main").or_(checker.locator("#content")).first.inner_text()
    checker.get_by_role("button", name="Approve").click()  # without saying how it was checked: the browser asks for it
    assert checker.url.endswith("/approve/")
    reader.reload()
    assert "01632 960123" not in reader.content()
    checker.get_by_label("Rang the number").check()
    press(checker, "Approve")
    reload_until(reader, "01632 960123")
    assert "01632 960123" in reader.content()


def fingerprint(environment: dict[str, str]) -> dict[str, str]:
    """Of each table of content: a hash of all its rows."""
    path = environment["DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        content = [name for name in names if name.startswith(("guidance_", "reporting_", "safety_site_"))]
        content.remove("safety_site_waitingimport")
        return {
            name: hashlib.sha256(repr(database.execute(f'SELECT * FROM "{name}"').fetchall()).encode()).hexdigest()  # noqa: S608 - names of tables
            for name in content
        }


BAD_SHEETS = {
    "a row without an address": "audience,group,title,provider,description,url\nparents,advice,Fine,Us,Fine,https://a.example/\n"
    "parents,advice,Broken,Us,No address,\n",
    "a formula": "audience,group,title,provider,description,url\nparents,advice,=1+1,Us,Sum,https://b.example/\n",
    "no headings that we know": "colour,size\nred,4\n",
    "not text at all": "\x00\x01\x02",
}


@pytest.mark.parametrize("case", BAD_SHEETS)
def test_bad_import_changes_nothing(newsroom, case):
    before = fingerprint(newsroom.environment)
    page = newsroom.window("writer-1")
    page.goto(f"{newsroom.admin}guidance/usefullink/import/")
    sheet = {"name": "links.csv", "mimeType": "text/csv", "buffer": BAD_SHEETS[case].encode()}
    page.locator("[name=import_file]").set_input_files(sheet)
    press(page, "Show what it would do")
    assert page.locator(".errornote, .errorlist").first.is_visible()
    assert page.get_by_role("button", name=re.compile("^Import")).count() == 0
    assert fingerprint(newsroom.environment) == before


def test_edition_from_last_month_comes_back(newsroom):
    """A page is changed and published; then its old words are read, compared, fetched back and published again."""
    public = f"{newsroom.url}/topics/grooming/"
    reader = newsroom.window(width=360, height=740)
    reader.goto(public)
    old_title = reader.get_by_role("heading", level=1).inner_text()
    live = newsroom.run(
        "from guidance.models import TopicEdition as T; print(T.objects.live().get(topic__slug='grooming').pk)"
    )
    page = newsroom.window("publisher-1")
    page.goto(f"{newsroom.admin}guidance/topicedition/{live}/change/")
    page.locator("#id_title").fill("Words that were a mistake")
    press(page, "Save")
    press(page, "Approve…", role="link")
    press(page, "Approve")
    reload_until(reader, "Words that were a mistake")
    assert reader.get_by_role("heading", level=1).inner_text() == "Words that were a mistake"

    press(page, re.compile("^Compare with edition"), role="link")
    assert "Words that were a mistake" in page.locator("#content ins, #content del").all_inner_texts().__str__()
    page.go_back()
    press(page, re.compile("^Go back to this one"))
    assert page.locator("#id_title").input_value() == old_title
    press(page, "Approve…", role="link")
    press(page, "Approve")
    reload_until(reader, f"<h1>{old_title}</h1>")
    assert reader.get_by_role("heading", level=1).inner_text() == old_title
