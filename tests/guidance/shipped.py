"""The YAML that ships, read once for the tests that look through all of it."""

from functools import cache
from pathlib import Path

import yaml
from django.conf import settings

FIXTURES = Path(settings.BASE_DIR) / "fixtures"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same, and ten times as fast where libyaml is there


@cache
def rows_of(path: Path) -> list[dict]:
    """The rows of one file. Nobody may change them: they are read once for all tests."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader) or []  # noqa: S506 (a safe loader)


@cache
def rows() -> list[tuple[Path, dict]]:
    """Every row of every fixture, with its file."""
    return [(path, row) for path in sorted(FIXTURES.rglob("*.yaml")) for row in rows_of(path)]


def fields_of(model: str) -> list[dict]:
    return [row["fields"] for _, row in rows() if row["model"] == model]
