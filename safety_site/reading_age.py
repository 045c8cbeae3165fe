"""How old a reader has to be for a text, as far as the length of its words and sentences can tell."""

import re
from html import unescape

# Flesch–Kincaid counts years of school in the United States, which begin at five: grade 7 is a reading age of 12.
AGE_AT_GRADE_0 = 5
MAXIMUM_GRADE = 7.0
#: Older than this, and the text is on the work list.
HIGHEST_READING_AGE = 12


def plain_text(html: str) -> str:
    """The words of some HTML; each block ends as a sentence, as a reader takes it."""
    blocks = re.split(r"</?(?:p|li|h\d|ul|ol|blockquote|br)[^<>]*>", html)
    texts = (unescape(re.sub(r"<[^<>]+>", "", block)).strip() for block in blocks)
    return " ".join(text if text[-1] in ".!?:" else f"{text}." for text in texts if text)


def grade(html_parts: list[str]) -> float:
    """Flesch–Kincaid grade (years of US schooling) of several pieces of HTML read together; 0 for no words."""
    text = " ".join(filter(None, map(plain_text, html_parts)))
    if not text:
        return 0.0
    # Only where an editor asks: readers' pages never do, and its dictionaries take memory.
    import textstat  # noqa: PLC0415

    return textstat.flesch_kincaid_grade(text)


def age_at(of_grade: float) -> int:
    """The age at which a child at school usually reads what has this grade."""
    return max(AGE_AT_GRADE_0, round(of_grade) + AGE_AT_GRADE_0)


def reading_age(html_parts: list[str]) -> float:
    """The reading age in years of several pieces of HTML read together; 0 for no words."""
    of_grade = grade(html_parts)
    return of_grade + AGE_AT_GRADE_0 if of_grade else 0.0
