"""Who may do what with an edition; the groups are in ``safety_site.newsroom.roles``."""

from django.contrib.auth import get_permission_codename


def may(user, action: str, model) -> bool:
    """Whether a user has one right on a model or row: "view", "add", "change", "delete" or "approve"."""
    opts = model._meta
    return (
        user.is_active and user.is_staff and user.has_perm(f"{opts.app_label}.{get_permission_codename(action, opts)}")
    )
