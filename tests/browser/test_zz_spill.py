import sys
sys.path.insert(0,'/work/issue3')
import pytest
from tests.browser import eyes
from tests.browser.test_page_kinds import WIDE_SPACING
from tests.browser.conftest import browser
from tests.browser.real_site import *
def test_x(window, locate):
    page=window(320)
    for k in ("topic","authority","authority-without-numbers","national"):
        page.goto(locate(k))
        page.evaluate("[...document.querySelectorAll('details')].forEach((details) => { details.open = true })")
        a=eyes.spilled_faults(page)
        page.evaluate("css => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css); document.adoptedStyleSheets = [sheet] }", WIDE_SPACING)
        print(k, a, *eyes.spilled_faults(page), *eyes.sideways_faults(page), sep="\n   ")
    p=window(360,740,has_touch=True,is_mobile=True)
    for path in ("/contacts/essex/","/contacts/rochford/?matched=1","/contacts/essex/?matched=1"):
        p.goto(locate("home")[:-1]+path)
        print(path,p.locator(".call-number a").first.bounding_box(),p.locator("main").bounding_box(), [ (e.bounding_box()["y"],e.bounding_box()["height"]) for e in p.locator(".page-head > *, .call-now > *").all()])
    p.screenshot(path="/tmp/i3.png")
