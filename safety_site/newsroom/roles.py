"""Who may do what: five groups, made by a migration and kept up to date by ``manage.py prepare``.

A group may have more than this table gives it: what an administrator added stays. A right that the table no longer
names is taken away by a migration, never by itself.
"""

from collections.abc import Iterable, Iterator

from django.contrib.auth.models import Group, Permission
from django.db import transaction

WRITER = "writer"
PUBLISHER = "publisher"
CONTACT_CHECKER = "contact checker"
MODERATOR = "moderator"
ADMINISTRATOR = "administrator"

THINGS = (
    "guidance.topic", "guidance.appprofile", "guidance.controlguide", "reporting.concern",
    "reporting.reportingcontact",
)  # fmt: skip
PAGE_EDITIONS = (
    "guidance.topicedition", "guidance.appprofileedition", "guidance.controlguideedition", "reporting.concernedition",
)  # fmt: skip
PAGE_PARTS = (
    "guidance.topicaudience", "guidance.section", "guidance.fact", "guidance.conversationstarter", "guidance.resource",
    "guidance.apprating", "guidance.appfeature", "guidance.appdefault", "guidance.apprisk", "guidance.settingstep",
    "guidance.appstep", "guidance.applink", "guidance.appstarter", "guidance.appupdate", "guidance.appconfidence",
    "guidance.controluse", "guidance.controlstep",
    "reporting.concernpoint", "reporting.concernroute",
)  # fmt: skip
CONTACT_EDITIONS = ("reporting.contactedition",)
CONTACT_PARTS = (
    "reporting.contactaudience", "reporting.contactnation", "reporting.phone", "reporting.openinghours",
    "reporting.otherway",
)  # fmt: skip
# Rows without editions: readers see each change as soon as it is saved.
CLOSED_DAYS = ("reporting.closedday",)
COMMENTS = ("guidance.pagecomments",)
LIVE_ROWS = (
    "guidance.ageband", "guidance.agebandfact", "guidance.agreementline", "guidance.oldname", "guidance.sharednote",
    "guidance.usefullink",
    "reporting.authority", "reporting.formercode", "reporting.platformlink", "reporting.platformroute",
    "safety_site.searchsynonym", "safety_site.worrywords", "safety_site.bannedphrase",
    *CLOSED_DAYS, *COMMENTS,
)  # fmt: skip
FEEDBACK = ("guidance.feedback",)
BANNERS = ("safety_site.emergencybanner",)
SUGGESTIONS = ("safety_site.suggestedchange",)
PREVIEW_LINKS = ("safety_site.previewlink",)
# What the newsroom itself writes down: nobody edits it.
RECORDS = ("safety_site.editionevent", "safety_site.formerslug", "safety_site.linkcheck")
# Of other apps; administrators only.
PEOPLE = ("auth.user", "auth.group")
FACTORS = ("otp_totp.totpdevice", "otp_static.staticdevice", "otp_static.statictoken")
LOCKS = ("axes.accessattempt", "axes.accessattemptexpiration")
LOGS = ("auditlog.logentry", "axes.accesslog", "axes.accessfailurelog")

SEE = ("view",)
ADD = ("add", "view")
WRITE = ("add", "change", "delete", "view")

# Role → rows of (models, actions).
ROLES: dict[str, tuple[tuple[Iterable[str], Iterable[str]], ...]] = {
    WRITER: (
        (THINGS, ADD),
        ((*PAGE_EDITIONS, *CONTACT_EDITIONS), WRITE),  # "delete": only drafts of their own, see workflow.may_discard
        ((*PAGE_PARTS, *CONTACT_PARTS), WRITE),
        ((*LIVE_ROWS, *RECORDS), SEE),
        ((*BANNERS, *SUGGESTIONS), ADD),
        (PREVIEW_LINKS, ("add", "change", "view")),
    ),
    PUBLISHER: (
        (THINGS, ("add", "change", "view")),
        (PAGE_EDITIONS, (*WRITE, "approve")),
        (CONTACT_EDITIONS, WRITE),
        ((*PAGE_PARTS, *CONTACT_PARTS), WRITE),
        (LIVE_ROWS, WRITE),
        (RECORDS, SEE),
        ((*BANNERS, *SUGGESTIONS), (*WRITE, "approve")),
        (PREVIEW_LINKS, ("add", "change", "view")),
    ),
    CONTACT_CHECKER: (
        (("reporting.reportingcontact", "reporting.authority"), SEE),
        (CONTACT_EDITIONS, ("change", "view", "approve")),
        (CONTACT_PARTS, WRITE),
        (CLOSED_DAYS, WRITE),
        (RECORDS, SEE),
    ),
    MODERATOR: (
        (FEEDBACK, ("change", "view")),
        (COMMENTS, WRITE),
    ),
    # Everything; but the second person behind a number or a banner is asked of administrators too.
    ADMINISTRATOR: (
        (THINGS, WRITE),
        ((*PAGE_EDITIONS, *CONTACT_EDITIONS), (*WRITE, "approve")),
        ((*PAGE_PARTS, *CONTACT_PARTS), WRITE),
        (LIVE_ROWS, WRITE),
        (FEEDBACK, ("change", "delete", "view")),
        ((*BANNERS, *SUGGESTIONS), (*WRITE, "approve")),
        (PREVIEW_LINKS, WRITE),
        (PEOPLE, WRITE),
        ((*FACTORS, *LOCKS), ("delete", "view")),
        ((*RECORDS, *LOGS), SEE),
    ),
}


def permissions_of(role: str) -> set[str]:
    """What a role may do, as ``app.action_model``."""
    return set(_names(ROLES[role]))


def _names(rows) -> Iterator[str]:
    for models, actions in rows:
        for model in models:
            app, name = model.split(".")
            yield from (f"{app}.{action}_{name}" for action in actions)


@transaction.atomic
def bring_up_to_date() -> int:
    """Make each group that is missing and give each what the table adds. Returns how many rights were added."""
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    added = 0
    for role in ROLES:
        group, _ = Group.objects.get_or_create(name=role)
        has = set(group.permissions.values_list("pk", flat=True))
        missing = [known[name] for name in permissions_of(role) if name in known and known[name].pk not in has]
        group.permissions.add(*missing)
        added += len(missing)
    return added
