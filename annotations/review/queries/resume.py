"""Where a user goes on: the article last worked on, or the first one with suggestions that nobody has begun."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count, Max, Q

from annotations.review.models import MAIN_LAYER, Decision, Presence, Review, Span, Stage, State
from annotations.review.queries.open_pages import open_elsewhere
from annotations.review.queries.set_aside import not_parked, skipped_by
from corpusapp.articles.models import Article, Corpus
from corpusapp.articles.queries import with_headlines

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# Reviews that a user has begun, the newest, among which the last one is looked for.
_BEGUN = 200


@dataclass(frozen=True)
class Offer:
    """An article to open next. `left` counts its suggestions; `begun`: the user has worked on it already."""

    article: Article
    left: int
    begun: bool


def article_to_continue(user: "User", corpora: Iterable[Corpus]) -> Offer | None:
    """The article that the user last decided on or opened, unless it is done, parked, or skipped by the user."""
    open_reviews = Review.objects.filter(corpus__in=corpora, layer=MAIN_LAYER, article__withdrawn_at=None)
    open_reviews = not_parked(open_reviews).exclude(skipped_by(user))
    begun = open_reviews.filter(editor=user, stage=Stage.IN_REVIEW).order_by("-started_at")
    touched: dict[int, datetime] = {pk: at for pk, at in begun.values_list("article", "started_at")[:_BEGUN] if at}
    decided = Decision.objects.filter(user=user, article__in=list(touched)).order_by().values("article")
    opened = Presence.objects.filter(
        user=user, article__in=open_reviews.exclude(stage__in=[Stage.NEW, Stage.DONE]).values("article")
    )
    for pk, at in [
        *decided.annotate(at=Max("created_at")).values_list("article", "at"),
        *opened.values_list("article", "seen_at"),
    ]:
        touched[pk] = max(touched.get(pk, at), at)
    return _offer(max(touched, key=lambda pk: (touched[pk], pk)), begun=True) if touched else None


def article_to_start(user: "User", corpus: Corpus) -> Offer | None:
    """The newest article with suggestions that nobody has begun or parked, and that nobody else has open.

    One that the user skipped is only taken if there is no other.
    """
    waiting = Review.objects.filter(corpus=corpus, layer=MAIN_LAYER, stage=Stage.SUGGESTED, article__withdrawn_at=None)
    waiting = not_parked(waiting).exclude(article__in=open_elsewhere(user).values("article"))
    ids, skipped = waiting.order_by("-article").values_list("article", flat=True), skipped_by(user)
    article = ids.exclude(skipped).first() or ids.filter(skipped).first()
    return _offer(article, begun=False) if article else None


def reviews_under_way(corpus: Corpus, number: int) -> list[tuple[Review, int]]:
    """The reviews begun last that are not done, each with the number of suggestions left."""
    reviews = Review.objects.filter(corpus=corpus, layer=MAIN_LAYER, stage=Stage.IN_REVIEW, article__withdrawn_at=None)
    newest = list(reviews.select_related("editor").order_by("-started_at")[:number])
    articles = with_headlines(Article.objects.filter(pk__in=[review.article_id for review in newest])).in_bulk()
    left = _left(list(articles))
    for review in newest:
        review.article = articles[review.article_id]
    return [(review, left.get(review.article_id, 0)) for review in newest]


def _offer(article: int, *, begun: bool) -> Offer:
    found = with_headlines(Article.objects.select_related("corpus", "source")).get(pk=article)
    return Offer(found, _left([article]).get(article, 0), begun)


def _left(articles: list[int]) -> dict[int, int]:
    waiting = Q(article__in=articles, layer=MAIN_LAYER, state=State.SUGGESTED)
    return dict(Span.objects.filter(waiting).order_by().values_list("article").annotate(n=Count("id")))
