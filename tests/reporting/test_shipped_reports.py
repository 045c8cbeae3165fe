"""What ships of the guided way to report: thirteen worries, and every platform."""

import re
from itertools import chain

import html5lib
import pytest

from reporting import concern_presenters
from reporting.models import ConcernEdition, ContactEdition, PlatformLink, PlatformRoute
from safety_site import vocabulary
from safety_site.vocabulary import Audience
from tests.reading_age import MAXIMUM_GRADE, grade

pytestmark = pytest.mark.django_db

NEVER_COPY = "Never screenshot, save or forward a sexual image of anyone under 18."

# Every entry of the facts that the site was written from.
SHIPPED = {
    "bereal", "character-ai", "chatgpt", "discord", "facebook", "fortnite", "houseparty", "instagram", "kik",
    "messenger", "minecraft", "nintendo", "omegle", "pinterest", "playstation", "reddit", "roblox", "snapchat",
    "steam", "telegram", "tiktok", "twitch", "whatsapp", "x", "xbox", "youtube", "youtube-kids", "yubo",
}  # fmt: skip


@pytest.fixture(autouse=True)
def content(loaded):
    """Every test here asks about what ships."""


@pytest.fixture
def shipped(db) -> dict[str, ConcernEdition]:
    return {edition.concern.slug: edition for edition in ConcernEdition.objects.live().for_page()}


def all_words(edition) -> list[str]:
    points = [point.words for point in edition.points.all()]
    routes = [route.why for route in edition.routes.all()]
    return [edition.summary, *points, *routes, edition.after_report, edition.anonymity, edition.keep]


def test_every_concern_of_the_vocabulary_ships_in_its_order(shipped):
    in_order = sorted(shipped, key=lambda slug: shipped[slug].order)
    assert in_order == vocabulary.Concern.values


def test_every_shipped_concern_tells_each_audience_what_to_do_and_what_not(shipped):
    thin = {
        (slug, audience, kind): len(points)
        for slug, edition in shipped.items()
        for audience in ("", *Audience.values)
        for kind, points in concern_presenters.points_for(edition, audience).items()
        if len(points) < (2 if kind == "DO_NOT" else 3)
    }
    assert thin == {}


def test_every_shipped_concern_says_what_never_to_copy(shipped):
    assert [slug for slug, edition in shipped.items() if NEVER_COPY not in edition.keep] == []


def test_every_shipped_concern_begins_with_999(shipped):
    first = {slug: concern_presenters.points_for(edition, "")["DO"][0].words for slug, edition in shipped.items()}
    assert {slug: said for slug, said in first.items() if "call 999" not in said.lower()} == {}


def test_every_shipped_contact_of_a_concern_is_live(shipped):
    live = set(ContactEdition.objects.live().open_services().values_list("contact", flat=True))
    routes = chain.from_iterable(edition.routes.all() for edition in shipped.values())
    assert [str(route.contact) for route in routes if route.contact_id not in live] == []


def test_every_shipped_concern_has_two_contacts_for_each_audience(shipped):
    live = list(ContactEdition.objects.live().open_services().for_page())

    def first(edition, audience):
        found = concern_presenters.contacts_for(edition.routes.all(), live, audience).first
        return [row.contact.name for row in found]

    named = {(slug, a): first(edition, a) for slug, edition in shipped.items() for a in ("", *Audience.values)}
    assert {key: names for key, names in named.items() if len(names) < 2} == {}


def test_no_shipped_text_holds_a_number_that_nobody_can_correct_in_one_place(shipped):
    # Numbers are in the contacts. The texts name 999, 101 and NHS 111, and the years of acts.
    allowed = {"999", "101", "111", "1989", "2003", "2015", "1990", "2016", "2023", "2025"}
    texts = {slug: " ".join(all_words(edition)) for slug, edition in shipped.items()}
    odd = {slug: set(re.findall(r"\d(?: ?\d){2,}", text)) - allowed for slug, text in texts.items()}
    assert {slug: numbers for slug, numbers in odd.items() if numbers} == {}


def test_reading_age_of_every_shipped_concern(shipped):
    grades = {slug: grade([f"<p>{text}</p>" for text in all_words(edition)]) for slug, edition in shipped.items()}
    assert {slug: measured for slug, measured in grades.items() if measured > MAXIMUM_GRADE} == {}


def test_every_shipped_concern_has_a_page_for_each_audience(client, shipped):
    addresses = [f"/report/{slug}/{asked}" for slug in shipped for asked in ("", *(f"?for={a}" for a in Audience))]
    assert {a: client.get(a).status_code for a in addresses} == dict.fromkeys(addresses, 200)


def test_every_platform_of_the_facts_ships():
    assert set(PlatformRoute.objects.live().values_list("slug", flat=True)) == SHIPPED


def test_shipped_platforms_were_checked():
    assert [row.slug for row in PlatformRoute.objects.live() if not (row.checked_on and row.source)] == []


def test_shipped_closed_platforms_are_those_that_ended():
    assert set(PlatformRoute.objects.exclude(closed="").values_list("slug", flat=True)) == {"houseparty", "omegle"}


def test_shipped_page_links_only_to_what_was_seen(client):
    confirmed = set(PlatformLink.objects.confirmed().values_list("url", flat=True))
    unconfirmed = set(PlatformLink.objects.filter(is_confirmed=False).values_list("url", flat=True)) - confirmed
    assert confirmed
    assert unconfirmed
    tree = html5lib.parse(client.get("/report/platforms/").content.decode(), namespaceHTMLElements=False)
    main = next(tree.iter("main"))
    shown = {a.get("href") for a in main.iter("a") if a.get("href").startswith("https:")}
    assert shown == confirmed
    assert not shown & unconfirmed
