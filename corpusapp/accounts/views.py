"""Sign-in, sign-out and one's own password, by Django's own views."""

from django.contrib.auth import views
from django.urls import reverse_lazy

from corpusapp.accounts.forms import SignInForm

sign_in = views.LoginView.as_view(
    template_name="accounts/sign_in.html", authentication_form=SignInForm, redirect_authenticated_user=True
)
sign_out = views.LogoutView.as_view()
change_password = views.PasswordChangeView.as_view(
    template_name="accounts/password.html", success_url=reverse_lazy("password-changed")
)
password_changed = views.PasswordChangeDoneView.as_view(template_name="accounts/password_changed.html")
