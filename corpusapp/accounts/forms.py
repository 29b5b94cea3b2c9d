"""Sign-in, in this site's words."""

from django.contrib.auth.forms import AuthenticationForm


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "This name and password do not go together. Both are case-sensitive: try again.",
        "inactive": "This account is closed: ask a manager.",
    }
