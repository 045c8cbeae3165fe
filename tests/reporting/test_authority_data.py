"""Authorities and their former codes: what ships, and newer tables."""

from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError

from reporting.models import Authority, FormerCode
from reporting.shipped import load_authorities
from tests.reporting.commands import say

NSPL = Path(__file__).parent / "data" / "nspl_nov2025_real_rows.csv"


@pytest.fixture
def authorities(db):
    load_authorities()


def test_every_council_and_trust_is_there(authorities):
    councils = Authority.objects.in_force().exclude(tier="health-trust")
    assert councils.count() == 382
    assert councils.filter(gss_code__isnull=True).count() == 0
    assert sorted(Authority.objects.filter(tier="health-trust").values_list("council_name", flat=True)) == [
        f"{name} Health and Social Care Trust"
        for name in ("Belfast", "Northern", "South Eastern", "Southern", "Western")
    ]
    assert FormerCode.objects.count() == 64


def test_children_services_are_the_county_for_a_district_and_itself_otherwise(authorities):
    for district in Authority.objects.in_force().filter(tier="district").select_related("children_services"):
        assert district.children_services == district.parent
        assert district.children_services.tier == "county"
    others = Authority.objects.in_force().exclude(tier__in=["district", "ni-district"])
    assert [authority for authority in others if authority.children_services_id != authority.pk] == []
    assert Authority.objects.filter(tier="ni-district", children_services__isnull=False).count() == 0


def test_abolished_council_ended_and_names_its_successor(authorities):
    allerdale = Authority.objects.get(gss_code="E07000026")
    assert (allerdale.ended_on, allerdale.succeeded_by.name) == (date(2023, 3, 31), "Cumberland")
    assert allerdale.succeeded_by.started_on == date(2023, 4, 1)
    assert allerdale.parent.name == "Cumbria"
    successors = Authority.objects.filter(predecessors__in=Authority.objects.ended())
    assert set(successors) <= set(Authority.objects.in_force())


def test_county_that_was_split_names_both_and_neither_as_the_one(authorities):
    cumbria = Authority.objects.get(gss_code="E10000006")
    assert [cumbria.succeeded_by.name, *(a.name for a in cumbria.also_succeeded_by.all())] == [
        "Cumberland",
        "Westmorland and Furness",
    ]
    assert cumbria.children_services is None


def test_recoded_council_keeps_its_row_and_has_a_former_code(authorities):
    assert FormerCode.objects.get(code="E08000016").authority.gss_code == "E08000038"
    assert not Authority.objects.filter(gss_code="E08000016").exists()


def test_second_import_of_authorities_changes_nothing(authorities):
    said = say("import_authorities")
    assert "added: 0." in said
    assert "changed: 0." in said
    assert "Former codes added: 0." in said


def authority_file(tmp_path: Path, *lines: str) -> Path:
    target = tmp_path / "authorities.csv"
    target.write_text(
        "\n".join(
            [
                "govuk_slug,gss_code,name,council_name,nation,tier,parent_gss,children_services_gss,"
                "started_on,ended_on,succeeded_by",
                *lines,
            ]
        )
        + "\n"
    )
    return target


def test_coming_council_can_be_added_with_what_it_replaces(authorities, tmp_path):
    file = authority_file(
        tmp_path,
        "west-example,E06000099,West Example,West Example Council,England,unitary,,E06000099,2027-04-01,,",
        "rochford,E07000075,Rochford,Rochford District Council,England,district,E10000012,E10000012,,2027-03-31,"
        "west-example",
    )
    said = say("import_authorities", file)
    assert "added: 1 (West Example)." in said
    assert "changed: 1 (Rochford)." in said
    rochford = Authority.objects.get(slug="rochford")
    assert (rochford.ended_on, rochford.succeeded_by.slug) == (date(2027, 3, 31), "west-example")
    assert Authority.objects.get(slug="west-example").children_services.slug == "west-example"
    assert Authority.objects.get(slug="basildon").parent.slug == "essex"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("a,E06000099,A,A Council,Atlantis,unitary,,,,,", "unknown nation: 'Atlantis'"),
        ("a,E06000099,A,A Council,England,kingdom,,,,,", "unknown tier: 'kingdom'"),
        ("a,E06000099,A,A Council,England,unitary,,E99999999,,,", "speaks of 'E99999999'"),
        ("a,E06000099,A,A Council,England,unitary,,,,2027-03-31,", "has a last day but no successor"),
        ("a,E06000099,A,A Council,England,unitary,,,31/3/2027,,", "has '31/3/2027' for a date"),
        ("a b,E06000099,A,A Council,England,unitary,,,,,", "'a b' cannot be part of an address"),
        ("a,E06000099,,A Council,England,unitary,,,,,", "The name of 'a' is empty or too long"),
        ("a,E06000099,A,A Council,England,unitary,,,,,\na,E06000098,A,A Council,England,unitary,,,,,", "'a' twice"),
    ],
)
def test_wrong_file_of_authorities_changes_nothing(authorities, tmp_path, line, sentence):
    with pytest.raises(CommandError, match="Nothing was changed") as problem:
        say("import_authorities", authority_file(tmp_path, line))
    assert sentence in str(problem.value)
    assert Authority.objects.count() == 435


def test_file_that_is_no_table_of_authorities_is_refused(authorities, tmp_path):
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    for file in (NSPL, tmp_path / "picture.csv", tmp_path / "nothing.csv"):
        with pytest.raises(CommandError, match="Nothing was changed"):
            say("import_authorities", file)
