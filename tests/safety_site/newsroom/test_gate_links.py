"""The gate on what leads somewhere: links, pages of ours, recordings, what the check of links found."""

from datetime import timedelta

import pytest
from django.utils import timezone

from guidance.models import Resource
from safety_site.models import FormerSlug, LinkCheck
from safety_site.newsroom.addresses import dead_ends
from tests import factories
from tests.reporting import factories as reporting
from tests.safety_site.newsroom.gate_drafts import draft, faults, warnings

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("link", "stops", "warns"),
    [
        ('<a href="https://a.example/"></a>', 1, 0),
        ('<a href="https://a.example/"> \xa0<strong></strong></a>', 1, 0),
        ('<a href="https://a.example/">Click <em>here</em></a>', 0, 1),
        ('<a href="https://a.example/">Read more…</a>', 0, 1),
        ('<a href="https://a.example/">https://a.example/</a>', 0, 1),
        ('<a href="https://a.example/">www.a.example</a>', 0, 1),
        ('<a href="https://a.example/">Here to listen: Childline</a>', 0, 0),
        ('<a href="">Childline</a>', 1, 0),
        ("<a>Childline</a>", 1, 0),
        ('<a href="http://a.example/">Childline</a>', 1, 0),
        ('<a href="//a.example/">Childline</a>', 1, 0),
        ('<a href="javascript:alert(1)">Childline</a>', 1, 0),
        ('<a href="tel:">Childline</a>', 1, 0),
        ('<a href="tel:08001111">0800 1111</a>', 0, 0),
        ('<a href="mailto:help@a.example">Write to us</a>', 0, 0),
    ],
)
def test_links_say_and_lead_somewhere(link, stops, warns):
    edition = draft(f"<p>Words {link} words.</p>")
    assert (len(faults(edition)), len(warnings(edition))) == (stops, warns)


def recording(edition, **fields):
    values = {"kind": "video", "title": "A film", "provider": "Us", "description": "See.", **fields}
    return Resource.objects.create(edition=edition, position=1, **values)


OURS, THEIRS = {"file": "resources/film.mp4"}, {"link": "https://a.example/film"}


@pytest.mark.parametrize(
    ("fields", "stops", "warns"),
    [
        ({**OURS}, 2, 0),
        ({**OURS, "transcript": "Said."}, 1, 0),
        ({**OURS, "transcript": "Said.", "has_captions": True}, 0, 0),
        ({**OURS, "kind": "podcast"}, 1, 0),
        ({**OURS, "kind": "podcast", "transcript": "Said."}, 0, 0),
        ({**OURS, "kind": "printable"}, 0, 0),
        ({**THEIRS}, 0, 2),
        ({**THEIRS, "has_captions": False}, 0, 1),
        ({**THEIRS, "transcript": "Said.", "has_captions": True}, 0, 0),
        ({**THEIRS, "kind": "website"}, 0, 0),
        ({"kind": "website"}, 1, 0),  # it leads nowhere
    ],
)
def test_resource_leads_somewhere_and_a_recording_of_ours_has_its_words_and_captions(fields, stops, warns):
    edition = draft()
    recording(edition, **fields)
    assert (len(faults(edition)), len(warnings(edition))) == (stops, warns)


def test_addresses_of_ours_lead_to_live_pages(settings):
    live, only_a_draft = factories.topic_edition(), draft()
    gone = factories.topic_edition()
    factories.withdrawal(gone)
    place = reporting.authority()
    FormerSlug.objects.create(model="guidance.topic", slug="old-slug", thing_id=live.topic.pk)
    FormerSlug.objects.create(model="guidance.topic", slug="old-gone", thing_id=gone.topic.pk)
    good = [
        "/",
        "/talk/?age=teen#x",
        "/topics",
        live.get_absolute_url(),
        f"{live.get_absolute_url()}handout/",
        place.get_absolute_url(),
        f"{place.get_absolute_url()}card/",
        "/topics/old-slug/",
        "/contacts/national/#ceop",
        "/for/parents/",
    ]
    bad = [
        "/no/such/",
        "/for/nobody/",
        "/topics/nothing/",
        only_a_draft.get_absolute_url(),
        gone.get_absolute_url(),
        "/topics/old-gone/",
        "/contacts/nowhere/",
        "/contacts/nowhere/card/",
        "/age/nobody/",
        "/%00",
    ]
    assert sorted(dead_ends(good + bad)) == sorted(bad)
    edition = draft(f'<p><a href="/no/such/">One</a> and <a href="{settings.SITE_URL}/no/such/">two</a></p>')
    assert [each.split(" is broken")[0] for each in faults(edition)] == ["The link to “/no/such/”"]
    assert faults(draft('<p><a href="/talk/">Talk</a></p>')) == []


def test_link_to_a_page_that_goes_live_together_is_no_fault():
    tomorrow = timezone.now() + timedelta(days=1)
    later = factories.topic_edition(publish_at=tomorrow)
    edition = draft(f'<p><a href="{later.get_absolute_url()}">The new page</a></p>')
    edition.related_topics.add(later.topic)
    assert len(faults(edition)) == len(warnings(edition)) == 1
    edition.publish_at = tomorrow
    assert faults(edition) == warnings(edition) == []


def test_withdrawal_leads_to_another_live_page():
    edition = factories.topic_edition()
    taken_down = {"is_withdrawal": True, "withdrawal_reason": "Old.", "state": "draft", "publish_at": None}
    cases = {"": 0, "/talk/": 0, "/no/such/": 1, edition.get_absolute_url(): 1, f"{edition.get_absolute_url()}?a=1": 1}
    for instead, count in cases.items():
        tombstone = factories.topic_edition(edition.topic, withdrawal_instead=instead, audiences=(), **taken_down)
        assert len(faults(tombstone)) == count, instead


def test_related_page_that_is_not_live_is_a_warning():
    edition, gone = draft(), factories.topic_edition()
    factories.withdrawal(gone)
    edition.related_topics.add(factories.topic_edition().topic, gone.topic)
    edition.related_apps.add(factories.app_edition().profile, factories.app_profile("unborn"))
    assert warnings(edition) == [
        f"It names “{gone.topic.slug}”, which is not live.",
        "It names “unborn”, which is not live.",
    ]
    worry = reporting.concern_edition(state="draft", contacts=[reporting.contact("never-live")])
    assert "It names “never-live”, which is not live." in warnings(worry)


@pytest.mark.parametrize(("state", "count"), [("works", 0), ("unsure", 1), ("broken", 1), ("refused", 1)])
def test_what_the_check_of_links_found_is_a_warning(state, count):
    LinkCheck.objects.create(url="https://a.example/x", state=state, checked_at=timezone.now())
    edition = draft('<p><a href="https://a.example/x">A charity</a></p>')
    assert len(warnings(edition)) == count
    edition = draft()
    recording(edition, kind="website", link="https://a.example/x")
    assert len(warnings(edition)) == count
