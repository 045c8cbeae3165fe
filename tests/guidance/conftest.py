"""An editor who may do everything."""

import pytest
from django.contrib.auth import get_user_model


@pytest.fixture
def editor_client(client):
    client.force_login(get_user_model().objects.create_superuser("an-editor"))
    return client
