"""Entities as lines of JSON and as rows of a table, for releases and exports."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import QuerySet

from annotations.entities.models import Alias, Entity, EntityState, Identifier
from annotations.review.models import State
from corpusapp.articles.models import Corpus

# Entities that one set of statements reads.
_CHUNK = 2000
COLUMNS = ("id", "name", "label", "description", "identifiers", "aliases", "mentions", "state", "merged_into")


def entity_lines(corpus: Corpus, mentions: Mapping[int | str, int] | None = None) -> Iterator[dict[str, Any]]:
    """The confirmed and merged entities by id, and those that a linker proposed and links are to.

    `mentions` are the linked spans of each entity in a file, instead of those in the corpus. Three statements for every
    2,000 entities.
    """
    rows = (
        Entity.objects.filter(corpus=corpus).exclude(state=EntityState.REMOVED).order_by("pk").select_related("label")
    )
    for entities in _chunks(rows):
        aliases, identifiers = _names(entities)
        for entity in entities:
            count = entity.mentions if mentions is None else mentions.get(entity.pk, 0)
            if entity.state != EntityState.SUGGESTED or count:
                yield _line(entity, count, identifiers[entity.pk], aliases[entity.pk])


def entity_rows(corpus: Corpus) -> Iterator[tuple[object, ...]]:
    """`entity_lines` as rows with COLUMNS. Cells of several values have one on each line: OpenRefine splits them."""
    for line in entity_lines(corpus):
        pairs = [f"{scheme}:{value}" for scheme, values in line["identifiers"].items() for value in values]
        names = [alias["name"] for alias in line["aliases"] if alias["name"] != line["name"]]
        cells = line | {"identifiers": "\n".join(pairs), "aliases": "\n".join(names)}
        yield tuple(cells[column] for column in COLUMNS)


def _chunks(rows: QuerySet[Entity]) -> Iterator[list[Entity]]:
    last = 0
    while entities := list(rows.filter(pk__gt=last)[:_CHUNK]):
        last = entities[-1].pk
        yield entities


def _names(
    entities: list[Entity],
) -> tuple[dict[int, list[dict[str, Any]]], dict[int, dict[str, list[str]]]]:
    """Aliases and identifiers of these entities."""
    ids = [entity.pk for entity in entities]
    aliases: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    columns = ("name", "language", "script", "origin")
    rows = Alias.objects.filter(entity__in=ids).exclude(state=State.REJECTED).order_by("name")
    for pk, *values in rows.values_list("entity_id", *columns):
        aliases[pk].append(dict(zip(columns, values, strict=True)))
    identifiers: defaultdict[int, dict[str, list[str]]] = defaultdict(dict)
    found = Identifier.objects.filter(entity__in=ids).order_by("scheme", "value")
    for pk, scheme, value in found.values_list("entity_id", "scheme", "value"):
        identifiers[pk].setdefault(scheme, []).append(value)
    return aliases, identifiers


def _line(
    entity: Entity, mentions: int, identifiers: dict[str, list[str]], aliases: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "id": entity.pk,
        "name": entity.name,
        "label": entity.label.name,
        "description": entity.description,
        "identifiers": identifiers,
        "aliases": aliases,
        "mentions": mentions,
        "state": entity.state,
        "merged_into": entity.merged_into_id,
    }
