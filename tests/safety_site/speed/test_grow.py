"""Made-up content in a scratch database: what is there, that its pages work, and that no real database is touched."""

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import nullcontext

import phonenumbers
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from guidance.models import AppProfileEdition, ControlGuideEdition, TopicEdition
from reporting.models import Authority, ContactEdition, Coverage, DataSource, Kind, Outcode, Phone, Postcode
from safety_site.editions import Edition
from safety_site.growing import NotEmpty, Numbers, grow, refuse_unless_empty
from safety_site.growing.words import Words

SMALL = Numbers(topics=6, apps=5, guides=4, contacts=1_700, national=20, postcodes=300)


def no_bar(total: int, what: str):
    return nullcontext(lambda done: None)


@pytest.fixture(scope="module")
def grown(loaded):
    """A small grown site, for all tests of this file."""
    places = Authority.objects.in_force().order_by("slug")[:3]
    Outcode.objects.bulk_create(
        Outcode(outcode=outcode, authority=place, live_postcodes=live)
        for outcode, place, live in (("ZE9", places[0], 5), ("ZE9", places[1], 1), ("AB9", places[2], 7))
    )
    grow(SMALL, no_bar, search=True)


def made_up(model: type[Edition]):
    return model.objects.live().filter(imported_from__startswith="made up")


def test_there_is_so_much_of_each_live_and_marked_as_made_up(grown):
    titles = {TopicEdition: "title", AppProfileEdition: "name", ControlGuideEdition: "provider", ContactEdition: "name"}
    for (model, title), count in zip(titles.items(), (6, 5, 4, 1_700), strict=True):
        assert made_up(model).count() == count
        assert made_up(model).filter(**{f"{title}__startswith": "Made up: "}).count() == count
        for edition in made_up(model)[:20]:
            edition.full_clean()
    assert made_up(ContactEdition).exclude(coverage=Coverage.AUTHORITIES).count() == 20


def test_things_have_the_parts_that_real_ones_have(grown):
    edition = made_up(TopicEdition).for_page()[0]
    parts = (edition.sections, edition.facts, edition.starters, edition.resources, edition.audiences, edition.age_bands)
    assert all(part.exists() for part in parts)
    assert edition.related_topics.exists()
    assert edition.related_apps.exists()
    app = made_up(AppProfileEdition).for_page()[0]
    assert (app.ratings.count(), app.features.count(), app.defaults.count()) == (3, 16, 2)
    assert all(part.exists() for part in (app.steps, app.setting_steps, app.links, app.shared_notes))
    guide = made_up(ControlGuideEdition).for_page()[0]
    assert all(part.exists() for part in (guide.uses, guide.steps, guide.related_guides))


def test_each_place_has_one_of_each_number_that_it_should_have_and_some_have_none_to_call(grown):
    live = list(ContactEdition.objects.live().values_list("authorities", "kind"))
    silent = []
    for place in Authority.objects.in_force():
        for kind in (Kind.LADO, Kind.EARLY_HELP):
            assert live.count((place.pk, kind)) == 1, (place, kind)
        to_call = [live.count((place.pk, kind)) for kind in (Kind.FRONT_DOOR, Kind.OUT_OF_HOURS)]
        assert to_call in ([1, 1], [0, 0]), place
        silent += [place.slug] * (to_call == [0, 0])
    assert "aberdeen" in silent
    assert len(silent) < 10


def test_every_phone_has_a_number_that_ofcom_keeps_for_drama(grown):
    """01632 960000 to 960999, 08081 570000 to 570999, 07700 900000 to 900999."""
    phones = Phone.objects.filter(edition__in=made_up(ContactEdition)).values_list("number", "is_text")
    assert len(phones) > 1_700
    for number, is_text in phones:
        drama = r"07700900\d{3}" if is_text else r"(01632960|08081570)\d{3}"
        assert re.fullmatch(drama, number.replace(" ", ""))
        assert phonenumbers.is_possible_number(phonenumbers.parse(number, "GB"))


def test_postcodes_fill_the_table_and_each_is_in_a_council_of_its_outward_code(grown):
    assert Postcode.objects.count() == 300
    assert DataSource.objects.first().name == "Made up by manage.py grow"
    places = set(Outcode.objects.values_list("authority_id", flat=True))
    assert set(Postcode.objects.values_list("authority_id", flat=True)) == places


@pytest.mark.parametrize(
    "path",
    [
        "/", "/topics/", "/topics/made-up-topic-1/", "/topics/made-up-topic-1/handout/", "/apps/",
        "/apps/made-up-app-1/", "/apps/compare/?app=made-up-app-1&app=made-up-app-2", "/parental-controls/",
        "/parental-controls/made-up-guide-1/", "/talk/", "/figures/", "/finder/", "/plan/?app=made-up-app-1",
        "/contacts/", "/contacts/essex/", "/contacts/rutland/", "/contacts/national/", "/report/grooming/",
        "/search/?q=made+up", "/contacts.csv",
    ],
)  # fmt: skip
def test_pages_of_the_grown_site_answer(grown, db, client, path):
    assert client.get(path).status_code == 200


def test_the_search_finds_made_up_pages(grown, db, client):
    title = made_up(TopicEdition).first().title
    assert title in client.get("/search/", {"q": title}).content.decode()


def test_the_same_seed_makes_the_same_words():
    said = [
        [words.title(1), words.html(900), words.phone(7)] for words in (Words(1, "a"), Words(1, "a"), Words(2, "a"))
    ]
    assert said[0] == said[1] != said[2]


# --- What it refuses ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_database_with_any_table_is_refused():
    with pytest.raises(NotEmpty, match="Nothing was changed"):
        refuse_unless_empty()


def test_a_file_that_is_there_is_refused(tmp_path):
    (tmp_path / "db.sqlite3").touch()
    with pytest.raises(CommandError, match=r"db\.sqlite3 is there already"):
        call_command("grow", str(tmp_path / "db.sqlite3"))


@pytest.mark.parametrize("database", ["no-such-folder/new.sqlite3", "mysql://localhost/new"])
def test_an_address_that_names_nothing_new_is_refused(database):
    with pytest.raises(CommandError, match="Name a new file"):
        call_command("grow", database)


def test_numbers_below_zero_are_refused(tmp_path):
    with pytest.raises(CommandError, match="0 or more"):
        call_command("grow", str(tmp_path / "new.sqlite3"), topics=-1)


def test_the_sites_own_database_is_refused_by_the_process_that_fills_it(tmp_path):
    file = tmp_path / "site.sqlite3"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE guidance_topic (slug)")
        before = list(database.iterdump())
    done = subprocess.run(
        [sys.executable, "manage.py", "grow", "--here", "DATABASE_URL"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": f"sqlite:///{file}", "DJANGO_SETTINGS_MODULE": "safety_site.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "There are 1 tables in this database already" in done.stderr
    with sqlite3.connect(file) as database:
        assert list(database.iterdump()) == before
