"""The mirror, with application and database off: what readers get, and that the way out works as on the site."""

import gzip
import os
import shutil
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.browser import eyes
from tests.browser.exits import BLUE, GREEN, history, landed, leave, step, visit
from tests.browser.frames import Screencast, blank_after
from tests.browser.mirror_site import export_command, mirror_environment, plain_server
from tests.browser.real_site import ROOT
from tests.browser.test_quick_exit import (  # noqa: F401 - the same promises, kept by files alone
    test_a_fresh_visit_after_an_exit_shows_the_page_and_forgets_the_exit,
    test_a_visit_that_stands_in_the_middle_of_its_own_history_is_swept_too,
    test_back_leads_to_where_the_visitor_came_from_and_forward_to_the_neutral_site,
    test_nothing_is_stored_before_an_exit_and_one_wordless_mark_after,
    test_other_open_tabs_leave_by_themselves,
    test_pages_of_an_earlier_visit_beyond_another_site_leave_again,
    test_pages_that_the_browser_no_longer_keeps_are_swept_too,
    test_trying_the_exit_uses_the_same_way_out_and_lands_on_our_own_page,
)
from tests.browser.test_quick_exit_frames import look_around_afterwards, tell_moment
from tests.safety_site.speed.mirrors import dead_links, pages_of

KINDS = (
    "/", "/contacts/essex/", "/search/", "/contacts/find/", "/copy/", "/topics/sending-nudes/age/teen/", "/apps/",
    "/plan/", "/no/such/page/",
)  # fmt: skip
RECORDINGS = "/topics/with-recordings/"


@pytest.fixture
def site(mirror_folder, neutral):
    """For the tests of the exit: the mirror on a server of files, which leads to the neutral site of the test."""
    with plain_server(mirror_folder / "current", neutral.url) as address:
        yield address


@pytest.fixture
def page(new_context):
    return new_context(has_touch=True).new_page()


def get(address: str, method: str = "GET", **headers: str):
    """Status, headers and body; redirects are not followed."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args):
            return None

    try:
        answer = urllib.request.build_opener(Stay).open(urllib.request.Request(address, method=method, headers=headers))
    except urllib.error.HTTPError as refusal:
        answer = refusal
    with answer:
        return answer.status, answer.headers, answer.read()


# --- Over the wire --------------------------------------------------------------------------------------------


def test_nginx_sends_every_page_with_every_header_and_small_enough(mirror_folder, mirror_by_nginx):
    pages = pages_of(mirror_folder / "current")
    assert len(pages) > 600
    assert dead_links(pages, mirror_folder / "current") == {}
    static = 0
    for name in pages["/"].loads[:2]:
        status, headers, body = get(f"{mirror_by_nginx}{name}", **{"Accept-Encoding": "gzip"})
        assert (status, headers["Content-Encoding"]) == (200, "gzip")
        assert "immutable" in headers["Cache-Control"]
        static += len(body)
    wrong = {}
    for address in pages:
        if address in ("/exit/", "/404.html"):
            continue
        status, headers, body = get(f"{mirror_by_nginx}{address}", **{"Accept-Encoding": "gzip"})
        policy = headers["Content-Security-Policy"]
        found = (
            status == 200,
            headers["Content-Type"] == "text/html; charset=utf-8",
            headers.get_all("Cache-Control") == ["no-store"],
            policy.endswith("frame-ancestors 'none'") and "unsafe" not in policy,
            headers["Referrer-Policy"] == "no-referrer",
            headers["X-Content-Type-Options"] == "nosniff",
            headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin",
            "camera=()" in headers["Permissions-Policy"],
            headers["Set-Cookie"] is None,
            gzip.decompress(body).decode() == pages[address].text,
            len(body) + static < 40_000,
        )
        if not all(found):
            wrong[address] = found
    assert wrong == {}


def test_nginx_leaves_in_one_hop_and_refuses_in_our_words(mirror_by_nginx):
    status, headers, _ = get(f"{mirror_by_nginx}/exit/")
    assert (status, headers["Location"]) == (303, "https://www.bbc.co.uk/weather")
    assert headers["Clear-Site-Data"] == '"cookies", "storage"'
    for address, method, expected in (("/no/such/page/", "GET", 404), ("/about/", "POST", 405)):
        status, headers, body = get(f"{mirror_by_nginx}{address}", method)
        assert (status, b'id="quick-exit"' in body) == (expected, True)
        assert headers["Cache-Control"] == "no-store"
    status, headers, _ = get(f"{mirror_by_nginx}/topics")
    assert (status, headers["Location"]) == (301, "/topics/")


def test_files_of_other_kinds_come_as_what_they_are(mirror_folder, mirror_by_nginx):
    uploads = sorted((mirror_folder / "current/media/resources").iterdir())
    assert {path.suffix for path in uploads} == {".mp3", ".mp4", ".vtt"}
    kinds = {
        "/contacts.csv": "text/csv",
        "/contacts/essex/contact.vcf": "text/vcard",
        "/sitemap.xml": "application/xml",
    }
    of_uploads = {".mp3": "audio/mpeg", ".mp4": "video/mp4", ".vtt": "text/vtt"}
    kinds |= {f"/media/resources/{path.name}": of_uploads[path.suffix] for path in uploads}
    for address, kind in kinds.items():
        status, headers, _ = get(f"{mirror_by_nginx}{address}")
        assert (status, headers["Content-Type"].partition(";")[0]) == (200, kind), address
    _, headers, _ = get(f"{mirror_by_nginx}/media/resources/{uploads[0].name}")
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


# --- In a browser ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "kinds"), [(320, (*KINDS, RECORDINGS)), (1280, KINDS[:4])])
def test_pages_of_a_copy_are_sound(mirror_folder, window, width, kinds):
    page = window(width)
    with plain_server(mirror_folder / "current") as address:
        faults = {kind: page_faults(page, f"{address}{kind}") for kind in kinds}
    assert {kind: found for kind, found in faults.items() if found} == {}


def page_faults(page, address: str) -> list[str]:
    with eyes.wire(page) as seen:
        faults = eyes.complaints(page, address) + eyes.shift_faults(page)
    requests = [asked for asked in seen["addresses"] if not asked.startswith("data:")]
    if len(requests) > 3 or any("localhost" not in asked for asked in requests):
        faults.append(f"asks for {requests}")
    if not page.get_by_text("This is a copy of the site, made on").is_visible():
        faults.append("does not say how old it is")
    looks = (eyes.kept_faults, eyes.sideways_faults, eyes.exit_faults, eyes.target_faults, eyes.axe_faults)
    return [*faults, *(fault for look in looks for fault in look(page))]


def test_age_of_a_copy_is_printed(mirror_folder, window):
    page = window(1280)
    with plain_server(mirror_folder / "current") as address:
        for path in ("/contacts/essex/", "/contacts/essex/card/", "/topics/sending-nudes/handout/"):
            page.goto(f"{address}{path}")
            page.emulate_media(media="print")
            assert page.get_by_text("This is a copy of the site, made on").is_visible(), path
            page.emulate_media(media="screen")


# --- The way out ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["tap", "Enter", "Space", "middle", "shift"])
def test_every_way_of_leaving_a_copy_lands_in_this_tab(page, site, neutral, before, way):
    visit(page, site, 3, before)
    leave(page, way)
    landed(page, neutral.url)
    at, addresses = history(page)
    assert addresses[at - 1 :] == [before.url, neutral.url, f"{site}/exit/"]
    assert {ask["referrer"] for ask in neutral.asked} == {None}


@pytest.mark.parametrize("way", ["click", "Enter"])
def test_without_scripts_the_control_of_a_copy_leaves_in_one_hop(new_context, site, neutral, way):
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{site}/contacts/essex/")
    leave(page, way)
    landed(page, neutral.url)
    assert [ask["path"] for ask in neutral.asked] == ["/"]


@pytest.mark.parametrize("javascript", [True, False])
def test_exit_page_of_a_copy_leaves_at_once_and_stays_in_no_history(new_context, site, neutral, before, javascript):
    page = new_context(java_script_enabled=javascript).new_page()
    page.goto(before.url)
    screencast = Screencast(page)
    screencast.start()
    # As a bookmark or a typed address would.
    page.goto(f"{site}/exit/", wait_until="commit")
    landed(page, neutral.url)
    page.wait_for_timeout(150)
    assert [frame for frame in screencast.stop() if frame.shows_site(GREEN, BLUE)] == []
    at, addresses = history(page)
    assert addresses[at - 1 :] == [before.url, neutral.url]
    assert {ask["referrer"] for ask in neutral.asked} == {None}
    step(page, -1)
    landed(page, before.url)


@pytest.mark.alone
@pytest.mark.parametrize("way", ["click", "shift"])
def test_no_frame_of_a_copy_is_painted_after_an_exit(new_context, site, neutral, before, way):
    page = new_context().new_page()
    visit(page, site, 3, before)
    moments = tell_moment(page)
    screencast = Screencast(page)
    screencast.start()
    page.wait_for_timeout(200)
    leave(page, way)
    landed(page, neutral.url)
    look_around_afterwards(page)
    frames = screencast.stop()
    assert frames[0].shows_site()
    assert blank_after(frames, moments[-1], GREEN, BLUE) <= 100


def test_with_the_server_of_the_copy_down_the_exit_still_leaves(page, mirror_folder, neutral, before):
    with plain_server(mirror_folder / "current", neutral.url) as site:
        visit(page, site, 3, before)
    leave(page)
    landed(page, neutral.url, timeout=1_500)


# --- While it is made -----------------------------------------------------------------------------------------


@pytest.fixture
def own_folder(mirror_folder, tmp_path) -> Path:
    """A mirror that a test may change."""
    shutil.copytree(mirror_folder, tmp_path / "mirror", symlinks=True)
    return tmp_path / "mirror"


def run(prepared: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess:
    environment = {**mirror_environment(prepared), **settings}
    return subprocess.run(export_command(*arguments), cwd=ROOT, env=environment, capture_output=True, text=True)


def count_of(folder: Path) -> int:
    return sum(path.is_file() for path in (folder / "current").resolve().rglob("*"))


def test_an_export_that_is_killed_leaves_the_old_mirror_and_nobody_sees_half_of_one(prepared, own_folder):
    shown, count = (own_folder / "current").resolve(), count_of(own_folder)
    halves, asked, stop = [], [], threading.Event()

    def read(site: str):
        while not stop.is_set():
            for path in ("/", "/contacts/essex/", "/topics/sending-nudes/age/teen/", "/exit/"):
                status, _, body = get(f"{site}{path}")
                asked.append(path)
                if status != 200 or not body.rstrip().endswith(b"</html>"):
                    halves.append((path, status, body[-50:]))

    with plain_server(own_folder / "current") as site:
        reader = threading.Thread(target=read, args=(site,))
        reader.start()
        try:
            export = subprocess.Popen(export_command(str(own_folder)), cwd=ROOT, env=mirror_environment(prepared))
            deadline = time.monotonic() + 60
            while not any((own_folder / "versions").glob("*.part/contacts/*/index.html")):
                assert export.poll() is None, "the export was not caught in the middle"
                assert time.monotonic() < deadline
                time.sleep(0.001)
            os.kill(export.pid, signal.SIGKILL)
            assert export.wait() == -signal.SIGKILL
            assert list((own_folder / "versions").glob("*.part"))
            assert ((own_folder / "current").resolve(), count_of(own_folder)) == (shown, count)
            again = run(prepared, str(own_folder))
        finally:
            stop.set()
            reader.join()
    assert again.returncode == 0, again.stderr
    assert f"{count} as before, 0 changed, 0 new, 0 gone" in again.stdout
    assert (own_folder / "current").resolve() != shown
    assert not list((own_folder / "versions").glob("*.part"))
    assert halves == []
    assert len(asked) > 20


def test_with_database_and_application_gone_one_file_puts_a_banner_on_every_page(
    prepared, own_folder, tmp_path, window
):
    (tmp_path / "banner.txt").write_text("Danger\nOur phones are down. In danger? Call 999.")
    gone = {"DATABASE_URL": "postgres://nobody:nothing@127.0.0.1:1/nothing"}
    began = time.monotonic()
    done = run(prepared, "--banner", str(tmp_path / "banner.txt"), str(own_folder), **gone)
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began < 20
    pages = pages_of(own_folder / "current")
    said = "Danger: act now Our phones are down. In danger? Call 999."
    assert [address for address, each in pages.items() if said not in each.words] == ["/exit/"]
    page = window(320)
    with plain_server(own_folder / "current") as address:
        assert page_faults(page, f"{address}/contacts/essex/") == []
        assert page.get_by_text("Our phones are down.").is_visible()
    export = run(prepared, str(own_folder), DATABASE_URL=f"sqlite:///{tmp_path}/no/such/folder/db.sqlite3")
    assert (export.returncode, export.stdout) == (1, "")
    assert "CommandError: The mirror stays as it was: the database does not answer." in export.stderr
    assert run(prepared, "--no-banner", str(own_folder), **gone).returncode == 0
    assert "Our phones are down." not in (own_folder / "current/index.html").read_text()
