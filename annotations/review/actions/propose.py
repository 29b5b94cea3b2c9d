"""Merge the proposals of a suggester into the suggestions of articles.

A suggestion that is proposed again keeps its id and revision; one that is no longer proposed is deleted. Decided spans
are never changed or proposed again, and no proposal overlaps a confirmed span unless the corpus allows nesting.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import transaction
from django.db.backends.utils import CursorWrapper

from annotations.review.models import MAIN_LAYER, Stage, State
from annotations.review.ports import notify_stage_moved, notify_suggested
from corpusapp.articles.models import Corpus
from corpusapp.core.prepared import planning_cursor


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
    with planning_cursor() as cursor:
        # In the order of the articles' ids, so that two runs cannot deadlock.
        cursor.execute(_LOCK, {"articles": list(article_ids), "corpus": corpus.pk, "layer": MAIN_LAYER})
        stages = dict(cursor.fetchall())
        if not stages:
            return Difference(frozenset(), 0, 0)
        cursor.execute(_STANDING, {"articles": list(stages), "layer": MAIN_LAYER})
        standing = [_Standing._make(row) for row in cursor.fetchall()]
        wanted = (row for row in proposals if row.article_id in stages)
        changes = _compare(standing, _free(wanted, standing, nesting=corpus.nesting_allowed), pipeline_id)
        removed = _articles(cursor, _REMOVE, changes.gone)
        _articles(cursor, _REFRESH, changes.changed, pipeline=pipeline_id)
        added = _articles(cursor, _INSERT, changes.new, pipeline=pipeline_id, layer=MAIN_LAYER)
        new = [(pk,) for pk, stage in stages.items() if stage == Stage.NEW]
        newly_suggested = _articles(cursor, _STAGE, new, layer=MAIN_LAYER)
    if newly_suggested:
        notify_stage_moved(corpus.pk, sorted(newly_suggested), Stage.SUGGESTED, None)
    changed = frozenset(added + removed)
    notify_suggested(corpus.pk, sorted(changed))
    return Difference(changed, len(added), len(removed))


class _Standing(NamedTuple):
    """A span of an article as it is stored."""

    pk: int
    article: int
    start: int
    end: int
    label: int
    state: str
    score: float | None
    pipeline: int | None


_Triple = tuple[int, int, int, int]


def _free(proposals: Iterable[ProposalRow], standing: Sequence[_Standing], *, nesting: bool) -> Iterator[ProposalRow]:
    """The proposals that overlap no confirmed span, or all with `nesting`."""
    taken: dict[int, bytearray] = {}
    for span in standing if not nesting else ():
        if span.state == State.CONFIRMED:
            covered = taken.setdefault(span.article, bytearray())
            covered.extend(bytes(max(0, span.end - len(covered))))
            covered[span.start : span.end] = b"\x01" * (span.end - span.start)
    for row in proposals:
        if row.article_id not in taken or taken[row.article_id].find(1, row.start, row.end) < 0:
            yield row


class _Changes(NamedTuple):
    """Rows for the statements: ids; ids and scores; triples and scores."""

    gone: list[tuple[int]]
    changed: list[tuple[int, float | None]]
    new: list[tuple[int, int, int, int, float | None]]


def _compare(standing: Sequence[_Standing], proposals: Iterable[ProposalRow], pipeline_id: int) -> _Changes:
    """The difference between what stands and what is proposed. What is decided stays, and is not proposed again."""
    scores: dict[_Triple, float | None] = {}
    for row in proposals:
        scores.setdefault((row.article_id, row.start, row.end, row.label_id), row.score)
    gone: list[tuple[int]] = []
    changed: list[tuple[int, float | None]] = []
    nothing = object()
    for span in standing:
        score: Any = scores.pop((span.article, span.start, span.end, span.label), nothing)
        if span.state != State.SUGGESTED:
            continue
        if score is nothing:
            gone.append((span.pk,))
        elif (score, pipeline_id) != (span.score, span.pipeline):
            changed.append((span.pk, score))
    return _Changes(gone, changed, [(*triple, score) for triple, score in sorted(scores.items(), key=itemgetter(0))])


def _articles(cursor: CursorWrapper, statement: str, rows: Sequence[tuple[Any, ...]], **values: Any) -> list[int]:
    """Execute a statement on these rows, as columns; the article of each row that it changed."""
    if not rows:
        return []
    columns = {f"column{number}": list(column) for number, column in enumerate(zip(*rows, strict=True))}
    cursor.execute(statement, columns | values)
    return [row[0] for row in cursor.fetchall()]


# Arrays are sent in binary (`b`), which takes a tenth of the time to write.
_LOCK = """
    SELECT r.article_id, r.stage FROM review_review r JOIN articles_article a ON a.id = r.article_id
    WHERE r.article_id = ANY (%(articles)b::bigint[]) AND r.corpus_id = %(corpus)s AND r.layer = %(layer)s
      AND r.stage <> 'done' AND a.withdrawn_at IS NULL
    ORDER BY r.article_id FOR UPDATE OF r
"""
_STANDING = """
    SELECT id, article_id, start, "end", label_id, state, score, pipeline_id FROM review_span
    WHERE article_id = ANY (%(articles)b::bigint[]) AND layer = %(layer)s
"""
_REMOVE = """
    DELETE FROM review_span WHERE id = ANY (%(column0)b::bigint[]) AND state = 'suggested' RETURNING article_id
"""
_REFRESH = """
    UPDATE review_span s SET score = p.score, pipeline_id = %(pipeline)s
    FROM unnest(%(column0)b::bigint[], %(column1)b::float8[]) AS p (id, score)
    WHERE s.id = p.id AND s.state = 'suggested' RETURNING s.article_id
"""
_INSERT = """
    INSERT INTO review_span (corpus_id, article_id, article_length, layer, start, "end", label_id, state, score,
                             pipeline_id, revision)
    SELECT a.corpus_id, a.id, a.length, %(layer)s, p.start, p."end", p.label_id, 'suggested', p.score, %(pipeline)s, 1
    FROM unnest(
        %(column0)b::bigint[], %(column1)b::int[], %(column2)b::int[], %(column3)b::bigint[], %(column4)b::float8[]
    ) AS p (article_id, start, "end", label_id, score) JOIN articles_article a ON a.id = p.article_id
    ORDER BY p.article_id, p.start, p."end", p.label_id
    ON CONFLICT (article_id, layer, start, "end", label_id) DO NOTHING RETURNING article_id
"""
_STAGE = """
    UPDATE review_review SET stage = 'suggested'
    WHERE article_id = ANY (%(column0)b::bigint[]) AND layer = %(layer)s AND stage = 'new' RETURNING article_id
"""
