"""The next article, the guidelines, and the page of a label."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from annotations.review.colours import colour_classes
from annotations.review.forms import FilterForm, chosen_filters, list_query
from annotations.review.models import Label
from annotations.review.queries.label_page import frequent_examples, get_label_by_name, newest_examples, state_counts
from annotations.review.queries.matches import context
from annotations.review.queries.work import next_to_review
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import get_corpus, may
from corpusapp.core.errors import Invalid


@login_required
@require_safe
def next_article(request: UserRequest, slug: str) -> HttpResponse:
    """Redirect to the article after `after`, in the order and among the filters of the address."""
    corpus = get_corpus(request.user, slug)
    after = request.GET.get("after", "")
    if after and not (after.isascii() and after.isdigit() and len(after) < 19):
        raise Invalid(f"{after[:40]!r} is not an article ID", field="after")
    return redirect_to_next_article(request, corpus, int(after) if after else None)


def redirect_to_next_article(
    request: UserRequest,
    corpus: Corpus,
    after: int | None,
    *,
    finished: int | None = None,
    set_aside: int | None = None,
) -> HttpResponse:
    """Redirect to the next article, or to the list if there is none.

    The decision `finished`, or the skip or park with the id `set_aside`, is announced there with an undo.
    """
    given, _ = chosen_filters(request.user, corpus, request.GET)
    order = given.pop("order", "") or "best"
    filters = FilterForm(given).article_filter(request.user)
    article = next_to_review(request.user, corpus, after=after, order=order, filters=filters)
    parameters: dict[str, str] = {}
    if article is None:
        messages.success(request, "No other articles: all are done, parked, or open in another session.")
        address = reverse("article-list", args=[corpus.slug])
    else:
        parameters = list_query(request.GET)
        address = reverse("article", args=[corpus.slug, article])
    if finished:
        parameters["finished"] = str(finished)
    if set_aside:
        parameters["set_aside"] = str(set_aside)
    return redirect(f"{address}?{urlencode(parameters)}" if parameters else address)


@dataclass(frozen=True)
class Example:
    """A confirmed span in context."""

    article: int
    span: int
    left: str
    text: str
    right: str


@login_required
@require_safe
def guidelines(request: UserRequest, slug: str) -> HttpResponse:
    """The guidelines of a corpus, and its labels with definitions and confirmed examples."""
    corpus = get_corpus(request.user, slug)
    labels = list(Label.objects.filter(corpus=corpus))
    page = {
        "corpus": corpus,
        "manages": may(request.user, corpus, Role.MANAGER),
        "colours": colour_classes(labels),
        "rows": [(label, _examples(label)) for label in labels if not label.hidden],
    }
    return render(request, "review/guidelines.html", page)


def _examples(label: Label) -> Sequence[Example]:
    shown = []
    for span in newest_examples(label):
        left, right = context(span.article.text, span.start, span.end)
        shown.append(Example(span.article_id, span.pk, left, span.article.text[span.start : span.end], right))
    return shown


@login_required
@require_safe
def label(request: UserRequest, slug: str, name: str) -> HttpResponse:
    corpus = get_corpus(request.user, slug)
    shown = get_label_by_name(corpus, name)
    labels = list(Label.objects.filter(corpus=corpus))
    context = {
        "corpus": corpus,
        "manages": may(request.user, corpus, Role.MANAGER),
        "labels": labels,
        "colours": colour_classes(labels),
        "label": shown,
        "counts": state_counts(shown),
        "examples": frequent_examples(shown),
    }
    return render(request, "review/label.html", context)
