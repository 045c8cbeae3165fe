"""An editor at work."""

import pytest

from tests.safety_site.newsroom.editing import writer


@pytest.fixture
def ana(client):
    client.user = writer(username="ana")
    client.force_login(client.user)
    return client
