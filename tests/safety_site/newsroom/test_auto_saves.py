"""Words that keep themselves: written, shown again, thrown away; with a session and without one."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from guidance.models import ControlGuideEdition, TopicEdition
from safety_site.editions import copy_as_draft
from safety_site.fields import TOO_LONG
from safety_site.models import AutoSave
from safety_site.newsroom import auto_saves
from safety_site.rich_text import MOST_CHARACTERS
from tests import factories
from tests.safety_site.newsroom.page_forms import sent_by_page
from tests.safety_site.newsroom.test_saving import address, full_topic, opened, save, writer

pytestmark = pytest.mark.django_db

KEEP = "/admin/kept/"


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch):
    monkeypatch.setattr(auto_saves, "_rate", auto_saves.RateLimit(seconds=60))


@pytest.fixture
def draft():
    return copy_as_draft(full_topic(title="The title", summary="As it was."))


def browser_of(user) -> Client:
    """A browser that is checked for its CSRF tokens, as real ones are."""
    client = Client(enforce_csrf_checks=True)
    client.user = user
    client.force_login(user)
    return client


@pytest.fixture
def ana():
    return browser_of(writer(username="ana"))


def typed(fields, **words) -> dict:
    return {**dict(fields.lists()), **words}


def kept_page(client, edition) -> str:
    return client.get(address(type(edition), "change", edition.pk)).content.decode()


# --- Keeping and showing again --------------------------------------------------------------------------------


def test_words_are_kept_offered_shown_saved_and_forgotten(ana, draft):
    fields = opened(ana, draft)
    response = ana.post(KEEP, typed(fields, summary="Half a sentence"))
    kept = AutoSave.objects.get()
    assert response.json() == {"said": f"Kept at {timezone.localtime(kept.saved_at):%H:%M}", "is_signed_in": True}
    assert (kept.by, kept.model, kept.object_id, kept.revision) == (ana.user, "guidance.topicedition", draft.pk, 0)
    assert "csrfmiddlewaretoken" not in kept.form
    assert "_kept_key" not in kept.form

    assert "were kept, and not saved" in kept_page(ana, draft)
    response = ana.get(f"{address(TopicEdition, 'change', draft.pk)}?kept={kept.page}")
    shown = sent_by_page(response, "topicedition_form")
    assert shown["summary"] == "Half a sentence"
    assert "These are your words from" in response.content.decode()
    draft.refresh_from_db()
    assert draft.summary == "As it was."

    assert save(ana, draft, shown).status_code == 302
    draft.refresh_from_db()
    assert draft.summary == "Half a sentence"
    assert not AutoSave.objects.exists()
    assert "were kept, and not saved" not in kept_page(ana, draft)


def test_parts_added_and_taken_away_are_shown_again(ana, draft):
    fields = opened(ana, draft)
    count = int(fields["facts-TOTAL_FORMS"])
    ana.post(
        KEEP,
        typed(
            fields,
            **{"facts-0-DELETE": "on", "facts-TOTAL_FORMS": count + 1, f"facts-{count}-claim": "A new claim"},
        ),
    )
    response = ana.get(f"{address(TopicEdition, 'change', draft.pk)}?kept={AutoSave.objects.get().page}")
    shown = sent_by_page(response, "topicedition_form")
    assert shown["facts-0-DELETE"] == "on"
    assert shown[f"facts-{count}-claim"] == "A new claim"


def test_words_of_a_page_that_was_never_saved_are_offered_there(ana):
    fields = sent_by_page(ana.get(address(ControlGuideEdition, "add")), "controlguideedition_form")
    ana.post(KEEP, typed(fields, provider="A provider", summary="Begun"))
    page = ana.get(address(ControlGuideEdition, "add"))
    kept = AutoSave.objects.get()
    assert kept.object_id == 0
    assert f"?kept={kept.page}" in page.content.decode()
    shown = sent_by_page(ana.get(f"{address(ControlGuideEdition, 'add')}?kept={kept.page}"), "controlguideedition_form")
    assert (shown["provider"], shown["summary"]) == ("A provider", "Begun")


def test_words_over_a_row_that_changed_since_are_shown_as_a_collision(ana, draft):
    ana.post(KEEP, typed(opened(ana, draft), summary="Mine"))
    other = browser_of(writer(username="ben"))
    save_checked(other, draft, summary="Theirs")
    response = ana.get(f"{address(TopicEdition, 'change', draft.pk)}?kept={AutoSave.objects.get().page}")
    page = response.content.decode()
    assert "Somebody saved this while you were writing" in page
    assert "saved by ben" in page
    assert sent_by_page(response, "topicedition_form")["summary"] == "Mine"


def save_checked(client, edition, **words):
    response = client.post(address(type(edition), "change", edition.pk), typed(opened(client, edition), **words))
    assert response.status_code == 302


def test_words_that_are_saved_by_now_are_not_offered(ana, draft):
    fields = opened(ana, draft)
    ana.post(KEEP, typed(fields))
    assert "were kept, and not saved" not in kept_page(ana, draft)
    assert not AutoSave.objects.exists()


def test_new_page_does_not_overwrite_words_of_an_earlier_one(ana, draft):
    ana.post(KEEP, typed(opened(ana, draft), summary="Before the crash"))
    later = opened(ana, draft)
    ana.post(KEEP, typed(later, summary="After the crash"))
    ana.post(KEEP, typed(later, summary="After the crash, more"))
    assert sorted("Before" in kept.form for kept in AutoSave.objects.all()) == [False, True]
    # Saving the later one forgets that one alone.
    save(ana, draft, later, summary="After the crash, more")
    assert "Before" in AutoSave.objects.get().form


def test_thrown_away_words_are_gone(ana, draft):
    ana.post(KEEP, typed(opened(ana, draft), summary="Mine"))
    kept = AutoSave.objects.get()
    page = ana.get(address(TopicEdition, "change", draft.pk))
    token = sent_by_page(page, f"throw-away-{kept.pk}")
    response = ana.post(address(TopicEdition, "throw_away", kept.pk), dict(token.lists()))
    assert response.url == address(TopicEdition, "change", draft.pk)
    assert not AutoSave.objects.exists()
    assert ana.post(address(TopicEdition, "throw_away", kept.pk), dict(token.lists())).status_code == 404


def test_line_ends_alone_are_no_change(ana):
    draft = copy_as_draft(full_topic(editor_note="One\nTwo"))
    ana.post(KEEP, typed(opened(ana, draft)))
    assert "were kept, and not saved" not in kept_page(ana, draft)


def test_old_words_are_forgotten_on_the_way(ana, draft):
    ana.post(KEEP, typed(opened(ana, draft), summary="Old"))
    AutoSave.objects.update(saved_at=timezone.now() - timedelta(days=31))
    ana.post(KEEP, typed(opened(ana, draft), summary="New"))
    assert "New" in AutoSave.objects.get().form


def test_of_many_pages_the_latest_are_kept(ana, draft, monkeypatch):
    monkeypatch.setattr(auto_saves, "MOST_PAGES", 2)
    for number in range(4):
        ana.post(KEEP, typed(opened(ana, draft), summary=f"Words{number}"))
    assert AutoSave.objects.count() == 2
    assert not AutoSave.objects.filter(form__contains="Words0").exists()


# --- Without a session -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["expired", "logged out", "password changed"])
def test_words_are_kept_and_offered_after_login_when_the_session_ended(ana, draft, ending):
    fields = opened(ana, draft)
    if ending == "expired":
        del ana.cookies["sessionid"]
    elif ending == "logged out":
        ana.session.flush()
    else:
        ana.user.set_password("another-horse")
        ana.user.save()
    answer = ana.post(KEEP, typed(fields, summary="Kept by the key")).json()
    assert answer["is_signed_in"] is False
    assert "signed out" in answer["said"]

    change = address(TopicEdition, "change", draft.pk)
    response = ana.post(change, typed(fields, summary="Sent too late"))
    assert response.url == f"/admin/login/?next={change}"
    assert "Your words are kept" in ana.get(response.url).content.decode()
    assert "Sent+too+late" in AutoSave.objects.get().form
    draft.refresh_from_db()
    assert draft.summary == "As it was."

    again = browser_of(ana.user)
    response = again.get(f"{change}?kept={AutoSave.objects.get().page}")
    assert sent_by_page(response, "topicedition_form")["summary"] == "Sent too late"


def test_token_of_an_old_login_keeps_the_words_and_opens_the_form(ana, draft):
    fields = opened(ana, draft)
    again = browser_of(ana.user)
    opened(again, draft)
    change = address(TopicEdition, "change", draft.pk)
    response = again.post(change, typed(fields, summary="Old token"))
    assert (response.status_code, response.url) == (302, change)
    page = again.get(change).content.decode()
    assert "Your words are kept" in page
    assert "were kept, and not saved" in page


def test_no_cookies_at_all_keep_the_words_too(ana, draft):
    fields = opened(ana, draft)
    stranger = Client(enforce_csrf_checks=True)
    response = stranger.post(address(TopicEdition, "change", draft.pk), typed(fields, summary="No cookie"))
    assert response.status_code == 302
    assert AutoSave.objects.get().by == ana.user


def test_another_editor_who_signed_in_meanwhile_gets_nothing_of_it(ana, draft):
    fields = opened(ana, draft)
    ben = browser_of(writer(username="ben"))
    ben.post(KEEP, typed(fields, summary="Secret words"))
    kept = AutoSave.objects.get()
    assert kept.by == ana.user
    change = address(TopicEdition, "change", draft.pk)
    for page in (change, f"{change}?kept={kept.page}"):
        assert "Secret words" not in ben.get(page).content.decode()
    assert "were kept, and not saved" not in ben.get(change).content.decode()


def test_form_refused_for_its_token_without_a_key_gets_the_page_that_says_so(ana, draft):
    assert ana.post(address(TopicEdition, "change", draft.pk), {"summary": "x"}).status_code == 403


# --- Refused ---------------------------------------------------------------------------------------------------


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
    fields = opened(ana, draft)
    answers = [ana.post(KEEP, typed(fields, summary=str(number))) for number in range(4)]
    assert [answer.status_code for answer in answers].count(429) >= 1
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


# --- Who may what ----------------------------------------------------------------------------------------------

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
