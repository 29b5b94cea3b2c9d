"""The names of entities."""

from collections.abc import Sequence

from django.db.models import Q

from annotations.entities.models import Alias, Entity
from corpusapp.core import keyset


def list_aliases(entity: Entity, states: Sequence[str], *, cursor: str = "", size: int = 50) -> keyset.Page[Alias]:
    """A page of the names of an entity in these states, the most used first."""
    rows = Alias.objects.filter(entity=entity, state__in=states)
    if cursor:
        mentions, name = keyset.decode(cursor, int, str)
        rows = rows.filter(Q(mentions__lt=mentions) | Q(mentions=mentions, name__gt=name))
    found = list(rows.order_by("-mentions", "name")[: size + 1])
    more = keyset.encode(found[size - 1].mentions, found[size - 1].name) if len(found) > size else None
    return keyset.Page(found[:size], more)


def aliases_of_all(entity_ids: Sequence[int], most: int) -> dict[int, list[Alias]]:
    """The names of these entities that are not dropped, by entity: of each the most used, up to `most`."""
    found: dict[int, list[Alias]] = {pk: [] for pk in entity_ids}
    for alias in Alias.objects.raw(_ALIASES, {"entities": list(entity_ids), "most": most}):
        found[alias.entity_id].append(alias)
    return found


_ALIASES = """
    SELECT a.* FROM unnest(%(entities)s::bigint[]) wanted (id) CROSS JOIN LATERAL (
        SELECT * FROM entities_alias WHERE entity_id = wanted.id AND state <> 'rejected'
        ORDER BY mentions DESC, name LIMIT %(most)s
    ) a ORDER BY a.entity_id, a.mentions DESC, a.name
"""
