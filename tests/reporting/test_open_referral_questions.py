"""The Open Referral feed: what may be asked of it, and how it answers machines."""

from datetime import UTC, date, datetime
from urllib.parse import quote

import pytest
import time_machine
from hypothesis import HealthCheck, given
from hypothesis import settings as fuzzing
from hypothesis import strategies as st

from reporting import models
from reporting.open_referral_parameters import PARAMETERS
from reporting.open_referral_terms import service_id, taxonomy_id
from tests.reporting import factories
from tests.reporting.open_referral_feed import FEED, NOBODY, a_bit_of_everything, get, names, term_id
from tests.reporting.open_referral_schema import LISTS, faults

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def plenty(settings):
    """No test but those of the limit comes near it."""
    settings.OPEN_DATA_PER_MINUTE = 1_000_000


# --- Questions ------------------------------------------------------------------------------------------


def three_contacts() -> None:
    factories.contact_edition(factories.contact("a"), name="Alpha")
    factories.contact_edition(factories.contact("b"), name="Beta", kind="police", audiences=["professionals"])
    factories.contact_edition(factories.contact("c"), name="Gamma", audiences=["parents", "young-people"])


def test_pages_follow_each_other(client):
    three_contacts()
    pages = [get(client, "/services", per_page=2, page=number) for number in (1, 2, 3)]
    assert [[row["name"] for row in page.pop("contents")] for page in pages] == [["Alpha", "Beta"], ["Gamma"], []]
    envelope = {"total_items": 3, "total_pages": 2}
    assert pages == [
        {**envelope, "page_number": 1, "size": 2, "first_page": True, "last_page": False, "empty": False},
        {**envelope, "page_number": 2, "size": 1, "first_page": False, "last_page": True, "empty": False},
        {**envelope, "page_number": 3, "size": 0, "first_page": False, "last_page": True, "empty": True},
    ]


def test_minimal_is_ids_and_dates_on_one_page(client):
    for _ in range(51):
        factories.contact_edition(checked_on=None, checked_by="", review_by=None)
    page = get(client, "/services", minimal="true")
    assert (page["size"], page["last_page"]) == (51, True)
    assert {frozenset(row) for row in page["contents"]} == {frozenset({"id", "modified_date", "last_modified"})}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("alpha", ["Alpha"]),
        ("ALPHA", ["Alpha"]),
        ("a", ["Alpha", "Beta", "Gamma"]),
        ("worry gamma", ["Gamma"]),
        ("alpha beta", []),
        ("old", ["Alpha"]),
        ("960077", ["Beta"]),
        ("thurrock", ["Gamma"]),
        ("%", []),
        ("_", []),
        ("’", []),
        ("", ["Alpha", "Beta", "Gamma"]),
        ("a " * 50, ["Alpha", "Beta", "Gamma"]),
    ],
)
def test_search_needs_every_word(client, words, found):
    thurrock = factories.authority(name="Thurrock")
    factories.contact_edition(factories.contact("a"), name="Alpha", old_names="Old one")
    factories.phone(factories.contact_edition(factories.contact("b"), name="Beta"), "01632 960077")
    factories.contact_edition(factories.contact("c"), name="Gamma", authorities=[thurrock])
    assert names(client, search=words) == found


def test_services_can_be_narrowed_to_a_term(client):
    three_contacts()
    factories.concern_edition("blackmail", contacts=[models.ReportingContact.objects.get(slug="b")])
    assert names(client, taxonomy_term_id=term_id("kind", "police")) == ["Beta"]
    assert names(client, taxonomy_term_id=term_id("audience", "parents")) == ["Alpha", "Gamma"]
    assert names(client, taxonomy_term_id=term_id("concern", "blackmail")) == ["Beta"]
    assert names(client, taxonomy_term_id=term_id("concern", "grooming")) == []
    assert names(client, taxonomy_term_id=NOBODY) == []


def test_services_can_be_narrowed_to_a_taxonomy(client):
    three_contacts()
    factories.contact_edition(factories.contact("d"), name="Delta", audiences=[])
    factories.concern_edition("blackmail", contacts=[models.ReportingContact.objects.get(slug="b")])
    assert names(client, taxonomy_id=taxonomy_id("kind")) == ["Alpha", "Beta", "Gamma", "Delta"]
    assert names(client, taxonomy_id=taxonomy_id("audience")) == ["Alpha", "Beta", "Gamma"]
    assert names(client, taxonomy_id=taxonomy_id("concern")) == ["Beta"]
    assert names(client, taxonomy_id=NOBODY) == []


def test_draft_of_a_worry_sends_people_nowhere(client):
    three_contacts()
    contact = models.ReportingContact.objects.get(slug="a")
    factories.concern_edition("hacked", contacts=[contact], state="draft", publish_at=None)
    assert names(client, taxonomy_term_id=term_id("concern", "hacked")) == []
    terms = [row["taxonomy_term"]["code"] for row in get(client, f"/services/{service_id('a')}")["attributes"]]
    assert terms == ["helpline", "parents"]


def test_services_can_be_narrowed_to_an_organization(client):
    a_bit_of_everything()
    (essex,) = get(client, "/organizations", search="Essex County")["contents"]
    assert sorted(names(client, organization_id=essex["id"])) == ["Daytime team", "Emergency duty team"]
    assert names(client, organization_id=NOBODY) == []


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        ("2026-11-10T12:00:00Z", ["Beta", "Gamma"]),
        ("2026-11-10T12:00:00+00:00", ["Beta", "Gamma"]),
        ("2026-11-10T12:00:01Z", ["Gamma"]),
        ("2026-11-20T15:00:00", ["Gamma"]),  # checked on that day, at an hour that nobody noted
        ("2026-11-20", ["Gamma"]),
        ("2026-11-21", []),
        ("0001-01-01T00:00:00Z", ["Alpha", "Beta", "Gamma"]),
        ("9999-12-31T23:59:59-12:00", []),
    ],
)
def test_services_can_be_narrowed_to_what_changed(client, moment, found):
    never = {"checked_on": None, "checked_by": "", "review_by": None}
    old = datetime(2026, 1, 1, tzinfo=UTC)
    factories.contact_edition(factories.contact("a"), name="Alpha", created_at=old, **never)
    published = datetime(2026, 11, 10, 12, tzinfo=UTC)
    factories.contact_edition(factories.contact("b"), name="Beta", created_at=old, publish_at=published, **never)
    factories.contact_edition(factories.contact("c"), name="Gamma", created_at=old, checked_on=date(2026, 11, 20))
    assert names(client, modified_after=moment) == found


def test_plus_sign_that_nobody_encoded_is_understood(client):
    three_contacts()
    response = client.get(f"{FEED}/services?modified_after=2026-01-01T00:00:00+01:00")
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("page=0", "Please use a whole number from 1 to 10000."),
        ("page=-1", "Please use a whole number from 1 to 10000."),
        ("page=1.5", "Please use a whole number from 1 to 10000."),
        ("page=", "Please use a whole number from 1 to 10000."),
        ("page=%D9%A1", "Please use a whole number from 1 to 10000."),
        ("page=99999999999999999999", "Please use a whole number from 1 to 10000."),
        ("per_page=101", "Please use a whole number from 1 to 100."),
        ("page=1&page=2", "Please give this only once."),
        ("format=ndjson", "We send json only."),
        ("minimal=yes", "Please use true or false."),
        ("taxonomy_term_id=grooming", "This is not an id. An id looks like 123e4567-e89b-12d3-a456-426614174000."),
        ("modified_after=yesterday", "Please use a date and time such as 2026-11-21T09:00:00Z."),
        ("modified_after=2026-02-30", "Please use a date and time such as 2026-11-21T09:00:00Z."),
        ("search=a%00b", "Please search for letters and numbers."),
        (f"search={'x' * 101}", "Please search for 100 letters at most."),
        ("day=MO", "We cannot filter by opening times. The schedules of each service tell them."),
    ],
)
def test_question_that_cannot_be_answered_is_refused_in_plain_english(client, query, sentence):
    response = client.get(f"{FEED}/services?{query}")
    assert (response.status_code, response.headers["Content-Type"]) == (400, "application/json")
    assert response.json() == {"status": 400, "error": sentence, "parameter": response.json()["parameter"]}
    assert f"{response.json()['parameter']}=" in query


def test_unknown_parameter_is_refused_with_the_known_ones(client):
    answer = client.get(f"{FEED}/taxonomies?serach=a").json()
    assert answer["error"] == "We do not know this parameter. You can use search, page, per_page, format here."


def test_postcode_is_refused_and_not_repeated(client):
    response = client.get(f"{FEED}/service_at_locations?postcode=SS9+5DL")
    assert response.status_code == 400
    assert "SS9" not in response.content.decode()


@pytest.mark.parametrize(
    "path",
    ["/services/no-id", f"/services/{NOBODY}", f"/services/{{{NOBODY}}}", "/services/", "/nothing", "/services/a/b"]
    + [f"/{path}/{NOBODY}" for path in LISTS],
)
def test_what_is_not_there_is_said_in_json(client, path):
    response = client.get(f"{FEED}{quote(path)}")
    assert (response.status_code, response.headers["Content-Type"]) == (404, "application/json")
    assert response.json()["status"] == 404


# --- How it answers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/openapi.json", "/services", "/organizations", "/taxonomy_terms", "/nothing"])
def test_pages_of_any_site_may_read_every_answer(client, path):
    response = client.get(f"{FEED}{path}", headers={"origin": "https://elsewhere.example"})
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert not response.cookies
    assert "cookie" not in response.headers.get("Vary", "").lower()


def test_browsers_keep_no_answer_and_shared_caches_do_for_five_minutes(client):
    response = client.get(f"{FEED}/services")
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["CDN-Cache-Control"] == "public, max-age=300"
    assert "CDN-Cache-Control" not in client.get(f"{FEED}/services?page=0").headers


def test_options_says_what_is_allowed(client):
    response = client.options(f"{FEED}/services", headers={"access-control-request-method": "GET"})
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "If-None-Match" in response.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
def test_nothing_can_be_changed(client, method):
    client.handler.enforce_csrf_checks = True
    response = getattr(client, method)(f"{FEED}/services")
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert response.headers["Content-Type"] == "application/json"


def test_head_has_the_headers_of_get(client):
    three_contacts()
    response = client.head(f"{FEED}/services")
    assert response.content == b""
    assert response.headers["ETag"] == client.get(f"{FEED}/services").headers["ETag"]


def test_answer_that_has_not_changed_is_not_sent_again(client):
    three_contacts()
    first = client.get(f"{FEED}/services")
    again = client.get(f"{FEED}/services", headers={"if-none-match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    since = {"if-modified-since": first.headers["Last-Modified"]}
    assert client.get(f"{FEED}/services", headers=since).status_code == 304


def test_answer_that_has_changed_is_sent(client):
    with time_machine.travel(datetime(2026, 12, 1, 12, tzinfo=UTC)):
        three_contacts()
        first = client.get(f"{FEED}/services")
    known = {"if-none-match": first.headers["ETag"]}, {"if-modified-since": first.headers["Last-Modified"]}
    with time_machine.travel(datetime(2026, 12, 1, 13, tzinfo=UTC)):
        factories.contact_edition(
            models.ReportingContact.objects.get(slug="a"),
            is_withdrawal=True,
            withdrawal_reason="Gone.",
            publish_at=datetime(2026, 12, 1, 12, 30, tzinfo=UTC),
        )
        assert [client.get(f"{FEED}/services", headers=headers).status_code for headers in known] == [200, 200]


def test_too_many_questions_wait(client, settings):
    settings.OPEN_DATA_PER_MINUTE = 2
    with time_machine.travel(datetime(2026, 12, 1, 12, 0, 10, tzinfo=UTC), tick=False):  # all in one minute
        responses = [client.get(f"{FEED}/", REMOTE_ADDR="192.0.2.60") for _ in range(3)]
    assert [response.status_code for response in responses] == [200, 200, 429]
    assert responses[2].headers["Content-Type"] == "application/json"
    assert 1 <= int(responses[2].headers["Retry-After"]) <= 60
    assert responses[2].headers["Access-Control-Allow-Origin"] == "*"
    assert client.get(f"{FEED}/", REMOTE_ADDR="192.0.2.61").status_code == 200


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/services", 10),
        ("/services?full=true", 12),
        ("/services?minimal=true", 4),
        ("/service_at_locations", 10),
        ("/service_at_locations?full=true", 12),
        ("/organizations", 4),
        ("/organizations?full=true", 13),
        ("/organizations?full_service=true", 13),
        ("/taxonomies", 2),
        ("/taxonomy_terms", 2),
    ],
)
def test_number_of_queries_does_not_grow(client, django_assert_num_queries, path, queries):
    for worries in (["hacked"], ["blackmail", "grooming"]):
        for worry in worries:
            factories.day_and_night(factories.authority())
            edition = factories.contact_edition(nations=["wales"])
            factories.way(edition)
            factories.concern_edition(worry, contacts=[edition.contact])
        with django_assert_num_queries(queries):
            client.get(f"{FEED}{path}")


# --- OpenAPI --------------------------------------------------------------------------------------------


def test_openapi_document_names_every_address_and_parameter(client):
    document = get(client, "/openapi.json")
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "https://families.example/api/oruk"}]
    assert set(document["paths"]) == {"/"} | {f"/{path}" for path in LISTS} | {f"/{path}/{{id}}" for path in LISTS}
    named = {one["name"] for path in document["paths"].values() for one in path["get"].get("parameters", [])}
    assert named == {*PARAMETERS, "id"}


def test_answers_are_as_the_openapi_document_says(client):
    a_bit_of_everything()
    document = get(client, "/openapi.json")
    found = {}
    for path in ("/", *(f"/{path}" for path in LISTS)):
        answer = document["paths"][path]["get"]["responses"]["200"]
        schema = {**answer["content"]["application/json"]["schema"], "components": document["components"]}
        found[path] = faults(get(client, path), schema)
        if path != "/":
            schema = {
                **document["paths"][f"{path}/{{id}}"]["get"]["responses"]["200"]["content"]["application/json"][
                    "schema"
                ],
                "components": document["components"],
            }
            for row in get(client, path)["contents"]:
                found[row["id"]] = faults(get(client, f"{path}/{row['id']}"), schema)
    assert {address: wrong for address, wrong in found.items() if wrong} == {}


# --- Anything at all ------------------------------------------------------------------------------------

anything = st.one_of(
    st.text(max_size=120),
    st.integers().map(str),
    st.uuids().map(str),
    st.datetimes().map(str),
    st.sampled_from(["true", "false", "json", "1", "\x00", "%", "2026-11-21T00:00:00Z", "'\"\\"]),
)
paths = st.one_of(
    st.sampled_from([f"/{path}" for path in LISTS]),
    st.builds(lambda path, key: f"/{path}/{quote(key, safe='')}", st.sampled_from(list(LISTS)), anything),
    st.text(max_size=30).map(lambda text: f"/{quote(text)}"),
)
questions = st.dictionaries(st.one_of(st.sampled_from(list(PARAMETERS)), st.text(max_size=12)), anything, max_size=4)


@fuzzing(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=paths, asked=questions)
def test_whatever_is_asked_gets_json_and_never_an_error_of_ours(client, path, asked):
    response = client.get(f"{FEED}{path}", asked)
    assert response.status_code in (200, 400, 404, 414)
    if response.status_code != 414:  # the address itself is too long: any page of the site answers so
        assert response.headers["Content-Type"] == "application/json"
        assert response.json()
