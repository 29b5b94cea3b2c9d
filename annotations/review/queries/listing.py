"""The list of articles: narrowed, searched, paged by key. A fixed number of queries a page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from annotations.review.models import MAIN_LAYER, Change, Decision, Review, Span, Stage, State
from annotations.review.queries.page_rows import ArticleRow, page_rows
from corpusapp.articles.models import Article, Corpus, Source
from corpusapp.articles.queries import older_copies
from corpusapp.articles.search import check_query, matching, ranked
from corpusapp.core import keyset
from corpusapp.core.errors import Invalid
from corpusapp.text.wellformed import fault

STANDING = (State.SUGGESTED.value, State.CONFIRMED.value)


@dataclass(frozen=True)
class SpanFilter:
    """One span has to fit all of it. `pipeline` is name and version, scores lie between 0 and 1."""

    label: str = ""
    states: Sequence[str] = ()
    pipeline: str = ""
    score_from: float | None = None
    score_to: float | None = None

    @property
    def narrows(self) -> bool:
        return self != ANY

    def check(self) -> None:
        """Refuse what no span can be."""
        for name in ("label", "pipeline"):
            if reason := fault(getattr(self, name)):
                raise Invalid(f"{name} {reason}", field=name)
        if unknown := [state for state in self.states if state not in State.values]:
            raise Invalid(f"{unknown[0][:40]!r} is not a state: use {', '.join(State.values)}", field="state")
        for name in ("score_from", "score_to"):
            score = getattr(self, name)
            if score is not None and not 0 <= score <= 1:
                raise Invalid("a score is between 0 and 1", field=name)

    def apply(self, spans: QuerySet[Span]) -> QuerySet[Span]:
        """Suggested and confirmed ones, where no states are named."""
        spans = spans.filter(state__in=self.states or STANDING)
        if self.label:
            spans = spans.filter(label__name=self.label)
        if self.pipeline:
            named = Concat("pipeline__name", Value(" "), "pipeline__version")
            spans = spans.annotate(named_pipeline=named).filter(named_pipeline=self.pipeline)
        if self.score_from is not None:
            spans = spans.filter(score__gte=self.score_from)
        if self.score_to is not None:
            spans = spans.filter(score__lte=self.score_to)
        return spans


ANY = SpanFilter()


PAGE_SIZE = 50
# The orders by a column of an article's review.
_OF_REVIEWS = {"work": "expected_actions", "uncertainty": "-uncertainty"}
ORDERS = ("best", "newest", *_OF_REVIEWS)


@dataclass(frozen=True)
class ArticleFilter:
    """What a list of articles is narrowed to; `source` is a name.

    `order` is one of ORDERS: `best` (of a search, newest first without one), `newest`, and of those with suggestions to
    decide `work` (fewest expected actions first) or `uncertainty` (least certain first). `editor` is the name of who
    reviews them; `label` and `spans` ask for one span that fits both. `to_decide_by` is the id of a user: what has
    suggestions and nobody has begun, and what this user has begun and not finished.
    """

    query: str = ""
    source: str = ""
    published_from: date | None = None
    published_to: date | None = None
    stage: str = ""
    label: str = ""
    updated_since: datetime | None = None
    order: str = "best"
    editor: str = ""
    to_decide_by: int | None = None
    spans: SpanFilter = ANY


def list_articles(
    corpora: Sequence[Corpus] | QuerySet[Corpus],
    narrowed: ArticleFilter,
    *,
    cursor: str = "",
    size: int = PAGE_SIZE,
    fold: bool = False,
) -> keyset.Page[ArticleRow]:
    """A page of the articles of `corpora`, newest or best first. The caller has checked who may see them.

    `fold` shows of near copies the oldest alone.
    """
    articles = narrow(Article.objects.filter(corpus__in=corpora, withdrawn_at=None), narrowed)
    if fold:
        articles = articles.exclude(Exists(older_copies()))
    language = corpora[0].language if len(corpora) else "en"
    if narrowed.query and narrowed.order == "best":
        found, next_cursor = _best(articles, narrowed.query, language, cursor, size)
    else:
        if narrowed.query:
            articles = matching(articles, narrowed.query, language)
        if column := _OF_REVIEWS.get(narrowed.order):
            reviews = Review.objects.filter(corpus__in=corpora, article__in=articles)
            found, next_cursor = _by_review(reviews, column, cursor, size)
        else:
            found, next_cursor = _newest(articles, cursor, size)
    return keyset.Page(page_rows([article.pk for article in found], corpora, narrowed.query, language), next_cursor)


def found_in(corpus: Corpus, narrowed: ArticleFilter) -> QuerySet[Article]:
    """All articles of the corpus that a filter leaves, its search included, in no order."""
    articles = narrow(Article.objects.filter(corpus=corpus, withdrawn_at=None), narrowed)
    return matching(articles, narrowed.query, corpus.language) if narrowed.query else articles


def narrow(articles: QuerySet[Article], narrowed: ArticleFilter) -> QuerySet[Article]:
    """Apply all of the filter but its search."""
    _check(narrowed)
    if narrowed.source:
        articles = articles.filter(source__in=Source.objects.filter(name=narrowed.source))
    if narrowed.published_from:
        articles = articles.filter(published_on__gte=narrowed.published_from)
    if narrowed.published_to:
        articles = articles.filter(published_on__lte=narrowed.published_to)
    if narrowed.updated_since:
        articles = articles.filter(changed_since(narrowed.updated_since))
    if narrowed.stage:
        in_stage = Review.objects.filter(layer=MAIN_LAYER, stage=narrowed.stage, article=OuterRef("pk"))
        articles = articles.filter(Exists(in_stage))
    if narrowed.to_decide_by is not None:
        articles = articles.filter(Exists(reviews_to_decide(narrowed.to_decide_by).filter(article=OuterRef("pk"))))
    if narrowed.editor:
        reviewed = Review.objects.filter(layer=MAIN_LAYER, editor__username=narrowed.editor, article=OuterRef("pk"))
        articles = articles.filter(Exists(reviewed))
    wanted = replace(narrowed.spans, label=narrowed.label or narrowed.spans.label)
    if wanted.narrows:
        articles = articles.filter(Exists(wanted.apply(Span.objects.filter(article=OuterRef("pk")))))
    return articles


def reviews_to_decide(user_id: int) -> QuerySet[Review]:
    """Those with suggestions that nobody has begun, and those that the user has begun."""
    begun = Q(stage=Stage.IN_REVIEW, editor=user_id)
    return Review.objects.filter(Q(stage=Stage.SUGGESTED) | begun, layer=MAIN_LAYER)


def _check(narrowed: ArticleFilter) -> None:
    narrowed.spans.check()
    for name in ("source", "label", "editor"):
        if reason := fault(getattr(narrowed, name)):
            raise Invalid(f"{name} {reason}", field=name)
    check_query(narrowed.query)
    if narrowed.stage and narrowed.stage not in Stage.values:
        raise Invalid(f"{narrowed.stage[:40]!r} is not a stage: use one of {', '.join(Stage.values)}", field="stage")
    if narrowed.order not in ORDERS:
        raise Invalid(f"{narrowed.order[:40]!r} is not an order: use one of {', '.join(ORDERS)}", field="order")


def _by_review(reviews: QuerySet[Review], order: str, cursor: str, size: int) -> tuple[list[Article], str | None]:
    column, beyond = order.removeprefix("-"), "lt" if order.startswith("-") else "gt"
    reviews = reviews.filter(layer=MAIN_LAYER, stage__in=[Stage.SUGGESTED, Stage.IN_REVIEW])
    reviews = reviews.exclude(**{column: None})
    if cursor:
        weight, last = keyset.decode(cursor, float, int)
        reviews = reviews.filter(Q(**{f"{column}__{beyond}": weight}) | Q(**{column: weight}, article__lt=last))
    found = list(reviews.order_by(order, "-article").values_list(column, "article")[: size + 1])
    next_cursor = keyset.encode(*found[size - 1]) if len(found) > size else None
    return [Article(pk=pk) for _, pk in found[:size]], next_cursor


def _newest(articles: QuerySet[Article], cursor: str, size: int) -> tuple[list[Article], str | None]:
    if cursor:
        (last,) = keyset.decode(cursor, int)
        articles = articles.filter(pk__lt=last)
    found = list(articles.order_by("-pk").only("pk")[: size + 1])
    more = len(found) > size
    return found[:size], keyset.encode(found[size - 1].pk) if more else None


def _best(
    articles: QuerySet[Article], query: str, language: str, cursor: str, size: int
) -> tuple[list[Article], str | None]:
    hits = ranked(articles, query, language)
    if cursor:
        rank, last = keyset.decode(cursor, float, int)
        hits = hits.filter(Q(rank__lt=rank) | Q(rank=rank, pk__lt=last))
    found = list(hits.order_by("-rank", "-pk").only("pk")[: size + 1])
    more = len(found) > size
    return found[:size], keyset.encode(found[size - 1].rank, found[size - 1].pk) if more else None


def changed_since(moment: datetime) -> Q:
    """Articles that came in since then, or that somebody decided on."""
    here = {"article": OuterRef("pk")}
    return (
        Q(created_at__gte=moment)
        | Q(Exists(Decision.objects.filter(**here, created_at__gte=moment)))
        | Q(Exists(Change.objects.filter(**here, decision__created_at__gte=moment)))
    )
