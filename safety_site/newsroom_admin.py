"""The editors' pages of emergency banners and of banned phrases."""

from hashlib import sha256

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from reporting.models import Authority
from safety_site.banners import kept
from safety_site.models import BannedPhrase, EmergencyBanner
from safety_site.newsroom.addresses import dead_ends, on_this_site
from safety_site.newsroom.gate_rules import even, phrase_pattern
from safety_site.newsroom.parts import RoomForWords
from safety_site.newsroom.rights import may
from safety_site.newsroom.suggesting import SuggestingAdmin

EVERY_PAGE = "Every page of the site"


def london(moment) -> str:
    """A moment as editors say it."""
    return f"{timezone.localtime(moment):%-d %B %Y at %H:%M}"


def state_in_words(banner: EmergencyBanner) -> str:
    """Where a banner stands now."""
    now = timezone.now()
    if banner.ends_at and banner.ends_at <= now:
        return f"Over: it ended on {london(banner.ends_at)}"
    if banner.approved_by_id is None:
        return "Waits for a second person: readers do not see it"
    until = f" until {london(banner.ends_at)}" if banner.ends_at else " until somebody ends it"
    if banner.starts_at > now:
        return f"Approved: readers see it from {london(banner.starts_at)}{until}"
    return f"Readers see it now,{until}"


def what_is_approved(banner: EmergencyBanner) -> str:
    """A short sign of everything that a banner says and when, so that nobody approves other words than they read."""
    said = (banner.level, banner.words, banner.link, banner.link_words, banner.council)
    when = (banner.starts_at, banner.ends_at)
    return sha256(repr((said, when)).encode()).hexdigest()[:16]


class EmergencyBannerForm(forms.ModelForm):
    council = forms.ChoiceField(label="Where", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "council" in self.fields:
            councils = dict(Authority.objects.in_force().order_by("name").values_list("slug", "name"))
            stored = self.instance.council
            if stored and stored not in councils:
                councils[stored] = f"{stored} (no longer a council)"
            self.fields["council"].choices = [("", EVERY_PAGE), *councils.items()]
            self.fields["council"].help_text = "A county’s banner also stands on the pages of its districts."

        for name in ("starts_at", "ends_at"):
            if name in self.fields:
                # Each box of the two has to say by itself what it is.
                for box, what in zip(self.fields[name].widget.widgets, ("date", "time"), strict=True):
                    box.attrs["aria-label"] = f"{self.fields[name].label}: {what}"

    def clean_words(self) -> str:
        words = " ".join(self.cleaned_data["words"].split())
        pattern = phrase_pattern(BannedPhrase.objects.in_use().values_list("phrase", flat=True))
        found = pattern and pattern.search(even(words))
        if found:
            raise forms.ValidationError(f"“{found[0]}” is not for our pages: say it in other words.")
        return words

    def clean_link(self) -> str:
        link = self.cleaned_data["link"].strip()
        if on_this_site(link) == link and link in dead_ends([link]):
            raise forms.ValidationError("No page of ours that readers can see is at this address.")
        return link


class KeptRowAdmin(SuggestingAdmin, admin.ModelAdmin):
    """Switched off instead of deleted: the loader of shipped content would bring a deleted one back."""

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(BannedPhrase)
class BannedPhraseAdmin(KeptRowAdmin):
    list_display = ["phrase", "say_instead", "why", "is_in_use"]
    list_filter = ["is_in_use"]
    search_fields = ["phrase", "say_instead", "why"]


@admin.register(EmergencyBanner)
class EmergencyBannerAdmin(RoomForWords, admin.ModelAdmin):
    """One writes, another approves; from then on it stays as it is, and can only be ended."""

    form = EmergencyBannerForm
    change_form_template = "newsroom/banner_change_form.html"
    sentence_length = 200  # its address stays one line
    list_display = ["words", "where", "level", "state", "author", "approved_by"]
    list_filter = ["level"]
    list_select_related = ["author", "approved_by"]
    search_fields = ["words", "council"]
    fieldsets = [
        (None, {"fields": ["level", "words", ("link", "link_words"), "council"]}),
        ("When (London time)", {"fields": ["starts_at", "ends_at"]}),
    ]

    @admin.display(description="where", ordering="council")
    def where(self, banner: EmergencyBanner) -> str:
        return banner.council or EVERY_PAGE

    @admin.display(description="state")
    def state(self, banner: EmergencyBanner) -> str:
        return state_in_words(banner)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not (obj and obj.approved_by_id)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and bool(obj) and not obj.approved_by_id

    def save_model(self, request, obj: EmergencyBanner, form, change):
        # Whoever saved last wrote what stands there; so nobody approves their own words in a colleague's banner.
        obj.author = request.user
        super().save_model(request, obj, form, change)

    def get_urls(self):
        view = self.admin_site.admin_view
        name = "safety_site_emergencybanner"
        return [
            path("<int:pk>/look/", view(require_safe(self.look_view)), name=f"{name}_look"),
            path("<int:pk>/approve/", view(require_POST(self.approve_view)), name=f"{name}_approve"),
            path("<int:pk>/end/", view(require_POST(self.end_view)), name=f"{name}_end"),
            *super().get_urls(),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        banner = self.get_object(request, object_id)
        extra = {}
        if banner:
            is_over = bool(banner.ends_at and banner.ends_at <= timezone.now())
            approver = may(request.user, "approve", EmergencyBanner)
            extra = {
                "banner": banner,
                "state": state_in_words(banner),
                "seen": what_is_approved(banner),
                "is_own": banner.author_id == request.user.pk,
                "can_approve": approver and not banner.approved_by_id and not is_over,
                "can_end": approver and bool(banner.approved_by_id) and not is_over,
            }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    def look_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A page of the site with this banner on it, at whatever width the window has."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        banner = get_object_or_404(EmergencyBanner, pk=pk)
        # The policy of the editors' pages knows no inline guard; nothing here is worth leaving no trace of.
        context = {"banners": [banner], "banner": banner, "state": state_in_words(banner), "exit_guard": ""}
        response = render(request, "newsroom/banner_look.html", context)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def _approver_or_403(self, request: HttpRequest) -> None:
        if not may(request.user, "approve", EmergencyBanner):
            raise PermissionDenied

    def _open(self, banner: EmergencyBanner) -> HttpResponseRedirect:
        kept.forget()
        return HttpResponseRedirect(reverse("admin:safety_site_emergencybanner_change", args=[banner.pk]))

    @transaction.atomic
    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponseRedirect:
        """The second person: from now on, or from its time, readers see it."""
        self._approver_or_403(request)
        banner = get_object_or_404(EmergencyBanner.objects.select_for_update(), pk=pk)
        if banner.approved_by_id:
            messages.info(request, "Somebody has approved it already.")
        elif banner.author_id == request.user.pk:
            messages.error(request, "A second person must approve a banner: you wrote this one.")
        elif banner.ends_at and banner.ends_at <= timezone.now():
            messages.error(request, "Its time is over: set a later end first.")
        elif request.POST.get("seen") != what_is_approved(banner):
            messages.error(request, "It was changed after you opened this page: read it again, then approve it.")
        else:
            banner.approved_by, banner.approved_at = request.user, timezone.now()
            banner.save(update_fields=["approved_by", "approved_at"])
            self.log_change(request, banner, "Approved.")
            messages.success(request, f"{state_in_words(banner)}.")
        return self._open(banner)

    @transaction.atomic
    def end_view(self, request: HttpRequest, pk: int) -> HttpResponseRedirect:
        """Take it down at once; one that has not begun waits for approval again."""
        self._approver_or_403(request)
        banner = get_object_or_404(EmergencyBanner.objects.select_for_update(), pk=pk)
        now = timezone.now()
        if not banner.approved_by_id or (banner.ends_at and banner.ends_at <= now):
            messages.info(request, "Readers do not see it: there is nothing to end.")
        elif banner.starts_at >= now:
            banner.approved_by = banner.approved_at = None
            banner.save(update_fields=["approved_by", "approved_at"])
            self.log_change(request, banner, "Called off before it began.")
            messages.success(request, "Called off before it began. It waits for a second person again.")
        else:
            banner.ends_at = now
            banner.save(update_fields=["ends_at"])
            self.log_change(request, banner, "Ended.")
            messages.success(request, "Ended: it is gone from every page within two seconds.")
        return self._open(banner)
