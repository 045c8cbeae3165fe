"""What is coming: editions that go live, pages that go, checks that fall due, banners, closed days; by London day."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.apps import apps
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from safety_site.checks import CheckedModel
from safety_site.editions import Edition
from safety_site.models import EmergencyBanner
from safety_site.newsroom.rights import may
from safety_site.newsroom.workflow import title_of

DAYS = 90
MOST_MONTHS = 24  # ahead or back that the pages go
MOST_SHOWN = 10  # checks of one day, before the rest is a number


@dataclass(frozen=True)
class Coming:
    """One thing that happens at a moment or on a day."""

    on: date
    what: str
    name: str
    link: str
    at: time | None = None


@dataclass
class Day:
    on: date
    events: list[Coming] = field(default_factory=list)
    checks: list[Coming] = field(default_factory=list)

    @property
    def shown_checks(self) -> list[Coming]:
        return self.checks[:MOST_SHOWN]

    @property
    def more_checks(self) -> int:
        return max(0, len(self.checks) - MOST_SHOWN)


def _link(row: models.Model) -> str:
    """The admin page of a row; empty where it has none."""
    try:
        return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return ""


def _bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """From the first moment of one London day to the first after another."""
    here = timezone.get_default_timezone()
    return datetime.combine(first, time.min, here), datetime.combine(last + timedelta(days=1), time.min, here)


def _seen_by(user, base: type[models.Model]) -> list[type[models.Model]]:
    return [model for model in apps.get_models() if issubclass(model, base) and may(user, "view", model)]


def _moment(at: datetime, what: str, row: models.Model, name: str = "") -> Coming:
    here = timezone.localtime(at)
    return Coming(here.date(), what, name or str(row), _link(row), here.time())


def _editions(user, first: date, last: date) -> Iterator[Coming]:
    """What is approved for a moment in these days that is still to come."""
    start, end = _bounds(first, last)
    for model in _seen_by(user, Edition):
        approved = model.objects.approved().filter(publish_at__gte=max(start, timezone.now()), publish_at__lt=end)
        for edition in approved.select_related(model.thing_field):
            what = "Page is taken down" if edition.is_withdrawal else "Goes live"
            yield _moment(edition.publish_at, what, edition, _name(edition))


def _name(row: models.Model) -> str:
    return f"{title_of(row)} (edition {row.number})" if isinstance(row, Edition) else str(row)


def _checks(user, first: date, last: date) -> Iterator[Coming]:
    """What falls due for its next check: live editions, and rows without editions."""
    for model in _seen_by(user, CheckedModel):
        is_edition = issubclass(model, Edition)
        rows = model.objects.live().select_related(model.thing_field) if is_edition else model._base_manager.all()
        for row in rows.filter(review_by__gte=first, review_by__lte=last):
            yield Coming(row.review_by, "Check again by the end of this day", _name(row), _link(row))


def _banners(user, first: date, last: date) -> Iterator[Coming]:
    if not may(user, "view", EmergencyBanner):
        return
    start, end = _bounds(first, last)
    approved = EmergencyBanner.objects.filter(approved_by__isnull=False)
    for banner in approved.filter(starts_at__gte=start, starts_at__lt=end):
        yield _moment(banner.starts_at, "Banner begins", banner)
    for banner in approved.filter(ends_at__gte=start, ends_at__lt=end):
        yield _moment(banner.ends_at, "Banner ends", banner)


def _closed_days(user, first: date, last: date) -> Iterator[Coming]:
    # By its name: the newsroom imports no model of the apps.
    model = apps.get_model("reporting", "ClosedDay")
    if may(user, "view", model):
        for row in model.objects.filter(on__gte=first, on__lte=last).select_related("authority"):
            where = row.authority or row.get_nation_display() or "Everywhere"
            yield Coming(row.on, "Closed day", f"{row.reason}: {where}", _link(row))


def days(user, first: date, last: date) -> list[Day]:
    """The days from one to another on which something comes that a user may see."""
    found: dict[date, Day] = {}
    for event in (*_editions(user, first, last), *_banners(user, first, last), *_closed_days(user, first, last)):
        found.setdefault(event.on, Day(event.on)).events.append(event)
    for check in _checks(user, first, last):
        found.setdefault(check.on, Day(check.on)).checks.append(check)
    for day in found.values():
        day.events.sort(key=lambda event: (event.at or time.min, event.name))
        day.checks.sort(key=lambda check: check.name.casefold())
    return [found[on] for on in sorted(found)]


def _month(asked: str, today: date) -> date | None:
    """The first day of a month given as ``2026-12``; None for anything else, and for what is too far away."""
    try:
        month = datetime.strptime(asked, "%Y-%m").date()
    except ValueError:
        return None
    away = (month.year - today.year) * 12 + month.month - today.month
    return month if abs(away) <= MOST_MONTHS else None


def _next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def calendar_view(request: HttpRequest, site) -> HttpResponse:
    """The next 90 days, or one month of ``?month=``."""
    today = timezone.localdate()
    month = _month(request.GET.get("month", ""), today)
    first = month or today
    last = _next_month(month) - timedelta(days=1) if month else today + timedelta(days=DAYS)
    here = month or today.replace(day=1)
    context = {
        **site.each_context(request),
        "title": "What is coming",
        "days": days(request.user, first, last),
        "first": first,
        "last": last,
        "month": month,
        "before": (here - timedelta(days=1)).replace(day=1),
        "after": _next_month(here),
        "today": today,
    }
    return TemplateResponse(request, "newsroom/calendar.html", context)
