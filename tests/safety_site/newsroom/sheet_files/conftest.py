"""Whoever brings a sheet."""

import pytest

from tests.safety_site.newsroom.sheets import writer


@pytest.fixture
def importer(client):
    """A writer's browser."""
    client.force_login(writer())
    return client
