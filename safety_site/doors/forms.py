"""What editors type at the doors."""

from django import forms

CODE = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}


class CodeForm(forms.Form):
    """A code of the phone, or a recovery code."""

    code = forms.CharField(
        label="Code",
        max_length=40,
        help_text="The six digits that your app shows now, or one of your recovery codes.",
        widget=forms.TextInput(attrs={**CODE, "autofocus": True}),
        error_messages={"required": "Type the code."},
    )


class FirstCodeForm(CodeForm):
    """The first code of a phone that is being set up."""

    code = forms.CharField(
        label="Code that the app shows",
        max_length=40,
        help_text="Six digits. They change every half minute.",
        widget=forms.TextInput(attrs={**CODE, "inputmode": "numeric"}),
        error_messages={"required": "Type the six digits that the app shows."},
    )


class ConfirmForm(forms.Form):
    """The password once more, and a code for whoever has a second factor."""

    confirm_password = forms.CharField(
        label="Your password",
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
        error_messages={"required": "Type your password."},
    )
    confirm_code = forms.CharField(
        label="Code",
        max_length=40,
        help_text="The six digits that your app shows now, or one of your recovery codes.",
        widget=forms.TextInput(attrs=CODE),
        error_messages={"required": "Type the code."},
    )

    def __init__(self, *args, has_factor: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if not has_factor:
            del self.fields["confirm_code"]
