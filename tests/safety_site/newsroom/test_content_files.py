"""All content out as files, and the same site from them in an empty database."""

import hashlib
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine
import yaml
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models
from django.test import Client

from guidance.models import AgreementLine, Feedback, PageComments, Section, TopicEdition, UsefulLink
from reporting.models import Authority, ClosedDay, ContactEdition, PlatformRoute
from reporting.shipped import load_authorities
from safety_site.content_files import FILES, FOLDERS, NOT_EXPORTED, NotOurs, export_content
from safety_site.editions import approve, copy_as_draft
from safety_site.management.commands.load_content import load_missing
from safety_site.models import (
    BannedPhrase,
    EmergencyBanner,
    FormerSlug,
    SearchSynonym,
)
from safety_site.search_sources import reindex
from tests import factories, sweep

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
OUR_APPS = ("guidance", "reporting", "safety_site")


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def empty_the_database() -> None:
    """Every row of ours and every user; constraints are looked at when the transaction ends."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label in (*OUR_APPS, "auth", "admin", "sessions") and model._meta.managed:
            model._base_manager.all()._raw_delete("default")


def edit_everything(first, second) -> None:
    """What editors do in a few weeks: one of each."""
    topic = TopicEdition.objects.live().get(topic__slug="sending-nudes")
    draft = copy_as_draft(topic, first)
    draft.title = "Nudes: “what now?” — £5 & <b>\u00e9"
    draft.save()
    # Two parts at one position, as moving them about can leave them.
    draft.sections.update(position=1)
    approve(draft, second, NOW.replace(day=24))
    unfinished = copy_as_draft(topic, first)
    unfinished.title = "UNFINISHED WORDS"
    unfinished.save()
    planned = copy_as_draft(TopicEdition.objects.live().get(topic__slug="online-gaming"), first)
    approve(planned, second, NOW.replace(day=30))
    gone = copy_as_draft(TopicEdition.objects.live().get(topic__slug="videos-and-livestreams"), first)
    gone.is_withdrawal, gone.withdrawal_reason, gone.withdrawal_instead = True, "Out of date.", "/topics/online-gaming/"
    gone.save()
    approve(gone, second, NOW.replace(day=24))
    contact = copy_as_draft(ContactEdition.objects.live().get(contact__slug="essex-day"), first)
    contact.checked_on, contact.checked_by, contact.review_by = date(2026, 11, 24), "the hub", date(2027, 2, 1)
    contact.save()
    contact.phones.update(number="0345 603 0000")
    approve(contact, second, NOW.replace(day=24))
    UsefulLink.objects.filter(audience="parents").first().delete()
    UsefulLink.objects.filter(audience="parents").update(title="Changed by an editor", editor_note="a\n b \n\tc: d #e")
    Authority.objects.filter(slug="essex").update(council_name="Essex Council, renamed", owner=first)
    AgreementLine.objects.filter(is_published=True).first().age_bands.clear()
    PlatformRoute.objects.filter(is_published=True).update(note="Yes: no, null, 012, 12:30")
    SearchSynonym.objects.create(typed="gamez", means="games", note="null")
    SearchSynonym.objects.filter(typed="sexting").update(is_in_use=False)
    BannedPhrase.objects.create(phrase="a phrase of the council", why="It blames.")
    BannedPhrase.objects.filter(phrase="attention seeking").update(why="Said anew.", is_in_use=False)
    ClosedDay.objects.create(on=date(2026, 12, 24), nation="", reason="Christmas Eve")
    ClosedDay.objects.create(on=date(2026, 12, 24), authority=Authority.objects.get(slug="thurrock"), reason="Own day")
    PageComments.objects.create(path="/talk/", is_open=False, note="A rest.")
    FormerSlug.objects.create(model="guidance.topic", slug="nudes", thing_id=topic.topic_id, changed_by=first)
    EmergencyBanner.objects.create(
        words="Our lines are down.", author=first, approved_by=second, approved_at=NOW, starts_at=NOW.replace(day=24)
    )


def main_of(client: Client, address: str) -> str:
    page = client.get(address)
    words = b"".join(page.streaming_content if page.streaming else [page.content]).decode()
    main = re.search(r"<main.*</main>", words, re.DOTALL)
    main = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", main[0]) if main else words
    # The places inside a topic's page are numbered by the database: any number will do.
    main = re.sub(r"section-\d+", "section", main)
    return hashlib.sha256(f"{page.status_code} {page.headers.get('Location', '')} {main}".encode()).hexdigest()


def pages() -> dict[str, str]:
    """Pages of every kind of the sitemap and some that are not in it, by their words."""
    client = Client()
    by_kind: dict[str, list[str]] = {}
    for address in sweep.sitemap_addresses(client):
        by_kind.setdefault(address.split("/")[1], []).append(address)
    addresses = [
        # Some of each kind; that a second export is the same bytes tells the same of all.
        *(address for of_kind in by_kind.values() for address in of_kind[:: max(1, len(of_kind) // 5)]),
        "/topics/sending-nudes/",
        "/topics/online-gaming/",
        "/contacts/essex/",
        "/contacts/thurrock/",
        "/topics/videos-and-livestreams/",
        "/topics/nudes/",
        "/contacts.csv",
        "/api/oruk/services",
        "/search/?q=gamez",
        "/search/?q=sexting",
        "/search/?q=essex+council",
    ]
    return {address: main_of(client, address) for address in addresses}


@pytest.mark.timeout(300)
@time_machine.travel(NOW, tick=False)
def test_same_site_from_an_export(tmp_path):
    load_authorities()
    load_missing()
    first, second = factories.editor(username="ada-writes"), factories.editor(username="grace-approves")
    edit_everything(first, second)
    factories.feedback("/talk/", comment="My daughter Zoe", sent_at=NOW)
    reindex()
    before = pages()
    assert len(before) > 40

    export_content(tmp_path / "one")
    words = "".join(data.decode() for data in files_of(tmp_path / "one").values())
    assert [found for found in ("ada-writes", "grace-approves", "Zoe") if found in words] == []
    assert "UNFINISHED WORDS" in words

    empty_the_database()
    assert not TopicEdition.objects.exists()
    *_, waiting = load_missing(tmp_path / "one")
    reindex()
    assert waiting == []
    after = pages()
    assert sorted(address for address in before if before[address] != after[address]) == []

    export_content(tmp_path / "two")
    assert files_of(tmp_path / "two") == files_of(tmp_path / "one")
    assert load_missing(tmp_path / "one")[0] == 0  # all of it is found again by its natural key
    assert not Feedback.objects.exists()
    draft = TopicEdition.objects.get(title="UNFINISHED WORDS")
    assert (draft.state, draft.author) == ("draft", None)
    # A banner goes out without its approval: nobody sees it until somebody stands behind it anew.
    assert EmergencyBanner.objects.get().approved_at is None
    assert not EmergencyBanner.objects.live().exists()


def test_every_model_is_exported_or_left_out_with_a_reason():
    named = {label for labels in FILES.values() for label in labels} | set(NOT_EXPORTED)
    editions = set(FOLDERS.values())
    parts = set()
    waiting = [apps.get_model(label) for label in editions]
    while waiting:
        for relation in waiting.pop()._meta.related_objects:
            if relation.on_delete is models.CASCADE:
                parts.add(relation.related_model._meta.label)
                waiting.append(relation.related_model)
    ours = {model._meta.label for model in apps.get_models() if model._meta.app_label in OUR_APPS}
    assert ours == named | editions | parts


def test_two_parts_at_one_position_keep_their_order(tmp_path):
    edition = factories.topic_edition()
    for heading in ("B", "A", "C"):
        Section.objects.create(edition=edition, position=2, heading=heading, body="<p>x</p>")
    export_content(tmp_path / "out")
    empty_the_database()
    assert load_missing(tmp_path / "out")[2] == []
    assert list(Section.objects.values_list("heading", "position")) == [("B", 1), ("A", 2), ("C", 3)]


def test_replace_changes_rows_but_no_edition(tmp_path):
    edition, link = factories.topic_edition(title="As it was"), factories.useful_link(title="As it was")
    export_content(tmp_path / "out")
    TopicEdition.objects.update(title="Changed here")
    UsefulLink.objects.update(title="Changed here")
    load_missing(tmp_path / "out")
    assert UsefulLink.objects.get().title == "Changed here"
    load_missing(tmp_path / "out", replace=True)
    edition.refresh_from_db()
    link.refresh_from_db()
    assert (edition.title, link.title) == ("Changed here", "As it was")


def test_former_slug_of_a_thing_that_is_gone_is_left_out(tmp_path):
    FormerSlug.objects.create(model="guidance.topic", slug="old", thing_id=987654)
    export_content(tmp_path / "out")
    assert yaml.safe_load((tmp_path / "out" / "former_slugs.yaml").read_text()) == []


def test_earlier_export_is_replaced_whole(tmp_path):
    edition = factories.topic_edition()
    export_content(tmp_path / "out")
    stale = tmp_path / "out" / "topics" / "stale.yaml"
    stale.write_text("[]")
    export_content(tmp_path / "out")
    assert not stale.exists()
    assert (tmp_path / "out" / "topics" / f"{edition.topic.slug}.yaml").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]  # nothing is left beside it


def test_folder_with_other_files_is_not_touched(tmp_path):
    (tmp_path / "letter.txt").write_text("Dear all")
    with pytest.raises(NotOurs):
        export_content(tmp_path)
    with pytest.raises(CommandError, match="other files"):
        call_command("export_content", str(tmp_path))
    assert files_of(tmp_path) == {"letter.txt": b"Dear all"}


def test_export_that_fails_leaves_the_earlier_one(tmp_path, monkeypatch):
    export_content(tmp_path / "out")
    before = files_of(tmp_path / "out")
    FormerSlug.objects.create(model="guidance.nothing", slug="odd", thing_id=1)
    with pytest.raises(LookupError):
        export_content(tmp_path / "out")
    assert files_of(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_commands_say_what_they_did(tmp_path, capsys):
    factories.topic_edition()
    call_command("export_content", str(tmp_path / "out"))
    call_command("load_content", str(tmp_path / "out"))
    assert re.search(r"Content: \d+ rows written", capsys.readouterr().out)
    with pytest.raises(CommandError, match="no folder"):
        call_command("load_content", str(tmp_path / "nowhere"))
