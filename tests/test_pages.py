"""What holds on every page that a visitor can reach, error pages included, with the content that ships.

A failure names the pages at fault: each test collects what is wrong by address and expects nothing.
"""

import base64
import gzip
import hashlib
import re
from itertools import pairwise

import brotli
import pytest
import time_machine
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import transaction

from guidance.feedback import takes_answers
from guidance.models import AppProfile, ControlGuide, Topic
from safety_site.icons import tab_icon_address
from tests import sweep
from tests.sweep import SITE, Page, Swept, words_of

EXIT = {"id": "quick-exit", "href": "https://www.bbc.co.uk/weather", "rel": "nofollow noreferrer"}
CONTROLS = ("a", "button", "input", "select", "textarea", "summary")
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker) -> Swept:
    """Everything fetched once, in a transaction that is then taken back."""
    with time_machine.travel(sweep.MOMENT), django_db_blocker.unblock(), transaction.atomic():
        swept = sweep.fetch_everything()
        transaction.set_rollback(True)
    return swept


def faults(pages, look) -> dict:
    """What ``look`` finds wrong, by address; it returns something empty for a page that is right."""
    found = {page.address: look(page) for page in pages}
    return {address: wrong for address, wrong in found.items() if wrong}


# --- That there is an answer, and the right one ---------------------------------------------------------


def test_sweep_reaches_every_kind_of_page(site):
    kinds = {re.sub(r"^/(\w[\w-]*)/.+?/?(\?.*)?$", r"/\1/…", address) for address in site.pages}
    assert {"/", "/age/…", "/topics/", "/topics/…", "/apps/", "/apps/…", "/parental-controls/"} <= kinds
    assert {"/parental-controls/…", "/talk/", "/for/…", "/leaving-no-trace/", "/about/", "/privacy/"} <= kinds
    assert {"/report/", "/report/…", "/contacts/", "/contacts/…", "/plan/", "/finder/"} <= kinds
    assert "/topics/sending-nudes/handout/" in site.pages
    own, ages, topics, apps, controls = 24, 3, 27, 38, 45
    worries, authorities = 13, 382 + 5  # councils, and health and social care trusts
    assert len(site.sitemap) == own + ages + topics + apps + controls + worries + authorities


def test_every_page_answers_200(site):
    assert faults(site.pages.values(), lambda page: page.status if page.status != 200 else None) == {}


def test_every_error_page_has_its_status(site):
    assert {name: page.status for name, page in site.errors.items()} == {name: int(name) for name in site.errors}


def test_other_answers_have_their_status(site):
    assert {address: page.status for address, page in site.others.items()} == {
        "/robots.txt": 200, "/sitemap.xml": 200, "/.well-known/security.txt": 200, "/health/live": 200,
        "/health/ready": 200, "/exit/": 303, "/topics": 301,
    }  # fmt: skip


def test_every_sitemap_address_is_linked_from_the_pages(site):
    linked = {sweep.without_fragment(link) for page in site.pages.values() for link in page.internal_links}
    assert set(site.sitemap) - linked == set()


# --- HTML -----------------------------------------------------------------------------------------------


def test_every_page_is_html_in_utf_8(site):
    assert {page.response.headers["Content-Type"] for page in site.all_pages} == {"text/html; charset=utf-8"}


def test_every_page_is_strict_html5(site):
    assert faults(site.all_pages, lambda page: page.parse_errors) == {}


def test_every_page_names_its_language(site):
    assert {page.tree.get("lang") or page.all("html")[0].get("lang") for page in site.all_pages} == {"en-GB"}


def title(page: Page) -> str:
    (element,) = page.all("title")
    return element.text


def test_every_title_ends_with_the_name_of_the_site(site):
    assert faults(site.all_pages, lambda page: not re.fullmatch(r"\S.*\S - Hearthside", title(page))) == {}


def test_every_title_is_its_own(site):
    by_title: dict[str, list[str]] = {}
    for page in site.all_pages:
        if "?" not in page.address:
            by_title.setdefault(title(page), []).append(page.address)
    assert {name: addresses for name, addresses in by_title.items() if len(addresses) > 1} == {}


def test_every_page_has_one_h1_with_words(site):
    assert faults(site.all_pages, lambda page: [bool(words_of(h)) for h in page.all("h1")] != [True]) == {}


def test_headings_skip_no_level(site):
    def skips(page):
        levels = [int(heading.tag[1]) for heading in page.all(*HEADINGS)]
        return [pair for pair in pairwise(levels) if pair[1] > pair[0] + 1] or levels[0] != 1

    assert faults(site.all_pages, skips) == {}


def test_no_heading_link_or_button_is_empty(site):
    tags = (*HEADINGS, "a", "button", "summary")
    assert faults(site.all_pages, lambda page: [e.tag for e in page.all(*tags) if not words_of(e)]) == {}


def test_ids_are_unique(site):
    assert faults(site.all_pages, lambda page: {i for i in page.ids if page.ids.count(i) > 1}) == {}


def test_ids_that_attributes_name_exist(site):
    names = ("aria-labelledby", "aria-describedby", "aria-controls", "for")

    def missing(page):
        named = {i for e in page.tree.iter() for name in names for i in e.get(name, "").split()}
        return named - set(page.ids)

    assert faults(site.all_pages, missing) == {}


# --- Headers --------------------------------------------------------------------------------------------


def inline_script_hashes(page: Page) -> list[str]:
    scripts = ["".join(script.itertext()) for script in page.all("script") if script.get("src") is None]
    return [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]


def test_every_page_has_the_same_one_inline_script(site):
    assert len(inline_script_hashes(site.pages["/"])) == 1
    assert {tuple(inline_script_hashes(page)) for page in site.all_pages} == {
        tuple(inline_script_hashes(site.pages["/"]))
    }


def policy(page: Page) -> dict[str, str]:
    """The policy by directive; django-csp writes the directives in no fixed order."""
    directives = page.response.headers["Content-Security-Policy"].split("; ")
    names = [directive.split()[0] for directive in directives]
    assert len(set(names)) == len(names)
    return dict(directive.split(" ", 1) for directive in directives)


def test_every_answer_has_exactly_this_security_policy(site):
    expected = {
        "default-src": "'none'",
        "script-src": f"'self' 'sha256-{inline_script_hashes(site.pages['/'])[0]}'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "media-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert {page.address: policy(page) for page in site.all_answers} == {
        page.address: expected for page in site.all_answers
    }


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Cache-Control", "no-store"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("X-Content-Type-Options", "nosniff"),
        ("Strict-Transport-Security", None),  # HTTPS_ONLY is off here; test_settings.py has it on
        (
            "Permissions-Policy",
            "fullscreen=(self), accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), "
            "geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), "
            "picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), usb=(), xr-spatial-tracking=()",
        ),
    ],
)
def test_every_answer_has_the_header(site, header, value):
    # Of what a 429 says to editors about caching, Django's login page has the first word.
    answers = [page for page in site.all_answers if (header, page.address) != ("Cache-Control", "429")]
    found = {page.address: page.response.headers.get(header) for page in answers}
    assert {address: got for address, got in found.items() if got != value} == {}
    assert "no-store" in site.errors["429"].response.headers["Cache-Control"]


def test_no_answer_sets_a_cookie(site):
    # The 429 answers an editor's login, which has a cookie against forged forms.
    answers = [page for page in site.all_answers if page.address != "429"]
    assert faults(answers, lambda page: page.response.cookies or page.response.headers.get("Set-Cookie")) == {}
    assert faults(answers, lambda page: "cookie" in page.response.headers.get("Vary", "").lower()) == {}


# --- What a page loads ----------------------------------------------------------------------------------


def loaded(page: Page) -> list[str]:
    """Every address that the browser asks for by itself on this page."""
    found = [e.get("href") for e in page.all("link", f"{SVG}use", f"{SVG}image")]
    for attribute in ("src", "srcset", "data", "poster", "background", "ping"):
        found += [e.get(attribute) for e in page.tree.iter() if e.get(attribute) is not None]
    return [address for address in found if address is not None]


def test_every_page_loads_own_files_only(site):
    files = ["/static/css/site.css", "/static/js/quick-exit.js"]
    ours = [tab_icon_address(), *files]
    assert faults(site.all_pages, lambda page: loaded(page) if loaded(page) != ours else None) == {}
    assert [file for file in files if not finders.find(file.removeprefix("/static/"))] == []


def test_no_page_has_what_the_policy_would_block_or_an_exit_could_not_leave(site):
    elements = ("style", "iframe", "object", "embed", "applet", "base", "dialog", "audio", "video", "portal")

    def wrong(page):
        tags = [element.tag for element in page.all(*elements)]
        attributes = [a for e in page.tree.iter() for a in e.attrib if a == "style" or a.startswith("on")]
        refresh = [meta.get("http-equiv") for meta in page.all("meta") if meta.get("http-equiv")]
        return tags + attributes + refresh

    assert faults(site.all_pages, wrong) == {}


# What may be posted, and where to: a postcode, yes or no to a page, words about a page. Nothing that asks who it is.
POSTED = {
    ("/contacts/find/", frozenset({"postcode"})),
    ("/feedback/", frozenset({"page", "useful"})),
    ("/feedback/", frozenset({"page", "token", "useful", "comment", "website"})),  # the last is the box for programs
}


def test_every_form_stays_here_and_only_these_fields_are_posted(site):
    """A form of ours asks by address, so that it needs nothing kept; what a visitor types must not stand in one."""

    def wrong(page):
        found = []
        for form in page.all("form"):
            fields = {e.get("name") for e in form.iter() if e.tag in ("input", "textarea", "select", "button")} - {None}
            posts = form.get("method", "get") == "post"
            typed = {"postcode", "comment"} & fields
            if posts and (form.get("action"), frozenset(fields)) not in POSTED:
                found.append((form.attrib, fields))
            if not posts and (typed or not form.get("action", "").startswith(("/", "?"))):
                found.append((form.attrib, fields))
        return found

    assert faults(site.all_pages, wrong) == {}
    posted = [form for page in site.all_pages for form in page.all("form") if form.get("method") == "post"]
    assert {form.get("action") for form in posted} == {"/contacts/find/", "/feedback/"}


def test_pages_that_take_answers_and_no_others_ask_for_one(site):
    """The form of every page that asks opens, and knows which page it is about."""

    def asks(page):
        return [form for form in page.all("form") if form.get("action") == "/feedback/"]

    asking = {address for address, page in site.pages.items() if asks(page) and not address.startswith("/feedback/")}
    assert {address for address in asking if not takes_answers(address.partition("?")[0])} == set()
    wanted = {address for address in site.pages if takes_answers(address.partition("?")[0])}
    assert wanted - asking == set()
    forms = {f"/feedback/?page={address.partition('?')[0]}" for address in asking}
    assert {address for address in forms if not asks(site.pages[address])} == set()
    assert {address for address in site.errors if asks(site.errors[address])} == set()


def test_form_for_an_answer_is_for_no_search_engine(site):
    forms = [page for address, page in site.pages.items() if address.startswith("/feedback/")]
    assert faults(forms, lambda page: page.response.headers.get("X-Robots-Tag") != "noindex") == {}
    assert [address for address in site.sitemap if "feedback" in address] == []


def test_guard_comes_before_anything_that_loads(site):
    def order(page):
        head = [element.tag for element in page.all("head")[0]]
        return head if head[:2] != ["meta", "script"] else None

    assert faults(site.all_pages, order) == {}


def test_every_page_weighs_at_most_40_kilobytes_over_the_wire(site):
    paths = ("css/site.css", "js/quick-exit.js")
    files = 0
    for path in paths:
        with open(finders.find(path), "rb") as file:
            files += len(brotli.compress(file.read()))
    sizes = {page.address: files + len(gzip.compress(page.response.content, 6)) for page in site.all_pages}
    assert {address: size for address, size in sizes.items() if size > 40_000} == {}


# --- Links ----------------------------------------------------------------------------------------------


def test_every_link_of_ours_leads_to_a_page(site):
    def dead(page):
        targets = map(sweep.without_fragment, page.internal_links)
        return [target for target in targets if target not in site.pages]

    assert faults(site.all_pages, dead) == {}


def test_every_fragment_is_on_the_page_that_it_names(site):
    def missing(page):
        found = []
        for link in page.internal_links:
            address, _, fragment = link.partition("#")
            # An error page stands at no address of its own; its "#help" is on itself.
            here = page if address == f"{SITE}/" and page.address in site.errors else None
            target = here or site.pages[sweep.without_fragment(link)]
            if fragment and fragment not in target.ids:
                found.append(link)
        return found

    assert faults(site.all_pages, missing) == {}


def test_every_other_link_is_https_or_a_number_to_call(site):
    allowed = re.compile(r"http://testserver/|https://[^/@:]+(/|$)|(tel|sms):\+?\d+$|mailto:[\w.+-]+@[\w.-]+$")
    assert faults(site.all_pages, lambda page: [link for link in page.links if not allowed.match(link)]) == {}


def test_every_link_to_another_site_says_noreferrer_and_opens_in_place(site):
    def wrong(page):
        outside = [link for link in page.all("a") if link.get("href", "").startswith("https:")]
        return [
            link.get("href")
            for link in outside
            if "noreferrer" not in link.get("rel", "").split() or link.get("target") is not None
        ]

    assert faults(site.all_pages, wrong) == {}


# --- The way out, help, and when it was checked ---------------------------------------------------------


def body_controls(page: Page) -> list:
    return [control for control in page.all("body")[0].iter() if control.tag in CONTROLS]


def test_every_page_has_the_exit_as_its_first_control_after_the_skip_links(site):
    assert EXIT["href"] == settings.QUICK_EXIT_URL

    def wrong(page):
        skips = [link for block in page.with_class("skip-links") for link in block.iter("a")]
        first = next(control for control in body_controls(page) if control not in skips)
        return None if dict(first.attrib) == EXIT and first.tag == "a" else first.attrib

    assert faults(site.all_pages, wrong) == {}
    assert faults(site.all_pages, lambda page: page.ids.count("quick-exit") != 1) == {}


def test_exit_is_among_the_first_three_tab_stops(site):
    def place(page):
        ids = [control.get("id") for control in body_controls(page)]
        return ids.index("quick-exit") if ids.index("quick-exit") > 2 else None

    assert faults(site.all_pages, place) == {}
    assert (
        faults(site.all_pages, lambda page: [e.attrib for e in page.tree.iter() if e.get("tabindex", "-1") != "-1"])
        == {}
    )


def test_exit_says_what_it_does(site):
    def wrong(page):
        (link,) = [element for element in page.all("a") if element.get("id") == "quick-exit"]
        return None if words_of(link) == "Emergency: Exit this site" else words_of(link)

    assert faults(site.all_pages, wrong) == {}


def test_exit_stands_a_second_time_among_the_skip_links(site):
    def wrong(page):
        links = [dict(link.attrib) for block in page.with_class("skip-links") for link in block.iter("a")]
        exit_link = {"class": "exit-skip", "href": EXIT["href"], "rel": EXIT["rel"]}
        return links != [{"href": "#main"}, exit_link]

    # The page for 500 stands alone and has no menu to skip.
    assert set(faults(site.all_pages, wrong)) == {"500"}


def test_every_page_shows_999_and_how_to_report(site):
    numbers = [
        "tel:999",
        "tel:08001111",
        "tel:08088005000",
        "tel:0800555111",
        "https://www.ceop.police.uk/Safety-Centre/",
    ]
    assert faults(site.all_pages, lambda page: [n for n in numbers if n not in page.links]) == {}
    panels = {page.address: [e.tag for e in page.tree.iter() if e.get("id") == "help"] for page in site.all_pages}
    assert panels == {address: ["aside"] if address != "500" else [] for address in panels}


def test_every_page_says_when_it_was_checked(site):
    def note(page):
        return [words_of(element) for element in page.with_class("review")]

    said = (
        r"Checked on 2[12] November 2026 by .+\. We will check it again by \d+ [A-Z][a-z]+ 20\d\d\."
        # A page of numbers says it of each: they were checked at different times, or not yet.
        r"|Each number says where it comes from and when\. .+"
        # Results are words of other pages.
        r"|Each page says when it was checked\."
    )
    pages = site.pages.values()
    assert (
        faults(pages, lambda page: [n for n in note(page) if not re.fullmatch(said, n)] or len(note(page)) != 1) == {}
    )
    assert {name for name, page in site.errors.items() if note(page)} == set()


def test_every_page_but_those_for_errors_carries_the_banners(site):
    carried = {page.address: len(page.with_class("banner")) for page in site.all_pages}
    assert carried == {address: 0 if address in site.errors and address != "410" else 2 for address in carried}


# --- What nobody may see --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "word",
    [
        "DRAFTGOOSE", "REVIEWHERON", "FUTUREOWL", "PASTDODO", "OTHERLANGUAGEWREN", "unborn-", "UNBORNLARK",
        "WITHDRAWNSWAN", "TOMBSTONECROW", "UNPUBLISHEDTIT", "NOTERAVEN", "UNUSEDKITE", "WAITINGWAGTAIL", "REFUSEDROOK",
        "SPAMSTARLING", "ORIGINALORIOLE", "BANNERBITTERN",
    ],
)  # fmt: skip
def test_nothing_hidden_is_on_any_page(site, word):
    assert word in site.hidden
    assert faults(site.all_answers, lambda page: word in page.text or None) == {}


def test_hidden_rows_do_not_hide_the_shipped_pages(site):
    paths = ("/topics/sending-nudes/", "/apps/tiktok/", "/parental-controls/bt/")
    headings = [words_of(site.pages[path].all("h1")[0]) for path in paths]
    assert [word in heading for word, heading in zip(("nude", "TikTok", "BT"), headings, strict=True)] == [True] * 3


@pytest.mark.django_db
def test_thing_without_a_live_edition_has_no_page(client):
    for model, path in ((Topic, "topics"), (AppProfile, "apps"), (ControlGuide, "parental-controls")):
        model.objects.create(slug="unborn")
        assert client.get(f"/{path}/unborn/").status_code == 404
