"""Users of each role, or with chosen rights, given directly: what a view asks for is a right, not a group."""

from django.contrib.auth.models import Permission

from tests import factories

WRITER = ("view", "add", "change")
ROLES = {
    "plain staff": {},
    "writer": dict.fromkeys(("topicedition", "contactedition"), WRITER),
    "publisher": {"topicedition": (*WRITER, "approve"), "contactedition": WRITER},
    "contact checker": {"contactedition": ("view", "approve")},
    "moderator": {"feedback": ("view", "change")},
    "onlooker": dict.fromkeys(("topicedition", "contactedition"), ("view",)),
}


def staff(role: str):
    """A user who may do what this role may; an administrator may do everything."""
    if role == "administrator":
        return factories.editor(is_superuser=True)
    user = factories.editor()
    for model, rights in ROLES[role].items():
        codenames = [f"{right}_{model}" for right in rights]
        user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
    return user


def with_rights(*rights: str):
    """A user who may do just this, each right as “app.codename”."""
    user = factories.editor()
    for name in rights:
        app, codename = name.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user


def logged_in(client, role: str):
    """The client as somebody of a role; "stranger" is nobody, "stale session" was put out after logging in."""
    if role == "stranger":
        return None
    user = staff("administrator" if role == "stale session" else role)
    client.force_login(user)
    if role == "stale session":
        user.is_active = False
        user.save()
    return user
