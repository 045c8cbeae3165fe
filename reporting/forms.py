"""The one form of the directory that readers fill in."""

from django import forms
from django.core.exceptions import ValidationError

from reporting.postcodes import LONGEST_TEXT, Outcome, Result, find


def printable(text: str) -> str:
    """What was typed, fit to stand in the box again: without line breaks and control characters, not too long."""
    return "".join(character if character.isprintable() else " " for character in text)[: LONGEST_TEXT + 1]


class FindForm(forms.Form):
    """A postcode, exchanged for a ``result``. The form keeps nothing."""

    postcode = forms.CharField(error_messages={"required": "Enter a postcode."})
    result: Result | None = None

    PROBLEMS = {
        Outcome.NOT_A_POSTCODE: "This is not a postcode that we can read. Check it and enter it again.",
        Outcome.NOT_FOUND: "We could not find this postcode. Check it and enter it again.",
    }

    @classmethod
    def typed(cls, text: str) -> "FindForm":
        return cls({"postcode": printable(text)})

    def clean_postcode(self) -> str:
        self.result = find(self.cleaned_data["postcode"])
        if self.result.outcome in self.PROBLEMS:
            raise ValidationError(self.PROBLEMS[self.result.outcome])
        return ""
