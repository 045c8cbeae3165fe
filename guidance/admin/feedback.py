"""What readers said: what reads like a child in danger first, then whoever has waited longest."""

from django import forms
from django.contrib import admin, messages
from django.db.models import Case, IntegerField, Q, Value, When
from django.utils import timezone
from django.utils.html import format_html

from guidance.feedback import page_at
from guidance.models import Feedback, PageComments
from safety_site.doors.audit import change_each

_undecided = Q(state=Feedback.State.WAITING)
# Undecided ones that tell of danger, then of a worry, then the rest; decided ones last. What was taken for spam and
# reads like danger still needs an editor's eyes.
TURN = Case(
    When(Q(is_urgent=True) & (_undecided | Q(state=Feedback.State.SPAM)), then=Value(0)),
    When(_undecided & ~Q(concern=""), then=Value(1)),
    When(_undecided, then=Value(2)),
    default=Value(3),
    output_field=IntegerField(),
)


class FeedbackForm(forms.ModelForm):
    class Meta:
        widgets = {name: forms.Textarea(attrs={"rows": 5}) for name in ("public_words", "reply")}

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("state") == Feedback.State.PUBLISHED and not cleaned.get("public_words"):
            self.add_error("public_words", "To publish, write what readers see.")
        return cleaned


class ReadsLikeFilter(admin.SimpleListFilter):
    title = "a child at risk"
    parameter_name = "risk"

    def lookups(self, request, model_admin):
        return [("urgent", "Urgent: a child may be in danger"), ("worry", "A worry, not urgent")]

    def queryset(self, request, queryset):
        if self.value() == "urgent":
            return queryset.urgent()
        return queryset.exclude(concern="").filter(is_urgent=False) if self.value() == "worry" else queryset


@admin.register(Feedback)
class FeedbackAdmin(admin.ModelAdmin):
    """One decision a page: what readers see is written anew, the words that came stay as they came."""

    form = FeedbackForm
    list_display = ["__str__", "reads_like", "useful", "beginning", "state"]
    list_filter = [ReadsLikeFilter, "state", "useful", "concern", "path"]
    search_fields = ["page_title", "path", "comment", "public_words"]
    actions = ["do_not_publish", "mark_as_spam"]
    list_per_page = 50
    readonly_fields = [
        "page", "useful", "comment_as_sent", "reads_like", "sent_at", "moderated_by", "moderated_at"
    ]  # fmt: skip
    fieldsets = [
        ("What came", {"fields": ["reads_like", "page", "useful", "comment_as_sent", "sent_at"]}),
        ("What readers see", {"fields": ["state", "public_words", "reply"]}),
        ("Who decided", {"fields": ["moderated_by", "moderated_at"]}),
    ]

    def has_add_permission(self, request):
        return False  # answers come from readers

    def get_ordering(self, request):
        return [TURN.asc(), "sent_at", "pk"]

    @admin.display(description="reads like")
    def reads_like(self, answer: Feedback) -> str:
        if answer.is_urgent:
            return format_html("<strong>URGENT: a child may be in danger.</strong> {}", answer.get_concern_display())
        return f"A worry: {answer.get_concern_display()}" if answer.concern else "No worry that we know of"

    @admin.display(description="words")
    def beginning(self, answer: Feedback) -> str:
        return answer.comment[:100] + ("…" if len(answer.comment) > 100 else "")

    @admin.display(description="page")
    def page(self, answer: Feedback) -> str:
        return format_html('<a href="{}">{}</a> ({})', answer.path, answer.page_title, answer.path)

    @admin.display(description="comment, as it came; readers never see this")
    def comment_as_sent(self, answer: Feedback) -> str:
        return answer.comment or "Nothing, only yes or no"

    def save_model(self, request, obj: Feedback, form, change):
        """Whoever saves a decision is the one who made it."""
        is_decided = obj.state != Feedback.State.WAITING
        obj.moderated_by, obj.moderated_at = (request.user, timezone.now()) if is_decided else (None, None)
        super().save_model(request, obj, form, change)

    @admin.action(description="Do not publish", permissions=["change"])
    def do_not_publish(self, request, queryset):
        self._decide(request, queryset, Feedback.State.NOT_PUBLISHED)

    @admin.action(description="Mark as spam", permissions=["change"])
    def mark_as_spam(self, request, queryset):
        self._decide(request, queryset, Feedback.State.SPAM)

    def _decide(self, request, queryset, state: Feedback.State) -> None:
        chosen = Feedback.objects.filter(pk__in=queryset.values_list("pk", flat=True))
        count = change_each(chosen, state=state, moderated_by=request.user, moderated_at=timezone.now())
        messages.success(request, f"{state.label}: {count}.")


class PageCommentsForm(forms.ModelForm):
    def clean_path(self) -> str:
        path = self.cleaned_data["path"]
        if page_at(path) is None:
            raise forms.ValidationError("No page of ours that takes comments is at this address.")
        return path


@admin.register(PageComments)
class PageCommentsAdmin(admin.ModelAdmin):
    form = PageCommentsForm
    list_display = ["path", "is_open", "note"]
    list_filter = ["is_open"]
    search_fields = ["path"]
