"""One article with all that its page shows beside who said and decided what: in four statements, composed once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import QuerySet

from annotations.review.models import MAIN_LAYER, Label, Span, State
from annotations.review.queries.record import ArticleRead, review_of, zone_rows
from corpusapp.articles.models import Role
from corpusapp.core.prepared import Prepared

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


class ShownSpan(NamedTuple):
    """A span as the page draws it, of which there may be thousands: its columns under their names, and its label."""

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
    """All that its page shows of an article."""

    role: Role
    labels: Sequence[Label]
    spans: Sequence[ShownSpan]

    def pipeline_of(self, span: ShownSpan) -> Any:
        """The pipeline that a span names, which is read for the one in hand alone."""
        related = Span._meta.get_field("pipeline").related_model
        return related._default_manager.filter(pk=span.pipeline_id).first() if span.pipeline_id else None


def article_on_page(user: "User", pk: int, *, rejected: bool = False) -> ArticleOnPage:
    """The article for one who may read it, its spans in reading order; rejected ones only where asked for."""
    review, role = review_of(user, pk)
    labels = _LABELS.all(corpus=review.corpus_id)
    by_id = {label.pk: label for label in labels}
    return ArticleOnPage(
        review=review,
        role=role,
        labels=labels,
        zones=zone_rows(pk),
        spans=[ShownSpan(*row, by_id[row[3]]) for row in (_SPANS if rejected else _STANDING).all(article=pk)],
    )


def _spans(narrowed: Callable[[Any], Any]) -> "Prepared[tuple[Any, ...]]":
    columns = ("pk", "start", "end", "label_id", "state", "score", "pipeline_id", "revision")

    def compose(article: int) -> QuerySet[Span]:
        spans = Span.objects.filter(article=article, layer=MAIN_LAYER)
        return narrowed(spans).in_reading_order().values_list(*columns)

    return Prepared(compose, article=int)


_LABELS = Prepared(lambda corpus: Label.objects.filter(corpus=corpus), corpus=int)
_SPANS, _STANDING = _spans(lambda spans: spans), _spans(lambda spans: spans.standing())
