"""A draft, an editor at it, and no wait between one auto-save and the next."""

import pytest

from safety_site.editions import copy_as_draft
from safety_site.newsroom import auto_saves
from tests.safety_site.newsroom.editing import full_topic, writer
from tests.safety_site.newsroom.kept_words import browser_of


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch):
    monkeypatch.setattr(auto_saves, "_rate", auto_saves.RateLimit(seconds=60))


@pytest.fixture
def draft():
    return copy_as_draft(full_topic(title="The title", summary="As it was."))


@pytest.fixture
def ana():
    return browser_of(writer(username="ana"))
