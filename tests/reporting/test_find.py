"""The finder and the list of councils, as a visitor meets them."""

import logging
from html.parser import HTMLParser

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reporting.models import Authority, DataSource, Nation, Outcode, Postcode
from reporting.postcodes import key_of
from reporting.shipped import load_authorities, load_places
from tests.reporting import factories

FIND = "/contacts/find/"


@pytest.fixture
def places(db):
    load_places()


def ask(client: Client, postcode: str, **extra):
    return client.post(FIND, {"postcode": postcode}, **extra)


class _Words(HTMLParser):
    def __init__(self):
        super().__init__()
        self.parts = []

    def handle_data(self, data):
        self.parts.append(data)


def words(response) -> str:
    """What a reader sees, with single spaces."""
    parser = _Words()
    parser.feed(response.content.decode())
    return " ".join("".join(parser.parts).split())


def test_form_asks_for_a_postcode_and_needs_no_cookie(db, client):
    response = client.get(FIND)
    text = response.content.decode()
    assert response.status_code == 200
    assert 'method="post" action="/contacts/find/"' in text
    assert 'autocomplete="postal-code"' in text
    assert "csrf" not in text
    assert not response.cookies
    assert "X-Robots-Tag" not in response.headers


def test_certain_answer_is_the_page_of_the_council(places, client):
    answers = {
        "ss9 5dl": "rochford", "SSO OEF": "southend-on-sea", "SS2-6ER": "southend-on-sea", "RM17": "thurrock",
        "CM4": "essex",
    }  # fmt: skip
    for typed, slug in answers.items():
        response = ask(client, typed)
        assert (response.status_code, response.headers["Location"]) == (303, f"/contacts/{slug}/?matched=1")
        assert response.headers["X-Robots-Tag"] == "noindex"
        assert response.headers["Cache-Control"] == "no-store"


def test_page_of_the_council_says_what_was_matched(places, client):
    text = words(client.get(ask(client, "SS9 5DL").headers["Location"]))
    assert "We matched your postcode to Rochford." in text
    assert "Not your council?" in text
    assert "5DL" not in text


def test_form_works_from_a_page_without_referrer_and_without_cookie(places):
    client = Client(enforce_csrf_checks=True)
    assert ask(client, "SS9 5DL", headers={"origin": "null"}).status_code == 303


# --- Answers that need a page ---------------------------------------------------------------------------

ANSWERS = [
    ("SS14 0BW", "We matched SS14 0BW to Basildon. Essex County Council looks after children there.", "basildon"),
    ("SS14 0BW", "It is no longer in use, or it is very new.", "basildon"),
    ("SS99 6RB", "SS99 6RB belongs to a business or a post office box.", "southend-on-sea"),
    ("M1 1AD", "We matched M1 1AD to Manchester.", "manchester"),
    ("M1 1AD", "we hold only the first half", "manchester"),
    ("EH1 1YZ", "We matched EH1 1YZ to City of Edinburgh.", "edinburgh"),
    ("CF10 1AA", "We matched CF10 1AA to Cardiff.", "cardiff"),
    ("SS9", "We matched SS9 to more than one council.", "southend-on-sea"),
    ("SS9", "For homes in Rochford and Castle Point", "essex"),
    ("CM22 7", "This is not a postcode that we can read.", None),
    ("AB1 0AA", "No postcode with this first half is in use any more.", "aberdeenshire"),
    ("N1P 3JJ", "the official list names no council for it", "islington"),
    ("BT1 1AA", "We matched BT1 1AA to Northern Ireland.", "belfast-trust"),
    ("BT1", "Derry, Fermanagh, Limavady, Omagh and Strabane", "western-trust"),
    ("JE2 4WD", "We matched JE2 4WD to Jersey.", None),
    ("IM1 1AD", "Look for “children’s services” on gov.im", None),
    ("BFPO 57", "A BFPO address does not tell where a child lives.", None),
    ("SS9 9ZZ", "We could not find this postcode.", None),
    ("Rochford", "Did you mean one of these?", "rochford"),
    ("Cumbria", "Did you mean one of these?", "cumbria"),
    ("", "Enter a postcode.", None),
]


def lacks(response, typed: str, sentence: str, slug: str | None) -> list[str]:
    """What an answer should have and has not, or should not have and has."""
    text = response.content.decode()
    title = text.partition("<title>")[2].partition("</title>")[0]
    # Never a dead end.
    links = ["tel:999", "tel:08088005000", "tel:08001111", "/contacts/", "/contacts/?nation=wales"]
    links += [f"/contacts/{slug}/"] if slug else []
    wanted = {
        sentence: sentence in words(response),
        **{link: f'href="{link}"' in text for link in links},
        "form": f'action="{FIND}"' in text,
        "one heading": text.count("<h1>") == 1,
        "noindex": '<meta name="robots" content="noindex">' in text and response.headers["X-Robots-Tag"] == "noindex",
        "no cookie": not response.cookies,
        # Browsers keep titles in their history.
        "title without the postcode": title.endswith(" - Hearthside") and (not typed or typed not in title),
    }
    return [what for what, is_there in wanted.items() if not is_there]


def test_answers_say_what_they_are_and_lead_on(places, client):
    lacking = {answer[:2]: lacks(ask(client, answer[0]), *answer) for answer in ANSWERS}
    assert {answer: what for answer, what in lacking.items() if what} == {}


@pytest.mark.parametrize(
    "typed", ["", "   ", "Southend", "SS9 4", "SS9 9ZZ", "SS2 6ER; DROP TABLE", "<script>alert(1)</script>"]
)
def test_mistake_is_told_in_a_summary_with_the_box_refilled(db, client, typed):
    response = ask(client, typed)
    text = response.content.decode()
    assert response.status_code == 422
    assert "<title>Error: " in text
    assert "There is a problem" in text
    assert 'href="#postcode"' in text
    assert 'aria-invalid="true"' in text
    assert response.context["form"]["postcode"].value() == typed
    assert "<script>alert" not in text


def test_split_area_shows_no_single_answer(places, client):
    response = ask(client, "SS9")
    assert response.status_code == 200
    assert "Who to call in" not in words(response)


def test_form_that_was_sent_without_its_box_is_a_mistake(db, client):
    assert client.post(FIND, {}).status_code == 422


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(db, client, method):
    response = getattr(client, method)(FIND)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, POST")


def test_postcode_in_an_address_is_not_answered(places, client):
    response = client.get(FIND, {"postcode": "SS9 5DL"})
    assert response.status_code == 200
    assert "5DL" not in response.content.decode()


def test_postcode_is_written_to_no_log(places, client, caplog):
    caplog.set_level(logging.DEBUG)
    for typed in ("SS9 5DL", "SS9 9ZZ", "SS14 0BW", "nonsense 5DL"):
        ask(client, typed)
    logged = " ".join(record.getMessage() for record in caplog.records if record.name != "django.db.backends")
    assert "5DL" not in logged
    assert "0BW" not in logged


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(max_size=300), st.text(alphabet="SEBTJ019OI A-é\x00\n<", max_size=10)))
def test_any_text_gets_a_page(db, client, text):
    response = ask(client, text)
    assert response.status_code in (200, 303, 422)
    if response.status_code != 303:
        assert response.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "\x00" not in response.content.decode()


@pytest.mark.parametrize("body", [b"postcode=%FF%FE", b"postcode=%00", b"%%%", b"postcode=a&postcode=b", b"\xff"])
def test_broken_body_gets_a_page(db, client, body):
    response = client.post(FIND, body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 422


def test_finder_answers_before_any_places_are_loaded(db, client):
    assert ask(client, "SS9 5DL").status_code == 422
    assert "The list is being prepared." in words(client.get("/contacts/"))


# --- The list -------------------------------------------------------------------------------------------


def test_list_has_every_council_and_trust_by_letter(db, client):
    load_authorities()
    response = client.get("/contacts/")
    text = response.content.decode()
    assert Authority.objects.in_force().count() == 387
    assert [a.slug for a in Authority.objects.in_force() if f'href="/contacts/{a.slug}/"' not in text] == []
    assert [letter.letter for letter in response.context["letters"]] == list("ABCDEFGHIKLMNOPRSTUVWY")
    assert 'href="#letter-Y"' in text
    assert f'action="{FIND}"' in text
    assert "Basildon Essex County Council looks after children here" in words(response)


@pytest.mark.parametrize(
    ("nation", "count"), [("england", 317), ("scotland", 32), ("wales", 22), ("northern-ireland", 16)]
)
def test_list_by_nation(db, client, nation, count):
    load_authorities()
    response = client.get("/contacts/", {"nation": nation})
    assert sum(len(letter.entries) for letter in response.context["letters"]) == count
    assert f"<h1>Who to call: councils in {Nation(nation).label}</h1>" in response.content.decode()


def test_list_of_an_unknown_nation_is_the_whole_list(db, client):
    load_authorities()
    response = client.get("/contacts/", {"nation": "atlantis"})
    assert sum(len(letter.entries) for letter in response.context["letters"]) == 387


def test_list_says_what_became_of_a_council_that_was_split(db, client):
    load_authorities()
    text = words(client.get("/contacts/"))
    assert "Cumbria is now Cumberland and Westmorland and Furness" in text
    assert "Poole is now Bournemouth, Christchurch and Poole" in text


def test_list_and_finder_show_the_three_lines_of_the_licence(places, client):
    for response in (client.get("/contacts/"), client.get(FIND), ask(client, "SS9")):
        text = words(response)
        assert "Contains OS data © Crown copyright and database right 2025." in text
        assert "Contains Royal Mail data © Royal Mail copyright and database right 2025." in text
        assert "Source: Office for National Statistics licensed under the Open Government Licence v.3.0." in text


@pytest.mark.parametrize("rows", [1, 3])
def test_list_takes_the_same_queries_for_any_number_of_councils(db, client, rows, django_assert_num_queries):
    for _ in range(rows):
        old = factories.authority(county=factories.authority(tier="county"))
        old.succeeded_by, old.ended_on = old.parent, "2020-03-31"
        old.save()
        old.also_succeeded_by.add(factories.authority())
    with django_assert_num_queries(5):
        client.get("/contacts/")


@pytest.mark.parametrize("rows", [1, 3])
def test_answer_takes_the_same_queries_for_any_number_of_candidates(db, client, rows, django_assert_num_queries):
    DataSource.objects.create(name="ONSPD", rows=1, year=2026, is_whole=True)
    other = factories.authority()
    Outcode.objects.create(outcode="SS9", authority=other, live_postcodes=1)
    for _ in range(rows):
        Outcode.objects.create(outcode="SS9", authority=factories.authority(), live_postcodes=1)
    with django_assert_num_queries(2):
        assert ask(client, "SS9").status_code == 200


def test_large_user_that_is_retired_says_both(db, client):
    council = factories.authority(name="Somewhere")
    Postcode.objects.create(key=key_of("SS1 1AA"), authority=council, status=Postcode.Status.LARGE_USER_NOT_LIVE)
    assert "belongs to a business or a post office box. It is no longer in use." in words(ask(client, "SS1 1AA"))


def test_channel_islands_row_without_a_known_area_is_outside(db, client):
    Postcode.objects.create(key=key_of("SS1 1AA"), place=Postcode.Place.CHANNEL_ISLANDS)
    assert "We matched SS1 1AA to the Channel Islands." in words(ask(client, "SS1 1AA"))
