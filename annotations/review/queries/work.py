"""Which article is worked on next: what nobody has open, in the order that an editor chose."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db.models import Avg, Count, F, FloatField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Abs, Coalesce

from annotations.review.models import MAIN_LAYER, Review, Span, Stage, State
from annotations.review.queries.presence import open_elsewhere
from corpusapp.articles.models import Article, Corpus
from corpusapp.articles.search import matching
from corpusapp.refusals import Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# A score of this says least: a suggestion that is as likely right as wrong.
_UNDECIDED = 0.5
ORDERS = {
    "list": "as in the list, newest first",
    "uncertainty": "the least certain suggestions first",
    "work": "the least work first",
    "date": "the newest dates first",
    "random": "at random",
}
Rows = QuerySet[Review]


def next_to_review(
    user: "User", corpus: Corpus, *, after: int | None = None, order: str = "list", query: str = ""
) -> int | None:
    """The id of the next article of the corpus that is not done and that nobody else has open; None where none is.

    `after` is the article that the editor comes from, and is not offered again; `query` narrows to a search's hits.
    """
    if order not in ORDERS:
        raise Invalid(f"{order[:40]!r} is no order: use one of {', '.join(ORDERS)}", field="order")
    waiting = Review.objects.filter(corpus=corpus, layer=MAIN_LAYER, article__withdrawn_at=None)
    waiting = waiting.exclude(stage=Stage.DONE).exclude(article__in=open_elsewhere(user).values("article"))
    if query:
        hits = matching(Article.objects.filter(corpus=corpus, withdrawn_at=None), query, corpus.language)
        waiting = waiting.filter(article__in=hits.values("pk"))
    others = waiting.exclude(article=after)
    return _ORDERED[order](others, after).values_list("article", flat=True).first()


def _as_listed(rows: Rows, after: int | None) -> Rows:
    """On down the list; at its end from its head again."""
    return rows.alias(passed=Q(article__gte=after or 0)).order_by("passed" if after else "layer", "-article")


def _by_uncertainty(rows: Rows, after: int | None) -> Rows:
    """By the mean distance of their suggestions' scores from a coin's toss; those without any come last."""
    certainty = _of_waiting().annotate(mean=_mean_certainty()).values("mean")
    return rows.alias(certainty=Subquery(certainty)).order_by(F("certainty").asc(nulls_last=True), "-article")


def _by_work(rows: Rows, after: int | None) -> Rows:
    number = Coalesce(Subquery(_of_waiting().annotate(number=Count("pk")).values("number")), 0)
    return rows.alias(number=number).order_by("number", "-article")


def _by_date(rows: Rows, after: int | None) -> Rows:
    return rows.order_by(F("article__published_on").desc(nulls_last=True), "-article")


def _at_random(rows: Rows, after: int | None) -> Rows:
    return rows.order_by("?")


def _of_waiting() -> QuerySet[Span]:
    waiting = Span.objects.filter(article=OuterRef("article"), layer=MAIN_LAYER, state=State.SUGGESTED)
    return waiting.order_by().values("article")


def _mean_certainty() -> object:
    return Avg(Abs(Coalesce(F("score"), 1.0) - _UNDECIDED), output_field=FloatField())


_ORDERED: dict[str, Callable[[Rows, int | None], Rows]] = {
    "list": _as_listed,
    "uncertainty": _by_uncertainty,
    "work": _by_work,
    "date": _by_date,
    "random": _at_random,
}
