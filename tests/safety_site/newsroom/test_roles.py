"""The five groups and their rights."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from safety_site.newsroom import roles
from tests import factories

pytestmark = pytest.mark.django_db

# What nobody edits by hand: counts, what the importers and the search keep, and what is one editor's alone.
WITHOUT_RIGHTS = {
    "guidance.feedbackday", "guidance.feedbacksender", "reporting.postcode", "reporting.outcode",
    "reporting.datasource", "safety_site.autosave", "safety_site.contentchange", "safety_site.keptpart",
    "safety_site.searchentry", "safety_site.searchstem", "safety_site.searchword",
    "safety_site.waitingimport",
}  # fmt: skip


@pytest.fixture
def migrated_groups():
    """The groups as the migration makes them on an empty site.

    A test with real transactions, run before these, ends with an empty database.
    """
    Group.objects.all().delete()
    migration = ("safety_site", "0005_roles")
    apps_then = MigrationExecutor(connection).loader.project_state(migration).apps
    import_module(".migrations.".join(migration)).make_groups(apps_then, connection.schema_editor())


def rights_of(group: Group) -> set[str]:
    return {f"{app}.{code}" for app, code in group.permissions.values_list("content_type__app_label", "codename")}


def test_groups_made_by_the_migration_are_those_of_the_table(migrated_groups):
    assert {group.name: rights_of(group) for group in Group.objects.all()} == {
        role: roles.permissions_of(role) for role in roles.ROLES
    }


def test_every_model_of_ours_is_in_the_table():
    ours = {
        model._meta.label_lower
        for app in ("guidance", "reporting", "safety_site")
        for model in apps.get_app_config(app).get_models()
    }
    named = {
        f"{app}.{code.split('_', 1)[1]}"
        for role in roles.ROLES
        for app, code in (right.split(".") for right in roles.permissions_of(role))
        if app in ("guidance", "reporting", "safety_site")
    }
    assert named == ours - WITHOUT_RIGHTS


def test_every_right_of_the_table_exists():
    known = {f"{app}.{code}" for app, code in Permission.objects.values_list("content_type__app_label", "codename")}
    assert set().union(*map(roles.permissions_of, roles.ROLES)) - known == set()


def test_writer_cannot_change_what_readers_see_at_once():
    rights = roles.permissions_of(roles.WRITER)
    for model in roles.LIVE_ROWS:
        app, name = model.split(".")
        assert [right for right in rights if right.startswith(f"{app}.") and right.endswith(f"_{name}")] == [
            f"{app}.view_{name}"
        ]
    assert not [right for right in rights if ".approve_" in right]


def test_publisher_approves_everything_but_contacts():
    approves = {right for right in roles.permissions_of(roles.PUBLISHER) if ".approve_" in right}
    assert approves == {
        "guidance.approve_topicedition",
        "guidance.approve_appprofileedition",
        "guidance.approve_controlguideedition",
        "reporting.approve_concernedition",
        "safety_site.approve_emergencybanner",
        "safety_site.approve_suggestedchange",
    }
    checks = {right for right in roles.permissions_of(roles.CONTACT_CHECKER) if ".approve_" in right}
    assert checks == {"reporting.approve_contactedition"}


def test_bringing_up_to_date_gives_back_what_is_missing_and_keeps_what_was_added(migrated_groups):
    Group.objects.get(name=roles.MODERATOR).delete()
    writers = Group.objects.get(name=roles.WRITER)
    extra = Permission.objects.get(codename="change_usefullink")
    writers.permissions.remove(Permission.objects.get(codename="add_topicedition"))
    writers.permissions.add(extra)
    assert roles.bring_up_to_date() == 1 + len(roles.permissions_of(roles.MODERATOR))
    assert rights_of(writers) == roles.permissions_of(roles.WRITER) | {"guidance.change_usefullink"}
    assert rights_of(Group.objects.get(name=roles.MODERATOR)) == roles.permissions_of(roles.MODERATOR)
    assert roles.bring_up_to_date() == 0


def test_member_of_a_group_has_its_rights():
    writer = factories.member("writer")
    assert writer.is_staff
    assert writer.get_all_permissions() == roles.permissions_of(roles.WRITER)
