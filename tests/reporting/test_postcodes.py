"""Reading what people type, and finding who runs children's services there."""

import csv
import gzip
import random
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from reporting.models import Authority, DataSource, Nation, Outcode, Postcode
from reporting.postcodes import LONGEST_TEXT, Outcome, find, key_of, outward_key, read
from reporting.shipped import POSTCODES, load_places

DATA = Path(__file__).parent / "data"
CASES = list(csv.DictReader((DATA / "postcode_test_cases.csv").read_text(encoding="utf-8").splitlines()))

GREATER_ESSEX = {*(f"E070000{number}" for number in range(66, 78)), "E06000033", "E06000034"}

# What the table of cases calls the outcomes, in the words of the code.
EXPECTED = {
    "found": {Outcome.FOUND, Outcome.LARGE_USER},
    "found_not_live": {Outcome.NOT_LIVE},
    "no_council": {Outcome.NO_COUNCIL},
    "outside_uk": {Outcome.OUTSIDE_UK},
    "northern_ireland": {Outcome.NORTHERN_IRELAND},
    "need_full_postcode": {Outcome.CHOOSE},
    "single_council_outcode": {Outcome.OUTCODE},
    "not_found": {Outcome.NOT_FOUND},
    "invalid": {Outcome.NOT_A_POSTCODE},
}


@pytest.fixture
def places(db):
    """What ships, and two real rows of ONSPD from elsewhere."""
    load_places()
    for postcode, code in (("AB1 0AA", "S12000033"), ("SE1 9ZZ", "E09000028")):
        Postcode.objects.create(key=key_of(postcode), authority=by_code(code), status=Postcode.Status.NOT_LIVE)


def by_code(code: str) -> Authority:
    return Authority.objects.get(gss_code=code)


# --- Reading --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['category']}-{case['input'].strip()}")
def test_case_is_read_as_stated(case):
    assert str(read(case["input"]) or "") == case["normalised"]


@pytest.mark.parametrize(
    "text",
    [
        "ss26er", "SS2 6ER", " ss2\t6er\n", "SS2-6ER", "SS2–6ER", "ss2.6er.", "S S 2 6 E R", "（ＳＳ２　６ＥＲ）",
        "ｓｓ２６ｅｒ", "SS2\u00a06ER", "SS2\u200b6ER", "\ufeffSS2 6ER", "“SS2 6ER”", "SS2_6ER", "SS2 6ER!",
        "Postcode: SS2 6ER", "Civic Centre, Southend-on-Sea SS2 6ER", "1 High St,\nSouthend,\nEssex\nSS26ER",
        "12 High Street, SS2 6ER, UK", "SS2 6ER, England", "SS2 6ER United Kingdom.",
    ],
)  # fmt: skip
def test_text_that_people_paste_is_read(text):
    assert str(read(text)) == "SS2 6ER"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("SSO 0EF", "SS0 0EF"), ("SSO OEF", "SS0 0EF"), ("SSI IFP", "SS1 1FP"), ("C01 1AA", "CO1 1AA"),
        ("C0IO IAA", "CO10 1AA"), ("1G1 1AA", "IG1 1AA"), ("S11 1AA", "S11 1AA"), ("SII IAA", "S11 1AA"),
        ("GIO 1AA", "G10 1AA"), ("0X1 2AB", "OX1 2AB"), ("E1O 5AA", "E10 5AA"), ("SWIA OAA", "SW1A 0AA"),
        ("ECIA IBB", "EC1A 1BB"), ("SSO", "SS0"), ("GIR 0AA", "GIR 0AA"), ("NPT 4AA", "NPT 4AA"),
    ],
)  # fmt: skip
def test_o_for_0_and_i_for_1_are_put_right_by_position(typed, meant):
    assert str(read(typed)) == meant


@pytest.mark.parametrize(
    "text",
    [
        "Woking", "Ilford", "Wix", "London", "Epping", "Southend-on-Sea", "Rio", "SS2 66R", "SS9 4", "SS2 6E",
        "SS2 6ER SS9 5DL", "SS2 6ER; DROP TABLE", "'; DROP TABLE postcodes; --", "<script>", "ß2 6ER", "٣٣ ٣٣",
        "SS2\x006ER", "x" * LONGEST_TEXT + " SS2 6ER", "S" * 10_000, "", "-", "\0", "💥", "SS2 6ER 💥 1AA",
    ],
)  # fmt: skip
def test_text_that_is_no_postcode_is_not_read(text):
    assert read(text) is None


@given(st.text(max_size=60))
def test_reading_takes_any_text(text):
    written = read(text)
    assert written is None or read(str(written)) == written


@given(st.text(alphabet="SE1O0I9A -.", max_size=12))
def test_what_was_read_is_read_the_same_again(text):
    written = read(text)
    assert written is None or read(str(written)) == written


# --- Keys -----------------------------------------------------------------------------------------------


def test_keys_sort_as_postcodes_do():
    postcodes = ["AB1 0AA", "AB10 1AA", "B1 1AA", "SS1 1AA", "SS1 1AB", "SS1 2AA", "SS10 1AA", "SS2 6ER", "SW1A 0AA"]
    assert sorted(postcodes, key=key_of) == postcodes
    assert len({key_of(postcode) for postcode in postcodes}) == len(postcodes)


def test_key_begins_with_its_outward_code():
    assert outward_key("SS2") < key_of("SS2 6ER") < outward_key("SS20")


def test_key_of_another_sign_is_refused():
    with pytest.raises(KeyError):
        key_of("ss2 6er")


# --- Finding --------------------------------------------------------------------------------------------


def wrong_of(case) -> dict:
    """What of a case is not as the table states."""
    result = find(case["input"])
    found = {"outcome": result.outcome in EXPECTED[case["expected"]]}
    if case["lad_gss"]:
        found["authority"] = result.authority.gss_code == case["lad_gss"]
        found["name"] = result.authority.name == case["lad_name"]
        found["service"] = result.service.gss_code == case["children_services_gss"]
    if case["category"] == "large_user_outcode":
        found["large user"] = result.outcome == Outcome.LARGE_USER
    return {what: result for what, is_right in found.items() if not is_right}


def test_every_case_of_the_table_is_found_as_stated(places):
    assert len(CASES) == 166
    wrong = {(case["category"], case["input"]): wrong_of(case) for case in CASES}
    assert {case: what for case, what in wrong.items() if what} == {}


def live_in_greater_essex() -> list[tuple[str, str]]:
    """(postcode, GSS code) from the file that ships."""
    with gzip.open(POSTCODES, "rt", newline="") as stream:
        return [
            (f"{row['outcode']} {inward}", row["gss_code"])
            for row in csv.DictReader(stream)
            if row["status"] == "0" and row["gss_code"] in GREATER_ESSEX
            for inward in row["inward_codes"].split()
        ]


def six_ways(postcode: str) -> list[str]:
    mixed = {"0": "O", "O": "0", "1": "I", "I": "1"}
    full_width = "".join(chr(ord(c) + 0xFEE0) if c != " " else "\u3000" for c in postcode)
    swapped = "".join(mixed.get(c, c) for c in postcode)
    pasted = f" 12 High Street,\n Essex\n{postcode}. "
    return [postcode, postcode.replace(" ", "").lower(), postcode.replace(" ", "-"), full_width, swapped, pasted]


def test_300_random_postcodes_typed_in_six_ways_reach_their_council(places):
    chosen = random.Random(20261122).sample(live_in_greater_essex(), 300)  # noqa: S311
    assert {code for _, code in chosen} == GREATER_ESSEX
    found = {text: find(text).authority.gss_code for postcode, _ in chosen for text in six_ways(postcode)}
    assert found == {text: code for postcode, code in chosen for text in six_ways(postcode)}


def test_found_postcode_takes_one_query(places, django_assert_num_queries):
    with django_assert_num_queries(1):
        result = find("SS9 5DL")
        assert (result.authority.name, result.service.name, result.nation) == ("Rochford", "Essex", Nation.ENGLAND)


@pytest.mark.parametrize("text", ["BT1 1AA", "JE2 4WD", "BFPO 57", "BF1 2AB", "Southend", ""])
def test_what_no_table_knows_takes_no_query(db, django_assert_num_queries, text):
    with django_assert_num_queries(0):
        find(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [("JE2 4WD", "Jersey"), ("gy1 1aa", "Guernsey"), ("IM1 1AD", "the Isle of Man"), ("JE2", "Jersey")],
)
def test_crown_dependency_is_named(text, place):
    result = find(text)
    assert (result.outcome, result.place) == (Outcome.OUTSIDE_UK, place)


@pytest.mark.parametrize("text", ["BFPO 57", "bfpo57", "BFPO-1234", "BF1 2AB", "BF1"])
def test_forces_address_is_known(text):
    assert find(text).outcome == Outcome.FORCES


def services_of(result) -> dict[str, list[str]]:
    return {c.service.name: [council.name for council in c.councils] for c in result.candidates}


def test_shared_outward_code_offers_every_childrens_service(places):
    assert services_of(find("SS9")) == {"Southend-on-Sea": ["Southend-on-Sea"], "Essex": ["Rochford", "Castle Point"]}
    assert find("SS9").authority is None


def test_outward_code_of_several_districts_of_one_county_leads_to_the_county(places):
    result = find("CM4")
    assert (result.outcome, result.authority.name, result.from_outcode) == (Outcome.OUTCODE, "Essex", False)
    assert services_of(result) == {"Essex": ["Brentwood", "Chelmsford", "Epping Forest", "Basildon"]}


def test_council_with_only_dead_postcodes_does_not_split_an_outward_code(places):
    assert Outcode.objects.filter(outcode="SS12", authority__name="Thurrock", live_postcodes=0).exists()
    assert find("SS12").service.name == "Essex"


def test_outward_code_that_is_no_longer_in_use_says_so(places):
    result = find("AB1")
    assert (result.outcome, result.is_live) == (Outcome.CHOOSE, False)
    assert services_of(result) == {"Aberdeen City": ["Aberdeen City"], "Aberdeenshire": ["Aberdeenshire"]}


@pytest.mark.parametrize(
    ("postcode", "name", "nation"),
    [
        ("M1 1AD", "Manchester", "england"),
        ("EH1 1YZ", "City of Edinburgh", "scotland"),
        ("CF10 1AA", "Cardiff", "wales"),
    ],
)
def test_postcode_that_is_not_shipped_falls_back_to_its_outward_code(places, postcode, name, nation):
    result = find(postcode)
    assert (result.outcome, result.from_outcode) == (Outcome.OUTCODE, True)
    assert (result.authority.name, result.nation) == (name, nation)


def test_postcode_that_is_not_shipped_in_a_shared_outward_code_offers_all(places):
    result = find("N7 7AJ")
    assert (result.outcome, result.from_outcode) == (Outcome.CHOOSE, True)
    assert list(services_of(result)) == ["Islington", "Camden"]


def test_unknown_postcode_of_an_area_that_ships_in_full_is_not_found(places):
    assert find("SS9 9ZZ").outcome == Outcome.NOT_FOUND


def test_unknown_postcode_is_not_found_once_every_postcode_is_there(places):
    DataSource.objects.create(name="ONSPD", rows=1, year=2026, is_whole=True)
    assert find("M1 1AD").outcome == Outcome.NOT_FOUND
    assert find("M1").authority.name == "Manchester"


def test_postcode_without_a_council_offers_those_around_it(places):
    result = find("N1P 3JJ")
    assert (result.outcome, result.authority) == (Outcome.NO_COUNCIL, None)
    assert services_of(result) == {"Islington": ["Islington"]}


def test_nothing_is_found_before_places_are_loaded(db):
    assert find("SS9 5DL").outcome == Outcome.NOT_FOUND


def test_postcode_of_an_ended_council_leads_to_its_successor(places):
    Postcode.objects.filter(key=key_of("SS9 5DL")).update(authority=by_code("E07000027"))
    result = find("SS9 5DL")
    assert (result.outcome, result.authority.name) == (Outcome.FOUND, "Westmorland and Furness")


def test_postcode_of_a_council_that_was_split_offers_both(places):
    Postcode.objects.filter(key=key_of("SS9 5DL")).update(authority=by_code("E10000006"))
    result = find("SS9 5DL")
    assert result.outcome == Outcome.CHOOSE
    assert services_of(result) == {
        "Cumberland": ["Cumberland"], "Westmorland and Furness": ["Westmorland and Furness"]
    }  # fmt: skip


def test_council_that_ends_tomorrow_still_answers_today(places):
    rochford = by_code("E07000075")
    rochford.ended_on, rochford.succeeded_by = timezone.localdate(), by_code("E06000033")
    rochford.save()
    assert find("SS9 5DL").authority == rochford
    rochford.ended_on -= timedelta(days=1)
    rochford.save()
    assert find("SS9 5DL").authority.name == "Southend-on-Sea"


def test_result_does_not_tell_the_postcode_to_a_log(places):
    result = find("SS9 5DL")
    assert result.written == "SS9 5DL"
    assert "5DL" not in repr(result)
