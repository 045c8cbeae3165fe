"""What a page says while something of ours does not work: what to do now, 999 near the top, nothing that is not so."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

import html5lib
import pytest
import time_machine
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection
from django.test import Client, RequestFactory
from django.urls import resolve

from safety_site import errors, front_pages
from safety_site.databases.health import health
from safety_site.page_store.answer import age_note
from tests import factories
from tests.sweep import lock_out, words_of

pytestmark = pytest.mark.django_db


def tree_of(html: str) -> Element:
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)


def addresses(tree: Element) -> list[str]:
    return [link.get("href") for link in tree.iter("a")]


def main_of(tree: Element) -> Element:
    return next(tree.iter("main"))


def heading(tree: Element) -> str:
    (found,) = tree.iter("h1")
    return words_of(found)


def lead_of(tree: Element) -> str:
    return next(words_of(each) for each in main_of(tree).iter("p") if each.get("class") == "lead")


def order(tree: Element, *wanted: str) -> list[str]:
    """Which of these addresses the main part links to, in its order."""
    return [address for address in addresses(main_of(tree)) if address in wanted]


# --- Without any process of the site ----------------------------------------------------------------------


def test_page_for_a_site_that_is_away_leads_nowhere_but_to_the_same_address_and_to_help_outside():
    tree = tree_of(front_pages.page("503"))
    assert heading(tree) == "Our site is away just now"
    assert [words_of(title) for title in tree.iter("title")] == ["Our site is away just now - Hearthside"]
    assert addresses(tree) == [
        "https://www.bbc.co.uk/weather", "tel:999", "", "https://www.ceop.police.uk/Safety-Centre/", "tel:101",
        "tel:0800555111", "tel:08001111", "tel:08088005000",
    ]  # fmt: skip
    assert [field.tag for field in tree.iter() if field.tag in ("form", "input", "nav")] == []


def test_999_stands_right_under_the_heading_of_a_site_that_is_away():
    words = words_of(main_of(tree_of(front_pages.page("503"))))
    assert words.startswith("Our site is away just now Is a child in danger now? Call 999 Ask for the police.")


# --- Requests that are refused ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["400", "413", "414", "429"])
def test_999_stands_before_every_other_way_on_a_page_of_the_server_in_front(name):
    tree = tree_of(front_pages.page(name))
    assert order(tree, "tel:999", "/", "/contacts/") == ["tel:999", "/", "/contacts/"]


def test_999_stands_before_every_other_way_on_the_pages_of_the_site():
    for response in (
        Client().get("/", headers={"host": "elsewhere.example"}),
        Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "a", "password": "b"}),
        Client().get("/no/such/page/"),
        Client().post("/about/"),
        Client().get("/", {"q": "x" * 4_000}),
    ):
        assert order(tree_of(response.text), "tel:999", "/", "/contacts/") == ["tel:999", "/", "/contacts/"]


def test_what_could_not_be_read_was_not_kept():
    (lead,) = re.findall(r'<p class="lead">(.*?)</p>', front_pages.page("400"))
    assert lead == (
        "Something in the address or in the form was not as we expect it. We did not receive what you sent, and kept"
        " nothing of it. Please go back and try again, or start from the home page."
    )


def test_somebody_who_shares_an_address_is_not_blamed_and_told_how_long_to_wait(client, settings):
    settings.SEARCH_PER_MINUTE = 1
    with time_machine.travel(datetime(2026, 12, 1, 12, 0, 10, tzinfo=UTC), tick=False):  # both in one minute
        said = [client.get("/search/?q=nudes", REMOTE_ADDR="192.0.2.77") for _ in range(2)][1]
    tree, seconds = tree_of(said.text), int(said.headers["Retry-After"])
    assert (said.status_code, heading(tree)) == (429, "Please wait a moment")
    assert lead_of(tree) == (
        "Many people may be using your internet connection at once."
        f" Please wait {seconds} second{'' if seconds == 1 else 's'}, then try again."
        " If you need help for a child, do not wait: use the help below."
    )


def test_server_in_front_names_the_seconds_that_its_header_names():
    assert "Please wait 10 seconds, then try again." in front_pages.page("429")


def test_too_many_wrong_tries_to_sign_in_are_called_that():
    response = lock_out(Client())
    tree = tree_of(response.text)
    assert (response.status_code, heading(tree)) == (429, "Please wait before you sign in")
    assert re.match(
        r"There were too many wrong tries to sign in\. Please wait until \d\d:\d\d, then try again\.",
        words_of(next(main_of(tree).iter("p"))),
    )


# --- A page of a list that is not there -------------------------------------------------------------------


@pytest.mark.parametrize("number", ["99", "0", "two"])
@pytest.mark.parametrize(
    "start",
    ["/topics/", "/apps/", "/parental-controls/", "/talk/", "/law/", "/figures/", "/old-names/", "/report/platforms/",
     "/contacts/", "/contacts/national/", "/contacts/?nation=wales", "/topics/?age=teen"],
)  # fmt: skip
def test_page_of_a_list_that_is_not_there_leads_to_its_start(client, start, number):
    factories.age_bands()
    response = client.get(f"{start}{'&' if '?' in start else '?'}page={number}")
    tree = tree_of(response.text)
    assert (response.status_code, heading(tree)) == (404, "This list has no such page")
    assert addresses(main_of(tree))[0] == start
    assert client.get(start).status_code == 200


def test_start_of_a_list_repeats_only_choices_that_are_ours(client):
    response = client.get("/topics/?age=zzqx&zzqx=%3Cb%3E&page=99")
    assert addresses(main_of(tree_of(response.text)))[0] == "/topics/"


# --- A page that was kept long ago ------------------------------------------------------------------------


def test_old_page_says_what_may_not_work_and_how_old_it_is():
    note = html5lib.parseFragment(age_note(5 * 3600 + 60), namespaceHTMLElements=False)
    assert words_of(note) == (
        "Search and finding by postcode may not work just now. This page was last brought up to date 5 hours ago:"
        " numbers and hours may have changed since. In danger, call 999."
    )


# --- While the database is away ---------------------------------------------------------------------------


@pytest.fixture
def away() -> Iterator[None]:
    """The database is away, as a process that serves knows it."""

    def refuse(*args):
        raise OperationalError("the database has gone away")

    was, health.serves = health.serves, True
    health.failed(DEFAULT_DB_ALIAS)
    with connection.execute_wrapper(refuse):
        yield
    health.forget()
    health.serves = was


def boxes(tree: Element) -> dict[str, str]:
    return {box.get("name"): box.get("value") for box in tree.iter("input")}


def test_find_by_postcode_in_an_outage_leads_to_the_list_and_gives_the_postcode_back(client, away, caplog):
    response = client.post("/contacts/find/", {"postcode": "ss9 9zz\0<b>"})
    tree = tree_of(response.text)
    assert (response.status_code, response.headers["Cache-Control"]) == (503, "private, no-store")
    assert heading(tree) == "Finding by postcode does not work just now"
    assert lead_of(tree) == "This is our fault, not yours. Choose the council from the list: that works."
    assert addresses(main_of(tree)) == [
        "/contacts/", "tel:999", "/", "/contacts/", "/topics/", "/apps/", "/parental-controls/",
    ]  # fmt: skip
    assert boxes(tree) == {"q": "", "postcode": "ss9 9zz <b>"}
    assert not response.cookies
    assert [line for line in caplog.messages if "9zz" in line] == []


def test_search_in_an_outage_gives_the_words_back_and_leads_to_where_to_begin(client, away):
    response = client.get("/search/", {"q": "somebody <asked> for a picture"})
    tree = tree_of(response.text)
    assert (response.status_code, response.headers["Cache-Control"]) == (503, "private, no-store")
    assert (heading(tree), boxes(tree)) == ("Search does not work just now", {"q": "somebody <asked> for a picture"})
    assert lead_of(tree) == (
        "This is our fault, not yours. Your words are still in the box. Please try again in a few minutes."
    )
    assert addresses(main_of(tree)) == [
        "tel:999", "/", "/report/", "/contacts/", "/topics/", "/apps/", "/parental-controls/",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "address", ["/plan/?age=teen&app=tiktok", "/finder/?age=teen&about=topic-x", "/apps/compare/?app=x"]
)
def test_choices_in_an_outage_are_in_the_address(client, away, address):
    tree = tree_of(client.get(address).text)
    assert heading(tree) == "We cannot show this page just now"
    assert lead_of(tree) == (
        "This is our fault, not yours. Your choices are in the address: load this page again in a moment."
    )
    assert addresses(main_of(tree))[:2] == ["", "tel:999"]


@pytest.mark.parametrize("address", ["/topics/?area=online", "/topics/x/"])
def test_other_page_in_an_outage_says_that_most_pages_work_where_they_are_kept(client, away, settings, address):
    for keeps, said in (
        (True, ["Is a child in danger now?", "Most pages still work"]),
        (False, ["Is a child in danger now?"]),
    ):
        settings.PAGE_STORE = keeps
        tree = tree_of(client.get(address).text)
        assert heading(tree) == "We cannot show this page just now"
        assert lead_of(tree) == "This is our fault, not yours. Please try again in a few minutes."
        assert [words_of(each) for each in main_of(tree).iter("h2")] == said
        assert addresses(main_of(tree))[:2] == ["", "tel:999"]


def test_without_kept_pages_the_list_is_not_promised_to_work(client, away, settings):
    settings.PAGE_STORE = False
    tree = tree_of(client.post("/contacts/find/", {"postcode": "SS9 9ZZ"}).text)
    assert lead_of(tree) == "This is our fault, not yours. Choose the council from the list."


# --- What an editor sent while the database is away -------------------------------------------------------

LONG = "These words took a long time to write."


def texts_given_back(editor_request) -> list[tuple[str, str]]:
    tree = tree_of(errors.unavailable(editor_request).content.decode())
    labels = {label.get("for"): words_of(label) for label in main_of(tree).iter("label")}
    return [(labels[box.get("id")], words_of(box)) for box in main_of(tree).iter("textarea")]


def sent(path: str, fields: dict[str, str]):
    request = RequestFactory().post(path, fields)
    request.resolver_match = resolve(path)
    return request


def test_texts_of_an_editor_come_back_under_the_labels_of_the_form_counted_from_one():
    request = sent(
        "/admin/guidance/topicedition/1/change/",
        {
            "csrfmiddlewaretoken": "x" * 64, "title": "Short", "summary": LONG, "change_note": " " * 30,
            "sections-TOTAL_FORMS": "2", "sections-0-heading": "", "sections-0-body": f"<p>{LONG}</p>",
            "sections-1-body": LONG, "facts-0-claim": LONG, "related_topics": LONG, "unheard-4-of_it": LONG,
            "_continue": "Save and continue editing",
        },
    )  # fmt: skip
    assert texts_given_back(request) == [
        ("Summary", LONG),
        ("Section 1: Body", f"<p>{LONG}</p>"),
        ("Section 2: Body", LONG),
        ("Fact 1: What is true", LONG),
        ("Related topics", LONG),
        ("Unheard 5: Of it", LONG),
    ]


def test_texts_of_rows_within_a_part_say_of_which():
    fields = {"phones-1-hours-0-closes_at": LONG, "phones-0-purpose": LONG}
    request = sent("/admin/reporting/contactedition/add/", fields)
    assert texts_given_back(request) == [("Number 2: Opening hours 1: Closes at", LONG), ("Number 1: Purpose", LONG)]
