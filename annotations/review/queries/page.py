"""An article with its labels, zones and spans, as its page shows it: four prepared statements."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.apps import apps
from django.db.models import QuerySet

from annotations.review.models import MAIN_LAYER, Label, Span, State
from annotations.review.models.span import SpanQuerySet
from annotations.review.queries.record import ArticleRead, review_of, zone_rows
from corpusapp.articles.models import Role
from corpusapp.core.prepared import Prepared

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


class ShownSpan(NamedTuple):
    """A span as the page shows it. A tuple, since a page may show thousands."""

    pk: int
    start: int
    end: int
    label_id: int
    state: str
    score: float | None
    pipeline_id: int | None
    revision: int
    label: Label

    def get_state_display(self) -> str:
        return str(State(self.state).label)


@dataclass(frozen=True)
class ArticleOnPage(ArticleRead):
    """An article with what its page shows."""

    role: Role
    labels: Sequence[Label]
    spans: Sequence[ShownSpan]

    def pipeline_of(self, span: ShownSpan) -> Any:
        """The pipeline of a span, read only for the selected one."""
        pipelines = apps.get_model("suggestions.Pipeline")._default_manager
        return pipelines.filter(pk=span.pipeline_id).first() if span.pipeline_id else None


def article_on_page(user: "User", pk: int, *, rejected: bool = False) -> ArticleOnPage:
    """The article, its spans in reading order. Refuses a user who may not read it (`NotFound`)."""
    review, role = review_of(user, pk)
    labels = _LABELS.all(corpus=review.corpus_id)
    by_id = {label.pk: label for label in labels}
    return ArticleOnPage(
        review=review,
        role=role,
        labels=labels,
        zones=zone_rows(pk),
        spans=[
            ShownSpan._make((*row, by_id[row[3]])) for row in (_SPANS if rejected else _NOT_REJECTED).all(article=pk)
        ],
    )


def _prepare_spans(spans_filter: Callable[[SpanQuerySet], SpanQuerySet]) -> "Prepared[tuple[Any, ...]]":
    columns = ("pk", "start", "end", "label_id", "state", "score", "pipeline_id", "revision")

    def compose(article: int) -> "QuerySet[Span, tuple[Any, ...]]":
        spans = Span.objects.filter(article=article, layer=MAIN_LAYER)
        return spans_filter(spans).in_reading_order().values_list(*columns)

    return Prepared(compose, article=int)


_LABELS = Prepared(lambda corpus: Label.objects.filter(corpus=corpus), corpus=int)
_SPANS, _NOT_REJECTED = _prepare_spans(lambda spans: spans), _prepare_spans(lambda spans: spans.not_rejected())
