"""A page that was taken down does not come back: not from memory, disk or mirror, and not while something is broken."""

import resource
import shutil
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from guidance.models import TopicEdition
from safety_site import just_changed
from safety_site.mirror import export, taking_down
from safety_site.mirror.folder import Folder, MirrorError
from safety_site.page_store.disk import Disk, folder_of_site
from safety_site.page_store.filler import Filler
from tests import factories
from tests.reporting.factories import contact_edition
from tests.safety_site.speed.doors_of_store import Pages, Told, ask, door_to
from tests.safety_site.speed.mirrors import page


@pytest.fixture
def two_processes(tmp_path):
    """The doors of two processes of one machine, with an application and a watch of its own each."""
    return [door_to(Pages(), tmp_path, Told()) for _ in range(2)]


def change(door, status: str, words: str, version: str) -> None:
    door.application.status, door.application.words, door.watch.told = status, words, version


def database_goes(door, is_known: str) -> None:
    """The database does not answer any more; the version that was read last is this one."""
    door.watch.told, door.watch.seen, door.application.fails = None, is_known, True


# --- While the database is away -------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["410 Gone", "404 Not Found"])
def test_a_process_that_holds_the_old_page_sends_what_another_has_made_since(two_processes, status):
    idle, busy = two_processes
    assert ask(idle).text == "<html><body>Hello</body></html>"
    change(busy, status, "Taken down", "2")
    assert ask(busy).status == int(status[:3])
    database_goes(idle, "2")
    said = ask(idle)
    assert (said.status, "Hello" in said.text, said.store) == (int(status[:3]), False, "hit; detail=stale")


def test_what_was_true_when_the_database_went_is_sent_from_memory_without_a_look_at_the_disk(two_processes, tmp_path):
    door = two_processes[0]
    ask(door)
    shutil.rmtree(tmp_path)
    database_goes(door, "1")
    assert ask(door).text == "<html><body>Hello</body></html>"


def test_an_address_that_never_was_a_page_is_not_kept(two_processes):
    door = two_processes[0]
    change(door, "404 Not Found", "No such page", "1")
    assert [ask(door, "/topics/no-such-topic/").status for _ in range(2)] == [404, 404]
    assert (len(door.application.asked), door.disk.about(), len(door.memory.pages)) == (2, [], 0)


def test_a_reading_that_is_not_kept_is_answered_with_the_plain_page(two_processes):
    door = two_processes[0]
    ask(door, "/topics/")
    database_goes(door, "1")
    said = ask(door, "/topics/?age=teen")
    assert (said.status, said.text, said.store) == (200, "<html><body>Hello</body></html>", "hit; detail=stale")


# --- On the disk ----------------------------------------------------------------------------------------


def test_what_was_begun_before_does_not_take_the_place_of_what_was_begun_later(two_processes):
    slow, quick = two_processes
    ask(quick)
    old = quick.disk.load("/about/", is_variant=False)
    change(quick, "410 Gone", "Taken down", "2")
    ask(quick)
    slow.disk.save(old, is_variant=False)  # as one does that took long to make
    assert slow.disk.load("/about/", is_variant=False).status == 410


def test_what_was_made_before_the_clock_was_set_back_gives_way(two_processes):
    door = two_processes[0]
    with time_machine.travel(timezone.now() + timedelta(days=300)):
        ask(door)
    change(door, "200 OK", "Of today", "2")
    ask(door)
    assert "Of today" in door.disk.load("/about/", is_variant=False).now


@contextmanager
def no_room():
    """Every file of this process ends after some bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_where_there_is_no_room_for_the_refusal_the_page_goes_all_the_same(two_processes):
    door = two_processes[0]
    ask(door)
    change(door, "410 Gone", "Taken down", "2")
    with no_room():
        assert ask(door).status == 410
    assert door.disk.problem
    assert door.disk.about() == []


def test_where_there_is_no_room_a_page_that_only_changed_stays_as_it_was(two_processes):
    door = two_processes[0]
    ask(door)
    change(door, "200 OK", "Other words", "2")
    with no_room():
        assert "Other words" in ask(door).text
    assert "Hello" in door.disk.load("/about/", is_variant=False).now


def test_two_sites_that_were_given_one_folder_do_not_get_each_others_pages(tmp_path, settings):
    own = folder_of_site(tmp_path)
    settings.SITE_URL = "https://drill.example"
    assert folder_of_site(tmp_path) != own
    assert own.parent == tmp_path


def test_pages_of_the_release_before_are_taken_along(two_processes, tmp_path):
    ask(two_processes[0])
    own = folder_of_site(tmp_path)
    assert Disk(own).load("/about/", is_variant=False).now == "<html><body>Hello</body></html>"
    assert not (tmp_path / "pages").exists()


# --- What the filler does -------------------------------------------------------------------------------

SITEMAP = "".join(f"<loc>https://families.example{path}</loc>" for path in ("/about/", "/topics/a/", "/privacy/"))


@pytest.fixture
def filled(db, two_processes):
    """A door whose pages are all kept, and its filler."""
    door = two_processes[0]
    door.application.words = SITEMAP
    filler = Filler(door, just_changed.addresses)
    assert filler.fill()
    return door, filler


def test_a_folder_that_was_emptied_is_filled_again_from_memory(filled, tmp_path):
    door, filler = filled
    kept, made = {each.key for each in door.disk.about()}, len(door.application.asked)
    shutil.rmtree(tmp_path / "pages")
    assert door.disk.is_empty()
    assert filler.fill()
    assert ({each.key for each in door.disk.about()}, len(door.application.asked)) == (kept, made)


def test_what_was_approved_last_is_made_anew_first(filled, time_machine):
    door, filler = filled
    ask(door, "/topics/b/?age=teen")
    first = factories.topic_edition(factories.topic("a"), title="A")
    time_machine.move_to(timezone.now() + timedelta(minutes=1))
    factories.withdrawal(factories.topic_edition(factories.topic("b"), title="B"), publish_at=timezone.now())
    assert just_changed.addresses() == ["/topics/b/", first.get_absolute_url()]
    door.watch.told = "2"
    del door.application.asked[:]
    assert filler.fill()
    assert door.application.asked[:3] == ["/topics/b/?age=teen", "/topics/a/?", "/sitemap.xml?"]
    assert set(door.application.asked[3:]) == {"/about/?", "/privacy/?"}


def test_what_kept_pages_lead_to_is_kept_too(filled):
    door, filler = filled
    door.application.words += (
        '<a class="card" href="/topics/a/?age=teen">A</a> <a href="handout/#top">Paper</a> <a href="/search/?q=a">S</a>'
        '<a href="/topics/a/?age=made-up">B</a> <a href="https://elsewhere.example/about/">C</a>'
    )
    door.watch.told = "2"
    assert filler.fill()
    assert {each.key for each in door.disk.about()} == {
        "/sitemap.xml", "/about/", "/topics/a/", "/privacy/", "/topics/a/?age=teen", "/topics/a/handout/",
    }  # fmt: skip


def test_what_comes_first_is_done_though_it_may_fail(filled):
    door, _filler = filled
    done = []

    def fail():
        done.append(len(door.application.asked))
        raise MirrorError("Another command is writing.")

    door.watch.told = "2"
    made = len(door.application.asked)
    assert Filler(door, fail).fill()
    assert done == [made]


# --- The mirror -----------------------------------------------------------------------------------------


@pytest.fixture
def mirror(db, tmp_path, settings):
    """A mirror of a small site, made a minute ago."""
    settings.ALLOWED_HOSTS = ["families.example"]
    with time_machine.travel(timezone.now() - timedelta(minutes=1)):
        factories.topic_edition(factories.topic("gaming"), title="Gaming")
        factories.topic_edition(factories.topic("bullying"), title="Bullying")
        export.export(tmp_path / "mirror")
    return tmp_path / "mirror"


def take_down_gaming() -> None:
    factories.withdrawal(TopicEdition.objects.live().get(topic__slug="gaming"), publish_at=timezone.now())
    time.sleep(0.01)


def test_a_page_that_was_taken_down_goes_from_the_mirror_at_once(mirror):
    missing = (mirror / "current/404.html").read_bytes()
    assert taking_down.take_down(mirror) == []
    take_down_gaming()
    taken = taking_down.take_down(mirror)
    assert set(taken) == {"topics/gaming/index.html", "topics/gaming/handout/index.html"}
    assert all((mirror / "current" / name).read_bytes() == missing for name in taken)
    assert "Bullying" in page(mirror, "topics/bullying/index.html")
    assert taking_down.take_down(mirror) == []
    # The next export writes what the site says there, and finds nothing odd.
    export.export(mirror)
    assert not (mirror / "current/topics/gaming").exists()
    assert taking_down.take_down(mirror) == []


def test_a_page_that_was_taken_down_goes_also_where_an_export_fails(mirror, monkeypatch):
    take_down_gaming()
    shown = Folder(mirror).shown()

    def fail():
        raise RuntimeError("a view is broken")

    monkeypatch.setattr("safety_site.mirror.pages.entries", fail)
    monkeypatch.setattr("safety_site.mirror.export.SECONDS_BEFORE_AGAIN", 0)
    with pytest.raises(MirrorError, match="The mirror stays as it was"):
        export.export(mirror)
    assert Folder(mirror).shown() == shown
    assert page(mirror) == page(mirror, "404.html")


def test_a_number_that_was_taken_off_a_list_leaves_the_list_in_the_mirror(mirror):
    line = contact_edition(name="Old line", coverage="national")
    contact_edition(line.contact, number=2, coverage="national", is_withdrawal=True, withdrawal_reason="It has closed.",
                    publish_at=timezone.now())  # fmt: skip
    time.sleep(0.01)
    assert just_changed.taken_down_since(Folder(mirror).contents().made_at) != []
    assert taking_down.take_down(mirror) == []
