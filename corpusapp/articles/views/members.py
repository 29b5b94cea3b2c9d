"""The members of a corpus, links that invite people to it, and the page that such a link opens."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from corpusapp.accounts.requests import UserRequest, address_of
from corpusapp.articles.actions import invitations
from corpusapp.articles.actions.corpora import remove_member, set_member
from corpusapp.articles.forms import InvitationForm, MemberForm, NewAccountForm
from corpusapp.articles.models import Corpus, Invitation, Role
from corpusapp.articles.permissions import get_corpus, may
from corpusapp.articles.queries import account_named, get_invitation, get_membership, invitations_to, members_of
from corpusapp.core.errors import Refusal, TooOften
from corpusapp.core.middleware import status_of


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def members(request: UserRequest, slug: str) -> HttpResponse:
    """List members and invitations. POST adds a member by username."""
    corpus = get_corpus(request.user, slug, Role.MANAGER)
    form = MemberForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        role = Role(form.cleaned_data["role"])
        try:
            account = account_named(form.cleaned_data["username"])
            set_member(user=request.user, corpus=corpus, member=account, role=role)
        except Refusal as refusal:
            form.add_error(None, capfirst(refusal.detail))
            return _members_page(request, corpus, status_of(refusal), member_form=form)
        messages.success(request, f"{account} is {role} of {corpus.name} now.")
        return _after_change(request, corpus)
    return _members_page(request, corpus, 400 if form.is_bound else 200, member_form=form)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: UserRequest, slug: str) -> HttpResponse:
    """Create an invitation. Only the response to the form shows its link."""
    corpus = get_corpus(request.user, slug, Role.MANAGER)
    if request.method != "POST":
        return redirect("corpus-members", slug)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _members_page(request, corpus, 400, invitation_form=form)
    try:
        invitation, token = invitations.invite(user=request.user, corpus=corpus, **form.cleaned_data)
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, capfirst(refusal.detail))
        return _members_page(request, corpus, status_of(refusal), invitation_form=form)
    link = request.build_absolute_uri(reverse("invitation", args=[token]))
    return _members_page(request, corpus, 201, created=invitation, link=link)


def _members_page(request: UserRequest, corpus: Corpus, status: int, **given: Any) -> HttpResponse:
    context = {
        "corpus": corpus,
        "manages": True,
        "members": members_of(corpus),
        "invitations": invitations_to(corpus),
        "roles": Role.choices,
        "member_form": MemberForm(),
        "invitation_form": InvitationForm(),
        **given,
    }
    return render(request, "articles/members.html", context, status=status)


@login_required
@require_POST
def change(request: UserRequest, slug: str, username: str) -> HttpResponse:
    """Change the role of a member."""
    corpus = get_corpus(request.user, slug, Role.MANAGER)
    form = MemberForm({"username": username, "role": request.POST.get("role", "")})
    if not form.is_valid():
        return _members_page(request, corpus, 400, member_form=form)
    member, role = get_membership(corpus, username).user, Role(form.cleaned_data["role"])
    return _changed(
        request,
        corpus,
        lambda: set_member(user=request.user, corpus=corpus, member=member, role=role),
        f"{member} is {role} of {corpus.name} now.",
    )


@login_required
@require_POST
def remove(request: UserRequest, slug: str, username: str) -> HttpResponse:
    """Remove a member."""
    corpus = get_corpus(request.user, slug, Role.MANAGER)
    membership = get_membership(corpus, username)
    return _changed(
        request,
        corpus,
        lambda: remove_member(user=request.user, membership=membership),
        f"{membership.user} is no member of {corpus.name} any more. Decisions and comments stay.",
    )


@login_required
@require_POST
def revoke(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """Revoke an invitation."""
    corpus = get_corpus(request.user, slug, Role.MANAGER)
    invitation = get_invitation(corpus, pk)
    return _changed(
        request,
        corpus,
        lambda: invitations.revoke_invitation(user=request.user, invitation=invitation),
        "Invitation revoked: nobody can use its link.",
    )


def _changed(request: UserRequest, corpus: Corpus, act: Callable[[], Any], done: str) -> HttpResponse:
    """Carry out a change from a row of the page; a refusal is shown on the page."""
    try:
        act()
    except Refusal as refusal:
        return _members_page(request, corpus, status_of(refusal), refusal=refusal)
    messages.success(request, done)
    return _after_change(request, corpus)


def _after_change(request: UserRequest, corpus: Corpus) -> HttpResponse:
    """Redirect to the members, or to a page that users may still see who changed their own role."""
    if may(request.user, corpus, Role.MANAGER):
        return redirect("corpus-members", corpus.slug)
    return redirect("corpus", corpus.slug) if may(request.user, corpus, Role.READER) else redirect("home")


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: UserRequest, token: str) -> HttpResponse:
    """The page of an invitation's link: join with the account that is signed in, or with a new one."""
    try:
        response = _invitation_page(request, token)
    except Refusal as refusal:
        response = render(request, "articles/invitation.html", {"refusal": refusal}, status=status_of(refusal))
        if isinstance(refusal, TooOften):
            response["Retry-After"] = str(refusal.seconds)
    # The address is the secret.
    response["Referrer-Policy"] = "strict-origin"
    return response


def _invitation_page(request: UserRequest, token: str) -> HttpResponse:
    found = invitations.find_invitation(token=token, address=address_of(request))
    if not request.user.is_authenticated:
        return _for_new_account(request, found, token)
    if found.state == Invitation.State.USED and found.used_by_id == request.user.pk:
        return redirect("corpus", found.corpus.slug)
    invitations.require_open(found)
    if request.method == "POST":
        invitations.accept_invitation(user=request.user, invitation=found)
        return _welcome(request, found)
    present = invitations.role_in(request.user, found.corpus)
    context = {"invitation": found, "present": present, "enough": present and present.includes(Role(found.role))}
    return render(request, "articles/invitation.html", context)


def _for_new_account(request: UserRequest, found: Invitation, token: str) -> HttpResponse:
    invitations.require_open(found)
    form = NewAccountForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound and form.is_valid():
        try:
            membership = invitations.accept_with_new_account(
                invitation=found, token=token, address=address_of(request), **form.account()
            )
        except Refusal as refusal:
            if refusal.field not in form.fields:
                raise
            form.add_error(refusal.field, capfirst(refusal.detail))
            status = status_of(refusal)
        else:
            login(request, membership.user, backend="django.contrib.auth.backends.ModelBackend")
            return _welcome(request, found)
    elif form.is_bound:
        status = 400
    context = {"invitation": found, "form": form, "next": reverse("invitation", args=[token])}
    return render(request, "articles/invitation.html", context, status=status)


def _welcome(request: UserRequest, found: Invitation) -> HttpResponse:
    messages.success(request, f"You are {found.role} of {found.corpus.name} now.")
    return redirect("corpus", found.corpus.slug)
