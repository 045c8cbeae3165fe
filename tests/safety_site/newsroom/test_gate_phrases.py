"""The gate on phrases that are not for our pages."""

import pytest

from guidance.models import ConversationStarter
from safety_site.newsroom.gate import inspect
from tests import factories
from tests.reporting import factories as reporting
from tests.safety_site.newsroom.gate_drafts import banned, draft, faults

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("<p>They may commit suicide.</p>", 1),
        ("<p>They may COMMIT\n <b>sui</b>cide.</p>", 1),
        ("<p>commit&nbsp;suicide and commit-suicide</p>", 1),
        ("<p>recommit suicides</p>", 0),
        ("<p>They commit</p><p>suicide is</p>", 0),
    ],
)
def test_banned_phrase_is_found_as_whole_words_across_tags(body, count):
    banned()
    assert len(faults(draft(body))) == count


def test_banned_phrase_is_found_in_every_text_that_a_reader_sees():
    banned("it's her fault")
    edition = draft("<p>It’s her fault</p>", title="IT'S HER FAULT", summary="So it‘s her fault.")
    ConversationStarter.objects.create(edition=edition, position=1, words="Say: it’s her fault")
    where = [finding.where for finding in inspect(edition).faults]
    assert where == [
        "Title",
        "Summary",
        "Section 1 (“What to do”), body",
        "Conversation starter 1 (“Say: it’s her fault”), words",
    ]
    [finding] = {(finding.wrong, finding.do) for finding in inspect(edition).faults}
    assert finding == ("“it's her fault” is not for our pages. It hurts.", "Say “die by suicide” instead.")


def test_banned_phrase_may_stand_in_the_name_of_a_service_and_when_it_is_switched_off():
    row = banned("revenge porn")
    reporting.contact_edition(name="Revenge Porn Helpline")
    assert faults(draft("<p>Call the revenge porn helpline.</p>")) == []
    assert len(faults(draft("<p>Revenge porn is a crime. Call the Revenge Porn Helpline.</p>"))) == 1
    row.is_in_use = False
    row.save()
    assert faults(draft("<p>Revenge porn is a crime.</p>")) == []


def test_banned_phrase_in_the_reason_of_a_withdrawal_is_stopped():
    banned()
    taken_down = {"is_withdrawal": True, "state": "draft", "audiences": ()}
    edition = factories.topic_edition(withdrawal_reason="Some commit suicide.", **taken_down)
    assert [each.field for each in inspect(edition).faults] == ["id_withdrawal_reason"]
    assert faults(factories.topic_edition(withdrawal_reason="Out of date.", **taken_down)) == []
