"""What goes stale in words that nobody touched: names of what closed or was renamed, sentences too hard to read."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import F

from guidance.models import AppProfileEdition, OldName, Section, TopicAudience
from guidance.models.apps import AppStatus
from reporting.models import ContactEdition, Kind
from safety_site.live_pages import LivePage, Words
from safety_site.reading_age import plain_text, reading_age
from safety_site.vocabulary import Audience

# Words right before a name that say that it is an old one: "X (formerly Twitter)".
EXPLAINED = re.compile(
    r"(?:former(?:ly)?(?: known as| called)?|used to be(?: called| known as)?|was(?: once)? called|once called"
    r"|previously|old name|new name (?:of|for)|still (?:name|say)|took over from|mov(?:e|ed) (?:over )?from|come from"
    r"|instead of)[ “\"‘'(]*$",
    re.IGNORECASE,
)
AROUND = 40  # letters shown on each side of a name


@dataclass(frozen=True)
class DeadName:
    """A name that no page should offer any more, and which things may say it since they explain it."""

    name: str
    why: str
    explained_by: frozenset[tuple[str, int]]  # (label of the edition's or row's model, key of the thing)

    @property
    def pattern(self) -> re.Pattern:
        # In any case but with its first letter as given: "Pace" is a charity, "pace" is a word.
        first, rest = re.escape(self.name[0]), re.escape(self.name[1:])
        return re.compile(rf"(?<!\w){first}(?i:{rest})(?!\w)")


def dead_names() -> list[DeadName]:
    """Of apps that closed, and of what has closed or has another name; what we could not confirm is not among them."""
    apps = [
        DeadName(name, f"closed {since}", frozenset({("guidance.appprofileedition", thing)}))
        for name, since, thing in AppProfileEdition.objects.live()
        .filter(status=AppStatus.CLOSED)
        .values_list("name", "status_since", "profile_id")
    ]
    whys = {
        OldName.Became.RENAMED: "has a new name",
        OldName.Became.REPLACED: "something else took over",
        OldName.Became.CLOSED: "closed",
    }
    topics: dict[tuple[str, str], set] = {}
    old = OldName.objects.live().exclude(became=OldName.Became.UNCONFIRMED)
    for name, became, topic in old.values_list("name", "became", F("topics")):
        topics.setdefault((name, became), set()).add(("guidance.topicedition", topic))
    names = [DeadName(name, whys[became], frozenset(told)) for (name, became), told in topics.items()]
    both = {each.name: each for each in names}
    for app in apps:
        known = both.get(app.name)
        both[app.name] = DeadName(app.name, app.why, app.explained_by | known.explained_by) if known else app
    return [both[name] for name in sorted(both)]


@dataclass(frozen=True)
class Naming:
    """One page that says a dead name, with the words around it."""

    page: LivePage
    name: DeadName
    words: str


def pages_with_dead_names(words: Mapping[LivePage, Words]) -> list[Naming]:
    """Live pages that name what is no more, as if it still were; pages and rows that explain it are left out."""
    names = [(each.name.lower(), each) for each in dead_names()]
    found = [
        Naming(page, name, said)
        for page, said_there in words.items()
        if page.model != "guidance.oldname"
        for in_small_letters, name in names
        if in_small_letters in said_there.lowered
        and not _explains(page, said_there.texts, name)
        and (said := _saying(said_there.texts, name))
    ]
    closed = _closed_contacts() if any(each.page.model == "reporting.contactedition" for each in found) else ()
    found = [each for each in found if (each.page.model, each.page.pk) not in closed]
    return sorted(found, key=lambda each: (each.name.name, each.page.kind, each.page.title))


def _closed_contacts() -> set[tuple[str, int]]:
    """Contacts that are there to explain what became of a service."""
    keys = ContactEdition.objects.live().filter(kind=Kind.CLOSED).values_list("pk", flat=True)
    return {("reporting.contactedition", key) for key in keys}


def _explains(page: LivePage, texts: list[tuple[str, str]], name: DeadName) -> bool:
    return (
        (page.model, page.thing_id) in name.explained_by
        or page.title.casefold() == name.name.casefold()
        or any(label == "old names" and name.pattern.search(text) for label, text in texts)
    )


def _saying(texts: list[tuple[str, str]], name: DeadName) -> str:
    """The first place where a page says a name without saying that it is an old one; empty: nowhere."""
    for label, html in texts:
        text = plain_text(html) if "<" in html else html
        for match in name.pattern.finditer(text):
            is_part_of_a_name = match[0] != name.name and re.match(r" [A-Z]", text[match.end() :])
            if not is_part_of_a_name and not EXPLAINED.search(text[: match.start()]):
                before, after = text[: match.start()][-AROUND:], text[match.end() :][:AROUND]
                return f"{label}: …{before}{match[0]}{after}…"
    return ""


# --- Reading age ------------------------------------------------------------------------------------------

_measured: dict[tuple, float] = {}


def reading_ages(pages: Iterable[LivePage]) -> dict[LivePage, float]:
    """The reading age of each live topic for families, measured once in the life of this process.

    Without the panels on the law, whose words are not ours to choose; a topic for professionals alone has age 0.
    """
    pages = [page for page in pages if page.model == "guidance.topicedition"]
    new = [page for page in pages if (page.pk, page.created_at) not in _measured]
    if new:
        keys = [page.pk for page in new]
        bodies, for_families = {}, set()
        for key, body in (
            Section.objects.filter(edition__in=keys)
            .exclude(kind=Section.Kind.LAW)
            .order_by("edition", "position", "pk")
            .values_list("edition_id", "body")
        ):
            bodies.setdefault(key, []).append(body)
        audiences = TopicAudience.objects.filter(edition__in=keys).exclude(audience=Audience.PROFESSIONALS)
        for_families.update(audiences.values_list("edition_id", flat=True))
        for page in new:
            is_for_families = page.pk in for_families
            _measured[page.pk, page.created_at] = reading_age(bodies.get(page.pk, [])) if is_for_families else 0.0
    return {page: _measured[page.pk, page.created_at] for page in pages}
