"""Template tags of the guidance: wrappers over plain functions."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from guidance import articles, cards, presenters
from guidance.feedback import said_about, takes_answers
from safety_site.rich_text import clean

register = template.Library()


@register.filter
def rich(html: str) -> SafeString:
    """Rich text, cleaned once more on its way to the page."""
    return clean(html)


@register.inclusion_tag("guidance/_have_your_say.html", takes_context=True)
def have_your_say(context) -> dict:
    """What readers said of the page that is shown, and the way to answer; nothing on a page that takes no answers.

    One query, of pages of which something was said. An editors' preview of a page stands at another address, so it
    shows nothing and asks nothing.
    """
    path = context["request"].path
    if not takes_answers(path):
        return {"path": ""}
    said = said_about(path)
    return {"path": path, "said": said.rows, "is_closed": said.is_closed, "note": said.note}


# --- Cards ------------------------------------------------------------------------------------------------

register.simple_tag(cards.topic_cards)
register.simple_tag(cards.app_cards)
register.simple_tag(cards.guide_cards)


# --- What is kept of an edition ---------------------------------------------------------------------------


@register.simple_tag(name="mark")
def place(name: str, value: object = "") -> SafeString:
    """A place that ``articles.py`` fills in when the page is made."""
    return mark_safe(articles.mark(name, value))  # noqa: S308 - our own words and numbers


@register.simple_tag
def ages_of(band: int) -> SafeString:
    """The place for the years of an age band."""
    return place("ages", band)


@register.simple_tag
def first_steps(edition):
    return presenters.first_steps(edition.sections.all())


@register.simple_tag
def handout_of(edition) -> presenters.Handout:
    return presenters.handout(edition)


@register.simple_tag
def features_of(edition) -> dict[str, list]:
    """What an app has and has not, and what of that we could not confirm."""
    rows = edition.features.all()
    return {"by_value": presenters.features_by_value(rows), "not_known": presenters.features_not_known(rows)}


@register.simple_tag
def age_facts(edition) -> list[presenters.AgeFact]:
    return presenters.age_facts(edition)


@register.simple_tag
def steps_of(edition, kind: str) -> list:
    """The steps of an app of one kind: to report, or to block."""
    return [step for step in edition.steps.all() if step.kind == kind]


@register.simple_tag
def unsure_of(edition) -> list[str]:
    """The parts of an app's page of which we are least sure."""
    return [row.part for row in edition.confidences.all() if row.level == row.Level.LOW]
