"""The guided way to report: the right words, the right contacts, nothing hidden and nothing kept."""

import re
from datetime import UTC, datetime

import html5lib
import pytest
from django.db import IntegrityError, transaction

from reporting import concern_presenters
from reporting.models import Concern, ConcernEdition, ConcernPoint, ConcernRoute, ContactEdition
from safety_site.editions import EditionState
from safety_site.kept import keep_missing
from tests.reporting import factories

pytestmark = pytest.mark.django_db


def point(edition, words: str, kind: str = "do", audience: str = "", position: int = 1) -> ConcernPoint:
    fields = {"kind": kind, "audience": audience, "position": position}
    return ConcernPoint.objects.create(edition=edition, words=words, **fields)


def a_contact(name: str, audiences=("parents",), **fields):
    """The identity of a contact that is live under this name, with a number."""
    edition = factories.contact_edition(name=name, audiences=audiences, **fields)
    factories.phone(edition)
    return edition.contact


def page(client, address: str):
    """The parsed page at an address, which must be there."""
    response = client.get(address)
    assert response.status_code == 200
    return html5lib.parse(response.content.decode(), namespaceHTMLElements=False)


def words(element) -> str:
    return " ".join("".join(element.itertext()).split())


def main(tree):
    return next(element for element in tree.iter("main"))


def links(tree) -> dict[str, str]:
    return {words(link): link.get("href") for link in main(tree).iter("a")}


def headings(tree) -> list[str]:
    return [words(heading) for heading in main(tree).iter() if heading.tag in ("h2", "h3")]


# --- Whose words, which contacts ------------------------------------------------------------------------


@pytest.mark.parametrize(("asked", "audience"), [("young-people", "young-people"), ("nobody", ""), ("", "")])
def test_audience_is_one_of_ours_or_none(asked, audience):
    assert concern_presenters.audience_of(asked) == audience


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        ("", ["everyone", "to professionals"]),
        ("professionals", ["everyone", "to professionals"]),
        ("young-people", ["everyone", "to young people"]),
        ("parents", ["everyone"]),
    ],
)
def test_points_are_those_for_everyone_and_for_the_audience(audience, expected):
    edition = factories.concern_edition(speaks_to="professionals")
    point(edition, "to professionals", audience="professionals", position=3)
    point(edition, "to young people", audience="young-people", position=2)
    point(edition, "everyone", position=1)
    found = concern_presenters.points_for(edition, audience)
    assert {kind: [p.words for p in points] for kind, points in found.items()} == {
        "SIGN": [],
        "DO": expected,
        "DO_NOT": [],
    }


def contacts_of(edition, audience: str) -> tuple[list[str], list[str]]:
    live = ContactEdition.objects.live().for_page()
    found = concern_presenters.contacts_for(edition.routes.all(), live, audience)
    return [row.contact.name for row in found.first], [row.contact.name for row in found.others]


@pytest.mark.parametrize(
    ("audience", "first", "others"),
    [
        ("", ["Adults", "Young", "Everyone"], []),
        ("young-people", ["Young", "Everyone"], ["Adults"]),
        ("parents", ["Adults", "Everyone"], ["Young"]),
    ],
)
def test_contacts_for_the_visitor_come_first_each_in_its_order(audience, first, others):
    named = [a_contact("Adults", ["parents"]), a_contact("Young", ["young-people"]), a_contact("Everyone", [])]
    edition = factories.concern_edition(contacts=named)
    assert contacts_of(edition, audience) == (first, others)


def test_contact_without_a_live_edition_is_left_out():
    draft = a_contact("Draft", state=EditionState.DRAFT, publish_at=None)
    edition = factories.concern_edition(contacts=[draft, a_contact("Live")])
    assert contacts_of(edition, "") == (["Live"], [])


def test_worries_stand_under_their_urgency_most_urgent_first():
    factories.concern_edition("hacked", title="C", urgency="soon", order=1)
    factories.concern_edition("missing", title="B", urgency="now", order=3)
    factories.concern_edition("meeting", title="A", urgency="now", order=2)
    found = concern_presenters.by_urgency(ConcernEdition.objects.live())
    assert [(label, [e.title for e in rows]) for label, rows in found] == [
        ("Act now", ["A", "B"]),
        ("Act in the next days", ["C"]),
    ]


def test_worry_names_a_contact_only_once():
    contact = a_contact("Once")
    edition = factories.concern_edition(contacts=[contact])
    with pytest.raises(IntegrityError, match=r"concern_route_once|reporting_concernroute"), transaction.atomic():
        ConcernRoute.objects.create(edition=edition, contact=contact, position=2)
    factories.concern_edition("bullying", contacts=[contact])
    assert ConcernRoute.objects.filter(contact=contact).count() == 2


# --- /report/ -------------------------------------------------------------------------------------------


def test_report_asks_for_danger_before_what_happened(client):
    factories.concern_edition(title="Somebody is grooming a child")
    tree = page(client, "/report/")
    assert headings(tree)[:2] == ["1. Is a child in danger right now?", "2. If not: what has happened?"]
    assert links(tree)["Call 999"] == "tel:999"
    assert links(tree)["Somebody is grooming a child"] == "/report/grooming/"


def test_report_lists_live_worries_only(client):
    factories.concern_edition("grooming", title="Shown")
    factories.concern_edition("grooming", title="Draft of it", state=EditionState.DRAFT, publish_at=None)
    factories.concern_edition("missing", title="Never shown", state=EditionState.IN_REVIEW, publish_at=None)
    factories.concern_edition("bullying", title="Coming", publish_at=datetime(2099, 1, 1, tzinfo=UTC))
    own = {text for text, href in links(page(client, "/report/")).items() if re.fullmatch(r"/report/[\w-]+/", href)}
    assert own == {"Shown", "How to report on each app or game"}


def test_report_carries_the_audience_on(client):
    factories.concern_edition(title="Grooming")
    assert links(page(client, "/report/?for=young-people"))["Grooming"] == "/report/grooming/?for=young-people"
    assert links(page(client, "/report/?for=<script>"))["Grooming"] == "/report/grooming/"


def test_report_without_worries_still_offers_help(client):
    tree = page(client, "/report/")
    assert {"tel:999", "#help", "/contacts/find/"} <= set(links(tree).values())


# --- /report/<concern>/ ---------------------------------------------------------------------------------


def test_concern_speaks_to_the_audience_chosen(client):
    edition = factories.concern_edition(speaks_to="parents")
    point(edition, "Hug your child.", audience="parents", position=1)
    point(edition, "Tell an adult.", audience="young-people", position=2)
    assert "Hug your child." in words(main(page(client, "/report/grooming/")))
    for_young_people = words(main(page(client, "/report/grooming/?for=young-people")))
    assert "Tell an adult." in for_young_people
    assert "Hug your child." not in for_young_people


def test_concern_shows_each_contact_with_its_number_and_why(client):
    factories.concern_edition(contacts=[a_contact("A helpline")])
    tree = page(client, "/report/grooming/")
    assert "A helpline" in " ".join(headings(tree))
    assert "Reason 1." in words(main(tree))
    assert links(tree)["01632 960001"] == "tel:01632960001"


def test_concern_shows_no_contact_that_is_not_live(client):
    gone = a_contact("Not yet rung", state=EditionState.IN_REVIEW, publish_at=None)
    closed = a_contact("Closed service", kind="closed")
    factories.concern_edition(contacts=[gone, closed])
    text = words(main(page(client, "/report/grooming/")))
    assert "Not yet rung" not in text
    assert "Closed service" not in text


def test_concern_without_live_contacts_is_no_dead_end(client):
    factories.concern_edition()
    tree = page(client, "/report/grooming/")
    assert {"tel:999", "#help", "/contacts/find/", "/report/"} <= set(links(tree).values())


@pytest.mark.parametrize(("local_first", "before"), [(True, True), (False, False)])
def test_council_stands_before_the_national_contacts_only_where_it_should(client, local_first, before):
    factories.concern_edition(contacts=[a_contact("A helpline")], local_first=local_first)
    order = headings(page(client, "/report/grooming/"))
    council = order.index("Your council’s children’s services")
    assert (council < order.index("A helpline")) is before


def test_only_the_page_about_adults_at_work_asks_for_the_lado(client):
    factories.concern_edition("grooming")
    factories.concern_edition("adult-in-work")
    assert "LADO" in words(main(page(client, "/report/adult-in-work/")))
    assert "LADO" not in words(main(page(client, "/report/grooming/")))


def test_concern_tells_what_follows_and_what_to_keep(client):
    factories.concern_edition(after_report="They ring you.", anonymity="Yes.", keep="First.\n\nSecond.")
    tree = page(client, "/report/grooming/")
    expected = ["What to keep, and what never to copy", "What happens after you report", "Can I stay anonymous?"]
    assert [heading for heading in headings(tree) if heading in expected] == expected
    assert [words(p) for p in main(tree).iter("p") if words(p) in ("First.", "Second.")] == ["First.", "Second."]


def test_withdrawn_concern_says_why(client):
    edition = factories.concern_edition()
    later = datetime(2020, 6, 1, tzinfo=UTC)
    factories.concern_edition(
        publish_at=later, is_withdrawal=True, withdrawal_reason="Two pages became one.", withdrawal_instead="/report/"
    )
    response = client.get(edition.get_absolute_url())
    assert response.status_code == 410
    assert "Two pages became one." in response.content.decode()


def test_concern_that_never_was_is_not_found(client):
    Concern.objects.create(slug="unborn")
    factories.concern_edition("missing", state=EditionState.DRAFT, publish_at=None)
    assert [client.get(f"/report/{slug}/").status_code for slug in ("unborn", "missing", "no-such")] == [404] * 3


@pytest.mark.parametrize("address", ["/report/", "/report/grooming/", "/report/platforms/"])
def test_nothing_can_be_posted_here_and_nothing_is_kept(client, address):
    factories.concern_edition()
    response = client.get(address, {"for": "parents"})
    assert not response.cookies
    assert response.headers["Cache-Control"] == "no-store"
    every_form = html5lib.parse(response.content.decode(), namespaceHTMLElements=False).iter("form")
    forms = [form for form in every_form if form.get("role") != "search"]
    # "Was this page useful?" goes to a page of its own; what somebody chooses here is sent nowhere.
    assert [form.get("action") for form in forms] == (["/feedback/"] if address != "/report/" else [])
    assert client.post(address).status_code == 405


def fill(slug: str, rows: int) -> None:
    edition = factories.concern_edition(slug, contacts=[a_contact(f"{slug} {n}") for n in range(rows)])
    for position in range(1, rows + 1):
        for kind in ConcernPoint.Kind.values:
            point(edition, "Words.", kind, position=position)


def test_concern_asks_as_many_queries_for_three_rows_as_for_one(client, django_assert_num_queries):
    fill("grooming", 1)
    fill("missing", 3)
    keep_missing()
    for slug in ("grooming", "missing"):
        with django_assert_num_queries(8):
            client.get(f"/report/{slug}/?for=parents")


def test_report_asks_as_many_queries_for_three_rows_as_for_one(client, django_assert_num_queries):
    factories.concern_edition("grooming")
    with django_assert_num_queries(1):
        client.get("/report/")
    factories.concern_edition("missing")
    factories.concern_edition("hacked")
    with django_assert_num_queries(1):
        client.get("/report/")
