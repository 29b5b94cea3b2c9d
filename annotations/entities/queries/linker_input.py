"""What the linker is given: articles with their mentions and decisions, and the entities that they may be."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from annotations.entities.models import EntityState
from annotations.linkers.registry import (
    MAX_CANDIDATES,
    DecidedLink,
    KnownAlias,
    KnownEntity,
    LinkArticle,
    Mention,
    Registry,
)
from annotations.linkers.territories import country_of_dateline
from annotations.review.models import MAIN_LAYER, Label
from corpusapp.core.prepared import planning_cursor

# Entities for each key, the most mentioned first, and aliases of each entity.
ENTITIES_PER_KEY, ALIASES_PER_ENTITY = MAX_CANDIDATES, 60
# The newest mentions of an entity whose articles say with whom it appears.
ARTICLES_PER_ENTITY = 50
# Decided links that scores are calibrated on.
OUTCOMES = 5000
# Mentions of numbers and times are no entities.
WITHOUT_ENTITIES = Label.Family.NUMBERS


@dataclass(frozen=True)
class LinkerArticle:
    """An article as the linker reads it, the ids of the labels of its mentions by name, and the week of its links."""

    article: LinkArticle
    labels: Mapping[str, int]
    week: date


def linker_articles(article_ids: Sequence[int]) -> list[LinkerArticle]:
    """These articles with the spans that may be linked, and what people decided about them."""
    with planning_cursor() as cursor:
        values: dict[str, Any] = {"articles": list(article_ids), "layer": MAIN_LAYER, "without": WITHOUT_ENTITIES}
        cursor.execute(_ARTICLES, values)
        articles = cursor.fetchall()
        cursor.execute(_MENTIONS, values)
        mentions: dict[int, list[tuple[Any, ...]]] = {}
        for article, *row in cursor.fetchall():
            mentions.setdefault(article, []).append(tuple(row))
        cursor.execute(_DECIDED, values)
        decided: dict[int, list[tuple[Any, ...]]] = {}
        for article, *row in cursor.fetchall():
            decided.setdefault(article, []).append(tuple(row))
    return [
        LinkerArticle(
            LinkArticle(
                pk,
                text,
                [Mention(span, start, end, label) for span, start, end, label, _ in mentions.get(pk, ())],
                language,
                country_of_dateline(dateline or ""),
                decided=_decided_links(mentions.get(pk, ()), decided.get(pk, ())),
            ),
            {label: label_id for *_, label, label_id in mentions.get(pk, ())},
            week,
        )
        for pk, text, language, week, dateline in articles
    ]  # fmt: skip


def _decided_links(mentions: Iterable[tuple[Any, ...]], decided: Iterable[tuple[Any, ...]]) -> dict[int, DecidedLink]:
    """What people decided on each mention: also what they said of a former suggestion at the same place."""
    confirmed: dict[int, int] = {}
    rejected: dict[int, set[int]] = {}
    at_place: dict[tuple[int, int], set[int]] = {}
    for span, start, end, entity, state in decided:
        if state == "confirmed":
            confirmed[span] = entity
        elif span is not None:
            rejected.setdefault(span, set()).add(entity)
        else:
            at_place.setdefault((start, end), set()).add(entity)
    found = {}
    for span, start, end, *_ in mentions:
        said = rejected.get(span, set()) | at_place.get((start, end), set())
        if span in confirmed or said:
            found[span] = DecidedLink(confirmed.get(span), frozenset(said))
    return found


def load_registry(corpus_id: int, keys: Collection[str], entity_ids: Collection[int] = ()) -> Registry:
    """The standing entities that have one of these lookup keys, the most mentioned of each, and `entity_ids`."""
    with planning_cursor() as cursor:
        values: dict[str, Any] = {"corpus": corpus_id, "keys": list(keys), "number": ENTITIES_PER_KEY}
        cursor.execute(_OF_KEYS, values)
        by_key: dict[str, list[int]] = {}
        for key, entity in cursor.fetchall():
            by_key.setdefault(key, []).append(entity)
        ids = sorted({*entity_ids, *(pk for found in by_key.values() for pk in found)})
        cursor.execute(_ENTITIES, {"corpus": corpus_id, "ids": ids})
        entities = cursor.fetchall()
        cursor.execute(_ALIASES, {"ids": ids, "number": ALIASES_PER_ENTITY})
        aliases: dict[int, list[KnownAlias]] = {}
        for entity, name, state, mentions in cursor.fetchall():
            aliases.setdefault(entity, []).append(KnownAlias(name, state, mentions))
        cursor.execute(_DISTINCT, {"ids": ids})
        distinct = cursor.fetchall()
    known = [
        KnownEntity(pk, name, label, aliases.get(pk, []), mentions, state)
        for pk, name, label, mentions, state in entities
    ]
    return Registry(known, distinct, by_key)


def link_outcomes(corpus_id: int) -> dict[float, tuple[int, int]]:
    """How many of the newest links with each score of the linker people confirmed and rejected."""
    with planning_cursor() as cursor:
        cursor.execute(_OUTCOMES, {"corpus": corpus_id, "number": OUTCOMES})
        return {base: (confirmed, rejected) for base, confirmed, rejected in cursor.fetchall()}


def neighbours_of(entity_ids: Collection[int], others: Collection[int]) -> dict[int, dict[int, int]]:
    """In how many of their newest articles each of these entities is together with each of the others."""
    found: dict[int, dict[int, int]] = {}
    if entity_ids and others:
        with planning_cursor() as cursor:
            values: dict[str, Any] = {"ids": list(entity_ids), "others": list(others), "number": ARTICLES_PER_ENTITY}
            cursor.execute(_NEIGHBOURS, values)
            for entity, other, articles in cursor.fetchall():
                found.setdefault(entity, {})[other] = articles
    return found


_LABEL = "coalesce(label.suggester_names[1], label.name)"
_STANDING = f"e.state IN ('{EntityState.SUGGESTED}', '{EntityState.CONFIRMED}')"
_ARTICLES = """
    SELECT a.id, a.text, a.language,
           date_trunc('week', coalesce(a.published_on, (a.created_at AT TIME ZONE 'UTC')::date)::timestamp)::date,
           (
               SELECT substr(a.text, z.start + 1, z."end" - z.start) FROM articles_zone z
               WHERE z.article_id = a.id AND z.kind = 'dateline' ORDER BY z.start LIMIT 1
           )
    FROM articles_article a WHERE a.id = ANY (%(articles)b::bigint[]) AND a.withdrawn_at IS NULL ORDER BY a.id
"""
_MENTIONS = f"""
    SELECT s.article_id, s.id, s.start, s."end", {_LABEL}, s.label_id
    FROM review_span s JOIN review_label label ON label.id = s.label_id
    WHERE s.article_id = ANY (%(articles)b::bigint[]) AND s.layer = %(layer)s AND s.state <> 'rejected'
      AND label.family <> %(without)s
    ORDER BY s.start, s."end" DESC, s.id
"""
_DECIDED = """
    SELECT article_id, span_id, start, "end", entity_id, state FROM entities_link
    WHERE article_id = ANY (%(articles)b::bigint[]) AND state <> 'suggested'
"""
_OF_KEYS = f"""
    SELECT wanted.key, found.id FROM unnest(%(keys)b::text[]) AS wanted (key) CROSS JOIN LATERAL (
        SELECT DISTINCT e.id, e.mentions FROM entities_aliaskey k
        JOIN entities_alias a ON a.id = k.alias_id JOIN entities_entity e ON e.id = a.entity_id
        WHERE k.corpus_id = %(corpus)s::bigint AND k.key = wanted.key AND a.state <> 'rejected' AND {_STANDING}
        ORDER BY e.mentions DESC, e.id LIMIT %(number)s
    ) found
"""
_ENTITIES = f"""
    SELECT e.id, e.name, {_LABEL}, e.mentions, e.state
    FROM entities_entity e JOIN review_label label ON label.id = e.label_id
    WHERE e.id = ANY (%(ids)b::bigint[]) AND e.corpus_id = %(corpus)s AND {_STANDING}
    ORDER BY e.id
"""
_ALIASES = """
    SELECT w.id, a.name, a.state, a.mentions FROM unnest(%(ids)b::bigint[]) AS w (id) CROSS JOIN LATERAL (
        SELECT name, state, mentions FROM entities_alias WHERE entity_id = w.id
        ORDER BY state = 'suggested', mentions DESC, id LIMIT %(number)s
    ) a
"""
_OUTCOMES = """
    SELECT base_score, count(*) FILTER (WHERE state = 'confirmed'), count(*) FILTER (WHERE state = 'rejected')
    FROM (
        SELECT base_score, state FROM entities_link
        WHERE corpus_id = %(corpus)s AND base_score IS NOT NULL AND state <> 'suggested'
        ORDER BY id DESC LIMIT %(number)s
    ) newest GROUP BY base_score
"""
# Only an index is read for it.
_NEIGHBOURS = """
    WITH newest AS MATERIALIZED (
        SELECT w.id, w.asked, w.other, a.article_id FROM (
            SELECT id, bool_or(asked) AS asked, bool_or(NOT asked) AS other FROM (
                SELECT unnest(%(ids)b::bigint[]) AS id, true AS asked
                UNION ALL SELECT unnest(%(others)b::bigint[]), false
            ) each GROUP BY id
        ) w CROSS JOIN LATERAL (
            SELECT DISTINCT article_id FROM (
                SELECT article_id FROM entities_link WHERE entity_id = w.id AND state <> 'rejected' AND live
                ORDER BY article_id DESC, id DESC LIMIT %(number)s
            ) links
        ) a
    )
    SELECT asked.id, other.id, count(*) FROM newest asked JOIN newest other ON other.article_id = asked.article_id
    WHERE asked.asked AND other.other AND other.id <> asked.id GROUP BY asked.id, other.id
"""
_DISTINCT = """
    SELECT first_id, second_id FROM entities_distinct
    WHERE first_id = ANY (%(ids)b::bigint[]) AND second_id = ANY (%(ids)b::bigint[])
"""
