"""/plan/: the form, and what of an address is a choice; nothing in it breaks the page."""

import pytest
from django.http import QueryDict

from safety_site import plan as plans
from tests import factories
from tests.reporting import factories as reporting
from tests.safety_site.family_plans import app, boxes, device, get, is_form, main, subject, ticked

pytestmark = pytest.mark.django_db


# --- What was chosen ------------------------------------------------------------------------------------


def test_choice_is_read_once_in_its_order_and_without_what_cannot_be_ours():
    asked = QueryDict("age=teen&age=teen&age=pre-teen&app=a%00b&app=tiktok&device=<b>&worry=" + "x" * 10_000)
    assert plans.read_choice(asked) == plans.Choice(ages=("teen", "pre-teen"), apps=("tiktok",))


def test_choice_says_the_address_that_changes_it():
    query = "age=teen&app=tiktok&device=xbox&worry=grooming&council=essex"
    assert plans.read_choice(QueryDict(query)).query == query
    assert plans.read_choice(QueryDict("")).query == ""


# --- The form -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "", "?", "?age=", "?age=nobody", "?app=no-app&device=none&worry=x", "?age=%00", "?council=nowhere", "?utm=1",
        "?worry=not-sure", "?age=<script>alert(1)</script>", "?age=" + "x" * 3_000,
    ],
)  # fmt: skip
def test_no_choice_gets_the_form_and_no_error(client, query):
    factories.age_bands()
    page = get(client, f"/plan/{query}")
    assert is_form(page)
    assert "Tick at least one box for a plan" in main(page)
    assert "<script>alert" not in page.text
    assert ticked(page) == []


def test_form_offers_what_is_live_and_open(client):
    band = factories.age_band("teen")
    app("open-app", [band])
    app("closed-app", [band], status="closed", status_since="May 2020")
    app("draft-app", [band], state="draft", publish_at=None)
    device("xbox", family="console")
    factories.withdrawal(device("gone"))
    page = get(client, "/plan/")
    assert boxes(page, "age") == ["teen"]
    assert boxes(page, "app") == ["open-app"]
    assert boxes(page, "device") == ["xbox"]
    assert "grooming" in boxes(page, "worry")
    assert "not-sure" not in boxes(page, "worry")


def test_form_offers_everyday_subjects_once(client):
    band = factories.age_band("teen")
    subject("screen-time", [band], area="online")
    subject("grooming", [band], area="risk", concern="grooming")
    subject("sextortion", [band], area="wrong")
    offered = boxes(get(client, "/plan/"), "worry")
    assert [offered.count(slug) for slug in ("screen-time", "grooming", "sextortion")] == [1, 1, 0]


def test_form_to_change_has_the_choice_ticked_and_apps_of_the_age_first(client):
    teen, pre_teen = factories.age_band("teen"), factories.age_band("pre-teen")
    app("aaa", [pre_teen])
    app("zzz", [teen])
    reporting.authority("barset")
    page = get(client, "/plan/?age=teen&app=zzz&worry=grooming&council=barset&change=1")
    assert is_form(page)
    assert boxes(page, "app") == ["zzz", "aaa"]
    assert ticked(page) == ["teen", "zzz", "grooming"]
    assert [o.get("value") for o in page.all("option") if o.get("selected") is not None] == ["barset"]


def test_form_lists_councils_that_look_after_children_under_their_nation(client):
    county = reporting.authority("county", name="County")
    reporting.authority("district", name="District", county=county)
    reporting.authority("glen", name="Glen", nation="scotland")
    page = get(client, "/plan/")
    groups = {g.get("label"): [o.get("value") for o in g.iter("option")] for g in page.all("optgroup")}
    assert groups == {"England": ["county"], "Scotland": ["glen"]}


def test_form_asks_by_address_and_for_no_postcode(client):
    page = get(client, "/plan/")
    (form,) = [form for form in page.all("form") if form.get("role") != "search"]
    assert dict(form.attrib) == {"class": "plan-form", "action": "/plan/"}
    assert {field.get("name") for field in form.iter() if field.tag in ("input", "select")} <= {
        "age", "app", "device", "worry", "council",
    }  # fmt: skip
