"""Mark articles whose decisions are to be learned from, or whose suggestions are to heed what was learned."""

from collections.abc import Iterable

from django.db import connection, transaction

from annotations.suggestions.models import ArticleReading, Unsettled
from corpusapp import jobs

HEED = "heed_decisions"
# Beside imports and runs, which may take minutes, in a queue of its own: it is to be done within seconds.
QUEUE = "decisions"


@transaction.atomic
def mark_decided(*, corpus_id: int, article_ids: Iterable[int]) -> None:
    """In the transaction of a decision on these articles."""
    _mark(corpus_id, article_ids, Unsettled.Kind.DECIDED)


@transaction.atomic
def mark_stale(*, corpus_id: int, article_ids: Iterable[int]) -> None:
    """Have these articles' suggestions made anew from their readings; those never read are passed over."""
    read = ArticleReading.objects.filter(pk__in=article_ids).order_by("pk").values_list("pk", flat=True)
    _mark(corpus_id, read, Unsettled.Kind.STALE)


def _mark(corpus_id: int, article_ids: Iterable[int], kind: str) -> None:
    marks = [Unsettled(corpus_id=corpus_id, article_id=pk, kind=kind) for pk in article_ids]
    if marks:
        Unsettled.objects.bulk_create(marks, 1000)
        wake_heeding(corpus_id=corpus_id)


def wake_heeding(*, corpus_id: int) -> None:
    """Have a worker look at the marks of a corpus when this transaction is committed."""
    jobs.defer(HEED, queueing_lock=f"{HEED} {corpus_id} {_transaction()}", queue=QUEUE, corpus_id=corpus_id)


def _transaction() -> str:
    """One job a transaction: one that waits already might be done before these marks are committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text")
        return cursor.fetchone()[0]
