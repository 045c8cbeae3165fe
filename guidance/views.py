"""Pages of the guidance: fetch, or 404, then render."""

from functools import cache

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from guidance import app_filters, articles, cards, comparison, lookups, presenters, shelf, talks, topic_filters
from guidance.filters import Choices, Index, narrow_down
from guidance.models import AgeBand, AppProfileEdition, ControlGuideEdition, TopicEdition, UsefulLink
from guidance.models.apps import AppStatus
from safety_site.checks import Check, oldest_check
from safety_site.kept import parts_of
from safety_site.moved import gone
from safety_site.paging import Page, page_of
from safety_site.unchanged import while_unchanged
from safety_site.vocabulary import Audience

# More than the site ships with, so that each of these lists is one page until it grows.
TOPICS_ON_A_PAGE = APPS_ON_A_PAGE = GUIDES_ON_A_PAGE = NOTES_ON_A_PAGE = 60
SUBJECTS_ON_A_PAGE = 120


# What a page that is no list shows of a kind; the rest is a link away.
MOST_SHOWN = 60


@require_safe
def age_band(request: HttpRequest, slug: str) -> HttpResponse:
    """The lists of an age; of very many, those that other pages tell of most."""
    band = shelf.band_of(slug)
    if band is None:
        raise Http404

    @cache
    def topics() -> list[shelf.TopicRow]:
        return presenters.most_told_of(_topics_at(band), shelf.topics_that_lead_to(), MOST_SHOWN)

    @cache
    def apps() -> list[shelf.AppRow]:
        return presenters.most_told_of(_apps_at(band), shelf.topics_of_apps(), MOST_SHOWN)

    context = {
        "band": band,
        "bands": shelf.bands(),
        "words": lambda: AgeBand.objects.prefetch_related("facts").get(pk=band.pk),
        "areas": cache(lambda: presenters.topics_by_area(topics())),
        "has_more_topics": lambda: len(topics()) < len(_topics_at(band)),
        "apps": apps,
        "has_more_apps": lambda: len(apps()) < len(_apps_at(band)),
        "talk": cache(lambda: talks.words_of(talks.topics_of(slug)[:4])[0][1] if talks.topics_of(slug) else []),
        "check": _check_of_age(slug),
    }
    return render(request, "guidance/age_band.html", context)


def _topics_at(band: shelf.Band) -> list[shelf.TopicRow]:
    ages = shelf.topic_ages()
    return [topic for topic in shelf.topics() if band.pk in ages.get(topic.pk, ())]


def _apps_at(band: shelf.Band) -> list[shelf.AppRow]:
    ages = shelf.app_ages()
    return [app for app in shelf.apps() if app.is_open and band.pk in ages.get(app.pk, ())]


@while_unchanged
def _check_of_age(slug: str) -> Check | None:
    band = shelf.band_of(slug)
    return oldest_check([*_topics_at(band), *_apps_at(band)])


@require_safe
def topic_list(request: HttpRequest) -> HttpResponse:
    shown = narrow_down(topic_filters.index(), request.GET)
    page = page_of(request, shown.count, TOPICS_ON_A_PAGE, shown.choices.query[1:])
    context = {
        "shown": shown,
        "page": page,
        "areas": presenters.topics_by_area(shown.index.rows_of(shown.sure, page.first, page.size)),
        "chosen": shelf.band_of("".join(shown.choices.of("age"))),
        "check": shelf.check_of("topics"),
    }
    return render(request, "guidance/topic_list.html", context)


@require_safe
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    edition = shelf.topics().by_slug.get(slug)
    if edition is None:
        return gone(request, TopicEdition.objects, slug)
    bands, chosen = shelf.bands(), shelf.band_of(request.GET.get("age", ""))
    parts = parts_of(TopicEdition, edition.pk, "head", "sections", "words", "resources")
    ages = shelf.topic_ages().get(edition.pk, ())
    context = {
        "edition": edition,
        "chosen": chosen,
        "ages": [band for band in bands if band.pk in ages],
        "parts": {name: articles.filled(html, bands) for name, html in parts.items() if name != "sections"},
        "sections": articles.arranged(parts["sections"], bands, chosen),
        "related_topics": shelf.topics().of_things(shelf.topics_of_topics().get(edition.pk, ())),
        "related_apps": shelf.apps().of_things(shelf.apps_of_topics().get(edition.pk, ())),
        "old_names": shelf.names_of_topics().get(edition.thing_id, ()),
    }
    return render(request, "guidance/topic.html", context)


@require_safe
def handout(request: HttpRequest, slug: str) -> HttpResponse:
    """One sheet on a topic, for professionals to hand out; ``?council=`` puts that council's numbers on it."""
    edition = shelf.topics().by_slug.get(slug)
    if edition is None:
        return gone(request, TopicEdition.objects, slug)
    context = {
        "edition": edition,
        "parts": parts_of(TopicEdition, edition.pk, "handout", "handout_more"),
        "council": request.GET.get("council", ""),
        "address": settings.SITE_URL + edition.url,
    }
    response = render(request, "guidance/handout.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def app_list(request: HttpRequest) -> HttpResponse:
    """Those that can be had, those that may fit, those that cannot be had any more; pages go on through all three."""
    index = app_filters.index()
    shown = narrow_down(index, request.GET)
    can_be_had, _maybe = index.fitting(Choices((("status", AppStatus.OPEN),)))
    kinds = [shown.sure & can_be_had, shown.may_fit, shown.sure & ~can_be_had]
    page = page_of(request, sum(kind.bit_count() for kind in kinds), APPS_ON_A_PAGE, shown.choices.query[1:])
    apps, unsure_apps, other_apps = _on_page(index, kinds, page)
    unsure_page = kinds[0].bit_count() // page.size + 1
    context = {
        "shown": shown,
        "page": page,
        "apps": apps,
        "other_apps": other_apps,
        "unsure_apps": unsure_apps,
        "unsure_at": "" if unsure_page == page.number else page.address(unsure_page),
        "chosen": shelf.band_of("".join(shown.choices.of("age"))),
        "check": shelf.check_of("apps"),
    }
    return render(request, "guidance/app_list.html", context)


def _on_page(index: Index, kinds: list[int], page: Page) -> list[list]:
    """Of each kind, in this order, the rows that stand on a page."""
    before, found = 0, []
    for bits in kinds:
        count = bits.bit_count()
        first, last = max(0, page.first - before), min(count, page.first + page.size - before)
        found.append(index.rows_of(bits, first, last - first) if first < last else [])
        before += count
    return found


@require_safe
def app_compare(request: HttpRequest) -> HttpResponse:
    asked = comparison.asked_for(request.GET.getlist("app"), shelf.apps().by_slug)
    context = {
        "asked": asked,
        "comparison": cache(lambda: comparison.compare_asked(asked)),
        "boxes": comparison.boxes(asked),
        "editions": cache(lambda: comparison.offered(asked)),
        "has_more": lambda: len(shelf.apps()) > comparison.MOST_OPTIONS,
        "check": oldest_check(asked.apps) if asked.apps else shelf.check_of("apps"),
    }
    return render(request, "guidance/app_compare.html", context)


@require_safe
def app(request: HttpRequest, slug: str) -> HttpResponse:
    edition = shelf.apps().by_slug.get(slug)
    if edition is None:
        return gone(request, AppProfileEdition.objects, slug)
    parts = parts_of(AppProfileEdition, edition.pk, "article", "more")
    notes, topics = shelf.notes_of_apps().get(edition.pk, ()), shelf.topics_of_apps().get(edition.thing_id, ())
    context = {
        "edition": edition,
        "parts": {name: articles.filled(html, shelf.bands(), slug) for name, html in parts.items()},
        "notes": [html for note, html in cards.shared_notes().items() if note in notes] if notes else [],
        "related_apps": shelf.apps().of_things(shelf.apps_of_apps().get(edition.pk, ())),
        "related_topics": shelf.topics().of_editions(topics),
    }
    return render(request, "guidance/app.html", context)


@require_safe
def control_list(request: HttpRequest) -> HttpResponse:
    guides = shelf.guides_by_family()
    page = page_of(request, len(guides), GUIDES_ON_A_PAGE)
    context = {
        "page": page,
        "families": presenters.controls_by_family(page.cut(guides)),
        "check": shelf.check_of("guides"),
    }
    return render(request, "guidance/control_list.html", context)


@require_safe
def control(request: HttpRequest, slug: str) -> HttpResponse:
    edition = shelf.guides().by_slug.get(slug)
    if edition is None:
        return gone(request, ControlGuideEdition.objects, slug)
    context = {
        "edition": edition,
        "parts": parts_of(ControlGuideEdition, edition.pk, "article"),
        "related": shelf.guides().of_things(shelf.guides_of_guides().get(edition.pk, ())),
    }
    return render(request, "guidance/control.html", context)


@require_safe
def talk(request: HttpRequest) -> HttpResponse:
    chosen = shelf.band_of(request.GET.get("age", ""))
    subjects = talks.subjects(chosen.slug if chosen else "")
    page = page_of(request, len(subjects), SUBJECTS_ON_A_PAGE, f"age={chosen.slug}" if chosen else "")
    context = {
        "ages": cache(lambda: talks.words_of(page.cut(subjects))),
        "page": page,
        "bands": shelf.bands(),
        "chosen": chosen,
        "check": shelf.check_of("topics", "open apps"),
    }
    return render(request, "guidance/talk.html", context)


@require_safe
def for_audience(request: HttpRequest, audience: str) -> HttpResponse:
    @cache
    def topics() -> list[shelf.TopicRow]:
        found = shelf.audiences_of_topics()
        return [topic for topic in shelf.topics() if audience in found.get(topic.pk, ())]

    context = {
        "audience": Audience(audience),
        "groups": lambda: presenters.links_by_group(UsefulLink.objects.live().for_audience(audience)),
        "topics": lambda: presenters.most_told_of(topics(), shelf.topics_that_lead_to(), MOST_SHOWN),
        "has_more_topics": lambda: len(topics()) > MOST_SHOWN,
        "handouts": lambda: presenters.most_told_of(shelf.topics(), shelf.topics_that_lead_to(), MOST_SHOWN),
        "has_more_handouts": lambda: len(shelf.topics()) > MOST_SHOWN,
        "check": _check_of_links(audience),
    }
    return render(request, "guidance/for_audience.html", context)


@while_unchanged
def _check_of_links(audience: str) -> Check | None:
    return oldest_check(UsefulLink.objects.live().for_audience(audience))


@require_safe
def law(request: HttpRequest) -> HttpResponse:
    notes = lookups.law()
    page = page_of(request, len(notes.keys), NOTES_ON_A_PAGE)
    context = {
        "page": page,
        "statuses": cache(lambda: presenters.law_by_status(lookups.law_notes(page.cut(notes.keys)))),
        "check": notes.check,
    }
    return render(request, "guidance/law.html", context)


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    groups = lookups.figures()
    page = page_of(request, len(groups), NOTES_ON_A_PAGE)
    context = {
        "page": page,
        "groups": cache(lambda: lookups.with_facts(page.cut(groups))),
        "check": shelf.check_of("topics"),
    }
    return render(request, "guidance/figures.html", context)


@require_safe
def old_names(request: HttpRequest) -> HttpResponse:
    names = lookups.old_names()
    page = page_of(request, len(names.keys), NOTES_ON_A_PAGE)
    context = {"page": page, "names": cache(lambda: lookups.names(page.cut(names.keys))), "check": names.check}
    return render(request, "guidance/old_names.html", context)


def live_pages() -> list[shelf.Band | shelf.Row]:
    """Everything of the guidance that has a page now, for the sitemap: rows with get_absolute_url."""
    return [*shelf.bands(), *shelf.topics(), *shelf.apps(), *shelf.guides()]
