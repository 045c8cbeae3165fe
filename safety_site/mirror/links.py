"""What a page leads to and loads, read by a parser of HTML, and the same page with its links written anew."""

from collections.abc import Callable
from html import escape
from html.parser import HTMLParser
from typing import NamedTuple

# What a browser asks for by itself, and the small picture by which the exit asks whether our server answers.
LOADS = ("src", "poster", "data-ask")


class Link(NamedTuple):
    """One link of a page: where its tag stands in the text, and what it says."""

    start: int
    end: int
    attributes: list[tuple[str, str | None]]
    address: str


class Page(HTMLParser):
    """A page with its links and with the files that it loads."""

    def __init__(self, text: str):
        super().__init__(convert_charrefs=False)
        self.text = text
        self.links: list[Link] = []
        self.loads: set[str] = set()
        self._lines = [0]
        for line in text.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        said = dict(attributes)
        if tag == "a" and said.get("href"):
            line, column = self.getpos()
            start = self._lines[line - 1] + column
            self.links.append(Link(start, start + len(self.get_starttag_text()), attributes, said["href"]))
        elif tag == "link" and said.get("rel") in ("stylesheet", "icon") and said.get("href"):
            self.loads.add(said["href"])
        self.loads.update(said[name] for name in LOADS if said.get(name))

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)

    def with_links(self, lead: Callable[[str], str]) -> str:
        """The page with each link leading to what ``lead`` makes of its address; nothing else of it changes."""
        pieces, at = [], 0
        for link in self.links:
            address = lead(link.address)
            if address != link.address:
                said = [(name, address if name == "href" else value) for name, value in link.attributes]
                pieces += [self.text[at : link.start], _start_tag("a", said)]
                at = link.end
        return "".join([*pieces, self.text[at:]])


def _start_tag(tag: str, attributes: list[tuple[str, str | None]]) -> str:
    said = (f" {name}" if value is None else f' {name}="{escape(value)}"' for name, value in attributes)
    return f"<{tag}{''.join(said)}>"
