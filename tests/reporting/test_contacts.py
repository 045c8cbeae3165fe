"""The contacts that ship with the site, the rules of the database, and the editors' pages."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from reporting.models import Authority, ClosedDay, ContactEdition, OpeningHours
from safety_site.editions import approve, copy_as_draft
from tests.factories import editor
from tests.reporting import factories
from tests.safety_site.newsroom.forms import form_data

pytestmark = pytest.mark.django_db


def live():
    return ContactEdition.objects.live().select_related("contact").prefetch_related("phones")


# --- Rules of the database ------------------------------------------------------------------------------


def test_author_cannot_approve_their_own_contact():
    author = editor()
    draft = factories.contact_edition(state="draft", author=author, imported_from="", publish_at=None)
    with pytest.raises(ValidationError, match="A second person must approve a contact: not its author"):
        approve(draft, author)
    with pytest.raises(IntegrityError), transaction.atomic():
        ContactEdition.objects.filter(pk=draft.pk).update(
            state="approved", approved_by=author, publish_at=factories.PUBLISHED_AT
        )
    assert approve(draft, editor()).is_approved


def test_approved_contact_needs_its_source():
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.contact_edition(source="")
    assert factories.contact_edition(source="", state="draft").pk


def test_draft_of_a_contact_has_the_hours_of_its_phones():
    edition = factories.contact_edition(authorities=[factories.authority()], nations=["wales"])
    phone = factories.phone(edition, rows=[([0, 7], "09:00", "17:00"), ([1], "08:45", "09:00", False)])
    factories.way(edition)
    factories.phone(edition, "01632 960002")
    draft = copy_as_draft(edition, editor())

    def hours(of):
        fields = ("phone__number", "weekday", "opens_at", "closes_at", "is_sure")
        return list(OpeningHours.objects.filter(phone__edition=of).order_by("phone", "weekday").values_list(*fields))

    assert len(hours(draft)) == 3
    assert hours(draft) == hours(edition)
    assert phone.hours.count() == 3
    assert draft.authorities.count() == draft.ways.count() == draft.audiences.count() == draft.nations.count() == 1
    assert OpeningHours.objects.count() == 6


def test_contacts_of_a_district_are_those_of_its_county():
    county = factories.authority()
    district, other = factories.authority(county=county), factories.authority()
    day = factories.contact_edition(authorities=[county, other], kind="front-door")
    assert list(ContactEdition.objects.live().for_authority(district)) == [day]
    assert list(ContactEdition.objects.live().for_authority(county)) == [day]
    assert not ContactEdition.objects.live().for_authority(factories.authority()).exists()


def test_contacts_of_a_place_are_local_national_and_of_its_nation():
    place = factories.authority(nation="wales")
    local = factories.contact_edition(authorities=[place])
    welsh = factories.contact_edition(nations=["england", "wales"])
    everywhere = factories.contact_edition()
    factories.contact_edition(nations=["scotland"])
    factories.contact_edition(authorities=[factories.authority()])
    assert set(ContactEdition.objects.live().for_place(place)) == {local, welsh, everywhere}
    assert set(ContactEdition.objects.live().for_nation("wales")) == {welsh, everywhere}


def test_closed_days_of_an_authority_are_its_own_its_nations_and_everybodys():
    county = factories.authority()
    district = factories.authority(county=county)
    days = {
        "2026-01-05": {},
        "2026-01-06": {"nation": "england"},
        "2026-01-07": {"authority": county},
        "2026-01-08": {"authority": district},
        "2026-02-01": {"nation": "wales"},
        "2026-02-02": {"authority": factories.authority()},
    }
    for on, fields in days.items():
        ClosedDay.objects.create(on=on, reason="A storm", **fields)
    found = [str(day.on) for day in ClosedDay.objects.for_authority(district)]
    assert found == ["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08"]


# --- Editors' pages -------------------------------------------------------------------------------------


@pytest.fixture
def anna(client):
    user = get_user_model().objects.create_superuser("anna")
    client.force_login(user)
    return user


def page_of(model, kind, *args):
    return reverse(f"admin:reporting_{model._meta.model_name}_{kind}", args=args)


def posted(edition, **fields):
    """What the form of an edition sends back, with no part of it."""
    values = {
        "contact": edition.contact_id, "language": "en-GB", "name": edition.name, "kind": edition.kind,
        "what_for": edition.what_for, "coverage": edition.coverage, "source": edition.source, **fields,
    }  # fmt: skip
    for part in ("phones", "ways", "audiences", "nations"):
        values |= {f"{part}-TOTAL_FORMS": 0, f"{part}-INITIAL_FORMS": 0}
    return values


def test_pages_of_the_directory_open(client, anna, shipped_content):
    day = ClosedDay.objects.create(on="2026-11-27", reason="A storm")
    for row in (Authority.objects.get(slug="rochford"), ContactEdition.objects.get(contact__slug="essex-day"), day):
        for address in (page_of(row, "changelist"), page_of(row, "add"), page_of(row, "change", row.pk)):
            assert client.get(address).status_code == 200, address


def test_pages_of_worries_open(client, anna):
    edition = factories.concern_edition("grooming", contacts=[factories.contact()])
    for address in (page_of(edition, "changelist"), page_of(edition, "add"), page_of(edition, "change", edition.pk)):
        assert client.get(address).status_code == 200, address
    for kind in ("changelist", "add"):
        assert client.get(reverse(f"admin:reporting_platformroute_{kind}")).status_code == 200


def test_author_who_publishes_is_refused_with_a_plain_sentence(client, anna):
    draft = factories.contact_edition(state="draft", author=anna, imported_from="")
    response = client.post(page_of(ContactEdition, "approve", draft.pk), follow=True)
    assert [str(message) for message in response.context["messages"]] == [
        "A second person must approve a contact: not its author."
    ]
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_second_person_publishes(client, anna):
    draft = factories.contact_edition(state="draft", author=editor(), imported_from="", checked_on=None, checked_by="")
    factories.phone(draft)
    client.post(page_of(ContactEdition, "approve", draft.pk))
    draft.refresh_from_db()
    assert draft.state == "draft"  # nobody said how the number was checked
    today = timezone.localdate()
    check = {"checked_how": "rang", "checked_on": today, "checked_by": "Duty team", "review_by": today + timedelta(90)}
    client.post(page_of(ContactEdition, "approve", draft.pk), check)
    draft.refresh_from_db()
    assert (draft.state, draft.approved_by) == ("approved", anna)
    assert {name: getattr(draft, name) for name in check} == check


def test_whoever_changes_a_draft_is_not_the_second_person(client, anna):
    draft = factories.contact_edition(state="draft", author=editor(), imported_from="", audiences=())
    response = client.post(page_of(ContactEdition, "change", draft.pk), posted(draft, name="A new name"))
    assert response.status_code == 302, response.context["errors"]
    draft.refresh_from_db()
    assert (draft.name, draft.changed_by) == ("A new name", anna)
    response = client.post(page_of(ContactEdition, "approve", draft.pk), follow=True)
    assert [str(message) for message in response.context["messages"]][-1] == (
        "A second person must approve a contact: not somebody who changed it."
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        ContactEdition.objects.filter(pk=draft.pk).update(
            state="approved", approved_by=anna, publish_at=factories.PUBLISHED_AT
        )


def hours_typed(**fields) -> dict:
    """Into the first blank line below the first number."""
    line = {"weekday": 0, "opens_at": "09:00", "closes_at": "17:00", **fields}
    return {f"phones-0-hours-0-{name}": value for name, value in line.items()}


def open_form(client, edition) -> tuple[str, dict]:
    address = page_of(ContactEdition, "change", edition.pk)
    return address, form_data(client.get(address))


def hours_of(edition) -> list[str]:
    return [str(row) for row in OpeningHours.objects.filter(phone__edition=edition)]


def test_hours_are_set_on_the_page_of_the_contact_and_their_editor_is_not_the_second_person(client, anna):
    draft = factories.contact_edition(state="draft", author=editor(), imported_from="")
    factories.phone(draft)
    address, data = open_form(client, draft)
    response = client.post(address, {**data, **hours_typed()})
    assert response.status_code == 302, response.context["faults"]
    draft.refresh_from_db()
    assert draft.changed_by == anna
    assert hours_of(draft) == ["Monday 09:00 to 17:00"]


def test_new_number_is_saved_with_its_hours(client, anna):
    draft = factories.contact_edition(state="draft", author=editor(), imported_from="")
    address, data = open_form(client, draft)
    number = {"phones-TOTAL_FORMS": 1, "phones-0-number": "01632 960002", "phones-0-answers": "rows",
              "phones-0-open_on_bank_holidays": "unknown", "phones-0-position": 1,
              "phones-0-hours-TOTAL_FORMS": 1, "phones-0-hours-INITIAL_FORMS": 0}  # fmt: skip
    response = client.post(address, {**data, **number, **hours_typed(weekday=5)})
    assert response.status_code == 302, response.context["faults"]
    assert hours_of(draft) == ["Saturday 09:00 to 17:00"]


def test_hours_stay_as_they_are_when_the_page_is_saved_or_says_nothing_of_them(client, anna):
    draft = factories.contact_edition(state="draft", author=editor(), imported_from="")
    factories.phone(draft, rows=[([0], "09:00", "17:00")])
    before = hours_of(draft)
    address, data = open_form(client, draft)
    assert client.post(address, data).status_code == 302
    assert hours_of(draft) == before != []
    address, data = open_form(client, draft)
    without_hours = {name: value for name, value in data.items() if "-hours-" not in name}
    assert client.post(address, {**without_hours, "name": "A new name"}).status_code == 302
    draft.refresh_from_db()
    assert (draft.name, hours_of(draft)) == ("A new name", before)


def test_wrong_hours_save_nothing_are_named_and_are_not_lost(client, anna):
    draft = factories.contact_edition(state="draft", author=editor(), imported_from="", name="As it was")
    factories.phone(draft)
    address, data = open_form(client, draft)
    response = client.post(address, {**data, "name": "Changed", **hours_typed(opens_at="25:00")})
    assert response.status_code == 200
    [fault] = response.context["faults"]
    assert (fault.where, fault.what) == (
        "Phone numbers and their hours, 1: Opening hours, 1: Opens",
        "Enter a valid time.",
    )
    assert "25:00" in response.content.decode()
    draft.refresh_from_db()
    assert (draft.name, hours_of(draft)) == ("As it was", [])


def test_hours_without_a_number_are_told_not_dropped(client, anna):
    draft = factories.contact_edition(state="draft", author=editor(), imported_from="")
    address, data = open_form(client, draft)
    number = {"phones-TOTAL_FORMS": 1, "phones-0-answers": "unknown", "phones-0-position": 1,
              "phones-0-hours-TOTAL_FORMS": 1, "phones-0-hours-INITIAL_FORMS": 0}  # fmt: skip
    response = client.post(address, {**data, **number, **hours_typed()})
    assert [fault.where for fault in response.context["faults"]] == ["Phone numbers and their hours, 1: Number"]
    assert hours_of(draft) == []


def test_hours_go_with_a_number_that_is_taken_away_and_one_line_alone(client, anna):
    draft = factories.contact_edition(state="draft", author=editor(), imported_from="")
    factories.phone(draft, rows=[([0, 1], "09:00", "17:00")])
    address, data = open_form(client, draft)
    assert client.post(address, {**data, "phones-0-hours-0-DELETE": "on"}).status_code == 302
    assert hours_of(draft) == ["Tuesday 09:00 to 17:00"]
    address, data = open_form(client, draft)
    assert client.post(address, {**data, "phones-0-DELETE": "on"}).status_code == 302
    assert hours_of(draft) == []


def test_hours_of_an_approved_contact_are_changed_in_a_draft_beside_it(client, anna):
    edition = factories.contact_edition()
    factories.phone(edition, rows=[([0], "09:00", "17:00")])
    address, data = open_form(client, edition)
    assert client.post(address, {**data, "phones-0-hours-0-opens_at": "10:00"}).status_code == 302
    assert hours_of(edition) == ["Monday 09:00 to 17:00"]
    draft = ContactEdition.objects.exclude(pk=edition.pk).get()
    assert (draft.state, hours_of(draft)) == ("draft", ["Monday 10:00 to 17:00"])


def test_authorities_are_never_deleted(client, anna):
    place = factories.authority()
    assert client.post(page_of(Authority, "delete", place.pk), {"post": "yes"}).status_code == 403
