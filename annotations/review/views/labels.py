"""A label: what it means, and what was confirmed as such."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotations.review.colours import version
from annotations.review.models import Label
from annotations.review.queries.label_page import examples, label_of, state_counts
from corpusapp.articles.models import Role
from corpusapp.articles.permissions import get_corpus, may


@login_required
@require_safe
def label(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    corpus = get_corpus(request.user, slug)
    found = label_of(corpus, name)
    labels = list(Label.objects.filter(corpus=corpus))
    context = {
        "corpus": corpus,
        "manages": may(request.user, corpus, Role.MANAGER),
        "labels": labels,
        "labels_version": version(labels),
        "label": found,
        "counts": state_counts(found),
        "examples": examples(found),
    }
    return render(request, "review/label.html", context)
