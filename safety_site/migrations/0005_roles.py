"""The five groups of the newsroom with their rights, as ``safety_site.newsroom.roles`` had them on 22 November 2026."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

# Group → actions → models.
GROUPS = {
    "writer": {
        "add change delete view": """
            guidance.appconfidence guidance.appdefault guidance.appfeature guidance.applink
            guidance.appprofileedition guidance.apprating guidance.apprisk guidance.appstarter guidance.appstep
            guidance.appupdate guidance.controlguideedition guidance.controlstep guidance.controluse
            guidance.conversationstarter guidance.fact guidance.resource guidance.section guidance.settingstep
            guidance.topicaudience guidance.topicedition reporting.concernedition reporting.concernpoint
            reporting.concernroute reporting.contactaudience reporting.contactedition reporting.contactnation
            reporting.openinghours reporting.otherway reporting.phone
        """,
        "add change view": """
            safety_site.previewlink
        """,
        "add view": """
            guidance.appprofile guidance.controlguide guidance.topic reporting.concern reporting.reportingcontact
            safety_site.emergencybanner safety_site.suggestedchange
        """,
        "view": """
            guidance.ageband guidance.agebandfact guidance.agreementline guidance.oldname guidance.pagecomments
            guidance.sharednote guidance.usefullink reporting.authority reporting.closedday reporting.formercode
            reporting.platformlink reporting.platformroute safety_site.bannedphrase safety_site.editionevent
            safety_site.formerslug safety_site.linkcheck safety_site.searchsynonym safety_site.worrywords
        """,
    },
    "publisher": {
        "add approve change delete view": """
            guidance.appprofileedition guidance.controlguideedition guidance.topicedition reporting.concernedition
            safety_site.emergencybanner safety_site.suggestedchange
        """,
        "add change delete view": """
            guidance.ageband guidance.agebandfact guidance.agreementline guidance.appconfidence guidance.appdefault
            guidance.appfeature guidance.applink guidance.apprating guidance.apprisk guidance.appstarter
            guidance.appstep guidance.appupdate guidance.controlstep guidance.controluse
            guidance.conversationstarter guidance.fact guidance.oldname guidance.pagecomments guidance.resource
            guidance.section guidance.settingstep guidance.sharednote guidance.topicaudience guidance.usefullink
            reporting.authority reporting.closedday reporting.concernpoint reporting.concernroute
            reporting.contactaudience reporting.contactedition reporting.contactnation reporting.formercode
            reporting.openinghours reporting.otherway reporting.phone reporting.platformlink reporting.platformroute
            safety_site.bannedphrase safety_site.searchsynonym safety_site.worrywords
        """,
        "add change view": """
            guidance.appprofile guidance.controlguide guidance.topic reporting.concern reporting.reportingcontact
            safety_site.previewlink
        """,
        "view": """
            safety_site.editionevent safety_site.formerslug safety_site.linkcheck
        """,
    },
    "contact checker": {
        "add change delete view": """
            reporting.closedday reporting.contactaudience reporting.contactnation reporting.openinghours
            reporting.otherway reporting.phone
        """,
        "approve change view": """
            reporting.contactedition
        """,
        "view": """
            reporting.authority reporting.reportingcontact safety_site.editionevent safety_site.formerslug
            safety_site.linkcheck
        """,
    },
    "moderator": {
        "add change delete view": """
            guidance.pagecomments
        """,
        "change view": """
            guidance.feedback
        """,
    },
    "administrator": {
        "add approve change delete view": """
            guidance.appprofileedition guidance.controlguideedition guidance.topicedition reporting.concernedition
            reporting.contactedition safety_site.emergencybanner safety_site.suggestedchange
        """,
        "add change delete view": """
            auth.group auth.user guidance.ageband guidance.agebandfact guidance.agreementline guidance.appconfidence
            guidance.appdefault guidance.appfeature guidance.applink guidance.appprofile guidance.apprating
            guidance.apprisk guidance.appstarter guidance.appstep guidance.appupdate guidance.controlguide
            guidance.controlstep guidance.controluse guidance.conversationstarter guidance.fact guidance.oldname
            guidance.pagecomments guidance.resource guidance.section guidance.settingstep guidance.sharednote
            guidance.topic guidance.topicaudience guidance.usefullink reporting.authority reporting.closedday
            reporting.concern reporting.concernpoint reporting.concernroute reporting.contactaudience
            reporting.contactnation reporting.formercode reporting.openinghours reporting.otherway reporting.phone
            reporting.platformlink reporting.platformroute reporting.reportingcontact safety_site.bannedphrase
            safety_site.previewlink safety_site.searchsynonym safety_site.worrywords
        """,
        "change delete view": """
            guidance.feedback
        """,
        "delete view": """
            axes.accessattempt axes.accessattemptexpiration otp_static.staticdevice otp_static.statictoken
            otp_totp.totpdevice
        """,
        "view": """
            auditlog.logentry axes.accessfailurelog axes.accesslog safety_site.editionevent safety_site.formerslug
            safety_site.linkcheck
        """,
    },
}
APPS = ["guidance", "reporting", "safety_site", "auth", "auditlog", "otp_totp", "otp_static", "axes"]


def make_permissions(apps, using):
    """Django makes permissions after the last migration only; the groups need them now."""
    for label in APPS:
        config = apps.get_app_config(label)
        config.models_module = True
        create_permissions(config, verbosity=0, using=using, apps=apps)
        config.models_module = None


def make_groups(apps, schema_editor):
    using = schema_editor.connection.alias
    make_permissions(apps, using)
    permissions = {
        f"{app}.{codename}": key
        for app, codename, key in apps.get_model("auth", "Permission")
        .objects.using(using)
        .values_list("content_type__app_label", "codename", "pk")
    }
    for name, rights in GROUPS.items():
        group, _ = apps.get_model("auth", "Group").objects.using(using).get_or_create(name=name)
        for actions, models in rights.items():
            of_models = [model.split(".") for model in models.split()]
            group.permissions.add(
                *(permissions[f"{app}.{action}_{model}"] for action in actions.split() for app, model in of_models)
            )


class Migration(migrations.Migration):
    dependencies = [
        ("safety_site", "0004_audit_is_final"),
        ("guidance", "0003_newsroom_fields"),
        ("reporting", "0002_newsroom_fields"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auditlog", "0017_add_actor_email"),
        ("otp_totp", "0003_add_timestamps"),
        ("otp_static", "0003_add_timestamps"),
        ("axes", "0010_accessattemptexpiration"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
