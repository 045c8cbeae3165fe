"""Where the exit leads, what /exit/ answers, and the lines that stand in every page."""

import base64
import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety_site.quick_exit import ALLOWED_HOSTS, EXIT_GUARD, ExitAddressError, checked_exit_url

NEUTRAL = "https://www.bbc.co.uk/weather"
PAGES = ("/leaving-no-trace/", "/leaving-no-trace/tried/", "/no/such/page/")


@pytest.mark.parametrize("host", sorted(ALLOWED_HOSTS))
def test_an_https_address_on_the_list_is_used_as_it_is(host):
    assert checked_exit_url(f"https://{host}/weather?q=1") == f"https://{host}/weather?q=1"


def test_a_host_that_the_setting_adds_is_allowed():
    assert checked_exit_url("https://weather.example/", also_allowed=["weather.example"])


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "weather",
        "/exit/",
        "//www.bbc.co.uk/weather",
        "http://www.bbc.co.uk/weather",
        "HTTP://www.bbc.co.uk/",
        "ftp://www.bbc.co.uk/",
        "javascript:alert(1)//www.bbc.co.uk",
        "data:text/html,www.bbc.co.uk",
        "https://",
        "https:///weather",
        "https:www.bbc.co.uk",
        "https://user@www.bbc.co.uk/",
        "https://user:word@www.bbc.co.uk/",
        "https://@www.bbc.co.uk/",
        "https://www.bbc.co.uk:8443/",
        "https://www.bbc.co.uk:443/",
        "https://www.bbc.co.uk:/",
        "https://www.bbc.co.uk:port/",
        "https://www.bbc.co.uk:99999/",
        "https://www.bbc.co.uk.evil.example/",
        "https://evil.example/www.bbc.co.uk",
        "https://evil.example/?www.bbc.co.uk",
        "https://evil.example#www.bbc.co.uk",
        "https://evil.example\\@www.bbc.co.uk/",
        "https://www.bbc.co.uk\\@evil.example/",
        "https://www.bbc.co.uk\\evil",
        "https://[::1]/",
        "https://[www.bbc.co.uk/",
        "https://www.bbc.co.uk/\nSet-Cookie: a=b",
        "https://www.bbc.co.uk/\r\n",
        "https://www.bbc.co.uk/a b",
        " https://www.bbc.co.uk/",
        "https://www.bbc.co.uk/\x00",
        "https://bbc.co.uk/",
        "https://ẃww.bbc.co.uk/",
        "https://WWW.BBC.CO.UK/",
    ],
)
def test_any_other_address_is_refused_with_one_sentence_on_what_to_set(url):
    with pytest.raises(ExitAddressError, match=r"QUICK_EXIT") as refusal:
        checked_exit_url(url)
    assert "\n" not in str(refusal.value)


@given(st.text() | st.builds("https://{}{}".format, st.sampled_from(sorted(ALLOWED_HOSTS)), st.text()))
def test_whatever_the_address_it_is_refused_or_safe(url):
    try:
        checked = checked_exit_url(url)
    except ExitAddressError:
        return
    assert re.match(r"https://([a-z.]+)([/?#][!-~]*)?$", checked)[1] in ALLOWED_HOSTS


@pytest.mark.parametrize("method", ["get", "head"])
def test_exit_leads_to_the_neutral_site_and_clears_what_the_site_may_have_stored(client, method):
    response = getattr(client, method)("/exit/")
    assert response.status_code == 303
    assert response["Location"] == NEUTRAL
    assert response["Clear-Site-Data"] == '"cookies", "storage"'
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response.content == b""
    assert not response.cookies


def test_exit_follows_the_setting(client, settings):
    settings.QUICK_EXIT_URL = "https://www.metoffice.gov.uk/"
    assert client.get("/exit/")["Location"] == "https://www.metoffice.gov.uk/"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "trace"])
def test_exit_refuses_other_methods_with_a_page_that_has_the_way_out(client, method):
    response = getattr(client, method)("/exit/")
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD"
    assert 'id="quick-exit"' in response.text
    assert not response.cookies


def test_exit_ignores_whatever_the_address_asks(client):
    assert client.get("/exit/?to=https://evil.example")["Location"] == NEUTRAL


def test_exit_without_its_slash_still_leads_out(client):
    response = client.get("/exit", follow=False)
    assert response.status_code == 301
    assert response["Location"] == "/exit/"


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_the_control_twice_and_the_guard_first(client, path):
    page = client.get(path).text
    assert page.count(f'href="{NEUTRAL}" rel="nofollow noreferrer"') == 2
    head = page[page.index("<head>") : page.index("</head>")]
    assert head.index("<script data-to=") < head.index("<link")
    assert head.index("<script data-to=") < head.index("<title")


@pytest.mark.parametrize("path", PAGES)
def test_the_policy_allows_exactly_the_guard_that_is_in_the_page(client, path):
    response = client.get(path)
    inline = re.findall(r"<script(?![^>]*src=)[^>]*>(.*?)</script>", response.text, re.DOTALL)
    assert inline == [EXIT_GUARD]
    digest = base64.b64encode(hashlib.sha256(inline[0].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in response["Content-Security-Policy"]


def test_the_guard_is_small_and_carries_no_comment():
    assert len(EXIT_GUARD) <= 4_000
    assert not re.search(r"^\s*//|/\*|</|<!", EXIT_GUARD, re.MULTILINE)


def test_an_address_with_signs_of_html_stays_inside_its_attribute(client, settings):
    settings.QUICK_EXIT_URL = 'https://www.bbc.co.uk/?"><script>alert(1)</script>'
    page = client.get("/leaving-no-trace/").text
    assert "<script>alert" not in page
    assert page.count("data-to=") == 1


def test_the_page_where_a_try_lands_is_kept_out_of_search_engines(client):
    assert "/leaving-no-trace/tried/" not in client.get("/robots.txt").text
    assert client.get("/leaving-no-trace/tried/").status_code == 200
