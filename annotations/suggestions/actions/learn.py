"""Learn from decisions, and bring the pending suggestions of other articles up to date.

Both steps take a few marks at a time, each in its own transaction: a killed worker loses nothing, and editors do not
wait for locks.
"""

import time
from collections import Counter

from django.db import connection, transaction

from annotations.suggesters.protocol import Proposal
from annotations.suggesters.reader import resolved
from annotations.suggesters.reading import learning_record_from_json, learning_record_to_json, reading_from_json
from annotations.suggesters.words import Words
from annotations.suggestions.actions.calibrate import calibrate_if_due
from annotations.suggestions.actions.name_counts import CountKey, change_counts, learning_record_counts, lock_learning
from annotations.suggestions.actions.pending_updates import mark_stale, queue_learning
from annotations.suggestions.actions.train_model import train_if_due
from annotations.suggestions.actions.write_suggestions import write_proposals
from annotations.suggestions.models import ArticleLearningRecord, ArticleReading, PendingUpdate
from annotations.suggestions.queries.name_statistics import (
    affected_surfaces,
    articles_containing,
    decided_articles,
    statistics_for,
    stored_learning_records,
    suggestion_outcomes,
)
from corpusapp.articles.models import Article, Corpus
from corpusapp.articles.queries import is_shown

# Articles per transaction.
LEARN_BATCH, UPDATE_BATCH = 50, 64
# After this time other corpora have their turn.
TURN_SECONDS = 5.0


def learn_from_decisions(*, corpus: Corpus) -> None:
    """Process the marks of the corpus for one turn, and queue a job for the rest.

    Marks that another worker has locked are skipped. Marks of a withdrawn corpus stay until it is restored.
    """
    end = time.monotonic() + TURN_SECONDS
    while is_shown(corpus.pk):
        if not (_learn(corpus) or _update_suggestions(corpus)):
            train_if_due(corpus=corpus)
            return
        if time.monotonic() > end:
            with transaction.atomic():
                queue_learning(corpus_id=corpus.pk)
            return


@transaction.atomic
def _learn(corpus: Corpus) -> int:
    """Count the decisions on marked articles, and mark the articles whose suggestions this may change."""
    lock_learning(corpus.pk)
    article_ids = _pop_marks(corpus, PendingUpdate.Kind.DECIDED, LEARN_BATCH)
    if not article_ids:
        return 0
    former, decided = stored_learning_records(article_ids), decided_articles(article_ids)
    outcomes = suggestion_outcomes(corpus.pk, decided, former)
    changes: Counter[CountKey] = Counter()
    rows = []
    for pk, article in decided.items():
        learning_record = article.learning_record()
        changes.update(learning_record_counts(learning_record))
        changes.subtract(learning_record_counts(learning_record_from_json(former[pk]) if pk in former else None))
        row = ArticleLearningRecord(
            article_id=pk, corpus=corpus, data=learning_record_to_json(learning_record), outcomes=outcomes.get(pk, "[]")
        )
        rows.append(row)
    ArticleLearningRecord.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["article"], update_fields=["data", "outcomes"]
    )
    surfaces = affected_surfaces(corpus.pk, changes)
    change_counts(corpus.pk, changes)
    mark_stale(corpus_id=corpus.pk, article_ids=articles_containing(corpus.pk, surfaces) - set(article_ids))
    calibrate_if_due(corpus=corpus)
    return len(article_ids)


def _pop_marks(corpus: Corpus, kind: str, number: int) -> list[int]:
    """Delete the marks of the articles that were marked first, except locked ones; returns the articles' ids."""
    with connection.cursor() as cursor:
        cursor.execute(_POP_MARKS, {"corpus": corpus.pk, "kind": kind, "number": number})
        return sorted({row[0] for row in cursor.fetchall()})


_POP_MARKS = """
    WITH oldest AS (
        SELECT article_id FROM suggestions_unsettled WHERE corpus_id = %(corpus)s AND kind = %(kind)s
        ORDER BY id LIMIT %(number)s FOR UPDATE SKIP LOCKED
    )
    DELETE FROM suggestions_unsettled WHERE id IN (
        SELECT id FROM suggestions_unsettled
        WHERE corpus_id = %(corpus)s AND kind = %(kind)s AND article_id IN (SELECT article_id FROM oldest)
        FOR UPDATE SKIP LOCKED
    ) RETURNING article_id
"""


@transaction.atomic
def _update_suggestions(corpus: Corpus) -> int:
    """Update the suggestions of marked articles from their cached readings."""
    article_ids = _pop_marks(corpus, PendingUpdate.Kind.STALE, UPDATE_BATCH)
    if not article_ids:
        return 0
    articles = list(Article.objects.filter(pk__in=article_ids).only("id", "text"))
    words = {article.pk: Words(article.text) for article in articles}
    statistics = statistics_for(corpus.pk, words.values())
    by_pipeline: dict[int, dict[int, list[Proposal]]] = {}
    for row in ArticleReading.objects.filter(pk__in=article_ids):
        found = resolved(words[row.pk], reading_from_json(row.data), statistics)
        by_pipeline.setdefault(row.pipeline_id, {})[row.pk] = found
    for pipeline_id, proposals in by_pipeline.items():
        write_proposals(corpus=corpus, pipeline_id=pipeline_id, proposals=proposals)
    return len(article_ids)
