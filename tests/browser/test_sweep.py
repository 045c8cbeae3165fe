"""Every public address, over the wire from the site as ``make run`` serves it, on a narrow phone."""

import re
import urllib.request

import pytest

from tests.browser import eyes
from tests.browser.real_site import STATUS

PARTS = 8  # so that the workers share the addresses, however many there are


def page_faults(page, site: str, path: str) -> list[str]:
    address = f"{site}{path}"
    with eyes.wire(page) as seen, page.expect_response(address) as waiting:
        faults = eyes.complaints(page, address)
        faults += eyes.shift_faults(page)
    answer = waiting.value
    if answer.status != STATUS.get(path, 200):
        faults.append(f"status {answer.status}")
    headers = answer.headers
    if headers.get("cache-control") != "no-store":
        faults.append(f"cache-control: {headers.get('cache-control')}")
    if "unsafe" in headers["content-security-policy"]:
        faults.append(f"content-security-policy: {headers['content-security-policy']}")
    faults += [f"{name} in the answer" for name in ("set-cookie", "server-timing") if name in headers]
    # The picture of the tab stands in the page itself: its data: address asks nobody.
    requests = [asked for asked in seen["addresses"] if not asked.startswith("data:image/svg+xml,")]
    if len(requests) > 3:
        faults.append(f"more than 3 requests: {requests}")
    faults += [f"asks elsewhere: {asked}" for asked in requests if not asked.startswith(f"{site}/")]
    if not 1_000 < seen["bytes"] <= 40_000:
        faults.append(f"{seen['bytes']} bytes over the wire")
    return [
        *faults,
        *eyes.kept_faults(page),
        *eyes.sideways_faults(page),
        *eyes.exit_faults(page),
        *eyes.target_faults(page),
        *eyes.axe_faults(page),
    ]


@pytest.mark.parametrize("part", range(PARTS))
def test_every_public_page_is_sound_at_320_px(real_site, addresses, window, part):
    page = window(320)
    faults = {path: page_faults(page, real_site, path) for path in addresses[part::PARTS]}
    assert {path: found for path, found in faults.items() if found} == {}


def test_the_sweep_sees_what_is_wrong(real_site, window):
    """Each pair of eyes is shown a page that is wrong in its own way."""
    page = window(320, bypass_csp=True)
    page.goto(f"{real_site}/about/")
    page.evaluate("document.getElementById('quick-exit').style.translate = '0 -200px'")
    assert eyes.exit_faults(page) == ["exit is out of sight", "exit is covered"]
    page.evaluate("document.querySelector('h1').style.cssText = 'width: 900px; color: #eee'")
    assert len(eyes.sideways_faults(page)) == 1
    page.evaluate("document.querySelector('.brand').style.cssText = 'min-height: 0; height: 20px; overflow: hidden'")
    assert [" by 20.0 px, not 44: " in fault for fault in eyes.target_faults(page)] == [True]
    assert [fault.partition(":")[0] for fault in eyes.axe_faults(page)] == ["color-contrast"]
    assert eyes.spilled_faults(page) == []
    page.evaluate("document.querySelector('.lead').style.cssText = 'height: 30px; overflow: hidden'")
    assert [fault.partition(":")[0] for fault in eyes.spilled_faults(page)] == ["text leaves its box"]
    page.evaluate("localStorage.setItem('seen', 1); document.cookie = 'seen=1'")
    assert eyes.kept_faults(page) == ["document.cookie holds 6", "localStorage holds 1", "cookies holds 1"]
    page.evaluate("localStorage.clear()")
    page.context.clear_cookies()
    page.evaluate(
        "document.querySelector('main').prepend(Object.assign(document.createElement('p'), {innerHTML: '?'}))"
    )
    assert eyes.shift_faults(page)


def test_files_of_the_site_come_in_brotli_under_names_that_may_be_kept_for_ever(real_site):
    with urllib.request.urlopen(real_site) as answer:
        files = re.findall(r'(?:href|src)="(/static/[^"]+)"', answer.read().decode())
    assert sorted(re.sub(r"\.[0-9a-f]{12}(?=\.)", "", name) for name in files) == [
        "/static/css/site.css",
        "/static/js/quick-exit.js",
    ]
    for name in files:
        request = urllib.request.Request(f"{real_site}{name}", headers={"Accept-Encoding": "br"})
        with urllib.request.urlopen(request) as answer:
            assert answer.headers["Content-Encoding"] == "br", name
            assert "immutable" in answer.headers["Cache-Control"], name
