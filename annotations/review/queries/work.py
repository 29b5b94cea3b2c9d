"""The next article to review, and the next suggestion to decide."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from annotations.review.models import MAIN_LAYER, Review, SetAside, SetAsideKind, Span, Stage, State
from annotations.review.queries.open_pages import open_elsewhere
from corpusapp.articles.models import Article, Corpus
from corpusapp.articles.search import matching
from corpusapp.core.errors import Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

ORDERS = {
    "list": "list order, newest first",
    "uncertainty": "least certain first",
    "work": "least work first",
    "date": "newest date first",
    "random": "random",
}
Rows = QuerySet[Review]


def next_to_review(
    user: "User", corpus: Corpus, *, after: int | None = None, order: str = "list", query: str = ""
) -> int | None:
    """The id of the next article of the corpus that is not done, parked or open elsewhere, or None.

    Articles that the user skipped are offered when nothing else is left. `after` is the current article, which is not
    offered again. `query` is a full-text search.
    """
    if order not in ORDERS:
        raise Invalid(f"{order[:40]!r} is not an order: use one of {', '.join(ORDERS)}", field="order")
    waiting = Review.objects.filter(corpus=corpus, layer=MAIN_LAYER, article__withdrawn_at=None)
    waiting = _not_parked(waiting.exclude(stage=Stage.DONE))
    waiting = waiting.exclude(article__in=open_elsewhere(user).values("article"))
    if query:
        hits = matching(Article.objects.filter(corpus=corpus, withdrawn_at=None), query, corpus.language)
        waiting = waiting.filter(article__in=hits.values("pk"))
    others = _ORDERED[order](waiting.exclude(article=after), after).values_list("article", flat=True)
    skipped = Exists(SetAside.objects.filter(user=user, kind=SetAsideKind.SKIP, article=OuterRef("article")))
    return others.exclude(skipped).first() or others.filter(skipped).first()


def _not_parked(rows: Rows) -> Rows:
    parked = SetAside.objects.filter(kind=SetAsideKind.PARK, corpus=OuterRef("corpus"), article=OuterRef("article"))
    return rows.exclude(Exists(parked))


def _in_list_order(rows: Rows, after: int | None) -> Rows:
    """Down the list from `after`, then from its top."""
    return rows.alias(passed=Q(article__gte=after or 0)).order_by("passed" if after else "layer", "-article")


def _by_uncertainty(rows: Rows, after: int | None) -> Rows:
    """Scores nearest to 0.5 first; articles without suggestions come last."""
    return rows.order_by(F("uncertainty").desc(nulls_last=True), "-article")


def _by_work(rows: Rows, after: int | None) -> Rows:
    """Fewest expected decisions first; articles without suggestions come last."""
    return rows.order_by(F("expected_actions").asc(nulls_last=True), "-article")


def _by_date(rows: Rows, after: int | None) -> Rows:
    return rows.order_by(F("article__published_on").desc(nulls_last=True), "-article")


def _at_random(rows: Rows, after: int | None) -> Rows:
    return rows.order_by("?")


_ORDERED: dict[str, Callable[[Rows, int | None], Rows]] = {
    "list": _in_list_order,
    "uncertainty": _by_uncertainty,
    "work": _by_work,
    "date": _by_date,
    "random": _at_random,
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
    waiting = _not_parked(waiting.exclude(stage=Stage.DONE)).exclude(article=article).order_by("-article")
    ids = waiting.values_list("article", flat=True)
    return ids.filter(article__lt=article.pk).first() or ids.first()
