"""Write down what happens, inside the transaction in which it happens: one statement for any number of rows."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection

from annotations.feed.models import Kind
from annotations.review.models import MAIN_LAYER, Label
from corpusapp.articles.models import Article

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


def note_stored(*, article_ids: Sequence[int], user: "User | None") -> None:
    """New articles with their zones; each is new and has no spans yet."""
    _execute(_STORED, {"ids": list(article_ids), "user": _pk(user)})


def note_withdrawn(*, article_ids: Sequence[int], user: "User | None") -> None:
    _execute(_ARTICLES, {"kind": Kind.WITHDRAWN, "ids": list(article_ids), "user": _pk(user), "data": None})


def note_restored(*, article_ids: Sequence[int], user: "User | None") -> None:
    """Articles that are shown again, as they stand now, and each of their decided spans: what a client of them
    forgot, or never was told, comes again.

    Takes the articles' locks, so that no decision falls between what is read here and what follows.
    """
    parameters = {"ids": list(article_ids), "user": _pk(user), "layer": MAIN_LAYER}
    for statement in (_LOCK, _RESTORED, _STANDING_SPANS):
        _execute(statement, parameters)


def note_erased(*, article_ids: Sequence[int], user: "User | None") -> None:
    _execute(_ARTICLES, {"kind": Kind.ERASED, "ids": list(article_ids), "user": _pk(user), "data": None})


def note_corpus_withdrawn(*, corpus_id: int, user: "User | None") -> None:
    _execute(_CORPUS, {"kind": Kind.CORPUS_WITHDRAWN, "corpus": corpus_id, "user": _pk(user)})


def note_corpus_restored(*, corpus_id: int, user: "User | None") -> None:
    """A corpus that is shown again, as it stands now: its labels, and its articles as `note_restored` has them."""
    _execute(_CORPUS, {"kind": Kind.CORPUS_RESTORED, "corpus": corpus_id, "user": _pk(user)})
    note_labels(labels=list(Label.objects.filter(corpus=corpus_id).only("pk")), user=user)
    shown = Article.objects.filter(corpus=corpus_id, withdrawn_at=None)
    note_restored(article_ids=list(shown.values_list("pk", flat=True)), user=user)


def note_corpus_erased(*, corpus_id: int, user: "User | None") -> None:
    """The end of a corpus. What earlier events say of its labels goes; events themselves are never taken back."""
    for statement in (*_FORGET_LABELS, _CORPUS):
        _execute(statement, {"kind": Kind.CORPUS_ERASED, "corpus": corpus_id, "user": _pk(user)})


def note_zones(*, article_id: int, user: "User | None") -> None:
    """All zones of an article as they stand, read under its lock: of two that mark at once the later one sees both."""
    parameters = {"ids": [article_id], "user": _pk(user), "layer": MAIN_LAYER}
    for statement in (_LOCK, _ZONES):
        _execute(statement, parameters)


def note_stage(*, article_ids: Sequence[int], stage: str, user: "User | None") -> None:
    """Articles that came to a stage, under their locks."""
    data = json.dumps({"stage": str(stage)})
    _execute(_ARTICLES, {"kind": Kind.STAGE, "ids": list(article_ids), "user": _pk(user), "data": data})


def note_labels(*, labels: Sequence[Label], user: "User | None") -> None:
    """Labels as they stand now, new or changed."""
    _execute(_LABELS, {"ids": [label.pk for label in labels], "user": _pk(user)})


def note_changes(*, change_ids: Sequence[int]) -> None:
    """What decisions changed to spans that were decided before or are now."""
    _execute(_SPANS, {"ids": list(change_ids)})


def note_decisions(*, decision_ids: Sequence[int]) -> None:
    """All changes of these decisions to spans that were decided before or are now."""
    _execute(_SPANS_OF, {"ids": list(decision_ids)})


def _pk(user: "User | None") -> int | None:
    return user.pk if user else None


def _execute(statement: str, parameters: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


_ZONES_OF = """
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', z.id, 'start', z.start, 'end', z."end", 'kind', z.kind)
                              ORDER BY z.start, z."end" DESC, z.kind), '[]') AS zones
    FROM articles_zone z WHERE z.article_id = a.id
"""
_STORED = f"""
    INSERT INTO feed_waiting (kind, corpus_id, article_id, user_id, data)
    SELECT CASE WHEN a.version > 1 OR a.previous_id IS NOT NULL THEN 'article.version' ELSE 'article.added' END,
           a.corpus_id, a.id, %(user)s, jsonb_build_object('zones', found.zones)
    FROM articles_article a CROSS JOIN LATERAL ({_ZONES_OF}) found
    WHERE a.id = ANY(%(ids)s) ORDER BY a.id
"""
_ARTICLES = """
    INSERT INTO feed_waiting (kind, corpus_id, article_id, user_id, data)
    SELECT %(kind)s, a.corpus_id, a.id, %(user)s, %(data)s::jsonb
    FROM articles_article a WHERE a.id = ANY(%(ids)s) ORDER BY a.id
"""
_LOCK = """
    SELECT FROM review_review WHERE article_id = ANY(%(ids)s) AND layer = %(layer)s ORDER BY article_id FOR UPDATE
"""
_RESTORED = f"""
    INSERT INTO feed_waiting (kind, corpus_id, article_id, user_id, data)
    SELECT 'article.restored', a.corpus_id, a.id, %(user)s,
           jsonb_build_object('zones', found.zones, 'stage', coalesce(r.stage, 'new'))
    FROM articles_article a CROSS JOIN LATERAL ({_ZONES_OF}) found
    LEFT JOIN review_review r ON r.article_id = a.id AND r.layer = %(layer)s
    WHERE a.id = ANY(%(ids)s) ORDER BY a.id
"""
# The state of every decided span is that which its last change left.
_STANDING_SPANS = """
    INSERT INTO feed_waiting (kind, corpus_id, article_id, change_id, user_id)
    SELECT 'span', s.corpus_id, s.article_id, c.id, %(user)s
    FROM review_span s CROSS JOIN LATERAL (
        SELECT id FROM review_change WHERE span_id = s.id ORDER BY span_id DESC, id DESC LIMIT 1
    ) c
    WHERE s.article_id = ANY(%(ids)s) AND s.layer = %(layer)s AND s.state <> 'suggested'
    ORDER BY s.article_id, s.id
"""
_FORGET_LABELS = [
    f"UPDATE {table} SET data = NULL WHERE corpus_id = %(corpus)s AND kind = 'label'"
    for table in ("feed_event", "feed_waiting")
]
_CORPUS = "INSERT INTO feed_waiting (kind, corpus_id, user_id) VALUES (%(kind)s, %(corpus)s, %(user)s)"
_ZONES = f"""
    INSERT INTO feed_waiting (kind, corpus_id, article_id, user_id, data)
    SELECT 'article.zones', a.corpus_id, a.id, %(user)s, jsonb_build_object('zones', found.zones)
    FROM articles_article a CROSS JOIN LATERAL ({_ZONES_OF}) found
    WHERE a.id = ANY(%(ids)s)
"""
_LABELS = """
    INSERT INTO feed_waiting (kind, corpus_id, user_id, data)
    SELECT 'label', l.corpus_id, %(user)s, jsonb_build_object(
        'id', l.id, 'name', l.name, 'definition', l.definition, 'family', l.family, 'position', l.position)
    FROM review_label l WHERE l.id = ANY(%(ids)s) ORDER BY l.id
"""
_SPANS_BY = """
    INSERT INTO feed_waiting (kind, corpus_id, article_id, change_id, user_id, at)
    SELECT 'span', d.corpus_id, c.article_id, c.id, d.user_id, d.created_at
    FROM review_change c JOIN review_decision d ON d.id = c.decision_id
    WHERE {} = ANY(%(ids)s) AND (c.before_state <> 'suggested' OR c.after_state <> 'suggested')
    ORDER BY c.id
"""
_SPANS, _SPANS_OF = _SPANS_BY.format("c.id"), _SPANS_BY.format("d.id")
