"""What an editor fills in to take a step: words for the author, the time, how it was checked."""

from dataclasses import dataclass
from datetime import date, datetime

from django import forms
from django.utils import timezone

from safety_site.editions import Edition
from safety_site.newsroom import takedown, workflow
from safety_site.newsroom.times import in_words, london

LONGEST_WORDS = 2000


def _words(label: str, *, required: bool, help_text: str = "", longest: int = LONGEST_WORDS) -> forms.CharField:
    field = forms.CharField(
        label=label,
        required=required,
        max_length=longest,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    # Too much is told in words: a browser would cut off the end of what is pasted without a sound.
    del field.widget.attrs["maxlength"]
    return field


def _day(label: str, **options) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


class SendForm(forms.Form):
    words = _words("What should the reader look at? (if you like)", required=False)


class SendBackForm(forms.Form):
    words = _words("What is to be mended?", required=True, help_text="Its author sees these words first.")


class WhenForm(forms.Form):
    """Now, or at a time to come. Nothing chosen: the time that the edition was given, if it is to come."""

    when = forms.ChoiceField(
        label="When do readers see it?",
        choices=[("now", "Now"), ("at", "From this day and time (London)")],
        widget=forms.RadioSelect,
        required=False,
    )
    day = _day("Day", required=False)
    time = forms.TimeField(label="Time", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))

    def __init__(self, *args, wished: datetime | None = None, **kwargs):
        self.wished = wished if wished and wished > timezone.now() else None
        here = timezone.localtime(self.wished) if self.wished else None
        first = {"when": "at" if here else "now", "day": here and here.date(), "time": here and here.time()}
        super().__init__(*args, **{**kwargs, "initial": {**first, **kwargs.get("initial", {})}})

    def clean(self) -> dict:
        cleaned = super().clean()
        cleaned["moment"] = None
        when = cleaned.get("when")
        if when == "at":
            day, time = cleaned.get("day"), cleaned.get("time")
            for name in ("day", "time"):
                if cleaned.get(name) is None and name not in self.errors:
                    self.add_error(name, f"Choose the {name}, or choose “Now”.")
            if day is not None and time is not None:
                cleaned["moment"] = self._moment(day, time)
        elif not when:
            cleaned["moment"] = self.wished
        return cleaned

    def _moment(self, day: date, time) -> datetime | None:
        if abs(day - timezone.localdate()) > workflow.FURTHEST:
            self.add_error("day", "Choose a day in the next two years.")
            return None
        try:
            return london(day, time)
        except forms.ValidationError as problem:
            self.add_error("time", problem)
            return None


class ApproveForm(WhenForm):
    """Approving an edition of any kind. For a contact: how and when its number was checked."""

    seen = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    others_are_known = forms.BooleanField(required=False)
    was_read = forms.BooleanField(
        label="I have read it against its sources",
        required=False,
        help_text="Readers see the day, and who. Leave it empty if you have not.",
    )
    checked_how = forms.ChoiceField(label="How did you check the number?", widget=forms.RadioSelect)
    checked_on = _day("On which day?", required=False)
    checked_by = forms.CharField(
        label="Who checked it?",
        max_length=120,
        required=False,
        help_text="Readers see this: use a role or team, not a name.",
    )
    review_by = _day("When must it be checked again?", required=False)

    def __init__(self, edition: Edition, user, *args, **kwargs):
        self.edition = edition
        today = timezone.localdate()
        group = user.groups.order_by("pk").values_list("name", flat=True).first() or ""
        first = {
            "seen": workflow.seen(edition),
            "checked_on": today,
            "checked_by": group.capitalize(),
            "review_by": today + workflow.REVIEW_AFTER,
        }
        super().__init__(*args, wished=edition.publish_at, initial=first, **kwargs)
        self.others = workflow.others_to_come(edition, timezone.now())
        if self.others:
            first_one = self.others[0]
            self.fields[
                "others_are_known"
            ].label = f"I know that edition {first_one.number} takes over on {in_words(first_one.publish_at)}"
        else:
            del self.fields["others_are_known"]
        self._choose_checks()

    def _choose_checks(self) -> None:
        """A page that is taken down is not checked; a contact must be; any other page may be."""
        if self.edition.is_withdrawal:
            unasked = ["was_read", "checked_how", "checked_on", "checked_by", "review_by"]
        elif self.edition.needs_second_person:
            unasked = ["was_read"]
            self.fields["checked_how"].choices = type(self.edition).CheckedHow.choices
            for name in ("checked_on", "checked_by", "review_by"):
                self.fields[name].required = True
        else:
            unasked = ["checked_how"]
        for name in unasked:
            del self.fields[name]

    def clean(self) -> dict:
        cleaned = super().clean()
        if "checked_on" in self.fields and self.is_check:
            self._clean_check(cleaned)
        return cleaned

    @property
    def is_check(self) -> bool:
        return "checked_how" in self.fields or bool(self.cleaned_data.get("was_read"))

    def _clean_check(self, cleaned: dict) -> None:
        today = timezone.localdate()
        for name, words in (
            ("checked_on", "Choose the day."),
            ("checked_by", "Say who: a role or team."),
            ("review_by", "Choose the day."),
        ):
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, words)
        if cleaned.get("checked_on") and cleaned["checked_on"] > today:
            self.add_error("checked_on", "This day is in the future: choose the day on which it was checked.")
        if cleaned.get("review_by") and not today < cleaned["review_by"] <= today + workflow.FURTHEST:
            self.add_error("review_by", "Choose a day to come, in the next two years.")

    @property
    def checked(self) -> workflow.Checked | None:
        """What a valid form says of the check; None where nothing was checked."""
        data = self.cleaned_data
        if "checked_on" not in self.fields or not self.is_check:
            return None
        return workflow.Checked(
            on=data["checked_on"],
            by=data["checked_by"],
            review_by=data["review_by"],
            how=data.get("checked_how", ""),
        )


class WithdrawForm(WhenForm):
    """Taking a page down: what readers are told, and where they may go."""

    reason = _words(
        "Why?",
        required=True,
        help_text="Readers see this in place of the page. For example: “This app has closed.”",
        longest=300,
    )
    instead = forms.CharField(
        label="Which page should they see instead? (if there is one)",
        max_length=takedown.LONGEST,
        required=False,
        help_text="Its address on this site, for example /topics/.",
    )
    redirects = forms.ChoiceField(
        label="What happens at the old address?",
        choices=[("no", "Readers see the reason first"), ("yes", "Readers are sent to the other page at once")],
        widget=forms.RadioSelect,
        initial="no",
        required=False,
    )

    field_order = ["reason", "instead", "redirects", "when", "day", "time"]

    def __init__(self, edition: Edition, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["when"].label = "When?"
        if not hasattr(edition.thing, "get_absolute_url"):
            # A contact has no page of its own: it is no longer shown on those of others.
            self.fields["reason"].help_text = "For editors, and for whoever reads the open data."
            del self.fields["instead"], self.fields["redirects"]

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("redirects") == "yes" and not cleaned.get("instead") and "instead" not in self.errors:
            self.add_error("instead", "To send readers there at once, say where.")
        return cleaned


@dataclass(frozen=True)
class Steps:
    """What an editor may do with an edition now, for the panel beside the form."""

    can_send: bool = False
    can_take_back: bool = False
    can_send_back: bool = False
    can_approve: bool = False
    objection: str = ""
    approver: str = ""  # who approves it, for whoever may not
    can_call_back: bool = False
    can_withdraw: bool = False
    can_discard: bool = False
    can_copy: bool = False
