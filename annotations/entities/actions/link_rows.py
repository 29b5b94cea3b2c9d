"""The rows of links: their columns as the log has them, and writes of many rows by one statement."""

from collections.abc import Sequence
from typing import NamedTuple

from annotations.entities.models import Link
from corpusapp.core.prepared import planning_cursor


class LinkColumns(NamedTuple):
    """A link's columns at one moment, as the log has them."""

    entity: int
    state: str
    score: float | None
    pipeline: int | None
    revision: int


def link_columns(link: Link) -> LinkColumns:
    return LinkColumns(link.entity_id, link.state, link.score, link.pipeline_id, link.revision)


def delete_links(ids: Sequence[int]) -> None:
    """Delete these links."""
    if ids:
        with planning_cursor() as cursor:
            cursor.execute("DELETE FROM entities_link WHERE id = ANY (%(ids)b::bigint[])", {"ids": list(ids)})


def update_links(links: Sequence[Link]) -> None:
    """Store the columns of these links."""
    if links:
        columns = {name: [getattr(link, name) for link in links] for name in _COLUMNS}
        with planning_cursor() as cursor:
            cursor.execute(_UPDATE, columns)


_COLUMNS = (
    "id", "entity_id", "alias_id", "state", "score", "pipeline_id", "revision", "start", "end",
)  # fmt: skip
_UPDATE = """
    UPDATE entities_link l SET entity_id = w.entity_id, alias_id = w.alias_id, state = w.state, score = w.score,
           pipeline_id = w.pipeline_id, revision = w.revision, start = w.start, "end" = w."end"
    FROM unnest(
        %(id)b::bigint[], %(entity_id)b::bigint[], %(alias_id)b::bigint[], %(state)b::text[], %(score)b::float8[],
        %(pipeline_id)b::bigint[], %(revision)b::int[], %(start)b::int[], %(end)b::int[]
    ) AS w (id, entity_id, alias_id, state, score, pipeline_id, revision, start, "end")
    WHERE l.id = w.id
"""
