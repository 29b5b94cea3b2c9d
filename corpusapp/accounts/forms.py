"""The forms to sign in, to create a token and to change the password."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm

from corpusapp.accounts.actions import signing_in
from corpusapp.accounts.actions.tokens import LONGEST_DAYS
from corpusapp.accounts.models import Token, User
from corpusapp.accounts.ports import visible_corpora
from corpusapp.accounts.requests import address_of


class SignInForm(AuthenticationForm):
    """Rejects every password after too many wrong ones; `wait` is then the seconds until the next attempt."""

    error_messages = {
        "invalid_login": "Wrong username or password. Both are case-sensitive.",
        "inactive": "This account is inactive. Ask a manager.",
    }
    wait = 0

    def clean(self) -> dict[str, Any]:
        address = address_of(self.request) if self.request else ""
        who = {"username": self.cleaned_data.get("username") or "", "address": address}
        self.wait = signing_in.seconds_to_wait(**who)
        if self.wait:
            minutes = -(-self.wait // 60)
            raise forms.ValidationError(f"Too many wrong passwords. Try again in {minutes} minutes.")
        try:
            cleaned = super().clean()
        except forms.ValidationError:
            signing_in.note_wrong_password(**who)
            raise
        signing_in.note_right_password(**who)
        return cleaned


class TokenForm(forms.Form):
    """Name, scope, corpus and lifetime of a new token."""

    name = forms.CharField(max_length=100, required=False, strip=False)
    scope = forms.ChoiceField(choices=Token.Scope.choices, initial=Token.Scope.READ)

    days = forms.IntegerField(min_value=1, max_value=LONGEST_DAYS, required=False, initial=90)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["corpus"] = forms.ModelChoiceField(
            visible_corpora(user), required=False, to_field_name="slug", empty_label="All"
        )
        self.order_fields(["name", "scope", "corpus", "days"])


class PasswordForm(forms.Form):
    """The current password, and the new one twice, since a typing error would lock the user out."""

    old_password = forms.CharField(label="Current password", strip=False)
    new_password1 = forms.CharField(label="New password", strip=False)
    new_password2 = forms.CharField(label="Repeat new password", strip=False)
    # The parameters of `change_password`, and the fields with their values.
    named = {"current": "old_password", "new": "new_password1"}

    def clean(self) -> None:
        super().clean()
        if not self.errors and self.cleaned_data["new_password1"] != self.cleaned_data["new_password2"]:
            self.add_error("new_password2", "The two passwords differ.")
