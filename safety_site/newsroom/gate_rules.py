"""The rules of the gate that hold for every kind of edition: one plain function each, from a reading to findings.

What only one app knows (a fact's source, a contact's number) is in the ``gate_rules`` of that app.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from django.db import models
from django.utils import timezone

from safety_site.models import BannedPhrase, LinkCheck
from safety_site.newsroom.addresses import dead_ends, edition_model_of, on_this_site
from safety_site.newsroom.pieces import Piece, Reading, part_relations
from safety_site.reading_age import MAXIMUM_GRADE, age_at, grade

# Longer texts are cut where a finding quotes them.
QUOTED = 60
HARD_FOR_MOST_GRADE = 12
# A grade of a few words says nothing.
FEWEST_WORDS_TO_GRADE = 60


@dataclass(frozen=True)
class Finding:
    """One thing that the gate has found, in words for an editor."""

    where: str
    field: str  # the id of the field on the edit screen; empty: the edition as a whole
    wrong: str
    do: str
    stops: bool = True  # False: a warning, which stops nothing


@dataclass(frozen=True)
class PastName:
    """A name that is no longer right, with what became of it; its own pages may use it."""

    name: str
    now: str
    own_things: frozenset = frozenset()  # (label of the model, key) of each thing that is about it


def quoted(words: str) -> str:
    words = " ".join(words.split())
    return f"“{words if len(words) <= QUOTED else words[: QUOTED - 1].rstrip() + '…'}”"


def _in_piece(piece: Piece, wrong: str, do: str, stops: bool = True) -> Finding:
    return Finding(piece.where, piece.field, wrong, do, stops)


# --- Links and marks inside rich text ---------------------------------------------------------------------

_SAYS_NOTHING = re.compile(
    r"(?:click|tap|press)(?: (?:here|this|on this|this link|the link))?|here|this|link|this link|this page|more"
    r"|read more|more info(?:rmation)?|find out more",
    re.IGNORECASE,
)
_BARE_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


def link_words(reading: Reading) -> Iterator[Finding]:
    """A link says where it leads: screen readers read links out on their own."""
    for piece in reading.html:
        for link in piece.marks.links:
            words = " ".join(link.words.split())
            to = quoted(link.href) if link.href.strip() else "nowhere"
            if not words:
                yield _in_piece(piece, f"A link to {to} has no words.", "Give it words, or take the link out.")
            elif _SAYS_NOTHING.fullmatch(words.rstrip(" .:!…>»")):
                do = "Say what is there, for example “Childline’s page on bullying”."
                yield _in_piece(piece, f"A link says only {quoted(words)}.", do, stops=False)
            elif _BARE_ADDRESS.fullmatch(words):
                do = "Say in words what is there."
                yield _in_piece(piece, f"A link shows a bare address, {quoted(words)}.", do, stops=False)


def link_targets(reading: Reading) -> Iterator[Finding]:
    """A link leads somewhere that a reader may go: here, to https, to a number, to an email address."""
    for piece in reading.html:
        for link in piece.marks.links:
            href = link.href.strip()
            if not href:
                yield _in_piece(piece, f"The link {quoted(link.words)} leads nowhere.", "Set its address.")
            elif href.startswith("tel:"):
                if not re.search(r"\d{3}", href):
                    yield _in_piece(piece, f"{quoted(link.words)} dials no number.", "Set it to tel: and the digits.")
            elif not re.match(r"https://[^/]|mailto:.+@|/(?!/)|#.", href):
                do = "Start it with https:// for another site, or with one slash for a page of ours."
                yield _in_piece(piece, f"Readers cannot follow a link to {quoted(href)}.", do)


def headings(reading: Reading) -> Iterator[Finding]:
    """Headings step down one level at a time: people who cannot see the page move about by them."""
    for piece in reading.html:
        last = 2  # the heading of the part itself
        for heading in piece.marks.headings:
            if not heading.words.strip():
                yield _in_piece(piece, "A heading is empty.", "Write the heading, or take it out.")
            elif heading.level <= 2 or heading.level > last + 1:
                wrong = f"The heading {quoted(heading.words)} is at the wrong level."
                do = "Use the larger kind of heading first, and the smaller kind only below it."
                yield _in_piece(piece, wrong, do)
            last = max(heading.level, 2)
    for piece in reading.pieces:
        if piece.name == "heading" and not piece.value.strip():
            yield _in_piece(piece, "The heading is empty.", "Say in a few words what this part tells.")


def pictures(reading: Reading) -> Iterator[Finding]:
    for piece in reading.html:
        for words in piece.marks.pictures:
            if not words:
                do = "Say in words what it shows; readers get rich text without pictures."
                yield _in_piece(piece, "A picture has no text.", do)


# --- Addresses --------------------------------------------------------------------------------------------


def internal_links(reading: Reading) -> Iterator[Finding]:
    """Every address on this site, in rich text or as the page to go to instead, leads to a page that is live."""
    edition = reading.edition
    named: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for piece in reading.html:
        for link in piece.marks.links:
            named[on_this_site(link.href.strip())].append((piece.where, piece.field))
    if edition.is_withdrawal:
        named[on_this_site(edition.withdrawal_instead.strip())].append(
            ("The page to go to instead", "id_withdrawal_instead")
        )
    named.pop("", None)
    now = timezone.now()
    dead = dead_ends(named, max(now, edition.publish_at or now))
    for address, why in sorted(dead.items()):
        for where, field in named[address]:
            yield Finding(where, field, f"The link to {quoted(address)} is broken: {why}.", "Correct the address.")


def withdrawal_leads_elsewhere(reading: Reading) -> Iterator[Finding]:
    """Sending readers from a page to itself would send them round for ever."""
    edition = reading.edition
    own = edition.thing.get_absolute_url() if hasattr(edition.thing, "get_absolute_url") else ""
    instead = re.split(r"[?#]", on_this_site(edition.withdrawal_instead.strip()))[0]
    if edition.is_withdrawal and own and instead.rstrip("/") == own.rstrip("/"):
        where = "The page to go to instead"
        yield Finding(where, "id_withdrawal_instead", "It is this very page.", "Name another page, or leave it empty.")


def checked_links(reading: Reading) -> Iterator[Finding]:
    """What ``check_links`` found of the addresses on other sites."""
    named = defaultdict(list)
    for piece, address in reading.outside_addresses:
        named[address].append(piece)
    doubtful = LinkCheck.objects.filter(url__in=list(named)).exclude(state=LinkCheck.State.WORKS)
    for check in doubtful:
        wrong = f"{quoted(check.url)}: {check.get_state_display().lower()}"
        do = "Open it yourself." if check.state == LinkCheck.State.UNSURE else "Find where the page is now."
        for piece in named[check.url]:
            yield _in_piece(piece, f"{wrong}.", do, stops=False)


# --- Words ------------------------------------------------------------------------------------------------

# Where it is told what others call something, banned words may stand.
_QUOTING_FIELDS = {"source", "old_names"}


def even(words: str) -> str:
    """Words with straight apostrophes, plain hyphens and plain spaces, so that they compare."""
    words = re.sub(r"[‘’ʼ`´]", "'", words)
    words = re.sub(r"[‐‑‒–]", "-", words)
    return " ".join(re.sub(r"[\u00ad\u200b-\u200d\u2060\ufeff]", "", words).split())


def phrase_pattern(phrases: Iterable[str]) -> re.Pattern | None:
    """Finds any of these, in any case, as whole words, whether written with a hyphen or a space."""
    found = sorted({even(phrase) for phrase in phrases if even(phrase)}, key=len, reverse=True)
    if not found:
        return None
    any_of = "|".join(r"[-\s]+".join(map(re.escape, re.split(r"[-\s]+", phrase))) for phrase in found)
    return re.compile(rf"(?<!\w)(?:{any_of})(?!\w)", re.IGNORECASE)


def _key(phrase: str) -> str:
    return re.sub(r"[-\s]+", " ", even(phrase)).casefold()


def banned_phrases(reading: Reading, proper_names: Iterable[str] = ()) -> Iterator[Finding]:
    """No words that harm, blame or mislead; the name of a service may hold them, since it is its name."""
    rows = {_key(row.phrase): row for row in BannedPhrase.objects.in_use()}
    pattern = phrase_pattern(rows)
    if pattern is None:
        return
    # A name that says nothing but the phrase is what we say instead of: it is no name of a service.
    longer = (name for name in proper_names if _key(name) not in rows)
    names = phrase_pattern(name for name in longer if pattern.search(even(name)))
    texts = [piece for piece in reading.pieces if piece.kind != "url" and piece.name not in _QUOTING_FIELDS]
    reason = reading.edition.withdrawal_reason
    if reason:
        where = "Why the page is taken down"
        texts.append(Piece(reading.edition, "withdrawal_reason", reason, where, "id_withdrawal_reason", "words"))
    for piece in texts:
        found = set()
        for block in piece.blocks if piece.kind == "html" else [piece.value]:
            words = names.sub("…", even(block)) if names else even(block)
            found.update(_key(match) for match in pattern.findall(words))
        for key in sorted(found):
            row = rows[key]
            do = f"Say “{row.say_instead}” instead." if row.say_instead else "Say it in other words."
            yield _in_piece(piece, f"“{row.phrase}” is not for our pages. {row.why}", do)


_TELLS_OF_THE_END = re.compile(
    r"\b(?:closed?|closing|shut|no longer|used to|old names?|new names?|renamed|now called|replaced|formerly|ended|gone"
    r"|became|retired|was called|taken down)\b",
    re.IGNORECASE,
)


def past_names(reading: Reading, names: Iterable[PastName]) -> Iterator[Finding]:
    """No service is offered under a name that it no longer has, and no app that is closed; telling of it is fine."""
    edition = reading.edition
    if getattr(edition, "kind", "") == "closed" or getattr(edition, "status", "open") != "open":
        return  # a page that says so itself
    own = (edition.thing._meta.label_lower, edition.thing.pk)
    by_name = {even(each.name): each for each in names if own not in each.own_things}
    if not by_name:
        return
    longest_first = sorted(by_name, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    for piece in reading.pieces:
        if piece.kind == "url" or piece.name in _QUOTING_FIELDS:
            continue
        told = set()
        for block in map(even, piece.blocks):
            if not _TELLS_OF_THE_END.search(block):
                told.update(pattern.findall(block))
        for name in sorted(told):
            yield _in_piece(
                piece, f"It names {name}. {by_name[name].now}", "Check that it is still right.", stops=False
            )


@cache
def _number_words() -> str:
    return r"(?:\d[\d,]*|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|a hundred|hundred)"


def figures(words: str) -> list[str]:
    """The figures that need somebody who counted: “43%”, “9 per cent”, “one in five”, “3 out of 10”."""
    number = _number_words()
    pattern = rf"\b\d+(?:\.\d+)?\s?(?:%|per ?cent\b)|\b{number} (?:in (?:every )?|out of (?:every )?){number}\b"
    return re.findall(pattern, words, re.IGNORECASE)


def figures_in_text(reading: Reading) -> Iterator[Finding]:
    """A figure in running text has its source beside it: named for that part, linked there, or told in a fact."""
    known = {
        figure.casefold()
        for piece in reading.pieces
        if piece.name == "claim" and getattr(piece.row, "source", "").strip()
        for figure in figures(piece.value)
    }
    for piece in reading.html:
        if getattr(piece.row, "source", "").strip() or any(
            link.href.startswith("https://") for link in piece.marks.links
        ):
            continue
        found = [each for block in piece.blocks for each in figures(block) if each.casefold() not in known]
        if found:
            wrong = f"It tells a figure ({quoted(found[0])}) and names nobody who counted."
            yield _in_piece(piece, wrong, "Name or link the source, or take the figure out.", stops=False)


def words_for_families(reading: Reading) -> list[Piece]:
    """The running text by which reading age and length are measured; what the law says is in its own words."""
    told = [piece for piece in reading.pieces if piece.kind != "url" and piece.name not in _QUOTING_FIELDS]
    return [piece for piece in told if getattr(piece.row, "kind", "") != "law"]


def count_words(pieces: Iterable[Piece]) -> int:
    return sum(len(block.split()) for piece in pieces for block in piece.blocks)


def reading_age_of(reading: Reading) -> Iterator[Finding]:
    """The words can be read at twelve; where the whole is harder, the hardest part is named."""
    pieces = words_for_families(reading)
    if count_words(pieces) < FEWEST_WORDS_TO_GRADE:
        return
    whole = grade([piece.value for piece in pieces])
    if whole <= MAXIMUM_GRADE:
        return
    longer = [piece for piece in pieces if count_words([piece]) >= 20] or pieces
    hardest = max(longer, key=lambda piece: grade([piece.value]))
    how = "Most grown-ups would find it hard. " if whole > HARD_FOR_MOST_GRADE else ""
    wrong = f"Reading age over 12: about {age_at(whole)}."
    do = f"{how}Use shorter sentences and shorter words, first in: {hardest.where}."
    yield Finding("The whole text", hardest.field, wrong, do, stops=False)


def length(reading: Reading, fewest: int, most: int) -> Iterator[Finding]:
    """Much shorter or longer than pages of its kind are."""
    words = count_words(words_for_families(reading))
    if words < fewest:
        wrong = f"It has only {words} words; pages of this kind have {fewest} or more."
        yield Finding("The whole text", "", wrong, "Check that nothing is missing.", stops=False)
    elif words > most:
        wrong = f"It has {words} words; people stop reading after {most}."
        yield Finding("The whole text", "", wrong, "Cut it, or make two pages of it.", stops=False)


# --- The edition as a whole -------------------------------------------------------------------------------


def something_in_it(reading: Reading) -> Iterator[Finding]:
    if reading.parts and not any(reading.parts.values()):
        yield Finding("The page", "", "There is nothing in it: it has no parts.", "Write its parts before you publish.")


def check_dates(reading: Reading, today: date | None = None) -> Iterator[Finding]:
    edition, today = reading.edition, today or timezone.localdate()
    if edition.review_by and edition.review_by < today:
        wrong = f"Its review date, {edition.review_by:%-d %B %Y}, is past: readers would be told."
        yield Finding("Checked", "id_review_by", wrong, "Read it again and set a new date.", stops=False)
    elif not edition.checked_on:
        wrong = "Nobody has said that they checked it: readers would be told."
        yield Finding("Checked", "id_checked_on", wrong, "Set the day, who checked, and the next day.", stops=False)


def editor_note(reading: Reading) -> Iterator[Finding]:
    note = reading.edition.editor_note.strip()
    if note:
        do = "Once that is settled, empty the note."
        yield Finding("Note to editors", "id_editor_note", f"It still says {quoted(note)}.", do, stops=False)


def related_things(reading: Reading, at: datetime | None = None) -> Iterator[Finding]:
    """A page names no other page that readers cannot see: it would be left out, or lead nowhere."""
    edition = reading.edition
    named: dict[type[models.Model], list[tuple[int, str, str]]] = defaultdict(list)
    for field in edition._meta.many_to_many:
        if edition_model_of(field.related_model):
            where = field.verbose_name.capitalize()
            for key in getattr(edition, field.name).values_list("pk", flat=True):
                named[field.related_model].append((key, where, f"id_{field.name}"))
    for relation in part_relations(type(edition)):
        links = [field for field in relation.related_model._meta.fields if field.many_to_one]
        links = [field for field in links if edition_model_of(field.related_model)]
        for row, where, prefix in reading.part_rows(relation.get_accessor_name()) if links else ():
            for field in links:
                key = getattr(row, field.attname)
                if key and field.name != "edition":
                    named[field.related_model].append((key, where, f"{prefix}-{field.name}"))
    now = timezone.now()
    at = at or max(now, edition.publish_at or now)
    for model, uses in named.items():
        editions = edition_model_of(model)
        keys = {key for key, _where, _field in uses}
        live = set(
            editions.objects.live(at)
            .filter(**{f"{editions.thing_field}__in": keys})
            .values_list(f"{editions.thing_field}_id", flat=True)
        )
        names = dict(model._base_manager.filter(pk__in=keys - live).values_list("pk", "slug")) if keys - live else {}
        for key, where, field in uses:
            if key in names:
                wrong = f"It names “{names[key]}”, which is not live."
                yield Finding(where, field, wrong, "Take it out, or publish that page first.", stops=False)
