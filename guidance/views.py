"""Pages of the guidance: fetch, or 404, then render."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from guidance import comparison, filters, presenters
from guidance.models import (
    AgeBand,
    AppProfile,
    AppProfileEdition,
    ControlGuide,
    ControlGuideEdition,
    OldName,
    SharedNote,
    Topic,
    TopicEdition,
    UsefulLink,
)
from safety_site.editions import oldest_check
from safety_site.moved import gone
from safety_site.vocabulary import Audience


def _chosen_age(request: HttpRequest) -> AgeBand | None:
    """The age band in ``?age=``; a value that is none of ours counts as no choice."""
    slug = request.GET.get("age", "")
    return next((band for band in AgeBand.objects.all() if band.slug == slug), None) if slug else None


@require_safe
def age_band(request: HttpRequest, slug: str) -> HttpResponse:
    band = get_object_or_404(AgeBand.objects.prefetch_related("facts"), slug=slug)
    topics = list(
        TopicEdition.objects.live().for_age_band(band).select_related("topic").prefetch_related("starters__age_bands")
    )
    apps = list(AppProfileEdition.objects.live().for_age_band(band).open().select_related("profile"))
    context = {
        "band": band,
        "bands": AgeBand.objects.all(),
        "areas": presenters.topics_by_area(topics),
        "apps": sorted(apps, key=lambda app: app.name.casefold()),
        "talk": presenters.talk_by_age([band], topics, [])[0][1],
        "check": oldest_check([*topics, *apps]),
    }
    return render(request, "guidance/age_band.html", context)


@require_safe
def topic_list(request: HttpRequest) -> HttpResponse:
    bands = list(AgeBand.objects.all())
    topics = TopicEdition.objects.live().select_related("topic").prefetch_related("age_bands", "audiences")
    shown = filters.narrow(filters.topic_facts(topics), filters.topic_filters(bands), request.GET)
    context = {
        "shown": shown,
        "areas": presenters.topics_by_area([topic.edition for topic in shown.fits]),
        "chosen": next((band for band in bands if band.slug in shown.choices.of("age")), None),
        "check": oldest_check(topics),
    }
    return render(request, "guidance/topic_list.html", context)


@require_safe
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    edition = TopicEdition.objects.live().for_page().filter(topic__slug=slug).first()
    if edition is None:
        return gone(request, TopicEdition.objects, slug)
    chosen = _chosen_age(request)
    context = {
        "edition": edition,
        "chosen": chosen,
        "sections": presenters.order_sections(edition.sections.all(), chosen),
        "steps": presenters.first_steps(edition.sections.all()),
        "related_topics": TopicEdition.objects.live()
        .filter(topic__in=edition.related_topics.all())
        .select_related("topic"),
        "related_apps": AppProfileEdition.objects.live()
        .filter(profile__in=edition.related_apps.all())
        .select_related("profile"),
        "old_names": edition.topic.old_names.live(),
    }
    return render(request, "guidance/topic.html", context)


@require_safe
def handout(request: HttpRequest, slug: str) -> HttpResponse:
    """One sheet on a topic, for professionals to hand out; ``?council=`` puts that council's numbers on it."""
    edition = TopicEdition.objects.live().for_page().filter(topic__slug=slug).first()
    if edition is None:
        return gone(request, TopicEdition.objects, slug)
    context = {
        "edition": edition,
        "handout": presenters.handout(edition),
        "council": request.GET.get("council", ""),
        "address": settings.SITE_URL + edition.get_absolute_url(),
    }
    response = render(request, "guidance/handout.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def app_list(request: HttpRequest) -> HttpResponse:
    bands = list(AgeBand.objects.all())
    apps = list(AppProfileEdition.objects.live().for_filters())
    shown = filters.narrow(filters.app_facts(apps), filters.app_filters(bands), request.GET)
    open_apps, other_apps = presenters.apps_in_lists([app.edition for app in shown.fits])
    context = {
        "shown": shown,
        "apps": open_apps,
        "other_apps": other_apps,
        "unsure_apps": [app.edition for app in shown.unsure],
        "chosen": next((band for band in bands if band.slug in shown.choices.of("age")), None),
        "check": oldest_check(apps),
    }
    return render(request, "guidance/app_list.html", context)


@require_safe
def app_compare(request: HttpRequest) -> HttpResponse:
    editions = sorted(AppProfileEdition.objects.live().for_comparison(), key=lambda app: app.name.casefold())
    asked = comparison.asked_for(request.GET.getlist("app"), editions)
    context = {
        "asked": asked,
        "comparison": comparison.compare(asked.apps) if asked.is_enough else None,
        "boxes": comparison.boxes(asked),
        "editions": editions,
        "check": oldest_check(asked.apps or editions),
    }
    return render(request, "guidance/app_compare.html", context)


@require_safe
def app(request: HttpRequest, slug: str) -> HttpResponse:
    edition = AppProfileEdition.objects.live().for_page().filter(profile__slug=slug).first()
    if edition is None:
        return gone(request, AppProfileEdition.objects, slug)
    context = {
        "edition": edition,
        "features": presenters.features_by_value(edition.features.all()),
        "features_not_known": presenters.features_not_known(edition.features.all()),
        "age_facts": presenters.age_facts(edition),
        "report_steps": [step for step in edition.steps.all() if step.kind == step.Kind.REPORT],
        "block_steps": [step for step in edition.steps.all() if step.kind == step.Kind.BLOCK],
        "unsure_of": [row.part for row in edition.confidences.all() if row.level == row.Level.LOW],
        "related_apps": AppProfileEdition.objects.live()
        .filter(profile__in=edition.related_apps.all())
        .select_related("profile"),
        "related_topics": TopicEdition.objects.live().filter(related_apps=edition.profile_id).select_related("topic"),
    }
    return render(request, "guidance/app.html", context)


@require_safe
def control_list(request: HttpRequest) -> HttpResponse:
    guides = list(ControlGuideEdition.objects.live().select_related("guide").prefetch_related("uses"))
    context = {"families": presenters.controls_by_family(guides), "check": oldest_check(guides)}
    return render(request, "guidance/control_list.html", context)


@require_safe
def control(request: HttpRequest, slug: str) -> HttpResponse:
    edition = ControlGuideEdition.objects.live().for_page().filter(guide__slug=slug).first()
    if edition is None:
        return gone(request, ControlGuideEdition.objects, slug)
    related = ControlGuideEdition.objects.live().filter(guide__in=edition.related_guides.all())
    context = {"edition": edition, "related": related.select_related("guide")}
    return render(request, "guidance/control.html", context)


@require_safe
def talk(request: HttpRequest) -> HttpResponse:
    chosen = _chosen_age(request)
    bands = list(AgeBand.objects.all())
    topics = list(TopicEdition.objects.live().select_related("topic").prefetch_related("starters__age_bands"))
    apps = list(
        AppProfileEdition.objects.live().open().select_related("profile").prefetch_related("starters", "age_bands")
    )
    context = {
        "ages": presenters.talk_by_age([chosen] if chosen else bands, topics, apps),
        "bands": bands,
        "chosen": chosen,
        "check": oldest_check([*topics, *apps]),
    }
    return render(request, "guidance/talk.html", context)


@require_safe
def for_audience(request: HttpRequest, audience: str) -> HttpResponse:
    links = list(UsefulLink.objects.live().for_audience(audience))
    topics = TopicEdition.objects.live().for_audience(audience).select_related("topic")
    context = {
        "audience": Audience(audience),
        "groups": presenters.links_by_group(links),
        "topics": topics,
        # Asked for by the page of the professionals only: a queryset that nobody reads makes no query.
        "handouts": TopicEdition.objects.live().select_related("topic"),
        "check": oldest_check(links),
    }
    return render(request, "guidance/for_audience.html", context)


@require_safe
def law(request: HttpRequest) -> HttpResponse:
    notes = list(SharedNote.objects.law().for_page())
    context = {"statuses": presenters.law_by_status(notes), "check": oldest_check(notes)}
    return render(request, "guidance/law.html", context)


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    topics = list(TopicEdition.objects.live().select_related("topic").prefetch_related("facts"))
    bands = AgeBand.objects.prefetch_related("facts")
    context = {"groups": presenters.figures_by_page(topics, bands), "check": oldest_check(topics)}
    return render(request, "guidance/figures.html", context)


@require_safe
def old_names(request: HttpRequest) -> HttpResponse:
    names = sorted(OldName.objects.live().for_page(), key=lambda each: each.name.casefold())
    return render(request, "guidance/old_names.html", {"names": names, "check": oldest_check(names)})


def live_pages() -> list[Topic | AppProfile | ControlGuide | AgeBand]:
    """Everything of the guidance that has a page now, for the sitemap: things with get_absolute_url."""
    return [
        *AgeBand.objects.all(),
        *TopicEdition.objects.live().select_related("topic"),
        *AppProfileEdition.objects.live().select_related("profile"),
        *ControlGuideEdition.objects.live().select_related("guide"),
    ]
