"""Record a decision: one statement writes its spans, the decision and its changes; then subscribers are notified."""

import json
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS

from annotations.review import ports
from annotations.review.actions.change_set import ChangeSet, Entry
from annotations.review.actions.decisions import FEW
from annotations.review.models import Decision, Label, Review, Span, Stage, Verb
from corpusapp.articles.models import Article
from corpusapp.core.prepared import planning_cursor

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


def to_start(reviews: Iterable[Review]) -> list[Review]:
    """Those of the reviews that a decision puts in review."""
    return [review for review in reviews if review.stage != Stage.IN_REVIEW]


def record(user: "User", article: Article, verb: Verb, change_set: ChangeSet, **more: Any) -> Decision:
    """`record_all` for a decision on one article."""
    return record_all(user, article.corpus_id, verb, [change_set], **more)


def record_all(
    user: "User",
    corpus_id: int,
    verb: Verb,
    change_sets: Sequence[ChangeSet],
    *,
    client_key: str | None = None,
    request_sha256: bytes | None = None,
    left_out: Sequence[dict[str, Any]] = (),
    notices: Sequence[str] = (),
    spared_actions: int = 0,
    undoes: Decision | None = None,
    starts: Sequence[Review] = (),
    finishes: Sequence[Review] = (),
    merged_label: Label | None = None,
    merged_into: Label | None = None,
    touched: Collection[int] = (),
    entities: Iterable[tuple[Span, int]] = (),
    carried: Iterable[tuple[Span, int]] = (),
) -> Decision:
    """Write the spans, the decision and its changes, and notify subscribers: one statement for any number of spans.

    The decision names its article if it concerns only one. `starts` are the locked reviews that it puts in review, with
    this user as the editor, `finishes` those that it marks done. `touched` are articles that it concerns without
    changing their spans. For subscribers, `entities` are those that were shown with spans, and `carried` those of spans
    that are decided because they are like another one.
    """
    finished = [review.article_id for review in finishes]
    entries = [entry for change_set in change_sets for entry in change_set.entries]
    articles = {change_set.article.pk for change_set in change_sets if change_set.entries} | {*finished, *touched}
    decision = Decision(
        corpus_id=corpus_id,
        article_id=articles.pop() if len(articles) == 1 else None,
        user=user,
        verb=verb,
        client_key=client_key,
        request_sha256=request_sha256,
        left_out=list(left_out),
        notices=list(notices),
        spared_actions=spared_actions,
        finished=finished,
        undoes=undoes,
        merged_label=merged_label,
        merged_into=merged_into,
    )
    decision.started = [review.article_id for review in starts]
    decision.applied = sum(not entry.implicit for entry in entries) + len(finished)
    _write(decision, change_sets, entries, starts, finishes)
    shown = {span.pk: entity for span, entity in entities}
    decision.carried = {span.pk: entity for span, entity in carried}
    ports.notify_decided(decision, [change for change_set in change_sets for change in change_set.changes()], shown)
    if finishes:
        notify_moved(finishes, Stage.DONE, user)
    return decision


def notify_moved(reviews: Sequence[Review], stage: Stage, user: "User") -> None:
    """Notify subscribers of articles of one corpus that were finished or reopened."""
    for review in reviews:
        ports.notify_staged(review)
    ports.notify_stage_moved(reviews[0].corpus_id, [review.article_id for review in reviews], stage, user)


def _write(
    decision: Decision,
    change_sets: Sequence[ChangeSet],
    entries: Sequence[Entry],
    starts: Sequence[Review],
    finishes: Sequence[Review],
) -> None:
    """Execute the statement, and set the new ids, `created_at`, and the surfaces of a few spans."""
    few = 0 < len(entries) <= FEW
    sql = _statement(
        any(entry.after is None for entry in entries),
        any(entry.before and entry.after and entry.before != entry.after for entry in entries),
        any(entry.before is None for entry in entries),
        bool(starts),
        bool(finishes),
        few,
    )
    rows = [row for change_set in change_sets for row in change_set.rows()]
    values: dict[str, Any] = {
        "corpus": decision.corpus_id,
        "article": decision.article_id,
        "user": decision.user_id,
        "verb": decision.verb,
        "key": decision.client_key,
        "request": decision.request_sha256,
        "left_out": json.dumps(decision.left_out),
        "notices": json.dumps(decision.notices),
        "spared": decision.spared_actions,
        "finished": decision.finished,
        "undoes": decision.undoes_id,
        "merged_label": decision.merged_label_id,
        "merged_into": decision.merged_into_id,
        "entries": json.dumps([{"n": number, **row} for number, row in enumerate(rows)]),
    }
    if starts:
        values["starts"] = [review.pk for review in starts]
    if finishes:
        values["finishes"] = [review.pk for review in finishes]
    with planning_cursor() as cursor:
        cursor.execute(sql, values)
        decision.pk, decision.created_at, ids, surfaces = cursor.fetchone()
    decision._state.adding, decision._state.db = False, DEFAULT_DB_ALIAS
    for review in starts:
        review.stage, review.editor_id = Stage.IN_REVIEW, decision.user_id
    for entry, pk in zip(entries, ids, strict=True):
        entry.span.pk = pk
    if few:
        for entry, surface in zip(entries, surfaces, strict=True):
            entry.span.surface = surface


_SPAN_TYPES = {
    "start": "int", "end": "int", "label_id": "bigint", "state": "text", "score": "double precision",
    "pipeline_id": "bigint", "revision": "int",
}  # fmt: skip
_SIDES = [f"{side}_{name}" for side in ("before", "after") for name in _SPAN_TYPES]
_ENTRY_TYPES = {
    "n": "int", "article": "bigint", "length": "int", "layer": "text", "span": "bigint", "verb": "text",
    "implicit": "boolean",
}  # fmt: skip
_ENTRY_TYPES |= {f"{side}_{name}": kind for side in ("before", "after") for name, kind in _SPAN_TYPES.items()}
# The plan is kept, and must use the index also if it was made while the table was small.
_BY_ID = "s.id = ANY(ARRAY(SELECT span FROM entry))"
# Deletes, then updates, then inserts, so that no triple exists twice at any point: each step counts the one before.
_ENTRIES = f"""
    entry AS MATERIALIZED (
        SELECT e.*, coalesce(e.span, nextval('review_span_id_seq')) AS span_id
        FROM json_to_recordset(%(entries)s::json) AS e ({", ".join(f"{n} {t}" for n, t in _ENTRY_TYPES.items())})
    )"""
_REMOVED = """,
    removed AS (
        DELETE FROM review_span WHERE id = ANY(ARRAY(SELECT span FROM entry WHERE after_revision IS NULL)) RETURNING id
    )"""
_UPDATED = f""",
    updated AS (
        UPDATE review_span s SET {", ".join(f'"{name}" = e.after_{name}' for name in _SPAN_TYPES)} FROM entry e
        WHERE s.id = e.span AND {_BY_ID} AND e.before_revision <> e.after_revision {{}} RETURNING s.id
    )"""
_ADDED = f""",
    added AS (
        INSERT INTO review_span (id, corpus_id, article_id, article_length, layer,
                                 {", ".join(f'"{name}"' for name in _SPAN_TYPES)})
        SELECT span_id, %(corpus)s, article, length, layer, {", ".join(f"after_{name}" for name in _SPAN_TYPES)}
        FROM entry WHERE before_revision IS NULL {{}}
    )"""
_LOGGED = f""",
    decision AS (
        INSERT INTO review_decision (corpus_id, article_id, user_id, verb, client_key, request_sha256, left_out,
                                     notices, spared_actions, finished, undoes_id, merged_label_id, merged_into_id)
        VALUES (%(corpus)s, %(article)s, %(user)s, %(verb)s, %(key)s, %(request)s, %(left_out)s::jsonb,
                %(notices)s::jsonb, %(spared)s, %(finished)s::bigint[], %(undoes)s,
                %(merged_label)s::bigint, %(merged_into)s::bigint)
        RETURNING id, created_at
    ),
    logged AS (
        INSERT INTO review_change (decision_id, corpus_id, article_id, layer, span_id, verb, implicit,
                                   {", ".join(_SIDES)})
        SELECT d.id, %(corpus)s, article, layer, span_id, verb, implicit, {", ".join(_SIDES)}
        FROM entry CROSS JOIN decision d ORDER BY n
    )"""
_STARTED = """,
    started AS (
        UPDATE review_review SET stage = 'in_review', editor_id = %(user)s,
               started_at = coalesce(started_at, statement_timestamp())
        WHERE id = ANY(%(starts)s::bigint[])
    )"""
_FINISHED = """,
    finished AS (
        UPDATE review_review SET stage = 'done', editor_id = coalesce(editor_id, %(user)s),
               started_at = coalesce(started_at, statement_timestamp()), done_at = statement_timestamp(),
               done_by_id = %(user)s
        WHERE id = ANY(%(finishes)s::bigint[])
    ),
    set_aside AS (
        DELETE FROM review_setaside WHERE article_id = ANY(%(finished)s::bigint[]) AND kind <> 'flag'
    )"""
_WRITTEN = "SELECT id, created_at, ARRAY(SELECT span_id FROM entry ORDER BY n), {} FROM decision"
_SURFACES = """ARRAY(
        SELECT (SELECT substr(a.text, coalesce(e.after_start, e.before_start) + 1,
                              coalesce(e.after_end - e.after_start, e.before_end - e.before_start))
                FROM articles_article a WHERE a.id = e.article)
        FROM entry e ORDER BY e.n
    )"""


@cache
def _statement(removes: bool, updates: bool, adds: bool, starts: bool, finishes: bool, surfaces: bool) -> str:
    """The statement with the parts that a decision needs: each part that changes spans runs triggers."""
    parts = [_ENTRIES]
    parts += [_REMOVED] if removes else []
    parts += [_UPDATED.format("AND (SELECT count(*) FROM removed) >= 0" if removes else "")] if updates else []
    before = "updated" if updates else "removed" if removes else ""
    parts += [_ADDED.format(f"AND (SELECT count(*) FROM {before}) >= 0" if before else "")] if adds else []
    parts += [_LOGGED, _STARTED if starts else "", _FINISHED if finishes else ""]
    return f"WITH {''.join(parts)} {_WRITTEN.format(_SURFACES if surfaces else 'NULL')}"
