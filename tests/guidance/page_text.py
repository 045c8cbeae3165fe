"""What a page of the guidance says, as its reader would tell it; for tests."""

import re

from django.utils.html import strip_tags

LISTS = ["/", "/topics/", "/apps/", "/parental-controls/", "/talk/", "/for/parents/", "/for/young-people/",
         "/for/professionals/"]  # fmt: skip


def page(client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def main_part(text: str) -> str:
    return re.search(r"<main .*?</main>", text, re.DOTALL)[0]


def words(text: str) -> str:
    return " ".join(strip_tags(text).split())


def parts(text: str) -> str:
    """The words, with a space where one element ends and the next begins."""
    return words(text.replace("<", " <"))


def headings(text: str) -> list[str]:
    """Of the page's own parts, without the question that comes after them."""
    own = main_part(text).partition('<div class="wrap say">')[0]
    return [words(heading) for heading in re.findall(r"<h2[^>]*>(.*?)</h2>", own, re.DOTALL)]
