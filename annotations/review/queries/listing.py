"""The list of articles: filtered, searched and paged by key, in a fixed number of queries per page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat, Left

from annotations.review import ports
from annotations.review.models import MAIN_LAYER, Change, Decision, Review, Span, Stage, State
from annotations.review.queries.assignment import NOBODY, free_for
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
# Whether spans are linked to an entity, and in which state.
LINKED = ("yes", "no", *DEFAULT_STATES)
# Orders by a column of the review.
_REVIEW_ORDERS = {"work": "expected_actions", "uncertainty": "-uncertainty"}
ORDERS = ("best", "newest", "date", *_REVIEW_ORDERS)
# Lists are counted exactly up to this number of articles.
COUNTED = 10_000


@dataclass(frozen=True)
class SpanFilter:
    """Filters that one span must pass. `pipeline` is name and version; scores are between 0 and 1.

    `entity` is the id of the one that it is linked to, and `linked` one of LINKED.
    """

    label: str = ""
    states: Sequence[str] = ()
    pipeline: str = ""
    score_from: float | None = None
    score_to: float | None = None
    entity: int | None = None
    linked: str = ""

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
        if self.linked and self.linked not in LINKED:
            raise Invalid(f"linked must be one of {', '.join(LINKED)}, not {self.linked[:40]!r}", field="linked")
        if self.linked == "no" and self.entity is not None:
            raise Invalid("a span that is not linked has no entity: leave one of the two out", field="linked")

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
        if self.linked == "no":
            spans = spans.exclude(Exists(self.links().filter(span=OuterRef("pk"))))
        elif self.linked or self.entity is not None:
            spans = spans.filter(pk__in=self.links().values("span"))
        return spans

    def links(self) -> QuerySet[Any]:
        """The links that `entity` and `linked` name."""
        state = self.linked if self.linked in DEFAULT_STATES else ""
        return ports.link_reader().linked(entity=self.entity, state=state)


ANY = SpanFilter()


@dataclass(frozen=True)
class ArticleFilter:
    """Filters and order of a list of articles. `source` is a name, `editor` the username of the reviewer.

    `order` is one of ORDERS: `best` match (newest first without a search), `newest`, `date` of publication (latest
    first, undated ones last), and for articles with suggestions `work` (fewest expected decisions first) or
    `uncertainty` (least certain first). One span must pass both `label` and `spans`. `assignee` is a username, or
    NOBODY. `to_decide_by` is the id of a user: see `reviews_to_decide`. `aside` is
    `parked` (by anybody), or `flagged` or `skipped` by the user with the id `aside_by`. `ids` and `external_ids` list
    only these articles, unless they are empty.
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
    assignee: str = ""
    to_decide_by: int | None = None
    aside: str = ""
    aside_by: int | None = None
    spans: SpanFilter = ANY
    ids: Sequence[int] = ()
    external_ids: Sequence[str] = ()


def list_articles(
    corpora: Sequence[Corpus] | QuerySet[Corpus],
    filters: ArticleFilter,
    *,
    cursor: str = "",
    size: int = PAGE_SIZE,
    fold: bool = False,
    words: bool = False,
) -> keyset.Page[ArticleRow]:
    """A page of the articles of `corpora`. The caller has checked who may see them.

    With `fold`, only the oldest of near copies is listed; with `words`, the words of each text are counted.
    """
    articles = _listed(corpora, filters, fold)
    language = _language(corpora)
    if filters.query and filters.order == "best":
        articles_on_page, next_cursor = _best(articles, filters.query, language, cursor, size)
    else:
        if filters.query:
            articles = matching(articles, filters.query, language)
        if column := _REVIEW_ORDERS.get(filters.order):
            reviews = _open_reviews(column).filter(corpus__in=corpora, article__in=articles)
            articles_on_page, next_cursor = _by_review(reviews, column, cursor, size)
        elif filters.order == "date":
            articles_on_page, next_cursor = _by_date(articles, cursor, size)
        else:
            articles_on_page, next_cursor = _newest(articles, cursor, size)
    ids = [article.pk for article in articles_on_page]
    return keyset.Page(page_rows(ids, corpora, filters.query, language, words=words), next_cursor)


def count_articles(
    corpora: Sequence[Corpus] | QuerySet[Corpus], filters: ArticleFilter, *, fold: bool = False, most: int = COUNTED
) -> int:
    """How many articles `list_articles` lists on all pages; `most` + 1 for more than `most`."""
    articles = _listed(corpora, filters, fold)
    if filters.query:
        articles = matching(articles, filters.query, _language(corpora))
    if column := _REVIEW_ORDERS.get(filters.order):
        articles = articles.filter(Exists(_open_reviews(column).filter(article=OuterRef("pk"))))
    return articles.order_by().values("pk")[: most + 1].count()


def _listed(corpora: Sequence[Corpus] | QuerySet[Corpus], filters: ArticleFilter, fold: bool) -> QuerySet[Article]:
    """The articles that pass the filters, except for the search."""
    articles = filter_articles(Article.objects.filter(corpus__in=corpora, withdrawn_at=None), filters)
    return articles.exclude(Exists(older_copies())) if fold else articles


def _language(corpora: Sequence[Corpus] | QuerySet[Corpus]) -> str:
    return corpora[0].language if len(corpora) else "en"


def search_articles(corpus: Corpus, filters: ArticleFilter) -> QuerySet[Article]:
    """All articles of the corpus that pass the filters, including the search, in no order."""
    articles = filter_articles(Article.objects.filter(corpus=corpus, withdrawn_at=None), filters)
    return matching(articles, filters.query, corpus.language) if filters.query else articles


def headlines_of(corpus: Corpus, ids: Sequence[int]) -> dict[int, str]:
    """The headlines of those of these articles that are in the corpus."""
    rows = Article.objects.filter(corpus=corpus, pk__in=ids, withdrawn_at=None).only("title", "erased_at")
    return {article.pk: article.headline for article in rows.annotate(opening=Left("text", 400))}


def filter_articles(articles: QuerySet[Article], filters: ArticleFilter) -> QuerySet[Article]:
    """Apply all filters except the search."""
    check_filters(filters)
    if filters.ids:
        articles = articles.filter(pk__in=filters.ids)
    if filters.external_ids:
        # Without the empty one, for which there is no index.
        articles = articles.filter(external_id__in=filters.external_ids).exclude(external_id="")
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
    if filters.assignee:
        assigned = Review.objects.filter(layer=MAIN_LAYER, article=OuterRef("pk"))
        nobody = filters.assignee == NOBODY
        assigned = assigned.filter(assignee=None) if nobody else assigned.filter(assignee__username=filters.assignee)
        articles = articles.filter(Exists(assigned))
    wanted = replace(filters.spans, label=filters.label or filters.spans.label)
    if wanted.entity is not None:
        # What follows says as much: this is read by index, if the entity has few mentions.
        articles = articles.filter(pk__in=wanted.links().values("article"))
    if wanted.narrows:
        articles = articles.filter(Exists(wanted.apply(Span.objects.filter(article=OuterRef("pk"), layer=MAIN_LAYER))))
    return articles


def reviews_to_decide(user_id: int) -> QuerySet[Review]:
    """Reviews with suggestions that nobody has started, and those in review by this user.

    Those that are assigned to others are left out.
    """
    begun = Q(stage=Stage.IN_REVIEW, editor=user_id)
    return Review.objects.filter(Q(stage=Stage.SUGGESTED) | begun, free_for(user_id), layer=MAIN_LAYER)


def count_to_decide(user_id: int, corpus: Corpus, suggested: int) -> int:
    """The number of `reviews_to_decide` of a corpus in which `suggested` articles have that stage.

    Counts only what differs from that number, which is quicker than counting all.
    """
    reviews = Review.objects.filter(corpus=corpus, layer=MAIN_LAYER, article__withdrawn_at=None)
    begun = reviews.filter(free_for(user_id), stage=Stage.IN_REVIEW, editor=user_id)
    of_others = reviews.filter(stage=Stage.SUGGESTED, assignee__isnull=False).exclude(assignee=user_id)
    return suggested + begun.count() - of_others.count()


def check_filters(filters: ArticleFilter) -> None:
    """Refuse filters and an order that no list has."""
    filters.spans.check()
    for name in ("source", "label", "editor", "assignee"):
        if reason := fault(getattr(filters, name)):
            raise Invalid(f"{name} {reason}", field=name)
    check_query(filters.query)
    if filters.stage and filters.stage not in Stage.values:
        raise Invalid(f"{filters.stage[:40]!r} is not a stage: use one of {', '.join(Stage.values)}", field="stage")
    if filters.aside and filters.aside not in KINDS:
        raise Invalid(f"{filters.aside[:40]!r} is no way to set aside: use {', '.join(KINDS)}", field="aside")
    if filters.order not in ORDERS:
        raise Invalid(f"{filters.order[:40]!r} is not an order: use one of {', '.join(ORDERS)}", field="order")


def _open_reviews(order: str) -> QuerySet[Review]:
    """The reviews that an order by a column of the review lists: those with suggestions to decide."""
    reviews = Review.objects.filter(layer=MAIN_LAYER, stage__in=[Stage.SUGGESTED, Stage.IN_REVIEW])
    return reviews.exclude(**{order.removeprefix("-"): None})


def _by_review(reviews: QuerySet[Review], order: str, cursor: str, size: int) -> tuple[list[Article], str | None]:
    column, beyond = order.removeprefix("-"), "lt" if order.startswith("-") else "gt"
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


def _by_date(articles: QuerySet[Article], cursor: str, size: int) -> tuple[list[Article], str | None]:
    """Dated articles first. A cursor with an empty date is among the undated ones."""
    day, last = keyset.decode(cursor, str, int) if cursor else ("", 0)
    rows: list[Article] = []
    if day or not cursor:
        dated = articles.filter(published_on__isnull=False)
        if day:
            latest = _cursor_day(day)
            # The first condition is the one that the index is read by.
            dated = dated.filter(published_on__lte=latest).filter(Q(published_on__lt=latest) | Q(pk__lt=last))
        rows = list(dated.order_by("-published_on", "-pk").only("pk", "published_on")[: size + 1])
    if len(rows) <= size:
        undated = articles.filter(published_on=None)
        if cursor and not day:
            undated = undated.filter(pk__lt=last)
        rows += undated.order_by("-pk").only("pk", "published_on")[: size + 1 - len(rows)]
    if len(rows) <= size:
        return rows, None
    end = rows[size - 1]
    return rows[:size], keyset.encode(end.published_on.isoformat() if end.published_on else "", end.pk)


def _cursor_day(day: str) -> date:
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise Invalid("invalid cursor for this list: take it from the link to the next page", field="cursor") from None


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
