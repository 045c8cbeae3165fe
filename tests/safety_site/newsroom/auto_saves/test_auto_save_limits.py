"""Words that keep themselves: what is refused, and who may keep, open and throw away which."""

from urllib.parse import urlencode

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core import signing
from django.test import Client
from django.urls import reverse

from guidance.models import TopicEdition
from safety_site.fields import TOO_LONG
from safety_site.models import AutoSave
from safety_site.newsroom import auto_saves
from safety_site.rich_text import MOST_CHARACTERS
from tests import factories
from tests.safety_site.newsroom.editing import address, opened
from tests.safety_site.newsroom.kept_words import KEEP, typed
from tests.safety_site.newsroom.page_forms import sent_by_page

pytestmark = pytest.mark.django_db


# --- Refused --------------------------------------------------------------------------------------------


def forged(*values):
    return signing.dumps(list(values), salt=auto_saves._SALT)


@pytest.mark.parametrize(
    "make_key",
    [
        lambda user, draft: "",
        lambda user, draft: "x\0y",
        lambda user, draft: "k" * 20_000,
        lambda user, draft: signing.dumps([user.pk, "guidance.topicedition", draft.pk, "p"], salt="another"),
        lambda user, draft: forged(user.pk),
        lambda user, draft: forged(user.pk, "guidance.nothing", draft.pk, "p"),
        lambda user, draft: forged(user.pk, "nonsense", draft.pk, "p"),
        lambda user, draft: forged(10**15, "guidance.topicedition", draft.pk, "p"),
    ],
)
def test_key_that_is_not_one_of_ours_keeps_nothing_and_says_so(ana, draft, make_key):
    response = ana.post(KEEP, {"_kept_key": make_key(ana.user, draft), "summary": "x"})
    assert response.status_code == 403
    assert response.json()["said"].startswith("Not kept")
    assert not AutoSave.objects.exists()


def test_key_lasts_a_long_weekend_not_for_ever(ana, draft):
    with time_machine.travel("2026-11-20 17:00Z", tick=False):
        key = auto_saves.new_page(ana.user, TopicEdition, draft.pk).key
    with time_machine.travel("2026-11-24 09:00Z", tick=False):
        assert Client().post(KEEP, {"_kept_key": key, "summary": "x"}).status_code == 200
    with time_machine.travel("2026-11-28 17:00Z", tick=False):
        assert Client().post(KEEP, {"_kept_key": key, "summary": "x"}).status_code == 403


def test_who_was_switched_off_or_lost_the_right_keeps_nothing(ana, draft):
    fields = opened(ana, draft)
    ana.user.user_permissions.clear()
    assert ana.post(KEEP, typed(fields)).status_code == 403
    type(ana.user).objects.update(is_superuser=True, is_active=False)
    assert ana.post(KEEP, typed(fields)).status_code == 403


def test_too_much_is_refused_in_words(ana, draft, settings):
    fields = opened(ana, draft)
    response = ana.post(KEEP, typed(fields, summary="x" * auto_saves.MOST_CHARACTERS))
    assert (response.status_code, "too long" in response.json()["said"]) == (413, True)
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 5
    assert ana.post(KEEP, urlencode(typed(fields), doseq=True), "application/x-www-form-urlencoded").status_code == 413
    response = ana.post(address(TopicEdition, "change", draft.pk), typed(fields))
    assert response.status_code == 413
    assert "This form is too long" in response.content.decode()
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS, settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000, 500
    assert ana.post(address(TopicEdition, "change", draft.pk), typed(fields)).status_code == 413


def test_text_of_one_megabyte_and_5000_fields_come_through(ana, draft):
    fields = opened(ana, draft)
    many = {f"extra-{number}": "x" for number in range(5_000)}
    response = ana.post(KEEP, typed(fields, editor_note="é" * 200_000, **many))
    assert response.status_code == 200
    # More than a field holds is told in words beside it, and every letter of it is still in the box.
    too_long = "x" * 1_000_000
    response = ana.post(address(TopicEdition, "change", draft.pk), typed(fields, editor_note=too_long, **many))
    assert response.status_code == 200
    [fault] = response.context["faults"]
    told = TOO_LONG % {"show_value": len(too_long), "limit_value": MOST_CHARACTERS}
    assert (fault.anchor, fault.what) == ("id_editor_note", told)
    assert sent_by_page(response, "topicedition_form")["editor_note"] == too_long
    draft.refresh_from_db()
    assert draft.editor_note == ""
    as_much_as_it_holds = "é" * MOST_CHARACTERS
    response = ana.post(
        address(TopicEdition, "change", draft.pk), typed(fields, editor_note=as_much_as_it_holds, **many)
    )
    assert response.status_code == 302
    draft.refresh_from_db()
    assert draft.editor_note == as_much_as_it_holds


def test_too_often_is_refused_in_words(ana, draft, monkeypatch):
    monkeypatch.setattr(auto_saves, "MOST_A_MINUTE", 2)
    # No minute ends meanwhile.
    monkeypatch.setattr(auto_saves, "_rate", auto_saves.RateLimit(seconds=1_000_000_000))
    fields = opened(ana, draft)
    answers = [ana.post(KEEP, typed(fields, summary=str(number))) for number in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert all("said" in answer.json() for answer in answers)


def test_nul_and_odd_text_are_kept_and_shown_without_an_error(ana, draft):
    odd = "a\0b \ud83d\ude00 é".encode("utf-16", "surrogatepass").decode("utf-16") + "<script>x</script>" + "y" * 10_000
    assert ana.post(KEEP, typed(opened(ana, draft), summary=odd, _revision="9" * 30)).status_code == 200
    kept = AutoSave.objects.get()
    assert "%00" not in kept.form
    response = ana.get(f"{address(TopicEdition, 'change', draft.pk)}?kept={kept.page}")
    assert response.status_code == 200
    assert "<script>x" not in response.content.decode()


def test_damaged_words_are_shown_as_far_as_they_go(ana, draft):
    for form in (
        "",
        "%%%",
        "a=1&b",
        "facts-TOTAL_FORMS=99999999&facts-0-id=99999999999999999999",
        "sections-0-id=x%00",
    ):
        kept = AutoSave.objects.create(
            by=ana.user, model="guidance.topicedition", object_id=draft.pk, page="p", form=form
        )
        assert ana.get(address(TopicEdition, "change", draft.pk)).status_code == 200
        if AutoSave.objects.filter(pk=kept.pk).exists():
            assert ana.get(f"{address(TopicEdition, 'change', draft.pk)}?kept=p").status_code == 200
        AutoSave.objects.all().delete()


# --- Who may what ---------------------------------------------------------------------------------------

ROLES = {
    "stranger": None,
    "plain staff": [],
    "writer": ["add", "change", "view"],
    "publisher": ["add", "change", "view", "approve"],
    "contact checker": ["view"],
    "moderator": [],
    "administrator": "all",
}


def somebody(role: str) -> Client:
    client = Client()
    rights = ROLES[role]
    if rights is None:
        return client
    client.user = factories.editor(is_superuser=rights == "all")
    if rights != "all":
        names = [f"{right}_topicedition" for right in rights]
        client.user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(client.user)
    return client


@pytest.mark.parametrize(
    ("role", "keeping", "opening", "throwing"),
    [
        ("stranger", 403, 302, 302),
        ("plain staff", 403, 403, 404),
        ("writer", 200, 200, 404),
        ("publisher", 200, 200, 404),
        ("contact checker", 403, 200, 404),
        ("moderator", 403, 403, 404),
        ("administrator", 200, 200, 404),
    ],
)
def test_each_role_with_words_of_its_own_and_of_others(role, keeping, opening, throwing, ana, draft):
    ana.post(KEEP, typed(opened(ana, draft), summary="Secret words"))
    theirs = AutoSave.objects.get()
    client = somebody(role)
    change = address(TopicEdition, "change", draft.pk)

    own_key = auto_saves.new_page(client.user, TopicEdition, draft.pk).key if hasattr(client, "user") else ""
    assert client.post(KEEP, {"_kept_key": own_key, "summary": "x"}).status_code == keeping
    assert client.get(KEEP).status_code == 405

    for page in (change, f"{change}?kept={theirs.page}", f"{change}?kept={theirs.pk}", f"{change}?kept=%00"):
        response = client.get(page)
        assert response.status_code == opening
        assert "Secret words" not in response.content.decode()
    for pk in (theirs.pk, 10**6, 10**30):
        assert client.post(reverse("admin:guidance_topicedition_throw_away", args=[pk])).status_code == throwing
        assert client.get(reverse("admin:guidance_topicedition_throw_away", args=[pk])).status_code in (302, 405)
    assert AutoSave.objects.filter(pk=theirs.pk).exists()
    # Keys of other forms and of other people write nowhere else.
    assert AutoSave.objects.exclude(pk=theirs.pk).count() == (keeping == 200)


def test_row_that_is_not_there_opens_nothing(ana):
    for pk in ("999999", "9" * 30, "x", "1%00"):
        response = ana.get(f"/admin/guidance/topicedition/{pk}/change/?kept=x")
        assert response.status_code in (302, 404)


def test_kept_words_that_are_shown_are_no_fault_of_the_form(ana, draft):
    fields = opened(ana, draft)
    ana.post(KEEP, typed(fields, title="Another title"))
    kept = AutoSave.objects.get(by=ana.user)
    response = ana.get(address(TopicEdition, "change", draft.pk) + f"?kept={kept.page}")
    page = response.content.decode()
    assert "These are your words from" in page
    assert "Another title" in page
    assert response.context["faults"] == []
    assert "keeps this from being saved" not in page
    assert "Nothing is saved yet." not in page
    draft.refresh_from_db()
    assert draft.title == "The title"
