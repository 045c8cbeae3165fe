"""Drafts for the gate, and what it finds in them."""

from guidance.models import Section
from safety_site.models import BannedPhrase
from safety_site.newsroom.gate import inspect
from tests import factories


def draft(body: str = "<p>Talk often.</p>", **fields):
    """A draft of a topic with one section, whose text nobody has cleaned."""
    edition = factories.topic_edition(state="draft", publish_at=None, **fields)
    section = Section.objects.create(edition=edition, position=1, heading="What to do", body="<p>Words.</p>")
    factories.store_raw(section, body=body)
    return edition


def faults(edition) -> list[str]:
    return [finding.wrong for finding in inspect(edition).faults]


def warnings(edition) -> list[str]:
    """Without what each draft of a few words gets."""
    usual = ("Nobody has said", "It has only")
    return [each.wrong for each in inspect(edition).warnings if not each.wrong.startswith(usual)]


def banned(phrase="commit suicide", **fields):
    return BannedPhrase.objects.create(phrase=phrase, why="It hurts.", say_instead="die by suicide", **fields)
