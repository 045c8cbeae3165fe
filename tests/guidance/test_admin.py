"""The editors' pages: enough to correct any text, by way of a new edition."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.urls import reverse

from guidance.models import AgeBand, Feedback, FeedbackDay, FeedbackSender, Section, TopicEdition
from safety_site.admin_site import EDITOR_STYLE_HASH, editors_policy
from tests import factories

pytestmark = pytest.mark.django_db

# A part is edited on the page of its edition, an age band's fact on the page of its band; nobody edits counts.
WITH_A_PAGE = sorted(
    (
        model
        for model in set(apps.get_app_config("guidance").get_models()) - {FeedbackDay, FeedbackSender}
        if not any(field.name in ("edition", "age_band") for field in model._meta.fields)
        or model._meta.model_name.endswith("edition")
    ),
    key=lambda model: model._meta.model_name,
)


def page_of(model, kind, *args):
    return reverse(f"admin:guidance_{model._meta.model_name}_{kind}", args=args)


def test_every_model_can_be_reached():
    registered = {model for model in admin.site._registry if model._meta.app_label == "guidance"}
    assert registered == set(WITH_A_PAGE)


def test_list_add_and_change_pages_open(editor_client, shipped_content):
    factories.feedback("/talk/")
    factories.closed_comments("/talk/")
    for model in WITH_A_PAGE:
        row = model.objects.first()
        for address in (page_of(model, "changelist"), page_of(model, "add"), page_of(model, "change", row.pk)):
            # What readers said comes from readers, and there are three bands of ages.
            expected = 403 if address in (page_of(Feedback, "add"), page_of(AgeBand, "add")) else 200
            assert editor_client.get(address).status_code == expected, address


def test_what_older_texts_may_name_is_never_deleted(editor_client):
    for row in (factories.old_name(), factories.law_note(), factories.useful_link()):
        assert editor_client.post(page_of(type(row), "delete", row.pk), {"post": "yes"}).status_code == 403
        assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    ("address", "wrong"),
    [("/topics/", 0), ("https://a.example/", 0), ("", 0), ("//a.example/", 1), ("http://a.example/", 1), ("x", 1)],
)
def test_old_name_leads_here_or_to_https(address, wrong):
    name = factories.old_name(instead_label="Here", instead_url=address)
    try:
        name.clean()
        found = []
    except ValidationError as problem:
        found = list(problem.message_dict)
    assert found == ["instead_url"] * wrong


def test_policy_of_the_editors_pages_is_exact(editor_client):
    [import_map_hash] = [source for source in editors_policy()["script-src"] if source.startswith("'sha256-")]
    expected = {
        "default-src 'none'",
        f"script-src 'self' {import_map_hash}",
        f"style-src 'self' {EDITOR_STYLE_HASH}",
        "img-src 'self' data:",
        "media-src 'self'",
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    }
    for address in ("/admin/", "/admin/login/", page_of(TopicEdition, "add")):
        response = editor_client.get(address)
        assert set(response["Content-Security-Policy"].split("; ")) == expected, address
        assert response["Cache-Control"].count("no-store") == 1
        # no-referrer would make browsers send "Origin: null", which the CSRF check refuses.
        assert response["Referrer-Policy"] == "same-origin"


def test_approved_edition_cannot_be_changed_or_deleted(editor_client):
    edition = factories.topic_edition(title="As approved")
    address = page_of(TopicEdition, "change", edition.pk)
    # Its form is open, to write a draft beside it: see test_saving.py.
    assert b'name="title"' in editor_client.get(address).content
    assert editor_client.post(address, {"title": "Changed"}).status_code == 200
    assert TopicEdition.objects.count() == 1
    assert editor_client.post(page_of(TopicEdition, "delete", edition.pk), {"post": "yes"}).status_code == 403
    edition.refresh_from_db()
    assert edition.title == "As approved"


def test_correction_goes_by_a_draft_that_readers_do_not_see_until_it_is_published(editor_client, client):
    live = factories.topic_edition(title="The old words")
    Section.objects.create(edition=live, position=1, heading="What to do", body="<p>Talk often.</p>")
    editor_client.post(page_of(TopicEdition, "draft", live.pk))
    draft = TopicEdition.objects.exclude(pk=live.pk).get()
    assert (draft.state, draft.author.username, draft.number) == ("draft", "an-editor", live.number + 1)
    TopicEdition.objects.filter(pk=draft.pk).update(title="The new words")

    page = live.get_absolute_url()
    assert "The old words" in client.get(page).content.decode()
    editor_client.post(page_of(TopicEdition, "approve", draft.pk))
    assert "The new words" in client.get(page).content.decode()


def test_draft_and_publish_need_a_post_and_the_right(editor_client, client):
    live = factories.topic_edition()
    assert editor_client.get(page_of(TopicEdition, "draft", live.pk)).status_code == 405
    onlooker = get_user_model().objects.create_user("onlooker", is_staff=True)
    client.force_login(onlooker)
    assert client.post(page_of(TopicEdition, "draft", live.pk)).status_code == 403
    client.logout()
    assert client.post(page_of(TopicEdition, "draft", live.pk)).status_code == 302
    assert TopicEdition.objects.count() == 1


def test_new_edition_gets_its_number_and_author(editor_client):
    topic = factories.topic_edition().topic
    empty_parts = {
        f"{part}-{count}": 0
        for part in ("audiences", "sections", "facts", "starters", "resources")
        for count in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    words = {"topic": topic.pk, "language": "en-GB", "title": "Second", "summary": "New.", "area": "risk"}
    response = editor_client.post(page_of(TopicEdition, "add"), {**words, **empty_parts})
    assert response.status_code == 302, response.context["errors"]
    edition = TopicEdition.objects.get(title="Second")
    assert (edition.number, edition.author.username, edition.state) == (2, "an-editor", "draft")


def test_five_wrong_passwords_lock_the_login_with_a_page_that_says_so(client):
    get_user_model().objects.create_superuser("an-editor", password="the right one")
    login = {"username": "an-editor", "password": "a wrong one"}
    answers = [client.post("/admin/login/", login).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 200, 429]
    locked = client.post("/admin/login/", {**login, "password": "the right one"})
    assert locked.status_code == 429
    assert 890 <= int(locked["Retry-After"]) <= 900
    assert "Please wait until" in locked.content.decode()
