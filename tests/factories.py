"""Plain functions that make one valid row and take overrides. An edition is approved and live by default.

Each call makes a new thing unless it is given one, so that tests need no numbers of their own.
"""

from datetime import UTC, date, datetime
from itertools import count

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection

from guidance import models as guidance
from safety_site.editions import EditionState, next_number
from safety_site.models import WorryWords
from safety_site.newsroom import roles

# Long past, so that an edition is live at whatever moment a test runs or travels to.
PUBLISHED_AT = datetime(2020, 1, 1, tzinfo=UTC)
CHECKED = {"checked_on": date(2026, 11, 1), "checked_by": "the test team", "review_by": date(2099, 1, 1)}

_numbers = count(1)


def editor(**fields):
    """A user who may log in to the editors' pages."""
    number = next(_numbers)
    values = {"username": f"editor-{number}", "password": "correct-horse-battery-staple", "is_staff": True, **fields}
    return get_user_model().objects.create_user(**values)


def member(role: str, **fields):
    """An editor in one of the five groups, for example ``member("writer")``."""
    # A test that uses real transactions ends with an empty database: the groups of the migration are gone from it.
    if not Group.objects.filter(name=role).exists():
        roles.bring_up_to_date()
    user = editor(**fields)
    user.groups.add(Group.objects.get(name=role))
    return user


def _slug(kind: str) -> str:
    return f"{kind}-{next(_numbers)}"


def age_band(slug: str = "pre-teen", **fields) -> guidance.AgeBand:
    """One of the three bands by its slug; each is made once."""
    shapes = {"pre-school": (1, 0, 4), "pre-teen": (2, 5, 12), "teen": (3, 13, 17)}
    order, age_from, age_to = shapes[slug]
    defaults = {
        "name": slug.capitalize(),
        "age_from": age_from,
        "age_to": age_to,
        "order": order,
        "summary": f"What matters for {slug}.",
        "introduction": "<p>A few words about this age.</p>",
        **fields,
    }
    return guidance.AgeBand.objects.get_or_create(slug=slug, defaults=defaults)[0]


def age_bands() -> list[guidance.AgeBand]:
    return [age_band(slug) for slug in ("pre-school", "pre-teen", "teen")]


def age_band_fact(band: guidance.AgeBand, position: int = 1, **fields) -> guidance.AgeBandFact:
    values = {"claim": "Three in four children do this.", "source": "Ofcom", "year": "2025", **fields}
    return guidance.AgeBandFact.objects.create(age_band=band, position=position, **values)


def topic(slug: str = "") -> guidance.Topic:
    return guidance.Topic.objects.create(slug=slug or _slug("topic"))


def app_profile(slug: str = "") -> guidance.AppProfile:
    return guidance.AppProfile.objects.create(slug=slug or _slug("app"))


def control_guide(slug: str = "") -> guidance.ControlGuide:
    return guidance.ControlGuide.objects.create(slug=slug or _slug("control"))


def store_raw(row, **fields) -> None:
    """Text as an older version of the site or another program may have left it: past all cleaning."""
    table, columns = row._meta.db_table, ", ".join(f"{name} = %s" for name in fields)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {columns} WHERE id = %s", [*fields.values(), row.pk])  # noqa: S608 - names of ours


def _edition(model, thing, age_bands=(), **fields):
    values = {
        model.thing_field: thing,
        "number": next_number(model, thing, fields.get("language", "en-GB")),
        "state": EditionState.APPROVED,
        "publish_at": PUBLISHED_AT,
        "imported_from": "made for a test",
        **CHECKED,
        **fields,
    }
    edition = model.objects.create(**values)
    if age_bands:
        edition.age_bands.set(age_bands)
    return edition


def topic_edition(topic=None, *, age_bands=(), audiences=("parents",), **fields) -> guidance.TopicEdition:
    thing = topic or guidance.Topic.objects.create(slug=_slug("topic"))
    values = {"title": f"Topic {thing.slug}", "summary": "What it is about.", "area": "online", **fields}
    edition = _edition(guidance.TopicEdition, thing, age_bands, **values)
    for position, audience in enumerate(audiences, 1):
        guidance.TopicAudience.objects.create(edition=edition, position=position, audience=audience)
    return edition


def app_edition(profile=None, *, age_bands=(), **fields) -> guidance.AppProfileEdition:
    thing = profile or app_profile()
    values = {"name": f"App {thing.slug}", "kind": "social", "summary": "What it is.", "minimum_age": 13, **fields}
    return _edition(guidance.AppProfileEdition, thing, age_bands, **values)


def control_edition(guide=None, **fields) -> guidance.ControlGuideEdition:
    thing = guide or control_guide()
    values = {
        "provider": f"Provider {thing.slug}",
        "control": "Family controls",
        "family": "broadband",
        "summary": "What it does.",
        "where_set": "In the app.",
        "limits": "<p>What it misses.</p>",
        **fields,
    }
    return _edition(guidance.ControlGuideEdition, thing, **values)


def withdrawal(edition, reason: str = "It was out of date.", **fields):
    """The same thing, taken down: a later approved edition that says why."""
    make = {"topic": topic_edition, "profile": app_edition, "guide": control_edition}[edition.thing_field]
    later = datetime(2020, 6, 1, tzinfo=UTC)
    values = {"publish_at": later, "is_withdrawal": True, "withdrawal_reason": reason, **fields}
    return make(edition.thing, **values)


def useful_link(audience: str = "parents", **fields) -> guidance.UsefulLink:
    number = next(_numbers)
    values = {
        "group": "advice",
        "title": f"Link {number}",
        "provider": "A charity",
        "description": "What you will find there.",
        "url": f"https://charity.example/{number}",
        "is_published": True,
        **CHECKED,
        **fields,
    }
    return guidance.UsefulLink.objects.create(audience=audience, **values)


def shared_note(**fields) -> guidance.SharedNote:
    number = next(_numbers)
    values = {
        "slug": f"note-{number}",
        "title": f"Note {number}",
        "body": "<p>Told once.</p>",
        "as_of": date(2026, 11, 1),
        "source": "GOV.UK",
        **CHECKED,
        **fields,
    }
    return guidance.SharedNote.objects.create(**values)


def law_note(status: str = "in-force", **fields) -> guidance.SharedNote:
    return shared_note(**{"kind": "law", "law_status": status, **fields})


def old_name(**fields) -> guidance.OldName:
    number = next(_numbers)
    values = {
        "slug": f"name-{number}",
        "name": f"Name {number}",
        "became": "renamed",
        "what": "It was a guide.",
        "now": "It has a new name.",
        "source": "GOV.UK",
        **CHECKED,
        **fields,
    }
    return guidance.OldName.objects.create(**values)


def topic_parts(edition, rows: int = 1, age_bands=(), words: str = "A part") -> None:
    """So many of each part of a topic's edition, all with ``words`` in them."""
    bands = list(age_bands)
    for position in range(1, rows + 1):
        shared = {"edition": edition, "position": position}
        for kind in guidance.Section.Kind.values:
            guidance.Section.objects.create(**shared, kind=kind, heading=f"{words} {kind}", body=f"<p>{words}</p>")
        for band in bands:
            guidance.Section.objects.create(**shared, age_band=band, heading=f"{words} {band}", body=f"<p>{words}</p>")
        guidance.Fact.objects.create(**shared, claim=words, source=words, year="2025", link="https://ofcom.example/")
        starter = guidance.ConversationStarter.objects.create(**shared, words=f"{words}?", tip=words)
        starter.age_bands.set(bands)
        guidance.Resource.objects.create(
            **shared, kind="video", title=words, provider=words, description=words, link="https://charity.example/film"
        )


def app_parts(edition, rows: int = 1, words: str = "A part") -> None:
    """So many of each part of an app's edition, as far as its constraints allow, all with ``words`` in them."""
    for position in range(1, rows + 1):
        shared = {"edition": edition, "position": position}
        guidance.AppRating.objects.create(**shared, scheme=guidance.AppRating.Scheme.values[position - 1], rating=words)
        guidance.AppFeature.objects.create(
            **shared, feature=guidance.AppFeature.Feature.values[position - 1], value="yes"
        )
        guidance.AppDefault.objects.create(**shared, age_group=words, setting=words, what=words)
        guidance.AppRisk.objects.create(**shared, words=words)
        guidance.SettingStep.objects.create(**shared, setting=words, path=words)
        for kind in guidance.AppStep.Kind.values:
            guidance.AppStep.objects.create(**shared, kind=kind, words=words)
        guidance.AppLink.objects.create(**shared, kind="reporting", url=f"https://app.example/{position}")
        guidance.AppStarter.objects.create(**shared, words=f"{words}?")
        guidance.AppUpdate.objects.create(**shared, when="May 2026", words=words)
        guidance.AppConfidence.objects.create(
            **shared, part=guidance.AppConfidence.Part.values[position - 1], level="low"
        )
        edition.shared_notes.add(shared_note(body=f"<p>{words}</p>"))


def control_parts(edition, rows: int = 1, words: str = "A part") -> None:
    for position in range(1, rows + 1):
        shared = {"edition": edition, "position": position}
        guidance.ControlUse.objects.create(**shared, use=guidance.ControlUse.Use.values[position - 1])
        guidance.ControlStep.objects.create(**shared, words=words)


def feedback(path: str, **fields) -> guidance.Feedback:
    """An answer about a page; published where it is given what readers see."""
    values = {"page_title": "A page", "comment": "As it came.", "sent_at": PUBLISHED_AT, **fields}
    if values.get("public_words") and "state" not in values:
        values.update(state="published", moderated_by=editor(), moderated_at=PUBLISHED_AT)
    return guidance.Feedback.objects.create(path=path, **values)


def closed_comments(path: str, **fields) -> guidance.PageComments:
    return guidance.PageComments.objects.create(path=path, **fields)


def worry_words(words: str = "stranger wants meet", **fields) -> WorryWords:
    """Words that read as if a child is in danger, unless told otherwise."""
    return WorryWords.objects.create(words=words, **{"concern": "meeting", "is_urgent": True, **fields})
