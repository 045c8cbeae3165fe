#!/usr/bin/env python3
"""Put an emergency banner on every page of a mirror, or take it away. Needs Python alone: no site, no database.

    python3 put_banner.py banner.txt [FOLDER]      put these words on every page
    python3 put_banner.py --remove [FOLDER]        take them away

The file is plain text. Its first line may be Danger, Warning or News; an empty line begins a new paragraph, and
numbers such as 999 or 0800 1111 become links. FOLDER is
the mirror's, by default the one that this program lies in; it may also be any copy of the pages themselves.
"""

import os
import re
import sys
from html import escape
from html.parser import HTMLParser
from pathlib import Path

BEGINS, ENDS = "<!--banner-->", "<!--/banner-->"
MOST_CHARACTERS = 600
LEVELS = {"danger": "Danger: act now", "warning": "Warning", "news": "Good to know"}
NOT_IN_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class BannerError(Exception):
    """The banner cannot be put there; the message is one sentence."""


class _Words(HTMLParser):
    """What is left of a text without tags, and without what stands in a script or a style."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.words, self.inside = [], ""

    def handle_starttag(self, tag, attrs):
        self.inside = tag if tag in ("script", "style") else self.inside

    def handle_endtag(self, tag):
        self.inside = "" if tag == self.inside else self.inside

    def handle_data(self, data):
        if not self.inside:
            self.words.append(data)


def read(path: Path) -> str:
    """The words of a file, without any HTML. Raises BannerError where there are none, or too many."""
    try:
        text = Path(path).read_text("utf-8-sig")
    except OSError as problem:
        raise BannerError(f"{path} cannot be read: {problem.strerror}.") from None
    except UnicodeDecodeError:
        raise BannerError(f"{path} is not plain text in UTF-8: save it so in your editor.") from None
    parser = _Words()
    parser.feed(text.replace("\r\n", "\n").replace("\r", "\n"))
    parser.close()
    words = NOT_IN_TEXT.sub("", "".join(parser.words)).strip()
    if not _parts(words)[1]:
        raise BannerError(f"{path} has no words for readers.")
    if len(words) > MOST_CHARACTERS:
        raise BannerError(f"{path} has {len(words)} characters; a banner has {MOST_CHARACTERS} at most.")
    return words


def _parts(words: str) -> tuple[str, list[str]]:
    """Its level, and its paragraphs."""
    first, _, rest = words.partition("\n")
    level = first.strip().rstrip(":.").lower()
    level, words = (level, rest) if level in LEVELS else ("warning", words)
    paragraphs = (" ".join(each.split()) for each in re.split(r"\n\s*\n", words))
    return level, [each for each in paragraphs if each]


# A number to call, not part of a longer word or number, of a price or of a share: short ones, and those that begin with
# a nought (or, from abroad, with +44), whose groups of digits have spaces between them.
PHONE = re.compile(
    r"(?<![\w£$€+.,#-])(?:999|112|101|105|111|119|18000|116 ?\d{3}|(?:\+44 ?|0)[1-9]\d*(?: \d{2,})*)(?![\w%]|[.,:]\d)"
)


def _whole_number(found: str) -> str:
    """The beginning of what looks like a number that is one; what follows it may be "24 hours". Empty for none."""
    groups = found.split(" ")
    if not found.startswith(("0", "+")):
        return found
    for count in range(1, len(groups) + 1):
        number = " ".join(groups[:count])
        digits = re.sub(r"[^0-9]", "", number)
        is_long = len(digits) in ((11, 12) if number.startswith("+") else (10, 11))
        if digits == "08001111" or is_long:
            return number
    return ""


def _with_links(words: str) -> str:
    """Escaped, with each number to call as a link, as the site has it (``safety_site/phones.py``)."""
    pieces, at = [], 0
    for found in PHONE.finditer(words):
        if number := _whole_number(found[0]):
            address = "tel:" + re.sub(r"[^0-9+]", "", number)
            pieces += [escape(words[at : found.start()]), f'<a class="phone" href="{address}">{escape(number)}</a>']
            at = found.start() + len(number)
    return "".join([*pieces, escape(words[at:])])


def as_html(words: str) -> str:
    """The banner as it stands on a page; empty for no words."""
    level, paragraphs = _parts(words)
    if not paragraphs:
        return ""
    first, *more = map(_with_links, paragraphs)
    said = "".join([f"<p><strong>{LEVELS[level]}</strong> {first}</p>", *(f"<p>{each}</p>" for each in more)])
    return (
        f'<section class="banners" aria-label="Important: read this first"><div class="banner banner-{level}">'
        f'<div class="wrap"><div>{said}</div></div></div></section>'
    )


def on_page(page: str, banner: str) -> str:
    """A page with this banner (HTML, or empty for none) in the place of the one that it has."""
    before, begins, rest = page.partition(BEGINS)
    _, ends, after = rest.partition(ENDS)
    return f"{before}{BEGINS}{banner}{ENDS}{after}" if begins and ends else page


def put(pages: Path, words: str) -> int:
    """Put these words (empty: none) on every page of a folder. Returns how many pages have a place for them.

    Each page is replaced in one step, so that nobody ever reads half of one. Stopped half-way, it may be said again.
    """
    banner, count = as_html(words), 0
    for path in sorted(pages.rglob("*.html")):
        page = path.read_text("utf-8")
        count += BEGINS in page
        changed = on_page(page, banner)
        if changed != page:
            beside = path.with_name(f"{path.name}.part")
            beside.write_text(changed, "utf-8")
            os.replace(beside, path)
    if not count:
        raise BannerError(f"There are no pages of a mirror in {pages}.")
    return count


def put_on_mirror(folder: Path, words: str) -> int:
    """The same for a mirror's folder: its next export puts the words there again, until they are taken away."""
    current, kept = folder / "current", folder / "banner.txt"
    if not current.exists():
        return put(folder, words)
    if words:
        beside = folder / "banner.txt.part"
        beside.write_text(f"{words}\n", "utf-8")
        os.replace(beside, kept)
    else:
        kept.unlink(missing_ok=True)
    return put(current.resolve(), words)


def main(arguments: list[str]) -> int:
    if len(arguments) not in (1, 2) or arguments[0] in ("-h", "--help"):
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(arguments[1] if len(arguments) == 2 else Path(__file__).parent).resolve()
    try:
        words = "" if arguments[0] == "--remove" else read(Path(arguments[0]))
        count = put_on_mirror(folder, words)
    except (BannerError, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"The banner {'stands on' if words else 'is gone from'} {count} pages.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
