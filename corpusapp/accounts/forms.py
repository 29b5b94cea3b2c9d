"""Sign-in, in this site's words; the forms that make a token and change a password."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm

from corpusapp.accounts.actions import signing_in
from corpusapp.accounts.actions.tokens import LONGEST_DAYS
from corpusapp.accounts.addresses import address_of
from corpusapp.accounts.models import Token, User
from corpusapp.accounts.ports import visible_corpora


class SignInForm(AuthenticationForm):
    """Refuses to compare passwords where too many were wrong; `wait` is then in seconds."""

    error_messages = {
        "invalid_login": "Wrong username or password. Both are case-sensitive.",
        "inactive": "This account is inactive. Ask a manager.",
    }
    wait = 0

    def clean(self) -> dict[str, Any]:
        who = {"username": self.cleaned_data.get("username") or "", "address": address_of(self.request)}
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
    """What a new token is for, what it may do, where, and for how long."""

    name = forms.CharField(max_length=100, required=False, strip=False)
    scope = forms.ChoiceField(choices=Token.Scope.choices, initial=Token.Scope.READ)
    corpus = forms.ModelChoiceField(None, required=False, to_field_name="slug", empty_label="All")
    days = forms.IntegerField(min_value=1, max_value=LONGEST_DAYS, required=False, initial=90)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["corpus"].queryset = visible_corpora(user)


class PasswordForm(forms.Form):
    """The present password, and another one twice: a slip of the hand would shut one out."""

    old_password = forms.CharField(label="Current password", strip=False)
    new_password1 = forms.CharField(label="New password", strip=False)
    new_password2 = forms.CharField(label="Repeat new password", strip=False)
    # What the action calls them.
    named = {"current": "old_password", "new": "new_password1"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and cleaned["new_password1"] != cleaned["new_password2"]:
            self.add_error("new_password2", "The two passwords differ.")
        return cleaned
