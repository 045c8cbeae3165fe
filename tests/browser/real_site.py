"""The site as ``make run`` serves it: prepared, then gunicorn with hashed and compressed static files.

Its database and its static files are in a folder of their own, its port is a free one, and it is stopped by
the process that started it. Each worker serves one of its own, from one folder.
"""

import csv
import fcntl
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
NEUTRAL = "https://www.bbc.co.uk/weather"
MISSING = "/no/such/page/"
TRIED = "/leaving-no-trace/tried/"
GONE = "/topics/taken-down/"
CLOSED = "/parental-controls/bt/"  # to comments
DANGER = "A stranger from a game wants to meet my son"
TOO_LONG = "/about/?" + "long" * 1_200

# One page of each kind: a name for the test, and its address.
KINDS = {
    "home": "/",
    "age": "/age/teen/",
    "topic-list": "/topics/",
    "topic-list-age": "/topics/?age=teen",
    "topic": "/topics/sending-nudes/",
    "topic-age": "/topics/sending-nudes/?age=teen",
    "topic-recordings": "/topics/with-recordings/",
    "app-list": "/apps/",
    "app-open": "/apps/tiktok/",
    "app-closed": "/apps/omegle/",
    "app-list-narrowed": "/apps/?age=teen&minimum=13&without=livestream&depends=include",
    "app-list-nothing": "/apps/?kind=safety-tool&status=closed",
    "compare": "/apps/compare/?app=tiktok&app=roblox&app=omegle&app=whatsapp",
    "compare-choose": "/apps/compare/?app=tiktok",
    "finder": "/finder/",
    "finder-answer": "/finder/?age=pre-teen&about=worry-grooming&where=app-roblox",
    "control-list": "/parental-controls/",
    "control": "/parental-controls/bt/",
    "talk": "/talk/",
    "audience": "/for/parents/",
    "law": "/law/",
    "figures": "/figures/",
    "old-names": "/old-names/",
    "plan-form": "/plan/",
    "plan": "/plan/?age=pre-teen&age=teen&app=tiktok&app=roblox&device=xbox&worry=grooming&council=southend-on-sea",
    "handout": "/topics/sending-nudes/handout/",
    "report": "/report/",
    "concern": "/report/blackmail/",
    "platforms": "/report/platforms/",
    "contact-list": "/contacts/",
    "find": "/contacts/find/",
    "authority": "/contacts/essex/",
    "authority-without-numbers": "/contacts/aberdeen/",
    "national": "/contacts/national/",
    "open-data": "/contacts/data/",
    "card": "/contacts/essex/card/",
    "poster": "/contacts/essex/poster/",
    "search": "/search/?q=nudes",
    "search-danger": "/search/?q=i+want+to+die",
    "search-nothing": "/search/?q=zqxwvk",
    "search-empty": "/search/",
    "feedback": "/feedback/?page=/topics/sending-nudes/",
    "comments-closed": CLOSED,
    "leaving": "/leaving-no-trace/",
    "tried": TRIED,
    "about": "/about/",
    "privacy": "/privacy/",
    "accessibility": "/accessibility/",
    "missing": MISSING,
    "gone": GONE,
    "too-long": TOO_LONG,
    "broken": "/",  # of the broken site: the page for 500
}

# Some 390 authorities have a page each, all from one template and one presenter: the sweep opens these few, one of
# each shape that the data takes, because every one of them would add minutes and find the same faults again.
AUTHORITY_LIST = ROOT / "fixtures" / "data" / "authorities.csv"
SWEPT_AUTHORITIES = {
    "essex",  # a county with numbers
    "southend-on-sea",  # unitary authorities with numbers
    "thurrock",
    "rochford",  # a district, which sends its readers to the county
    "aberdeen",  # Scotland
    "isle-of-anglesey",  # Wales, with a name in Welsh as well
    "belfast-trust",  # a health trust in Northern Ireland
    "camden",  # a London borough
}
STATUS = {MISSING: 404, GONE: 410, TOO_LONG: 414}  # any other answers 200

# A topic that was there and is not any more; the shipped content has none.
TAKE_DOWN = """
from django.utils import timezone
from guidance.models import Topic, TopicEdition
topic = Topic.objects.create(slug="taken-down")
TopicEdition.objects.create(
    topic=topic, number=1, title="Taken down", state="approved", publish_at=timezone.now(), imported_from="a test",
    is_withdrawal=True, withdrawal_reason="It said the same as another page.", withdrawal_instead="/topics/",
)
"""

# A topic with recordings that an editor uploaded: silence of some five seconds, and the first bytes of a film.
UPLOADS = """
from django.core.files.base import ContentFile
from django.utils import timezone
from guidance.models import Resource, Topic, TopicEdition
edition = TopicEdition.objects.create(
    topic=Topic.objects.create(slug="with-recordings"), number=1, title="With recordings", summary="To listen to.",
    area="online", state="approved", publish_at=timezone.now(), imported_from="a test",
)
shared = {"edition": edition, "provider": "Us", "description": "Two people talk."}
talk = Resource(position=1, kind="podcast", title="A talk", transcript="Nobody says anything.", **shared)
talk.file.save("talk.mp3", ContentFile((bytes.fromhex("fffb9064") + bytes(413)) * 200))
film = Resource(position=2, kind="video", title="A film", transcript="Nothing is seen.", **shared)
film.file.save("film.mp4", ContentFile(b"\\0\\0\\0\\x20ftypisom\\0\\0\\2\\0isomiso2avc1mp41" + bytes(200)))
film.captions.save("film.vtt", ContentFile(b"WEBVTT\\n\\n00:00.000 --> 00:01.000\\nHello\\n"))
"""

# What readers said of a page, a page that is closed to comments, and words that read like a child in danger.
READERS = f"""
from django.contrib.auth import get_user_model
from django.utils import timezone
from guidance.models import Feedback, PageComments
from safety_site.models import WorryWords
now = timezone.now()
Feedback.objects.create(
    path="/topics/sending-nudes/", page_title="Sending nudes", comment="Original words.", state="published",
    public_words="We read it together.\\n\\nThat helped.", reply="Thank you for telling us.",
    moderated_by=get_user_model().objects.first(), moderated_at=now, sent_at=now,
)
PageComments.objects.create(path="{CLOSED}", note="The menus are being renewed.")
WorryWords.objects.get_or_create(
    words="stranger wants meet", defaults={{"concern": "meeting", "is_urgent": True}}
)
"""


def _environment(folder: Path, database: Path, port: int) -> dict[str, str]:
    """What ``make run`` would read from .env, and nothing of whoever runs the tests."""
    return {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests-0123456789",
        "HTTPS_ONLY": "off",
        "DEBUG": "off",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "SITE_CONTACT": "mailto:editors@families.example",
        "QUICK_EXIT_URL": NEUTRAL,
        "DATABASE_URL": f"sqlite:///{database}",
        "STATIC_ROOT": str(folder / "static"),
        "MEDIA_ROOT": str(folder / "media"),
        "WORKERS": "1",
        # Kept pages of one database are not those of another; and nothing works here that no test asked for.
        "PAGE_STORE_DIR": str(database.with_suffix(".pages")),
        "PAGE_STORE_FILL": "off",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _manage(*command: str, environment: dict[str, str]):
    done = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def _served(environment: dict[str, str]) -> Iterator[str]:
    """gunicorn, from the moment that it answers; stopped in the end, by this process's own handle of it."""
    address = f"http://127.0.0.1:{environment['PORT']}"
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "python:safety_site.server", "safety_site.wsgi"],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 30
        while True:
            assert server.poll() is None, "the server stopped before it answered"
            assert time.monotonic() < deadline, "the server does not answer"
            with suppress(urllib.error.URLError, ConnectionError), urllib.request.urlopen(f"{address}/health/live"):
                break
            time.sleep(0.05)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory) -> Path:
    """A folder with a database and static files, as ``manage.py prepare`` leaves them; one for all workers."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "real-site"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            environment = _environment(folder, folder / "db.sqlite3", port=0)
            _manage("prepare", environment=environment)
            _manage("shell", "-v0", "-c", TAKE_DOWN, environment=environment)
            _manage("shell", "-v0", "-c", READERS, environment=environment)
            _manage("shell", "-v0", "-c", UPLOADS, environment=environment)
            (folder / "ready").touch()
    return folder


@pytest.fixture(scope="session")
def real_site(prepared) -> Iterator[str]:
    """The address of the site, without a closing slash."""
    with _served(_environment(prepared, prepared / "db.sqlite3", _free_port())) as address:
        yield address


@pytest.fixture(scope="session")
def broken_site(prepared) -> Iterator[str]:
    """The same site with a database that lost its tables: every page of guidance is a 500."""
    with _served(_environment(prepared, prepared / "empty.sqlite3", _free_port())) as address:
        yield address


@pytest.fixture(scope="session")
def locate(real_site, broken_site):
    """A function that tells the whole address of the page of one kind."""
    return lambda kind: f"{broken_site if kind == 'broken' else real_site}{KINDS[kind]}"


@pytest.fixture(scope="session")
def addresses(real_site) -> list[str]:
    """Every public address: the sitemap's, where a tried exit lands, the form for an answer, and pages of refusal.

    Of the authorities' pages only those of SWEPT_AUTHORITIES.
    """
    with urllib.request.urlopen(f"{real_site}/sitemap.xml") as answer:
        listed = re.findall(r"<loc>([^<]+)</loc>", answer.read().decode())
    assert all(location.startswith(f"{real_site}/") for location in listed)
    paths = [location.removeprefix(real_site) for location in listed]
    assert len(paths) == len(set(paths)) > 40
    with AUTHORITY_LIST.open(encoding="utf-8", newline="") as rows:
        authorities = {f"/contacts/{row['slug']}/" for row in csv.DictReader(rows)}
    swept = {f"/contacts/{slug}/" for slug in SWEPT_AUTHORITIES}
    assert swept <= authorities.intersection(paths)
    paths = [path for path in paths if path not in authorities - swept]
    return [*paths, TRIED, "/feedback/", KINDS["feedback"], MISSING, GONE, TOO_LONG]


@pytest.fixture(scope="session")
def window(browser):
    """A function that gives this worker's page in a window of such a size and kind; one for each, used again."""
    pages = {}

    def of(width: int, height: int = 640, **options):
        key = (width, height, *sorted(options.items()))
        if key not in pages:
            context = browser.new_context(viewport={"width": width, "height": height}, **options)
            pages[key] = context.new_page()
        return pages[key]

    yield of
    for page in pages.values():
        page.context.close()
