"""The history of one span: who, when, before and after."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotations.review.colours import version
from annotations.review.models import Change, Label
from annotations.review.panel import shortened
from annotations.review.queries import history
from annotations.review.views.page import article_at
from corpusapp.articles.models import Role
from corpusapp.articles.permissions import may
from corpusapp.core.errors import NotFound


@dataclass(frozen=True)
class Side:
    """How a span stood before or after a change."""

    start: int
    end: int
    label: str
    label_id: int
    state: str
    revision: int
    quote: str


@login_required
@require_safe
def span_history(request: HttpRequest, slug: str, pk: int, span: int) -> HttpResponse:
    article = article_at(request, slug, pk)
    changes = history(article, span)
    standing = next((row for row in article.spans.for_reading().filter(pk=span)), None)
    if standing is None and not changes:
        raise NotFound(f"article {pk} has no span {span}: it may have been proposed no longer")
    steps = [(change, _side(change, "before", article.text), _side(change, "after", article.text))
             for change in changes]  # fmt: skip
    context = {
        "corpus": article.corpus,
        "article": article,
        "manages": may(request.user, article.corpus, Role.MANAGER),
        "span_id": span,
        "standing": standing,
        "standing_quote": shortened(article.text[standing.start : standing.end]) if standing else "",
        "steps": steps,
        "labels_version": version(Label.objects.filter(corpus=article.corpus)),
    }
    return render(request, "review/history.html", context)


def _side(change: Change, name: str, text: str) -> Side | None:
    start, end, label = (getattr(change, f"{name}_{column}") for column in ("start", "end", "label"))
    if start is None:
        return None
    state, revision = getattr(change, f"{name}_state"), getattr(change, f"{name}_revision")
    return Side(start, end, label.name, label.pk, state, revision, shortened(text[start:end]))
