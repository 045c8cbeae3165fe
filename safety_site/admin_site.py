"""The editors' admin: Django's own, with this site's security policy."""

from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.admin import AdminSite


class EditorsSite(AdminSite):
    site_header = site_title = "Family online safety: editors"
    index_title = "What do you want to correct?"

    def get_urls(self):
        # Every page of the admin, its login included, goes through one of these patterns.
        patterns = super().get_urls()
        for pattern in patterns:
            wrap_callbacks(pattern)
        return patterns


def wrap_callbacks(pattern) -> None:
    """Give each view below a pattern the admin's policy."""
    if hasattr(pattern, "url_patterns"):
        for inner in pattern.url_patterns:
            wrap_callbacks(inner)
    else:
        pattern.callback = csp_replace(settings.ADMIN_CONTENT_SECURITY_POLICY)(pattern.callback)
