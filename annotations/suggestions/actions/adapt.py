"""Adapt the weights of the evidence to the house style of a corpus, by its done articles."""

from django.db import transaction
from django.db.models import QuerySet

from annotations.review.models import MAIN_LAYER, Review, Stage
from annotations.suggesters.adaptation import ReviewedReading, adaptation_from_json, fit_adaptation
from annotations.suggesters.evidence import Weights, fitted
from annotations.suggesters.name_statistics import NameStatistics
from annotations.suggestions.actions.name_counts import lock_learning
from annotations.suggestions.actions.pending_updates import mark_stale
from annotations.suggestions.models import ArticleReading, CorpusAdaptation
from annotations.suggestions.queries.name_statistics import decided_articles, statistics_for
from annotations.suggestions.queries.reviewed_articles import labels_for_suggesters
from annotations.suggestions.queries.runs import adaptation_of
from corpusapp.articles.models import Corpus

# With fewer done articles, the weights stay as they are.
_FEWEST = 3
# Newly done articles that a new fit needs, as a share of those of the last one; one at least.
_GROWTH = 0.1
# Only the newest done articles: a fit to these takes about half a second.
_MOST_ARTICLES = 200
# After a fit, so many open articles get new suggestions; all of them, when there are half as many done articles again.
_NEXT, _SPREAD = 100, 1.5


@transaction.atomic
def adapt_if_due(*, corpus: Corpus) -> int:
    """Fit the adaptation again if enough articles were done or reopened; returns how many articles need an update."""
    former = adaptation_of(corpus.pk)
    before = former.articles if former else 0
    done = _done(corpus).count()
    if abs(done - before) < max(1, _GROWTH * before) or (done < _FEWEST and not before):
        return 0
    lock_learning(corpus.pk)
    found = fit_adaptation(*_material(corpus)) if done >= _FEWEST else adaptation_from_json("{}", done)
    spread = former.spread if former else 0
    everywhere = done >= _SPREAD * spread or done < _FEWEST
    values = {"changes": found.to_json(), "digest": found.digest, "articles": done}
    CorpusAdaptation.objects.update_or_create(
        corpus=corpus, defaults={**values, "spread": done if everywhere else min(spread, done)}
    )
    if former and former.digest == found.digest:
        return 0
    others = ArticleReading.objects.filter(corpus=corpus).exclude(article__in=_done(corpus).values("article"))
    article_ids = list(others.order_by("article").values_list("article", flat=True)[: None if everywhere else _NEXT])
    # Without a job: the caller goes on with them.
    mark_stale(corpus_id=corpus.pk, article_ids=article_ids, queue=False)
    return len(article_ids)


def _done(corpus: Corpus) -> QuerySet[Review]:
    readings = ArticleReading.objects.filter(corpus=corpus).values("article")
    return Review.objects.filter(corpus=corpus, layer=MAIN_LAYER, stage=Stage.DONE, article__in=readings)


def _material(corpus: Corpus) -> tuple[list[ReviewedReading], NameStatistics, Weights, list[str]]:
    """The newest done articles with the statistics, the weights and the labels that they are judged by."""
    newest = _done(corpus).order_by("-article").values_list("article", flat=True)[:_MOST_ARTICLES]
    decided = decided_articles(sorted(newest))
    articles = [
        ReviewedReading(article.reading, article.confirmed, article.former)
        for article in decided
        if article.reading is not None
    ]
    statistics = statistics_for(corpus.pk, [article.text for article in decided])
    return articles, statistics, fitted(), labels_for_suggesters(corpus.pk)
