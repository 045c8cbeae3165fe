"""Words of a form that are kept and shown again; for the tests of it."""

from django.test import Client

from tests.safety_site.newsroom.editing import address

KEEP = "/admin/kept/"


def browser_of(user) -> Client:
    """A browser that is checked for its CSRF tokens, as real ones are."""
    client = Client(enforce_csrf_checks=True)
    client.user = user
    client.force_login(user)
    return client


def typed(fields, **words) -> dict:
    return {**dict(fields.lists()), **words}


def kept_page(client, edition) -> str:
    return client.get(address(type(edition), "change", edition.pk)).content.decode()
