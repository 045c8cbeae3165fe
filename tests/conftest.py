"""The few fixtures that many tests share."""

import pytest

from reporting.shipped import load_authorities
from safety_site.management.commands.load_content import load_missing


@pytest.fixture
def shipped_content(db):
    """The database with the content that ships with the site."""
    load_authorities()
    load_missing()
