"""What a page says while something of ours does not work: what to do now, 999 near the top, nothing that is not so."""

import re
from xml.etree.ElementTree import Element

import html5lib
import pytest
from django.test import Client

from safety_site import front_pages
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
    said = [client.get("/search/?q=nudes", REMOTE_ADDR="192.0.2.77") for _ in range(2)][1]
    tree, seconds = tree_of(said.text), said.headers["Retry-After"]
    assert (said.status_code, heading(tree)) == (429, "Please wait a moment")
    assert words_of(next(main_of(tree).iter("p"))) == (
        f"Many people may be using your internet connection at once. Please wait {seconds} second"
        f"{'' if seconds == '1' else 's'}, then try again. If you need help for a child, do not wait: use the help below."
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
