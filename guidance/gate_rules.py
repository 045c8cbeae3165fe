"""What the newsroom's gate looks at in topics, apps and controls, beside the rules for every edition.

``safety_site.newsroom.gate`` finds this module by its name.
"""

from collections.abc import Iterable, Iterator

from guidance.models import AppProfile, AppProfileEdition, OldName, Resource, Topic, TopicEdition, UsefulLink
from guidance.models.common import Claim
from safety_site.newsroom.gate_rules import Finding, PastName, quoted
from safety_site.newsroom.pieces import Reading

# Fewest and most words of a page, by kind of edition; those that ship have 970 to 1,500, 300 to 730, 430 to 810.
LENGTHS = {"topicedition": (250, 2_500), "appprofileedition": (120, 1_500), "controlguideedition": (120, 1_500)}

_RECORDINGS = (Resource.Kind.VIDEO, Resource.Kind.ANIMATION, Resource.Kind.PODCAST)
_SHOWN = (Resource.Kind.VIDEO, Resource.Kind.ANIMATION)


def claim_without_source(claim: Claim, where: str = "", prefix: str = "id") -> Iterator[Finding]:
    """A figure with nobody who counted; also for the facts of an age band, which has no editions."""
    if not claim.claim.strip():
        yield Finding(where, f"{prefix}-claim", "A fact has no words.", "Write it, or take it out.")
    elif not claim.source.strip():
        wrong = f"{quoted(claim.claim)} has no source."
        yield Finding(where, f"{prefix}-source", wrong, "Say who counted, or take the fact out.")


def facts(reading: Reading) -> Iterator[Finding]:
    for fact, where, prefix in reading.part_rows("facts"):
        yield from claim_without_source(fact, where, prefix)


def law_panels(reading: Reading) -> Iterator[Finding]:
    """What the law says is told with where it stands."""
    for section, where, prefix in reading.part_rows("sections"):
        if section.kind == section.Kind.LAW and not section.source.strip():
            do = "Say where this is written, with a date."
            yield Finding(where, f"{prefix}-source", "It tells the law and names no source.", do)


def recordings(reading: Reading) -> Iterator[Finding]:
    """Who cannot hear or see a recording gets its words: of ours always, of others where we can."""
    for resource, where, prefix in reading.part_rows("resources"):
        if not resource.link and not resource.file:
            do = "Add its address or a file, or take it out."
            yield Finding(where, f"{prefix}-link", "It leads nowhere.", do)
        if resource.kind not in _RECORDINGS:
            continue
        is_ours = bool(resource.file)
        if not resource.transcript.strip() and not resource.transcript_file:
            do = "Write what is said, or a summary of it."
            yield Finding(where, f"{prefix}-transcript", "The recording has no transcript or summary.", do, is_ours)
        if resource.kind in _SHOWN and not resource.has_captions and not resource.captions:
            known = "has no captions" if resource.has_captions is False else "may have no captions: nobody has looked"
            stops = is_ours
            do = "Add captions, then tick the box." if is_ours else "Watch it, and say whether it has captions."
            if is_ours or resource.has_captions is None:
                yield Finding(where, f"{prefix}-has_captions", f"The film {known}.", do, stops)


def has_sections(reading: Reading) -> Iterator[Finding]:
    if isinstance(reading.edition, TopicEdition) and not reading.parts["sections"]:
        yield Finding("Sections", "sections-group", "It has no sections.", "Write at least one before you publish.")


def findings(reading: Reading) -> Iterator[Finding]:
    for rule in (facts, law_panels, recordings, has_sections):
        yield from rule(reading)


def past_names() -> list[PastName]:
    """Names in older guides, and apps that are closed."""
    topic, profile = Topic._meta.label_lower, AppProfile._meta.label_lower
    names = [
        PastName(name.name, name.now, frozenset((topic, each.pk) for each in name.topics.all()))
        for name in OldName.objects.live().prefetch_related("topics")
    ]
    closed = AppProfileEdition.objects.live().filter(status="closed")
    return names + [
        PastName(name, f"It closed: {since}.", frozenset([(profile, key)]))
        for name, since, key in closed.values_list("name", "status_since", "profile_id")
    ]


def proper_names() -> Iterable[str]:
    """Names of others, which may hold words that we would not use."""
    return {
        *OldName.objects.values_list("name", flat=True),
        *UsefulLink.objects.values_list("provider", flat=True),
        *UsefulLink.objects.values_list("title", flat=True),
    }
