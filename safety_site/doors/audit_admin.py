"""The audit list in the admin: to read, for those who may; nobody adds, changes or deletes an entry."""

from auditlog.admin import LogEntry
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.text import capfirst

from safety_site.doors.audit import EVENTS, changes_of, event_of


class WhoFilter(admin.SimpleListFilter):
    title = "who"
    parameter_name = "who"

    def lookups(self, request, model_admin):
        people = get_user_model().objects.filter(is_staff=True).order_by("username")
        return [*((str(person.pk), str(person)) for person in people), ("site", "The site itself")]

    def queryset(self, request, queryset):
        if self.value() == "site":
            return queryset.filter(actor=None)
        # Only what was offered: a number made up may be larger than the database can read.
        return queryset.filter(actor=self.value()) if self.value() in dict(self.lookup_choices) else queryset


class KindFilter(admin.SimpleListFilter):
    title = "what"
    parameter_name = "kind"

    def lookups(self, request, model_admin):
        used = LogEntry.objects.order_by().values("content_type").distinct()
        kinds = ContentType.objects.filter(pk__in=used)
        return sorted(((str(kind.pk), capfirst(kind.name)) for kind in kinds), key=lambda pair: pair[1])

    def queryset(self, request, queryset):
        return queryset.filter(content_type=self.value()) if self.value() in dict(self.lookup_choices) else queryset


class EventFilter(admin.SimpleListFilter):
    title = "what happened"
    parameter_name = "event"

    def lookups(self, request, model_admin):
        return [("0", "Added"), ("1", "Changed"), ("2", "Deleted"), *EVENTS.items()]

    def queryset(self, request, queryset):
        value = self.value()
        if value in EVENTS:
            return queryset.filter(additional_data__event=value)
        return queryset.filter(action=int(value)) if value in ("0", "1", "2") else queryset


class AuditAdmin(admin.ModelAdmin):
    """Each entry tells who did what to what, and when, with the values before and after."""

    list_display = ["when", "who", "happened", "kind", "what", "in_short"]
    list_display_links = ["when"]
    list_filter = [WhoFilter, EventFilter, KindFilter]
    list_select_related = ["actor", "content_type"]
    list_per_page = 50
    search_fields = ["object_repr", "actor__username", "changes"]
    date_hierarchy = "timestamp"
    ordering = ["-timestamp", "-pk"]
    actions = None
    change_list_template = "newsroom/doors/audit_list.html"
    change_form_template = "newsroom/doors/audit_entry.html"

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description="when", ordering="timestamp")
    def when(self, entry: LogEntry):
        return entry.timestamp

    @admin.display(description="who", ordering="actor__username")
    def who(self, entry: LogEntry) -> str:
        return str(entry.actor) if entry.actor else "The site itself"

    @admin.display(description="what happened")
    def happened(self, entry: LogEntry) -> str:
        return event_of(entry)

    @admin.display(description="kind", ordering="content_type")
    def kind(self, entry: LogEntry) -> str:
        return capfirst(entry.content_type.name)

    @admin.display(description="what")
    def what(self, entry: LogEntry) -> str:
        name = f"admin:{entry.content_type.app_label}_{entry.content_type.model}_change"
        try:
            return format_html('<a href="{}">{}</a>', reverse(name, args=[entry.object_pk]), entry.object_repr)
        except NoReverseMatch:  # a part has no page of its own
            return entry.object_repr

    @admin.display(description="in short")
    def in_short(self, entry: LogEntry) -> str:
        if entry.action != LogEntry.Action.UPDATE:
            return ""
        return ", ".join(change["name"] for change in changes_of(entry))

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": "Everything that was changed", **(extra_context or {})})

    def change_view(self, request, object_id, form_url="", extra_context=None):
        entry = self.get_object(request, object_id)
        extra = {"entry": entry, "title": "What was changed"}
        if entry is not None:
            extra |= {name: getattr(self, name)(entry) for name in ("when", "who", "happened", "kind", "what")}
            extra["changes"] = changes_of(entry)
        return super().change_view(request, object_id, form_url, {**extra, **(extra_context or {})})

    def get_fieldsets(self, request, obj=None):
        return [(None, {"fields": []})]


def register(site: admin.AdminSite) -> None:
    """In place of the page of django-auditlog, which the import above loads."""
    if site.is_registered(LogEntry):
        site.unregister(LogEntry)
    site.register(LogEntry, AuditAdmin)
