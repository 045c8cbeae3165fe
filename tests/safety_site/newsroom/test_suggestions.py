"""Changes that wait for somebody: made from a form or a sheet, shown before and after, accepted or refused."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from guidance.models import AgreementLine, SharedNote, UsefulLink
from reporting.models import Authority, PlatformLink, PlatformRoute
from safety_site.models import SearchEntry, SearchSynonym, SuggestedChange
from safety_site.newsroom.cells import cells_of, names_of
from safety_site.newsroom.suggestions import accept, changed_fields, refuse, suggest
from tests import factories
from tests.reporting import factories as reporting
from tests.safety_site.newsroom.roles import with_rights

pytestmark = pytest.mark.django_db

LIST = "/admin/safety_site/suggestedchange/"


def writer():
    rows = ["guidance.usefullink", "guidance.sharednote", "guidance.oldname", "guidance.agreementline"]
    rows += ["reporting.platformroute", "reporting.authority", "safety_site.searchsynonym", "safety_site.worrywords"]
    views = [name.replace(".", ".view_") for name in rows]
    return with_rights(*views, "safety_site.add_suggestedchange", "safety_site.view_suggestedchange")


def publisher():
    return with_rights("safety_site.view_suggestedchange", "safety_site.approve_suggestedchange")


def change_of(row, author=None, source: str = "", **after) -> SuggestedChange:
    return suggest(type(row), row, cells_of(row), after, author, source)


def test_only_changed_fields_are_kept():
    link = factories.useful_link(title="Old", position=3)
    suggested = change_of(link, title="New", position="3")
    assert (suggested.before, suggested.after, suggested.state) == ({"title": "Old"}, {"title": "New"}, "waiting")
    assert change_of(link, title="Old") is None


def test_same_suggestion_waits_once():
    link = factories.useful_link()
    assert change_of(link, title="New") == change_of(link, title="New")
    assert SuggestedChange.objects.count() == 1


def test_accepted_change_is_what_readers_see_and_find():
    link, editor = factories.useful_link(title="Old words", is_published=True), factories.editor()
    accept(change_of(link, title="Zebra crossing", is_published="yes", position="7"), editor)
    link.refresh_from_db()
    assert (link.title, link.position, link.is_published) == ("Zebra crossing", 7, True)
    assert SearchEntry.objects.get(thing=f"usefullink:{link.pk}").title == "Zebra crossing"
    suggested = SuggestedChange.objects.get()
    assert (suggested.state, suggested.decided_by) == ("accepted", editor)


def test_accepted_new_row_is_made():
    after = {"typed": "streaks", "means": "snapchat", "note": "", "is_in_use": "yes"}
    row = accept(suggest(SearchSynonym, None, {}, after, None, title="streaks"), factories.editor())
    assert SearchSynonym.objects.get(typed="streaks") == row
    assert SuggestedChange.objects.get().object_id == row.pk


def test_other_rows_are_named_by_slug_both_ways():
    essex = reporting.authority("essex-like")
    district = reporting.authority("in-essex", county=essex)
    other = reporting.authority("other")
    suggested = change_of(district, parent="other", also_succeeded_by="essex-like | other")
    accept(suggested, factories.editor())
    district.refresh_from_db()
    assert district.parent == other
    assert set(district.also_succeeded_by.all()) == {essex, other}
    assert cells_of(district, ["parent"]) == {"parent": "other"}


def test_change_is_refused_where_the_row_changed_meanwhile():
    link = factories.useful_link(title="Old", provider="A")
    suggested = change_of(link, title="New")
    UsefulLink.objects.update(title="Somebody was quicker")
    with pytest.raises(ValidationError, match=r"changed this meanwhile: Title\."):
        accept(suggested, factories.editor())
    link.refresh_from_db()
    assert link.title == "Somebody was quicker"
    assert [field.now for field in changed_fields(suggested)] == ["Somebody was quicker"]


def test_change_elsewhere_in_the_row_is_no_obstacle():
    link = factories.useful_link(title="Old", provider="A")
    suggested = change_of(link, title="New")
    UsefulLink.objects.update(provider="B")
    accept(suggested, factories.editor())
    link.refresh_from_db()
    assert (link.title, link.provider) == ("New", "B")


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ({"url": "http://plain.example/"}, "Url: "),
        ({"audience": "dogs"}, "Audience: “dogs” is not one of"),
        ({"checked_on": "yesterday"}, "Checked on: "),
        ({"is_published": "perhaps"}, "Is published: Write yes or no"),
        ({"position": "99999999999999999999"}, "Position: "),
        ({"title": ""}, "Title: "),
        ({"nothing": "x"}, "changed this meanwhile: Nothing."),
    ],
)
def test_unfit_value_is_told_by_field_and_nothing_changes(after, words):
    link = factories.useful_link()
    before = cells_of(link)
    suggested = change_of(link, **after)
    with pytest.raises(ValidationError) as problem:
        accept(suggested, factories.editor())
    assert words in " ".join(problem.value.messages)
    assert cells_of(UsefulLink.objects.get()) == before
    assert SuggestedChange.objects.get().state == "waiting"


def test_row_that_would_break_a_rule_is_refused():
    link, other = factories.useful_link(), factories.useful_link()
    with pytest.raises(ValidationError, match="has a link to that page already"):
        accept(change_of(link, url=other.url), factories.editor())


def test_decision_is_final():
    link, editor = factories.useful_link(title="Old"), factories.editor()
    suggested = change_of(link, title="New")
    refuse(suggested, editor)
    for again in (accept, refuse):
        with pytest.raises(ValidationError, match="decided on this already"):
            again(suggested, editor)
    link.refresh_from_db()
    assert link.title == "Old"


def test_row_that_is_gone_is_told():
    link = factories.useful_link()
    suggested = change_of(link, title="New")
    link.delete()
    with pytest.raises(ValidationError, match="not there any more"):
        accept(suggested, factories.editor())


def test_cells_hold_no_user():
    assert "owner" not in names_of(Authority)
    assert "owner" not in names_of(SharedNote)


# --- The form of those who may not change ---------------------------------------------------------------


def rows() -> list:
    return [
        factories.useful_link(),
        factories.shared_note(),
        factories.old_name(),
        AgreementLine.objects.create(slug="ask-first", who="child", words="I ask first."),
        PlatformRoute.objects.create(slug="a-game", name="A game", kind="game", source="Its own page."),
        reporting.authority(),
        SearchSynonym.objects.create(typed="insta", means="instagram"),
        factories.worry_words(),
    ]


def page(row, kind: str = "suggest") -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{kind}", args=[row.pk])


def posted(form) -> dict:
    """The fields of a form as a browser would send them."""
    data = {}
    for name in form.fields:
        value = form[name].value()
        if value is None or value is False:
            continue
        data[name] = [str(getattr(one, "pk", one)) for one in value] if isinstance(value, list) else value
        if value is True:
            data[name] = "on"
    return data


def test_each_kind_of_row_can_be_suggested(client):
    client.force_login(writer())
    factories.age_band()
    for row in rows():
        form = client.get(page(row)).context["adminform"].form
        text = next(
            name for name in ("description", "body", "what", "words", "note", "council_name") if name in form.fields
        )
        data = {**posted(form), text: "New words here"}
        if "age_bands" in form.fields:
            data["age_bands"] = [str(factories.age_band().pk)]
        before = cells_of(row)
        answer = client.post(page(row), data)
        assert answer.status_code == 302, (row, answer.context["adminform"].form.errors)
        suggested = SuggestedChange.objects.latest("pk")
        assert suggested.content_type.model_class() is type(row)
        assert "New words here" in suggested.after[text]
        assert cells_of(type(row).objects.get(pk=row.pk)) == before
        accept(suggested, factories.editor())
        assert "New words here" in getattr(type(row).objects.get(pk=row.pk), text)


def test_new_row_can_be_suggested(client):
    client.force_login(writer())
    answer = client.post(
        "/admin/safety_site/searchsynonym/suggest/", {"typed": "finsta", "means": "instagram", "is_in_use": "on"}
    )
    assert (answer.status_code, SearchSynonym.objects.count()) == (302, 0)
    accept(SuggestedChange.objects.get(), factories.editor())
    assert SearchSynonym.objects.get().means == "instagram"


def test_suggestion_that_breaks_a_rule_comes_back_with_all_that_was_typed(client):
    client.force_login(writer())
    link = factories.useful_link()
    data = {**posted(client.get(page(link)).context["adminform"].form), "url": "http://plain.example/", "title": "Kept"}
    answer = client.post(page(link), data)
    assert answer.status_code == 200
    assert answer.context["adminform"].form["title"].value() == "Kept"
    assert not SuggestedChange.objects.exists()


def test_parts_of_a_platform_are_not_on_the_form_and_stay(client):
    client.force_login(writer())
    route = PlatformRoute.objects.create(slug="a-game", name="A game", kind="game", source="Its own page.")
    PlatformLink.objects.create(platform=route, kind="report", url="https://game.example/report")
    data = posted(client.get(page(route)).context["adminform"].form)
    data |= {"links-TOTAL_FORMS": "1", "links-INITIAL_FORMS": "1", "links-0-id": "1", "links-0-DELETE": "on"}
    assert client.post(page(route), {**data, "note": "New"}).status_code == 302
    assert PlatformLink.objects.count() == 1


def test_writer_cannot_change_a_live_row_by_any_form(client):
    client.force_login(writer())
    for row in rows():
        assert client.post(page(row, "change"), {"title": "Mine"}).status_code == 403
        assert client.post(page(row, "delete"), {"post": "yes"}).status_code == 403
        listing = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_add")
        assert client.post(listing, {}).status_code == 403


def test_page_offers_suggesting_to_writers_only(client):
    link = factories.useful_link()
    for user, offered in (
        (writer(), 1),
        (with_rights("guidance.view_usefullink"), 0),
        (with_rights("guidance.view_usefullink", "guidance.change_usefullink", "safety_site.add_suggestedchange"), 0),
    ):
        client.force_login(user)
        assert client.get(page(link, "change")).content.decode().count("Suggest a change") == offered


# --- The pages of those who decide ----------------------------------------------------------------------


def test_page_shows_before_and_after_and_nothing_runs(client):
    link = factories.useful_link(title="<script>old</script>")
    suggested = change_of(link, factories.editor(), title="<img src=x onerror=alert(1)>")
    client.force_login(publisher())
    words = client.get(f"{LIST}{suggested.pk}/change/").content.decode()
    assert "&lt;script&gt;old" in words
    assert "&lt;img src=x" in words
    assert "<img src=x" not in words
    assert "<script>old" not in words


def test_publisher_accepts_and_refuses(client):
    link = factories.useful_link(title="Old", provider="A")
    client.force_login(publisher())
    first, second = change_of(link, title="New"), change_of(link, provider="B")
    client.post(f"{LIST}{first.pk}/accept/")
    client.post(f"{LIST}{second.pk}/refuse/")
    link.refresh_from_db()
    assert (link.title, link.provider) == ("New", "A")


def test_stale_suggestion_is_told_in_words(client):
    link = factories.useful_link(title="Old")
    suggested = change_of(link, title="New")
    UsefulLink.objects.update(title="Quicker")
    client.force_login(publisher())
    answer = client.post(f"{LIST}{suggested.pk}/accept/", follow=True)
    assert answer.status_code == 200
    assert "Somebody changed this meanwhile: Title." in answer.content.decode()


def test_all_of_one_file_are_accepted_and_no_others(client):
    author = factories.editor()
    first, second, third = (factories.useful_link(title="Old") for _ in range(3))
    one = change_of(first, author, "links.csv, 1", title="New")
    change_of(second, author, "links.csv, 1", title="")  # cannot be accepted
    change_of(third, author, "links.csv, 2", title="New")
    client.force_login(publisher())
    answer = client.post(f"{LIST}{one.pk}/accept-all/", follow=True).content.decode()
    assert "Accepted: 1." in answer
    assert "Title: This field cannot be blank." in answer
    assert list(UsefulLink.objects.order_by("pk").values_list("title", flat=True)) == ["New", "Old", "Old"]
    client.post(f"{LIST}{one.pk}/refuse-all/")
    assert SuggestedChange.objects.waiting().count() == 1


def test_suggestions_without_a_file_are_never_taken_together(client):
    author, link = factories.editor(), factories.useful_link(title="Old", provider="A")
    one = change_of(link, author, title="New")
    change_of(link, author, provider="B")
    client.force_login(publisher())
    client.post(f"{LIST}{one.pk}/accept-all/")
    assert SuggestedChange.objects.waiting().count() == 2


def test_actions_of_the_list(client):
    links = [factories.useful_link(title="Old") for _ in range(2)]
    one, two = (change_of(link, title="New") for link in links)
    client.force_login(publisher())
    client.post(LIST, {"action": "accept_chosen", "_selected_action": [one.pk]})
    client.post(LIST, {"action": "refuse_chosen", "_selected_action": [two.pk]})
    assert sorted(UsefulLink.objects.values_list("title", flat=True)) == ["New", "Old"]


# Sees the list and the page; may decide; may suggest.
ROLES = {
    "stranger": (None, 302, 302, 302),
    "plain staff": ([], 403, 403, 403),
    "writer": (["safety_site.view_suggestedchange", "safety_site.add_suggestedchange", "guidance.view_usefullink"],
               200, 403, 200),
    "publisher": (["safety_site.view_suggestedchange", "safety_site.approve_suggestedchange",
                   "safety_site.add_suggestedchange", "guidance.view_usefullink"], 200, 302, 200),
    "contact checker": (["reporting.approve_contactedition", "reporting.view_contactedition"], 403, 403, 403),
    "moderator": (["guidance.change_feedback"], 403, 403, 403),
    "administrator": ("all", 200, 302, 200),
}  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_who_sees_and_decides(client, role):
    permissions, sees, decides, suggests = ROLES[role]
    link = factories.useful_link()
    suggested = change_of(link, factories.editor(), "links.csv, 1", title="New")
    if permissions is not None:
        client.force_login(factories.editor(is_superuser=True) if permissions == "all" else with_rights(*permissions))
    gets = {LIST: sees, f"{LIST}{suggested.pk}/change/": sees, page(link): suggests,
            "/admin/guidance/usefullink/suggest/": suggests}  # fmt: skip
    assert {address: client.get(address).status_code for address in gets} == gets
    # A page that changes something is never opened by an address alone.
    assert client.get(f"{LIST}{suggested.pk}/accept/").status_code in (302, 405)
    missing = 404 if decides == 302 and permissions else decides
    for what in ("accept", "refuse", "accept-all", "refuse-all"):
        assert client.post(f"{LIST}999999999/{what}/").status_code == missing
    for what in ("refuse", "accept", "accept-all", "refuse-all"):
        assert client.post(f"{LIST}{suggested.pk}/{what}/").status_code == decides
    for path in ("add/", f"{suggested.pk}/delete/"):
        assert client.post(f"{LIST}{path}").status_code == (403 if permissions is not None else 302)
    assert SuggestedChange.objects.get().state == ("refused" if decides == 302 and permissions else "waiting")


@pytest.mark.parametrize("pk", ["0", "x", "99999999999999999999999", "%00", "_1_2"])
def test_odd_numbers_are_not_found(client, pk):
    client.force_login(factories.editor(is_superuser=True))
    assert client.get(f"{LIST}{pk}/change/").status_code == 404
    assert client.post(f"{LIST}{pk}/accept/").status_code in (302, 404)
    assert client.get(f"/admin/guidance/usefullink/{pk}/suggest/").status_code == 404
