"""Erase the links and names of articles and corpora. The log of links stays: it holds no text."""

from collections.abc import Sequence

from django.db import connection

from annotations.entities.actions.registry import lock_registry
from annotations.entities.models import PendingLink, Unlinked


def forget_withdrawn(*, article_ids: Sequence[int]) -> None:
    """Delete what the linker left unlinked in withdrawn articles: it is not to be decided."""
    Unlinked.objects.filter(article__in=article_ids).delete()


def erase_links(*, corpus_id: int, article_ids: Sequence[int]) -> None:
    """Delete the links of articles that are about to be erased, and what only a machine knew from them.

    That is, suggested entities without other links, and suggested aliases without other mentions. What a person
    confirmed of an entity stays.
    """
    lock_registry(corpus_id)
    values = {"articles": list(article_ids), "corpus": corpus_id}
    with connection.cursor() as cursor:
        cursor.execute(_ENTITIES_OF, values)
        entities = [row[0] for row in cursor.fetchall()]
        for statement in (_LINKS, _ALIASES, _ENTITY_NAMES, _ENTITIES):
            cursor.execute(statement, {**values, "entities": entities})
    for model in (Unlinked, PendingLink):
        model.objects.filter(article__in=article_ids).delete()


def erase_registry(*, corpus_id: int) -> None:
    """Delete the entities of an erased corpus with all that belongs to them, and blank their names in the log."""
    lock_registry(corpus_id)
    with connection.cursor() as cursor:
        for statement in (*_REGISTRY, _BLANK):
            cursor.execute(statement, {"corpus": corpus_id})


_ENTITIES_OF = "SELECT DISTINCT entity_id FROM entities_link WHERE article_id = ANY (%(articles)s)"
_LINKS = "DELETE FROM entities_link WHERE article_id = ANY (%(articles)s)"
_UNUSED = "NOT EXISTS (SELECT FROM entities_link l WHERE l.{} = {})"
_ALIASES = f"""
    WITH unused AS (
        SELECT id FROM entities_alias a WHERE entity_id = ANY (%(entities)s) AND state = 'suggested'
          AND origin = 'mention' AND {_UNUSED.format("alias_id", "a.id")}
          AND NOT EXISTS (
              SELECT FROM entities_entity e WHERE e.id = a.entity_id AND e.name = a.name AND e.state <> 'suggested'
          )
    ),
    keys AS (DELETE FROM entities_aliaskey WHERE alias_id IN (SELECT id FROM unused))
    DELETE FROM entities_alias WHERE id IN (SELECT id FROM unused)
"""
# A suggested entity on which a person decided has a change in the log.
_FORGOTTEN = f"""
    SELECT id FROM entities_entity e WHERE id = ANY (%(entities)s) AND state = 'suggested'
      AND {_UNUSED.format("entity_id", "e.id")}
"""
_ENTITY_NAMES = f"""
    WITH keys AS (
        DELETE FROM entities_aliaskey WHERE alias_id IN (
            SELECT id FROM entities_alias WHERE entity_id IN ({_FORGOTTEN})
        )
    ),
    identifiers AS (DELETE FROM entities_identifier WHERE entity_id IN ({_FORGOTTEN})),
    weeks AS (DELETE FROM entities_entityweek WHERE entity_id IN ({_FORGOTTEN})),
    answers AS (DELETE FROM entities_knowledgeanswer WHERE entity_id IN ({_FORGOTTEN})),
    pairs AS (
        DELETE FROM entities_possibleduplicate WHERE first_id IN ({_FORGOTTEN}) OR second_id IN ({_FORGOTTEN})
    ),
    distinct_pairs AS (
        DELETE FROM entities_distinct WHERE first_id IN ({_FORGOTTEN}) OR second_id IN ({_FORGOTTEN})
    )
    DELETE FROM entities_alias WHERE entity_id IN ({_FORGOTTEN})
"""
_ENTITIES = f"DELETE FROM entities_entity WHERE id IN ({_FORGOTTEN}) AND NOT EXISTS (SELECT FROM entities_entity m WHERE m.merged_into_id = entities_entity.id)"
_REGISTRY = [
    f"DELETE FROM {table} WHERE corpus_id = %(corpus)s"
    for table in (
        "entities_possibleduplicate",
        "entities_distinct",
        "entities_pendinglink",
        "entities_unlinked",
        "entities_link",
        "entities_aliaskey",
        "entities_alias",
        "entities_identifier",
    )
] + [
    """
    DELETE FROM entities_knowledgeanswer
    WHERE service_id IN (SELECT id FROM entities_knowledgeservice WHERE corpus_id = %(corpus)s)
    """,
    "DELETE FROM entities_knowledgeservice WHERE corpus_id = %(corpus)s",
    "DELETE FROM entities_entityweek WHERE entity_id IN (SELECT id FROM entities_entity WHERE corpus_id = %(corpus)s)",
    "DELETE FROM entities_entity WHERE corpus_id = %(corpus)s",
]
_NAMES = """'{"name": "", "description": "", "aliases": [], "identifiers": []}'::jsonb"""
_BLANK = f"""
    UPDATE entities_entitychange SET before = before || {_NAMES}, after = after || {_NAMES}
    WHERE corpus_id = %(corpus)s
"""
