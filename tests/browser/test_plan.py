"""A family makes its plan on a phone, by keyboard, without JavaScript; it and every hand-out fit on their paper."""

import re
import urllib.error
import urllib.request
from urllib.parse import parse_qsl, urlsplit

import pytest

from guidance.models import ControlStep, ConversationStarter, Fact, Section, SettingStep
from safety_site.vocabulary import Concern
from tests import factories
from tests.browser import eyes

APPS, DEVICES = 8, 6  # as many as a plan has room for
MOST_PRESSES = 200  # of Tab, from the top of the form to its button


@pytest.fixture
def without_script(window):
    return window(360, 740, java_script_enabled=False)


@pytest.fixture
def sheet(window):
    page = window(688, 1000)
    page.emulate_media(media="print")
    yield page
    page.emulate_media(media="screen")


def pages_of(page) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4", prefer_css_page_size=True)))


def small_print(page) -> list[str]:
    """Words on paper that are smaller than 9.5 pt."""
    return page.evaluate(
        """() => [...document.body.querySelectorAll("*")].filter((element) =>
          element.checkVisibility() && !element.closest(".visually-hidden")
            && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())
            && parseFloat(getComputedStyle(element).fontSize) < 9.5 * 96 / 72 - 0.01
        ).map((element) => element.outerHTML.slice(0, 80))"""
    )


def tab_to(page, control):
    for _ in range(MOST_PRESSES):
        page.keyboard.press("Tab")
        if control.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not reach {control}")


def test_keyboard_alone_makes_a_plan_at_360_px_without_javascript(without_script, real_site):
    page = without_script
    page.goto(f"{real_site}/plan/")
    for name in ("Teen: 13 to 17", "TikTok"):
        tab_to(page, page.get_by_role("checkbox", name=name))
        page.keyboard.press("Space")
    tab_to(page, page.locator("summary", has_text="Consoles and games"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("checkbox", name="Xbox"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_role("combobox", name="Council"))
    page.keyboard.type("Southend")
    tab_to(page, page.get_by_role("button", name="Make the plan"))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.get_by_role("heading", name="Our family plan, ages 13 to 17", level=1).is_visible()
    for name in ("Settings to change", "Talks to have this month", "Our family agreement"):
        assert page.get_by_role("heading", name=name, level=2).is_visible()
    assert page.get_by_role("heading", name="Who to call in Southend-on-Sea", level=2).is_visible()
    asked = parse_qsl(urlsplit(page.url).query, keep_blank_values=True)
    assert asked == [("age", "teen"), ("app", "tiktok"), ("device", "xbox"), ("council", "southend-on-sea")]
    assert page.context.cookies() == []


def test_plan_can_be_changed_and_begun_again(window, real_site):
    page = window(360, 740)
    page.goto(f"{real_site}/plan/?age=teen&app=tiktok&device=xbox&worry=grooming")
    with page.expect_navigation():
        page.get_by_role("link", name="Change it").click()
    for name in ("Teen: 13 to 17", "TikTok", "Xbox", "Sexual messages or grooming"):
        box = page.get_by_role("checkbox", name=name)
        assert box.is_visible()
        assert box.is_checked()
    with page.expect_navigation():
        page.get_by_role("button", name="Make the plan").click()
    assert "change" not in page.url
    with page.expect_navigation():
        page.get_by_role("link", name="Start again").click()
    assert page.locator("input:checked").count() == 0
    assert eyes.axe_faults(page) == []
    assert eyes.kept_faults(page) == []


def fullest_choice(page, real_site) -> str:
    """The address of a plan with more of everything than it has room for, and of what is longest."""
    page.goto(f"{real_site}/plan/")
    values = {
        name: page.locator(f"input[name={name}]").evaluate_all("(boxes) => boxes.map((box) => box.value)")
        for name in ("age", "app", "device", "worry")
    }
    assert len(values["app"]) >= APPS
    assert len(values["device"]) >= DEVICES
    pairs = [f"{name}={value}" for name in values for value in values[name]]
    return f"{real_site}/plan/?{'&'.join(pairs)}&council=southend-on-sea"


def test_fullest_plan_prints_on_two_sheets_in_letters_that_can_be_read(sheet, real_site):
    sheet.goto(fullest_choice(sheet, real_site))
    assert sheet.locator(".to-do > li").count() == APPS + DEVICES
    assert sheet.locator(".tick-boxes:has(li)").count() == APPS + DEVICES
    assert pages_of(sheet) <= 2
    assert small_print(sheet) == []
    words = sheet.locator("body").inner_text()
    assert "999" in words
    assert "01702 215007" in words
    # A plan hangs where everybody at home reads it: neither the way out nor the worries are on it.
    assert [label for label in ("Exit this site", "Get help now", *Concern.labels) if label in words] == []


def test_small_plan_prints_on_one_sheet(sheet, real_site):
    sheet.goto(f"{real_site}/plan/?age=teen&app=tiktok")
    assert pages_of(sheet) == 1


def test_every_handout_prints_on_one_sheet(sheet, real_site, addresses):
    topics = [path for path in addresses if re.fullmatch(r"/topics/[\w-]+/", path) and "taken-down" not in path]
    assert len(topics) >= 10
    wrong = {}
    for path in topics:
        for query in ("", "?council=southend-on-sea"):
            sheet.goto(f"{real_site}{path}handout/{query}")
            if (pages := pages_of(sheet)) != 1 or small_print(sheet):
                wrong[path + query] = pages, small_print(sheet)
    assert wrong == {}


def test_handout_of_a_taken_down_topic_is_gone(real_site):
    with pytest.raises(urllib.error.HTTPError, match="410"):
        urllib.request.urlopen(f"{real_site}/topics/taken-down/handout/")


def print_answer(sheet, real_site, client, address: str) -> int:
    """How many sheets a page from the test's own database takes, with the stylesheet of the real site."""
    html = client.get(address).content
    sheet.route(f"{real_site}/printed/", lambda route: route.fulfill(body=html, content_type="text/html"))
    sheet.goto(f"{real_site}/printed/")
    sheet.unroute(f"{real_site}/printed/")
    return pages_of(sheet)


@pytest.mark.django_db
def test_longest_handout_that_an_editor_could_write_prints_on_one_sheet(sheet, real_site, client):
    words = "wonderful words " * 30
    edition = factories.topic_edition(factories.topic("long"), title=words[:100], summary=words[:300])
    for position, (kind, heading) in enumerate((("steps", words[:120]), ("text", f"Signs {words}"[:120])), 1):
        items = "".join(f"<li>{words[: 40 * number]}</li>" for number in range(1, 12))
        Section.objects.create(
            edition=edition, position=position, kind=kind, heading=heading, body=f"<ol>{items}</ol>" * 3
        )
    for position in range(1, 9):
        ConversationStarter.objects.create(edition=edition, position=position, words=words[:250], tip=words[:250])
        Fact.objects.create(edition=edition, position=position, claim=words[:300], source=words[:200], year=words[:60])
    assert print_answer(sheet, real_site, client, "/topics/long/handout/") == 1
    assert sheet.locator("ol.points li").count() >= 3


@pytest.mark.django_db
def test_longest_plan_that_an_editor_could_write_prints_on_two_sheets(sheet, real_site, client):
    words = "wonderful words " * 30
    bands = factories.age_bands()
    for number in range(APPS):
        edition = factories.app_edition(factories.app_profile(f"app{number}"), age_bands=bands, name=words[:60])
        for position in range(1, 6):
            SettingStep.objects.create(
                edition=edition, position=position, setting=words[:150], path=words[:400], as_of=words[:20]
            )
    for number in range(DEVICES):
        edition = factories.control_edition(factories.control_guide(f"device{number}"), provider=words[:80])
        for position in range(1, 6):
            ControlStep.objects.create(edition=edition, position=position, words=words[:400])
    topic = factories.topic_edition(title=words[:100], area="age", age_bands=bands)
    for position in range(1, 9):
        row = ConversationStarter.objects.create(
            edition=topic, position=position, words=f"{position} {words}"[:250], tip=words[:250]
        )
        row.age_bands.set(bands)
    apps, devices = (f"app=app{number}" for number in range(APPS)), (f"device=device{n}" for n in range(DEVICES))
    address = "/plan/?age=pre-school&age=pre-teen&age=teen&" + "&".join([*apps, *devices])
    assert print_answer(sheet, real_site, client, address) <= 2
    assert sheet.locator(".to-do > li").count() == APPS + DEVICES
    assert sheet.locator(".talks > li").count() == 4
