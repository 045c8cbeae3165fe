"""The pages that a copy has in the place of those that need the site: no form, no question, nothing kept."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from guidance.models import AgeBand, AppProfileEdition, ControlGuideEdition, OldName, SharedNote, TopicEdition
from reporting.directory import by_letter
from reporting.models import Authority, ConcernEdition, ContactEdition, DataSource
from safety_site.search_sources import PAGES
from safety_site.vocabulary import Audience, FoundKind

# With more than this, each letter has a page of its own.
MOST_ON_ONE_PAGE = 400
OLD_NAME = "Old name"
# What a copy has no use for, or is itself.
NOT_LISTED = frozenset({"reporting:find", "guidance:app-compare", "plan", "finder"})


@dataclass(frozen=True)
class Entry:
    """One line of the list of all pages."""

    title: str
    url: str
    kind: str
    summary: str = ""


@dataclass(frozen=True)
class Letter:
    """The entries that begin with one letter; with "#" whatever begins with none."""

    letter: str
    entries: list[Entry]

    @property
    def key(self) -> str:
        return "other" if self.letter == "#" else self.letter.lower()


def entries() -> Iterator[Entry]:
    """Every page but those of councils, and each service and old name that has a place on a page."""
    for concern in ConcernEdition.objects.live().select_related("concern"):
        yield Entry(concern.title, concern.get_absolute_url(), "What has happened?", concern.summary)
    for topic in TopicEdition.objects.live().select_related("topic"):
        yield Entry(topic.title, topic.get_absolute_url(), "Topic", topic.summary)
    for app in AppProfileEdition.objects.live().select_related("profile"):
        yield Entry(app.name, app.get_absolute_url(), app.get_kind_display(), app.summary)
    for guide in ControlGuideEdition.objects.live().select_related("guide"):
        yield Entry(guide.provider, guide.get_absolute_url(), "Parental controls", guide.summary)
    for service in ContactEdition.objects.live().beyond_councils().select_related("contact"):
        yield Entry(service.name, service.get_absolute_url(), FoundKind.CONTACT.label, service.what_for)
    for note in SharedNote.objects.law():
        yield Entry(note.title, f"{reverse('guidance:law')}#{note.slug}", FoundKind.LAW.label)
    for name in OldName.objects.live():
        yield Entry(name.name, name.get_absolute_url(), OLD_NAME, name.what)
    for band in AgeBand.objects.all():
        yield Entry(f"{band.name}: {band.ages}", band.get_absolute_url(), "By age", band.summary)
    for audience in Audience:
        yield Entry(f"For {audience.label.lower()}", reverse("guidance:for-audience", args=[audience.value]), "For you")
    for name, title, summary, _words in PAGES:
        if name not in NOT_LISTED:
            yield Entry(title, reverse(name), "This site", summary)


_ARTICLE = re.compile(r"(?:an?|the) (?=\w)", re.IGNORECASE)


def _name_to_sort(entry: Entry) -> str:
    """A title as people look for it: "A child is missing" stands under C."""
    return _ARTICLE.sub("", entry.title, count=1) if _ARTICLE.match(entry.title) else entry.title


def _letter_of(entry: Entry) -> str:
    first = unicodedata.normalize("NFKD", _name_to_sort(entry))[:1].upper()  # É stands under E
    return first if "A" <= first <= "Z" else "#"


def in_letters(listed: Iterable[Entry]) -> list[Letter]:
    """In the order of the alphabet, whatever capitals are used; what begins with no letter comes first.

    An old name is left out where something else has the same: that tells more of it.
    """
    listed = list(listed)
    named = {entry.title.casefold() for entry in listed if entry.kind != OLD_NAME}
    listed = [entry for entry in listed if entry.kind != OLD_NAME or entry.title.casefold() not in named]
    ordered = sorted(listed, key=lambda entry: (_letter_of(entry), _name_to_sort(entry).casefold(), entry.url))
    return [Letter(letter, list(group)) for letter, group in groupby(ordered, key=_letter_of)]


def _authorities():
    return Authority.objects.in_force().select_related("children_services")


def all_pages(request: HttpRequest) -> HttpResponse:
    """In the place of the search: everything that there is, A to Z."""
    letters = in_letters(entries())
    context = {
        "letters": letters,
        "worries": ConcernEdition.objects.live().select_related("concern"),
        "is_split": sum(len(letter.entries) for letter in letters) > MOST_ON_ONE_PAGE,
        "councils": sorted(_authorities(), key=lambda each: each.name),
    }
    return render(request, "mirror/all_pages.html", context)


def one_letter(request: HttpRequest, key: str) -> HttpResponse:
    """The part of that list under one letter, where it is long."""
    letters = in_letters(entries())
    letter = next((each for each in letters if each.key == key), None)
    if letter is None:
        raise Http404
    return render(request, "mirror/one_letter.html", {"letters": letters, "letter": letter})


def councils(request: HttpRequest) -> HttpResponse:
    """In the place of the box for a postcode: the list of councils."""
    context = {"letters": by_letter(_authorities()), "source": DataSource.objects.first()}
    return render(request, "mirror/find.html", context)


def _words(name: str):
    """A page whose words stand in its template."""

    def page(request: HttpRequest) -> HttpResponse:
        return render(request, f"mirror/{name}.html", {"bands": AgeBand.objects.all()})

    return page


finder, plan, compare, feedback, about_copy = map(_words, ("finder", "plan", "compare", "feedback", "about_copy"))


def leave(request: HttpRequest) -> HttpResponse:
    """The exit as a page: it shows nothing and leads to the neutral site at once, with JavaScript or without."""
    return render(request, "mirror/exit.html")
