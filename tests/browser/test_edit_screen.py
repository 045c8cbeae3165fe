"""What an editor does on the edit screen, by keyboard, mouse and touch; in Chromium, under the real policy."""

import pytest


@pytest.mark.parametrize("name", ["writer-1", "admin-1"])
def test_people_of_the_newsroom_can_log_in(newsroom, name):
    page = newsroom.window(name)
    assert page.url == newsroom.admin
