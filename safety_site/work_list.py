"""What waits for an editor, as named lists: each a plain function from a ``Desk`` to rows.

The first page of the admin counts them, each has a page and a CSV (``safety_site.work_views``), and the mail of
``manage.py review_due`` is two of them. Whoever has no right to the pages of a list does not get it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings

from guidance.models import Feedback, TopicEdition
from reporting.models import ContactEdition
from safety_site import work_rows
from safety_site.editions import edition_models
from safety_site.models import EmergencyBanner, SuggestedChange
from safety_site.newsroom.rights import may
from safety_site.reading_age import HIGHEST_READING_AGE
from safety_site.work_desk import Desk, Row, may_see


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


def _sees_machine(desk: Desk) -> bool:
    """Whoever may publish, where a copy of the site is wanted."""
    return bool(settings.MIRROR_DIR) and may(desk.user, "approve", TopicEdition)


def _writes(desk: Desk) -> bool:
    return any(may(desk.user, "change", model) for model in edition_models())


# In the order of the first page: a child in danger, then what waits for me, then what is going stale.
LISTS = [
    WorkList(
        "urgent", "A child may be in danger",
        "Read each answer now. If a child is in danger, follow your safeguarding procedure before anything else.",
        "No answer from a reader reads as if a child is in danger.",
        _moderates, work_rows.urgent_feedback, "Sent on", is_loud=True,
    ),
    WorkList(
        "waiting", "Waiting for me",
        "Open each one: approve it, or send it back with a word on what to mend.",
        "Nothing waits for your decision.",
        _decides_or_writes, work_rows.waiting_for_me, "Since",
    ),
    WorkList(
        "drafts", "Drafts of mine",
        "Finish a draft and send it for review, or discard it. Readers do not see it.",
        "You have no drafts.",
        _writes, work_rows.drafts_of_mine, "Last changed",
    ),
    WorkList(
        "kept", "Words of mine that were kept, and not saved",
        "Open the form: it offers the words. Save them, or throw them away. Nobody else sees them, and they are kept "
        "for 30 days.",
        "Every word of yours is saved.",
        _writes, work_rows.kept_words, "Kept on",
    ),
    WorkList(
        "overdue", "Overdue for review",
        "Read the page against its sources. Then make a draft with what is true now and the day you checked it. "
        "Readers are told that these are overdue.",
        "Every page was reviewed in time.",
        _sees_pages, work_rows.overdue, "Was due",
    ),
    WorkList(
        "review-due", "Review due in 30 days",
        "Read the page against its sources before the day comes.",
        "No review is due in the next 30 days.",
        _sees_pages, work_rows.review_due, "Due",
    ),
    WorkList(
        "numbers", "Numbers to ring",
        "Ring the number and ask whether it is still the right one. Then make a draft, and say on approving that you "
        "rang. These were never rung, or not for 90 days.",
        "Every number was rung in the last 90 days.",
        lambda desk: may_see(desk.user, ContactEdition), work_rows.numbers_to_ring, "Last rung",
    ),
    WorkList(
        "broken-links", "Broken links",
        "Try the link yourself. If it is gone, find where the page has moved to, or take the link out of each page.",
        "No link that readers can follow is known to be broken.",
        _sees_pages, work_rows.broken_links, "Last tried",
    ),
    WorkList(
        "old-names", "Pages that name what has closed or changed its name",
        "Say the new name, or take the old one out. A page may say an old name that it explains.",
        "No page offers what has closed or has another name.",
        _sees_pages, work_rows.dead_names, "Review by",
    ),
    WorkList(
        "transcripts", "Nothing to read instead",
        "Add a transcript or a summary of what is said, for whoever cannot hear it or cannot play it aloud.",
        "Each video, animation and podcast has words to read instead.",
        _sees_topics, work_rows.without_transcript, "Review by",
    ),
    WorkList(
        "reading-age", "Hard to read",
        f"Shorten sentences and swap long words: a reader of {HIGHEST_READING_AGE} should manage. The law’s own words "
        "do not count.",
        f"Each topic can be read at {HIGHEST_READING_AGE}.",
        _sees_topics, work_rows.hard_to_read, "Review by",
    ),
    WorkList(
        "feedback", "Answers from readers",
        "Decide what others may read. Take out every name and place.",
        "Every answer was read.",
        _moderates, work_rows.feedback_to_moderate, "Sent on",
    ),
    WorkList(
        "my-pages", "My pages",
        "You are asked when one of these is due for review.",
        "You own no pages. An owner is set on the page of a topic, an app and so on.",
        _sees_pages, work_rows.my_pages, "Review by",
    ),
    WorkList(
        "mirror", "The copy of the site is old",
        "Tell whoever runs the site: manage.py export_mirror should run at least once a day. Readers get this copy "
        "when the site is down.",
        "The copy of the site was made within the last day.",
        _sees_machine, work_rows.old_mirror, "Made on",
    ),
]  # fmt: skip


def lists_for(desk: Desk) -> list[WorkList]:
    """The lists that a person gets, in order."""
    return [each for each in LISTS if each.may_see(desk)]


def counted(desk: Desk) -> list[Counted]:
    """Each list of a person with its rows."""
    return [Counted(each, each.rows(desk)) for each in lists_for(desk)]
