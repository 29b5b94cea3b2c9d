"""Bring the suggested links of marked articles up to date: only the difference is written, decided links stay.

A few articles at a time are linked without locks, and written in the transaction that deletes their marks: a killed
worker loses nothing, and editors wait for a short time only. What is decided meanwhile is respected, and has a mark.
"""

import time
from collections.abc import Sequence

from django.db import connection, transaction

from annotations.entities.actions.pending_links import Turn, mark_articles, queue_linking
from annotations.entities.actions.registry import lock_registry
from annotations.entities.actions.unused import remove_unused
from annotations.entities.actions.write_duplicates import compare_entities, count_savings, write_duplicates
from annotations.entities.actions.write_links import write_links
from annotations.entities.queries.affected import affected_articles, changed_entities
from annotations.entities.queries.linker_input import linker_articles, load_registry, neighbours_of
from annotations.linkers.candidates import find_duplicates
from annotations.linkers.company import ambiguous_candidates, decide_by_company
from annotations.linkers.linker import link_article
from annotations.linkers.registry import lookup_keys_of
from annotations.review.models import MAIN_LAYER
from corpusapp.articles.models import Corpus
from corpusapp.core.locks import Lock, lock
from corpusapp.core.prepared import plan_anew

# Marks that are looked at, articles that are linked together, and the total code points of these.
WINDOW, BATCH, _LENGTH = 256, 32, 400_000
# After this time other corpora have their turn.
TURN_SECONDS = 5.0


def link_marked(*, corpus: Corpus) -> None:
    """Process the marks of the corpus for one turn, and queue a job for the rest.

    Marks of a corpus that is withdrawn, or links no entities for now, stay until it does again.
    """
    end = time.monotonic() + TURN_SECONDS
    while Corpus.objects.filter(pk=corpus.pk, withdrawn_at=None, entities_enabled=True).exists():
        if not (_mark_affected(corpus) or _link_batch(corpus)):
            remove_unused(corpus_id=corpus.pk)
            return
        if time.monotonic() > end:
            queue_linking(corpus_id=corpus.pk)
            return


@transaction.atomic
def _mark_affected(corpus: Corpus) -> int:
    """Replace the marks of decisions by marks of the articles that they affect."""
    with connection.cursor() as cursor:
        cursor.execute(_POP_DECISIONS, {"corpus": corpus.pk, "window": WINDOW})
        decisions = sorted({row[0] for row in cursor.fetchall()})
    if decisions:
        compare_entities(corpus_id=corpus.pk, ids=changed_entities(corpus.pk, decisions))
    articles = dict.fromkeys(pk for decision in decisions for pk in affected_articles(corpus.pk, decision))
    # Without a job: this one goes on with them.
    mark_articles(corpus_id=corpus.pk, article_ids=list(articles), turn=Turn.DECIDED, queue=False)
    return len(decisions)


@transaction.atomic
def _link_batch(corpus: Corpus) -> int:
    plan_anew()
    # One worker at a time: two would create the same new entity.
    lock(Lock.LINKING, corpus.pk)
    article_ids = _pop_articles(corpus)
    if not article_ids:
        return 0
    articles = linker_articles(article_ids)
    keys = frozenset[str]().union(*(lookup_keys_of(one.article) for one in articles))
    decided = {said.entity for one in articles for said in one.article.decided.values() if said.entity is not None}
    registry = load_registry(corpus.pk, keys, decided)
    names = {pk: len(entity.aliases) for pk, entity in registry.entities.items()}
    found = [(one, link_article(one.article, registry)) for one in articles]
    neighbours = neighbours_of(*ambiguous_candidates((one.article, result) for one, result in found))
    found = [(one, decide_by_company(one.article, result, registry, neighbours)) for one, result in found]
    linked = {link.entity for _, links in found for link in links.links}
    renamed = [pk for pk in linked if len(registry.entities[pk].aliases) != names.get(pk)]
    pairs = find_duplicates(registry, renamed)
    _lock_articles(article_ids)
    lock_registry(corpus.pk)
    new = write_links(corpus_id=corpus.pk, found=found)
    write_duplicates(corpus_id=corpus.pk, pairs=pairs, compared=renamed, among=registry.entities, new=new)
    count_savings(linked)
    return len(article_ids)


def _pop_articles(corpus: Corpus) -> list[int]:
    """Delete the marks of the articles that were marked first; returns the articles. Some are marked once more."""
    values = {"corpus": corpus.pk, "window": WINDOW, "number": BATCH, "length": _LENGTH}
    with connection.cursor() as cursor:
        cursor.execute(_POP_ARTICLES, values)
        rows = cursor.fetchall()
    again = list(dict.fromkeys(article for _, article, turn in sorted(rows) if turn == Turn.NEW))
    mark_articles(corpus_id=corpus.pk, article_ids=again, turn=Turn.AGAIN, queue=False)
    return sorted({article for _, article, _ in rows})


def _lock_articles(article_ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [list(article_ids)])


_POP_DECISIONS = f"""
    DELETE FROM entities_pendinglink WHERE id = ANY (ARRAY(
        SELECT id FROM entities_pendinglink
        WHERE corpus_id = %(corpus)s AND turn = {Turn.DECIDED.value} AND decision_id IS NOT NULL
        ORDER BY id LIMIT %(window)s FOR UPDATE SKIP LOCKED
    )) RETURNING decision_id
"""
_POP_ARTICLES = """
    WITH waiting AS MATERIALIZED (
        SELECT id, article_id, row_number() OVER (ORDER BY turn, id) AS number FROM entities_pendinglink
        WHERE corpus_id = %(corpus)s AND article_id IS NOT NULL ORDER BY turn, id LIMIT %(window)s
    ),
    first AS MATERIALIZED (
        SELECT w.article_id, a.length, sum(a.length) OVER (ORDER BY w.number) AS total FROM (
            SELECT article_id, min(number) AS number FROM waiting GROUP BY article_id
            ORDER BY min(number) LIMIT %(number)s
        ) w JOIN articles_article a ON a.id = w.article_id
    )
    DELETE FROM entities_pendinglink WHERE id = ANY (ARRAY(
        SELECT w.id FROM waiting w JOIN first f ON f.article_id = w.article_id WHERE f.total - f.length < %(length)s
    )) RETURNING id, article_id, turn
"""
_LOCK = f"""
    SELECT FROM review_review WHERE article_id = ANY (%s::bigint[]) AND layer = '{MAIN_LAYER}'
    ORDER BY article_id FOR UPDATE
"""
