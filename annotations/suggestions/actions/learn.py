"""Learn from decisions, and bring the pending suggestions of other articles up to date.

Both steps take their marks a few at a time, each in a transaction of its own: a kill loses nothing, and no editor waits
for more than a moment.
"""

import time
from collections import Counter

from django.db import connection, transaction

from annotations.suggesters.reader import resolved
from annotations.suggesters.reading import learning_record_from_json, learning_record_to_json, reading_from_json
from annotations.suggesters.words import Words
from annotations.suggestions.actions.calibrate import calibrate_if_due
from annotations.suggestions.actions.name_counts import Key, change_counts, hold_learning, learning_record_counts
from annotations.suggestions.actions.pending_updates import mark_stale, wake_learning
from annotations.suggestions.actions.train_model import train_if_due
from annotations.suggestions.actions.write_suggestions import write_proposals
from annotations.suggestions.models import ArticleLearningRecord, ArticleReading, PendingUpdate
from annotations.suggestions.queries.name_statistics import (
    articles_holding,
    changed_surfaces,
    decided_on,
    former_learning_records,
    outcomes,
    statistics_for,
)
from corpusapp.articles.models import Article, Corpus
from corpusapp.articles.queries import is_shown

LESSONS_AT_ONCE = 50
ARTICLES_AT_ONCE = 64
# After so long other corpora have their turn.
TURN_SECONDS = 5.0


def learn_from_decisions(*, corpus: Corpus) -> None:
    """Do what is marked in the corpus, for one turn; another job goes on with the rest.

    What another worker has taken is left to it. What is left when the corpus is withdrawn waits until it is restored.
    """
    end = time.monotonic() + TURN_SECONDS
    while is_shown(corpus.pk):
        if not (_learn(corpus) or _settle(corpus)):
            train_if_due(corpus=corpus)
            return
        if time.monotonic() > end:
            with transaction.atomic():
                wake_learning(corpus_id=corpus.pk)
            return


@transaction.atomic
def _learn(corpus: Corpus) -> int:
    """Turn the decisions on marked articles into counts, and mark the articles that these concern."""
    hold_learning(corpus.pk)
    article_ids = _take(corpus, PendingUpdate.Kind.DECIDED, LESSONS_AT_ONCE)
    if not article_ids:
        return 0
    former, decided = former_learning_records(article_ids), decided_on(article_ids)
    became = outcomes(corpus.pk, decided, former)
    changes: Counter[Key] = Counter()
    rows = []
    for pk, case in decided.items():
        learning_record = case.learning_record()
        changes.update(learning_record_counts(learning_record))
        changes.subtract(learning_record_counts(learning_record_from_json(former[pk]) if pk in former else None))
        row = ArticleLearningRecord(
            article_id=pk, corpus=corpus, data=learning_record_to_json(learning_record), outcomes=became.get(pk, "[]")
        )
        rows.append(row)
    ArticleLearningRecord.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["article"], update_fields=["data", "outcomes"]
    )
    surfaces = changed_surfaces(corpus.pk, changes)
    change_counts(corpus.pk, changes)
    mark_stale(corpus_id=corpus.pk, article_ids=articles_holding(corpus.pk, surfaces) - set(article_ids))
    calibrate_if_due(corpus=corpus)
    return len(article_ids)


def _take(corpus: Corpus, kind: str, number: int) -> list[int]:
    """Remove the marks of the articles that were marked first and nobody else has in hand; returns the articles."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"corpus": corpus.pk, "kind": kind, "number": number})
        return sorted({row[0] for row in cursor.fetchall()})


_TAKE = """
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
def _settle(corpus: Corpus) -> int:
    """Make the suggestions of marked articles anew from their readings."""
    article_ids = _take(corpus, PendingUpdate.Kind.STALE, ARTICLES_AT_ONCE)
    if not article_ids:
        return 0
    articles = list(Article.objects.filter(pk__in=article_ids).only("id", "text"))
    words = {article.pk: Words(article.text) for article in articles}
    statistics = statistics_for(corpus.pk, words.values())
    by_pipeline: dict[int, dict[int, list]] = {}
    for row in ArticleReading.objects.filter(pk__in=article_ids):
        proposals = resolved(words[row.pk], reading_from_json(row.data), statistics)
        by_pipeline.setdefault(row.pipeline_id, {})[row.pk] = proposals
    for pipeline_id, proposals in by_pipeline.items():
        write_proposals(corpus=corpus, pipeline_id=pipeline_id, proposals=proposals)
    return len(article_ids)
