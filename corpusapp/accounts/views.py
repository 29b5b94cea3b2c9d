"""Sign-in, sign-out and one's own password, by Django's own views; one's own keys."""

from django.contrib import messages
from django.contrib.auth import views
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods

from corpusapp.accounts.actions.preferences import choose_keys
from corpusapp.accounts.forms import SignInForm
from corpusapp.accounts.keys import COMMANDS, FIXED, keys_of
from corpusapp.refusals import Invalid

sign_in = views.LoginView.as_view(
    template_name="accounts/sign_in.html", authentication_form=SignInForm, redirect_authenticated_user=True
)
sign_out = views.LogoutView.as_view()
change_password = views.PasswordChangeView.as_view(
    template_name="accounts/password.html", success_url=reverse_lazy("password-changed")
)
password_changed = views.PasswordChangeDoneView.as_view(template_name="accounts/password_changed.html")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    """The keys of the workbench, each to be chosen; a refused choice is shown again."""
    chosen = keys_of(request.user.preferences.get("keys", {}))
    refusal = None
    if request.method == "POST":
        chosen = {command.name: request.POST.get(command.name, "") for command in COMMANDS}
        try:
            choose_keys(user=request.user, chosen={} if "reset" in request.POST else chosen)
            messages.success(request, "Your keys are stored.")
            return redirect("keys")
        except Invalid as found:
            refusal = found
    rows = [(command, chosen[command.name]) for command in COMMANDS]
    page = {"rows": rows, "fixed": FIXED, "refusal": refusal}
    return render(request, "accounts/keys.html", page, status=400 if refusal else 200)
