"""Mark articles whose links need an update, and queue the job that brings them up to date."""

from collections.abc import Sequence

from django.db import transaction

from annotations.entities.models import PendingLink
from corpusapp.articles.models import Corpus
from corpusapp.core import jobs
from corpusapp.core.prepared import planning_cursor

LINK = "link_articles"
# As for learning from decisions: it must take seconds, and not wait for imports and runs.
QUEUE = "decisions"
Turn = PendingLink.Turn


def mark_articles(*, corpus_id: int, article_ids: Sequence[int], turn: Turn = Turn.CHANGED, queue: bool = True) -> None:
    """Have the links of these articles brought up to date, in this order, if the corpus links entities.

    One statement, in the current transaction. A job for the marks of the corpus waits then, or is queued; without
    `queue`, the caller sees to a job. Articles with `Turn.NEW` are linked twice.
    """
    if article_ids:
        with planning_cursor() as cursor:
            cursor.execute(
                _MARK_ARTICLES if queue else _MARK_ARTICLES_ONLY,
                {"corpus": corpus_id, "articles": list(article_ids), "turn": turn.value},
            )


def mark_decision(*, corpus_id: int, decision_id: int) -> None:
    """Have the links of all articles with names that this decision concerns brought up to date."""
    with planning_cursor() as cursor:
        cursor.execute(_MARK_DECISION, {"corpus": corpus_id, "decision": decision_id})


def mark_corpus(*, corpus_id: int) -> None:
    """Have all articles of a corpus with spans linked."""
    with planning_cursor() as cursor:
        cursor.execute(_MARK_CORPUS, {"corpus": corpus_id})


def queue_marked(*, corpus_id: int) -> None:
    """Queue a job soon if anything of the corpus is marked."""
    with planning_cursor() as cursor:
        cursor.execute(_QUEUE_MARKED, {"corpus": corpus_id})


@transaction.atomic
def queue_linking(*, corpus_id: int) -> None:
    """Queue a job for the marks of a corpus; it starts after this transaction is committed."""
    jobs.defer_once(LINK, queueing_lock=f"{LINK} {corpus_id}", queue=QUEUE, corpus_id=corpus_id)


def queue_forgotten() -> int:
    """Queue a job for each corpus that has marks and no job, such as after one that failed; returns how many."""
    linking = Corpus.objects.filter(withdrawn_at=None, entities_enabled=True)
    marked = PendingLink.objects.filter(corpus__in=linking).order_by().values("corpus").distinct()
    corpora = set(marked.values_list("corpus", flat=True))
    forgotten = corpora - jobs.unfinished_arguments(LINK, "corpus_id") if corpora else corpora
    for corpus_id in sorted(forgotten):
        queue_linking(corpus_id=corpus_id)
    return len(forgotten)


_MARK = """
    WITH written AS (
        INSERT INTO entities_pendinglink (corpus_id, article_id, decision_id, turn)
        SELECT k.id, {article}, {decision}, {turn}::smallint FROM articles_corpus k {of}
        WHERE k.id = %(corpus)s::bigint AND k.entities_enabled ORDER BY {order} RETURNING id
    )
"""
_SOON = jobs.queueing_soon(LINK, queue=QUEUE)
_ARTICLES = _MARK.format(
    article="marked.article",
    decision="NULL::bigint",
    turn="%(turn)s",
    of="CROSS JOIN unnest(%(articles)s::bigint[]) WITH ORDINALITY AS marked (article, number)",
    order="marked.number",
)
_MARK_ARTICLES = _ARTICLES + _SOON
_MARK_ARTICLES_ONLY = _ARTICLES + "SELECT count(*) FROM written"
_MARK_DECISION = (
    _MARK.format(article="NULL::bigint", decision="%(decision)s::bigint", turn=Turn.DECIDED.value, of="", order="k.id")
    + _SOON
)
_MARK_CORPUS = (
    _MARK.format(
        article="a.id",
        decision="NULL::bigint",
        turn=Turn.NEW.value,
        of="JOIN articles_article a ON a.corpus_id = k.id AND a.withdrawn_at IS NULL",
        order="a.id",
    )
    + _SOON
)
_QUEUE_MARKED = (
    "WITH written AS (SELECT id FROM entities_pendinglink WHERE corpus_id = %(corpus)s::bigint LIMIT 1)" + _SOON
)
