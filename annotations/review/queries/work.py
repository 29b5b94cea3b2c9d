"""The next article to review, and the next suggestion to decide."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db.models import F, OrderBy, Q, QuerySet

from annotations.review.models import MAIN_LAYER, Review, SetAsideKind, Span, Stage, State
from annotations.review.queries.listing import ArticleFilter, search_articles
from annotations.review.queries.open_pages import open_elsewhere
from annotations.review.queries.set_aside import not_parked, skipped_by
from corpusapp.articles.models import Article, Corpus
from corpusapp.articles.search import ranked
from corpusapp.core.errors import Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# The orders of the article list, and two more.
ORDERS = {
    "list": "list order, newest first",
    "newest": "newest first",
    "best": "best match first",
    "date": "latest publication first",
    "work": "least work first",
    "uncertainty": "least certain first",
    "random": "random",
}
Rows = QuerySet[Review]


def next_to_review(
    user: "User",
    corpus: Corpus,
    *,
    after: int | None = None,
    order: str = "list",
    filters: ArticleFilter | None = None,
) -> int | None:
    """The id of the next article of the corpus that is not done, parked or open elsewhere, or None.

    Articles that are assigned to the user come first, then those of nobody; those of others are only offered if
    `filters` name their assignee. Those that the user skipped are offered when nothing else is left, and parked ones if
    `filters` ask for them. `after` is the current article, which is not offered again. The order of `filters` is not
    used.
    """
    if order not in ORDERS:
        raise Invalid(f"{order[:40]!r} is not an order: use one of {', '.join(ORDERS)}", field="order")
    filters = replace(filters or ArticleFilter(), order="best")
    waiting = Review.objects.filter(corpus=corpus, layer=MAIN_LAYER, article__withdrawn_at=None)
    waiting = waiting.exclude(stage=Stage.DONE).exclude(article__in=open_elsewhere(user).values("article"))
    if filters.aside != SetAsideKind.PARK.label:
        waiting = not_parked(waiting)
    if filters != ArticleFilter():
        waiting = waiting.filter(article__in=search_articles(corpus, filters).values("pk"))
    others = waiting.exclude(article=after)
    skipped = skipped_by(user)
    for rows in (others.exclude(skipped), others.filter(skipped)):
        lists = [rows] if filters.assignee else [rows.filter(assignee=user.pk), rows.filter(assignee=None)]
        for each in lists:
            if (found := _first(each, order, after, filters, corpus)) is not None:
                return found
    return None


def _first(rows: Rows, order: str, after: int | None, filters: ArticleFilter, corpus: Corpus) -> int | None:
    """The first article behind `after` in this order or, behind the last one, the first of all."""
    if order == "random":
        return rows.order_by("?").values_list("article", flat=True).first()
    if order == "best" and filters.query:
        return _best(rows, after, filters, corpus)
    column = _COLUMNS.get(order)
    ids = rows.order_by(*([column.ordering] if column else []), "-article").values_list("article", flat=True)
    behind = None
    if after:
        behind = column.behind(after) if column else Q(article__lt=after)
    return (ids.filter(behind).first() if behind else None) or ids.first()


def _best(rows: Rows, after: int | None, filters: ArticleFilter, corpus: Corpus) -> int | None:
    articles = Article.objects.filter(corpus=corpus, withdrawn_at=None)
    hits = list(ranked(articles, filters.query, corpus.language).order_by("-rank", "-pk").values_list("pk", flat=True))
    free = set(rows.filter(article__in=hits).values_list("article", flat=True))
    start = hits.index(after) + 1 if after in hits else 0
    return next((pk for pk in (*hits[start:], *hits[:start]) if pk in free), None)


@dataclass(frozen=True)
class _Column:
    """An order by a column of reviews, rows without a value last."""

    name: str
    descending: bool

    @property
    def ordering(self) -> OrderBy:
        value = F(self.name)
        return value.desc(nulls_last=True) if self.descending else value.asc(nulls_last=True)

    def behind(self, after: int) -> Q | None:
        """The rows behind those of an article, or None: finished articles begin anew, since they lost their place."""
        review = Review.objects.filter(article=after, layer=MAIN_LAYER).exclude(stage=Stage.DONE)
        found = review.values_list(self.name).first()
        if found is None:
            return None
        (value,) = found
        if value is None:
            return Q(**{self.name: None}, article__lt=after)
        beyond = f"{self.name}__{'lt' if self.descending else 'gt'}"
        return Q(**{beyond: value}) | Q(**{self.name: value}, article__lt=after) | Q(**{self.name: None})


_COLUMNS = {
    # Scores nearest to 0.5, and the fewest expected decisions.
    "uncertainty": _Column("uncertainty", descending=True),
    "work": _Column("expected_actions", descending=False),
    "date": _Column("article__published_on", descending=True),
}


def next_to_decide(article: Article, after: int = 0) -> Span | None:
    """The first suggestion that starts at or after `after` (in code points), else the first of the article."""
    waiting = Span.objects.filter(article=article, layer=MAIN_LAYER, state=State.SUGGESTED).order_by(
        "start", "-end", "id"
    )
    return waiting.filter(start__gte=after).first() or waiting.first()


def next_article(article: Article) -> int | None:
    """The id of the next article of the corpus in list order that is not done or parked, or None."""
    waiting = Review.objects.filter(corpus=article.corpus_id, layer=MAIN_LAYER, article__withdrawn_at=None)
    waiting = not_parked(waiting.exclude(stage=Stage.DONE)).exclude(article=article).order_by("-article")
    ids = waiting.values_list("article", flat=True)
    return ids.filter(article__lt=article.pk).first() or ids.first()
