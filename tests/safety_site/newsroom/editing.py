"""Whole editions of each kind, and their forms opened and saved by a writer; for the tests of saving."""

from django.contrib.auth.models import Permission
from django.urls import reverse

from safety_site.editions import EditionState
from tests import factories
from tests.reporting import factories as reporting
from tests.safety_site.newsroom.page_forms import sent_by_page


def address(model, kind="change", *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}", args=args)


def writer(**fields):
    """Staff who may add, change and look at editions, their parts and things; and approve nothing."""
    user = factories.editor(**fields)
    kinds = ("add", "change", "view", "delete")
    user.user_permissions.set(
        Permission.objects.filter(content_type__app_label__in=["guidance", "reporting"]).filter(
            codename__regex=f"^({'|'.join(kinds)})_"
        )
    )
    return user


def opened(client, edition):
    model = type(edition)
    response = client.get(address(model, "change", edition.pk))
    assert response.status_code == 200
    return sent_by_page(response, f"{model._meta.model_name}_form")


def save(client, edition, fields, **more):
    data = {**dict(fields.lists()), **more}
    return client.post(address(type(edition), "change", edition.pk), data)


def full_topic(**fields):
    band = factories.age_band()
    edition = factories.topic_edition(age_bands=[band], **fields)
    factories.topic_parts(edition, rows=2, age_bands=[band])
    return edition


def full_app():
    edition = factories.app_edition()
    factories.app_parts(edition, rows=2)
    return edition


def full_control():
    edition = factories.control_edition()
    factories.control_parts(edition, rows=2)
    return edition


def full_contact():
    edition = reporting.contact_edition()
    reporting.phone(edition, rows=[([0, 1], "09:00", "17:00")])
    reporting.phone(edition, "01632 960002", rows=[([2], "10:00", "12:00")], purpose="At night")
    return edition


FULL = {"topic": full_topic, "app": full_app, "control": full_control, "contact": full_contact}
WORDS = {"topic": "summary", "app": "summary", "control": "summary", "contact": "what_for"}


def only_draft(edition):
    model = type(edition)
    return model.objects.exclude(state=EditionState.APPROVED).get(**{model.thing_field: edition.thing})
