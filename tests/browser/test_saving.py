"""Two people collide, a page crashes, a session ends: nobody loses a word."""

import re
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qsl, urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = pytest.mark.xdist_group("newsroom")

# Every way into the browser's own storage, counted; and whether a page asks to be kept open.
WATCH = """
window.stored = [];
for (const kind of ["setItem", "removeItem"]) {
  const real = Storage.prototype[kind];
  Storage.prototype[kind] = function (...given) {
    window.stored.push([kind, ...given]);
    return real.apply(this, given);
  };
}
const open = IDBFactory.prototype.open;
IDBFactory.prototype.open = function (...given) {
  window.stored.push(["indexedDB", ...given]);
  return open.apply(this, given);
};
const listen = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function (kind, ...given) {
  if (kind === "beforeunload") window.stored.push(["beforeunload"]);
  return listen.call(this, kind, ...given);
};
"""

MAKE_DRAFT = """
from guidance.models import Topic, TopicEdition, TopicAudience, Section, Fact
topic = Topic.objects.create(slug="{slug}")
draft = TopicEdition.objects.create(topic=topic, number=1, title="The title", summary="As it was.", area="risk")
TopicAudience.objects.create(edition=draft, audience="parents")
Section.objects.create(edition=draft, heading="First section", body="<p>Words of the first section.</p>")
Fact.objects.create(edition=draft, claim="A claim", source="Ofcom", year="2025")
print(draft.pk)
"""


@pytest.fixture
def draft(newsroom, request):
    """The address of the edit screen of a fresh draft."""
    slug = re.sub(r"\W+", "-", request.node.name)[:60].strip("-").replace("_", "-")
    pk = newsroom.run(MAKE_DRAFT.format(slug=slug))
    return f"{newsroom.admin}guidance/topicedition/{pk}/change/"


def save(page):
    with page.expect_navigation():
        page.locator("input[name=_save]").first.click()


def type_summary(page, words: str):
    page.locator("#id_summary").fill(words)


def kept(page, go_on):
    """Wait until the server has kept the form, by something that makes the page keep it."""
    with page.expect_response(lambda response: response.url.endswith("/kept/")) as answer:
        go_on()
    return answer.value


def out_of_sight(page):
    page.evaluate(
        """() => {
          Object.defineProperty(document, "visibilityState", {value: "hidden", configurable: true});
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )


def test_two_people_in_one_draft(newsroom, draft):
    one, two = newsroom.window("writer-1"), newsroom.window("writer-2")
    one.goto(draft)
    two.goto(draft)
    type_summary(one, "Words of the first writer.")
    save(one)
    type_summary(two, "Words of the second writer.")
    save(two)
    expect(two.get_by_role("heading", name="Somebody saved this while you were writing")).to_be_visible()
    expect(two.get_by_text("saved by writer-1")).to_be_visible()
    assert two.locator(".both-versions del").all_inner_texts() == ["first"]
    assert two.locator(".both-versions ins").all_inner_texts() == ["second"]
    expect(two.locator("#id_summary")).to_have_value("Words of the second writer.")
    # The first one's words stand until the second decides.
    one.goto(draft)
    expect(one.locator("#id_summary")).to_have_value("Words of the first writer.")
    with two.expect_navigation():
        two.get_by_role("button", name="Save mine over it").click()
    one.goto(draft)
    expect(one.locator("#id_summary")).to_have_value("Words of the second writer.")


def test_keeping_theirs_after_a_collision(newsroom, draft):
    one, two = newsroom.window("writer-1"), newsroom.window("writer-2")
    one.goto(draft)
    two.goto(draft)
    type_summary(one, "Theirs.")
    save(one)
    type_summary(two, "Mine.")
    save(two)
    with two.expect_navigation():
        two.get_by_role("button", name="Keep theirs, throw mine away").click()
    expect(two.locator("#id_summary")).to_have_value("Theirs.")
    expect(two.get_by_text("were kept, and not saved")).to_have_count(0)


def test_words_come_back_after_a_crash(newsroom, draft):
    page = newsroom.window("writer-1")
    page.clock.install()
    page.goto(draft)
    type_summary(page, "Half a sentence that nobody sav")
    # The rich text editor keeps what is typed there too.
    page.evaluate("document.querySelectorAll('details').forEach(each => (each.open = true))")
    body = page.locator("#sections-0 [contenteditable=true]")
    body.click()
    page.keyboard.press("End")
    page.keyboard.type(" Typed in the editor.")
    add = re.compile("Add (another|a) fact", re.IGNORECASE)
    page.get_by_role("link", name=add).or_(page.get_by_role("button", name=add)).click()
    page.locator("#id_facts-1-claim").fill("A new claim")
    answer = kept(page, lambda: page.clock.run_for(31_000))
    assert answer.status == 200
    expect(page.locator("[data-keep-said]")).to_have_text(re.compile(r"^Kept at \d\d:\d\d$"))
    context = page.context
    page.close()  # without saving, as a crash

    page = context.new_page()
    page.goto(draft)
    expect(page.locator("#id_summary")).to_have_value("As it was.")
    expect(page.get_by_text(re.compile(r"Words of yours from \d\d:\d\d were kept, and not saved"))).to_be_visible()
    page.get_by_role("link", name="Show them").click()
    expect(page.locator("#id_summary")).to_have_value("Half a sentence that nobody sav")
    assert "Typed in the editor." in page.locator("#id_sections-0-body").input_value()
    expect(page.locator("#id_facts-1-claim")).to_have_value("A new claim")
    page.locator("#id_facts-1-source").fill("Ofcom")
    page.locator("#id_facts-1-year").fill("2025")
    save(page)
    page.goto(draft)
    expect(page.locator("#id_summary")).to_have_value("Half a sentence that nobody sav")
    expect(page.locator("#id_facts-1-claim")).to_have_value("A new claim")
    expect(page.get_by_text("were kept, and not saved")).to_have_count(0)


def test_page_that_goes_out_of_sight_or_away_is_kept(newsroom, draft):
    page = newsroom.window("writer-1")
    page.goto(draft)
    type_summary(page, "Hidden")
    assert kept(page, lambda: out_of_sight(page)).status == 200
    type_summary(page, "Left for another page")
    page.evaluate("Object.defineProperty(document, 'visibilityState', {value: 'visible', configurable: true})")
    page.goto(f"{newsroom.admin}")
    page.goto(draft)
    page.get_by_role("link", name="Show them").click()
    expect(page.locator("#id_summary")).to_have_value("Left for another page")


def test_lost_session_loses_no_words(newsroom, draft):
    page = newsroom.window("writer-1")
    page.goto(draft)
    type_summary(page, "Typed before the session ended")
    page.context.clear_cookies(name="sessionid")
    save(page)
    expect(page.get_by_text("Your words are kept")).to_be_visible()
    page.get_by_label("Username").fill("writer-1")
    page.get_by_label("Password").fill("correct-horse-battery-staple")
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()
    assert page.url == draft
    expect(page.locator("#id_summary")).to_have_value("As it was.")
    page.get_by_role("link", name="Show them").click()
    expect(page.locator("#id_summary")).to_have_value("Typed before the session ended")
    save(page)
    page.goto(draft)
    expect(page.locator("#id_summary")).to_have_value("Typed before the session ended")


def test_form_of_an_old_login_loses_no_words(newsroom, draft):
    page = newsroom.window("writer-1")
    page.goto(draft)
    type_summary(page, "Typed before the second login")
    other = page.context.new_page()
    newsroom.login(other, "writer-1")  # all cookies go, and new ones come
    save(page)
    assert page.url == draft
    expect(page.get_by_text("Your words are kept")).to_be_visible()
    page.get_by_role("link", name="Show them").click()
    expect(page.locator("#id_summary")).to_have_value("Typed before the second login")


def test_signed_out_is_said_while_writing(newsroom, draft):
    page = newsroom.window("writer-1")
    page.goto(draft)
    page.context.clear_cookies()
    type_summary(page, "Still writing")
    assert kept(page, lambda: out_of_sight(page)).status == 200
    expect(page.locator("[data-keep-said]")).to_contain_text("You are signed out")


def test_no_connection_is_said_and_tried_again(newsroom, draft):
    page = newsroom.window("writer-1")
    page.clock.install()
    page.goto(draft)
    page.context.set_offline(True)
    type_summary(page, "On a train")
    page.clock.run_for(31_000)
    expect(page.locator("[data-keep-said]")).to_contain_text("no connection")
    page.context.set_offline(False)
    kept(page, lambda: page.clock.run_for(31_000))
    expect(page.locator("[data-keep-said]")).to_have_text(re.compile("^Kept at"))


def test_nothing_is_written_to_the_browser_and_no_page_holds_on(newsroom, draft):
    page = newsroom.window("writer-1")
    problems = []
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda problem: problems.append(str(problem)))
    page.add_init_script(WATCH)
    page.goto(draft)
    type_summary(page, "Only on the server")
    kept(page, lambda: out_of_sight(page))
    words = page.evaluate("JSON.stringify([window.stored, {...localStorage}, {...sessionStorage}])")
    assert "Only on the server" not in words
    assert "beforeunload" not in words
    assert "indexedDB" not in words
    assert page.evaluate("window.onbeforeunload") is None
    assert problems == []


def test_saving_a_live_edition_leads_to_the_draft_beside_it(newsroom):
    page = newsroom.window("writer-1")
    page.goto(f"{newsroom.admin}guidance/controlguideedition/?q=bt")
    with page.expect_navigation():
        page.locator("#result_list tbody th a").first.click()
    live = page.url
    summary = page.locator("#id_summary").input_value()
    type_summary(page, f"{summary} More.")
    save(page)
    expect(page.get_by_text("This is a new draft, edition")).to_be_visible()
    assert page.url != live
    expect(page.locator("#id_summary")).to_have_value(f"{summary} More.")
    page.goto(live)
    expect(page.locator("#id_summary")).to_have_value(summary)
    expect(page.get_by_text("There is a draft of this already")).to_be_visible()
    save(page)
    expect(page.get_by_text("Nothing was changed, so there is no new draft.")).to_be_visible()


def test_without_javascript_kept_words_are_shown_and_saved(newsroom, draft):
    writing = newsroom.window("writer-2")
    writing.goto(draft)
    type_summary(writing, "Typed with JavaScript")
    kept(writing, lambda: out_of_sight(writing))
    page = newsroom.window("writer-2", java_script_enabled=False)
    page.goto(draft)
    page.get_by_role("link", name="Show them").click()
    expect(page.locator("#id_summary")).to_have_value("Typed with JavaScript")
    save(page)
    page.goto(draft)
    expect(page.locator("#id_summary")).to_have_value("Typed with JavaScript")


def test_form_that_is_too_long_stays_with_its_words(newsroom, draft):
    page = newsroom.window("writer-1")
    page.goto(draft)
    page.evaluate("document.querySelector('#id_editor_note').value = 'x'.repeat(2_000_001)")
    page.locator("#id_title").fill("Still here")
    page.locator("input[name=_save]").first.click()
    expect(page.locator("[data-keep-said]")).to_contain_text("this form is too long")
    assert page.url == draft
    expect(page.locator("#id_title")).to_have_value("Still here")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


def test_of_many_saves_at_the_same_moment_one_wins(newsroom, draft):
    """Two workers, one revision: the row is locked, so that not two of them can be the first."""
    page = newsroom.window("writer-1")
    page.goto(draft)
    fields = page.evaluate("new URLSearchParams(new FormData(document.querySelector('#topicedition_form'))).toString()")
    cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in page.context.cookies())
    opener = urllib.request.build_opener(NoRedirect)

    def send(number: int) -> int:
        sent = dict(parse_qsl(fields, keep_blank_values=True), summary=f"Words {number}")
        headers = {"Cookie": cookies, "Origin": newsroom.url}
        try:
            with opener.open(urllib.request.Request(draft, urlencode(sent).encode(), headers), timeout=60) as answer:
                return answer.status
        except urllib.error.HTTPError as answer:
            return answer.code

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(send, range(6)))
    assert answers == [302, 409, 409, 409, 409, 409]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_said_of_saving_is_clear_to_axe(newsroom, draft, scheme):
    one, two = newsroom.window("writer-1"), newsroom.window("writer-2", width=640, color_scheme=scheme)
    one.goto(draft)
    two.goto(draft)
    type_summary(one, "Words of the first writer.")
    save(one)
    type_summary(two, "Words of the second writer.")
    save(two)
    # Each piece of the page answers for its own part of it.
    found = Axe().run(two, context=".told").response["violations"]
    assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found] == []
    two.goto(draft)
    found = Axe().run(two, context=".kept-notice").response["violations"]
    assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found] == []
