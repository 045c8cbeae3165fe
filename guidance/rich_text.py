"""List items of rich text as plain words. What rich text may hold is in ``safety_site.rich_text``."""

from html.parser import HTMLParser


class _ItemReader(HTMLParser):
    """Gathers the words of each list item; a list inside an item is part of that item."""

    def __init__(self):
        super().__init__()
        self.items: list[str] = []
        self._depth = 0

    def handle_starttag(self, tag, attrs):
        if tag == "li":
            self._depth += 1
            if self._depth == 1:
                self.items.append("")

    def handle_endtag(self, tag):
        if tag == "li" and self._depth:
            self._depth -= 1
        elif self._depth and tag in ("p", "br"):
            self.items[-1] += " "

    def handle_data(self, data):
        if self._depth:
            self.items[-1] += data


def list_items(html: str) -> list[str]:
    """The items of the lists in some rich text, each as plain words in one line; for what has no room for links."""
    reader = _ItemReader()
    reader.feed(html)
    reader.close()
    items = (" ".join(item.split()) for item in reader.items)
    return [item for item in items if item]
