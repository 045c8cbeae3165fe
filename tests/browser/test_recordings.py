"""Recordings that editors uploaded play on the page, from our own server, and stop when somebody leaves."""

import pytest

from tests.browser import eyes
from tests.browser.real_site import KINDS


@pytest.fixture
def page(new_context, real_site):
    page = new_context(viewport={"width": 360, "height": 740}).new_page()
    page.problems = []
    page.on("console", lambda message: page.problems.append(message.text))
    page.goto(real_site + KINDS["topic-recordings"])
    return page


# Started in silence: a page may not play aloud before somebody has touched it.
PLAY = "async (sound) => { sound.muted = true; await sound.play(); return sound.duration }"


def test_recording_loads_when_it_is_started_and_can_be_wound_forward(page, real_site):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    player = page.get_by_label("A talk")
    assert player.get_attribute("controls") is not None
    assert asked == []
    assert 5 < player.evaluate(PLAY) < 5.5
    assert asked
    assert all(url.startswith(f"{real_site}/media/resources/") for url in asked)
    player.evaluate("(sound) => new Promise((done) => { sound.onseeked = done; sound.currentTime = 4 })")
    assert player.evaluate("(sound) => sound.currentTime") >= 4
    assert page.problems == []


def test_recording_stops_when_somebody_leaves(page):
    player = page.get_by_label("A talk")
    player.evaluate(PLAY)
    stopped = player.evaluate(
        "(sound) => new Promise((done) => { sound.onpause = () => done(true); setTimeout(done, 900, false);"
        " document.getElementById('quick-exit').click() })"
    )
    assert stopped is True


def test_page_with_recordings_is_sound(page):
    assert eyes.axe_faults(page) == []
    assert eyes.exit_faults(page) == []
    assert eyes.sideways_faults(page) == []
    film = page.get_by_label("A film")
    assert film.locator("track[kind=captions]").count() == 1
    assert film.bounding_box()["width"] <= 360
