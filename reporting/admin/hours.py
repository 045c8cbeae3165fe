"""The opening hours of each number, as rows inside the row of the number: one screen, saved together."""

from django import forms
from django.forms.models import BaseInlineFormSet, inlineformset_factory

from reporting.models import OpeningHours, Phone
from safety_site.newsroom.parts import PartForm


class OpeningHoursForm(forms.ModelForm):
    class Meta:
        model = OpeningHours
        fields = ["weekday", "opens_at", "closes_at", "is_sure"]
        widgets = {name: forms.TimeInput({"type": "time"}, format="%H:%M") for name in ("opens_at", "closes_at")}
        labels = {"weekday": "Day", "opens_at": "Opens", "closes_at": "Closes", "is_sure": "Sure"}
        help_texts = {"closes_at": "", "is_sure": ""}


class HoursOfPhone(BaseInlineFormSet):
    title = "Opening hours"

    def get_queryset(self):
        # The rows came with the numbers (PhoneInline); a query of its own would be one for each number.
        if not hasattr(self, "_queryset"):
            self._queryset = list(self.instance.hours.all()) if self.instance.pk else []
        return self._queryset


HoursFormSet = inlineformset_factory(Phone, OpeningHours, OpeningHoursForm, HoursOfPhone, extra=1)


class PhoneForm(PartForm):
    """A number; ``nested`` are its hours, given by PhoneFormSet."""

    nested: HoursOfPhone | None = None

    def has_changed(self) -> bool:
        # Hours without a number are a mistake to be told, not a row to be dropped.
        return super().has_changed() or bool(self.nested and self.nested.is_bound and self.nested.has_changed())


class PhoneFormSet(BaseInlineFormSet):
    """The numbers of a contact; their hours are checked and saved with them, or nothing is."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        prefix = f"{form.prefix}-hours"
        # A form that was sent without any hours, by a program say, leaves them as they are.
        data = form.data if form.is_bound and f"{prefix}-TOTAL_FORMS" in form.data else None
        form.nested = HoursFormSet(data, instance=form.instance, prefix=prefix)

    def is_valid(self) -> bool:
        # Ask both, so that each can say what is wrong.
        numbers = super().is_valid()
        hours = [form.nested.is_valid() for form in self.forms if self._counts(form)]
        return numbers and all(hours)

    def _counts(self, form) -> bool:
        is_taken_away = self.can_delete and self._should_delete_form(form)
        return form.nested.is_bound and not is_taken_away

    def save(self, commit=True):
        saved = super().save(commit)
        if commit:
            for form in self.forms:
                if self._counts(form) and form.instance.pk:
                    form.nested.save()
        return saved
