"""How old a reader has to be for a text, as far as the length of its words and sentences can tell."""

import re
from html import unescape

import textstat

#: Older than this, and the text is on the work list.
HIGHEST_READING_AGE = 12
# A child in the first year of a US school is about six.
AGE_AT_GRADE_0 = 5


def plain_text(html: str) -> str:
    """The words of some HTML; each block ends as a sentence, as a reader takes it."""
    blocks = re.split(r"</?(?:p|li|h\d|ul|ol|blockquote|br)[^>]*>", html)
    texts = (unescape(re.sub(r"<[^>]+>", "", block)).strip() for block in blocks)
    return " ".join(text if text[-1] in ".!?:" else f"{text}." for text in texts if text)


def reading_age(html_parts: list[str]) -> float:
    """Flesch–Kincaid grade of several pieces of HTML read together, as an age in years; 0 for no words."""
    text = " ".join(filter(None, map(plain_text, html_parts)))
    return textstat.flesch_kincaid_grade(text) + AGE_AT_GRADE_0 if text else 0.0
