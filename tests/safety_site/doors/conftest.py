"""The doors as they are in production, and two editors: one who needs a second factor, one who does not."""

import pytest

from tests.doors import person


@pytest.fixture(autouse=True)
def as_in_production(settings):
    settings.SECOND_FACTOR = True
    settings.SESSION_COOKIE_AGE, settings.SESSION_IDLE_SECONDS = 12 * 60 * 60, 2 * 60 * 60


@pytest.fixture
def publisher():
    return person("approve_topicedition", "view_topicedition")


@pytest.fixture
def writer():
    return person("view_topicedition", "change_topicedition")
