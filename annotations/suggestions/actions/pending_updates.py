"""Mark articles whose decisions are not learned from yet, or whose suggestions need an update."""

from collections.abc import Iterable

from django.db import connection, transaction

from annotations.suggestions.models import ArticleReading, PendingUpdate
from corpusapp.core import jobs

LEARN = "heed_decisions"
# A queue of its own: learning must take seconds, and must not wait for imports and runs, which may take minutes.
QUEUE = "decisions"


@transaction.atomic(savepoint=False)
def mark_decided(*, corpus_id: int, article_ids: Iterable[int]) -> None:
    """Mark articles as decided on. Call it in the transaction of the decision."""
    _mark(corpus_id, article_ids, PendingUpdate.Kind.DECIDED)


@transaction.atomic(savepoint=False)
def mark_stale(*, corpus_id: int, article_ids: Iterable[int]) -> None:
    """Have the suggestions of these articles updated from their cached readings; articles without one are skipped."""
    read = ArticleReading.objects.filter(pk__in=article_ids).order_by("pk").values_list("pk", flat=True)
    _mark(corpus_id, read, PendingUpdate.Kind.STALE)


def _mark(corpus_id: int, article_ids: Iterable[int], kind: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [corpus_id, list(article_ids), kind])
        marked = cursor.fetchone()
    if marked:
        _defer(corpus_id, marked[0])


def queue_learning(*, corpus_id: int) -> None:
    """Queue a job for the marks of a corpus; it starts after this transaction is committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text")
        _defer(corpus_id, cursor.fetchone()[0])


def _defer(corpus_id: int, transaction_id: str) -> None:
    """Queue one job per transaction: a job that waits already may run before this transaction is committed."""
    jobs.defer(LEARN, queueing_lock=f"{LEARN} {corpus_id} {transaction_id}", queue=QUEUE, corpus_id=corpus_id)


_MARK = """
    INSERT INTO suggestions_unsettled (corpus_id, article_id, kind) SELECT %s, unnest(%s::bigint[]), %s
    RETURNING pg_current_xact_id()::text
"""
