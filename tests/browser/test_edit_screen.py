"""What an editor does on the edit screen, by keyboard, mouse and touch; in Chromium, under the real policy."""

import json

import pytest

from tests.browser import eyes

# One draft of each kind, copied from what the site ships with: a model, and how to find the edition.
KINDS = {
    "topic": ("guidance", "TopicEdition", "topic__slug", "sending-nudes"),
    "app": ("guidance", "AppProfileEdition", "profile__slug", "tiktok"),
    "control": ("guidance", "ControlGuideEdition", "guide__slug", "bt"),
    "concern": ("reporting", "ConcernEdition", "concern__slug", "blackmail"),
    "contact": ("reporting", "ContactEdition", "contact__slug", "essex-southend-ooh"),
}
MAKE_DRAFTS = f"""
import json
from django.apps import apps
from django.contrib.auth.models import User
from safety_site.editions import copy_as_draft
made = {{}}
for kind, (app, model, field, slug) in {KINDS!r}.items():
    live = apps.get_model(app, model).objects.live().get(**{{field: slug}})
    draft = copy_as_draft(live, User.objects.get(username="admin-1"))
    made[kind] = f"{{app}}/{{model.lower()}}/{{draft.pk}}/change/"
print(json.dumps(made))
"""
LISTEN = """
window.violations = [];
document.addEventListener("securitypolicyviolation",
  (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
WORD = """<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"
xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40"><head>
<meta name=Generator content="Microsoft Word 15"><!--[if gte mso 9]><xml><o:OfficeDocumentSettings/></xml><![endif]-->
<style><!-- p.MsoNormal {mso-style-name:Normal; font-family:"Calibri";}
@list l0:level1 {mso-level-number-format:bullet;} --></style></head>
<body lang=EN-GB style='tab-interval:36.0pt'><!--StartFragment-->
<h1 style='mso-list:none'>What to do<o:p></o:p></h1>
<p class=MsoNormal style='margin-bottom:8.0pt;line-height:107%'><span lang=EN-GB style='font-size:12.0pt;
font-family:"Comic Sans MS";color:red;mso-fareast-language:EN-GB'>Stay <b style='mso-bidi-font-weight:normal'>calm</b>
and <a href="https://www.childline.org.uk/" style='color:blue'>ask for help</a>.<o:p>&nbsp;</o:p></span></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;
</span></span></span><![endif]>Save the names<o:p></o:p></p>
<p class=MsoListParagraphCxSpLast style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;
</span></span></span><![endif]>Block them<o:p></o:p></p>
<table class=MsoTableGrid border=1 style='border-collapse:collapse'><tr style='mso-yfti-irow:0'>
<td width=200 valign=top style='width:150pt'><p class=MsoNormal>Monday</p></td>
<td><p class=MsoNormal>9 to 5</p></td></tr></table>
<!--EndFragment--></body></html>"""
FROM_WORD = (
    "<h3>What to do</h3>"
    '<p>Stay <strong>calm</strong> and <a href="https://www.childline.org.uk/">ask for help</a>.</p>'
    "<ul><li><p>Save the names</p></li><li><p>Block them</p></li></ul>"
    "<p>Monday – 9 to 5</p>"
)
GOOGLE_DOCS = (
    '<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-1">'
    '<p dir="ltr" style="line-height:1.38">'
    '<span style="font-size:11pt;font-weight:400;color:#000">Plain, </span><span style="font-weight:700">bold</span>'
    '<span style="font-style:italic"> and leaning</span></p><ul style="margin:0">'
    '<li dir="ltr" style="list-style-type:disc">'
    '<p role="presentation"><span style="font-weight:400">One</span></p></li></ul></b>'
)
FROM_GOOGLE = "<p>Plain, <strong>bold</strong><em> and leaning</em></p><ul><li><p>One</p></li></ul>"
WEB = (
    '<div class="x" onclick="alert(1)"><h2 id="a">Title</h2><script>alert(1)</script><style>p{color:red}</style>'
    '<p style="color:red">See <a href="javascript:alert(1)">this</a>, <a href="/topics/">topics</a> and '
    '<a href="//x.example">that</a><img src="https://x.example/a.gif"></p></div>'
)
FROM_WEB = '<h3>Title</h3><p>See this, <a href="/topics/">topics</a> and that</p>'


@pytest.fixture(scope="module")
def drafts(newsroom_site) -> dict[str, str]:
    return json.loads(newsroom_site.run(MAKE_DRAFTS))


@pytest.fixture
def screen(newsroom, drafts):
    """A function that opens the draft of one kind, all of it unfolded, in a window of some width."""

    def show(kind: str, width: int = 1280, name: str = "admin-1", **options):
        page = newsroom.window(name, width, **options)
        page.add_init_script(LISTEN)
        page.said = []
        page.on("console", lambda message: page.said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(newsroom.admin + drafts[kind])
        page.wait_for_load_state("networkidle")
        return page

    return show


def unfold(page):
    page.evaluate(
        """() => {
          document.querySelectorAll("#content details").forEach((part) => { part.open = true; });
          document.querySelectorAll(".fold[aria-expanded=false]").forEach((button) => button.click());
        }"""
    )


def starters(page) -> list[str]:
    """The words to begin with, as they stand on the page, with their places."""
    return page.evaluate(
        """() => [...document.querySelectorAll("#starters-group .inline-related:not(.empty-form)")].map(
            (row) => row.querySelector("[name$=-position]").value + " " + row.querySelector("[name$=-words]").value)"""
    )


def save(page):
    with page.expect_navigation():
        page.get_by_role("button", name="Save and continue editing").first.click()


@pytest.mark.parametrize("name", ["writer-1", "admin-1"])
def test_people_of_the_newsroom_can_log_in(newsroom, name):
    page = newsroom.window()
    newsroom.login(page, name)
    assert page.url == newsroom.admin


# Each kind in a narrow light window and a wide dark one: 640 pixels are a laptop at 200 %.
@pytest.mark.parametrize(("width", "scheme"), [(640, "light"), (1280, "dark")])
@pytest.mark.parametrize("kind", KINDS)
def test_edit_screen_has_no_fault_that_axe_or_the_policy_finds(screen, kind, width, scheme):
    page = screen(kind, width, color_scheme=scheme)
    unfold(page)
    page.wait_for_timeout(200)
    # Before axe looks: it adds style elements of its own, which the policy refuses.
    assert page.evaluate("window.violations") == []
    assert page.said == []
    assert eyes.sideways_faults(page) == []
    assert eyes.axe_faults(page) == []


@pytest.mark.parametrize("kind", ["topic", "contact"])
def test_edit_screen_fits_a_phone(screen, kind):
    page = screen(kind, 360)
    unfold(page)
    assert eyes.sideways_faults(page) == []


def test_parts_are_ordered_by_keyboard_and_stay_so_when_saved(screen):
    page = screen("topic")
    unfold(page)
    before = [row.split(" ", 1)[1] for row in starters(page)]
    page.locator("#starters-group .move-down").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    moved = [before[1], before[2], before[0], *before[3:]]
    expected = [f"{place} {words}" for place, words in enumerate(moved, 1)]
    assert starters(page) == expected
    assert page.evaluate("document.activeElement.className") == "part-button move-down"
    page.wait_for_timeout(200)
    assert page.locator("[role=status]").last.inner_text().endswith(f"is now 3 of {len(before)}.")
    save(page)
    assert starters(page) == expected


@pytest.mark.parametrize("how", ["mouse", "touch"])
def test_parts_are_ordered_by_dragging(screen, how):
    page = screen("topic", 1024, has_touch=how == "touch")
    page.locator("#starters-group summary").click()
    page.evaluate("document.querySelectorAll('#starters-group .fold[aria-expanded=true]').forEach((b) => b.click())")
    before = starters(page)
    handles = page.locator("#starters-group .drag-handle")
    handles.nth(0).scroll_into_view_if_needed()
    page.evaluate("document.querySelector('#starters-group').scrollIntoView()")
    rows = page.locator("#starters-group .inline-related:not(.empty-form)")
    start, end = handles.nth(0).bounding_box(), rows.nth(2).bounding_box()
    x, y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
    below = end["y"] + end["height"] - 4
    if how == "mouse":
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x, (y + below) / 2, steps=6)
        page.mouse.move(x, below, steps=6)
        page.mouse.up()
    else:
        finger = page.context.new_cdp_session(page)
        finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        for part in range(1, 13):
            point = {"x": x, "y": y + (below - y) * part / 12}
            finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    words = [row.split(" ", 1)[1] for row in before]
    moved = [words[1], words[2], words[0], *words[3:]]
    assert starters(page) == [f"{place} {each}" for place, each in enumerate(moved, 1)]


def test_new_parts_can_be_moved_above_saved_ones_and_taken_away_again(screen):
    page = screen("topic")
    unfold(page)
    count = len(starters(page))
    for words in ("First new words?", "Second new words?"):
        page.get_by_role("button", name="Add another Starter").click()
        page.keyboard.type(words)
        page.locator(f"#id_starters-{page.locator('#id_starters-TOTAL_FORMS').input_value()}-words").count()
    rows = page.locator("#starters-group .inline-related:not(.empty-form)")
    for _step in range(count):
        rows.filter(has=page.locator("textarea")).nth(len(starters(page)) - 1)
        newest = page.locator(f"#starters-{count + 1}")
        newest.locator(".move-up").click()
    page.locator(f"#starters-{count} .inline-deletelink").click()
    page.wait_for_timeout(100)
    assert [row.split(" ", 1)[1] for row in starters(page)].index("Second new words?") == 1
    page.locator(f"#starters-{count} input[type=checkbox][name$=-age_bands]").first.check()
    save(page)
    assert page.locator("#edition-faults").count() == 0
    places = [int(row.split(" ", 1)[0]) for row in starters(page)]
    assert places == list(range(1, count + 2))
    assert starters(page)[1] == "2 Second new words?"


def test_counters_count_and_warn(screen):
    page = screen("topic")
    title = page.locator("#id_title")
    title.fill("x" * 90)
    counter = page.locator("#id_title + .counter")
    assert counter.inner_text() == "10 characters left"
    title.fill("x" * 101)
    assert counter.inner_text() == "1 character too many"
    assert "is-over" in counter.get_attribute("class")
    page.wait_for_timeout(1300)
    assert page.locator("[role=status]").last.inner_text() == "1 character too many"
    unfold(page)
    body = page.get_by_role("textbox", name="Body").first
    body.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("word " * 301)
    words = page.locator("#sections-group .field-body .counter").first
    assert words.inner_text() == "301 words: long for a phone; 300 or fewer read best"


def test_faults_are_counted_at_the_top_and_lead_to_their_boxes(screen):
    page = screen("topic")
    page.locator("#id_title").fill("x" * 101)
    unfold(page)
    page.locator("#sections-group [name$=-heading]").nth(1).fill("")
    save(page)
    assert page.evaluate("document.activeElement.id") == "edition-faults"
    assert page.get_by_role("heading", name="2 things keep this from being saved").is_visible()
    page.get_by_role("link", name="Sections, 2: Heading").click()
    assert page.evaluate("document.activeElement.name") == "sections-1-heading"
    page.get_by_role("link", name="Title", exact=True).click()
    assert page.evaluate("document.activeElement.value") == "x" * 101


@pytest.mark.parametrize(
    ("copied", "expected"),
    [(WORD, FROM_WORD), (GOOGLE_DOCS, FROM_GOOGLE), (WEB, FROM_WEB)],
    ids=["word", "google-docs", "web"],
)
def test_paste_comes_out_clean(screen, copied, expected):
    page = screen("control")
    area = page.get_by_role("textbox", name="Limits")
    area.click()
    page.keyboard.press("Control+a")
    page.evaluate(
        """(html) => {
          const data = new DataTransfer();
          data.setData("text/html", html);
          data.setData("text/plain", "plain");
          document.activeElement.dispatchEvent(new ClipboardEvent("paste",
            { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        copied,
    )
    assert page.locator("#id_limits").input_value() == expected
    assert page.evaluate("window.violations") == []
    assert page.said == []


def test_rich_text_is_written_by_keyboard_alone(screen):
    page = screen("control")
    page.get_by_role("toolbar", name="Format: Limits").get_by_role("button", name="Heading", exact=True).focus()
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Heading"
    page.keyboard.press("Tab")  # one stop for the toolbar, the next is the text
    assert page.evaluate("document.activeElement.getAttribute('role')") == "textbox"
    page.keyboard.press("Control+a")
    page.keyboard.type("See our topics")
    page.keyboard.press("Control+a")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("End")
    for _step in range(2):
        page.keyboard.press("ArrowLeft")
    page.get_by_role("toolbar", name="Format: Limits").get_by_role("button", name="Link", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_label("URL").fill("/topics/")
    page.keyboard.press("Enter")
    assert page.locator("#id_limits").input_value() == '<p><a href="/topics/" title="">See our topics</a></p>'
    page.get_by_role("textbox", name="Limits").focus()
    page.keyboard.press("Control+a")
    page.get_by_role("toolbar", name="Format: Limits").get_by_role("button", name="List with dots").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('role')") != "textbox"
    save(page)
    assert page.locator("#id_limits").input_value() == (
        '<ul><li><p><a href="/topics/">See our topics</a></p></li></ul>'
    )


def test_hours_of_a_number_are_added_beside_it(screen):
    page = screen("contact")
    lines = page.locator("#phones-0 .hours-line")
    count = lines.count()
    page.locator("#phones-0").get_by_role("button", name="Add a line").click()
    line = lines.nth(count)
    line.get_by_label("Day").select_option("Bank holidays")
    line.get_by_label("Opens").fill("10:15")
    line.get_by_label("Closes").fill("11:45")
    save(page)
    assert page.locator("#edition-faults").count() == 0
    assert page.locator("#phones-0 .hours-line").count() == count + 1  # those before, the new one, a blank one
    assert (
        page.locator("#phones-0 [name$=-opens_at]").evaluate_all("(all) => all.map((box) => box.value)").count("10:15")
        == 1
    )


def test_jumps_lead_to_the_parts_and_open_them(screen):
    page = screen("topic", 640)
    page.get_by_role("navigation", name="Parts of this form").get_by_role("link", name="Did you know").click()
    assert page.locator("#facts-group .inline-related").first.is_visible()
    assert page.evaluate("document.activeElement.id") == "facts-group"


def test_form_works_without_script(newsroom, drafts):
    page = newsroom.window("admin-1", java_script_enabled=False)
    page.goto(newsroom.admin + drafts["control"])
    page.locator("#steps-group summary").click()
    assert page.locator("#id_steps-0-position").is_visible()
    page.locator("#id_steps-0-position").fill("2")
    save(page)
    places = [int(box.input_value()) for box in page.locator("#steps-group [name$=-position]").all()[:-1]]
    assert places == list(range(1, len(places) + 1))


def test_new_parts_are_told_apart_by_a_number_then_by_the_words_typed_in_them(screen):
    page = screen("topic")
    unfold(page)
    rows = page.locator("#starters-group .inline-related:not(.empty-form)")
    for _number in range(2):
        page.locator("#starters-group .add-row a").click()
    titles = page.locator("#starters-group .inline-related:not(.empty-form) .part-title").all_inner_texts()
    name = page.locator("#starters-group").get_attribute("data-name")
    assert titles[-2:] == [f"New {name} 1", f"New {name} 2"]
    rows.last.locator("textarea, input[type=text]").first.fill("What did you see?")
    rows.last.locator(".move-up").click()
    page.wait_for_timeout(200)
    said = page.locator("[role=status]").last.inner_text()
    assert said == f"What did you see? is now {len(titles) - 1} of {len(titles)}."
    assert page.locator("#starters-group .part-count").inner_text() == f"({len(titles)})"
