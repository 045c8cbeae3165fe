"""Reading age of the words for families, measured the same way everywhere."""

import re
from html import unescape

import textstat

# Flesch–Kincaid counts years of school in the United States, which begin at five: grade 7 is a reading age of 12.
MAXIMUM_GRADE = 7.0


def plain_text(html: str) -> str:
    """The words of some HTML; each block ends as a sentence, as a reader takes it."""
    blocks = re.split(r"</?(?:p|li|h\d|ul|ol|blockquote|br)[^>]*>", html)
    texts = (unescape(re.sub(r"<[^>]+>", "", block)).strip() for block in blocks)
    return " ".join(text if text[-1] in ".!?:" else f"{text}." for text in texts if text)


def grade(html_parts: list[str]) -> float:
    """Flesch–Kincaid grade (years of US schooling) of several pieces of HTML read together."""
    return textstat.flesch_kincaid_grade(" ".join(plain_text(part) for part in html_parts))


def reading_age(of_grade: float) -> int:
    """The age at which a child at school usually reads what has this grade."""
    return max(5, round(of_grade) + 5)
