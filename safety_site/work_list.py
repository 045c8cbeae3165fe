"""What waits for an editor, as named lists: each a plain function from a ``Desk`` to rows.

The first page of the admin counts them, each has a page and a CSV (``safety_site.work_views``), and the mail of
``manage.py review_due`` is two of them. Whoever has no right to the pages of a list does not get it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.apps import apps
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q
from django.utils import timezone
from django.utils.formats import date_format

from guidance.models import Feedback, Resource, TopicEdition
from reporting.models import ContactEdition, Kind, Phone
from safety_site.editions import EditionState
from safety_site.live_pages import LivePage, addresses_named, edition_models, kind_of
from safety_site.models import EditionEvent, EmergencyBanner, LinkCheck, SuggestedChange
from safety_site.newsroom.rights import may
from safety_site.reading_age import HIGHEST_READING_AGE
from safety_site.stale_words import pages_with_dead_names, reading_ages
from safety_site.work_desk import Desk, Row, RowsOf, Unfinished, admin_page, may_see

SOON = timedelta(days=30)
RING_AGAIN_AFTER = timedelta(days=90)
SPOKEN = (Resource.Kind.VIDEO, Resource.Kind.ANIMATION, Resource.Kind.PODCAST)


@dataclass(frozen=True)
class WorkList:
    """One named list. ``may_see`` says who gets it; ``rows`` what is on it."""

    slug: str
    title: str
    todo: str  # what to do about each row
    nothing: str  # when it is empty
    may_see: Callable[[Desk], bool]
    rows: Callable[[Desk], Sequence[Row]]
    date_is: str = ""  # what the date of a row says
    is_loud: bool = False


@dataclass(frozen=True)
class Counted:
    """A list with its rows, as one person gets it."""

    about: WorkList
    rows: Sequence[Row]

    @property
    def count(self) -> int:
        return len(self.rows)


def day(value: date | None) -> str:
    return date_format(value, "j F Y") if value else ""


def _local_day(at: datetime) -> date:
    return timezone.localtime(at).date()


# --- For me -----------------------------------------------------------------------------------------------


def waiting_for_me(desk: Desk) -> list[Row]:
    """In review and mine to approve; sent back to me; banners and suggestions that I may decide on."""
    in_review = [
        _row_of(desk, edition, f"In review{_by(desk, edition)}: approve it, or send it back.")
        for edition in desk.unfinished
        if edition.state == EditionState.IN_REVIEW and _may_approve(desk, edition)
    ]
    return [*_banners(desk), *_sent_back(desk), *in_review, *_suggestions(desk)]


def _by(desk: Desk, edition: Unfinished) -> str:
    writer = edition.changed_by_id or edition.author_id
    return f", by {desk.name_of(writer)}" if writer else ""


def _may_approve(desk: Desk, edition: Unfinished) -> bool:
    model = apps.get_model(edition.model)
    if not may(desk.user, "approve", model):
        return False
    # Two people stand behind each number: never who wrote it.
    return model is not ContactEdition or desk.user.pk not in (edition.author_id, edition.changed_by_id)


def _is_sent_back_to(desk: Desk, edition: Unfinished) -> bool:
    event, sender = desk.last_events.get((edition.model, edition.pk), (None, None))
    is_sent_back = bool(event) and event.kind == EditionEvent.Kind.SENT_BACK
    return is_sent_back and desk.user.pk in (edition.author_id, sender)


def _sent_back(desk: Desk) -> list[Row]:
    return [
        _row_of(
            desk, edition, f"Sent back to you: “{words}”" if (words := _last_words(desk, edition)) else "Sent back."
        )
        for edition in desk.unfinished
        if edition.state == EditionState.DRAFT and _is_sent_back_to(desk, edition)
    ]


def _last_words(desk: Desk, edition: Unfinished) -> str:
    return desk.last_events[edition.model, edition.pk][0].words


def _banners(desk: Desk) -> list[Row]:
    if not may(desk.user, "approve", EmergencyBanner):
        return []
    now = timezone.now()
    waiting = EmergencyBanner.objects.filter(approved_by=None).filter(Q(ends_at=None) | Q(ends_at__gt=now))
    return [
        Row(
            banner.words,
            "Banner",
            admin_page("safety_site.emergencybanner", banner.pk),
            "A second person must approve it before readers see it.",
            desk.name_of(banner.author_id),
            _local_day(banner.starts_at),
        )
        for banner in waiting.exclude(author=desk.user)
    ]


def _suggestions(desk: Desk) -> list[Row]:
    if not may(desk.user, "approve", SuggestedChange):
        return []
    return [
        Row(
            change.title,
            "Suggested change",
            admin_page("safety_site.suggestedchange", change.pk),
            "Accept it or refuse it.",
            desk.name_of(change.author_id),
            _local_day(change.made_at),
        )
        for change in SuggestedChange.objects.waiting().defer("before", "after")
    ]


def drafts_of_mine(desk: Desk) -> list[Row]:
    """Drafts that I began or changed last; without those that came back to me, which wait on another list."""
    return [
        _row_of(desk, edition, "A draft: finish it and send it for review.")
        for edition in desk.unfinished
        if edition.state == EditionState.DRAFT
        and desk.user.pk in (edition.author_id, edition.changed_by_id)
        and not _is_sent_back_to(desk, edition)
    ]


def _row_of(desk: Desk, edition: Unfinished, what: str) -> Row:
    return Row(
        f"{edition.title} · edition {edition.number}",
        kind_of(apps.get_model(edition.model)),
        admin_page(edition.model, edition.pk),
        what,
        desk.name_of(edition.owner_id),
        _local_day(edition.touched_at),
    )


def my_pages(desk: Desk) -> list[Row]:
    """Every live page that I own."""
    return [
        desk.row(page, on=page.review_by)
        for page in sorted(desk.all_pages, key=lambda page: (page.kind, page.title))
        if page.owner_id == desk.user.pk
    ]


# --- Out of date ------------------------------------------------------------------------------------------


def overdue(desk: Desk) -> list[Row]:
    """Live pages whose review date is past; longest overdue first."""
    today = timezone.localdate()
    late = [page for page in desk.pages if page.review_by and page.review_by < today]
    return [
        desk.row(page, f"Overdue for {_days(today - page.review_by)}.{_begun(desk, page)}", page.review_by)
        for page in sorted(late, key=lambda page: (page.review_by, page.title))
    ]


def review_due(desk: Desk) -> list[Row]:
    """Live pages whose review date comes within 30 days, today included; soonest first."""
    today = timezone.localdate()
    soon = [page for page in desk.pages if page.review_by and today <= page.review_by <= today + SOON]
    return [
        desk.row(page, f"{_due(page.review_by - today)}{_begun(desk, page)}", page.review_by)
        for page in sorted(soon, key=lambda page: (page.review_by, page.title))
    ]


def _due(time: timedelta) -> str:
    return f"Due in {_days(time)}." if time else "Due today."


def _begun(desk: Desk, page: LivePage) -> str:
    return " A new edition is begun." if (page.model, page.thing_id) in desk.begun else ""


def _days(time: timedelta) -> str:
    return "1 day" if time.days == 1 else f"{time.days} days"


def numbers_to_ring(desk: Desk) -> RowsOf:
    """Live contacts with a number to call that nobody rang in the last 90 days; never rung first.

    Not emergencies: nobody rings 999 to see whether it answers.
    """
    rung = Q(checked_how=ContactEdition.CheckedHow.RANG, checked_on__gte=timezone.localdate() - RING_AGAIN_AFTER)
    to_call = Phone.objects.filter(edition=OuterRef("pk"), is_text=False)
    contacts = (
        ContactEdition.objects.live()
        .filter(Exists(to_call))
        .exclude(rung)
        .exclude(kind__in=[Kind.EMERGENCY, Kind.CLOSED])
        .select_related("contact")
        .prefetch_related("phones")
    )
    if desk.only_mine:
        contacts = contacts.filter(contact__owner=desk.user)
    was_rung = Q(checked_how=ContactEdition.CheckedHow.RANG)
    contacts = contacts.annotate(was_rung=ExpressionWrapper(was_rung, BooleanField()))
    return RowsOf(contacts.order_by("was_rung", "checked_on", "name", "pk"), lambda each: _number_row(desk, each))


def _number_row(desk: Desk, edition: ContactEdition) -> Row:
    is_rung = edition.checked_how == ContactEdition.CheckedHow.RANG
    numbers = ", ".join(phone.number for phone in edition.phones.all() if not phone.is_text)
    return Row(
        edition.name,
        "Reporting contact",
        admin_page("reporting.contactedition", edition.pk),
        f"{numbers}: {'last rung ' + day(edition.checked_on) if is_rung else 'never rung'}.",
        desk.name_of(edition.contact.owner_id),
        edition.checked_on if is_rung else None,
    )


def broken_links(desk: Desk) -> list[Row]:
    """Addresses that failed on several days, or lead where nobody should go, with the live pages that name them."""
    checks = LinkCheck.objects.filter(state__in=[LinkCheck.State.BROKEN, LinkCheck.State.REFUSED])
    checks = {check.url: check for check in checks}
    if not checks:
        return []
    named = addresses_named(desk.words)
    return [
        Row(
            url,
            "Link",
            url,
            checks[url].reason or checks[url].get_state_display(),
            ", ".join(dict.fromkeys(filter(None, (desk.name_of(page.owner_id) for page in pages)))),
            _local_day(checks[url].checked_at),
            [desk.place(page) for page in pages],
            is_outside=True,
        )
        for url, pages in named.items()
        if url in checks
    ]


def dead_names(desk: Desk) -> list[Row]:
    """Live pages that name an app that closed, or a service that has another name."""
    return [
        desk.row(each.page, f"Names “{each.name.name}” ({each.name.why}). {each.words}", each.page.review_by)
        for each in pages_with_dead_names(desk.words)
    ]


# --- Hard to use ------------------------------------------------------------------------------------------


def without_transcript(desk: Desk) -> list[Row]:
    """Videos, animations and podcasts of live topics without words to read instead."""
    resources = (
        Resource.objects.filter(kind__in=SPOKEN, transcript="", edition__in=TopicEdition.objects.live())
        .order_by("edition", "position", "pk")
        .only("title", "kind", "provider", "edition")
    )
    return [
        desk.row(page, f"{resource.get_kind_display()}: “{resource.title}”, by {resource.provider}.", page.review_by)
        for resource in resources
        if (page := desk.page_of.get(("guidance.topicedition", resource.edition_id)))
    ]


def hard_to_read(desk: Desk) -> list[Row]:
    """Live topics for families whose reading age is over 12; hardest first."""
    ages = reading_ages(desk.pages).items()
    return [
        desk.row(page, f"Reading age about {age:.0f}.", page.review_by)
        for page, age in sorted(ages, key=lambda each: (-each[1], each[0].title))
        if age > HIGHEST_READING_AGE
    ]


# --- Readers ----------------------------------------------------------------------------------------------


WAITING = Q(state=Feedback.State.WAITING)
# What was taken for spam and reads like danger still needs an editor's eyes.
URGENT = Q(is_urgent=True) & (WAITING | Q(state=Feedback.State.SPAM))


def _answers(desk: Desk) -> dict[str, int]:
    """How many answers wait, and how many of danger, counted together once."""
    return desk.once(
        "answers",
        lambda: Feedback.objects.aggregate(urgent=Count("pk", filter=URGENT), waiting=Count("pk", filter=WAITING)),
    )


def urgent_feedback(desk: Desk) -> RowsOf:
    """What reads as if a child may be in danger and nobody has decided on; what was taken for spam too."""
    return RowsOf(Feedback.objects.filter(URGENT).order_by("sent_at", "pk"), _answer_row, _answers(desk)["urgent"])


def feedback_to_moderate(desk: Desk) -> RowsOf:
    """Answers that nobody has decided on; urgent ones first, then whoever has waited longest."""
    waiting = Feedback.objects.filter(WAITING).order_by("-is_urgent", "sent_at", "pk")
    return RowsOf(waiting, _answer_row, _answers(desk)["waiting"])


def _answer_row(answer: Feedback) -> Row:
    # Without a word of the comment: this list leaves the site as a file.
    reads_like = answer.get_concern_display() or "No worry that we know of"
    return Row(
        answer.page_title,
        "Answer from a reader",
        admin_page("guidance.feedback", answer.pk),
        f"URGENT: a child may be in danger. {reads_like}" if answer.is_urgent else reads_like,
        "",
        _local_day(answer.sent_at),
    )


# --- All of them ------------------------------------------------------------------------------------------


def _moderates(desk: Desk) -> bool:
    return may(desk.user, "change", Feedback)


def _sees_pages(desk: Desk) -> bool:
    return bool(desk.sees)


def _sees_topics(desk: Desk) -> bool:
    return may_see(desk.user, TopicEdition)


def _decides_or_writes(desk: Desk) -> bool:
    user = desk.user
    return _writes(desk) or any(
        may(user, "approve", model) for model in [*edition_models(), EmergencyBanner, SuggestedChange]
    )


def _writes(desk: Desk) -> bool:
    return any(may(desk.user, "change", model) for model in edition_models())


# In the order of the first page: a child in danger, then what waits for me, then what is going stale.
LISTS = [
    WorkList(
        "urgent", "A child may be in danger",
        "Read each answer now. If a child is in danger, follow your safeguarding procedure before anything else.",
        "No answer from a reader reads as if a child is in danger.",
        _moderates, urgent_feedback, "Sent on", is_loud=True,
    ),
    WorkList(
        "waiting", "Waiting for me",
        "Open each one: approve it, or send it back with a word on what to mend.",
        "Nothing waits for your decision.",
        _decides_or_writes, waiting_for_me, "Since",
    ),
    WorkList(
        "drafts", "Drafts of mine",
        "Finish a draft and send it for review, or discard it. Readers do not see it.",
        "You have no drafts.",
        _writes, drafts_of_mine, "Last changed",
    ),
    WorkList(
        "overdue", "Overdue for review",
        "Read the page against its sources. Then make a draft with what is true now and the day you checked it. "
        "Readers are told that these are overdue.",
        "Every page was reviewed in time.",
        _sees_pages, overdue, "Was due",
    ),
    WorkList(
        "review-due", "Review due in 30 days",
        "Read the page against its sources before the day comes.",
        "No review is due in the next 30 days.",
        _sees_pages, review_due, "Due",
    ),
    WorkList(
        "numbers", "Numbers to ring",
        "Ring the number and ask whether it is still the right one. Then make a draft, and say on approving that you "
        "rang. These were never rung, or not for 90 days.",
        "Every number was rung in the last 90 days.",
        lambda desk: may_see(desk.user, ContactEdition), numbers_to_ring, "Last rung",
    ),
    WorkList(
        "broken-links", "Broken links",
        "Try the link yourself. If it is gone, find where the page has moved to, or take the link out of each page.",
        "No link that readers can follow is known to be broken.",
        _sees_pages, broken_links, "Last tried",
    ),
    WorkList(
        "old-names", "Pages that name what has closed or changed its name",
        "Say the new name, or take the old one out. A page may say an old name that it explains.",
        "No page offers what has closed or has another name.",
        _sees_pages, dead_names, "Review by",
    ),
    WorkList(
        "transcripts", "Nothing to read instead",
        "Add a transcript or a summary of what is said, for whoever cannot hear it or cannot play it aloud.",
        "Each video, animation and podcast has words to read instead.",
        _sees_topics, without_transcript, "Review by",
    ),
    WorkList(
        "reading-age", "Hard to read",
        f"Shorten sentences and swap long words: a reader of {HIGHEST_READING_AGE} should manage. The law’s own words "
        "do not count.",
        f"Each topic can be read at {HIGHEST_READING_AGE}.",
        _sees_topics, hard_to_read, "Review by",
    ),
    WorkList(
        "feedback", "Answers from readers",
        "Decide what others may read. Take out every name and place.",
        "Every answer was read.",
        _moderates, feedback_to_moderate, "Sent on",
    ),
    WorkList(
        "my-pages", "My pages",
        "You are asked when one of these is due for review.",
        "You own no pages. An owner is set on the page of a topic, an app and so on.",
        _sees_pages, my_pages, "Review by",
    ),
]  # fmt: skip


def lists_for(desk: Desk) -> list[WorkList]:
    """The lists that a person gets, in order."""
    return [each for each in LISTS if each.may_see(desk)]


def counted(desk: Desk) -> list[Counted]:
    """Each list of a person with its rows."""
    return [Counted(each, each.rows(desk)) for each in lists_for(desk)]
