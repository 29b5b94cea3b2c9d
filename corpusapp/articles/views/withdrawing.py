"""Withdraw a corpus, and restore it from the list of corpora."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from corpusapp.articles.actions.withdraw_corpus import restore_corpus, withdraw_corpus
from corpusapp.articles.permissions import find_corpus


@login_required
@require_POST
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Hide the corpus; its managers find it below the others."""
    corpus = find_corpus(request.user, slug)
    withdraw_corpus(user=request.user, corpus=corpus)
    messages.success(request, f"{corpus.name} is withdrawn: nobody sees it until a manager restores it.")
    return HttpResponseRedirect(reverse("home"), status=303)


@login_required
@require_POST
def restore(request: HttpRequest, slug: str) -> HttpResponse:
    """Show it again."""
    corpus = find_corpus(request.user, slug)
    restore_corpus(user=request.user, corpus=corpus)
    messages.success(request, f"{corpus.name} is shown again, as it was.")
    return HttpResponseRedirect(reverse("corpus", args=[slug]), status=303)
