"""The audit list: every change with before and after, by whom and when; nobody can edit it."""

from datetime import time

import pytest
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management.color import no_style
from django.db import DatabaseError, connection, transaction
from django.test import Client

from guidance.feedback import forget
from guidance.models import Feedback, Section, SharedNote, TopicEdition, UsefulLink
from reporting.models import OpeningHours, Phone
from safety_site.doors import audit, audit_lock
from safety_site.models import SearchSynonym
from tests import factories
from tests.doors import with_phone
from tests.reporting import factories as contacts

pytestmark = pytest.mark.django_db

LIST = "/admin/auditlog/logentry/"


@pytest.fixture
def boss():
    return factories.editor(is_superuser=True)


@pytest.fixture
def boss_client(boss):
    client = Client()
    client.force_login(boss)
    return client


def entry_of(row) -> LogEntry:
    """The newest entry about a row."""
    return LogEntry.objects.get_for_object(row).order_by("-pk")[0]


# --- What is written down ---------------------------------------------------------------------------------

NOT_AUDITED = {
    "guidance.FeedbackDay", "guidance.FeedbackSender", "reporting.Outcode", "reporting.Postcode",
    "safety_site.AutoSave", "safety_site.ContentChange", "safety_site.KeptPart", "safety_site.LinkCheck",
    "safety_site.SearchEntry", "safety_site.SearchStem", "safety_site.SearchWord",
    "safety_site.WaitingImport",
}  # fmt: skip


def test_every_model_of_ours_and_every_account_is_audited():
    ours = {
        model
        for app in ("guidance", "reporting", "safety_site", "otp_totp", "otp_static")
        for model in apps.get_app_config(app).get_models()
    }
    wanted = {get_user_model(), Group, *ours}
    assert {model._meta.label for model in wanted if not auditlog.contains(model)} == {
        *NOT_AUDITED,
        "otp_static.StaticToken",
    }


def test_change_in_the_admin_is_told_with_before_after_and_who(boss, boss_client):
    row = SearchSynonym.objects.create(typed="snap", means="snapchat")
    form = {"typed": "snap", "means": "snapchat app", "is_in_use": "on"}
    assert boss_client.post(f"/admin/safety_site/searchsynonym/{row.pk}/change/", form).status_code == 302
    entry = entry_of(row)
    assert (entry.actor, entry.remote_addr, audit.event_of(entry)) == (boss, None, "Changed")
    assert audit.changes_of(entry) == [{"name": "Means", "before": "snapchat", "after": "snapchat app"}]


def test_who_changed_something_does_not_stand_for_what_follows(boss_client):
    boss_client.get("/admin/")
    assert entry_of(SearchSynonym.objects.create(typed="a", means="b")).actor is None


def test_values_are_told_as_editors_know_them(boss):
    link = factories.useful_link(title="Before", is_published=True, group="advice")
    link.title, link.is_published = "After", False
    link.save()
    assert audit.changes_of(entry_of(link)) == [
        {"name": "Is published", "before": "yes", "after": "no"},
        {"name": "Title", "before": "Before", "after": "After"},
    ]
    edition = factories.topic_edition(state="draft", publish_at=None)
    edition.author, edition.state = boss, "in-review"
    edition.publish_at = factories.PUBLISHED_AT.replace(month=7)
    edition.save()
    assert audit.changes_of(entry_of(edition)) == [
        {"name": "Author", "before": "", "after": str(boss)},
        {"name": "Publish at", "before": "", "after": "1 July 2020, 01:00:00"},
        {"name": "State", "before": "Draft", "after": "In review"},
    ]


def test_links_between_rows_are_told():
    edition, band = factories.topic_edition(), factories.age_band()
    edition.age_bands.add(band)
    assert audit.changes_of(entry_of(edition)) == [{"name": "Age bands", "before": "", "after": str(band)}]
    edition.age_bands.remove(band)
    assert audit.changes_of(entry_of(edition)) == [{"name": "Age bands", "before": str(band), "after": ""}]


def test_rights_of_people_and_groups_are_told():
    user, group = factories.editor(), Group.objects.create(name="a group")
    right = Permission.objects.get(codename="approve_topicedition")
    group.permissions.add(right)
    assert audit.changes_of(entry_of(group))[0]["after"] == str(right)
    user.groups.add(group)
    assert audit.changes_of(entry_of(user)) == [{"name": "Groups", "before": "", "after": "a group"}]


def test_secrets_are_told_of_but_not_told():
    user = with_phone(factories.editor(password="lantern-gravel-otter-plum"))
    user.set_password("teapot saxophone meadow")
    user.save()
    assert audit.changes_of(entry_of(user)) == [{"name": "Password", "before": "not shown", "after": "not shown"}]
    answer = factories.feedback("/talk/", comment="My name is Zebedee")
    answer.delete()
    everything = " ".join(
        f"{entry.changes} {entry.serialized_data} {entry.object_repr}" for entry in LogEntry.objects.all()
    )
    device = user.totpdevice_set.get()
    assert [word for word in (device.key, user.password, "Zebedee", "md5$") if word in everything] == []


def test_bulk_decisions_about_feedback_are_told(boss, boss_client):
    answers = [factories.feedback("/talk/") for _ in range(3)]
    form = {"action": "mark_as_spam", "_selected_action": [answer.pk for answer in answers]}
    boss_client.post("/admin/guidance/feedback/", form)
    for answer in answers:
        entry = entry_of(answer)
        assert entry.actor == boss
        assert {"name": "State", "before": "Waiting for an editor", "after": "Spam"} in audit.changes_of(entry)


def test_what_readers_send_and_what_is_forgotten_is_not_in_the_list(client):
    client.post("/feedback/", {"page": "/talk/", "useful": "yes", "comment": ""})
    before = LogEntry.objects.count()
    assert not LogEntry.objects.filter(content_type__model="feedback").exists()
    factories.feedback("/talk/")
    entries = LogEntry.objects.count()
    forget(factories.PUBLISHED_AT.replace(year=2030))
    assert not Feedback.objects.filter(state="waiting").exists()
    assert (before, LogEntry.objects.count()) == (before, entries)


def test_content_that_ships_makes_no_entries(shipped_content):
    assert TopicEdition.objects.exists()
    assert LogEntry.objects.count() == 0


def test_sign_in_of_a_name_that_nobody_has_keeps_no_words_of_it(client):
    client.post("/admin/login/", {"username": "my-password-by-mistake", "password": "x"})
    assert not LogEntry.objects.exists()


# --- Nobody can edit it -----------------------------------------------------------------------------------


@pytest.fixture
def entry(boss):
    audit_lock.lock(connection)  # a test with real transactions may have lifted it
    return audit.record("signed-in", boss)


@pytest.mark.django_db(transaction=True)
def test_table_is_locked_and_a_test_may_still_empty_it(entry):
    with pytest.raises(DatabaseError):
        LogEntry.objects.all().delete()


@pytest.mark.parametrize("change", ["update", "save", "delete", "delete one", "sql update", "sql delete"])
def test_database_refuses_to_change_or_delete_an_entry(entry, change):
    def tamper():
        entries = LogEntry.objects.filter(pk=entry.pk)
        if change == "update":
            entries.update(actor=None)
        elif change == "save":
            entry.object_repr = "nobody"
            entry.save()
        elif change == "delete":
            entries.delete()
        elif change == "delete one":
            entry.delete()
        else:
            with connection.cursor() as cursor:
                what = "DELETE FROM" if "delete" in change else "UPDATE"
                cursor.execute(f"{what} auditlog_logentry" + ("" if "delete" in change else " SET object_repr = 'x'"))

    with pytest.raises(DatabaseError, match="The audit list cannot be changed"), transaction.atomic():
        tamper()
    assert LogEntry.objects.get(pk=entry.pk).object_repr == str(entry.actor)


def test_database_refuses_to_empty_the_list(entry):
    connection.check_constraints()  # PostgreSQL truncates no table while it still has to look at what was written
    refused = pytest.raises(DatabaseError, match="The audit list cannot be changed")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        # The words of each database for it: SQLite deletes every row, PostgreSQL truncates.
        for statement in connection.ops.sql_flush(no_style(), [audit_lock.TABLE]):
            cursor.execute(statement)
    assert LogEntry.objects.filter(pk=entry.pk).exists()


def test_nobody_adds_changes_or_deletes_an_entry_in_the_admin(boss_client, entry):
    page = f"{LIST}{entry.pk}/change/"
    assert boss_client.get(page).status_code == 200
    assert boss_client.post(page, {"object_repr": "x"}).status_code == 403
    assert boss_client.get(f"{LIST}add/").status_code == 403
    assert boss_client.post(f"{LIST}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    form = {"action": "delete_selected", "_selected_action": entry.pk, "post": "yes"}
    boss_client.post(LIST, form)
    assert LogEntry.objects.filter(pk=entry.pk).exists()


def test_list_is_for_those_with_the_right_to_see_it(entry):
    writer, auditor = factories.editor(), factories.editor()
    auditor.user_permissions.add(Permission.objects.get(codename="view_logentry", content_type__app_label="auditlog"))
    for user, status in ((writer, 403), (auditor, 200)):
        client = Client()
        client.force_login(user)
        for address in (LIST, f"{LIST}{entry.pk}/change/"):
            assert client.get(address).status_code == status
    assert Client().get(LIST).status_code == 302


def test_list_filters_and_searches(boss, boss_client):
    factories.useful_link(title="Unusual words")
    audit.record("signed-in", boss)
    for query, found in (
        ("q=Unusual", 1), ("q=nowhere", 0), ("event=0", 2), ("event=signed-in", 2), ("who=site&event=0", 2),
        (f"who={boss.pk}", 2), ("who=x", 4), ("kind=x", 4), ("who=99999999999999999999", 4), ("event=%00", 4),
    ):  # fmt: skip
        response = boss_client.get(f"{LIST}?{query}")
        assert response.status_code == 200, query
        assert response.context["cl"].result_count == found, query


@pytest.mark.parametrize("key", ["0", "999999", "x", "99999999999999999999999"])
def test_entry_that_is_none_leads_back(boss_client, key):
    assert boss_client.get(f"{LIST}{key}/change/").status_code == 302


# --- The history of one row -------------------------------------------------------------------------------


def told_on(client, row) -> str:
    opts = row._meta
    return client.get(f"/admin/{opts.app_label}/{opts.model_name}/{row.pk}/history/").content.decode()


def test_history_tells_of_a_page_and_its_parts_also_of_deleted_ones(boss_client):
    edition, other = factories.topic_edition(state="draft"), factories.topic_edition(state="draft")
    gone = Section.objects.create(edition=edition, heading="Gone since", body="<p>x</p>")
    kept = Section.objects.create(edition=edition, heading="Still there", body="<p>x</p>")
    Section.objects.create(edition=other, heading="Of another page", body="<p>x</p>")
    gone.delete()
    kept.heading = "Still there, changed"
    kept.save()
    text = told_on(boss_client, edition)
    assert "Gone since" in text
    assert "Still there, changed" in text
    assert "deleted by the site itself" in text
    assert "Of another page" not in text


def test_history_of_a_contact_tells_of_the_hours_of_its_numbers(boss_client):
    edition = contacts.contact_edition(state="draft")
    phone = Phone.objects.create(edition=edition, position=9, number="0800 1111", purpose="Test line")
    hours = OpeningHours.objects.create(phone=phone, weekday=1, opens_at=time(9), closes_at=time(17))
    hours.delete()
    assert "09:00" in told_on(boss_client, edition)


def test_history_is_for_those_who_may_see_the_row(boss_client):
    note = factories.shared_note()
    assert told_on(boss_client, note)
    onlooker = Client()
    onlooker.force_login(factories.editor())
    assert onlooker.get(f"/admin/guidance/sharednote/{note.pk}/history/").status_code == 403
    assert boss_client.get("/admin/guidance/sharednote/99999/history/").status_code == 302
    assert SharedNote.objects.count() == 1


def test_history_goes_by_pages(boss_client):
    link = factories.useful_link()
    for number in range(40):
        link.title = f"Title {number}"
        link.save()
    for page in ("", "?p=2", "?p=x", "?p=999"):
        assert boss_client.get(f"/admin/guidance/usefullink/{link.pk}/history/{page}").status_code == 200
    assert UsefulLink.objects.count() == 1
