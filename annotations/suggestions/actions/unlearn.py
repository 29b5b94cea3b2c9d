"""Remove what erased articles and corpora added to the name counts."""

from collections.abc import Sequence
from functools import partial

from django.db import transaction

from annotations.suggesters.reading import learning_record_from_json, reading_from_json
from annotations.suggestions.actions.name_counts import (
    Changes,
    add_learning_record,
    add_seen,
    change_counts,
    lock_learning,
)
from annotations.suggestions.actions.write_suggestions import lock_articles
from annotations.suggestions.models import (
    ArticleLearningRecord,
    ArticleReading,
    CorpusAdaptation,
    CorpusSuggester,
    NameCount,
    PendingUpdate,
    PossibleSpans,
    Run,
    RunItem,
    ScoreCalibration,
    TrainedModel,
)
from annotations.suggestions.pipelines import weights
from corpusapp.articles.models import Corpus
from corpusapp.core.errors import Conflict


def unlearn(*, corpus: Corpus, article_ids: Sequence[int]) -> None:
    """Delete the readings and learning records of these articles, and subtract their counts.

    Waits for runs that are processing the articles.
    """
    lock_learning(corpus.pk)
    RunItem.objects.filter(article__in=article_ids).delete()
    lock_articles(article_ids)
    PendingUpdate.objects.filter(article__in=article_ids).delete()
    changes: Changes = {}
    readings, learning_records = (
        model.objects.filter(pk__in=article_ids) for model in (ArticleReading, ArticleLearningRecord)
    )
    for data in readings.values_list("data", flat=True):
        add_seen(changes, reading_from_json(data).seen, -1)
    for data in learning_records.values_list("data", flat=True):
        add_learning_record(changes, learning_record_from_json(data), -1)
    change_counts(corpus.pk, changes)
    PossibleSpans.objects.filter(article__in=article_ids).delete()
    readings.delete()
    learning_records.delete()
    # Fitted anew, to what is left, after the next decision.
    CorpusAdaptation.objects.filter(corpus=corpus).delete()


def unlearn_corpus(*, corpus: Corpus) -> None:
    """Delete what was learned in a corpus: counts, calibration, and trained models with their weights.

    Raises `Conflict` while a model is being trained.
    """
    models = TrainedModel.objects.filter(corpus=corpus)
    if training := models.open().first():
        raise Conflict(f"model {training.pk} of {corpus.slug} is being trained on them: wait until it has ended")
    mine = set(models.exclude(digest="").values_list("digest", flat=True))
    shared = set(TrainedModel.objects.exclude(corpus=corpus).filter(digest__in=mine).values_list("digest", flat=True))
    for digest in sorted(mine - shared):
        transaction.on_commit(partial(weights.discard, digest))
    for model in (NameCount, ScoreCalibration, CorpusAdaptation, CorpusSuggester, Run, TrainedModel):
        model.objects.filter(corpus=corpus).delete()
