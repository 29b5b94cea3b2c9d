"""Counts of articles and spans of corpora, for progress and for filters."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from annotations.review.models import MAIN_LAYER, Label, Review, Span, Stage
from corpusapp.articles.models import Article, Corpus
from corpusapp.articles.queries import counted_with_another


@dataclass(frozen=True)
class Facets:
    """(value, count of articles) for the filters of a corpus's list."""

    sources: Sequence[tuple[str, int]] = ()
    stages: Sequence[tuple[str, int]] = ()
    labels: Sequence[str] = ()


def facets(corpus: Corpus) -> Facets:
    articles = Article.objects.filter(corpus=corpus, withdrawn_at=None)
    sources = articles.exclude(source=None).values_list("source__name").annotate(n=Count("id")).order_by("-n")[:50]
    stages = Review.objects.filter(corpus=corpus, layer=MAIN_LAYER, article__withdrawn_at=None)
    counted = dict(stages.values_list("stage").annotate(n=Count("id")).order_by())
    return Facets(
        sources=list(sources),
        stages=[(stage, counted.get(stage, 0)) for stage in Stage.values],
        labels=list(Label.objects.filter(corpus=corpus).values_list("name", flat=True)),
    )


@dataclass(frozen=True)
class CorpusCounts:
    """Progress of a corpus. A group of near copies that counts once is one article; `folded` are left out for it."""

    articles: int
    by_stage: Sequence[tuple[str, int]]
    by_state: dict[str, int]
    folded: int = 0


def corpus_counts(corpus: Corpus) -> CorpusCounts:
    left_out = counted_with_another([corpus])
    stages = stage_counts([corpus]).get(corpus.pk, {})
    spans = Span.objects.filter(corpus=corpus, layer=MAIN_LAYER, article__withdrawn_at=None).exclude(
        article__in=left_out
    )
    return CorpusCounts(
        articles=sum(stages.values()),
        by_stage=[(stage, stages.get(stage, 0)) for stage in Stage.values],
        by_state=dict(spans.values_list("state").annotate(n=Count("id")).order_by()),
        folded=left_out.count(),
    )


def stage_counts(corpora: Sequence[Corpus] | QuerySet[Corpus]) -> dict[int, dict[str, int]]:
    """Counts of articles by corpus and stage, in one query. A group of near copies that counts once is one article."""
    reviews = Review.objects.filter(corpus__in=corpora, layer=MAIN_LAYER, article__withdrawn_at=None)
    reviews = reviews.exclude(article__in=counted_with_another(corpora))
    counts: dict[int, dict[str, int]] = {}
    for corpus_id, stage, number in reviews.values_list("corpus", "stage").annotate(n=Count("id")).order_by():
        counts.setdefault(corpus_id, {})[stage] = number
    return counts
