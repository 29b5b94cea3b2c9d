"""Sign-in and sign-out, and the user's own password, tokens, shortcuts and notices."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash, views
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from corpusapp.accounts.actions import passwords
from corpusapp.accounts.actions.notices import BY_EMAIL, choose_email, mark_read
from corpusapp.accounts.actions.preferences import choose_keys, choose_view
from corpusapp.accounts.actions.tokens import create_token, revoke_token
from corpusapp.accounts.forms import PasswordForm, SignInForm, TokenForm
from corpusapp.accounts.keys import COMMANDS, FIXED, displaced, keys_of
from corpusapp.accounts.models import Token
from corpusapp.accounts.queries import count_unread, get_notice, list_notices
from corpusapp.accounts.reading_view import SIZES, WIDTHS, view_of
from corpusapp.accounts.requests import UserRequest, address_of
from corpusapp.core.api.client import install_command
from corpusapp.core.errors import Invalid, TooOften
from corpusapp.core.upkeep import parse_id


class SignIn(views.LoginView):
    """Django's sign-in, which answers 429 after too many wrong passwords."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_invalid(form)
        if isinstance(form, SignInForm) and form.wait:
            response.status_code, response["Retry-After"] = 429, str(form.wait)
        return response


sign_in = SignIn.as_view()
sign_out = views.LogoutView.as_view()
password_changed = views.PasswordChangeDoneView.as_view(template_name="accounts/password_changed.html")


@never_cache
@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: UserRequest) -> HttpResponse:
    """Change the password. This browser stays signed in; other sessions end."""
    form, wait = PasswordForm(request.POST if request.method == "POST" else None), 0
    if form.is_bound and form.is_valid():
        values = {name: form.cleaned_data[field] for name, field in form.named.items()}
        try:
            passwords.change_password(user=request.user, address=address_of(request), **values)
            update_session_auth_hash(request, request.user)
            return redirect("password-changed")
        except Invalid as refusal:
            form.add_error(form.named[refusal.field], refusal.detail)
        except TooOften as refusal:
            form.add_error(None, capfirst(refusal.detail))
            wait = refusal.seconds
    response = render(request, "accounts/password.html", {"form": form}, status=400 if form.errors else 200)
    if wait:
        response.status_code, response["Retry-After"] = 429, str(wait)
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: UserRequest) -> HttpResponse:
    """Show and change the shortcuts of the workbench. Refused choices are shown again."""
    chosen = keys_of(request.user.preferences.get("keys", {}))
    refusal = None
    if request.method == "POST":
        chosen = {command.name: request.POST.get(command.name, "") for command in COMMANDS}
        try:
            choose_keys(user=request.user, chosen={} if "reset" in request.POST else chosen)
            messages.success(request, "Shortcuts saved.")
            return redirect("keys")
        except Invalid as error:
            refusal = error
    owners = displaced(chosen) if not refusal else {}
    rows = [(command, chosen[command.name], owners.get(command.name)) for command in COMMANDS]
    page = {"rows": rows, "fixed": FIXED, "refusal": refusal, **_view_choices(request)}
    return render(request, "accounts/keys.html", page, status=400 if refusal else 200)


def _view_choices(request: UserRequest) -> dict[str, object]:
    return {"view": view_of(request.user.preferences.get("view", {})), "sizes": SIZES, "widths": WIDTHS}


@login_required
@require_POST
def reading_view(request: UserRequest) -> HttpResponse:
    """Change how the user sees articles. Scripts send one value and ask for no page."""
    values = {name: str(value) for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}
    quietly = request.headers.get("Accept") == "application/json"
    try:
        choose_view(user=request.user, values=values)
    except Invalid as refusal:
        if quietly:
            return JsonResponse({"detail": refusal.detail}, status=400)
        messages.error(request, f"{capfirst(refusal.detail)}.")
        return redirect("keys")
    if quietly:
        return HttpResponse(status=204)
    messages.success(request, "Reading view saved.")
    return redirect("keys")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: UserRequest) -> HttpResponse:
    """List the user's tokens, and create one. Only the response to the form shows the key."""
    form, created, key = TokenForm(request.user, request.POST if request.method == "POST" else None), None, ""
    if form.is_bound and form.is_valid():
        created, key = create_token(user=request.user, **form.cleaned_data)
        form = TokenForm(request.user)
    return _account_page(request, 400 if form.errors else 200, form=form, created=created, key=key)


def _account_page(request: UserRequest, status: int, **given: Any) -> HttpResponse:
    page = {
        "form": TokenForm(request.user),
        "tokens": Token.objects.filter(user=request.user, revoked_at=None).select_related("corpus"),
        "now": timezone.now(),
        "sends_mail": bool(settings.EMAIL_HOST),
        "email": request.user.email,
        "by_email": request.user.preferences.get(BY_EMAIL, False),
        "install_client": install_command(request),
        **given,
    }
    return render(request, "accounts/account.html", page, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def email(request: UserRequest) -> HttpResponse:
    """Change the e-mail address, and whether notices are sent there."""
    if request.method != "POST":
        return redirect("account")
    address, each_notice = request.POST.get("email", ""), "each_notice" in request.POST
    try:
        choose_email(user=request.user, email=address, each_notice=each_notice)
    except Invalid as refusal:
        return _account_page(request, 400, refusal=refusal, email=address, by_email=each_notice)
    messages.success(request, "Saved. Each notice is also sent by e-mail." if each_notice else "Saved.")
    return redirect("account")


@login_required
@require_safe
def notices(request: UserRequest) -> HttpResponse:
    """List the user's notices: all, or those that are unread."""
    unread = request.GET.get("state") == "unread"
    found = list_notices(request.user, unread=unread, cursor=request.GET.get("cursor", ""))
    page = {
        "page": found,
        "only_unread": unread,
        "unread_notices": count_unread(request.user),
        "paged": "cursor" in request.GET,
    }
    return render(request, "accounts/notices.html", page)


@login_required
@require_POST
def notice_open(request: UserRequest, pk: int) -> HttpResponse:
    """Mark a notice as read, and go to the page that it is about."""
    notice = get_notice(request.user, pk)
    mark_read(user=request.user, notices=[pk])
    return HttpResponseRedirect(notice.address, status=303)


@login_required
@require_POST
def notices_read(request: UserRequest) -> HttpResponse:
    """Mark a notice as read, or all of them."""
    named = request.POST.get("notice", "")
    mark_read(user=request.user, notices=[get_notice(request.user, parse_id(named)).pk] if named else None)
    return redirect("notices")


@login_required
@require_POST
def revoke(request: UserRequest, pk: int) -> HttpResponse:
    """Revoke one of the user's tokens."""
    token = get_object_or_404(Token, pk=pk, user=request.user)
    revoke_token(user=request.user, token=token)
    messages.success(request, f"Token {token.name or token.prefix} revoked.")
    return redirect("account")
