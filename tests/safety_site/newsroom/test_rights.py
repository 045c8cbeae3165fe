"""Every page of the admin, for everybody: what a stranger, plain staff and each of the five roles get.

The table is ``rights_of_pages.yaml``; it is asserted exactly, so a new page must be put in it with open eyes. Rows are
somebody else's: drafts by another editor, words that another editor kept, a link that another editor made. Pages
that take only a POST are sent an empty one.
"""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from guidance.models import Feedback, PageComments
from reporting.models import ClosedDay
from safety_site import banners
from safety_site.editions import Edition, copy_as_draft
from safety_site.models import AutoSave, EmergencyBanner, LinkCheck, PreviewLink, SuggestedChange
from tests import factories

TABLE = Path(__file__).with_name("rights_of_pages.yaml")
WHO = ("stranger", "plain", "writer", "publisher", "contact checker", "moderator", "administrator")
NOWHERE = 9_223_372_036_854_775_806  # a key that no row has
# Pages of the way in; test_doors.py tells who gets which.
DOORS = {
    "factor", "second-step", "factor-set-up", "recovery-codes", "factor-remove", "login", "logout", "password_change",
    "password_change_done", "keep_words",
}  # fmt: skip


def patterns(found, names=()):
    for pattern in found:
        if hasattr(pattern, "url_patterns"):
            yield from patterns(pattern.url_patterns)
        elif pattern.name and pattern.name not in DOORS:
            yield pattern.name, list(pattern.pattern.converters)


def others_rows(author) -> dict[str, int]:
    """For each model with pages the key of a row that is not of whoever asks; editions as drafts."""
    topic = factories.topic_edition()
    factories.feedback("/talk/")
    PageComments.objects.create(path="/talk/")
    ClosedDay.objects.create(on=timezone.localdate(), reason="Storm")
    EmergencyBanner.objects.create(words="Storm", author=author)
    SuggestedChange.objects.create(
        content_type=ContentType.objects.get_for_model(factories.useful_link()),
        title="A link", after={"title": "Other"}, author=author,
    )  # fmt: skip
    LinkCheck.objects.create(url="https://a.example/", state="works", checked_at=timezone.now())
    rows = {}
    for model in admin.site._registry:
        row = model._default_manager.order_by("pk").first()
        if row is None:
            continue
        if issubclass(model, Edition):
            row = copy_as_draft(row, author)
            AutoSave.objects.create(by=author, model=model._meta.label_lower, object_id=row.pk, form="title=Mine")
        rows[f"{model._meta.app_label}_{model._meta.model_name}"] = row.pk
    assert topic.pk
    return rows


def arguments(name: str, needed: list[str], rows: dict[str, int]) -> list | None:
    """What the address of a page needs; None for a page that no row here has."""
    label = next((label for label in rows if name.startswith(f"{label}_")), "")
    values = {
        "object_id": rows.get(label),
        "pk": rows.get(label),
        "at": datetime(2026, 11, 1, 9, tzinfo=UTC),
        "page": "topics/",
        "slug": "overdue",
    }
    if "link" in needed:
        app, model = label.split("_")
        about = ContentType.objects.get(app_label=app, model=model)
        link = PreviewLink.objects.create(
            content_type=about,
            object_id=rows[label],
            for_whom="A reviewer",
            expires_at=timezone.now() + timedelta(days=1),
            made_by_id=rows["author"],
        )
        values["link"] = link.pk
    if name.endswith("_throw_away"):
        values["pk"] = AutoSave.objects.get(model=label.replace("_", "."), object_id=rows[label]).pk
    if name == "app_list":
        return ["guidance"]
    found = [values.get(each, 4) for each in needed]
    return None if None in found else found


def told(response) -> str:
    if response.status_code == 302:
        return "login" if "/login/" in response["Location"] else "302"
    return str(response.status_code)


def ask(client: Client, address: str) -> str:
    """What somebody gets, with whatever it did taken back."""
    with transaction.atomic():
        response = client.get(address)
        if response.status_code == 405:
            response = client.post(address)
        transaction.set_rollback(True)
    return told(response)


def client_of(who: str) -> Client:
    client = Client()
    if who == "stranger":
        return client
    client.force_login(factories.editor() if who == "plain" else factories.member(who))
    # As if they had given their password a moment ago: else pages of people ask for it before anything else.
    session = client.session
    session["confirmed_at"] = time.time()
    session.save()
    return client


@pytest.fixture
def pages(loaded, db) -> dict[str, str]:
    """Addresses by the names of the pages."""
    author = factories.member("writer")
    rows = {**others_rows(author), "author": author.pk}
    found = {}
    for name, needed in patterns(admin.site.get_urls()):
        given = arguments(name, needed, rows)
        if given is None:
            continue
        try:
            found[name] = reverse(f"admin:{name}", args=given)
        except NoReverseMatch:
            found[name] = reverse(f"admin:{name}")
    return found


@pytest.mark.one_database
@pytest.mark.timeout(600)
def test_every_page_gives_everybody_what_the_table_says(pages):
    banners.kept.keep(())
    clients = {who: client_of(who) for who in WHO}
    found = {name: {who: ask(client, pages[name]) for who, client in clients.items()} for name in sorted(pages)}
    table = {name: dict(zip(WHO, row.split(), strict=True)) for name, row in yaml.safe_load(TABLE.read_text()).items()}
    if found != table:
        proposed = "".join(f"{name}: {' '.join(row.values())}\n" for name, row in found.items())
        TABLE.with_suffix(".found").write_text(proposed)
    assert found == table


@pytest.mark.one_database
def test_rows_that_are_not_there_are_a_404_or_lead_back_for_those_who_may_and_nothing_for_others(loaded, db):
    missing = {
        name: reverse(f"admin:{name}", args=[NOWHERE] * len(needed))
        for name, needed in patterns(admin.site.get_urls())
        if needed and set(needed) <= {"pk", "object_id", "link"}
    }
    assert len(missing) > 100
    for who, fine in (
        ("stranger", {"login"}),
        ("plain", {"403", "404", "302"}),
        ("administrator", {"404", "302", "403"}),
    ):
        client = client_of(who)
        wrong = {name: status for name, address in missing.items() if (status := ask(client, address)) not in fine}
        assert wrong == {}, who


def test_feedback_is_moderated_by_moderators_only(pages):
    """The one table that holds what readers wrote."""
    answer = Feedback.objects.get()
    for who in set(WHO) - {"moderator", "administrator", "stranger"}:
        assert client_of(who).get(reverse("admin:guidance_feedback_change", args=[answer.pk])).status_code == 403
