"""How the mirror names its files and writes its links and moments."""

import pytest

from safety_site.mirror import addresses
from safety_site.mirror.links import Page
from safety_site.mirror.marks import said_of
from tests.sweep import MOMENT


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("/", "index.html"),
        ("/talk/?age=teen", "talk/age/teen/index.html"),
        ("/contacts.csv", "contacts.csv"),
        ("/.well-known/security.txt", ".well-known/security.txt"),
        ("/a/../b/", None),
        ("/a/.hidden", None),
        ("/a%2e/", None),
        ("//elsewhere/", None),
        ("/a\\b/", None),
    ],
)
def test_file_of_an_address(address, file):
    assert addresses.file_of(address) == file


@pytest.mark.parametrize(
    ("link", "wanted"),
    [
        ("?age=teen&x=1", "/talk/?age=teen"),
        ("?age=../../x", "/talk/"),
        ("?", "/talk/"),
        ("#help", "/talk/"),
        ("/search/?q=nudes", "/search/"),
        ("/contacts/essex/?matched=1", "/contacts/essex/"),
        ("/contacts/?nation=wales", "/contacts/?nation=wales"),
        ("https://families.example/about/", "/about/"),
        ("https://elsewhere.example/about/", None),
        ("mailto:a@b.example", None),
        ("tel:999", None),
        ("http://[", None),
    ],
)
def test_page_that_a_link_wants(link, wanted):
    target = addresses.of_ours(link, "/talk/")
    assert (target and addresses.wanted(target)) == wanted


def test_links_are_written_anew_and_nothing_else_changes():
    text = (
        "<p>\n<A HREF='/a?x=1&amp;y=2' class=\"b &quot;c&quot;\">é</A> <!-- <a href='/no'> --> &lt;a href='/no'&gt;"
        "<script>var a = '<a href=\"/no\">';</script><a name=x>y</a><a href='/b' hidden>z</a></p>"
    )
    page = Page(text)
    assert [link.address for link in page.links] == ["/a?x=1&y=2", "/b"]
    assert page.with_links(lambda address: address) == text
    assert page.with_links(lambda address: "/new?a&b" if address.startswith("/a") else address) == text.replace(
        "<A HREF='/a?x=1&amp;y=2' class=\"b &quot;c&quot;\">", '<a href="/new?a&amp;b" class="b &quot;c&quot;">'
    )


def test_moments_are_told_as_people_say_them():
    # MOMENT is Tuesday 1 December 2026 at noon.
    assert said_of(MOMENT.replace(hour=0, minute=5)) == "Tuesday 1 December 2026 at 12.05am"
    assert said_of(MOMENT.replace(month=6, hour=9)) == "Monday 1 June 2026 at 10am"
