"""The forms that set an article aside and take that back, and a person's list of what they set aside."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from annotations.review.actions.set_aside import set_aside as set_article_aside
from annotations.review.actions.set_aside import take_back as take_article_back
from annotations.review.models import SetAsideKind
from annotations.review.panel import shorten
from annotations.review.queries.set_aside import KINDS, list_set_aside
from annotations.review.views.decisions import article_form, redirect_to_article
from annotations.review.views.work import redirect_to_next_article
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Article


@article_form
def set_aside(request: UserRequest, article: Article) -> HttpResponse:
    """Flag the article, or skip or park it and go on to the next one, where an undo is offered."""
    row = set_article_aside(
        user=request.user,
        article=article,
        kind=request.POST.get("kind", ""),
        reason=request.POST.get("reason", "").replace("\r\n", "\n"),
    )
    if row.kind == SetAsideKind.FLAG:
        messages.success(request, "Flagged.")
        return redirect_to_article(request, article)
    return redirect_to_next_article(request, article.corpus, article.pk, set_aside=row.pk)


@article_form
def take_back(request: UserRequest, article: Article) -> HttpResponse:
    """Take back the user's flag, skip or park, or the park of the user `of`."""
    kind, of = request.POST.get("kind", ""), request.POST.get("of") or None
    take_article_back(user=request.user, article=article, kind=kind, of=of)
    messages.success(request, f"“{shorten(article.headline)}” is no longer {SetAsideKind(kind).label}.")
    if request.POST.get("from") == "list":
        return HttpResponseRedirect(reverse("set-aside-list"), status=303)
    return redirect_to_article(request, article)


@login_required
@require_safe
def set_aside_list(request: UserRequest) -> HttpResponse:
    """What the user flagged, skipped and parked in all corpora, newest first."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else ""
    context = {
        "page": list_set_aside(request.user, kind, cursor=request.GET.get("cursor", "")),
        "kind": kind,
        "kinds": list(KINDS),
        "paged": "cursor" in request.GET,
    }
    return render(request, "review/set_aside.html", context)
