"""On to the next article; what the labels mean, with confirmed examples."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from annotations.review.colours import version
from annotations.review.models import Label
from annotations.review.queries.label_page import examples, examples_of, label_of, state_counts
from annotations.review.queries.matches import context
from annotations.review.queries.work import next_to_review
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import get_corpus, may
from corpusapp.core.errors import Invalid


@login_required
@require_safe
def next_article(request: UserRequest, slug: str) -> HttpResponse:
    """To the article that is next after `after` in the order and the search that the address names."""
    corpus = get_corpus(request.user, slug)
    after = request.GET.get("after", "")
    if after and not (after.isascii() and after.isdigit() and len(after) < 19):
        raise Invalid(f"{after[:40]!r} is not an article ID", field="after")
    return to_next(request, corpus, int(after) if after else None)


def to_next(request: UserRequest, corpus: Corpus, after: int | None, *, finished: int | None = None) -> HttpResponse:
    """303 to the next article; with none left, to the list, which says so. Where it leads, the decision `finished` is
    announced and can be undone.
    """
    order, query = request.GET.get("order", "") or "list", request.GET.get("q", "")
    found = next_to_review(request.user, corpus, after=after, order=order, query=query)
    if found is None:
        messages.success(request, "No other articles: all are done, or open in another session.")
        kept, address = {}, reverse("article-list", args=[corpus.slug])
    else:
        kept = {name: request.GET[name] for name in ("order", "q") if request.GET.get(name)}
        address = reverse("article", args=[corpus.slug, found])
    kept |= {"finished": finished} if finished else {}
    return redirect(f"{address}?{urlencode(kept)}" if kept else address)


@dataclass(frozen=True)
class Example:
    """A confirmed span in its line."""

    article: int
    span: int
    left: str
    text: str
    right: str


@login_required
@require_safe
def guidelines(request: UserRequest, slug: str) -> HttpResponse:
    """The corpus's guidelines and its labels: what each means, with examples that editors confirmed."""
    corpus = get_corpus(request.user, slug)
    labels = list(Label.objects.filter(corpus=corpus))
    page = {
        "corpus": corpus,
        "manages": may(request.user, corpus, Role.MANAGER),
        "labels_version": version(labels),
        "rows": [(label, _examples(label)) for label in labels],
    }
    return render(request, "review/guidelines.html", page)


def _examples(label: Label) -> Sequence[Example]:
    found = []
    for span in examples_of(label):
        left, right = context(span.article.text, span.start, span.end)
        found.append(Example(span.article_id, span.pk, left, span.article.text[span.start : span.end], right))
    return found


@login_required
@require_safe
def label(request: UserRequest, slug: str, name: str) -> HttpResponse:
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
