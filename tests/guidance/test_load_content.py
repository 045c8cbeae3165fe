"""The loader of shipped content."""

import pytest

from guidance.models import Topic, TopicEdition
from reporting.shipped import load_authorities
from safety_site.management.commands.load_content import load_missing

pytestmark = pytest.mark.django_db


def test_second_load_adds_nothing():
    load_authorities()
    added, kept, waiting = load_missing()
    assert added > 1000
    assert (kept, waiting) == (0, [])
    assert load_missing() == (0, added, [])


@pytest.mark.one_database
def test_load_keeps_an_edit():
    load_missing()
    TopicEdition.objects.filter(topic__slug="sending-nudes").update(title="Changed by an editor")
    load_missing()
    assert TopicEdition.objects.get(topic__slug="sending-nudes").title == "Changed by an editor"


def test_broken_file_loads_nothing(tmp_path):
    (tmp_path / "a.yaml").write_text("- model: guidance.topic\n  fields: {slug: a-topic}\n")
    (tmp_path / "b.yaml").write_text("- model: guidance.nothing\n  fields: {}\n")
    with pytest.raises(Exception, match=r"guidance\.nothing"):
        load_missing(tmp_path)
    assert not Topic.objects.exists()
