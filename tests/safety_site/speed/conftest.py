"""A page store in front of a small application, and the mirror of a small site."""

import pytest

from safety_site.mirror import export
from tests import factories
from tests.safety_site.speed.doors_of_store import Pages, Told, door_to


@pytest.fixture
def pages():
    return Pages()


@pytest.fixture
def watch():
    return Told()


@pytest.fixture
def door(pages, watch, tmp_path):
    return door_to(pages, tmp_path, watch)


@pytest.fixture
def answers_to_its_name(settings):
    settings.ALLOWED_HOSTS = ["families.example"]


@pytest.fixture
def small(db, tmp_path, answers_to_its_name):
    """A site with few pages, exported once; gives the folder."""
    factories.topic_edition(factories.topic("gaming"), title="Gaming", summary="About games.")
    export.export(tmp_path / "mirror")
    return tmp_path / "mirror"
