"""Everything that the search finds: editions, links, councils, and the pages whose words stand in templates."""

from collections.abc import Iterator

from django.db import models
from django.urls import reverse

from guidance.models import AppProfileEdition, ControlGuideEdition, OldName, SharedNote, TopicEdition, UsefulLink
from reporting.models import Authority, ConcernEdition, ContactEdition, PlatformRoute
from safety_site.search_index import SearchDocument, index_everything
from safety_site.vocabulary import FoundKind

EDITIONS = (ConcernEdition, TopicEdition, AppProfileEdition, ControlGuideEdition, ContactEdition)


def _rows() -> Iterator[models.Model]:
    for model in (UsefulLink, OldName, PlatformRoute, Authority, SharedNote):
        yield from model.objects.all()


# Name of the address, title, what is there, other words for it.
PAGES = [
    ("reporting:find", "Find your council’s number", "Type a postcode and see which number answers now.",
     "postcode council children’s services social care local MASH LADO"),
    ("reporting:national", "National services", "Helplines and reporting services for the whole country.",
     "helpline charity call"),
    ("reporting:report", "What has happened?", "Choose what has happened and see who to tell, step by step.",
     "report concern worry help"),
    ("reporting:platforms", "How to report on each app and game", "Report, block and get things removed.",
     "report block remove take down account"),
    ("guidance:talk", "Conversation starters", "Words with which to begin a talk, by age and subject.",
     "talk conversation starters questions ask"),
    ("guidance:control-list", "All parental controls", "Guides for broadband, phones, consoles and television.",
     "parental controls filter block"),
    ("guidance:app-list", "All apps and games", "Choose by age, kind and what they can do.", "apps games a to z"),
    ("guidance:app-compare", "Compare apps and games", "Two to four apps side by side.", "compare which app is safer"),
    ("plan", "A plan for your family", "Choose ages, apps and worries: a plan to print.",
     "family agreement contract plan checklist print rules"),
    ("finder", "Find guidance for your child", "Put together age, app and worry.", "finder filter choose"),
    ("guidance:law", "The law in plain words", "What the law says today, and what is planned.",
     "law act legal illegal crime police offence"),
    ("guidance:figures", "Figures with their sources", "The figures of our pages, each with its source.",
     "statistics numbers research facts how many"),
    ("guidance:old-names", "Old names and what became of them", "Names in older guides, and what to use now.",
     "renamed closed former"),
    ("leaving-no-trace", "Leaving this site", "What the exit button can hide, and what it cannot.",
     "quick exit escape hide history incognito private browsing delete"),
    ("privacy", "Privacy", "What this site keeps: nothing about you.", "cookies data"),
    ("accessibility", "Accessibility", "How to use this site with a keyboard or a screen reader.", "disability"),
    ("about", "About this site", "Who writes it and how it is checked.", "who made editors feedback"),
]  # fmt: skip


def site_pages() -> list[SearchDocument]:
    return [
        SearchDocument(FoundKind.PAGE, title, reverse(name), summary, keywords=[words])
        for name, title, summary, words in PAGES
    ]


def reindex() -> int:
    """Make the whole index anew from what is approved and published. Returns how many entries it has."""
    return index_everything(EDITIONS, _rows(), site_pages())
