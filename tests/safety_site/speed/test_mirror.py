"""The mirror: every page as a file, links that work without a server of ours, nothing that is true only now."""

import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import html5lib
import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction
from django.test import override_settings
from django.utils import timezone

from guidance.models import TopicEdition
from reporting.models import Authority
from safety_site import banners, mirror, quick_exit, work_list
from safety_site.mirror import addresses, export, put_banner
from safety_site.mirror.folder import Folder, MirrorError
from safety_site.mirror.links import Page
from safety_site.mirror.marks import said_of
from safety_site.readiness import readiness
from safety_site.work_desk import Desk
from tests import factories, sweep
from tests.conftest import load_shipped
from tests.safety_site.newsroom.work import person, rows
from tests.safety_site.speed.mirrors import OF_NOW, dead_links, pages_of

EXPORTED_ON = sweep.MOMENT  # Tuesday 1 December 2026 at noon
# Parsed by a strict parser: that takes a while, and pages of one kind are made alike.
PARSED = (
    "/", "/404.html", "/exit/", "/copy/", "/search/", "/feedback/", "/finder/", "/plan/", "/apps/compare/",
    "/contacts/find/", "/contacts/", "/contacts/essex/", "/contacts/aberdeen/", "/contacts/belfast-trust/",
    "/contacts/essex/card/", "/contacts/national/", "/contacts/data/", "/report/", "/report/blackmail/",
    "/report/blackmail/for/parents/", "/topics/", "/topics/age/teen/", "/topics/sending-nudes/",
    "/topics/sending-nudes/age/teen/", "/topics/sending-nudes/handout/", "/apps/", "/apps/age/teen/", "/apps/tiktok/",
    "/apps/omegle/", "/parental-controls/", "/parental-controls/bt/", "/talk/", "/talk/age/teen/", "/age/teen/",
    "/for/professionals/", "/law/", "/leaving-no-trace/", "/leaving-no-trace/tried/", "/privacy/",
)  # fmt: skip


# Some 390 authorities have a page each, all made alike; the test in a browser exports them all.
AUTHORITIES = ("essex", "southend-on-sea", "thurrock", "rochford", "aberdeen", "isle-of-anglesey", "belfast-trust")


def few_councils() -> None:
    """The others go without a look at what names them; all of it is taken back in the end."""
    Authority.objects.exclude(slug__in=AUTHORITIES)._raw_delete(connection.alias)


@pytest.fixture(scope="module")
def whole(django_db_setup, django_db_blocker, tmp_path_factory):
    """The mirror of the whole site, with banners, and with rows of every kind that no reader may see."""
    folder = tmp_path_factory.mktemp("whole")
    answers_to = override_settings(ALLOWED_HOSTS=["families.example"])
    with answers_to, time_machine.travel(EXPORTED_ON), django_db_blocker.unblock(), transaction.atomic():
        load_shipped()
        few_councils()
        hidden = sweep.hide_things()
        sweep.show_banners()
        addresses_listed = list(export._sitemap())
        counts = export.export(folder)
        banners.kept.keep(())
        transaction.set_rollback(True)
    current = Folder(folder).current
    return current, pages_of(current), hidden, addresses_listed, counts


@pytest.fixture(autouse=True)
def answers_to_its_name(settings):
    settings.ALLOWED_HOSTS = ["families.example"]


@pytest.fixture
def small(db, tmp_path):
    """A site with few pages, exported once; gives the folder."""
    factories.topic_edition(factories.topic("gaming"), title="Gaming", summary="About games.")
    export.export(tmp_path / "mirror")
    return tmp_path / "mirror"


def page(folder: Path, name: str = "topics/gaming/index.html") -> str:
    return (folder / "current" / name).read_text("utf-8")


# --- The whole site -------------------------------------------------------------------------------------------


def test_every_address_of_the_sitemap_is_a_page(whole):
    _, pages, _, listed, counts = whole
    assert len(listed) > 150
    assert set(listed) - set(pages) == set()
    assert counts.dead_links == ["/topics/unborn-topic/"] or counts.dead_links == []


def test_no_link_and_no_file_is_dead(whole):
    current, pages, *_ = whole
    assert dead_links(pages, current) == {}


def test_every_page_but_those_that_lead_nowhere_is_linked(whole):
    _, pages, *_ = whole
    linked = {link.partition("#")[0].removeprefix("https://mirror.example") for p in pages.values() for link in p.links}
    unlinked = {"/404.html", "/exit/", "/feedback/", "/finder/", "/plan/", "/apps/compare/"}
    assert set(pages) - linked - unlinked == set()


def test_no_page_of_an_app_leads_to_what_needs_the_full_site(whole):
    _, pages, *_ = whole
    leads = {address for address, page in pages.items() if any("/apps/compare/" in link for link in page.links)}
    assert leads == {"/apps/compare/"}  # to itself
    assert not any("full site-->" in page.words for page in pages.values())


def test_no_page_asks_anything(whole):
    _, pages, *_ = whole
    asked = ("form", "input", "select", "textarea", "iframe", "base", "object", "style")
    assert {address: page.all(*asked) for address, page in pages.items() if page.all(*asked)} == {}


def test_no_page_says_what_is_true_only_now(whole):
    _, pages, *_ = whole
    found = {address: [words for words in OF_NOW if words in each.words.lower()] for address, each in pages.items()}
    assert {address: said for address, said in found.items() if said} == {"/copy/": ["answers now"]}  # where it says so


def test_numbers_come_with_their_hours(whole):
    _, pages, *_ = whole
    assert "Monday to Thursday" in pages["/contacts/essex/"].words
    assert "Monday to Thursday" in pages["/contacts/essex/card/"].words


def test_nothing_that_readers_must_not_see_is_in_a_file(whole):
    current, _, hidden, *_ = whole
    texts = [path.read_bytes() for path in current.resolve().rglob("*") if path.is_file()]
    assert [word for word in hidden if any(word.encode() in text for text in texts)] == []


def test_every_page_has_the_exit_the_guard_its_policy_and_its_age(whole):
    _, pages, *_ = whole
    age = "made on Tuesday 1 December 2026 at 12pm. Numbers may have changed since."
    wrong = {}
    for address, each in pages.items():
        if address == "/exit/":
            continue
        metas = {meta.get("http-equiv") or meta.get("name"): meta.get("content") for meta in each.all("meta")}
        (inline,) = [script for script in each.all("script") if "src" not in script]
        found = [
            metas["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self' 'sha256-"),
            "unsafe" not in metas["Content-Security-Policy"],
            "frame-ancestors" not in metas["Content-Security-Policy"],
            "form-action 'none'" in metas["Content-Security-Policy"],
            metas["referrer"] == "no-referrer",
            inline["data-to"] == settings.QUICK_EXIT_URL,
            quick_exit.EXIT_GUARD in each.text,
            each.text.index("Content-Security-Policy") < each.text.index("<script"),
            [link["href"] for link in each.all("a") if link.get("id") == "quick-exit"] == [settings.QUICK_EXIT_URL],
            age in each.words,
            len(each.loads) == 3,  # the style, the script, and what only an exit asks for
            [html["lang"] for html in each.all("html")] == ["en-GB"],
            len(each.all("h1")) == 1,
            not [link for link in each.all("a") if link.get("target")],
        ]
        if not all(found):
            wrong[address] = found
    assert wrong == {}


def test_titles_are_as_on_the_site_and_each_its_own(whole):
    _, pages, *_ = whole
    by_title = {}
    for address, each in pages.items():
        is_reading = any(f"/{name}/" in address[1:] for name in ("age", "for", "nation"))
        if address != "/exit/" and not is_reading:
            by_title.setdefault(each.text.partition("<title>")[2].partition("</title>")[0], []).append(address)
    assert {title: found for title, found in by_title.items() if len(found) > 1} == {}
    assert [title for title in by_title if not title.endswith(" - Hearthside")] == []


def test_pages_of_every_kind_are_strict_html5(whole):
    _, pages, *_ = whole
    faults = {}
    for address in PARSED:
        parser = html5lib.HTMLParser()
        parser.parse(pages[address].text)
        if parser.errors:
            faults[address] = parser.errors
    assert faults == {}


def test_list_of_all_pages_has_every_page_and_jump_letters(whole):
    _, pages, _, listed, _ = whole
    index = pages["/search/"]
    reached = {link.partition("#")[0].removeprefix("https://mirror.example") for link in index.links}
    not_there = {"/finder/", "/plan/", "/apps/compare/", "/contacts/find/"}  # they need the full site
    assert set(listed) - reached - not_there == {"/contacts/data/"}
    assert {"letter-a", "letter-t", "councils"} <= index.ids
    assert "What it is, what to do" not in index.words
    assert [link for link in index.links if link.endswith("#letter-r")]


def test_readings_by_age_and_audience_are_pages_of_their_own(whole):
    _, pages, *_ = whole
    teen, all_ages = pages["/topics/sending-nudes/age/teen/"], pages["/topics/sending-nudes/"]
    assert "https://mirror.example/topics/sending-nudes/age/teen/" in all_ages.links
    assert "https://mirror.example/topics/sending-nudes/" in teen.links
    assert teen.words != all_ages.words
    assert "/report/for/young-people/" in pages
    assert "/contacts/nation/wales/" in pages


def test_a_banner_of_the_site_says_from_when_it_is(whole):
    _, pages, *_ = whole
    assert "Keep your children in the house. From " in pages["/"].words


def test_files_beside_the_pages_are_there(whole):
    current, *_ = whole
    for name in ("robots.txt", "sitemap.xml", "contacts.csv", ".well-known/security.txt", "contacts/essex/contact.vcf"):
        assert (current / name).stat().st_size > 50, name
    assert "Content-Security-Policy: default-src 'none'" in (current / "_headers").read_text()
    assert "frame-ancestors 'none'" in (current / "_headers").read_text()


# --- What changed, and what did not ---------------------------------------------------------------------------


def test_second_export_keeps_what_is_the_same_and_tells_the_new_age(small):
    shown = Folder(small).shown()
    with time_machine.travel(timezone.now() + timedelta(hours=3)):
        counts = export.export(small)
        said = said_of(timezone.now())
    assert (counts.changed, counts.new, counts.gone) == (0, 0, 0)
    assert counts.as_before == counts.files > 30
    assert said in page(small)
    assert Folder(small).shown() != shown
    css = next((small / "current/static/css").iterdir())
    assert css.stat().st_nlink == 2


def test_changed_new_and_gone_are_counted(small):
    edition = TopicEdition.objects.get(title="Gaming")
    with time_machine.travel(timezone.now() + timedelta(seconds=2)):
        factories.topic_edition(edition.topic, title="Gaming at night", number=2, publish_at=timezone.now())
        factories.topic_edition(factories.topic("news"), title="News", publish_at=timezone.now())
        counts = export.export(small)
    assert "Gaming at night" in page(small)
    assert counts.new == 2  # the page and its hand-out
    assert counts.changed >= 4  # also the lists that name it
    with time_machine.travel(timezone.now() + timedelta(seconds=4)):
        factories.withdrawal(TopicEdition.objects.get(title="News"), publish_at=timezone.now())
        assert export.export(small, anew=True).gone == 2
    assert not (small / "current/topics/news").exists()


def test_only_this_mirror_and_the_one_before_are_kept(small):
    for _ in range(3):
        export.export(small)
    folders = [each for each in (small / "versions").iterdir() if each.is_dir()]
    assert len(folders) == 2
    assert len(list((small / "versions").glob("*.json"))) == 2


def test_files_of_the_mirror_before_stay_for_whoever_reads_it(small):
    style = next((small / "current/static/css").iterdir())
    known = Folder(small).contents()
    # A file that only the pages before used.
    old = style.with_name("site.0ld.css")
    old.write_text("body{}")
    contents = small / "versions" / f"{Folder(small).shown().name}.json"
    contents.write_text(contents.read_text().replace('"files": [', f'"files": ["static/css/{old.name}", '))
    assert len(Folder(small).contents().files) == len(known.files) + 1
    assert export.export(small, anew=True).gone == 1
    assert (small / "current/static/css" / old.name).exists()
    export.export(small, anew=True)
    assert not (small / "current/static/css" / old.name).exists()


def test_a_long_list_of_all_pages_has_a_page_for_each_letter(small, monkeypatch):
    monkeypatch.setattr("safety_site.mirror.pages.MOST_ON_ONE_PAGE", 3)
    export.export(small, anew=True)
    pages = pages_of(small / "current")
    assert dead_links(pages, small / "current") == {}
    assert "/topics/gaming/" not in pages["/search/"].text
    assert '<a href="/topics/gaming/">Gaming</a>' in pages["/search/g/"].text


# --- When something fails -------------------------------------------------------------------------------------


def test_a_page_that_fails_leaves_the_mirror_as_it_was(small, monkeypatch, caplog):
    before = page(small)

    def fail(request):
        raise RuntimeError("a view is broken")

    monkeypatch.setattr("safety_site.mirror.pages.entries", lambda: fail(None))
    monkeypatch.setattr("safety_site.mirror.export.SECONDS_BEFORE_AGAIN", 0)
    with pytest.raises(CommandError, match=r"^The mirror stays as it was: the site failed on /search/ \(500\)\.$"):
        call_command("export_mirror", str(small), anew=True)
    assert page(small) == before
    assert not list((small / "versions").glob("*.part"))


def test_without_a_database_nothing_is_exported(small):
    def refuse(*args):
        raise OperationalError("the database has gone away")

    before = page(small)
    with connection.execute_wrapper(refuse), pytest.raises(CommandError, match="the database does not answer"):
        call_command("export_mirror", str(small))
    assert page(small) == before


def test_two_exports_at_once_are_one_too_many(small):
    with Folder(small).locked(), pytest.raises(MirrorError, match="Another command"):
        export.export(small)


def test_folder_is_the_one_of_the_setting_unless_another_is_named(small, settings):
    with pytest.raises(CommandError, match="Name the folder of the mirror, or set MIRROR_DIR"):
        call_command("export_mirror")
    settings.MIRROR_DIR = str(small)
    before = Folder(small).shown()
    call_command("export_mirror", verbosity=0)
    assert Folder(small).shown() != before


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path):
    (tmp_path / "current").mkdir()
    with pytest.raises(MirrorError, match="no link that this command made"):
        export.export(tmp_path)


def test_a_site_that_does_not_answer_to_its_own_name_says_what_to_set(db, tmp_path, settings):
    settings.SITE_URL = "https://another.example"
    with pytest.raises(CommandError, match=r"SITE_URL names another\.example, which is not among ALLOWED_HOSTS"):
        call_command("export_mirror", str(tmp_path))


def test_a_link_of_an_editor_that_leads_nowhere_is_told_and_leads_to_the_page_for_such(db, tmp_path, capsys):
    edition = factories.topic_edition(factories.topic("gaming"), title="Gaming", age_bands=factories.age_bands())
    links = '<a href="/topics/nothing/?age=teen#x">a</a> <a href="/topics/gaming/?age=teen">b</a>'
    body = f'<p>{links} <a href="{settings.SITE_URL}/about/">c</a></p>'
    edition.sections.create(heading="Links", body=body, position=1)
    call_command("export_mirror", str(tmp_path))
    text = page(tmp_path)
    assert '<a href="/404.html"' in text
    assert '<a href="/topics/gaming/age/teen/"' in text
    assert '<a href="/about/"' in text
    assert "Links that lead nowhere, on the site as well: " in (said := capsys.readouterr().out)
    assert "/topics/nothing/?age=teen" in said


def test_a_link_to_a_page_that_moved_leads_to_where_it_is(db, tmp_path):
    gone = factories.topic_edition(factories.topic("old"), title="Old")
    factories.withdrawal(gone, withdrawal_instead="/topics/gaming/", withdrawal_redirects=True)
    edition = factories.topic_edition(factories.topic("gaming"), title="Gaming")
    edition.sections.create(heading="Links", body='<p><a href="/topics/old/">a</a></p>', position=1)
    export.export(tmp_path)
    assert "/topics/old/" not in page(tmp_path)
    assert '<a href="/topics/gaming/"' in page(tmp_path)


# --- A banner by hand -----------------------------------------------------------------------------------------


def written(path: Path, words: str) -> Path:
    path.write_text(words, "utf-8")
    return path


def test_a_banner_stands_on_every_page_and_goes_again_without_a_database(small, tmp_path, django_db_blocker):
    before = {path: path.read_bytes() for path in (small / "current/").rglob("*") if path.is_file()}
    file = written(tmp_path / "b.txt", "Danger\nStay in. <b>Call</b> 999 & wait.\n\nA < B <script>alert(1)</script>")
    with django_db_blocker.block():
        call_command("export_mirror", str(small), banner=str(file))
    call = '<a class="phone" href="tel:999">999</a>'
    said = f"<p><strong>Danger: act now</strong> Stay in. Call {call} &amp; wait.</p><p>A &lt; B</p>"
    pages = [path for path in (small / "current/").rglob("*.html") if path.parent.name != "exit"]
    assert [path for path in pages if said not in path.read_text("utf-8")] == []
    assert "alert(1)" not in page(small)
    parser = html5lib.HTMLParser()
    parser.parse(page(small))
    assert parser.errors == []
    with django_db_blocker.block():
        call_command("export_mirror", str(small), no_banner=True)
    assert {path: path.read_bytes() for path in (small / "current/").rglob("*") if path.is_file()} == before


def test_a_banner_stays_through_the_next_exports_until_it_is_taken_away(small, tmp_path):
    put_banner.put_on_mirror(small, "No phones in Essex.")
    export.export(small)
    assert "No phones in Essex." in page(small)
    assert export.export(small, anew=True).changed == 0
    assert "No phones in Essex." in page(small)
    (small / "banner.txt").unlink()
    export.export(small)
    assert "No phones in Essex." not in page(small)


def test_a_banner_needs_python_alone(small, tmp_path):
    """The program lies beside the mirror, and nothing of the site is there to help it."""
    file = written(tmp_path / "banner.txt", "Our phones are down.")
    code, said = alone(small, str(file))
    assert (code, said.startswith("The banner stands on ")) == (0, True)
    assert "Our phones are down." in page(small)
    assert alone(small, "--remove")[0] == 0
    assert "Our phones are down." not in page(small)
    copy = tmp_path / "uploaded"
    shutil.copytree(small / "current", copy)
    assert alone(small, str(file), str(copy))[0] == 0
    assert "Our phones are down." in (copy / "index.html").read_text()


def alone(folder: Path, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-I", "-S", str(folder / "put_banner.py"), *arguments]
    done = subprocess.run(command, env={}, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (b"", "has no words for readers"),
        (b"Danger\n\n", "has no words for readers"),
        (b"<p></p>", "has no words for readers"),
        (b"\xff\xfe", "not plain text in UTF-8"),
        (b"x" * 601, "has 601 characters; a banner has 600 at most"),
    ],
)
def test_a_file_that_is_no_banner_changes_nothing(small, tmp_path, words, sentence):
    (tmp_path / "b.txt").write_bytes(words)
    before = page(small)
    with pytest.raises(CommandError, match=sentence):
        call_command("export_mirror", str(small), banner=str(tmp_path / "b.txt"))
    assert page(small) == before


# --- Its age --------------------------------------------------------------------------------------------------


def test_age_of_the_mirror_is_told_to_editors_who_publish(small, settings):
    publisher = person()
    settings.MIRROR_DIR = ""
    assert mirror.age() is None
    assert not [each for each in work_lists(publisher) if each == "mirror"]
    settings.MIRROR_DIR = str(small)
    assert timedelta(0) <= mirror.age() < timedelta(minutes=1)
    assert "mirror" in work_lists(publisher)
    assert "mirror" not in work_lists(person("writer"))
    assert rows("mirror", publisher) == []
    assert degraded() == []
    with time_machine.travel(timezone.now() + timedelta(days=2, hours=1)):
        assert mirror.age() > timedelta(days=2)
        assert [row.what for row in rows("mirror", publisher)] == ["Made 2 days ago: its numbers may be wrong by now."]
        assert degraded() == ["mirror: older than a day"]
    settings.MIRROR_DIR = str(small / "elsewhere")
    assert mirror.age() is None
    assert [row.what for row in rows("mirror", publisher)] == ["There is none yet."]
    assert degraded() == ["mirror: there is none"]


def degraded() -> list[str]:
    """What /health/ready says of the mirror."""
    return [each for each in readiness().degraded if each.startswith("mirror")]


def work_lists(user) -> list[str]:
    return [each.slug for each in work_list.lists_for(Desk(user))]


# --- Addresses and links --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("/", "index.html"),
        ("/talk/?age=teen", "talk/age/teen/index.html"),
        ("/contacts.csv", "contacts.csv"),
        ("/.well-known/security.txt", ".well-known/security.txt"),
        ("/a/../b/", None),
        ("/a/.hidden", None),
        ("/a%2e/", None),
        ("//elsewhere/", None),
        ("/a\\b/", None),
    ],
)
def test_file_of_an_address(address, file):
    assert addresses.file_of(address) == file


@pytest.mark.parametrize(
    ("link", "wanted"),
    [
        ("?age=teen&x=1", "/talk/?age=teen"),
        ("?age=../../x", "/talk/"),
        ("?", "/talk/"),
        ("#help", "/talk/"),
        ("/search/?q=nudes", "/search/"),
        ("/contacts/essex/?matched=1", "/contacts/essex/"),
        ("/contacts/?nation=wales", "/contacts/?nation=wales"),
        ("https://families.example/about/", "/about/"),
        ("https://elsewhere.example/about/", None),
        ("mailto:a@b.example", None),
        ("tel:999", None),
        ("http://[", None),
    ],
)
def test_page_that_a_link_wants(link, wanted):
    target = addresses.of_ours(link, "/talk/")
    assert (target and addresses.wanted(target)) == wanted


def test_links_are_written_anew_and_nothing_else_changes():
    text = (
        "<p>\n<A HREF='/a?x=1&amp;y=2' class=\"b &quot;c&quot;\">é</A> <!-- <a href='/no'> --> &lt;a href='/no'&gt;"
        "<script>var a = '<a href=\"/no\">';</script><a name=x>y</a><a href='/b' hidden>z</a></p>"
    )
    page = Page(text)
    assert [link.address for link in page.links] == ["/a?x=1&y=2", "/b"]
    assert page.with_links(lambda address: address) == text
    assert page.with_links(lambda address: "/new?a&b" if address.startswith("/a") else address) == text.replace(
        "<A HREF='/a?x=1&amp;y=2' class=\"b &quot;c&quot;\">", '<a href="/new?a&amp;b" class="b &quot;c&quot;">'
    )


def test_moments_are_told_as_people_say_them():
    assert said_of(EXPORTED_ON.replace(hour=0, minute=5)) == "Tuesday 1 December 2026 at 12.05am"
    assert said_of(EXPORTED_ON.replace(month=6, hour=9)) == "Monday 1 June 2026 at 10am"
