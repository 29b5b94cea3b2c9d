"""An article with its zones and spans, as REST returns it: three prepared statements, sent together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery

from annotations.formats.records import SpanRecord
from annotations.review.models import MAIN_LAYER, Review, Span, State
from annotations.review.models.span import SpanQuerySet
from corpusapp.articles.models import Article, Original, Role, Zone
from corpusapp.articles.permissions import allow_article, keep_role, own_role
from corpusapp.articles.queries import other_copies
from corpusapp.core.prepared import Prepared, read_together

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


class ZoneRow(NamedTuple):
    id: int
    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class ArticleRead:
    """An article with its zones. `review` has the article and its corpus, source, copy group and original."""

    review: Review
    zones: Sequence[ZoneRow]

    @property
    def article(self) -> Article:
        return self.review.article

    @property
    def original(self) -> Original | None:
        return getattr(self.article, "original", None)

    @property
    def next_version(self) -> int | None:
        return self.review.next_version

    @property
    def copies(self) -> int:
        """The number of other near copies."""
        return self.review.copies


@dataclass(frozen=True)
class ArticleRecord(ArticleRead):
    """An article as REST returns it."""

    spans: Sequence[SpanRecord]


def article_record(user: "User", pk: int, states: Sequence[str], *, layer: str = MAIN_LAYER) -> ArticleRecord:
    """The article with its zones, and the spans of a layer in these states, in reading order."""
    reviews, zones, spans = read_together(
        _HEAD.of(article=pk, user=user.pk, layer=layer),
        ZONES.of(article=pk),
        _spans_in(states).of(article=pk, layer=layer),
    )
    review, _ = _allowed(user, pk, reviews)
    return ArticleRecord(review, [ZoneRow._make(row) for row in zones], _records(spans, states))


def review_of(user: "User", pk: int, layer: str = MAIN_LAYER) -> tuple[Review, Role]:
    """The review of an article with its related rows, and the role of the user, who must be able to read it."""
    return _allowed(user, pk, _HEAD.all(article=pk, user=user.pk, layer=layer))


def _allowed(user: "User", pk: int, reviews: Sequence[Review]) -> tuple[Review, Role]:
    review = reviews[0] if reviews else None
    if review is not None:
        keep_role(user, review.corpus_id, review.own_role)
    role = allow_article(user, pk, review.article if review else None)
    assert review is not None
    return review, role


def span_rows(article: int, states: Sequence[str], layer: str = MAIN_LAYER) -> list[SpanRecord]:
    """The spans of a layer in these states, in reading order. The caller has checked who may see the article."""
    return _records(_spans_in(states).all(article=article, layer=layer), states)


def _spans_in(states: Sequence[str]) -> "Prepared[tuple[Any, ...]]":
    return _SPANS if State.REJECTED in states else _NOT_REJECTED


def _records(rows: Sequence[tuple[Any, ...]], states: Sequence[str]) -> list[SpanRecord]:
    return [
        SpanRecord(start, end, label, state, score, f"{name} {version}" if name is not None else None, pk, revision)
        for start, end, label, state, score, name, version, pk, revision in rows
        if state in states
    ]


def _head(article: int, user: int, layer: str) -> QuerySet[Review]:
    after = Article.objects.filter(previous=OuterRef("article"), withdrawn_at=None)
    related = ("article__corpus", "article__source", "article__copy_group", "article__original", "editor", "done_by")
    return (
        Review.objects.filter(article=article, layer=layer)
        .select_related(*related)
        .defer("article__search_vector", "article__corpus__guidelines", "article__original__data")
        .annotate(
            next_version=Subquery(after.values("pk")[:1]),  # type: ignore[no-redef]  # declared in the model
            copies=other_copies("article"),
            own_role=own_role(user),
        )
        .order_by()
    )


def _prepare_spans(spans_filter: Callable[[SpanQuerySet], SpanQuerySet]) -> "Prepared[tuple[Any, ...]]":
    columns = ("start", "end", "label__name", "state", "score", "pipeline__name", "pipeline__version", "id", "revision")

    def compose(article: int, layer: str) -> "QuerySet[Span, tuple[Any, ...]]":
        spans = Span.objects.filter(article=article, layer=layer)
        return spans_filter(spans).in_reading_order().values_list(*columns)

    return Prepared(compose, article=int, layer=str)


_HEAD = Prepared(_head, article=int, user=int, layer=str)
ZONES = Prepared(
    lambda article: Zone.objects.filter(article=article).values_list("id", "start", "end", "kind"), article=int
)
_SPANS, _NOT_REJECTED = _prepare_spans(lambda spans: spans), _prepare_spans(lambda spans: spans.not_rejected())
