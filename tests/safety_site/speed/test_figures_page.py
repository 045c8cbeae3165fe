"""Whoever has no token cannot tell the page of figures from one that is not there, whatever they ask it."""

import pytest
from django.test import Client

TOKEN = "a-long-word-that-opens-the-figures-0123456789"
OPENS = {"Authorization": f"Bearer {TOKEN}"}
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"]


@pytest.fixture
def site(settings, tmp_path) -> Client:
    settings.METRICS_TOKEN = TOKEN
    settings.METRICS_DIR = str(tmp_path)
    return Client(enforce_csrf_checks=True)


def told(response, path: str) -> tuple:
    policy = sorted(response.headers["Content-Security-Policy"].split("; "))
    headers = {**response.headers, "Content-Security-Policy": policy}
    headers = {name: str(value).replace(path, "…") for name, value in headers.items()}
    return response.status_code, headers, response.content


def asked(site: Client, path: str, method: str, headers: dict[str, str], **more) -> tuple:
    return told(site.generic(method, path, headers=headers, **more), path)


@pytest.mark.parametrize("is_secure", [True, False])
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x"}], ids=["no token", "another token"])
@pytest.mark.parametrize("method", METHODS)
def test_without_the_token_it_is_a_page_that_is_not_there(site, db, settings, method, headers, is_secure):
    settings.SECURE_SSL_REDIRECT = True
    there, not_there = (
        asked(site, path, method, headers, secure=is_secure, query_string="a=b") for path in ("/metrics", "/no-such")
    )
    assert there == not_there
    assert there[0] == (404 if is_secure else 301)


@pytest.mark.parametrize("method", METHODS[2:])
def test_with_the_token_it_can_only_be_read(site, db, method):
    assert asked(site, "/metrics", method, OPENS) == asked(site, "/no-such", method, OPENS)
    assert site.get("/metrics", headers=OPENS).content.startswith(b"# HELP hearthside_")
    assert site.head("/metrics", headers=OPENS).status_code == 200


def test_what_gathers_figures_on_the_same_machine_needs_no_tls(site, db, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert site.get("/metrics", headers=OPENS).status_code == 200
