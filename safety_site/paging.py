"""Long lists come in pages: ``?page=2``. The first page has no number in its address."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest


class NoSuchPage(Http404):
    """The list is there, but not that page of it. ``start`` is the address of its first page."""

    def __init__(self, start: str):
        super().__init__()
        self.start = start


@dataclass(frozen=True)
class NumberedPage:
    """A link to a page by its number; or, with number 0, where pages are left out."""

    number: int
    address: str


@dataclass(frozen=True)
class Page:
    """One page of a list. Falsy where the list has one page only, so that nothing is said of pages then."""

    number: int
    of: int
    size: int
    query: str = ""  # what else the address says, without the question mark

    def __bool__(self) -> bool:
        return self.of > 1

    @property
    def first(self) -> int:
        """How many rows come before those of this page."""
        return (self.number - 1) * self.size

    def cut(self, rows: list) -> list:
        return rows[self.first : self.first + self.size]

    @property
    def title(self) -> str:
        """For the title and the heading of the page, after its own words; empty on the first."""
        return f", page {self.number} of {self.of}" if self.number > 1 else ""

    @property
    def previous(self) -> str:
        """The address of the page before, if there is one; likewise ``next``."""
        return self.address(self.number - 1) if self.number > 1 else ""

    @property
    def next(self) -> str:
        return self.address(self.number + 1) if self.number < self.of else ""

    @property
    def around(self) -> list["NumberedPage"]:
        """For links by number: the first page, the last, this one and its neighbours; number 0 where some are left out.

        A gap of one page is that page.
        """
        shown = {1, self.number - 1, self.number, self.number + 1, self.of} & set(range(1, self.of + 1))
        shown |= {each + 1 for each in shown if each + 2 in shown}
        found: list[NumberedPage] = []
        for number in sorted(shown):
            if found and found[-1].number != number - 1:
                found.append(NumberedPage(0, ""))
            found.append(NumberedPage(number, self.address(number)))
        return found

    def address(self, number: int) -> str:
        """For a link to another page of the same list."""
        parts = [self.query] if self.query else []
        return "?" + "&".join([*parts, *([f"page={number}"] if number > 1 else [])])


def page_of(request: HttpRequest, rows: int, size: int, query: str = "") -> Page:
    """The page that an address asks for. Raises NoSuchPage for one that is not there, or is no number."""
    asked = request.GET.get("page", "") or "1"
    pages = max(1, -(-rows // size))
    if not (asked.isascii() and asked.isdecimal() and len(asked) <= 6 and 1 <= int(asked) <= pages):
        raise NoSuchPage(request.path + (f"?{query}" if query else ""))
    return Page(int(asked), pages, size, query)
