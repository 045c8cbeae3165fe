"""On paper: the guidance and who can help; no exit, no menus; black on white even from a dark screen."""

import re

import pytest

from tests.browser.real_site import KINDS

PAPER = 688  # an A4 sheet less its margins, in CSS pixels

# Words whose colour is not dark, or that stand on a tint; each on its own element.
FAINT = """() => {
  const shade = (colour) => {
    const [red, green, blue, alpha = 1] = colour.match(/[\\d.]+/g).map(Number);
    return alpha === 0 ? 255 : Math.max(red, green, blue);
  };
  return [...document.body.querySelectorAll("*")].flatMap((element) => {
    const style = getComputedStyle(element);
    if (!element.checkVisibility() || element.closest("svg, .visually-hidden")) return [];
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const faults = [];
    if (own && shade(style.color) > 0x33) faults.push("colour " + style.color);
    if (shade(style.backgroundColor) < 255) faults.push("on " + style.backgroundColor);
    return faults.map((fault) => fault + ": " + element.outerHTML.slice(0, 80));
  });
}"""


@pytest.fixture(params=["light", "dark"])
def paper(request, window):
    page = window(PAPER, 1000, color_scheme=request.param)
    page.emulate_media(media="print")
    yield page
    page.emulate_media(media="screen")


@pytest.mark.parametrize("kind", KINDS)
def test_paper_holds_black_words_and_no_exit_or_menu(paper, locate, kind):
    paper.goto(locate(kind))
    for absent in ("#quick-exit", ".exit-bar", ".skip-links a", "nav", "button", ".foot"):
        assert [found.is_visible() for found in paper.locator(absent).all() if found.is_visible()] == [], absent
    # What is cut out or put on a wall has a title of its own, and nothing of the page around it.
    assert paper.locator("#card-heading" if kind in ("card", "poster") else "h1").is_visible()
    assert "999" in paper.locator("body").inner_text()
    assert paper.evaluate(FAINT) == []
    assert paper.evaluate("document.documentElement.scrollWidth") <= PAPER


def test_talk_prints_as_cards_two_across_that_no_sheet_tears(paper, locate):
    paper.goto(locate("talk"))
    lists = paper.locator(".talk-cards").all()
    assert len(lists) > 10
    for cards in lists:
        boxes = [card.bounding_box() for card in cards.locator("li").all()]
        assert {round(box["x"]) for box in boxes} <= {0, PAPER // 2}
        assert {round(box["width"]) for box in boxes} == {PAPER // 2}
        assert [round(box["y"]) for box in boxes[::2][: len(boxes) // 2]] == [round(box["y"]) for box in boxes[1::2]]
    breaks = "(cards) => [...new Set(cards.map((card) => getComputedStyle(card).breakInside))]"
    assert paper.locator(".talk-cards li").evaluate_all(breaks) == ["avoid"]
    begins = "(ages) => ages.map((age) => getComputedStyle(age).breakBefore)"
    assert paper.locator(".talk-age").evaluate_all(begins) == ["auto", "page", "page"]


def test_what_is_folded_on_screen_is_open_on_paper(paper, locate):
    paper.goto(locate("app-open"))
    for words in paper.locator("main .details-body").all():
        assert words.bounding_box()["height"] > 20


@pytest.mark.parametrize("kind", ["topic", "app-open", "control", "talk"])
def test_page_makes_a_pdf(paper, locate, kind):
    paper.goto(locate(kind))
    pdf = paper.pdf(format="A4", prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 2
