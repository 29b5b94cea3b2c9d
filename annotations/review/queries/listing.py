"""The list of articles: filtered, searched and paged by key, in a fixed number of queries per page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from annotations.review.models import MAIN_LAYER, Change, Decision, Review, Span, Stage, State
from annotations.review.queries.page_rows import ArticleRow, page_rows
from annotations.review.queries.set_aside import KINDS, set_aside_in
from corpusapp.articles.models import Article, Corpus, Source
from corpusapp.articles.queries import older_copies
from corpusapp.articles.search import check_query, matching, ranked
from corpusapp.core import keyset
from corpusapp.core.errors import Invalid
from corpusapp.text.wellformed import fault

PAGE_SIZE = 50
DEFAULT_STATES = (State.SUGGESTED.value, State.CONFIRMED.value)
# Orders by a column of the review.
_REVIEW_ORDERS = {"work": "expected_actions", "uncertainty": "-uncertainty"}
ORDERS = ("best", "newest", *_REVIEW_ORDERS)


@dataclass(frozen=True)
class SpanFilter:
    """Filters that one span must pass. `pipeline` is name and version; scores are between 0 and 1."""

    label: str = ""
    states: Sequence[str] = ()
    pipeline: str = ""
    score_from: float | None = None
    score_to: float | None = None

    @property
    def narrows(self) -> bool:
        return self != ANY

    def check(self) -> None:
        """Refuse values that no span can have."""
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
        """Filter spans; without states, to suggested and confirmed ones."""
        spans = spans.filter(state__in=self.states or DEFAULT_STATES)
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


@dataclass(frozen=True)
class ArticleFilter:
    """Filters and order of a list of articles. `source` is a name, `editor` the username of the reviewer.

    `order` is one of ORDERS: `best` match (newest first without a search), `newest`, and for articles with suggestions
    `work` (fewest expected decisions first) or `uncertainty` (least certain first). One span must pass both `label`
    and `spans`. `to_decide_by` is the id of a user: see `reviews_to_decide`. `aside` is
    `parked` (by anybody), or `flagged` or `skipped` by the user with the id `aside_by`.
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
    aside: str = ""
    aside_by: int | None = None
    spans: SpanFilter = ANY


def list_articles(
    corpora: Sequence[Corpus] | QuerySet[Corpus],
    filters: ArticleFilter,
    *,
    cursor: str = "",
    size: int = PAGE_SIZE,
    fold: bool = False,
) -> keyset.Page[ArticleRow]:
    """A page of the articles of `corpora`. The caller has checked who may see them.

    With `fold`, only the oldest of near copies is listed.
    """
    articles = filter_articles(Article.objects.filter(corpus__in=corpora, withdrawn_at=None), filters)
    if fold:
        articles = articles.exclude(Exists(older_copies()))
    language = corpora[0].language if len(corpora) else "en"
    if filters.query and filters.order == "best":
        articles_on_page, next_cursor = _best(articles, filters.query, language, cursor, size)
    else:
        if filters.query:
            articles = matching(articles, filters.query, language)
        if column := _REVIEW_ORDERS.get(filters.order):
            reviews = Review.objects.filter(corpus__in=corpora, article__in=articles)
            articles_on_page, next_cursor = _by_review(reviews, column, cursor, size)
        else:
            articles_on_page, next_cursor = _newest(articles, cursor, size)
    return keyset.Page(
        page_rows([article.pk for article in articles_on_page], corpora, filters.query, language), next_cursor
    )


def search_articles(corpus: Corpus, filters: ArticleFilter) -> QuerySet[Article]:
    """All articles of the corpus that pass the filters, including the search, in no order."""
    articles = filter_articles(Article.objects.filter(corpus=corpus, withdrawn_at=None), filters)
    return matching(articles, filters.query, corpus.language) if filters.query else articles


def filter_articles(articles: QuerySet[Article], filters: ArticleFilter) -> QuerySet[Article]:
    """Apply all filters except the search."""
    _check_filters(filters)
    if filters.source:
        articles = articles.filter(source__in=Source.objects.filter(name=filters.source))
    if filters.published_from:
        articles = articles.filter(published_on__gte=filters.published_from)
    if filters.published_to:
        articles = articles.filter(published_on__lte=filters.published_to)
    if filters.updated_since:
        articles = articles.filter(changed_since(filters.updated_since))
    if filters.stage:
        in_stage = Review.objects.filter(layer=MAIN_LAYER, stage=filters.stage, article=OuterRef("pk"))
        articles = articles.filter(Exists(in_stage))
    if filters.to_decide_by is not None:
        articles = articles.filter(Exists(reviews_to_decide(filters.to_decide_by).filter(article=OuterRef("pk"))))
    if filters.aside:
        articles = articles.filter(Exists(set_aside_in(filters.aside, filters.aside_by)))
    if filters.editor:
        reviewed = Review.objects.filter(layer=MAIN_LAYER, editor__username=filters.editor, article=OuterRef("pk"))
        articles = articles.filter(Exists(reviewed))
    wanted = replace(filters.spans, label=filters.label or filters.spans.label)
    if wanted.narrows:
        articles = articles.filter(Exists(wanted.apply(Span.objects.filter(article=OuterRef("pk"), layer=MAIN_LAYER))))
    return articles


def reviews_to_decide(user_id: int) -> QuerySet[Review]:
    """Reviews with suggestions that nobody has started, and those in review by this user."""
    begun = Q(stage=Stage.IN_REVIEW, editor=user_id)
    return Review.objects.filter(Q(stage=Stage.SUGGESTED) | begun, layer=MAIN_LAYER)


def _check_filters(filters: ArticleFilter) -> None:
    filters.spans.check()
    for name in ("source", "label", "editor"):
        if reason := fault(getattr(filters, name)):
            raise Invalid(f"{name} {reason}", field=name)
    check_query(filters.query)
    if filters.stage and filters.stage not in Stage.values:
        raise Invalid(f"{filters.stage[:40]!r} is not a stage: use one of {', '.join(Stage.values)}", field="stage")
    if filters.aside and filters.aside not in KINDS:
        raise Invalid(f"{filters.aside[:40]!r} is no way to set aside: use {', '.join(KINDS)}", field="aside")
    if filters.order not in ORDERS:
        raise Invalid(f"{filters.order[:40]!r} is not an order: use one of {', '.join(ORDERS)}", field="order")


def _by_review(reviews: QuerySet[Review], order: str, cursor: str, size: int) -> tuple[list[Article], str | None]:
    column, beyond = order.removeprefix("-"), "lt" if order.startswith("-") else "gt"
    reviews = reviews.filter(layer=MAIN_LAYER, stage__in=[Stage.SUGGESTED, Stage.IN_REVIEW])
    reviews = reviews.exclude(**{column: None})
    if cursor:
        weight, last = keyset.decode(cursor, float, int)
        reviews = reviews.filter(Q(**{f"{column}__{beyond}": weight}) | Q(**{column: weight}, article__lt=last))
    rows = list(reviews.order_by(order, "-article").values_list(column, "article")[: size + 1])
    next_cursor = keyset.encode(*rows[size - 1]) if len(rows) > size else None
    return [Article(pk=pk) for _, pk in rows[:size]], next_cursor


def _newest(articles: QuerySet[Article], cursor: str, size: int) -> tuple[list[Article], str | None]:
    if cursor:
        (last,) = keyset.decode(cursor, int)
        articles = articles.filter(pk__lt=last)
    rows = list(articles.order_by("-pk").only("pk")[: size + 1])
    more = len(rows) > size
    return rows[:size], keyset.encode(rows[size - 1].pk) if more else None


def _best(
    articles: QuerySet[Article], query: str, language: str, cursor: str, size: int
) -> tuple[list[Article], str | None]:
    hits = ranked(articles, query, language)
    if cursor:
        rank, last = keyset.decode(cursor, float, int)
        hits = hits.filter(Q(rank__lt=rank) | Q(rank=rank, pk__lt=last))
    rows = list(hits.order_by("-rank", "-pk").only("pk")[: size + 1])
    if len(rows) <= size:
        return rows, None
    last_shown = rows[size - 1]
    rank = last_shown.rank  # type: ignore[attr-defined]  # annotated by `ranked`
    return rows[:size], keyset.encode(rank, last_shown.pk)


def changed_since(moment: datetime) -> Q:
    """Articles that were imported or decided since then."""
    here = {"article": OuterRef("pk")}
    return (
        Q(created_at__gte=moment)
        | Q(Exists(Decision.objects.filter(**here, created_at__gte=moment)))
        | Q(Exists(Change.objects.filter(**here, decision__created_at__gte=moment)))
    )
