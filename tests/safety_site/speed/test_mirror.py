"""The mirror of the whole site: every page as a file, links that work without a server, nothing true only now."""

import html5lib
import pytest
import time_machine
from django.conf import settings
from django.db import connection, transaction
from django.test import override_settings

from reporting.models import Authority
from safety_site import banners, quick_exit
from safety_site.mirror import export
from safety_site.mirror.folder import Folder
from tests import sweep
from tests.conftest import load_shipped
from tests.safety_site.speed.mirrors import OF_NOW, dead_links, pages_of

pytestmark = pytest.mark.django_db  # no test asks for more, but what is made once for all of them needs the tables

EXPORTED_ON = sweep.MOMENT  # Tuesday 1 December 2026 at noon
# Parsed by a strict parser: that takes a while, and pages of one kind are made alike.
PARSED = (
    "/", "/404.html", "/exit/", "/copy/", "/search/", "/feedback/", "/finder/", "/plan/", "/apps/compare/",
    "/contacts/find/", "/contacts/", "/contacts/essex/", "/contacts/aberdeen/", "/contacts/belfast-trust/",
    "/contacts/essex/card/", "/contacts/national/", "/contacts/data/", "/report/", "/report/blackmail/",
    "/report/blackmail/for/parents/", "/topics/", "/topics/age/teen/", "/topics/sending-nudes/",
    "/topics/sending-nudes/age/teen/", "/topics/sending-nudes/handout/", "/apps/", "/apps/age/teen/", "/apps/tiktok/",
    "/apps/omegle/", "/parental-controls/", "/parental-controls/bt/", "/talk/", "/talk/age/teen/", "/age/teen/",
    "/for/professionals/", "/law/", "/leaving-no-trace/", "/leaving-no-trace/tried/", "/privacy/",
)  # fmt: skip


# Some 390 authorities have a page each, all made alike; the test in a browser exports them all.
AUTHORITIES = ("essex", "southend-on-sea", "thurrock", "rochford", "aberdeen", "isle-of-anglesey", "belfast-trust")


def few_councils() -> None:
    """The others go without a look at what names them; all of it is taken back in the end."""
    Authority.objects.exclude(slug__in=AUTHORITIES)._raw_delete(connection.alias)


@pytest.fixture(scope="module")
def whole(django_db_setup, django_db_blocker, tmp_path_factory):
    """The mirror of the whole site, with banners, and with rows of every kind that no reader may see."""
    folder = tmp_path_factory.mktemp("whole")
    answers_to = override_settings(ALLOWED_HOSTS=["families.example"])
    with answers_to, time_machine.travel(EXPORTED_ON), django_db_blocker.unblock(), transaction.atomic():
        load_shipped()
        few_councils()
        hidden = sweep.hide_things()
        sweep.show_banners()
        addresses_listed = list(export._sitemap())
        counts = export.export(folder)
        banners.kept.keep(())
        transaction.set_rollback(True)
    current = Folder(folder).current
    return current, pages_of(current), hidden, addresses_listed, counts


def test_every_address_of_the_sitemap_is_a_page(whole):
    _, pages, _, listed, counts = whole
    assert len(listed) > 150
    assert set(listed) - set(pages) == set()
    assert counts.dead_links == ["/topics/unborn-topic/"] or counts.dead_links == []


def test_no_link_and_no_file_is_dead(whole):
    current, pages, *_ = whole
    assert dead_links(pages, current) == {}


def test_every_page_but_those_that_lead_nowhere_is_linked(whole):
    _, pages, *_ = whole
    linked = {link.partition("#")[0].removeprefix("https://mirror.example") for p in pages.values() for link in p.links}
    unlinked = {"/404.html", "/exit/", "/feedback/", "/finder/", "/plan/", "/apps/compare/"}
    assert set(pages) - linked - unlinked == set()


def test_no_page_of_an_app_leads_to_what_needs_the_full_site(whole):
    _, pages, *_ = whole
    leads = {address for address, page in pages.items() if any("/apps/compare/" in link for link in page.links)}
    assert leads == {"/apps/compare/"}  # to itself
    assert not any("full site-->" in page.words for page in pages.values())


def test_no_page_asks_anything(whole):
    _, pages, *_ = whole
    asked = ("form", "input", "select", "textarea", "iframe", "base", "object", "style")
    assert {address: page.all(*asked) for address, page in pages.items() if page.all(*asked)} == {}


def test_no_page_says_what_is_true_only_now(whole):
    _, pages, *_ = whole
    found = {address: [words for words in OF_NOW if words in each.words.lower()] for address, each in pages.items()}
    assert {address: said for address, said in found.items() if said} == {"/copy/": ["answers now"]}  # where it says so


def test_numbers_come_with_their_hours(whole):
    _, pages, *_ = whole
    assert "Monday to Thursday" in pages["/contacts/essex/"].words
    assert "Monday to Thursday" in pages["/contacts/essex/card/"].words


def test_nothing_that_readers_must_not_see_is_in_a_file(whole):
    current, _, hidden, *_ = whole
    texts = [path.read_bytes() for path in current.resolve().rglob("*") if path.is_file()]
    assert [word for word in hidden if any(word.encode() in text for text in texts)] == []


def test_every_page_has_the_exit_the_guard_its_policy_and_its_age(whole):
    _, pages, *_ = whole
    age = "made on Tuesday 1 December 2026 at 12pm. Numbers may have changed since."
    wrong = {}
    for address, each in pages.items():
        if address == "/exit/":
            continue
        metas = {meta.get("http-equiv") or meta.get("name"): meta.get("content") for meta in each.all("meta")}
        (inline,) = [script for script in each.all("script") if "src" not in script]
        found = [
            metas["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self' 'sha256-"),
            "unsafe" not in metas["Content-Security-Policy"],
            "frame-ancestors" not in metas["Content-Security-Policy"],
            "form-action 'none'" in metas["Content-Security-Policy"],
            metas["referrer"] == "no-referrer",
            inline["data-to"] == settings.QUICK_EXIT_URL,
            quick_exit.EXIT_GUARD in each.text,
            each.text.index("Content-Security-Policy") < each.text.index("<script"),
            [link["href"] for link in each.all("a") if link.get("id") == "quick-exit"] == [settings.QUICK_EXIT_URL],
            age in each.words,
            len(each.loads) == 3,  # the style, the script, and what only an exit asks for
            [html["lang"] for html in each.all("html")] == ["en-GB"],
            len(each.all("h1")) == 1,
            not [link for link in each.all("a") if link.get("target")],
        ]
        if not all(found):
            wrong[address] = found
    assert wrong == {}


def test_titles_are_as_on_the_site_and_each_its_own(whole):
    _, pages, *_ = whole
    by_title = {}
    for address, each in pages.items():
        is_reading = any(f"/{name}/" in address[1:] for name in ("age", "for", "nation"))
        if address != "/exit/" and not is_reading:
            by_title.setdefault(each.text.partition("<title>")[2].partition("</title>")[0], []).append(address)
    assert {title: found for title, found in by_title.items() if len(found) > 1} == {}
    assert [title for title in by_title if not title.endswith(" - Hearthside")] == []


def test_pages_of_every_kind_are_strict_html5(whole):
    _, pages, *_ = whole
    faults = {}
    for address in PARSED:
        parser = html5lib.HTMLParser()
        parser.parse(pages[address].text)
        if parser.errors:
            faults[address] = parser.errors
    assert faults == {}


def test_list_of_all_pages_has_every_page_and_jump_letters(whole):
    _, pages, _, listed, _ = whole
    index = pages["/search/"]
    reached = {link.partition("#")[0].removeprefix("https://mirror.example") for link in index.links}
    not_there = {"/finder/", "/plan/", "/apps/compare/", "/contacts/find/"}  # they need the full site
    assert set(listed) - reached - not_there == {"/contacts/data/"}
    assert {"letter-a", "letter-t", "councils"} <= index.ids
    assert "What it is, what to do" not in index.words
    assert [link for link in index.links if link.endswith("#letter-r")]


def test_readings_by_age_and_audience_are_pages_of_their_own(whole):
    _, pages, *_ = whole
    teen, all_ages = pages["/topics/sending-nudes/age/teen/"], pages["/topics/sending-nudes/"]
    assert "https://mirror.example/topics/sending-nudes/age/teen/" in all_ages.links
    assert "https://mirror.example/topics/sending-nudes/" in teen.links
    assert teen.words != all_ages.words
    assert "/report/for/young-people/" in pages
    assert "/contacts/nation/wales/" in pages


def test_a_banner_of_the_site_says_from_when_it_is(whole):
    _, pages, *_ = whole
    assert "Keep your children in the house. From " in pages["/"].words


def test_files_beside_the_pages_are_there(whole):
    current, *_ = whole
    for name in ("robots.txt", "sitemap.xml", "contacts.csv", ".well-known/security.txt", "contacts/essex/contact.vcf"):
        assert (current / name).stat().st_size > 50, name
    assert "Content-Security-Policy: default-src 'none'" in (current / "_headers").read_text()
    assert "frame-ancestors 'none'" in (current / "_headers").read_text()
