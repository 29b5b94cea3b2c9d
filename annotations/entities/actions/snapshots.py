"""Entities as the log has them."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from annotations.entities.models import Alias, Distinct, Entity, Identifier


def snapshot(entity: Entity) -> dict[str, Any]:
    """The entity as the log has it."""
    return snapshots([entity])[entity.pk]


def snapshots(entities: Sequence[Entity]) -> dict[int, dict[str, Any]]:
    """The entities as the log has them, by id."""
    found: dict[int, dict[str, Any]] = {
        entity.pk: {
            "name": entity.name,
            "label": entity.label_id,
            "description": entity.description,
            "state": entity.state,
            "merged_into": entity.merged_into_id,
            "identifiers": [],
            "aliases": [],
            "distinct": [],
            "revision": entity.revision,
        }
        for entity in entities
    }
    if not found:
        return found
    for pk, *pair in (
        Identifier.objects.filter(entity__in=found)
        .order_by("scheme", "value")
        .values_list("entity_id", "scheme", "value")
    ):
        found[pk]["identifiers"].append(pair)
    aliases = Alias.objects.filter(entity__in=found).order_by("name")
    for pk, *alias in aliases.values_list("entity_id", "name", "language", "script", "origin", "state"):
        found[pk]["aliases"].append(alias)
    for one, other in Distinct.objects.filter(Q(first__in=found) | Q(second__in=found)).values_list("first", "second"):
        for pk, different in ((one, other), (other, one)):
            if pk in found:
                found[pk]["distinct"].append(different)
    for row in found.values():
        row["distinct"].sort()
    return found


def distinct_from(entity_id: int) -> list[int]:
    """The entities that a person said are not this one."""
    pairs = Distinct.objects.filter(Q(first=entity_id) | Q(second=entity_id)).values_list("first_id", "second_id")
    return sorted(first + second - entity_id for first, second in pairs)
