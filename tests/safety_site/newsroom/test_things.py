"""A thing (a topic, an app, a contact) on its own page in the admin: the way on to what is written of it."""

import pytest
from django.urls import reverse

from tests import factories
from tests.reporting import factories as directory

pytestmark = pytest.mark.django_db

# Kind of thing → app, model of its editions, the field that names it.
KINDS = {
    "topic": ("guidance", "topicedition", "topic"),
    "appprofile": ("guidance", "appprofileedition", "profile"),
    "controlguide": ("guidance", "controlguideedition", "guide"),
    "reportingcontact": ("reporting", "contactedition", "contact"),
}


def page(thing, name: str = "change") -> str:
    return reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_{name}", args=[thing.pk])


@pytest.mark.parametrize("kind", KINDS)
def test_writer_who_added_a_thing_goes_on_to_write_it(client, kind):
    app, editions, field = KINDS[kind]
    client.force_login(factories.member("writer"))
    response = client.post(reverse(f"admin:{app}_{kind}_add"), {"slug": "brand-new"}, follow=True)
    [(address, _status)] = response.redirect_chain
    assert address.startswith(f"{reverse(f'admin:{app}_{editions}_add')}?{field}=")
    form = response.context["adminform"].form
    chosen = form.fields[field].queryset.get(pk=form.initial[field])
    assert chosen.slug == "brand-new"
    assert (
        "has its place. Now write what it says: readers see nothing of it until that is approved."
        in response.content.decode()
    )


def test_thing_added_in_a_small_window_or_with_another_stays_there(client):
    client.force_login(factories.member("administrator"))
    add = reverse("admin:guidance_topic_add")
    assert "popup_response" in client.post(add, {"slug": "one", "_popup": 1}).content.decode()
    assert client.post(add, {"slug": "two", "_addanother": 1})["Location"] == add


@pytest.mark.parametrize("role", ["writer", "publisher", "administrator"])
def test_page_of_a_thing_leads_to_its_editions_or_to_the_first(client, role):
    client.force_login(factories.member(role))
    topic = factories.topic()
    content = client.get(page(topic)).content.decode()
    assert f'href="/admin/guidance/topicedition/add/?topic={topic.pk}">Write its page</a>' in content
    edition = factories.topic_edition(topic, title="Its one edition")
    factories.topic_edition(title="Of another topic")
    content = client.get(page(topic)).content.decode()
    assert "Write its page" not in content
    address = f"/admin/guidance/topicedition/?topic__exact={topic.pk}"
    assert f'href="{address}">Open its editions</a>' in content
    listed = client.get(address).context["cl"].result_list
    assert list(listed) == [edition]


def test_whoever_may_not_write_is_not_led_to_it(client):
    client.force_login(factories.member("contact checker"))
    contact = directory.contact()
    assert "Write its page" not in client.get(page(contact)).content.decode()
    directory.contact_edition(contact)
    assert "Open its editions" in client.get(page(contact)).content.decode()


def test_view_on_site_only_while_there_is_something_to_view(client):
    client.force_login(factories.member("publisher"))
    topic = factories.topic()
    draft = factories.topic_edition(topic, state="draft", publish_at=None)
    assert "View on site" not in client.get(page(topic)).content.decode()
    assert "View on site" not in client.get(page(draft)).content.decode()
    live = factories.topic_edition(topic)
    for row in (topic, draft, live):
        assert "View on site" in client.get(page(row)).content.decode()
    factories.withdrawal(live)
    for row in (topic, draft, live):
        assert "View on site" not in client.get(page(row)).content.decode()


def test_thing_that_does_not_exist_breaks_nothing(client):
    client.force_login(factories.member("publisher"))
    for odd in ("987654321", "9" * 30, "x"):
        assert client.get(f"/admin/guidance/topic/{odd}/change/").status_code == 302
