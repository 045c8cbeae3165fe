"""People with the rights of a role, and work for them."""

from datetime import date, timedelta

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from guidance.models import UsefulLink
from safety_site import work_list
from safety_site.models import AutoSave, EditionEvent, EmergencyBanner, LinkCheck, SuggestedChange
from safety_site.work_desk import Desk
from tests import factories
from tests.reporting import factories as reporting

EDITIONS = {
    "guidance": ["topicedition", "appprofileedition", "controlguideedition"],
    "reporting": ["contactedition", "concernedition"],
}
WRITES = [
    f"{app}.{action}_{model}"
    for app, models in EDITIONS.items()
    for model in models
    for action in ("add", "change", "view")
]
APPROVES = [
    "guidance.approve_topicedition", "guidance.approve_appprofileedition", "guidance.approve_controlguideedition",
    "reporting.approve_concernedition", "safety_site.approve_emergencybanner", "safety_site.approve_suggestedchange",
]  # fmt: skip
ROLES = {
    "staff": [],
    "writer": WRITES,
    "publisher": [*WRITES, *APPROVES],
    "contact checker": ["reporting.view_contactedition", "reporting.approve_contactedition"],
    "moderator": ["guidance.view_feedback", "guidance.change_feedback"],
}


def person(role: str = "publisher", **fields):
    """Somebody with the rights of a role; an administrator has all of them."""
    if role == "administrator":
        return factories.editor(is_superuser=True, **fields)
    user = factories.editor(**fields)
    rights = [right.split(".") for right in ROLES[role]]
    found = [Permission.objects.get(content_type__app_label=app, codename=name) for app, name in rights]
    user.user_permissions.set(found)
    return user


def titles(slug: str, user, only_mine: bool = False) -> list[str]:
    return [row.title for row in rows(slug, user, only_mine)]


def rows(slug: str, user, only_mine: bool = False) -> list[work_list.Row]:
    [about] = [each for each in work_list.LISTS if each.slug == slug]
    return list(about.rows(Desk(user, only_mine)))


def kind_of_links() -> ContentType:
    """What a suggestion is about; its number is another in each database."""
    return ContentType.objects.get_for_model(UsefulLink)


def in_review(make=factories.topic_edition, **fields):
    return make(state="in-review", publish_at=None, imported_from="", **fields)


def draft(make=factories.topic_edition, **fields):
    return make(state="draft", publish_at=None, imported_from="", **fields)


def event(edition, kind: str, by, words: str = "", minutes: int = 0) -> EditionEvent:
    at = timezone.now() + timedelta(minutes=minutes)
    return EditionEvent.objects.create(about=edition, kind=kind, by=by, words=words, at=at)


def checked(review_by: date) -> dict:
    return {"checked_on": date(2026, 1, 1), "checked_by": "us", "review_by": review_by}


HARD = (
    "<p>Notwithstanding considerable organisational heterogeneity, multidisciplinary safeguarding practitioners "
    "demonstrate increasingly sophisticated understandings of technologically facilitated exploitation.</p>"
)


def something_on_every_list(user) -> None:
    topic = factories.topic_edition(summary="On Houseparty", **checked(date(2026, 6, 1)))
    topic.topic.owner = user
    topic.topic.save()
    factories.topic_parts(topic)
    topic.resources.create(kind="video", title="Film", provider="BBC")
    topic.sections.create(kind="text", heading="x", body=HARD)
    factories.app_edition(**checked(timezone.localdate() + timedelta(days=3)))
    reporting.phone(reporting.contact_edition())
    in_review()
    event(draft(author=user), "sent-back", factories.editor())
    draft(author=user)
    link = factories.useful_link()
    LinkCheck.objects.create(url=link.url, state="broken", checked_at=timezone.now())
    factories.feedback("/a/", is_urgent=True)
    SuggestedChange.objects.create(content_type=kind_of_links(), title="A link", author=factories.editor())
    AutoSave.objects.create(by=user, model="guidance.topicedition", object_id=topic.pk, page="a")
    EmergencyBanner.objects.create(words="Ring 101.", author=factories.editor())
