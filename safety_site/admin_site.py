"""The editors' admin: Django's own, with this site's security policy."""

import re
from functools import cache, wraps

from csp.decorators import csp_replace
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe
from django_prose_editor.widgets import prose_editor_admin_media

from safety_site import errors, work_views
from safety_site.doors import audit, sessions, views
from safety_site.newsroom import as_of, coming
from safety_site.newsroom.odd_requests import refuse_odd_requests
from safety_site.newsroom.saving_pages import keep_what_was_sent, keep_words
from safety_site.security_policy import admin_policy, source_hash

# The one style element that the rich text editor adds by script. It belongs to the pinned version of
# django-prose-editor: when a new version brings another, the browser names its hash in the console, and the
# test of the editors' pages fails.
EDITOR_STYLE_HASH = "'sha256-PlumsSlvJ7vvWzjqibGAYKq92O3y/4JTxWWsWJvyUYA='"


class EditorsSite(AdminSite):
    site_header = site_title = "Hearthside: editors"
    index_title = "What needs you"

    def index(self, request, extra_context=None):
        return super().index(request, {**work_views.first_page(request), **(extra_context or {})})

    def admin_view(self, view, cacheable=False):
        """Django leads whoever is not signed in to the login, and drops what they sent: their words are kept first."""
        guarded = super().admin_view(refuse_odd_requests(view, errors.bad_request), cacheable)

        @wraps(guarded)
        def keeping(request, *args, **kwargs):
            if request.method == "POST" and not self.has_permission(request):
                keep_what_was_sent(request)
            return guarded(request, *args, **kwargs)

        return keeping

    def get_urls(self):
        # Every page of the admin, its login included, goes through one of these patterns. Those of the doors come
        # first: they open to whoever gave the right password but is not through yet.
        patterns = [
            *self._door_urls(),
            path("kept/", keep_words, name="keep_words"),
            path("coming/", self.admin_view(require_safe(self.calendar_view)), name="newsroom-calendar"),
            *as_of.urls(self),
            *work_views.urls(self),
            *super().get_urls(),
        ]
        for pattern in patterns:
            _wrap_views(pattern)
        return patterns

    def calendar_view(self, request):
        return coming.calendar_view(request, self)

    def _door_urls(self) -> list:
        own_password = views.for_phone_holders_verified(views.asks_again(self.password_change))
        return [
            path("door/", views.factor, name="factor"),
            path("door/code/", views.second_step, name="second-step"),
            path("door/set-up/", views.set_up, name="factor-set-up"),
            path("door/recovery-codes/", views.recovery_codes, name="recovery-codes"),
            path("door/remove/", views.remove, name="factor-remove"),
            path("logout/", views.for_signed_in(self.logout), name="logout"),
            path("password_change/", own_password, name="password_change"),
            path(
                "password_change/done/",
                views.for_phone_holders_verified(self.password_change_done),
                name="password_change_done",
            ),
        ]

    def has_permission(self, request: HttpRequest) -> bool:
        return sessions.is_through(request)

    def get_app_list(self, request: HttpRequest, app_label=None) -> list:
        return super().get_app_list(request, app_label) if self.has_permission(request) else []

    def login(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        if request.method == "GET" and sessions.is_editor(request.user) and (door := sessions.next_door(request)):
            going = request.GET.get(REDIRECT_FIELD_NAME)
            query = f"?{urlencode({REDIRECT_FIELD_NAME: going})}" if going else ""
            return HttpResponseRedirect(reverse(f"admin:{door}") + query)
        note = {"door_note": views.note_for_login(request), "title": "Sign in"}
        response = super().login(request, {**note, **(extra_context or {})})
        if request.method == "POST" and response.status_code == 302:
            sessions.begin(request)
        return response

    def password_change(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        response = super().password_change(request, extra_context)
        if request.method == "POST" and response.status_code == 302:
            audit.record("password-changed", request.user)
            sessions.confirm(request)
        return response


def _wrap_views(pattern) -> None:
    """Give each view below a pattern the headers of the editors' pages."""
    if hasattr(pattern, "url_patterns"):
        for inner in pattern.url_patterns:
            _wrap_views(inner)
    else:
        pattern.callback = with_editors_headers(in_time(audit.with_actor(pattern.callback)))


@cache
def editors_policy() -> dict[str, list[str]]:
    """The admin's policy with the rich text editor's two inline pieces, by hash.

    Its import map names hashed static files, so its own hash is known only once those are collected.
    """
    import_map = re.search(r">(.*)</script>", str(prose_editor_admin_media["importmap"]), re.DOTALL)
    return admin_policy([source_hash(import_map[1])], [EDITOR_STYLE_HASH])


def in_time(view):
    """A view that somebody whose sign-in is over sees as a stranger."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        sessions.keep_in_time(request)
        return view(request, *args, **kwargs)

    return wrapped


def with_editors_headers(view):
    """The admin's own security policy, and a referrer within the site.

    Without any referrer a browser sends ``Origin: null`` with a form, and Django's CSRF check refuses it.
    """

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        if getattr(response, "is_for_readers", False):
            return response  # a readers' page shown to staff: it keeps the policy that readers get
        response = csp_replace(editors_policy())(lambda: response)()
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    return wrapped
