"""An article with its zones and spans, as REST returns it: four prepared statements, sent together."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery, Value

from annotations.formats.records import EntityRecord, SpanRecord
from annotations.review import ports
from annotations.review.models import MAIN_LAYER, Review, Span, State
from annotations.review.models.span import SpanQuerySet
from corpusapp.articles.models import Article, Original, Role, Zone
from corpusapp.articles.permissions import allow_article, keep_role, own_role
from corpusapp.articles.queries import other_copies
from corpusapp.core.prepared import Prepared, read_together

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


NO_LINKS: Mapping[int, EntityRecord] = MappingProxyType({})


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
    reader = ports.link_reader()
    reviews, zones, spans, links = read_together(
        _HEAD.of(article=pk, user=user.pk, layer=layer),
        ZONES.of(article=pk),
        _spans_in(states).of(article=pk, layer=layer),
        reader.read([pk]),
    )
    review, _ = _allowed(user, pk, reviews)
    entities = reader.records(links) if review.article.corpus.entities_enabled else NO_LINKS
    return ArticleRecord(review, [ZoneRow._make(row) for row in zones], _records(spans, states, entities))


@dataclass(frozen=True)
class ArticleContent:
    """What a list does not show of an article unless it is asked for; what was not asked for is empty."""

    text: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    zones: Sequence[ZoneRow] = ()
    spans: Sequence[SpanRecord] = ()


CONTENT = ("text", "spans", "zones", "metadata")


def contents_of(
    articles: Sequence[Article], wanted: Collection[str], states: Sequence[str], layer: str = MAIN_LAYER
) -> dict[int, ArticleContent]:
    """The `wanted` ones of CONTENT of these articles, by id, in up to four statements that are sent together.

    With spans, in these states and in reading order, comes the text, which has their words. The articles have their
    corpora, and the caller has checked who may see them.
    """
    ids, reader = [article.pk for article in articles], ports.link_reader()
    with_entities = [article.pk for article in articles if article.corpus.entities_enabled]
    reads = {}
    if {"text", "spans"} & set(wanted):
        reads["text"] = _TEXTS.of(ids=ids)
    elif "metadata" in wanted:
        reads["text"] = _METADATA.of(ids=ids)
    if "zones" in wanted:
        reads["zones"] = _ZONES_OF.of(ids=ids)
    if "spans" in wanted:
        reads["spans"] = (_SPANS_OF if State.REJECTED in states else _NOT_REJECTED_OF).of(ids=ids, layer=layer)
    if "spans" in wanted and with_entities:
        reads["links"] = reader.read(with_entities)
    rows = dict(zip(reads, read_together(*reads.values()), strict=True))
    texts = {pk: (text, metadata) for pk, text, metadata in rows.get("text", ())}
    zones = _grouped(rows.get("zones", ()))
    spans = _grouped(rows.get("spans", ()))
    links = reader.records(rows.get("links", ()))
    return {
        pk: ArticleContent(
            *texts.get(pk, ("", {})), [ZoneRow._make(row) for row in zones[pk]], _records(spans[pk], states, links)
        )
        for pk in ids
    }


def _grouped(rows: Sequence[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    """The rows by their first column, without it, in their order."""
    groups: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for pk, *row in rows:
        groups[pk].append(tuple(row))
    return groups


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


def span_rows(article: Article, states: Sequence[str], layer: str = MAIN_LAYER) -> list[SpanRecord]:
    """The spans of a layer in these states, in reading order. The caller has checked who may see the article."""
    spans, reader = _spans_in(states).of(article=article.pk, layer=layer), ports.link_reader()
    if not article.corpus.entities_enabled:
        return _records(read_together(spans)[0], states)
    rows, links = read_together(spans, reader.read([article.pk]))
    return _records(rows, states, reader.records(links))


def _spans_in(states: Sequence[str]) -> "Prepared[tuple[Any, ...]]":
    return _SPANS if State.REJECTED in states else _NOT_REJECTED


def _records(
    rows: Sequence[tuple[Any, ...]], states: Sequence[str], entities: Mapping[int, EntityRecord] = NO_LINKS
) -> list[SpanRecord]:
    return [
        SpanRecord(
            start, end, label, state, score, f"{name} {version}" if name is not None else None, pk, revision,
            entities.get(pk),
        )
        for start, end, label, state, score, name, version, pk, revision in rows
        if state in states
    ]  # fmt: skip


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


_SPAN_COLUMNS = (
    "start", "end", "label__name", "state", "score", "pipeline__name", "pipeline__version", "id", "revision",
)  # fmt: skip
_HEAD = Prepared(_head, article=int, user=int, layer=str)
ZONES = Prepared(
    lambda article: Zone.objects.filter(article=article).values_list("id", "start", "end", "kind"), article=int
)


def _rows(spans: SpanQuerySet, *first: str) -> "QuerySet[Span, tuple[Any, ...]]":
    return spans.in_reading_order().values_list(*first, *_SPAN_COLUMNS)


def _of_article(article: int, layer: str) -> SpanQuerySet:
    return Span.objects.filter(article=article, layer=layer)


def _of_articles(ids: list[int], layer: str) -> SpanQuerySet:
    return Span.objects.filter(article__any_of=ids, layer=layer)


_SPANS = Prepared(lambda article, layer: _rows(_of_article(article, layer)), article=int, layer=str)
_NOT_REJECTED = Prepared(
    lambda article, layer: _rows(_of_article(article, layer).not_rejected()), article=int, layer=str
)
_SPANS_OF = Prepared(lambda ids, layer: _rows(_of_articles(ids, layer), "article"), ids=list, layer=str)
_NOT_REJECTED_OF = Prepared(
    lambda ids, layer: _rows(_of_articles(ids, layer).not_rejected(), "article"), ids=list, layer=str
)
_ZONES_OF = Prepared(
    lambda ids: Zone.objects.filter(article__any_of=ids).values_list("article", "id", "start", "end", "kind"), ids=list
)
_TEXTS = Prepared(
    lambda ids: Article.objects.filter(pk__any_of=ids).order_by().values_list("pk", "text", "metadata"), ids=list
)
_METADATA = Prepared(
    lambda ids: Article.objects.filter(pk__any_of=ids).order_by().values_list("pk", Value(""), "metadata"), ids=list
)
