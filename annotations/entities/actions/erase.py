"""Erase the links and names of articles and corpora. The log of links stays: it holds no text."""

from collections.abc import Sequence

from django.db import connection

from annotations.entities.actions.registry import lock_registry
from annotations.entities.actions.unused import remove_unused
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
    with connection.cursor() as cursor:
        cursor.execute(_LINKS, {"articles": list(article_ids)})
    remove_unused(corpus_id=corpus_id)
    for model in (Unlinked, PendingLink):
        model.objects.filter(article__in=article_ids).delete()


def erase_registry(*, corpus_id: int) -> None:
    """Delete the entities of an erased corpus with all that belongs to them, and blank their names in the log."""
    lock_registry(corpus_id)
    with connection.cursor() as cursor:
        for statement in (*_REGISTRY, _BLANK):
            cursor.execute(statement, {"corpus": corpus_id})


_LINKS = "DELETE FROM entities_link WHERE article_id = ANY (%(articles)s)"
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
