"""Delete the linker's entities and aliases that no span has any more."""

from django.db import connection, transaction

from annotations.entities.actions.registry import lock_registry

# Rows of each kind that are deleted in one transaction.
_BATCH = 1000


def remove_unused(*, corpus_id: int) -> None:
    """Delete suggested aliases without mentions, and suggested entities without links that nobody decided on."""
    with connection.cursor() as cursor:
        cursor.execute(_ANY_UNUSED, {"corpus": corpus_id})
        if not cursor.fetchone()[0]:
            return
        while True:
            with transaction.atomic():
                lock_registry(corpus_id)
                cursor.execute(_UNUSED_ENTITIES, {"corpus": corpus_id, "number": _BATCH})
                entities = [row[0] for row in cursor.fetchall()]
                for statement in _OF_ENTITIES:
                    cursor.execute(statement, {"entities": entities})
                cursor.execute(_UNUSED_ALIASES, {"corpus": corpus_id, "number": _BATCH})
                aliases = [row[0] for row in cursor.fetchall()]
                for statement in _OF_ALIASES:
                    cursor.execute(statement, {"aliases": aliases})
            if len(entities) < _BATCH and len(aliases) < _BATCH:
                return


_ENTITIES = """
    SELECT e.id FROM entities_entity e
    WHERE e.corpus_id = %(corpus)s AND e.state = 'suggested' AND e.mentions = 0
      AND NOT EXISTS (SELECT FROM entities_link l WHERE l.corpus_id = e.corpus_id AND l.entity_id = e.id)
      AND NOT EXISTS (SELECT FROM entities_identifier i WHERE i.entity_id = e.id)
      AND NOT EXISTS (SELECT FROM entities_alias a WHERE a.entity_id = e.id AND a.state <> 'suggested')
      AND NOT EXISTS (SELECT FROM entities_entity former WHERE former.merged_into_id = e.id)
      AND NOT EXISTS (SELECT FROM entities_entitychange said WHERE said.entity_id = e.id)
"""
# The name of an entity stays its alias.
_ALIASES = """
    SELECT a.id FROM entities_alias a JOIN entities_entity e ON e.id = a.entity_id
    WHERE a.corpus_id = %(corpus)s AND a.state = 'suggested' AND a.origin = 'mention' AND a.mentions = 0
      AND a.name <> e.name AND NOT EXISTS (SELECT FROM entities_link l WHERE l.alias_id = a.id)
"""
_ANY_UNUSED = f"SELECT EXISTS ({_ENTITIES}) OR EXISTS ({_ALIASES})"
_UNUSED_ENTITIES = f"{_ENTITIES} LIMIT %(number)s"
_UNUSED_ALIASES = f"{_ALIASES} LIMIT %(number)s"
_OF_ENTITIES = (
    """
    DELETE FROM entities_possibleduplicate
    WHERE first_id = ANY (%(entities)s::bigint[]) OR second_id = ANY (%(entities)s::bigint[])
    """,
    "DELETE FROM entities_entityweek WHERE entity_id = ANY (%(entities)s::bigint[])",
    """
    DELETE FROM entities_aliaskey WHERE alias_id IN (
        SELECT id FROM entities_alias WHERE entity_id = ANY (%(entities)s::bigint[])
    )
    """,
    "DELETE FROM entities_alias WHERE entity_id = ANY (%(entities)s::bigint[])",
    "DELETE FROM entities_entity WHERE id = ANY (%(entities)s::bigint[])",
)
_OF_ALIASES = (
    "DELETE FROM entities_aliaskey WHERE alias_id = ANY (%(aliases)s::bigint[])",
    "DELETE FROM entities_alias WHERE id = ANY (%(aliases)s::bigint[])",
)
