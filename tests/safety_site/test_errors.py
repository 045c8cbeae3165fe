"""Requests that no page makes: each gets a page in plain English with the right status, never a trace."""

import json
import logging
import re
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from safety_site.log import JsonLines
from safety_site.urls import *  # noqa: F403 - this module is also a map of the site with one page more
from safety_site.urls import urlpatterns as urls_of_the_site
from safety_site.wsgi import application
from tests import factories
from tests.sweep import answer_without_database

pytestmark = pytest.mark.django_db

# Words of a stack trace, of Django's page for DEBUG, and of a server's own empty error page.
TRACES = ("Traceback", "Exception", "django.", "site-packages", ".py", "DEBUG", "<h1>Bad Request", "<h1>Not Found")


def broken_page(request: HttpRequest, slug: str) -> HttpResponse:
    raise RuntimeError("something in a view broke")


urlpatterns = [path("broken/<slug:slug>/", broken_page), *urls_of_the_site]


def visitor() -> Client:
    """A client that gets what a visitor would, also where a view raises."""
    return Client(raise_request_exception=False)


def assert_plain_page(response: HttpResponse, status: int, heading: str):
    text = response.content.decode()
    assert response.status_code == status
    assert re.findall(r"<h1>(.*?)</h1>", text) == [heading]
    assert f'<a id="quick-exit" href="{settings.QUICK_EXIT_URL}" rel="nofollow noreferrer">' in text
    assert 'href="tel:999"' in text
    assert [trace for trace in TRACES if trace in text] == []
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert not response.cookies


# --- Addresses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "/no/such/page/", "/topics/nothing-here/", "/topics/0/", "/apps/nothing-here/", "/apps/compare/x/",
        "/parental-controls/nothing-here/", "/age/adult/", "/for/everybody/", "/for/PARENTS/", "/topics/%00/",
        "/topics/%ff/", "/topics/%ff%fe/", "/%00", "/%ff", "/%c0%ae%c0%ae/", "/topics/%E0%A4%A/", "/topics/%/",
        "/%F0%9F%A6%89/", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd", "/topics/a%20b/",
        "/topics//", "/;/",
        "/topics/%27%20OR%201=1--/", "/%3Cscript%3Ealert(1)%3C/script%3E/", "/static/no-such.css", "/media/x.pdf",
        "/.env", "/wp-login.php", "/%u0041/", "/topics/" + "a" * 5_000 + "/", "/robots.txt/", "/health/", "/exit/now/",
    ],
)  # fmt: skip
def test_wrong_address_gets_404(address):
    assert_plain_page(visitor().get(address), 404, "We cannot find that page")


def test_404_never_repeats_the_address():
    assert "zzqx" not in visitor().get("/zzqx%3Cb%3E/?zzqx=zzqx").content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "age=%00", "age=%ff", "age=%F0%9F%A6%89", "age=" + "x" * 1_900, "age[]=teen", "age=teen&age=pre-teen", "age=",
        "for=%00", "for=%ff", "&&&===", "%", "%zz", "age=%", "a;b", "=", "?", "#", "+", "%26",
        "x=" * 500, "&".join("abc" * 200),
    ],
)  # fmt: skip
@pytest.mark.parametrize("address", ["/topics/", "/apps/", "/talk/", "/", "/about/"])
def test_odd_query_string_gets_the_page(address, query):
    factories.age_bands()
    response = visitor().get(address, QUERY_STRING=query)
    assert response.status_code == 200


def test_more_query_parameters_than_a_form_may_have_get_400_or_the_page():
    response = visitor().get("/topics/", QUERY_STRING="&" * 1_900)
    assert response.status_code in (200, 400)


@pytest.mark.parametrize("address", ["/", "/topics/", "/no/such/page/", "/exit/", "/health/live", "/robots.txt"])
@pytest.mark.parametrize("length", [4_001, 100_000])
def test_huge_query_string_gets_414(address, length):
    assert_plain_page(visitor().get(address, QUERY_STRING="x" * length), 414, "That address is too long")


def test_longest_query_string_that_is_read():
    assert visitor().get("/about/", QUERY_STRING="x" * 4_000).status_code == 200


def test_address_without_its_last_slash_moves_on_and_keeps_the_choice():
    response = visitor().get("/topics?age=teen")
    assert (response.status_code, response.headers["Location"]) == (301, "/topics/?age=teen")


@pytest.mark.parametrize(
    "address", ["//elsewhere.example/topics", "/%5celsewhere.example/topics", "//elsewhere.example"]
)
def test_no_address_moves_a_visitor_to_another_site(address):
    response = visitor().get(address)
    assert re.match(r"/(?![/\\])", response.headers.get("Location", "/"))


# --- Methods --------------------------------------------------------------------------------------------

PAGES = [
    "/", "/topics/", "/topics/{topic}/", "/apps/", "/apps/{app}/", "/parental-controls/",
    "/parental-controls/{control}/", "/talk/", "/for/parents/", "/age/teen/", "/leaving-no-trace/",
    "/leaving-no-trace/tried/", "/about/", "/privacy/", "/accessibility/", "/exit/",
    "/robots.txt", "/.well-known/security.txt", "/health/live", "/health/ready",
]  # fmt: skip


@pytest.fixture
def things():
    factories.age_bands()
    return {
        "topic": factories.topic_edition().topic.slug,
        "app": factories.app_edition().profile.slug,
        "control": factories.control_edition().guide.slug,
    }


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "BREW"])
@pytest.mark.parametrize("address", PAGES)
def test_page_asked_for_by_another_method_gets_405(things, address, method):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    response = client.generic(method, address.format(**things), b"a=b", "application/x-www-form-urlencoded")
    assert_plain_page(response, 405, "This page cannot be used that way")
    assert response.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("address", PAGES)
def test_head_gets_the_headers_of_get_and_no_body(things, address):
    asked = visitor().head(address.format(**things))
    got = visitor().get(address.format(**things))
    assert (asked.status_code, asked.content) == (got.status_code, b"")
    assert asked.headers["Cache-Control"] == "no-store"


def test_form_of_an_editor_without_its_token_gets_403():
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    assert_plain_page(client.post("/admin/login/", {"username": "a"}), 403, "You cannot open this page")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"), (b"x", "multipart/form-data"),
        (b"\xff\x00", "text/plain"),
        (b"x", "multipart/form-data; boundary=" + "x" * 300),
        (b"a=%ff%00", "application/x-www-form-urlencoded; charset=nope"),
        (b"&".join([b"a=1"] * 2_000), "application/x-www-form-urlencoded"), (b"{", "application/json"),
        (b"a=b", "\xff"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("csrf", [True, False])
@pytest.mark.parametrize("address", ["/about/", "/no/such/page/", "/admin/login/", "/feedback/"])
def test_broken_body_gets_a_refusal(address, body, content_type, csrf):
    client = Client(enforce_csrf_checks=csrf, raise_request_exception=False)
    response = client.generic("POST", address, body, content_type)
    assert response.status_code in (200, 400, 403, 404, 405)
    assert [trace for trace in TRACES[:4] if trace in response.content.decode()] == []


@pytest.mark.parametrize("charset", ["hex", "idna", "rot13", "utf-7", "unicode_escape", "undefined", "utf-16", "nope"])
@pytest.mark.parametrize(
    ("method", "address", "body", "content_type"),
    [
        ("GET", "/search/?q=%5Cud800+%2B2AA-", b"", "text/plain"),
        ("GET", "/feedback/?page=/talk/%5Cud800", b"", "text/plain"),
        ("POST", "/feedback/", b"page=/talk/&comment=%5Cud800", "application/x-www-form-urlencoded"),
        ("POST", "/feedback/", b'--b\r\nContent-Disposition: form-data; name="comment"\r\n\r\n\\ud800\r\n--b--\r\n',
         "multipart/form-data; boundary=b"),
    ],
)  # fmt: skip
def test_request_in_a_charset_that_is_none_gets_a_plain_page(charset, method, address, body, content_type):
    """Asked of the entry point itself: the client of the tests makes its requests another way."""
    environ = RequestFactory().generic(method, address, body, content_type).environ
    environ["CONTENT_TYPE"] = f"{content_type}; charset={charset}"
    django = application.application
    response = django.get_response(django.request_class(environ))
    assert response.status_code in (200, 400, 422)
    assert b'id="quick-exit"' in response.content


@pytest.mark.parametrize("odd", ["\x00", "\udcff", "'--", "x" * 10_000, "\u202e"])
def test_login_with_odd_characters_is_refused_in_plain_english(odd):
    client, address = visitor(), "/admin/login/?next=%00&x=%ff&y=" + "z" * 1_500
    form = urlencode({"username": odd.encode("utf-8", "surrogateescape"), "password": "x"})
    for _ in range(6):
        response = client.post(address, form, "application/x-www-form-urlencoded", headers={"user-agent": "\xff"})
        assert response.status_code in (200, 429)
        assert "Traceback" not in response.content.decode()


# --- Headers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["elsewhere.example", "testserver.elsewhere.example", "a b", "", "testserver:port", "<script>",
     "testserver@x", "\xff", "[::1", "x" * 5_000, "testserver:80:80", "../"],
)  # fmt: skip
@pytest.mark.parametrize("address", ["/", "/topics/", "/no/such/page/", "/exit/", "/sitemap.xml", "/health/ready"])
def test_hostile_host_gets_400(host, address):
    response = visitor().get(address, HTTP_HOST=host)
    if host == "":  # a request without a name for the host reaches the server by its address
        assert response.status_code in (200, 303, 400, 404)
    else:
        assert_plain_page(response, 400, "We could not read that request")


def test_hostile_host_is_in_no_answer():
    for header in ("HTTP_HOST", "HTTP_X_FORWARDED_HOST"):
        for address in ("/", "/topics", "/sitemap.xml", "/no/such/page/"):
            response = visitor().get(address, **{header: "elsewhere.example"})
            assert "elsewhere" not in response.content.decode() + str(response.headers)


def test_hostile_host_over_http_gets_the_whole_policy_where_https_is_asked_for(settings):
    settings.SECURE_SSL_REDIRECT = True
    assert_plain_page(visitor().get("/", HTTP_HOST="elsewhere.example"), 400, "We could not read that request")


COOKIES = [
    "sessionid=x", "sessionid=" + "a" * 32, "csrftoken=x", "csrftoken=" + "a" * 32, "csrftoken=" + "é" * 64, "=", ";;;",
    "a" * 4_000, "sessionid=\x00", 'messages="[broken"', "sessionid=%ff; csrftoken=\xff",
]  # fmt: skip


@pytest.mark.parametrize("cookie", COOKIES)
@pytest.mark.parametrize("address", ["/", "/topics/", "/about/", "/exit/"])
def test_broken_cookie_gets_the_page_and_no_cookie_back(address, cookie):
    response = visitor().get(address, HTTP_COOKIE=cookie)
    assert response.status_code == (303 if address == "/exit/" else 200)
    assert not response.cookies


@pytest.mark.parametrize(
    "headers",
    [
        {"accept-language": "x" * 1_000}, {"accept-language": "../../etc"}, {"accept": "\xff"},
        {"accept-encoding": "gzip;q=x"},
        {"if-modified-since": "yesterday"}, {"if-none-match": '"x'}, {"range": "bytes=9-1"}, {"content-length": "x"},
        {"x-forwarded-proto": "gopher"}, {"x-forwarded-for": "' OR 1=1"}, {"referer": "http://["}, {"origin": "null"},
    ],
)  # fmt: skip
def test_odd_header_gets_the_page(headers):
    assert visitor().get("/topics/", headers=headers).status_code == 200


# --- Anything at all ------------------------------------------------------------------------------------

SEGMENTS = st.sampled_from(
    [
        "topics",
        "apps",
        "age",
        "for",
        "talk",
        "exit",
        "parental-controls",
        "static",
        "health",
        "admin",
        "parents",
        "..",
        ".",
        "",
    ]
)
PATHS = st.lists(SEGMENTS | st.text(max_size=12), max_size=5).map("/".join)


@hypothesis_settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=PATHS, query=st.text(max_size=40), method=st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "X"]))
@example(path="static/\x00", query="", method="GET")
@example(path="admin/\x00/", query="next=\x00", method="GET")
@example(path="\udcff", query="\udcff", method="GET")
def test_no_address_makes_a_server_error(path, query, method):
    raw = ("/" + path).encode("utf-8", "surrogateescape" if "\udcff" in path else "surrogatepass")
    response = visitor().generic(
        method,
        "/",
        PATH_INFO=raw.decode("latin-1"),  # as WSGI servers hand over the bytes of an address
        QUERY_STRING=query.encode("utf-8", "surrogatepass").decode("latin-1"),
    )
    assert response.status_code < 500
    if response.headers.get("Content-Type", "").startswith("text/html"):
        assert "Traceback" not in response.content.decode()


# --- When something of ours breaks ----------------------------------------------------------------------


@pytest.fixture
def log(monkeypatch):
    """The lines that the site's own log of failed requests writes."""
    (handler,) = [each for each in logging.getLogger("django.request").handlers if isinstance(each, JsonLines)]
    written = []
    monkeypatch.setattr(handler, "put", written.append)
    return written


def test_view_that_raises_gets_the_page_for_500_with_the_way_out(settings, log):
    settings.ROOT_URLCONF = __name__
    assert_plain_page(visitor().get("/broken/kept-secret/?age=kept-secret"), 500, "Something went wrong")


def test_view_that_raises_is_logged_without_the_address(settings, log):
    settings.ROOT_URLCONF = __name__
    visitor().get("/broken/kept-secret/?age=kept-secret", headers={"referer": "https://kept-secret.example/"})
    (line,) = map(json.loads, log)
    assert (line["words"], line["status"], line["logger"]) == ("A page failed.", 500, "django.request")
    (error,) = line["error"]
    assert (error["type"], error["words"]) == ("RuntimeError", "something in a view broke")
    assert error["at"][-1].startswith("tests/safety_site/test_errors.py:")
    assert "kept-secret" not in log[0]
    assert "broken/" not in log[0]


def test_404_is_not_logged(log):
    visitor().get("/no/such/kept-secret/")
    visitor().get("/", HTTP_HOST="kept-secret.example")
    assert log == []


@pytest.mark.parametrize("address", ["/", "/topics/", "/topics/x/", "/apps/tiktok/", "/age/teen/", "/for/parents/"])
def test_database_that_fails_gets_the_page_for_500(address, log):
    assert_plain_page(answer_without_database(visitor(), address), 500, "Something went wrong")
    assert [line for line in log if address.strip("/") and address in line] == []


@pytest.mark.parametrize(
    "address", ["/about/", "/privacy/", "/leaving-no-trace/", "/no/such/page/", "/exit/", "/health/live"]
)
def test_pages_that_need_no_database_work_without_one(address):
    assert answer_without_database(visitor(), address).status_code in (200, 303, 404)
