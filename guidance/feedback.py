"""What happens to an answer of a reader: which pages take one, how words are tidied, what is kept and for how long.

Spam is kept out without a puzzle and without anybody else's help: by the time that writing takes, by a box that
only a program fills in, by the number of links, and by how often one address may write.
"""

import re
import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from auditlog.context import disable_auditlog
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import DateTimeField, F, Value
from django.urls import Resolver404, resolve
from django.utils import timezone

from guidance import shelf
from guidance.models import Feedback, FeedbackDay, FeedbackSender, PageComments
from guidance.models.feedback import LONGEST_COMMENT
from safety_site.rate_limit import scrambled
from safety_site.unchanged import while_unchanged
from safety_site.vocabulary import Audience, Concern
from safety_site.worries import Worry

# --- Pages ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """A page of ours that takes answers."""

    path: str
    title: str


def _topic(slug: str) -> str | None:
    row = shelf.topics().by_slug.get(slug)
    return row and row.title


def _app(slug: str) -> str | None:
    row = shelf.apps().by_slug.get(slug)
    return row and row.name


def _control(slug: str) -> str | None:
    row = shelf.guides().by_slug.get(slug)
    return row and f"{row.provider}: parental controls"


def _age_band(slug: str) -> str | None:
    row = shelf.band_of(slug)
    return row and row.name


def _concern(slug: str) -> str | None:
    """The fixed name of a worry. Its page belongs to the other app; an answer about one taken down does no harm."""
    return Concern(slug).label if slug in Concern.values else None


# The title of each kind of page that takes answers, by the name of its address; nothing where there is no such page.
TITLES = {
    "guidance:topic-list": lambda: "Topics",
    "guidance:topic": _topic,
    "guidance:app-list": lambda: "Apps and games",
    "guidance:app": _app,
    "guidance:control-list": lambda: "Parental controls",
    "guidance:control": _control,
    "guidance:age-band": _age_band,
    "guidance:talk": lambda: "Words to begin a talk",
    "guidance:for-audience": lambda audience: f"For {Audience(audience).label.lower()}",
    "reporting:concern": _concern,
    "reporting:platforms": lambda: "How to report on each app or game",
}


def _match(path: str):
    """Where an address leads, if pages of that kind take answers."""
    # The longest address that a row holds; a NUL is refused by PostgreSQL, and is in no address of ours.
    if len(path) > 200 or not path.isprintable():
        return None
    try:
        match = resolve(path)
    except Resolver404:
        return None
    return match if match.view_name in TITLES else None


def takes_answers(path: str) -> bool:
    """Whether pages of this kind take answers; asks no database."""
    return _match(path) is not None


def page_at(path: str) -> Page | None:
    """The page of ours at an address, if there is one and it takes answers."""
    match = _match(path)
    title = match and TITLES[match.view_name](**match.kwargs)
    return Page(path, title) if title else None


# --- What a page shows ----------------------------------------------------------------------------------

MOST_SHOWN = 10


@dataclass(frozen=True)
class Said:
    """What readers said of a page as it shows it, and whether it takes more."""

    rows: list[dict]  # words, reply, sent_at
    is_closed: bool
    note: str  # why it is closed


@while_unchanged
def _pages_with_words() -> frozenset[str]:
    """Addresses of pages about which something is published, or that are closed to comments: few of all."""
    said = Feedback.objects.published().order_by().values_list("path", flat=True)
    return frozenset(said.union(PageComments.objects.closed().order_by().values_list("path", flat=True)))


def said_about(path: str) -> Said:
    """What is published about a page, newest first, and whether comments are closed there. One query at most."""
    if path not in _pages_with_words():
        return Said([], False, "")
    said = Feedback.objects.published().about(path).annotate(words=F("public_words"), is_closed=Value(0))
    closed = PageComments.objects.closed().filter(path=path)
    never = Value(None, output_field=DateTimeField())
    closed = closed.annotate(words=F("note"), reply=Value(""), sent_at=never, is_closed=Value(1))
    columns = ("words", "reply", "sent_at", "is_closed")
    found = said.order_by().values(*columns).union(closed.order_by().values(*columns), all=True)
    rows = list(found.order_by("-is_closed", "-sent_at")[: MOST_SHOWN + 1])
    notes = [row["words"] for row in rows if row["is_closed"]]
    return Said([row for row in rows if not row["is_closed"]][:MOST_SHOWN], bool(notes), "".join(notes))


# --- Words ----------------------------------------------------------------------------------------------

# Marks that turn the direction of what follows: they could make words of ours beside them read backwards.
TURNED = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_UNSEEN = re.compile(rf"[\x00-\x09\x0b-\x1f\x7f-\x9f{TURNED}]")
MOST_LINKS = 2


def tidy(text: str) -> str:
    """Plain text as it was meant: one kind of line break, no control characters, nothing that turns the direction."""
    lines = re.sub(r"\r\n?|\u2028|\u2029", "\n", text).replace("\t", " ")
    return re.sub(r"\n{3,}", "\n\n", _UNSEEN.sub("", lines)).strip()


def has_many_links(text: str) -> bool:
    return len(re.findall(r"https?://|\bwww\.", text, re.IGNORECASE)) > MOST_LINKS


# --- Time -----------------------------------------------------------------------------------------------

QUICKEST = 3  # seconds: nobody reads the form and writes in less
OLDEST = 24 * 60 * 60
_signer = Signer(salt="guidance.feedback")


def new_token() -> str:
    """When a form was made, signed so that a program cannot make one up. It names neither the page nor the visitor."""
    return _signer.sign(str(int(time.time())))


def age_of(token: str) -> int | None:
    """How many seconds ago a form was made; nothing for one that we did not make."""
    try:
        return int(time.time()) - int(_signer.unsign(token))
    except (BadSignature, ValueError):
        return None


# --- How often one address may write --------------------------------------------------------------------

MOST_A_DAY = 20
MOST_IN_TEN_MINUTES = 5
TEN_MINUTES = 10 * 60


@transaction.atomic
def seconds_to_wait(address: str, now: datetime) -> int:
    """Count one answer of an address. Returns how many seconds to wait; 0: go ahead. What has to wait is not counted.

    Counted in the database, so that the limit holds over all processes. The address is kept scrambled, under a
    random salt of the day; what was counted on earlier days goes with its salt when another day has its first
    answer (or by ``manage.py forget_feedback``), and then nothing links anything.
    """
    day, is_new = FeedbackDay.objects.get_or_create(day=now.date(), defaults={"salt": secrets.token_hex(32)})
    if is_new:
        forget_senders(now)
    digest = scrambled(address, day.salt)
    sender, _is_new = FeedbackSender.objects.select_for_update().get_or_create(day=day, digest=digest)
    window = int(now.timestamp()) // TEN_MINUTES
    in_window = sender.window_count if sender.window == window else 0
    if sender.count >= MOST_A_DAY:
        midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), tzinfo=now.tzinfo)
        return max(1, int((midnight - now).total_seconds()))
    if in_window >= MOST_IN_TEN_MINUTES:
        return max(1, (window + 1) * TEN_MINUTES - int(now.timestamp()))
    sender.count, sender.window, sender.window_count = sender.count + 1, window, in_window + 1
    sender.save()
    return 0


# --- Keeping and forgetting -----------------------------------------------------------------------------

KEPT_FOR = timedelta(days=365)


@disable_auditlog()
def keep(page: Page, useful: str, comment: str, worry: Worry, is_from_a_program: bool) -> Feedback:
    """Keep one answer: the page, the words and the moment, nothing of who sent it.

    Not even in the audit list, which nobody can make forget.
    """
    if is_from_a_program or has_many_links(comment):
        state = Feedback.State.SPAM
    else:
        state = Feedback.State.WAITING if comment else Feedback.State.VOTE
    return Feedback.objects.create(
        path=page.path,
        page_title=page.title,
        useful=useful,
        comment=comment[:LONGEST_COMMENT],
        state=state,
        concern=worry.concern,
        is_urgent=worry.is_urgent,
        sent_at=timezone.now(),
    )


def forget_senders(now: datetime) -> None:
    """Delete what earlier days counted, with the salts without which it means nothing."""
    FeedbackDay.objects.filter(day__lt=now.date()).delete()


@disable_auditlog()
@transaction.atomic
def forget(now: datetime) -> tuple[int, int]:
    """Delete what was not published within a year, and the original words of what was.

    Returns how many answers were deleted, and how many lost their original words.
    """
    forget_senders(now)
    old = Feedback.objects.filter(sent_at__lt=now - KEPT_FOR)
    emptied = old.published().exclude(comment="").update(comment="")
    deleted, _by_model = old.exclude(state=Feedback.State.PUBLISHED).delete()
    return deleted, emptied


def move_answers(old: str, new: str) -> None:
    """Let what readers said of a page stand at its new address; and let it stay open or closed."""
    Feedback.objects.filter(path=old).update(path=new)
    PageComments.objects.filter(path=new).delete()
    PageComments.objects.filter(path=old).update(path=new)
