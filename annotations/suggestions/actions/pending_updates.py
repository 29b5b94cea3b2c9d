"""Mark articles whose decisions are to be learned from, or whose suggestions are to heed what was learned."""

from collections.abc import Iterable

from django.db import connection, transaction

from annotations.suggestions.models import ArticleReading, PendingUpdate
from corpusapp.core import jobs

HEED = "heed_decisions"
# Beside imports and runs, which may take minutes, in a queue of its own: it is to be done within seconds.
QUEUE = "decisions"


@transaction.atomic(savepoint=False)
def mark_decided(*, corpus_id: int, article_ids: Iterable[int]) -> None:
    """In the transaction of a decision on these articles."""
    _mark(corpus_id, article_ids, PendingUpdate.Kind.DECIDED)


@transaction.atomic(savepoint=False)
def mark_stale(*, corpus_id: int, article_ids: Iterable[int]) -> None:
    """Have these articles' suggestions made anew from their readings; those never read are passed over."""
    read = ArticleReading.objects.filter(pk__in=article_ids).order_by("pk").values_list("pk", flat=True)
    _mark(corpus_id, read, PendingUpdate.Kind.STALE)


def _mark(corpus_id: int, article_ids: Iterable[int], kind: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [corpus_id, list(article_ids), kind])
        marked = cursor.fetchone()
    if marked:
        _defer(corpus_id, marked[0])


def wake_learning(*, corpus_id: int) -> None:
    """Have a worker look at the marks of a corpus when this transaction is committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text")
        _defer(corpus_id, cursor.fetchone()[0])


def _defer(corpus_id: int, transaction_id: str) -> None:
    """One job a transaction: one that waits already might be done before the marks of this one are committed."""
    jobs.defer(HEED, queueing_lock=f"{HEED} {corpus_id} {transaction_id}", queue=QUEUE, corpus_id=corpus_id)


_MARK = """
    INSERT INTO suggestions_unsettled (corpus_id, article_id, kind) SELECT %s, unnest(%s::bigint[]), %s
    RETURNING pg_current_xact_id()::text
"""
