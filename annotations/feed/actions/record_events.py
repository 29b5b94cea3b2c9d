"""Records events in the transaction of the change, with one statement for any number of rows.

After the commit, the process of waiting followers is notified. Not in the transaction: PostgreSQL commits transactions
that notify one at a time, which halves the commits of 8 writers.
"""

import json
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, transaction

from annotations.feed.models import Kind
from annotations.feed.queries import DECIDED, DECIDED_LINK
from annotations.review.models import MAIN_LAYER, Decision, Label, Stage
from corpusapp.articles.models import Article
from corpusapp.core.locks import Lock, lock
from corpusapp.core.prepared import planning_cursor

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# A process notifies at most once in so many seconds: followers are looked for again after that time.
QUIET_SECONDS = 0.1
CHANNEL = "corpusapp_feed"
_notified_at = float("-inf")


def record_stored(*, article_ids: Sequence[int], user: "User | None") -> None:
    """New articles with their zones. They have no spans yet."""
    _execute(_STORED, {"ids": list(article_ids), "user": _pk(user)})


def record_metadata(*, article_ids: Sequence[int], user: "User | None") -> None:
    """Articles with other metadata, such as titles. The caller has locked them."""
    _execute(_ARTICLES, {"kind": Kind.METADATA, "ids": list(article_ids), "user": _pk(user), "data": None})


def record_withdrawn(*, article_ids: Sequence[int], user: "User | None") -> None:
    _execute(_ARTICLES, {"kind": Kind.WITHDRAWN, "ids": list(article_ids), "user": _pk(user), "data": None})


def record_restored(*, corpus_id: int, article_ids: Sequence[int], user: "User | None") -> None:
    """Restored articles in their current state, with each of their decided spans and links, because clients have
    deleted them.

    Takes the locks of the articles and of the registry, so that no decision is made in between.
    """
    parameters = {"ids": list(article_ids), "user": _pk(user), "layer": MAIN_LAYER}
    _execute(_LOCK, parameters)
    lock(Lock.REGISTRY, corpus_id)
    for statement in (_RESTORED, _STANDING_SPANS, _STANDING_LINKS):
        _execute(statement, parameters)


def record_erased(*, article_ids: Sequence[int], user: "User | None") -> None:
    _execute(_ARTICLES, {"kind": Kind.ERASED, "ids": list(article_ids), "user": _pk(user), "data": None})


def record_corpus_withdrawn(*, corpus_id: int, user: "User | None") -> None:
    _execute(_CORPUS, {"kind": Kind.CORPUS_WITHDRAWN, "corpus": corpus_id, "user": _pk(user)})


def record_corpus_restored(*, corpus_id: int, user: "User | None") -> None:
    """A restored corpus with its labels and entities, and its articles as in `record_restored`."""
    _execute(_CORPUS, {"kind": Kind.CORPUS_RESTORED, "corpus": corpus_id, "user": _pk(user)})
    record_labels(labels=list(Label.objects.filter(corpus=corpus_id).only("pk")), user=user)
    article_ids = list(Article.objects.filter(corpus=corpus_id, withdrawn_at=None).values_list("pk", flat=True))
    _execute(_LOCK, {"ids": article_ids, "layer": MAIN_LAYER})
    lock(Lock.REGISTRY, corpus_id)
    _execute(_STANDING_ENTITIES, {"corpus": corpus_id, "user": _pk(user)})
    record_restored(corpus_id=corpus_id, article_ids=article_ids, user=user)


def record_corpus_erased(*, corpus_id: int, user: "User | None") -> None:
    """An erased corpus. Removes the data of its labels and entities from earlier events; the events stay."""
    for statement in (*_FORGET_NAMES, _CORPUS):
        _execute(statement, {"kind": Kind.CORPUS_ERASED, "corpus": corpus_id, "user": _pk(user)})


def record_zones(*, article_id: int, user: "User | None") -> None:
    """All zones of an article. Reads them under its lock, so that the last of concurrent changes has all."""
    parameters = {"ids": [article_id], "user": _pk(user), "layer": MAIN_LAYER}
    for statement in (_LOCK, _ZONES):
        _execute(statement, parameters)


def record_stage(*, article_ids: Sequence[int], stage: str, user: "User | None") -> None:
    """Articles that changed to a stage. The caller holds their locks."""
    data = json.dumps({"stage": str(stage)})
    _execute(_ARTICLES, {"kind": Kind.STAGE, "ids": list(article_ids), "user": _pk(user), "data": data})


def record_labels(*, labels: Sequence[Label], user: "User | None") -> None:
    """New or changed labels in their current state."""
    _execute(_LABELS, {"ids": [label.pk for label in labels], "user": _pk(user)})


def record_decision(*, decision: Decision) -> bool:
    """The articles that a decision put in review, then its changes of spans that were or are decided.

    Returns whether an active webhook waits for events of the corpus.
    """
    parameters: dict[str, Any] = {
        "decision": decision.pk,
        "corpus": decision.corpus_id,
        "user": decision.user_id,
        "at": decision.created_at,
        "started": list(decision.started),
        "stage": json.dumps({"stage": Stage.IN_REVIEW.value}),
        "layer": MAIN_LAYER,
    }
    with planning_cursor() as cursor:
        cursor.execute(_DECISION, parameters)
        (has_webhooks,) = cursor.fetchone()
    _notify_after_commit()
    return has_webhooks


def record_decisions(*, decision_ids: Sequence[int]) -> None:
    """Changes by these decisions, each on one article, of spans that were or are decided: one row for each decision."""
    _execute(_SPANS_OF, {"ids": list(decision_ids)})


def record_registry(*, decision_ids: Sequence[int]) -> None:
    """Changes of decided entities by these decisions, an event each, then of decided links: one row for each decision.

    The caller holds the lock of the registry.
    """
    for statement in (_ENTITIES_OF, _LINKS_OF):
        _execute(statement, {"ids": list(decision_ids)})


def _pk(user: "User | None") -> int | None:
    return user.pk if user else None


def _notify_after_commit() -> None:
    if not settings.POOLED:
        # An error is logged, and fails no request: followers are also looked for without notifications.
        transaction.on_commit(_notify, robust=True)


def _notify() -> None:
    global _notified_at
    if time.monotonic() - _notified_at > QUIET_SECONDS:
        _notified_at = time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


def _execute(statement: str, parameters: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
    _notify_after_commit()


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
# The state of a decided span is that of its last change.
_STANDING_SPANS = """
    INSERT INTO feed_waiting (kind, corpus_id, article_id, change_id, user_id)
    SELECT 'span', s.corpus_id, s.article_id, c.id, %(user)s
    FROM review_span s CROSS JOIN LATERAL (
        SELECT id FROM review_change WHERE span_id = s.id ORDER BY span_id DESC, id DESC LIMIT 1
    ) c
    WHERE s.article_id = ANY(%(ids)s) AND s.layer = %(layer)s AND s.state <> 'suggested'
    ORDER BY s.article_id, s.id
"""
_STANDING_LINKS = """
    INSERT INTO feed_waiting (kind, corpus_id, article_id, user_id, data)
    SELECT 'link', l.corpus_id, l.article_id, %(user)s, jsonb_build_object('change', c.id)
    FROM entities_link l CROSS JOIN LATERAL (
        SELECT max(id) AS id FROM entities_linkchange WHERE article_id = l.article_id AND link_id = l.id
    ) c
    WHERE l.article_id = ANY(%(ids)s) AND l.state <> 'suggested' AND c.id IS NOT NULL
    ORDER BY l.article_id, l.id
"""
_FORGET_NAMES = [
    f"UPDATE {table} SET data = NULL WHERE corpus_id = %(corpus)s AND kind IN ('label', 'entity')"
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
        'id', l.id, 'name', l.name, 'definition', l.definition, 'family', l.family, 'position', l.position,
        'key', l.key, 'examples', l.examples, 'hidden', l.hidden_at IS NOT NULL, 'merged_into', l.merged_into_id)
    FROM review_label l WHERE l.id = ANY(%(ids)s) ORDER BY l.id
"""
_SPANS_OF = f"""
    INSERT INTO feed_waiting (kind, corpus_id, article_id, change_id, decision_id, events, user_id, at)
    SELECT 'span', d.corpus_id, d.article_id, found.only, CASE WHEN found.only IS NULL THEN d.id END, found.events,
           d.user_id, d.created_at
    FROM review_decision d CROSS JOIN LATERAL (
        SELECT count(*) AS events, CASE count(*) WHEN 1 THEN min(c.id) END AS only
        FROM review_change c WHERE c.decision_id = d.id AND {DECIDED}
    ) found
    WHERE d.id = ANY(%(ids)s) AND found.events > 0 ORDER BY d.id
"""


# Aliases from mentions are left out: they are the texts of linked spans, and come without a change of the entity.
def _aliases(side: str) -> str:
    return f"""
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'name', one->0, 'language', one->1, 'script', one->2, 'origin', one->3
        ) ORDER BY one->>0), '[]')
        FROM jsonb_array_elements(c.{side}->'aliases') one WHERE one->>3 <> 'mention' AND one->>4 <> 'rejected'
    """


_ENTITY = f"""
    jsonb_build_object(
        'id', c.entity_id, 'name', c.after->'name', 'label_id', c.after->'label', 'former_label_id', c.before->'label',
        'description', c.after->'description', 'state', c.after->'state', 'merged_into', c.after->'merged_into',
        'identifiers', (
            SELECT coalesce(jsonb_object_agg(scheme, listed), '{{}}') FROM (
                SELECT one->>0 AS scheme, jsonb_agg(one->1 ORDER BY one->>1) AS listed
                FROM jsonb_array_elements(c.after->'identifiers') one GROUP BY one->>0
            ) identifiers
        ),
        'aliases', ({_aliases("after")}),
        'revision', c.after->'revision', 'decision', c.decision_id, 'verb', c.verb
    )
"""
_ENTITIES_OF = f"""
    INSERT INTO feed_waiting (kind, corpus_id, user_id, at, data)
    SELECT 'entity', c.corpus_id, d.user_id, d.created_at, {_ENTITY}
    FROM entities_entitychange c JOIN review_decision d ON d.id = c.decision_id
    WHERE c.decision_id = ANY(%(ids)s)
      AND (c.after->>'state' <> 'suggested' OR coalesce(c.before->>'state', 'suggested') <> 'suggested')
      AND (
          c.before IS NULL OR c.before - 'aliases' <> c.after - 'aliases'
          OR ({_aliases("before")}) <> ({_aliases("after")})
      )
    ORDER BY c.id
"""
_STANDING_ENTITIES = f"""
    INSERT INTO feed_waiting (kind, corpus_id, user_id, data)
    SELECT 'entity', e.corpus_id, %(user)s, {_ENTITY}
    FROM entities_entity e CROSS JOIN LATERAL (
        SELECT * FROM entities_entitychange WHERE entity_id = e.id ORDER BY entity_id DESC, id DESC LIMIT 1
    ) c
    WHERE e.corpus_id = %(corpus)s AND e.state <> 'suggested' ORDER BY e.id
"""
_LINKS_OF = f"""
    INSERT INTO feed_waiting (kind, corpus_id, article_id, decision_id, events, user_id, at, data)
    SELECT 'link', d.corpus_id, found.article, CASE WHEN found.events > 1 THEN d.id END, found.events, d.user_id,
           d.created_at, CASE found.events WHEN 1 THEN jsonb_build_object('change', found.only) END
    FROM review_decision d CROSS JOIN LATERAL (
        SELECT count(*) AS events, min(c.id) AS only,
               CASE WHEN min(c.article_id) = max(c.article_id) THEN min(c.article_id) END AS article
        FROM entities_linkchange c WHERE c.decision_id = d.id AND {DECIDED_LINK}
    ) found
    WHERE d.id = ANY(%(ids)s) AND found.events > 0 ORDER BY d.id
"""
_DECISION = """
    WITH recorded AS (
        INSERT INTO feed_waiting (kind, corpus_id, article_id, change_id, user_id, at, data)
        SELECT kind, %(corpus)s::bigint, article_id, change_id, %(user)s::bigint, %(at)s::timestamptz, data
        FROM (
            SELECT 'article.stage' AS kind, article_id, NULL::bigint AS change_id, %(stage)s::jsonb AS data
            FROM unnest(%(started)s::bigint[]) AS article_id
            UNION ALL
            SELECT 'span', article_id, id, NULL FROM review_change
            WHERE decision_id = %(decision)s::bigint AND layer = %(layer)s
              AND (before_state <> 'suggested' OR after_state <> 'suggested')
        ) event ORDER BY change_id NULLS FIRST, article_id
    )
    SELECT EXISTS (SELECT FROM feed_webhook WHERE corpus_id = %(corpus)s AND active)
"""
