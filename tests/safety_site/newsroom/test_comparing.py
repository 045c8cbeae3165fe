"""The page that compares two editions of a thing, and the list of all of them."""

import re
from datetime import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guidance.models import Section
from reporting.models import ContactEdition
from safety_site.editions import copy_as_draft
from safety_site.newsroom.reading import compare_editions
from tests import factories
from tests.reporting import factories as reporting
from tests.safety_site.newsroom.roles import logged_in
from tests.safety_site.newsroom.test_preview import MADE, draft, page

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff_client(client):
    logged_in(client, "administrator")
    return client


def labels(changes) -> list[str]:
    return [change.label for change in changes]


def test_copy_says_the_same_but_for_what_is_of_the_edition():
    live = factories.topic_edition(age_bands=factories.age_bands())
    factories.topic_parts(live, 2, age_bands=factories.age_bands())
    comparison = compare_editions(live, copy_as_draft(live))
    assert (comparison.changes, comparison.changed_groups) == ([], [])
    assert labels(comparison.about) == ["Checked on", "Checked by", "Review by", "Publish at", "Change note"]


@pytest.mark.parametrize("thing", MADE)
def test_every_part_of_every_kind_is_compared(thing):
    parts = {"topic": factories.topic_parts, "profile": factories.app_parts, "guide": factories.control_parts}[thing]
    empty, full = MADE[thing](), MADE[thing]()
    parts(full)
    groups = compare_editions(empty, full).changed_groups
    kinds = {row.kind for group in groups for row in group.rows if group.label != "Topic audiences"}
    assert kinds == {"added"}
    made = sum(
        relation.related_model._base_manager.filter(edition=full).exists()
        for relation in type(full)._meta.related_objects
        if relation.field.name == "edition"
    )
    assert len(groups) >= made - 1  # both have the same audience


def test_choices_dates_and_names_are_told_in_words():
    live = factories.topic_edition(area="risk", concern="")
    other = copy_as_draft(live)
    other.area, other.concern = "wrong", "grooming"
    other.save()
    other.age_bands.set([factories.age_band("teen")])
    changes = {
        change.label: [piece.text for piece in change.pieces] for change in compare_editions(live, other).changes
    }
    assert changes["Area"] == ["Understanding the risk", "When things go wrong"]
    assert changes["Age bands"] == ["Teen\n"]
    assert "Concern" in changes


def test_opening_hours_of_a_number_are_compared():
    live = reporting.contact_edition()
    reporting.phone(live, "01632 960001", rows=[([0], "09:00", "17:00")])
    other = copy_as_draft(live)
    hours = other.phones.get().hours.get()
    hours.closes_at = time(16, 30)
    hours.save()
    [group] = compare_editions(live, other).changed_groups
    [change] = group.rows[0].changes
    assert group.label == "Phones"
    assert [(piece.kind, "17:00" in piece.text) for piece in change.pieces] == [("removed", True), ("added", False)]


def test_more_parts_make_no_more_queries():
    counts = []
    for rows in (1, 3):
        live = factories.topic_edition()
        factories.topic_parts(live, rows, age_bands=factories.age_bands())
        other = copy_as_draft(live)
        with CaptureQueriesContext(connection) as made:
            compare_editions(live, other)
        counts.append(len(made))
    assert counts[0] == counts[1]


# --- The page -------------------------------------------------------------------------------------------


def test_page_compares_with_what_is_live(staff_client):
    live = factories.topic_edition(title="The old name")
    edition = copy_as_draft(live)
    edition.title = "The new name"
    edition.save()
    html = staff_client.get(page(edition, "compare")).content.decode()
    assert re.search(r"<del>.*old.*</del>", html)
    assert re.search(r"<ins>.*new.*</ins>", html)


def test_any_two_can_be_chosen_and_the_older_comes_first(staff_client):
    first = factories.topic_edition(title="First")
    second = draft(thing=first.topic, title="Second")
    third = draft(thing=first.topic, title="Third")
    for this, other in ((first, third), (third, first)):
        html = staff_client.get(page(this, "compare"), {"with": other.pk}).content.decode()
        assert "From <strong>edition 1</strong>" in html
        assert "to <strong>edition 3</strong>" in html
    html = staff_client.get(page(first, "compare"), {"with": second.pk, "edition": third.pk}).content.decode()
    assert "From <strong>edition 2</strong>" in html
    assert "to <strong>edition 3</strong>" in html


def test_same_edition_twice_asks_for_another(staff_client):
    edition = factories.topic_edition()
    draft(thing=edition.topic)
    html = staff_client.get(page(edition, "compare"), {"with": edition.pk}).content.decode()
    assert "Choose two different editions" in html


@pytest.mark.parametrize("field", ["with", "edition"])
def test_edition_of_another_thing_is_not_found(staff_client, field):
    mine, other = draft(), draft(title="Of another topic")
    for key in (other.pk, mine.pk + 10_000, "9" * 30, "x", "-1", "\0", "²"):
        response = staff_client.get(page(mine, "compare"), {field: key})
        assert response.status_code == 404, key


def test_hostile_words_in_both_are_shown_as_words(staff_client):
    live = factories.topic_edition(title="<script>alert(1)</script>", change_note="<b>x</b>")
    Section.objects.create(edition=live, heading="<img src=x onerror=alert(1)>", body="<p onclick=alert(1)>Hello</p>")
    edition = copy_as_draft(live)
    edition.title = "<svg onload=alert(2)>"
    edition.save()
    edition.sections.update(heading="<iframe>", body="<p>Bye <script>alert(3)</script></p>")
    html = staff_client.get(page(edition, "compare")).content.decode()
    content = html[html.index('id="content-main"') :]
    for hostile in ("<script>alert", "<img src=x", "<svg onload", "<iframe", "<b>x", "onclick=alert(1)>"):
        assert hostile not in content, hostile


def test_list_offers_to_go_back_to_an_older_edition(staff_client):
    old = factories.topic_edition()
    new = factories.topic_edition(old.topic, publish_at=factories.PUBLISHED_AT.replace(year=2021))
    for address in (page(new, "change"), page(new, "compare")):
        html = staff_client.get(address).content.decode()
        assert page(old, "draft") in html
        assert page(old, "preview") in html
    staff_client.post(page(old, "draft"))
    assert old.topic.editions.filter(state="draft", number=3).exists()


def test_onlooker_is_not_offered_to_go_back(client):
    old = factories.topic_edition()
    new = factories.topic_edition(old.topic, publish_at=factories.PUBLISHED_AT.replace(year=2021))
    logged_in(client, "onlooker")
    assert "Go back to this one" not in client.get(page(new, "compare")).content.decode()


def test_panel_shows_the_latest_and_counts_the_rest(staff_client):
    first = factories.topic_edition()
    for _ in range(11):
        last = draft(thing=first.topic)
    html = staff_client.get(page(last, "change")).content.decode()
    assert "Compare all 12 editions" in html


def test_contacts_and_worries_can_be_compared(staff_client):
    for edition in (reporting.contact_edition(), reporting.concern_edition()):
        other = copy_as_draft(edition)
        assert staff_client.get(page(other, "compare")).status_code == 200
    assert ContactEdition.objects.count() == 2
