"""Users and groups in the admin: nobody gives what they do not have, and nobody who wrote something is deleted."""

from collections.abc import Callable
from functools import wraps

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import CheckboxSelectMultiple
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from django_otp.plugins.otp_static.admin import StaticDevice
from django_otp.plugins.otp_totp.admin import TOTPDevice

from safety_site.doors import audit
from safety_site.doors.factors import device_of, permissions_of, remove_factor
from safety_site.doors.sessions import end_sessions_of
from safety_site.doors.views import asks_again


def again(view: Callable) -> Callable:
    """A page of an admin that asks for the password again; whoever has no right there is told so instead."""
    asked = method_decorator(asks_again)(view)

    @wraps(view)
    def wrapped(self, request, *args, **kwargs):
        if not (self.has_view_or_change_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
        return asked(self, request, *args, **kwargs)

    return wrapped


class AsksAgain:
    """An admin whose forms open only to somebody who gave their password within ten minutes."""

    filter_horizontal = []

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        # Boxes to tick: two lists beside each other are hard to use by keyboard and at 200 % zoom.
        return super().formfield_for_manytomany(db_field, request, widget=CheckboxSelectMultiple, **kwargs)

    @again
    def add_view(self, request, form_url="", extra_context=None):
        return super().add_view(request, form_url, extra_context)

    @again
    def change_view(self, request, object_id, form_url="", extra_context=None):
        return super().change_view(request, object_id, form_url, extra_context)

    def has_delete_permission(self, request, obj=None):
        return False


def lacks(giver, permissions) -> list[str]:
    """What somebody may not give, since they do not have it; by name."""
    if giver.is_superuser:
        return []
    own = set(permissions_of(giver).values_list("pk", flat=True))
    return sorted(permission.name for permission in permissions if permission.pk not in own)


def may_not_give(names: list[str]) -> ValidationError:
    some = ", ".join(f"“{name}”" for name in names[:3])
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ValidationError(f"You cannot give rights that you do not have yourself: {some}{more}.")


def is_above(user, other) -> bool:
    """Whether somebody has a right that ``other`` lacks: their account is then not for ``other`` to change."""
    return not other.is_superuser and (user.is_superuser or bool(lacks(other, permissions_of(user))))


class GivesRoles:
    """A mixin of the forms of an account. ``giver`` is who fills it in; set by the admin."""

    giver = None

    def clean_groups(self):
        groups = self.cleaned_data["groups"]
        old = set(self.instance.groups.all()) if self.instance.pk else set()
        added = Permission.objects.filter(group__in=[group for group in groups if group not in old]).distinct()
        if names := lacks(self.giver, added):
            raise may_not_give(names)
        return groups

    def clean(self):
        """Whoever is given a group or a right is an editor: without "staff" they could not sign in to use it."""
        cleaned = super().clean()
        if cleaned.get("groups") or self._single_rights(cleaned):
            cleaned["is_staff"] = self.instance.is_staff = True
        return cleaned

    def _single_rights(self, cleaned: dict):
        if "user_permissions" in self.fields or not self.instance.pk:
            return cleaned.get("user_permissions")
        return self.instance.user_permissions.all()


class NewPersonForm(GivesRoles, UserAdmin.add_form):
    """A new account; names and address come on the next page."""


class PersonForm(GivesRoles, UserAdmin.form):
    """One account."""

    def clean_user_permissions(self):
        permissions = self.cleaned_data["user_permissions"]
        old = set(self.instance.user_permissions.all())
        if names := lacks(self.giver, [each for each in permissions if each not in old]):
            raise may_not_give(names)
        return permissions

    def clean(self):
        cleaned = super().clean()
        if self.instance == self.giver:
            for name in ("is_active", "is_staff", "is_superuser"):
                if name in self.fields and not cleaned.get(name) and getattr(self.giver, name):
                    self.add_error(name, "You would lock yourself out. Ask another administrator to do it.")
        return cleaned


@sensitive_post_parameters()
def remove_factor_view(request: HttpRequest, person_admin: "PersonAdmin", pk: int) -> HttpResponse:
    """Take the second factor of somebody who lost their phone; they set up a new one when they next sign in."""
    person = get_user_model().objects.filter(pk=pk).first() if pk < 2**31 else None
    if not person_admin.has_change_permission(request, person):
        raise PermissionDenied
    if person is None:
        raise Http404
    if request.method == "POST":
        remove_factor(person)
        end_sessions_of(person)
        audit.record("factor-removed", person, by=request.user)
        messages.success(request, f"The second factor of {person} is removed, and they are signed out everywhere.")
        return redirect("admin:auth_user_change", person.pk)
    title = f"Remove the second factor of {person}"
    context = {**person_admin.admin_site.each_context(request), "person": person, "title": title}
    return render(request, "newsroom/doors/remove_of_person.html", {**context, "has_phone": bool(device_of(person))})


class PersonAdmin(AsksAgain, UserAdmin):
    """Accounts: switched off, never deleted, since what somebody wrote and approved keeps their name."""

    form = PersonForm
    add_form = NewPersonForm
    add_fieldsets = [
        (None, {"classes": ["wide"], "fields": ["username", "usable_password", "password1", "password2"]}),
        ("What they may do", {"classes": ["wide"], "fields": ["groups"]}),
    ]
    list_display = ["username", "first_name", "last_name", "is_active", "is_superuser", "has_phone", "last_login"]
    change_form_template = "newsroom/doors/person.html"
    fieldsets = [
        (None, {"fields": ["username", "password", "first_name", "last_name", "email"]}),
        ("What they may do", {"fields": ["is_active", "is_staff", "groups"]}),
        (
            "Rights beside those of their groups",
            {"classes": ["collapse"], "fields": ["is_superuser", "user_permissions"]},
        ),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]

    def get_fieldsets(self, request, obj=None):
        # Hundreds of single rights: roles are given by groups, and only who set the site up goes round them.
        fieldsets = super().get_fieldsets(request, obj)
        may_see = request.user.is_superuser
        return [each for each in fieldsets if may_see or "user_permissions" not in each[1]["fields"]]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "groups":
            field.help_text = "Tick what they do here. Whoever is in a group is an editor and may sign in."
        elif db_field.name == "is_staff":
            field.help_text = (
                "May sign in to these pages. It is set by itself when you save somebody who is in a group. "
                "To keep somebody out, untick “Active”."
            )
        return field

    def get_queryset(self, request):
        self._with_phone = set(TOTPDevice.objects.filter(confirmed=True).values_list("user", flat=True))
        return super().get_queryset(request)

    @admin.display(boolean=True, description="Second factor")
    def has_phone(self, person) -> bool:
        return person.pk in self._with_phone

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not (obj and is_above(obj, request.user))

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        form.giver = request.user
        return form

    def get_readonly_fields(self, request, obj=None):
        always = ["last_login", "date_joined"]
        return always if request.user.is_superuser else [*always, "is_superuser"]

    def get_urls(self):
        return [
            path(
                "<int:pk>/factor/remove/",
                self.admin_site.admin_view(self.remove_factor),
                name="auth_user_remove_factor",
            ),
            *super().get_urls(),
        ]

    @again
    def remove_factor(self, request, pk: int):
        return remove_factor_view(request, self, pk)

    @again
    def user_change_password(self, request, id, form_url=""):
        return super().user_change_password(request, id, form_url)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if change and not obj.is_active:
            # Else a session of theirs would be good again on the day that they are switched on.
            end_sessions_of(obj)
        if obj.is_active and not obj.is_staff:
            words = f"“{obj}” cannot sign in to these pages yet: they are in no group. Tick what they do, then save."
            messages.warning(request, words)


class RolesForm(GroupAdmin.form):
    giver = None

    def clean_permissions(self):
        permissions = self.cleaned_data["permissions"]
        old = set(self.instance.permissions.all()) if self.instance.pk else set()
        if names := lacks(self.giver, [each for each in permissions if each not in old]):
            raise may_not_give(names)
        return permissions


class RolesAdmin(AsksAgain, GroupAdmin):
    """Groups: what each role of the newsroom may do."""

    form = RolesForm

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        form.giver = request.user
        return form


def register(site: admin.AdminSite) -> None:
    """In place of the stock pages of Django and django-otp, which are loaded by the imports above.

    The pages of django-otp would show secrets; what people do with their factor is on pages of its own.
    """
    for model in (get_user_model(), Group, TOTPDevice, StaticDevice):
        if site.is_registered(model):
            site.unregister(model)
    site.register(get_user_model(), PersonAdmin)
    site.register(Group, RolesAdmin)
