"""What is on each list of the work list: plain functions from a ``Desk`` to rows. ``work_list`` names them."""

from datetime import date, datetime, timedelta

from django.apps import apps
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q
from django.utils import timezone
from django.utils.formats import date_format

from guidance.models import Feedback, Resource, TopicEdition
from reporting.models import ContactEdition, Kind, Phone
from safety_site import mirror
from safety_site.editions import EditionState, edition_models
from safety_site.live_pages import LivePage, addresses_named, kind_of
from safety_site.models import AutoSave, EditionEvent, EmergencyBanner, LinkCheck, SuggestedChange
from safety_site.newsroom.rights import may
from safety_site.reading_age import HIGHEST_READING_AGE
from safety_site.stale_words import pages_with_dead_names, reading_ages
from safety_site.work_desk import Desk, Row, RowsOf, Unfinished, admin_page, may_see

SOON = timedelta(days=30)
RING_AGAIN_AFTER = timedelta(days=90)
OLDEST_MIRROR = timedelta(days=1)
SPOKEN = (Resource.Kind.VIDEO, Resource.Kind.ANIMATION, Resource.Kind.PODCAST)


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


def kept_words(desk: Desk) -> list[Row]:
    """Each form of mine with words that were kept and not saved, latest first; never those of anybody else."""
    kept = AutoSave.objects.filter(by=desk.user).order_by("-saved_at", "-pk")
    latest = {}
    for model, key, at in kept.values_list("model", "object_id", "saved_at"):
        latest.setdefault((model, key), at)
    models = {model._meta.label_lower: model for model in edition_models()}
    titles = {
        label: desk.titles_of(model, [key for of, key in latest if of == label]) for label, model in models.items()
    }
    rows = {}  # by address: what belonged to drafts that are not there any more waits on one page, for a new one
    for (label, key), at in latest.items():
        title = titles.get(label, {}).get(key)
        if label in models and (may_see(desk.user, models[label]) if title else may(desk.user, "add", models[label])):
            kind = kind_of(models[label])
            url = admin_page(label, key) if title else admin_page(label, is_new=True)
            what = "Open the form: it offers them."
            rows.setdefault(url, Row(title or f"A new page: {kind}", kind, url, what, "", _local_day(at)))
    return list(rows.values())


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


# --- The machine ------------------------------------------------------------------------------------------


def old_mirror(desk: Desk) -> list[Row]:
    """The copy of the site for when everything else is down, where it is missing or more than a day old."""
    old = mirror.age()
    if old is not None and old <= OLDEST_MIRROR:
        return []
    what = "There is none yet." if old is None else f"Made {_days(old)} ago: its numbers may be wrong by now."
    made_on = None if old is None else _local_day(timezone.now() - old)
    return [Row("The copy of this site for when it is down", "Copy", "", what, on=made_on)]
