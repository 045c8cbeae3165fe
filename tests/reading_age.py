"""Reading age of the words for families, measured the same way everywhere.

``python -m tests.reading_age fixtures/topics/*.yaml`` prints the grade of each topic file.
"""

import sys
from pathlib import Path

import textstat
import yaml

from safety_site.reading_age import plain_text

MAXIMUM_GRADE = 7.0


def grade(html_parts: list[str]) -> float:
    """Flesch–Kincaid grade (years of US schooling) of several pieces of HTML read together."""
    return textstat.flesch_kincaid_grade(" ".join(plain_text(part) for part in html_parts))


def grade_of_file(path: Path) -> float:
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    sections = (row["fields"] for row in rows if row["model"] == "guidance.section")
    return grade([section["body"] for section in sections if section.get("kind") != "law"])


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(f"{grade_of_file(Path(name)):5.1f}  {name}")
