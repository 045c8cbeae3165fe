"""What the tests of the mirror share: a mirror's files, read as pages, and what is wrong with them."""

from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

HOST = "https://mirror.example"
# Words that are true only while a page is new.
OF_NOW = ("answers now", "answer now", "open now", "call now", "closed now", "closed. opens", "which to try now")


@dataclass(frozen=True)
class Element:
    tag: str
    attributes: dict[str, str | None]


class Read(HTMLParser):
    """The elements and the words of a page."""

    def __init__(self, text: str):
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.words, self._inside = [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append(Element(tag, dict(attributes)))
        self._inside = tag

    def handle_endtag(self, tag):
        self._inside = ""

    def handle_data(self, data):
        if self._inside not in ("script", "style"):
            self.words.append(data)


@dataclass(frozen=True)
class File:
    """One page of a mirror."""

    address: str
    text: str

    @cached_property
    def _read(self) -> Read:
        return Read(self.text)

    @property
    def words(self) -> str:
        return " ".join("".join(self._read.words).split())

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [each.attributes for each in self._read.elements if each.tag in tags]

    @cached_property
    def ids(self) -> set[str]:
        return {each.attributes["id"] for each in self._read.elements if each.attributes.get("id")}

    @property
    def links(self) -> list[str]:
        return [urljoin(f"{HOST}{self.address}", link["href"]) for link in self.all("a") if link.get("href")]

    @property
    def loads(self) -> list[str]:
        """What the browser asks for by itself, and the picture that the exit asks for."""
        found = [link["href"] for link in self.all("link") if link.get("rel") != "canonical"]
        for name in ("src", "poster", "data-ask"):
            found += [each.attributes[name] for each in self._read.elements if each.attributes.get(name)]
        return [each for each in found if not each.startswith("data:")]


def page(folder: Path, name: str = "topics/gaming/index.html") -> str:
    """What a page of a mirror says, in the folder that is exported into."""
    return (folder / "current" / name).read_text("utf-8")


def pages_of(folder: Path) -> dict[str, File]:
    """Every page in a folder, by its address."""
    found = {}
    for path in sorted(folder.rglob("*.html")):
        name = path.relative_to(folder).as_posix()
        address = f"/{name.removesuffix('index.html')}"
        found[address] = File(address, path.read_text("utf-8"))
    return found


def dead_links(pages: dict[str, File], folder: Path) -> dict[str, list[str]]:
    """By page: links and files of ours that a plain server of files would not find, and places that are not there."""
    found = {}
    for page in pages.values():
        wrong = []
        for link in {*page.links, *(urljoin(HOST, each) for each in page.loads)}:
            parts = urlsplit(link)
            if f"{parts.scheme}://{parts.netloc}" != HOST:
                continue
            target = pages.get(parts.path)
            is_file = parts.path[-1] != "/" and (folder / parts.path.lstrip("/")).is_file()
            if (
                parts.query
                or not (target or is_file)
                or (parts.fragment and (target is None or parts.fragment not in target.ids))
            ):
                wrong.append(link)
        if wrong:
            found[page.address] = sorted(wrong)
    return found
