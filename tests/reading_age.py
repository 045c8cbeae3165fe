"""``python -m tests.reading_age fixtures/topics/*.yaml`` prints the grade of each topic file."""

import sys
from pathlib import Path

import yaml

from safety_site.reading_age import MAXIMUM_GRADE, grade, plain_text

__all__ = ["MAXIMUM_GRADE", "grade", "grade_of_file", "plain_text"]


def grade_of_file(path: Path) -> float:
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    sections = (row["fields"] for row in rows if row["model"] == "guidance.section")
    return grade([section["body"] for section in sections if section.get("kind") != "law"])


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(f"{grade_of_file(Path(name)):5.1f}  {name}")
