"""Mark articles whose decisions are not learned from yet, or whose suggestions need an update."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max

from annotations.entities.queries.names import names_changed_by
from annotations.suggestions.models import PendingUpdate
from annotations.suggestions.queries.affected import affected_articles
from corpusapp.articles.models import Corpus
from corpusapp.core import jobs
from corpusapp.core.prepared import planning_cursor

LEARN, LEARN_NAMES = "heed_decisions", "learn_names"
# A queue of its own: learning must take seconds, and must not wait for imports and runs, which may take minutes.
QUEUE = "decisions"
# Names of one decision that are looked for; an imported list may have any number.
_MOST_NAMES = 5000


def mark_decided(*, corpus_id: int, article_ids: Sequence[int], queue: bool = True) -> None:
    """Mark articles as decided on, in one statement. Call it in the transaction of the decision.

    A job for the marks of the corpus waits then, or is queued: the decisions of about a second share one. Without
    `queue`, the caller sees to a job.
    """
    _mark(MARK_DECIDED if queue else _MARK_DECIDED_ONLY, corpus_id, article_ids)


def mark_stale(*, corpus_id: int, article_ids: Sequence[int], queue: bool = True) -> None:
    """Have the suggestions of these articles updated from their cached readings, in this order.

    Articles without a reading are skipped. Without `queue`, the caller sees to a job.
    """
    _mark(_MARK_STALE if queue else _MARK_STALE_ONLY, corpus_id, article_ids)


def _mark(statement: str, corpus_id: int, article_ids: Sequence[int]) -> None:
    if article_ids:
        with planning_cursor() as cursor:
            cursor.execute(statement, {"corpus": corpus_id, "articles": list(article_ids)})


def queue_marked(*, corpus_id: int) -> None:
    """Queue a job soon if articles of the corpus are marked as decided on."""
    with planning_cursor() as cursor:
        cursor.execute(_QUEUE_MARKED, {"corpus": corpus_id})


def newest_mark(*, corpus_id: int) -> int:
    """The id of the last mark of the corpus, 0 if it has none."""
    last = PendingUpdate.objects.filter(corpus=corpus_id).aggregate(last=Max("pk"))["last"]
    return int(last or 0)


def learn_names_later(*, corpus_id: int, decision_id: int) -> None:
    """Queue a job that has the names of entities looked for which this decision changed."""
    jobs.defer(LEARN_NAMES, queue=QUEUE, corpus_id=corpus_id, decision_id=decision_id)


def learn_names(*, corpus_id: int, decision_id: int) -> None:
    """Have the suggestions of articles updated that contain a name which this decision gave to, or took from, an
    entity.
    """
    names = sorted(names_changed_by(decision_id))[:_MOST_NAMES]
    nobody = {name: set[int]() for name in names}
    mark_stale(corpus_id=corpus_id, article_ids=affected_articles(corpus_id, names, nobody))


@transaction.atomic
def queue_learning(*, corpus_id: int) -> None:
    """Queue a job for the marks of a corpus; it starts after this transaction is committed."""
    jobs.defer_once(LEARN, queueing_lock=f"{LEARN} {corpus_id}", queue=QUEUE, corpus_id=corpus_id)


def queue_forgotten() -> int:
    """Queue a job for each corpus that has marks and no job, such as after one that failed; returns how many."""
    marked = PendingUpdate.objects.filter(corpus__withdrawn_at=None).order_by().values("corpus").distinct()
    corpora = set(Corpus.objects.filter(pk__in=marked).values_list("pk", flat=True))
    forgotten = corpora - jobs.unfinished_arguments(LEARN, "corpus_id") if corpora else corpora
    for corpus_id in sorted(forgotten):
        queue_learning(corpus_id=corpus_id)
    return len(forgotten)


_MARK = """
    WITH written AS (
        INSERT INTO suggestions_unsettled (corpus_id, article_id, kind)
        SELECT %(corpus)s::bigint, marked.article, '{kind}'
        FROM unnest(%(articles)s::bigint[]) WITH ORDINALITY AS marked (article, number) {among}
        ORDER BY marked.number RETURNING id
    )
"""
_READ = "JOIN suggestions_articlereading reading ON reading.article_id = marked.article"
_SOON = jobs.queueing_soon(LEARN, queue=QUEUE)
MARK_DECIDED = _MARK.format(kind=PendingUpdate.Kind.DECIDED, among="") + _SOON
_MARK_STALE = _MARK.format(kind=PendingUpdate.Kind.STALE, among=_READ) + _SOON
_ALONE = "SELECT count(*) FROM written"
_MARK_DECIDED_ONLY = _MARK.format(kind=PendingUpdate.Kind.DECIDED, among="") + _ALONE
_QUEUE_MARKED = (
    f"""
    WITH written AS (
        SELECT id FROM suggestions_unsettled
        WHERE corpus_id = %(corpus)s::bigint AND kind = '{PendingUpdate.Kind.DECIDED}' LIMIT 1
    )
"""
    + _SOON
)
_MARK_STALE_ONLY = _MARK.format(kind=PendingUpdate.Kind.STALE, among=_READ) + _ALONE
