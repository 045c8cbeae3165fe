"""What becomes of a sheet: its changes wait, nothing is live by itself, and a file is imported once, by its owner."""

import pytest
from django.core.serializers import serialize
from django.utils import timezone

from reporting.models import ContactEdition
from safety_site.models import SearchSynonym, SuggestedChange, WaitingImport
from safety_site.models.imports import KEPT_FOR
from safety_site.newsroom.suggestions import accept
from tests import factories
from tests.reporting import factories as reporting
from tests.safety_site.newsroom.sheets import (
    AUTHORITIES,
    CONTACTS,
    LINKS,
    SYNONYMS,
    WORRIES,
    do_import,
    everything,
    look,
    sheet,
    writer,
)

pytestmark = pytest.mark.django_db


# --- What becomes of a sheet ----------------------------------------------------------------------------


def test_changed_and_new_rows_wait_and_untouched_ones_are_skipped(importer):
    SearchSynonym.objects.create(typed="insta", means="instagram")
    SearchSynonym.objects.create(typed="snap", means="snapchat")
    content = sheet(["typed", "means"], ["insta", "instagram photo"], ["snap", "snapchat"], ["finsta", "instagram"])
    page = do_import(importer, SYNONYMS, content, "words.csv")
    assert "2 suggestions from your sheet wait" in page.content.decode()
    assert sorted(SearchSynonym.objects.values_list("means", flat=True)) == ["instagram", "snapchat"]
    changed, new = SuggestedChange.objects.order_by("-object_id")
    changed, new = (changed, new) if changed.object_id else (new, changed)
    assert (changed.before, changed.after) == ({"means": "instagram"}, {"means": "instagram photo"})
    assert new.after == {"typed": "finsta", "means": "instagram", "note": "", "is_in_use": "yes"}
    assert changed.source == new.source
    assert changed.source.startswith("words.csv, ")
    for each in (changed, new):
        accept(each, factories.editor())
    assert sorted(SearchSynonym.objects.values_list("typed", "means")) == [
        ("finsta", "instagram"), ("insta", "instagram photo"), ("snap", "snapchat"),
    ]  # fmt: skip


def test_same_sheet_again_adds_nothing(importer):
    content = sheet(["typed", "means"], ["finsta", "instagram"])
    do_import(importer, SYNONYMS, content)
    page = look(importer, SYNONYMS, content)
    assert (page.context["new_count"], page.context["waiting"]) == (0, None)


def test_yes_and_labels_are_understood(importer):
    factories.useful_link(url="https://charity.example/x", is_published=True, group="talk")
    content = sheet(["audience", "url", "is_published", "group"],
                    ["Parents and carers", "https://charity.example/x", "TRUE", "Talk to someone"])  # fmt: skip
    page = look(importer, LINKS, content)
    # The key must be written as it is, “parents”: this row is taken for a new one, and there is one already.
    assert [column for _, column, _ in page.context["faults"]] == ["", "description", "provider", "title"]
    content = content.replace("Parents and carers", "parents")
    assert look(importer, LINKS, content).context["skipped_count"] == 1


def test_contact_becomes_a_draft_beside_the_live_edition(importer):
    live = reporting.contact_edition(name="Helpline", cost="Free")
    reporting.phone(live, "01632 960001", rows=[(range(5), "09:00", "17:00")])
    reporting.phone(live, "01632 960002")
    slug = live.contact.slug
    before = serialize("json", [live, *live.phones.all()])
    line = "01632 960009 | for: New line | hours: Mon-Wed 09:00-17:00, Sat 10:00-12:00?"
    page = do_import(importer, CONTACTS, sheet(["slug", "cost", "phones"], [slug, "10p a minute", line]), "c.csv")
    assert "1 draft made from your sheet" in page.content.decode()
    live.refresh_from_db()
    assert serialize("json", [live, *live.phones.all()]) == before
    draft = ContactEdition.objects.get(state="draft")
    assert (draft.contact, draft.name, draft.cost, draft.based_on) == (live.contact, "Helpline", "10p a minute", 1)
    assert draft.approved_by is None
    assert draft.checked_on is None
    assert draft.author.pk == int(importer.session["_auth_user_id"])
    assert draft.change_note.startswith("Imported from c.csv")
    [phone] = draft.phones.all()
    assert (phone.number, phone.purpose, phone.answers) == ("01632 960009", "New line", "rows")
    assert [(row.weekday, row.is_sure) for row in phone.hours.all()] == [(0, True), (1, True), (2, True), (5, False)]
    assert [row.audience for row in draft.audiences.all()] == ["parents"]
    assert list(ContactEdition.objects.live()) == [live]
    # The same sheet once more: that draft says it already.
    page = look(importer, CONTACTS, sheet(["slug", "cost", "phones"], [slug, "10p a minute", line]))
    assert (page.context["skipped_count"], page.context["waiting"]) == (1, None)


def test_new_contact_becomes_a_thing_with_a_draft(importer):
    reporting.authority("essex-like")
    head = ["slug", "name", "kind", "what_for", "coverage", "authorities", "source", "phones", "ways", "audiences"]
    row = ["new-door", "New door", "front-door", "A worry.", "authorities", "essex-like", "Its page.",
           "'+44 1632 960001 | answers: always",
           "form | https://council.example/form | The form\nemail | | a@b.example",
           "parents | professionals"]  # fmt: skip
    do_import(importer, CONTACTS, sheet(head, row))
    draft = ContactEdition.objects.get()
    assert (draft.contact.slug, draft.state, draft.number) == ("new-door", "draft", 1)
    assert [phone.number for phone in draft.phones.all()] == ["+44 1632 960001"]
    assert [(way.kind, way.url, way.detail) for way in draft.ways.all()] == [
        ("form", "https://council.example/form", "The form"), ("email", "", "a@b.example"),
    ]  # fmt: skip
    assert [area.slug for area in draft.authorities.all()] == ["essex-like"]
    assert [row.audience for row in draft.audiences.all()] == ["parents", "professionals"]
    assert not ContactEdition.objects.live().exists()


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("phones", "none", "no number"),
        ("phones", "01632 960001 | hours: Mun 09:00-17:00", "Mon-Fri 09:00-17:30"),
        ("phones", "01632 960001 | hours: Fri-Mon 09:00-17:00", "cannot be read"),
        ("phones", "01632 960001 | hours: Mon 09:00-25:00", "no clock shows"),
        ("phones", "01632 960001 | hours: Mon 09:00-10:00, Mon-Tue 09:00-12:00", "stands twice"),
        ("phones", "01632 960001 | answers: perhaps", "cannot be read"),
        ("phones", "01632 960001 | for: a | for: b", "stands twice"),
        ("phones", "0" * 40, "at most 20"),
        ("ways", "pigeon | https://a.example/", "not a valid choice"),
        ("ways", "form | http://a.example/", "valid URL"),
        ("ways", "form | a | b | c", "more than three parts"),
        ("audiences", "parents | dogs", "“dogs” is not one of"),
        ("nations", "france", "“france” is not one of"),
        ("authorities", "atlantis", "no authority “atlantis”"),
        ("coverage", "authorities", "name at least one"),
        ("website", "http://a.example/", "valid URL"),
        ("kind", "", "cannot be blank"),
        ("name", "x" * 121, "at most 120"),
        ("slug", "two words", ""),
    ],
)
def test_fault_of_a_contact_is_told_by_row_and_column(importer, column, cell, words):
    live = reporting.contact_edition()
    before = everything()
    row = {"slug": live.contact.slug, "cost": "Free", column: cell}
    page = look(importer, CONTACTS, sheet(list(row), [live.contact.slug + "-2", "Free", "x"][: len(row)], row.values()))
    told = [(number, name, text) for number, name, text in page.context["faults"] if number == 3]
    if column == "slug":
        assert "Enter a valid" in " ".join(text for _, name, text in told if name == "slug")
    else:
        assert words in " ".join(text for _, name, text in told if name in (column, "authorities"))
    assert page.context["waiting"] is None
    assert everything() == before


def test_ended_council_is_suggested_with_its_successor(importer):
    reporting.authority("new-one")
    old = reporting.authority("old-one")
    do_import(importer, AUTHORITIES, sheet(["slug", "ended_on", "succeeded_by"], ["old-one", "2026-03-31", "new-one"]))
    accept(SuggestedChange.objects.get(), factories.editor())
    old.refresh_from_db()
    assert (str(old.ended_on), old.succeeded_by.slug) == ("2026-03-31", "new-one")
    page = look(importer, AUTHORITIES, sheet(["slug", "ended_on", "succeeded_by"], ["new-one", "2026-03-31", ""]))
    assert page.context["faults"] == [(2, "", "An authority that ended needs the one that took its place.")]


# --- The file between look and import -------------------------------------------------------------------


def test_nobody_imports_the_file_of_somebody_else(importer, client):
    page = look(importer, SYNONYMS, sheet(["typed", "means"], ["finsta", "instagram"]))
    waiting = page.context["waiting"].pk
    client.force_login(writer())
    answer = client.post(f"/admin/{SYNONYMS}/process_import/", {"waiting": waiting}, follow=True)
    assert "does not wait any more" in answer.content.decode()
    assert not SuggestedChange.objects.exists()
    assert WaitingImport.objects.filter(pk=waiting).exists()


def test_file_of_one_kind_is_not_imported_as_another(importer):
    page = look(importer, SYNONYMS, sheet(["typed", "means"], ["finsta", "instagram"]))
    answer = importer.post(f"/admin/{WORRIES}/process_import/", {"waiting": page.context["waiting"].pk}, follow=True)
    assert "does not wait any more" in answer.content.decode()
    assert not SuggestedChange.objects.exists()


def test_file_is_imported_once_and_gone(importer):
    page = look(importer, SYNONYMS, sheet(["typed", "means"], ["finsta", "instagram"]))
    for _ in range(2):
        importer.post(f"/admin/{SYNONYMS}/process_import/", {"waiting": page.context["waiting"].pk})
    assert SuggestedChange.objects.count() == 1
    assert not WaitingImport.objects.exists()


def test_newer_file_takes_the_place_of_an_older_one(importer):
    first = look(importer, SYNONYMS, sheet(["typed", "means"], ["first", "games"])).context["waiting"].pk
    second = look(importer, SYNONYMS, sheet(["typed", "means"], ["second", "games"])).context["waiting"].pk
    importer.post(f"/admin/{SYNONYMS}/process_import/", {"waiting": first})
    assert not SuggestedChange.objects.exists()
    importer.post(f"/admin/{SYNONYMS}/process_import/", {"waiting": second})
    assert SuggestedChange.objects.get().after["typed"] == "second"


def test_old_file_is_not_imported_and_is_cleared_away(importer):
    look(importer, SYNONYMS, sheet(["typed", "means"], ["first", "games"]))
    WaitingImport.objects.update(made_at=timezone.now() - KEPT_FOR)
    stale = WaitingImport.objects.get().pk
    importer.post(f"/admin/{SYNONYMS}/process_import/", {"waiting": stale})
    assert not SuggestedChange.objects.exists()
    look(importer, WORRIES, sheet(["words", "concern"], ["child afraid", "grooming"]))
    assert not WaitingImport.objects.filter(pk=stale).exists()


@pytest.mark.parametrize("waiting", ["", "0", "x", "-1", "²", "9" * 30, "\x00", "1 OR 1"])
def test_odd_number_of_a_file_is_told_in_words(importer, waiting):
    answer = importer.post(f"/admin/{SYNONYMS}/process_import/", {"waiting": waiting}, follow=True)
    assert "does not wait any more" in answer.content.decode()
