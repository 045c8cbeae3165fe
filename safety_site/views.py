"""Pages that combine the apps, and pages about the site itself."""

import time
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from guidance import presenters, shelf
from guidance.models import AgeBand, AgreementLine, AppProfileEdition, ControlGuideEdition, Resource, TopicEdition
from guidance.models.topics import Area
from safety_site import errors
from safety_site import finder as finding
from safety_site import plan as plans
from safety_site.checks import Check, oldest_check
from safety_site.doors import sessions
from safety_site.newsroom.rights import may
from safety_site.plan_form import make_form
from safety_site.rate_limit import RateLimit, address_of
from safety_site.readiness import readiness
from safety_site.search import search
from safety_site.unchanged import while_unchanged
from safety_site.uploads import send_upload
from safety_site.vocabulary import Audience, FoundKind

# The words that stand in templates, not in the database, were read against the sources on this day.
WORDS_OF_THE_SITE = Check(date(2026, 11, 22), "the site’s founding team", date(2027, 2, 22))

_search_limit = RateLimit("search")

# A phone shows two beside each other; the rest are one tap away.
APPS_ON_HOME = 12


# Of very many, home leads to those that other pages tell of most.
MOST_WORRIES = 60


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    context = {
        "bands": shelf.bands,
        "boxes": lambda: finding.boxes(has_closed=False),
        "worries": _worries,
        "apps": lambda: presenters.most_told_of(
            [app for app in shelf.apps() if app.is_open], shelf.topics_of_apps(), APPS_ON_HOME
        ),
        "families": lambda: presenters.controls_by_family(shelf.guides()),
        "audiences": Audience.choices,
        "check": shelf.check_of("topics", "open apps"),
    }
    return render(request, "home.html", context)


def _worries() -> list[shelf.TopicRow]:
    """What goes wrong, then what may."""
    areas = {group.key: group.rows for group in presenters.topics_by_area(shelf.topics())}
    found = [*areas.get(Area.WRONG, []), *areas.get(Area.RISK, [])]
    return presenters.most_told_of(found, shelf.topics_that_lead_to(), MOST_WORRIES)


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    """Results for ``?q=``. No page for search engines, and nothing of the question is kept."""
    if request.GET.get("q") and (
        seconds := _search_limit.wait(address_of(request), time.time(), settings.SEARCH_PER_MINUTE)
    ):
        return errors.too_many_requests(request, seconds)
    kind = request.GET.get("kind", "")
    kind = kind if kind in FoundKind.values else ""
    answer = search(request.GET.get("q", ""), kind)
    response = render(request, "search.html", {"answer": answer, "kind": kind})
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def finder(request: HttpRequest) -> HttpResponse:
    asked = (request.GET.get(name, "") for name in ("age", "about", "where"))
    question = finding.read_question(*asked)
    answer = finding.answer(question)
    context = {
        "question": question,
        "answer": answer,
        "boxes": finding.boxes,
        "check": (answer and oldest_check(answer.checked_rows)) or WORDS_OF_THE_SITE,
    }
    return render(request, "finder.html", context)


@while_unchanged
def _family_plan(choice: plans.Choice) -> tuple[SafeString, Check]:
    """The plan but for the numbers to call, which depend on the council and on the hour; and its check."""
    topics = [topic.pk for topics in plans.subjects_for(choice) for topic in topics]
    filled = plans.make_plan(
        choice,
        AgeBand.objects.all(),
        AppProfileEdition.objects.live().open().filter(profile__slug__in=choice.apps).for_plan(),
        ControlGuideEdition.objects.live().filter(guide__slug__in=choice.devices).for_plan(),
        TopicEdition.objects.filter(pk__in=topics).select_related("topic").prefetch_related("starters__age_bands"),
        AgreementLine.objects.live().prefetch_related("age_bands"),
    )
    return render_to_string("components/_plan.html", {"plan": filled}), oldest_check(filled.rows) or WORDS_OF_THE_SITE


@require_safe
def plan(request: HttpRequest) -> HttpResponse:
    """The plan for what the address says; the form where it says nothing that is ours, or asks to change it."""
    choice = plans.of_ours(plans.read_choice(request.GET))
    if choice.wants_form or choice.is_blank:
        boxes = replace(choice, council="", wants_form=False)
        context = {
            "key": boxes.query,
            "council": choice.council,
            "form": cache(lambda: make_form(boxes)),
            "check": WORDS_OF_THE_SITE,
        }
        response = render(request, "plan.html", context)
    else:
        html, check = _family_plan(replace(choice, council=""))
        context = {
            "html": mark_safe(html.replace(plans.QUERY, escape(choice.query))),  # noqa: S308 - ours, but for what is escaped
            "ages": plans.ages_of(choice),
            "council": choice.council,
            "check": check,
        }
        response = render(request, "plan_page.html", context)
    if request.GET:
        response.headers["X-Robots-Tag"] = "noindex"
    return response


def _words(template: str):
    """A page whose words stand in its template."""

    @require_safe
    def page(request: HttpRequest) -> HttpResponse:
        return render(request, template, {"check": WORDS_OF_THE_SITE, "site_contact": settings.SITE_CONTACT})

    return page


about = _words("about.html")
privacy = _words("privacy.html")
accessibility = _words("accessibility.html")
leaving_no_trace = _words("leaving_no_trace.html")
tried = _words("tried.html")


@require_safe
def uploaded_file(request: HttpRequest, path: str) -> HttpResponse:
    """A leaflet or recording of a live page; those of other editions are for signed-in editors only."""
    named = Resource.objects.with_file(path) if "\0" not in path else Resource.objects.none()
    if not named.live().exists():
        sessions.keep_in_time(request)  # a sign-in that is over opens nothing
        if not (admin.site.has_permission(request) and may(request.user, "view", Resource) and named.exists()):
            raise Http404
    return send_upload(request, path)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", "Disallow: /exit/", f"Sitemap: {settings.SITE_URL}/sitemap.xml", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """RFC 9116: whom to tell of a weakness, and until when this is true."""
    # By the day, so that a copy of it stays the same for as long.
    expires = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=180)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {expires.isoformat()}",
        "Preferred-Languages: en",
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def health_live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("alive\n", content_type="text/plain; charset=utf-8")


@require_safe
def health_ready(request: HttpRequest) -> HttpResponse:
    """200 while pages go out, with what does not work, one thing a line; 503 when no page could be served.

    A machine that still serves kept pages must not be taken out of service because its database is away.
    """
    found = readiness()
    return HttpResponse(found.text, status=200 if found.is_ready else 503, content_type="text/plain; charset=utf-8")
