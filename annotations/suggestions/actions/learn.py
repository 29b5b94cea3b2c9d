"""Learn from decisions, and bring the pending suggestions of other articles up to date.

Both steps take a few marks at a time, each in its own transaction: a killed worker loses nothing, and editors do not
wait for locks.
"""

import time
from collections.abc import Mapping, Sequence

from django.db import connection, transaction

from annotations.suggesters.evidence import Weights, fitted
from annotations.suggesters.name_statistics import NameStatistics
from annotations.suggesters.reader import resolved_with_possible
from annotations.suggesters.reading import learning_record_to_json, reading_from_json
from annotations.suggesters.words import Words
from annotations.suggestions.actions.adapt import adapt_if_due
from annotations.suggestions.actions.calibrate import calibrate_if_due
from annotations.suggestions.actions.name_counts import Changes, add_learning_record, change_counts, lock_learning
from annotations.suggestions.actions.pending_updates import mark_stale, newest_mark, queue_learning
from annotations.suggestions.actions.train_model import train_if_due
from annotations.suggestions.actions.write_suggestions import Resolution, write_proposals
from annotations.suggestions.queries.affected import affected_articles, affected_surfaces, articles_with_habits
from annotations.suggestions.queries.name_statistics import (
    DecidedArticle,
    decided_articles,
    statistics_for,
    suggestion_outcomes,
)
from annotations.suggestions.queries.runs import changes_of
from corpusapp.articles.models import Article, Corpus
from corpusapp.articles.queries import is_shown
from corpusapp.core.prepared import planning_cursor

# Marks that are learned from in one transaction, and the total code points of their articles.
LEARN_BATCH, _LEARN_LENGTH = 1000, 5_000_000
# Articles whose statistics are read together, and those whose suggestions are updated in one transaction.
UPDATE_GROUP, UPDATE_BATCH = 256, 32
# After this time other corpora have their turn.
TURN_SECONDS = 5.0


def learn_from_decisions(*, corpus: Corpus) -> None:
    """Process the marks of the corpus for one turn, and queue a job for the rest.

    Decisions that are marked meanwhile have a job of their own: this one would learn from each as it comes, which takes
    fifty times as long. Marks of a withdrawn corpus stay until it is restored.
    """
    end = time.monotonic() + TURN_SECONDS
    newest = newest_mark(corpus_id=corpus.pk)
    while is_shown(corpus.pk):
        if not (_learn(corpus, newest) or _update_suggestions(corpus) or adapt_if_due(corpus=corpus)):
            train_if_due(corpus=corpus)
            return
        if time.monotonic() > end:
            queue_learning(corpus_id=corpus.pk)
            return


@transaction.atomic
def _learn(corpus: Corpus, newest: int) -> int:
    """Count the decisions on marked articles, and mark the articles whose suggestions this may change.

    Takes no mark after `newest`, the id of one.
    """
    lock_learning(corpus.pk)
    article_ids = _pop_decided(corpus, newest)
    if not article_ids:
        return 0
    articles = decided_articles(article_ids)
    outcomes = suggestion_outcomes(corpus.pk, articles, fitted().changed(changes_of(corpus.pk)))
    changes, changed_by = _changes(articles)
    _store_records(corpus, articles, outcomes)
    surfaces = affected_surfaces(corpus.pk, changes)
    change_counts(corpus.pk, changes)
    # Without a job: this one goes on with them.
    affected = [*affected_articles(corpus.pk, surfaces, changed_by), *articles_with_habits(corpus.pk, surfaces)]
    mark_stale(corpus_id=corpus.pk, article_ids=list(dict.fromkeys(affected)), queue=False)
    calibrate_if_due(corpus=corpus)
    return len(article_ids)


def _pop_decided(corpus: Corpus, newest: int) -> list[int]:
    """Delete the marks of the articles that were decided on first; returns the articles' ids in this order."""
    with connection.cursor() as cursor:
        bounds = {"newest": newest, "number": LEARN_BATCH, "length": _LEARN_LENGTH}
        cursor.execute(_POP_DECIDED, {"corpus": corpus.pk, **bounds})
        return list(dict.fromkeys(article for _, article in sorted(cursor.fetchall())))


def _changes(articles: Sequence[DecidedArticle]) -> tuple[Changes, dict[str, set[int]]]:
    """How the name counts change, and by which articles the counts of each surface do."""
    changes: Changes = {}
    changed_by: dict[str, set[int]] = {}
    for article in articles:
        record, former = article.learning_record, article.former
        if record == former:
            continue
        add_learning_record(changes, record)
        before = former.surfaces if former else {}
        if former:
            add_learning_record(changes, former, -1)
        for surface in record.surfaces.keys() | before.keys():
            if record.surfaces.get(surface) != before.get(surface):
                changed_by.setdefault(surface, set()).add(article.pk)
    return changes, changed_by


def _store_records(corpus: Corpus, articles: Sequence[DecidedArticle], outcomes: Mapping[int, str]) -> None:
    rows = [(a.pk, learning_record_to_json(a.learning_record), outcomes.get(a.pk, "[]"), a.stored) for a in articles]
    changed = [(pk, data, outcome) for pk, data, outcome, stored in rows if (data, outcome) != stored]
    if changed:
        with planning_cursor() as cursor:
            cursor.execute(_STORE_RECORDS, [corpus.pk, *map(list, zip(*changed, strict=True))])


def _update_suggestions(corpus: Corpus) -> int:
    """Update the suggestions of some marked articles from their cached readings."""
    marks = _stale_marks(corpus)
    if not marks:
        return 0
    # The statistics are read after the marks: what is learned later marks the articles again.
    texts = dict(Article.objects.filter(pk__in=marks).values_list("pk", "text"))
    statistics = statistics_for(corpus.pk, texts.values())
    weights = fitted().changed(changes_of(corpus.pk))
    order = [pk for pk in marks if pk in texts]
    for first in range(0, len(order), UPDATE_BATCH):
        batch = order[first : first + UPDATE_BATCH]
        taken = [mark for pk in batch for mark in marks[pk]]
        _update_batch(corpus, statistics, weights, {pk: texts[pk] for pk in batch}, taken)
    return len(marks)


def _stale_marks(corpus: Corpus) -> dict[int, list[int]]:
    """The marks of the articles that were marked first, by article."""
    with connection.cursor() as cursor:
        cursor.execute(_STALE_MARKS, {"corpus": corpus.pk, "number": UPDATE_GROUP})
        return dict(cursor.fetchall())


@transaction.atomic
def _update_batch(
    corpus: Corpus, statistics: NameStatistics, weights: Weights, texts: Mapping[int, str], marks: Sequence[int]
) -> None:
    by_pipeline: dict[int, dict[int, Resolution]] = {}
    for pk, pipeline_id, data in _pop_readings(marks):
        found = resolved_with_possible(Words(texts[pk]), reading_from_json(data), statistics, weights)
        by_pipeline.setdefault(pipeline_id, {})[pk] = found
    for pipeline_id, of_articles in by_pipeline.items():
        write_proposals(corpus=corpus, pipeline_id=pipeline_id, resolved=of_articles)


def _pop_readings(marks: Sequence[int]) -> list[tuple[int, int, str]]:
    """Delete the marks that no other worker has taken; returns their articles with pipelines and cached readings."""
    with connection.cursor() as cursor:
        cursor.execute(_POP_READINGS, [list(marks)])
        return cursor.fetchall()


_POP_DECIDED = """
    WITH oldest AS MATERIALIZED (
        SELECT mark.article_id, a.length, sum(a.length) OVER (ORDER BY mark.id) AS total
        FROM (
            SELECT id, article_id FROM suggestions_unsettled
            WHERE corpus_id = %(corpus)s AND kind = 'decided' AND id <= %(newest)s ORDER BY id LIMIT %(number)s
        ) mark JOIN articles_article a ON a.id = mark.article_id
    )
    DELETE FROM suggestions_unsettled WHERE id = ANY (ARRAY(
        SELECT id FROM suggestions_unsettled
        WHERE corpus_id = %(corpus)s AND kind = 'decided' AND id <= %(newest)s AND article_id = ANY (ARRAY(
            SELECT article_id FROM oldest WHERE total - length < %(length)s
        ))
    )) RETURNING id, article_id
"""
_STORE_RECORDS = """
    INSERT INTO suggestions_articlelesson (corpus_id, article_id, data, outcomes)
    SELECT %s, * FROM unnest(%b::bigint[], %b::text[], %b::text[])
    ON CONFLICT (article_id) DO UPDATE SET data = excluded.data, outcomes = excluded.outcomes
"""
_STALE_MARKS = """
    WITH oldest AS MATERIALIZED (
        SELECT article_id FROM suggestions_unsettled
        WHERE corpus_id = %(corpus)s AND kind = 'stale' ORDER BY id LIMIT %(number)s
    )
    SELECT article_id, array_agg(id) FROM suggestions_unsettled
    WHERE corpus_id = %(corpus)s AND kind = 'stale' AND article_id = ANY (ARRAY(SELECT article_id FROM oldest))
    GROUP BY article_id ORDER BY min(id)
"""
_POP_READINGS = """
    WITH popped AS (
        DELETE FROM suggestions_unsettled WHERE id = ANY (ARRAY(
            SELECT id FROM suggestions_unsettled WHERE id = ANY (%s::bigint[]) FOR UPDATE SKIP LOCKED
        )) RETURNING article_id
    )
    SELECT article_id, pipeline_id, data FROM suggestions_articlereading
    WHERE article_id IN (SELECT article_id FROM popped)
"""
