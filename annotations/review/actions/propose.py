"""Merge the proposals of a suggester into the suggestions of articles.

A suggestion that is proposed again keeps its id and revision; one that is no longer proposed is deleted. Decided spans
are never changed or proposed again, and no proposal overlaps a confirmed span unless the corpus allows nesting.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from annotations.review.models import MAIN_LAYER, Stage
from annotations.review.ports import notify_stage_moved
from corpusapp.articles.models import Corpus
from corpusapp.core.copying import copying


@dataclass(frozen=True)
class ProposalRow:
    """A proposal with the id of its label; `score` is between 0 and 1, or None if the suggester gives none."""

    article_id: int
    start: int
    end: int
    label_id: int
    score: float | None


@dataclass(frozen=True)
class Difference:
    """The articles whose suggestions changed, and how many suggestions were added and removed."""

    articles: frozenset[int]
    added: int
    removed: int


@transaction.atomic
def replace_suggestions(
    *, corpus: Corpus, pipeline_id: int, article_ids: Iterable[int], proposals: Iterable[ProposalRow]
) -> Difference:
    """Make `proposals` the suggestions of `article_ids`. Skips done, withdrawn and foreign articles."""
    with connection.cursor() as cursor:
        open_ids = _lock(cursor, corpus, list(article_ids))
        _copy(cursor, (row for row in proposals if row.article_id in open_ids))
        parameters: dict[str, Any] = {
            "open": list(open_ids),
            "pipeline": pipeline_id,
            "corpus": corpus.pk,
            "layer": MAIN_LAYER,
        }
        if not corpus.nesting_allowed:
            cursor.execute(_SKIP_CONFIRMED)
        removed = _articles(cursor, _REMOVE, parameters)
        cursor.execute(_REFRESH, parameters)
        added = _articles(cursor, _INSERT, parameters)
        newly_suggested = _articles(cursor, _STAGE, parameters)
    notify_stage_moved(corpus.pk, sorted(newly_suggested), Stage.SUGGESTED, None)
    return Difference(frozenset(added + removed), len(added), len(removed))


def _articles(cursor: CursorWrapper, statement: str, parameters: dict[str, Any]) -> list[int]:
    """Execute a statement; the article of each row that it changed."""
    cursor.execute(statement, parameters)
    return [row[0] for row in cursor.fetchall()]


def _lock(cursor: CursorWrapper, corpus: Corpus, article_ids: list[int]) -> set[int]:
    """Lock the reviews in the order of the articles' ids, so that two runs cannot deadlock."""
    cursor.execute(
        """
        SELECT r.article_id FROM review_review r JOIN articles_article a ON a.id = r.article_id
        WHERE r.article_id = ANY(%s) AND r.corpus_id = %s AND r.layer = %s AND r.stage <> 'done'
          AND a.withdrawn_at IS NULL
        ORDER BY r.article_id FOR UPDATE OF r
        """,
        [article_ids, corpus.pk, MAIN_LAYER],
    )
    return {row[0] for row in cursor.fetchall()}


def _copy(cursor: CursorWrapper, proposals: Iterator[ProposalRow]) -> None:
    cursor.execute(
        """
        CREATE TEMPORARY TABLE IF NOT EXISTS proposed
            (article_id bigint, start integer, "end" integer, label_id bigint, score double precision) ON COMMIT DROP;
        TRUNCATE proposed
        """
    )
    with copying('COPY proposed (article_id, start, "end", label_id, score) FROM STDIN') as copy:
        for row in proposals:
            copy.write_row((row.article_id, row.start, row.end, row.label_id, row.score))


_SKIP_CONFIRMED = """
    DELETE FROM proposed p USING review_span s
    WHERE s.article_id = p.article_id AND s.state = 'confirmed' AND s.start < p."end" AND p.start < s."end"
"""
_REMOVE = """
    DELETE FROM review_span s WHERE s.article_id = ANY(%(open)s) AND s.layer = %(layer)s AND s.state = 'suggested'
      AND NOT EXISTS (SELECT FROM proposed p WHERE p.article_id = s.article_id
                      AND p.start = s.start AND p."end" = s."end" AND p.label_id = s.label_id)
    RETURNING s.article_id
"""
_REFRESH = """
    UPDATE review_span s SET score = p.score, pipeline_id = %(pipeline)s FROM proposed p
    WHERE p.article_id = s.article_id AND p.start = s.start AND p."end" = s."end" AND p.label_id = s.label_id
      AND s.layer = %(layer)s AND s.state = 'suggested'
      AND (s.score IS DISTINCT FROM p.score OR s.pipeline_id <> %(pipeline)s)
"""
_INSERT = """
    INSERT INTO review_span (corpus_id, article_id, article_length, layer, start, "end", label_id, state, score,
                             pipeline_id, revision)
    SELECT DISTINCT ON (p.article_id, p.start, p."end", p.label_id)
           a.corpus_id, a.id, a.length, %(layer)s, p.start, p."end", p.label_id, 'suggested', p.score, %(pipeline)s, 1
    FROM proposed p JOIN articles_article a ON a.id = p.article_id
    ORDER BY p.article_id, p.start, p."end", p.label_id
    ON CONFLICT (article_id, layer, start, "end", label_id) DO NOTHING RETURNING article_id
"""
_STAGE = """
    UPDATE review_review SET stage = 'suggested'
    WHERE article_id = ANY(%(open)s) AND layer = %(layer)s AND stage = 'new' RETURNING article_id
"""
